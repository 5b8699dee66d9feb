"""Rates of few cases drawn towards the portfolio's: what an account's own record can carry, and no more.

Empirical Bayes. The distribution of the accounts' true rates is fitted to the portfolio, without a shape given to it
(the nonparametric mixture of Laird, "Nonparametric maximum likelihood estimation of a mixing distribution", Journal of
the American Statistical Association 73, 1978, on a grid): most accounts do little of it and a few do much, which no
single bell would say. An account's rate is its mean over that distribution, given its own record.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GRID = 60
#: Few steps from an even start keep the fitted distribution smooth.
STEPS = 60
#: Counts are told apart to this part of a case, so that alike accounts are reckoned once.
GRAIN = 0.1
_BLOCK = 50_000


@dataclass(frozen=True)
class Shrunk:
    """Rates after shrinkage.

    Attributes
    ----------
    rate, variance
        Each account's posterior mean and variance; without observations, the portfolio's.
    portfolio
        The portfolio's rate: sum over sum.
    """

    rate: Floats
    variance: Floats
    portfolio: float


def shrunk_shares(count: Floats, of: Floats) -> Shrunk:
    """Return shares (count of so many; binomial given the account's rate) after shrinkage.

    Parameters
    ----------
    count
        What was counted, 0 to `of`; a part of a case may count.
    of
        Out of how many; 0 where nothing is known.
    """
    if not (of > 0).any() or not count.sum() > 0:
        return Shrunk(np.zeros_like(of), np.zeros_like(of), 0.0)
    grid = np.linspace(0.0, 1.0, 2 * GRID + 1)[1::2] ** 1.5
    hit = np.minimum(np.round(count / GRAIN) * GRAIN, of)
    rate, variance = _posterior(hit, of - hit, grid, np.log(grid), np.log1p(-grid))
    return Shrunk(rate, variance, float(count.sum() / of.sum()))


def shrunk_means(mean: Floats, of: Floats, spread: Floats) -> Shrunk:
    """Return means of amounts of 0 or more after shrinkage.

    Each observation is gamma with the account's mean and a coefficient of variation that all accounts share.

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
    if not seen.any() or not mean[seen].sum() > 0:
        return Shrunk(np.zeros_like(mean), np.zeros_like(mean), 0.0)
    middle = float(np.average(mean[seen], weights=of[seen]))
    certainty = np.where(seen, of, 0.0) / _relative_variance(mean[seen], of[seen], spread[seen])
    grid = np.geomspace(middle / 50.0, max(float(mean[seen].max()), middle) * 1.5, 2 * GRID)
    first = np.round(certainty, 1)
    rate, variance = _posterior(first, first * np.where(seen, mean, 0.0), grid, -np.log(grid), -1.0 / grid)
    return Shrunk(rate, variance, middle)


def _relative_variance(mean: Floats, of: Floats, spread: Floats) -> float:
    """Return the squared coefficient of variation within accounts, pooled; 1 where none can be told."""
    free = float(np.maximum(of - 1.0, 0.0).sum())
    squares = float((of * mean**2).sum())
    if free <= 0 or squares <= 0:
        return 1.0
    return max(float((of * spread).sum()) / squares * float(of.sum()) / free, 0.05)


def _posterior(
    first: Floats, second: Floats, grid: Floats, log_first: Floats, log_second: Floats
) -> tuple[Floats, Floats]:
    """Return posterior mean and variance on the grid; the likelihood is exp(first x log_first + second x log_second).

    Accounts with the same record are reckoned once.
    """
    records, place, times = np.unique(
        np.column_stack([first, np.round(second, 3)]), axis=0, return_inverse=True, return_counts=True
    )
    prior = np.full(len(grid), 1.0 / len(grid))
    likelihood = _likelihood(records, log_first, log_second)
    for _ in range(STEPS):
        weight = likelihood * prior
        weight /= weight.sum(axis=1, keepdims=True)
        prior = times @ weight / times.sum()
    weight = likelihood * prior
    weight /= weight.sum(axis=1, keepdims=True)
    mean = weight @ grid
    variance = np.maximum(weight @ grid**2 - mean**2, 0.0)
    place = place.ravel()
    return mean[place], variance[place]


def _likelihood(records: Floats, log_first: Floats, log_second: Floats) -> Floats:
    """Return each record's likelihood along the grid, its largest 1."""
    log = records[:, :1] * log_first + records[:, 1:] * log_second
    return np.asarray(np.exp(log - log.max(axis=1, keepdims=True)))
