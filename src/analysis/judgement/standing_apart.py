"""Who stands apart: how many accounts lie above what one population of ordinary accounts would show, and where.

The sums of positions of a population of accounts make one hump; those that stand apart make a second one above it. Both
descriptions are fitted to the square roots, which take the skewness out of such sums: one hump, and two by EM. Two only
count where they tell the sums clearly better (Schwarz, Annals of Statistics 6, 1978) and lie clear of each other
(Ashman, Bird & Zepf, Astronomical Journal 108, 1994). Then as many accounts stand apart, the likeliest first, as keep
the share of false ones among them within what is allowed (local false discovery rates; Efron, Statistical Science 23,
2008). Alike accounts, and those of a trade in which all are hard, make one hump: nobody stands apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from analysis.judgement.shrinkage import Floats

Flags = NDArray[np.bool_]

#: The chance of standing apart from which an account tells nothing of what is normal.
HALF = 0.5
#: Where the search for a second hump starts, and how many accounts may be in it at most.
STARTS, MOST = (0.6, 0.75, 0.85, 0.93, 0.98), 0.5
#: How far apart, in spreads, two humps must be.
CLEAR = 2.0
#: Mean and variance of the part above 0 of a standard normal position; sums spread no less than this part of theory.
HALF_MEAN, HALF_VARIANCE, LEAST_PART = float(np.sqrt(0.5 / np.pi)), 0.5 - 0.5 / np.pi, 0.75
_STEPS = 60
_STEP, _LENGTH = 0.02, 2000


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


def stand_apart(scores: Floats, rare: Floats, parts: int, false_share: float) -> Apart:
    """Return which accounts stand apart by their composite scores.

    Parameters
    ----------
    scores
        One per account that is judged, 0 or more.
    rare
        How rare each account's record is among ordinary ones: the sum of the surprises, 0 or more each.
    parts
        How many positions each is the sum of.
    false_share
        The share of ordinary accounts allowed among those that stand apart.
    """
    if not len(scores):
        nobody = np.zeros(0, dtype=np.bool_)
        return Apart(nobody, np.zeros(0), nobody, np.inf)
    least = LEAST_PART * float(np.sqrt(max(parts, 1) * HALF_VARIANCE))
    humps = describe(scores, least)
    chance = humps.chances(scores)
    order = np.argsort(-chance, kind="stable")
    false = np.cumsum(1.0 - chance[order]) / np.arange(1, len(scores) + 1)
    within = np.flatnonzero(false <= false_share)
    flag = chance >= (chance[order[within[-1]]] if len(within) else np.inf)
    flag &= beyond_chance(rare, chance < HALF, parts, false_share)
    line = float(scores[flag].min()) if flag.any() else humps.alone(false_share / len(scores))
    return Apart(flag, chance, chance < HALF, line)


def beyond_chance(scores: Floats, ordinary: Flags, parts: int, false_share: float) -> Flags:
    """Return whose sums of surprises are higher than chance allows (Benjamini & Hochberg 1995).

    As of so many independent standard normal positions as make the ordinary accounts' mean, `parts` at most: sums of
    few positions, mostly 0, make a second hump of their own, and that alone sets nobody apart.
    """
    usual = scores[ordinary]
    alike = round(float(usual.mean()) / HALF_MEAN) if len(usual) else parts
    tail = np.interp(scores, *_theory(int(np.clip(alike, 1, max(parts, 1)))))
    allowed = false_share * np.arange(1, len(tail) + 1) / max(len(usual), 1)
    below = np.flatnonzero(np.sort(tail) <= allowed)
    return np.asarray(tail <= (np.sort(tail)[below[-1]] if len(below) else -1.0))


@cache
def _theory(parts: int) -> tuple[Floats, Floats]:
    """Return scores, and how often the sum of the positive parts of so many standard normals is as high or higher."""
    from scipy.stats import norm

    at = np.arange(_LENGTH) * _STEP
    one = np.diff(norm.cdf(np.r_[-np.inf, at[1:] - _STEP / 2, np.inf]))
    whole = one
    for _ in range(parts - 1):
        whole = np.convolve(whole, one)[:_LENGTH]
    return np.asarray(at, dtype=np.float64), np.asarray(np.cumsum(whole[::-1])[::-1], dtype=np.float64)


@dataclass(frozen=True)
class Humps:
    """Ordinary accounts and, where there is one, a group above them: the share, middle and spread of each.

    On the scale of `rooted`; `fit` is the log-likelihood.
    """

    middle: float
    spread: float
    above: float = 0.0
    above_middle: float = 0.0
    above_spread: float = 1.0
    fit: float = -np.inf

    @property
    def clear(self) -> bool:
        """Whether the two lie clear of each other."""
        apart = np.sqrt(2.0) * (self.above_middle - self.middle) / np.hypot(self.spread, self.above_spread)
        return bool(apart >= CLEAR and 0.0 < self.above <= MOST)

    def densities(self, scores: Floats) -> tuple[Floats, Floats]:
        """Return how dense the ordinary accounts, and those above, lie at each score."""
        at = rooted(scores)
        usual = (1.0 - self.above) * _normal(at, self.middle, self.spread)
        return usual, self.above * _normal(at, self.above_middle, self.above_spread)

    def chances(self, scores: Floats) -> Floats:
        """Return the chance that each account is not an ordinary one; it never falls as the score rises."""
        usual, apart = self.densities(scores)
        above = rooted(scores) > self.middle
        chance = np.where(above, apart / np.maximum(usual + apart, 1e-300), 0.0)
        order = np.argsort(scores, kind="stable")
        rising = np.empty_like(chance)
        rising[order] = np.maximum.accumulate(chance[order])
        return rising

    def alone(self, chance: float) -> float:
        """Return the score that an ordinary account passes with so small a chance."""
        from scipy.stats import norm

        at = self.middle + self.spread * float(norm.isf(chance))
        return at**2 - 1.0


def rooted(scores: Floats) -> Floats:
    """Return the square root of one more than the sum of positions."""
    return np.asarray(np.sqrt(1.0 + scores))


def describe(scores: Floats, least: float) -> Humps:
    """Return one hump, or two where they are clear and tell the scores better.

    Parameters
    ----------
    least
        The least spread of a hump, in the scores' own unit.
    """
    at = rooted(scores)
    middle = float(at.mean())
    alone = Humps(middle, max(float(at.std()), _floor(middle, least)))
    one = replace(alone, fit=_fit(alone, scores))
    found = (_two(scores, cut, least) for cut in STARTS)
    best = max((two for two in found if two is not None and two.clear), key=lambda humps: humps.fit, default=one)
    return best if best.fit > one.fit + 1.5 * np.log(len(scores)) else one


def _floor(middle: float, least: float) -> float:
    """Return the least spread on the scale of `rooted`, around a middle on that scale."""
    return least / (2.0 * max(middle, 1.0))


def _fit(humps: Humps, scores: Floats) -> float:
    usual, apart = humps.densities(scores)
    return float(np.log(usual + apart + 1e-300).sum())


def _two(scores: Floats, cut: float, least: float) -> Humps | None:
    """Return two humps by EM, starting from the accounts up to a quantile and those above; None where one is empty."""
    at = rooted(scores)
    weight = (at > np.quantile(at, cut)).astype(np.float64)
    humps = None
    for _ in range(_STEPS):
        upper, lower = float(weight.sum()), float((1.0 - weight).sum())
        if upper < 1.0 or lower < 1.0:
            return None
        middle, top = float((1.0 - weight) @ at / lower), float(weight @ at / upper)
        spread = max(float(np.sqrt((1.0 - weight) @ (at - middle) ** 2 / lower)), _floor(middle, least))
        wide = max(float(np.sqrt(weight @ (at - top) ** 2 / upper)), _floor(top, least))
        humps = Humps(middle, spread, upper / len(at), top, wide)
        usual, apart = humps.densities(scores)
        weight = apart / np.maximum(usual + apart, 1e-300)
    return None if humps is None else replace(humps, fit=_fit(humps, scores))


def _normal(at: Floats, middle: float, spread: float) -> Floats:
    return np.asarray(np.exp(-0.5 * ((at - middle) / spread) ** 2) / (spread * np.sqrt(2.0 * np.pi)))
