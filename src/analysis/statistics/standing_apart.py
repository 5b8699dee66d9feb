"""Who stands apart: which accounts lie above what chance alone makes of independent behaviours, and where the line is.

What an account does is as high as it is rare among ordinary accounts, beyond the quartile: what a quarter of them show
is nothing. What comes of one habit counts once, at its highest. Chance alone makes known sums of such heights (see
`chance`). They are stretched to the upper part of the accounts that are surely ordinary, the lowest five sixths (an
empirical null; Efron, Statistical Science 23, 2008), and narrowed by little: where hardly anybody is difficult, the
lowest five sixths look too much alike. Sums that come in steps, as of few cases, are not narrowed: a step would lie
above its own chance.
Then as many accounts stand apart, the highest first, as keep the share of ordinary ones among them within what is
allowed (Benjamini & Hochberg, Journal of the Royal Statistical Society B 57, 1995; with the share of ordinary accounts
estimated after Storey, in the same journal, B 64, 2002). Nobody does unless one is so high that chance would make such
a one in few portfolios: alike accounts, and those of a trade in which all are hard, have nobody. Where the records
speak for nobody far above (`anybody`), it must be farther out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.chance import NOTHING, STEP
from analysis.statistics.shrinkage import Floats

Flags = NDArray[np.bool_]

#: The variance of what of a standard normal lies above that.
VARIANCE = 0.1272
#: The share of ordinary accounts among those as high or higher from which an account tells nothing of what is normal.
TELLS_ABOVE = 0.25
#: The share of accounts that is surely ordinary, and the quantiles of it to which the sums of chance are stretched.
ORDINARY, UPPER = 5 / 6, np.linspace(0.7, 0.9, 21)
UPPER_FIFTH = 0.2
#: The narrowest that the sums of chance are made, in their own width.
NARROWEST = 0.95
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
    """Return how high each account's behaviour is; its surprises up to the quartile are nothing."""
    return np.asarray(np.maximum(surprises - NOTHING, 0.0))


def counted_once(high: Sequence[Floats], habits: Sequence[str]) -> list[Floats]:
    """Return the heights so that those of one habit sum to the highest of them, shared out by their own."""
    found = list(high)
    for habit in {habit for habit in habits if habit}:
        places = [place for place, name in enumerate(habits) if name == habit]
        every = np.vstack([high[place] for place in places])
        whole = every.sum(axis=0)
        share = np.divide(every.max(axis=0), whole, out=np.ones_like(whole), where=whole > 0)
        for place in places:
            found[place] = high[place] * share
    return found


def stand_apart(
    scores: Floats,
    chance: Floats,
    false_share: float,
    left: float = 1.0,
    *,
    among_all: bool = False,
    ordinary: float = ORDINARY,
) -> Apart:
    """Return which accounts stand apart by their sums of heights.

    Parameters
    ----------
    scores
        One per account that is judged, 0 or more.
    chance
        How often chance alone makes each sum or a higher one, in steps of `STEP` (see `chance_sums`).
    false_share
        The share of ordinary accounts allowed among those that stand apart.
    left
        How much of ordinary accounts' sums the scores are, where a part was taken off.
    among_all
        Whether all accounts told what is normal, since nothing speaks for anybody far above: the sums of chance are not
        narrowed then, and an account must be farther out.
    ordinary
        The share of accounts, the lowest, that is surely ordinary.
    """
    if not len(scores):
        nobody = np.zeros(0, dtype=np.bool_)
        return Apart(nobody, np.zeros(0), nobody, np.inf)
    at: Floats = np.arange(len(chance)) * np.float64(STEP)
    stretch = _stretch(scores, at, chance, left if among_all else NARROWEST * left, ordinary)
    tail = np.interp(scores / stretch, at, chance)
    false = _false_shares(tail * _ordinary_share(tail))
    surely = SURELY_AMONG_ALL if among_all else SURELY
    flag = (false <= false_share) & bool(false.min() <= false_share * surely)
    alone = stretch * float(at[np.argmax(chance <= false_share / len(scores))])
    return Apart(flag, 1.0 - false, false > TELLS_ABOVE, float(scores[flag].min()) if flag.any() else alone)


def _stretch(scores: Floats, at: Floats, chance: Floats, narrowest: float, ordinary: float) -> float:
    """Return how wide the ordinary accounts' sums are, in the width that chance alone makes."""
    own = np.quantile(scores, UPPER * ordinary)
    theory = at[np.searchsorted(-chance, UPPER - 1.0)]
    in_steps = len(np.unique(own)) <= len(own) / 2
    return max(float(own @ theory) / max(float(theory @ theory), 1e-12), 1.0 if in_steps else narrowest)


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
