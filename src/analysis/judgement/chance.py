"""What chance alone makes of ordinary accounts' records: how high their behaviours sum, of as many cases as theirs.

Among ordinary accounts a surprise is standard normal only where the record is long: of five cases none, one or two are
late, and most heights are nothing at all. So the heights that chance makes are reckoned from the number of cases that
each account has (the predictive distribution of its counts), and summed as if the behaviours did not hang together.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.judgement.shrinkage import Evidence, Floats, Normal, possible_shares

#: How many spreads above the middle say nothing of an account: a quarter of ordinary accounts lie above (the quartile).
NOTHING = 0.6745
#: Sums of heights are told apart by steps of so much, up to so many steps.
STEP, LENGTH = 0.02, 2000
#: Accounts with about as much record are reckoned together, in so many groups.
GROUPS = 16
#: From so many cases on a share is as good as continuous.
MANY = 200


def chance_sums(
    evidence: Sequence[Evidence], normals: Sequence[Normal], habits: Sequence[str], judged: NDArray[np.bool_]
) -> Floats:
    """Return how often ordinary accounts' sums of heights would lie at each step or above, by chance alone.

    Parameters
    ----------
    evidence, normals, habits
        By behaviour; of those of one habit the highest counts.
    judged
        The accounts whose sums they are.
    """
    by_step = np.zeros(LENGTH)
    trials = np.vstack([e.trials[judged] for e in evidence]) if evidence else np.zeros((0, int(judged.sum())))
    for group in _groups(trials):
        high = [_heights(e, n, t[group]) for e, n, t in zip(evidence, normals, trials, strict=True)]
        by_step += len(group) * _summed(high, habits)
    whole = max(float(by_step.sum()), 1.0)
    return np.asarray(np.cumsum(by_step[::-1])[::-1] / whole)


def _groups(trials: Floats) -> list[NDArray[np.intp]]:
    """Return the accounts in groups of about as much record."""
    much = np.minimum(trials, MANY).sum(axis=0)
    order = np.argsort(much, kind="stable")
    return [part for part in np.array_split(order, GROUPS) if len(part)]


def _heights(evidence: Evidence, normal: Normal, trials: Floats) -> Floats:
    """Return how often the heights of one behaviour would be of each step, over accounts of so many trials."""
    found = np.zeros(LENGTH)
    whole, times = np.unique(np.clip(np.rint(trials), np.sign(trials), MANY), return_counts=True)
    for of, count in zip(whole, times, strict=True):
        found += count * (_continuous() if of >= MANY else _counted(int(of), normal, evidence.scale))
    return found / max(len(trials), 1)


def _counted(of: int, normal: Normal, scale: Floats) -> Floats:
    from scipy.special import ndtri

    chance = _binomial(of) @ normal.prior(scale)
    tail = np.cumsum(chance[::-1])[::-1] - chance / 2.0
    high = np.maximum(-ndtri(np.clip(tail, 1e-300, 1.0)) - NOTHING, 0.0)
    steps = np.minimum(np.rint(high / STEP).astype(int), LENGTH - 1)
    return np.bincount(steps, weights=chance, minlength=LENGTH).astype(np.float64)


@lru_cache(maxsize=MANY)
def _binomial(of: int) -> Floats:
    """Return the chance of each count, in rows, at each possible share."""
    from scipy.stats import binom

    return np.asarray(binom.pmf(np.arange(of + 1)[:, None], of, possible_shares()[None, :]))


@lru_cache(maxsize=1)
def _continuous() -> Floats:
    from scipy.stats import norm

    return np.asarray(np.diff(norm.cdf(np.arange(LENGTH) * STEP + NOTHING + STEP / 2), prepend=0.0))


def _summed(heights: Sequence[Floats], habits: Sequence[str]) -> Floats:
    """Return how often independent heights sum to each step, those of one habit at their highest."""
    named = {habit for habit in habits if habit}
    parts = [h for h, habit in zip(heights, habits, strict=True) if not habit]
    for name in named:
        below = np.prod([np.cumsum(h) for h, habit in zip(heights, habits, strict=True) if habit == name], axis=0)
        parts.append(np.diff(below, prepend=0.0))
    whole = np.r_[1.0, np.zeros(LENGTH - 1)]
    for part in parts:
        whole = np.maximum(np.fft.irfft(np.fft.rfft(whole, 2 * LENGTH) * np.fft.rfft(part, 2 * LENGTH))[:LENGTH], 0.0)
    return whole
