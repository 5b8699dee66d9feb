"""Rates of few cases drawn towards the portfolio's: what an account's own record can carry, and no more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Where accounts do not differ beyond chance, the portfolio's rate weighs as much as this many observations.
NO_DIFFERENCE = 1e6


@dataclass(frozen=True)
class Shrunk:
    """Rates after shrinkage.

    Attributes
    ----------
    rate, variance
        Each account's posterior mean and variance; without observations, the portfolio's.
    portfolio
        The portfolio's rate.
    weight
        How many observations of its own an account needs to count as much as the portfolio.
    """

    rate: Floats
    variance: Floats
    portfolio: float
    weight: float


def shrunk_shares(count: Floats, of: Floats) -> Shrunk:
    """Return shares (count of so many) under a beta prior that is fitted to the portfolio by its moments.

    Beta-binomial empirical Bayes, moments after Kleinman, "Proportions with extraneous variance" (Journal of the
    American Statistical Association 68, 1973), with weights n. The posterior mean is (count + K m) / (n + K).

    Parameters
    ----------
    count
        What was counted, 0 to `of`; a part of a case may count.
    of
        Out of how many; 0 where nothing is known.
    """
    seen = of > 0
    mean = float(count.sum() / of.sum()) if seen.any() else 0.0
    weight = _prior_weight(count[seen], of[seen], mean)
    rate = (count + weight * mean) / (of + weight)
    return Shrunk(rate, rate * (1.0 - rate) / (of + weight + 1.0), mean, weight)


def _prior_weight(count: Floats, of: Floats, mean: float) -> float:
    """Return K = m (1 - m) / variance between accounts - 1."""
    spread, total = mean * (1.0 - mean), float(of.sum())
    room = total - float((of**2).sum()) / total if total else 0.0
    if spread <= 0 or room <= 0:
        return NO_DIFFERENCE
    between = (float((of * (count / of - mean) ** 2).sum()) - (len(of) - 1) * spread) / room
    return float(np.clip(spread / between - 1.0, 0.5, NO_DIFFERENCE)) if between > 0 else NO_DIFFERENCE


def shrunk_means(mean: Floats, of: Floats, spread: Floats) -> Shrunk:
    """Return means of amounts of 0 or more under a gamma model whose prior is fitted to the portfolio by its moments.

    Each observation is gamma with the account's mean and a coefficient of variation that all accounts share; the
    accounts' means are inverse-gamma. The posterior mean is linear, as in the credibility of Buehlmann and Straub,
    "Glaubwuerdigkeit fuer Schadensaetze" (1970).

    Parameters
    ----------
    mean
        Each account's (weighted) mean.
    of
        The effective number of observations: the square of the sum of weights over the sum of their squares.
    spread
        The (weighted) variance of its observations around its mean.
    """
    seen = of > 0
    if not seen.any():
        return Shrunk(np.zeros_like(mean), np.zeros_like(mean), 0.0, NO_DIFFERENCE)
    own, number = mean[seen], of[seen]
    middle = float(np.average(own, weights=number))
    squares = float((number * own**2).sum())
    free = float(np.maximum(number - 1.0, 0.0).sum())
    relative = max(float((number * spread[seen]).sum()) / squares, 0.05) if squares and free else 1.0
    relative *= float(number.sum()) / free if free else 1.0
    between = float(np.average((own - middle) ** 2 - relative * own**2 / number, weights=number))
    shape = middle**2 / between + 1.0 if between > 0 and middle > 0 else NO_DIFFERENCE
    certainty = np.where(seen, of / relative, 0.0)
    rate = (shape * middle + certainty * np.where(seen, mean, 0.0)) / (shape + certainty)
    variance = rate**2 / np.maximum(shape + certainty - 1.0, 0.5)
    return Shrunk(rate, variance, middle, shape * relative)
