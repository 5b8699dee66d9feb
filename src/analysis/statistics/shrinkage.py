"""Where each account stands among the portfolio's own: rates of few cases say little, and no scale comes from outside.

Accounts differ by nature and by chance. The ordinary accounts' true rates are taken as normal on the log-odds (of
amounts: on the log), with a middle and a spread that are fitted by maximum likelihood to the accounts' own evidence, so
that the spread is what sets accounts apart beyond the chance of few cases (empirical Bayes; Efron & Morris, Journal of
the American Statistical Association 70, 1975). An account lies as far out as its record is rare among ordinary accounts
with as many cases: about standard normal among them, however many cases each has and whatever the firm's level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.remembered import remembered

Floats = NDArray[np.float64]

GRID = 121
#: No portfolio's accounts are so alike that a rate a third above the middle one would be far out.
LEAST_SPREAD = 0.3
#: Nor so unlike that the spread would be more than twenty on the log-odds (its logarithm).
MOST_LOG_SPREAD = 3.0
#: The spread that a search starts from where the records do not say.
FIRST_SPREAD = 0.5
#: Counts are told apart to this part of a case, so that like records are reckoned once.
GRAIN = 0.1
#: Larger counts, and amounts, are told apart to these relative widths.
COUNT_WIDTH, WIDTH = 0.02, 0.02
#: The log-odds of the shares that a behaviour's rate may be.
LOG_ODDS = np.linspace(-9.0, 6.0, GRID)
_LEAST_CASES = 1e-9


@dataclass(frozen=True)
class Evidence:
    """What the records say of one behaviour.

    Attributes
    ----------
    raw
        Each account's own rate; the portfolio's where it has no record.
    known
        Whether it has a record.
    grid
        The rates that are possible, and `scale`: where they stand, on the log-odds or the log.
    likelihood
        One row per different record, along the grid, its largest 1.
    record
        Each account's row of it.
    tail
        In the likelihood's shape: how often a record of the kind would show as much or more at each rate; half of what
        shows just as much counts.
    trials
        Of shares, out of how many each account's is; of amounts, infinite where a mean tells something of the account.
        0 where nothing can be told.
    """

    raw: Floats
    known: NDArray[np.bool_]
    grid: Floats
    scale: Floats
    likelihood: Floats
    record: NDArray[np.intp]
    tail: Floats
    trials: Floats


@dataclass(frozen=True)
class Normal:
    """What is normal in a portfolio: the middle account, and the spread between accounts, on the evidence's scale."""

    middle: float
    spread: float

    def prior(self, scale: Floats) -> Floats:
        """Return the chance of each rate of the grid."""
        weight = np.exp(-0.5 * ((scale - self.middle) / self.spread) ** 2) + 1e-300
        return np.asarray(weight / weight.sum())


def counted(count: Floats, of: Floats) -> Evidence:
    """Return the evidence of a share: so many of so many, binomial given the account's rate.

    Parameters
    ----------
    count
        What was counted, 0 to `of`; a part of a case may count.
    of
        Out of how many; 0 where nothing is known.
    """
    from scipy.special import expit

    known = of > _LEAST_CASES
    raw = np.divide(count, of, out=np.full_like(of, _pooled(count, of)), where=known)
    whole = _in_steps(of, GRAIN, COUNT_WIDTH)
    hit = np.minimum(np.where(known, _nearest(raw * whole), 0.0), whole)
    grid = expit(LOG_ODDS)
    different, place = _different(hit, whole - hit)
    tail = _binomial_tail(different[:, 0], different.sum(axis=1), grid)
    likelihood = _likelihood(different, np.log(grid), np.log1p(-grid))
    return Evidence(raw, known, grid, LOG_ODDS, likelihood, place, tail, np.where(known, whole, 0.0))


def averaged(mean: Floats, of: Floats, spread: Floats) -> Evidence:
    """Return the evidence of a mean of amounts, gamma with a coefficient of variation that ordinary accounts share.

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
    from scipy.special import gammaincc

    seen = of > _LEAST_CASES
    middle = _middle(mean[seen])
    least = middle / 50.0
    highest = max(float(mean[seen].max(initial=0.0)), 4.0 * middle) * 1.5
    grid = np.geomspace(least, highest, GRID)
    # One observation may have any reason of its own: it takes a second one to tell.
    certainty = np.maximum(of - 1.0, 0.0) / _relative_variance(mean[seen], of[seen], spread[seen])
    amount = middle * _in_steps(np.maximum(np.where(seen, mean, middle), least) / middle, 1e-9, WIDTH)
    certainty = _in_steps(certainty, 0.1, 5 * WIDTH)
    raw = np.where(seen, mean, middle)
    scaled = (certainty, certainty * amount / middle)
    different, place = _different(*scaled)
    tail = gammaincc(np.maximum(different[:, :1], 1e-9), different[:, 1:] * middle / grid)
    tail = np.where(different[:, :1] > 0, tail, 0.5)
    likelihood = _likelihood(different, -np.log(grid / middle), -middle / grid)
    trials = np.where(seen & (certainty > 0), np.inf, 0.0)
    return Evidence(raw, seen, grid, np.log(grid), likelihood, place, tail, trials)


def fit(evidence: Evidence, ordinary: NDArray[np.bool_], far_share: float = 0.0) -> Normal:
    """Return what is normal among the accounts that count as ordinary; of all, where none of them has a record.

    Parameters
    ----------
    far_share
        At most this share of them may turn out to be no ordinary ones: their rates lie anywhere from one to seven
        spreads above the middle (a mixture; the spread is then the ordinary ones' own). 0: all are ordinary.
    """
    chosen = evidence.known & ordinary
    if not chosen.any():
        chosen = evidence.known
    times = np.bincount(evidence.record[chosen], minlength=len(evidence.likelihood)).astype(np.float64)
    rows = times > 0
    if not rows.any():
        return Normal(float(evidence.scale[0]), FIRST_SPREAD)
    likelihood, times = evidence.likelihood[rows], times[rows]
    if not far_share:
        return _likeliest(likelihood, times, evidence.scale)
    middle = float(np.interp(_pooled_rate(evidence, chosen), evidence.grid, evidence.scale))
    return _likeliest_mixture(likelihood, times, evidence.scale, middle, far_share)[0]


def far_above(evidence: Evidence, ordinary: NDArray[np.bool_], far_share: float) -> float:
    """Return how much likelier the records are where a share of those accounts may lie far above the others.

    Twice the logarithm of the ratio of the likelihoods, with the share and without it, each at its best. The share
    cannot be less than none: by chance alone it is none in at least half of the portfolios, and chi-squared with one
    degree of freedom in the others (Self & Liang, Journal of the American Statistical Association 82, 1987).

    Parameters
    ----------
    far_share
        The most that the share may be; they lie where `fit` has them.
    """
    chosen = evidence.known & ordinary
    if not chosen.any():
        return 0.0
    times = np.bincount(evidence.record[chosen], minlength=len(evidence.likelihood)).astype(np.float64)
    rows = times > 0
    middle = float(np.interp(_pooled_rate(evidence, chosen), evidence.grid, evidence.scale))
    return _far_above(evidence.likelihood[rows], times[rows], evidence.scale, middle, far_share)


@remembered(512)
def _likeliest(likelihood: Floats, times: Floats, scale: Floats) -> Normal:
    """Return what is normal, by the likelihood of each record and how often it came.

    It is looked for from where the records' own places lie, and by the slopes: from an end of the scale a search
    without either can stop on the way.
    """
    from scipy.optimize import minimize

    def cost(at: Floats) -> tuple[float, Floats]:
        """Return the negative log-likelihood and its slopes in the middle and in the logarithm of the spread."""
        spread = float(np.exp(at[1]))
        far = (scale - at[0]) / spread
        prior = np.exp(-0.5 * far * far) + 1e-300
        prior /= prior.sum()
        slopes = np.vstack((far / spread, far * far))
        seen = likelihood @ prior + 1e-300
        weight = prior * ((times / seen) @ likelihood)
        slope = slopes @ (times.sum() * prior - weight)
        return -float(times @ np.log(seen)), slope

    bounds = [(float(scale[0]), float(scale[-1])), (np.log(LEAST_SPREAD), MOST_LOG_SPREAD)]
    places = likelihood @ scale / likelihood.sum(axis=1)
    middle = float(times @ places / times.sum())
    spread = float(np.sqrt(times @ (places - middle) ** 2 / times.sum()))
    first = [middle, np.log(np.clip(spread, LEAST_SPREAD, np.exp(MOST_LOG_SPREAD)))]
    found = minimize(cost, first, jac=True, method="L-BFGS-B", bounds=bounds).x
    return Normal(float(found[0]), float(np.exp(found[1])))


@remembered(512)
def _likeliest_mixture(
    likelihood: Floats, times: Floats, scale: Floats, middle: float, far_share: float
) -> tuple[Normal, float]:
    """Return what is normal among the ordinary ones of a mixture, and the log-likelihood."""
    found, log = _mixed(likelihood, times, scale, far_share, [middle, np.log(FIRST_SPREAD), -1.0])
    return Normal(float(np.clip(found[0], scale[0], scale[-1])), _spread(found[1])), log


@remembered(512)
def _far_above(likelihood: Floats, times: Floats, scale: Floats, middle: float, far_share: float) -> float:
    """Return `far_above`; the likelihood of a mixture has several tops, which are looked for from three places."""
    alone = _likeliest(likelihood, times, scale)
    log = float(times @ np.log(likelihood @ alone.prior(scale) + 1e-300))
    few = [alone.middle, np.log(alone.spread), -3.0]
    many = [alone.middle - 0.5 * alone.spread, np.log(max(0.6 * alone.spread, LEAST_SPREAD)), 0.0]
    tops = [_mixed(likelihood, times, scale, far_share, start)[1] for start in (few, many)]
    tops.append(_likeliest_mixture(likelihood, times, scale, middle, far_share)[1])
    return 2.0 * max(0.0, max(tops) - log)


def _mixed(
    likelihood: Floats, times: Floats, scale: Floats, far_share: float, start: list[float]
) -> tuple[Floats, float]:
    """Return the likeliest mixture's middle, log of the spread and log-odds of the share, and the log-likelihood.

    Where the edges of those far above lie has no slope.
    """
    from scipy.optimize import minimize

    def cost(at: Floats) -> float:
        spread = _spread(at[1])
        share = far_share / (1.0 + np.exp(min(-at[2], 700.0)))
        far = (scale - at[0]) / spread
        near = np.exp(-0.5 * far * far) + 1e-300
        out = ((far >= 1.0) & (far <= 7.0)) + 1e-300
        mixed = (1.0 - share) / near.sum() * near + share / out.sum() * out
        return -float(times @ np.log(likelihood @ mixed + 1e-300))

    limits = {"xatol": 2e-3, "fatol": 1e-3, "maxiter": 300}
    found = minimize(cost, start, method="Nelder-Mead", options=limits)
    return np.asarray(found.x), -float(found.fun)


def _spread(log: float) -> float:
    """Return the spread from its logarithm, within what a portfolio's may be."""
    return max(float(np.exp(min(log, MOST_LOG_SPREAD))), LEAST_SPREAD)


def rareness(evidence: Evidence, normal: Normal) -> Floats:
    """Return how rare each account's record is among ordinary accounts with as many cases, as a normal quantile.

    Below 0 where it shows less than the middle one of them; 0 where nothing is known.
    """
    from scipy.special import ndtri

    rare = -ndtri(np.clip(evidence.tail @ normal.prior(evidence.scale), 1e-300, 1.0))
    return np.where(evidence.known, rare[evidence.record], 0.0)


def surprises(evidence: Evidence, normal: Normal) -> Floats:
    """Return the `rareness` of records that show more than the middle one; 0 of others.

    One case in few is soon a high rate, and no surprise.
    """
    return np.maximum(rareness(evidence, normal), 0.0)


def drawn_in(evidence: Evidence) -> Floats:
    """Return each account's rate, drawn towards the others' the more, the less is known of it."""
    everybody = fit(evidence, np.ones(len(evidence.raw), dtype=np.bool_))
    post = evidence.likelihood * everybody.prior(evidence.scale)
    mean = (post / post.sum(axis=1, keepdims=True)) @ evidence.grid
    return np.asarray(mean[evidence.record])


def _different(*record: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Return the different records, and each account's among them."""
    different, place = np.unique(np.round(np.column_stack(record), 6), axis=0, return_inverse=True)
    return np.asarray(different, dtype=np.float64), place.ravel()


def _likelihood(different: Floats, *logs: Floats) -> Floats:
    log = different @ np.vstack(logs)
    return np.asarray(np.exp(log - log.max(axis=1, keepdims=True, initial=-np.inf)))


def _binomial_tail(count: Floats, of: Floats, grid: Floats) -> Floats:
    """Return the chance of more than the count, and half of that of just as much, at each rate (mid-p)."""
    from scipy.special import betainc

    def least(successes: Floats) -> Floats:
        """Return the chance of so many or more; parts of a case count (the incomplete beta function)."""
        failures = np.maximum(of - successes + 1.0, 1e-9)
        inside = betainc(np.maximum(successes, 1e-9)[:, None], failures[:, None], grid)
        return np.where((successes <= 0)[:, None], 1.0, np.where((successes > of + 1e-9)[:, None], 0.0, inside))

    return np.asarray((least(count) + least(count + 1.0)) / 2.0)


def _pooled(count: Floats, of: Floats) -> float:
    total = float(of.sum())
    return float(count.sum()) / total if total else 0.0


def _pooled_rate(evidence: Evidence, chosen: NDArray[np.bool_]) -> float:
    return float(np.median(evidence.raw[chosen])) if chosen.any() else float(evidence.grid[0])


def _middle(means: Floats) -> float:
    """Return the middle account's mean; the mean of all where the middle one has none, 1 where nobody has."""
    middle = float(np.median(means)) if len(means) else 0.0
    overall = float(means.mean()) if len(means) else 0.0
    return middle if middle > 0 else overall if overall > 0 else 1.0


def _relative_variance(mean: Floats, of: Floats, spread: Floats) -> float:
    """Return the squared coefficient of variation within the middle account; 1 where none can be told."""
    told = (of > 1.5) & (mean > 0)
    if not told.any():
        return 1.0
    each = spread[told] / mean[told] ** 2 * of[told] / (of[told] - 1.0)
    return max(float(np.median(each)), 0.05)


def _nearest(values: Floats) -> Floats:
    """Return counts rounded to a part of a case, larger ones to a relative width."""
    fine = np.round(values / GRAIN) * GRAIN
    return np.where(values < GRAIN / COUNT_WIDTH, fine, _in_steps(values, GRAIN, COUNT_WIDTH))


def _in_steps(values: Floats, least: float, width: float = WIDTH) -> Floats:
    """Return values rounded to a relative width; below the least they are 0."""
    step = np.log1p(width)
    near = least * np.exp(np.round(np.log(np.maximum(values, least) / least) / step) * step)
    return np.where(values < least, 0.0, near)
