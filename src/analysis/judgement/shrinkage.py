"""Rates of few cases drawn towards those of like accounts: what an account's own record can carry, and no more.

Empirical Bayes. Accounts differ in temper: most do little of anything that makes service hard, some do more, a few do
much. A latent class model (Lazarsfeld & Henry, "Latent Structure Analysis", 1968) tells those tempers apart by all
behaviours together; within a temper the distribution of each behaviour's true rates is fitted without a shape given to
it (Laird, "Nonparametric maximum likelihood estimation of a mixing distribution", Journal of the American Statistical
Association 73, 1978), both by EM. An account's rate is its mean over these, given its own record: with none it is the
portfolio's, and the more there is of it the more it is its own. What accounts of its temper do is never held against
it: no rate exceeds the higher of the account's own and the portfolio's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GRID = 60
#: Few steps from an even start keep the fitted distributions smooth.
STEPS = 60
#: The shares of accounts at which the tempers part before the first step, and how many accounts allow so many.
STARTS = {100: (0.5, 0.85), 30: (0.85,), 0: ()}
#: How firmly the start places an account.
FIRM = 0.8
#: Counts are told apart to this part of a case, so that like records are reckoned once.
GRAIN = 0.1
#: Amounts are told apart to this relative width.
WIDTH = 0.01


@dataclass(frozen=True)
class Evidence:
    """What the records say of one behaviour.

    Attributes
    ----------
    raw
        Each account's own rate; the portfolio's where it has no record.
    portfolio
        Sum over sum.
    grid
        The rates that are possible.
    likelihood
        One row per different record, along the grid, its largest 1.
    record
        Each account's row of it.
    """

    raw: Floats
    portfolio: float
    grid: Floats
    likelihood: Floats
    record: NDArray[np.intp]


@dataclass(frozen=True)
class Shrunk:
    """Rates after shrinkage.

    Attributes
    ----------
    tempers
        One row per account: the chance of each temper, the calmest first.
    means, variances
        For each behaviour one row per account: of its rate, by temper.
    """

    tempers: Floats
    means: list[Floats]
    variances: list[Floats]

    def rate(self, behaviour: int) -> Floats:
        """Return each account's posterior mean of a behaviour."""
        return np.asarray((self.tempers * self.means[behaviour]).sum(axis=1))

    def weighed(self, weights: Sequence[float]) -> tuple[Floats, Floats]:
        """Return posterior mean and variance of the weighted sum of the behaviours' rates."""
        size = self.tempers.shape
        mean = sum((w * m for w, m in zip(weights, self.means, strict=True)), np.zeros(size))
        spread = sum((w**2 * v for w, v in zip(weights, self.variances, strict=True)), np.zeros(size))
        middle = (self.tempers * mean).sum(axis=1)
        return middle, (self.tempers * (spread + mean**2)).sum(axis=1) - middle**2


def counted(count: Floats, of: Floats) -> Evidence:
    """Return the evidence of a share: so many of so many, binomial given the account's rate.

    Parameters
    ----------
    count
        What was counted, 0 to `of`; a part of a case may count.
    of
        Out of how many; 0 where nothing is known.
    """
    total = float(of.sum())
    portfolio = float(count.sum()) / total if total else 0.0
    raw = np.divide(count, of, out=np.full_like(of, portfolio), where=of > 0)
    hit = np.minimum(np.round(count / GRAIN) * GRAIN, of)
    grid = np.linspace(0.0, 1.0, 2 * GRID + 1)[1::2] ** 1.5
    return _evidence(raw, portfolio, grid, (hit, of - hit), (np.log(grid), np.log1p(-grid)))


def averaged(mean: Floats, of: Floats, spread: Floats) -> Evidence:
    """Return the evidence of a mean of amounts, gamma with a coefficient of variation that all accounts share.

    A single observation says nothing of an account.

    Parameters
    ----------
    mean
        Each account's (weighted) mean, 0 or more.
    of
        The effective number of observations: the square of the sum of weights over the sum of their squares.
    spread
        The (weighted) variance of its observations around its mean.
    """
    seen = of > 0
    middle = float(np.average(mean[seen], weights=of[seen])) if seen.any() else 0.0
    least = max(middle / 50.0, 1e-6)
    grid = np.geomspace(least, max(float(mean[seen].max(initial=0.0)), 2 * least) * 1.5, 2 * GRID)
    # One observation may have any reason of its own: it takes a second one to tell.
    certainty = np.maximum(of - 1.0, 0.0) / _relative_variance(mean[seen], of[seen], spread[seen])
    amount = _in_steps(np.where(seen, mean, 0.0), least)
    certainty = _in_steps(certainty, 0.1, 5 * WIDTH)
    raw = np.where(seen, mean, middle)
    return _evidence(raw, middle, grid, (certainty, certainty * amount), (-np.log(grid), -1.0 / grid))


def _in_steps(values: Floats, least: float, width: float = WIDTH) -> Floats:
    """Return values rounded to a relative width; below the least they are 0."""
    step = np.log1p(width)
    near = least * np.exp(np.round(np.log(np.maximum(values, least) / least) / step) * step)
    return np.where(values < least, 0.0, near)


def _relative_variance(mean: Floats, of: Floats, spread: Floats) -> float:
    """Return the squared coefficient of variation within accounts, pooled; 1 where none can be told."""
    free = float(np.maximum(of - 1.0, 0.0).sum())
    squares = float((of * mean**2).sum())
    if free <= 0 or squares <= 0:
        return 1.0
    return max(float((of * spread).sum()) / squares * float(of.sum()) / free, 0.05)


def _evidence(
    raw: Floats, portfolio: float, grid: Floats, record: tuple[Floats, Floats], logs: tuple[Floats, Floats]
) -> Evidence:
    """Return the evidence whose likelihood is exp(record[0] x logs[0] + record[1] x logs[1])."""
    different, place = np.unique(np.round(np.column_stack(record), 6), axis=0, return_inverse=True)
    log = different @ np.vstack(logs)
    likelihood = np.exp(log - log.max(axis=1, keepdims=True, initial=-np.inf))
    return Evidence(raw, portfolio, grid, likelihood, place.ravel())


def shrink(evidence: Sequence[Evidence]) -> Shrunk:
    """Return every account's rates, given its own record and how the portfolio's go.

    Parameters
    ----------
    evidence
        A behaviour each, of the same accounts in the same order.
    """
    tempers = _start(evidence)
    priors = [np.full((tempers.shape[1], len(e.grid)), 1.0 / len(e.grid)) for e in evidence]
    for _ in range(STEPS):
        posts = [_posteriors(e, prior) for e, prior in zip(evidence, priors, strict=True)]
        priors = [_prior(e, post, tempers) for e, (post, _) in zip(evidence, posts, strict=True)]
        tempers = _tempers(evidence, priors, tempers)
    found = [_moments(e, prior) for e, prior in zip(evidence, priors, strict=True)]
    return Shrunk(tempers, [mean for mean, _ in found], [variance for _, variance in found])


def _start(evidence: Sequence[Evidence]) -> Floats:
    """Return the tempers before the first step: by how much an account does of everything, against the portfolio."""
    size = len(evidence[0].raw)
    total = np.zeros(size)
    for e in evidence:
        total += e.raw / e.portfolio if e.portfolio > 0 else 0.0
    shares = next(cuts for accounts, cuts in STARTS.items() if size >= accounts)
    classes = len(shares) + 1
    at = np.searchsorted(np.quantile(total, shares), total) if shares else np.zeros(size, dtype=np.intp)
    return np.eye(classes)[at] * FIRM + (1.0 - FIRM) / classes


def _posteriors(e: Evidence, prior: Floats) -> tuple[Floats, Floats]:
    """Return, by temper and record, the posterior along the grid and the record's likelihood."""
    joint = prior[:, None, :] * e.likelihood[None, :, :]
    whole = joint.sum(axis=2)
    return joint / whole[:, :, None], whole


def _prior(e: Evidence, post: Floats, tempers: Floats) -> Floats:
    """Return the distribution of the rates within each temper."""
    rows = []
    for number in range(tempers.shape[1]):
        weights = np.bincount(e.record, weights=tempers[:, number], minlength=len(e.likelihood))
        rows.append(weights @ post[number] / max(float(weights.sum()), 1e-12))
    return np.vstack(rows)


def _tempers(evidence: Sequence[Evidence], priors: Sequence[Floats], before: Floats) -> Floats:
    """Return the chance of each temper, given the account's whole record."""
    log = np.log(np.maximum(before.mean(axis=0), 1e-12)) + np.zeros_like(before)
    for e, prior in zip(evidence, priors, strict=True):
        log += np.log(np.maximum(e.likelihood @ prior.T, 1e-300))[e.record]
    chance = np.exp(log - log.max(axis=1, keepdims=True))
    return np.asarray(chance / chance.sum(axis=1, keepdims=True))


def _moments(e: Evidence, prior: Floats) -> tuple[Floats, Floats]:
    """Return each account's posterior mean and variance by temper; the mean is at most what its own record bears."""
    post, _ = _posteriors(e, prior)
    mean = post @ e.grid
    variance = np.maximum(post @ e.grid**2 - mean**2, 0.0)
    most = np.maximum(e.raw, e.portfolio)
    return np.minimum(mean.T[e.record], most[:, None]), variance.T[e.record]
