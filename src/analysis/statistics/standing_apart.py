"""Who stands apart: which accounts lie farther out than chance alone makes of ordinary ones, and where the line is.

What an account does is as far out as it is rare among ordinary accounts. How far out it lies in all that it does is the
root of the sum of the squares of what lies above the middle: of independent normal surprises the likelihood ratio of
"more than usual in some of it" to "in none" (Kudo, Biometrika 50, 1963). So one behaviour far out and several somewhat
out both count, and what is a little above the middle in everything hardly does. Behaviours of one habit, which go
together, count for fewer than they are. Chance alone makes known sums of such squares (see `chance`). They are
stretched to the upper part of the accounts that are surely ordinary, the lowest five sixths, where that is wider (an
empirical null; Efron, Statistical Science 23, 2008), and never narrowed.
Then as many accounts stand apart, the farthest first, as keep the share of ordinary ones among them within what is
allowed (Benjamini & Hochberg, Journal of the Royal Statistical Society B 57, 1995; with the share of ordinary accounts
estimated after Storey, in the same journal, B 64, 2002). Nobody does unless one is so far out that chance would make
such a one in few portfolios: alike accounts, and those of a trade in which all are hard, have nobody. Where the records
speak for nobody far above (`anybody`), it must be farther out, and each that stands apart as far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.chance import STEP
from analysis.statistics.shrinkage import Floats

Flags = NDArray[np.bool_]

#: How many spreads above the middle an account is said to lie above the usual: a quarter of ordinary ones do (the
#: quartile).
QUARTILE = 0.6745
#: How far behaviours of one habit go together.
OF_ONE_HABIT = 0.5
#: The spread of how far out ordinary accounts lie: from .58 of one behaviour to .79 of many.
SPREAD = 0.7
#: The share of ordinary accounts among those as high or higher from which an account tells nothing of what is normal.
TELLS_ABOVE = 0.25
#: The share of accounts that is surely ordinary, and the quantiles of it to which the sums of chance are stretched.
ORDINARY, UPPER = 5 / 6, np.linspace(0.7, 0.9, 21)
UPPER_FIFTH = 0.2
#: The part of the allowed share at which one account must stand apart before any does.
SURELY = 0.25
#: The same where all accounts told what is normal: what chance makes of one account in thousands is not known so well.
SURELY_AMONG_ALL = 0.025


@dataclass(frozen=True)
class Apart:
    """Who stands apart.

    Attributes
    ----------
    flag
        Whether each account does.
    chance
        One less the share of ordinary accounts among those as high or higher.
    calm
        Whether each account lies where ordinary ones do, so that it may tell what is normal.
    line
        The score from which one does; where none does, the score from which one alone would.
    """

    flag: Flags
    chance: Floats
    calm: Flags
    line: float


def heights(surprises: Floats) -> Floats:
    """Return how high each account's behaviour is, for people; its surprises up to the quartile are nothing."""
    return np.asarray(np.maximum(surprises - QUARTILE, 0.0))


def squares(surprises: Floats, weight: float = 1.0) -> Floats:
    """Return the squares of what lies above the middle."""
    return np.asarray(weight * np.maximum(surprises, 0.0) ** 2)


def weights(habits: Sequence[str]) -> list[float]:
    """Return what each behaviour's squares count: k of one habit, as they go together, as fewer (Kish's design effect).

    Examples
    --------
    >>> weights(["hurry", "hurry", "hurry", ""])
    [0.5, 0.5, 0.5, 1.0]
    """
    return [1.0 / (1.0 + OF_ONE_HABIT * (habits.count(habit) - 1)) if habit else 1.0 for habit in habits]


def summed(parts: Sequence[Floats], accounts: int) -> Floats:
    """Return the parts' sum; 0 where there are none."""
    return sum(parts, np.zeros(accounts))


def distance(parts: Sequence[Floats], accounts: int) -> Floats:
    """Return how far out each account lies: the root of the sum of its squares."""
    return np.asarray(np.sqrt(summed(parts, accounts)))


def stand_apart(
    scores: Floats,
    chance: Floats,
    false_share: float,
    left: float = 1.0,
    *,
    among_all: bool = False,
    ordinary: float = ORDINARY,
) -> Apart:
    """Return which accounts stand apart by how far out they lie.

    Parameters
    ----------
    scores
        One per account that is judged, 0 or more.
    chance
        How often chance alone makes each sum of squares or a higher one, in steps of `STEP` (see `chance_sums`).
    false_share
        The share of ordinary accounts allowed among those that stand apart.
    left
        How much of ordinary accounts' distance the scores are, where a part was taken off.
    among_all
        Whether all accounts told what is normal, since nothing speaks for anybody far above: an account must be farther
        out then.
    ordinary
        The share of accounts, the lowest, that is surely ordinary.
    """
    if not len(scores):
        nobody = np.zeros(0, dtype=np.bool_)
        return Apart(nobody, np.zeros(0), nobody, np.inf)
    at: Floats = np.sqrt(np.arange(len(chance)) * np.float64(STEP))
    stretch = _stretch(scores, at, chance, left, ordinary)
    tail = np.interp(scores / stretch, at, chance)
    false = _false_shares(tail * _ordinary_share(tail))
    if among_all:
        flag = false <= false_share * SURELY_AMONG_ALL
    else:
        flag = (false <= false_share) & bool(false.min() <= false_share * SURELY)
    alone = stretch * float(at[np.argmax(chance <= false_share / len(scores))])
    return Apart(flag, 1.0 - false, false > TELLS_ABOVE, float(scores[flag].min()) if flag.any() else alone)


def _stretch(scores: Floats, at: Floats, chance: Floats, left: float, ordinary: float) -> float:
    """Return how far ordinary accounts reach, in what chance alone makes: no less than what is left of it."""
    own = np.quantile(scores, UPPER * ordinary)
    theory = at[np.searchsorted(-chance, UPPER - 1.0)]
    in_steps = len(np.unique(own)) <= len(own) / 2
    return max(float(own @ theory) / max(float(theory @ theory), 1e-12), 1.0 if in_steps else left)


def _ordinary_share(tail: Floats) -> float:
    """Return the share of accounts that is ordinary: those below the upper fifth of chance, over four fifths."""
    return min(1.0, float((tail > UPPER_FIFTH).mean()) / (1.0 - UPPER_FIFTH))


def _false_shares(tail: Floats) -> Floats:
    """Return the share of ordinary accounts among those as far out or farther; it falls with the tail."""
    order = np.argsort(tail, kind="stable")
    rank = np.searchsorted(tail[order], tail[order], side="right")
    share = np.minimum.accumulate((tail[order] * len(tail) / rank)[::-1])[::-1]
    found = np.empty_like(tail)
    found[order] = np.minimum(share, 1.0)
    return found
