"""Who stands apart: how many accounts lie above what the ordinary ones show by nature and chance, and where the line is.

What is expected of ordinary accounts is the sum of their own positions above the middle, behaviour by behaviour, as if
these were independent. How far they go together here is told from the lower accounts alone, as a normal distribution of
its own middle and spread on that scale (an empirical null; Efron, Journal of the American Statistical Association 99,
2004). The line lies where the accounts expected above it by that
are no more than the share of false ones that is allowed (Benjamini & Hochberg, Journal of the Royal Statistical Society
B 57, 1995, with Storey's estimate of how many are ordinary). Alike accounts have nobody above it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.judgement.shrinkage import Floats

Flags = NDArray[np.bool_]

#: How far middle and spread may lie from the theory's before the portfolio's accounts have to prove it.
TRUST_MIDDLE, TRUST_SPREAD = 0.25, 0.15
#: That behaviours go together widens the sums; nothing narrows them.
LEAST_MIDDLE, LEAST_SPREAD = -0.25, 1.0
#: So many accounts with standard normal positions speak beside the portfolio's own.
BESIDE = 10.0
#: Up to here above the middle, in spreads, accounts are taken as ordinary.
ZERO = 1.0
#: Up to here they tell what is normal: one in twenty ordinary accounts lies above.
CALM = 1.645
_STEP, _LENGTH, _FARTHEST = 0.02, 2500, 8.0
_SURE, _LEAST_SLOPE = 7.0, 0.25
_ROUNDS = 6
_BINS, _BANDWIDTH = 400, 0.3


@dataclass(frozen=True)
class Apart:
    """Who stands apart.

    Attributes
    ----------
    flag
        Whether each account does.
    chance
        The chance that it does, given its score (one less the local false discovery rate).
    calm
        Whether each account lies where ordinary ones do, so that it may tell what is normal.
    line
        The score from which one does; where none does, the score from which one alone would.
    """

    flag: Flags
    chance: Floats
    calm: Flags
    line: float


def composite(positions: list[Floats]) -> Floats:
    """Return the sum of the positions above the middle; what lies below it makes up for nothing."""
    return np.asarray(np.maximum(np.vstack(positions), 0.0).sum(axis=0))


def expected(parts: list[Floats], calm: Flags) -> Floats:
    """Return the distribution of the sum of the calm accounts' parts, were these independent of each other.

    Along steps of `_STEP` from 0. Where few accounts speak, parts of standard normal positions speak with them.

    Parameters
    ----------
    parts
        By behaviour, each account's position as far as it lies above the middle.
    calm
        The accounts that tell what is normal.
    """
    from scipy.stats import norm

    at = np.arange(_LENGTH) * _STEP
    theory = np.diff(norm.cdf(np.r_[-np.inf, at[1:] - _STEP / 2, np.inf])) * BESIDE
    whole = np.zeros(_LENGTH)
    whole[0] = 1.0
    for part in parts:
        bins = np.minimum(np.round(part[calm] / _STEP).astype(np.intp), _LENGTH - 1)
        one = np.bincount(bins, minlength=_LENGTH) + theory
        whole = np.convolve(whole, one / one.sum())[:_LENGTH]
    return np.asarray(whole)


def _quantiles(chances: Floats) -> tuple[Floats, Floats]:
    """Return scores, and the normal quantile at which the distribution has each; in a straight line where it ends."""
    from scipy.special import ndtri

    at = np.arange(_LENGTH) * _STEP
    tail = np.cumsum(chances[::-1])[::-1] - chances / 2.0
    level = -ndtri(np.clip(tail, 1e-300, 1.0 - 1e-12))
    last = int(np.flatnonzero(level < _SURE)[-1])
    back = max(last - int(1.0 / _STEP), 0)
    slope = max((level[last] - level[back]) / max((last - back) * _STEP, _STEP), _LEAST_SLOPE)
    level[last + 1 :] = level[last] + slope * (at[last + 1 :] - at[last])
    return at, np.asarray(level)


def levels(scores: Floats, chances: Floats) -> Floats:
    """Return composite scores as normal quantiles of the distribution expected: standard normal if it holds."""
    at, level = _quantiles(chances)
    beyond = np.maximum(scores - at[-1], 0.0) * (level[-1] - level[-2]) / _STEP
    return np.asarray(np.interp(scores, at, level) + beyond)


def stand_apart(scores: Floats, chances: Floats, false_share: float) -> Apart:
    """Return which accounts stand apart by their composite scores.

    Parameters
    ----------
    scores
        One per account that is judged, 0 or more.
    chances
        The distribution that is expected of ordinary accounts, as `expected` gives it.
    false_share
        The share of ordinary accounts allowed among those that stand apart.
    """
    if not len(scores):
        nobody = np.zeros(0, dtype=np.bool_)
        return Apart(nobody, np.zeros(0), nobody, np.inf)
    level = levels(scores, chances)
    middle, spread = max(float(np.median(level)), LEAST_MIDDLE), 1.0
    for _ in range(_ROUNDS):
        middle, spread = ordinary(level, middle + ZERO * spread)
    standing = (level - middle) / spread
    line, flag = _line(standing, false_share)
    at, quantile = _quantiles(chances)
    score = float(scores[flag].min()) if flag.any() else float(np.interp(middle + spread * line, quantile, at))
    return Apart(flag, _chances(standing), standing <= CALM, score)


def ordinary(level: Floats, upper: float) -> tuple[float, float]:
    """Return middle and spread of the ordinary accounts, from those up to `upper` alone.

    The likelihood of a normal distribution cut off there: who lies above it, and how many do, tells nothing of the
    ordinary ones.
    """
    from scipy.optimize import minimize
    from scipy.special import log_ndtr

    below = level[level <= upper]
    size, mean, square = len(below), float(below.mean()), float((below**2).mean())

    def cost(at: Floats) -> float:
        middle, spread = max(float(at[0]), LEAST_MIDDLE), max(float(np.exp(at[1])), LEAST_SPREAD)
        squares = square - 2.0 * middle * mean + middle**2
        likelihood = -0.5 * squares / spread**2 - np.log(spread) - float(log_ndtr((upper - middle) / spread))
        return -size * likelihood + 0.5 * (at[0] / TRUST_MIDDLE) ** 2 + 0.5 * (at[1] / TRUST_SPREAD) ** 2

    found = minimize(cost, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-7}).x
    return max(float(found[0]), LEAST_MIDDLE), max(float(np.exp(found[1])), LEAST_SPREAD)


def _share_ordinary(level: Floats) -> float:
    """Return an upper estimate of the share of ordinary accounts: twice those below their middle."""
    return min(1.0, 2.0 * float((level < 0.0).mean()) + 1.0 / len(level))


def _line(level: Floats, false_share: float) -> tuple[float, Flags]:
    """Return the level from which accounts stand apart, and which do."""
    from scipy.special import ndtr, ndtri

    size = len(level)
    tail = ndtr(-level)
    order = np.sort(tail)
    allowed = false_share * np.arange(1, size + 1) / size / _share_ordinary(level)
    below = np.flatnonzero(order <= allowed)
    limit = order[below[-1]] if len(below) else -1.0
    flag = tail <= limit
    return float(level[flag].min()) if flag.any() else float(-ndtri(false_share / size)), flag


def _chances(level: Floats) -> Floats:
    """Return the chance that each account stands apart: what of the levels' density the ordinary ones do not explain.

    It never falls as the level rises.
    """
    near = np.clip(level, -_FARTHEST, _FARTHEST)
    edges = np.linspace(-_FARTHEST, _FARTHEST + 1e-9, _BINS + 1)
    middles, width = (edges[1:] + edges[:-1]) / 2.0, edges[1] - edges[0]
    reach = np.arange(-60, 61) * width
    kernel = np.exp(-0.5 * (reach / _BANDWIDTH) ** 2)
    seen = np.convolve(np.histogram(near, edges)[0] / (len(level) * width), kernel / kernel.sum(), mode="same")
    blurred = 1.0 + _BANDWIDTH**2
    usual = np.exp(-0.5 * middles**2 / blurred) / np.sqrt(2.0 * np.pi * blurred)
    explained = np.minimum(1.0, _share_ordinary(level) * usual / np.maximum(seen, 1e-12))
    falling = np.minimum.accumulate(np.where(middles < 0.0, 1.0, explained))
    return np.asarray(1.0 - np.interp(near, middles, falling))
