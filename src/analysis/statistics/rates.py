"""Rates of work that grow with what accounts are alike in, and how far beyond chance an account lies above them.

A log-linear model of counts (Poisson regression, McCullagh & Nelder, "Generalized Linear Models", 1989, chapter 6),
made robust as in Cantoni & Ronchetti, "Robust Inference for Generalized Linear Models", JASA 96 (2001): an account far
above the others counts no more than one at the edge of them, so that the over-served do not bend the line that they are
held against. The spread has two parts: chance, in steps of the size of a piece of work, and the accounts' own tempers,
so that what is expected of one account is a negative binomial. Nothing hangs on the order or the names of the accounts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.all_together import surprise
from analysis.statistics.remembered import remembered

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: Standard deviations from which an account's weight falls.
HUBER = 1.345
#: The ridge on the slopes, in accounts: a slope that the data say nothing of is none.
RIDGE = 1.0
STEPS, ROUNDS = 30, 4
#: The share of the accounts whose place fixes the spread; what stands apart beyond it does not.
EDGE = 0.15
#: How often the range of a spread is halved before a root is looked for in what is left of it.
COARSE = 6
#: How far beside a spread its neighbours lie, as a factor.
BESIDE = 1.5
#: Accounts that the spread is read off at most.
READ = 4_000
_TEMPERS = (1e-4, 9.0)
_REGULAR = (0.15, 1.0)
_FLOOR = 1e-9
#: The cumulants of surprises are reckoned between these expected counts.
_EXPECTED, _GRID = (1e-3, 40.0), 32
#: The lowest and the highest number of pieces, and how many between, at which Huber's function is reckoned.
_PULLED = (1e-4, 1e4, 1024)


@dataclass(frozen=True)
class Rates:
    """What like accounts get, per account.

    `middle` is the expected units of an account like it in the time that it was there, the account itself left out;
    `step` the units that chance comes in; `temper` the variance of the accounts' own factors around 1; `line` the
    intercept and the slopes of the log of the rate.
    """

    middle: Floats
    step: float
    temper: float
    line: Floats

    def chance(self, units: Floats) -> Floats:
        """Return the chance that an account like it gets these units or more; half of a tie counts."""
        half = _tail(units / self.step, self.middle / self.step, self.temper)
        return np.asarray(np.where(units > 0, half, 1.0))

    def surprise(self, units: Floats) -> Floats:
        """Return how high these units are among like accounts', as a place of the standard normal distribution."""
        return surprise(_tail(units / self.step, self.middle / self.step, self.temper))

    def cumulants_of_surprise(self) -> Floats:
        """Return what chance makes of each account's surprise: mean, variance and third cumulant, in three rows.

        They are those of the standard normal distribution where much is expected; of a rare service nearly all get
        none, and whoever gets a piece is far out. Read off a grid of expected counts.
        """
        mean = np.clip(self.middle / self.step, *_EXPECTED)
        grid = np.geomspace(mean.min(), max(mean.max(), mean.min() * 1.001), _GRID)
        most = grid[-1] + 12.0 * np.sqrt(grid[-1] + self.temper * grid[-1] ** 2)
        counts = np.arange(np.ceil(most) + 2.0)
        each = replace(self, middle=grid[:, None] * self.step).surprise(counts * self.step)
        upto = at_least(counts, grid[:, None], self.temper)
        chance = -np.diff(upto, axis=1, append=0.0)
        centre = (chance * each).sum(axis=1)
        beside = each - centre[:, None]
        found = centre, (chance * beside**2).sum(axis=1), (chance * beside**3).sum(axis=1)
        return np.vstack([np.interp(np.log(mean), np.log(grid), one) for one in found])

    def quantile(self, share: float) -> Floats:
        """Return the units that the share given of like accounts stays below; read off a grid of expected counts."""
        from scipy.special import btdtria, gdtrib

        mean = self.middle / self.step
        grid = np.geomspace(max(mean.min(), _FLOOR), max(mean.max(), 2 * _FLOOR), 256)
        if self.temper <= _TEMPERS[0]:
            counts = gdtrib(1.0, 1.0 - share, grid)
        else:
            size = 1.0 / self.temper
            counts = btdtria(1.0 - share, size, grid / (grid + size))
        return np.asarray(np.interp(np.log(np.maximum(mean, _FLOOR)), np.log(grid), counts) * self.step)

    def at_least_a_share(self, share: float, whole: Rates) -> Rates:
        """Return rates that are nowhere below the share given of the whole's."""
        return replace(self, middle=np.maximum(self.middle, share * whole.middle))


def at_least(count: Floats, mean: Floats, temper: float, more: float = 0.0) -> Floats:
    """Return the chance of `count` or more of a negative binomial of this mean and variance mean + temper x mean^2.

    With `more`, of one whose size (1 / temper) is larger by so much, its odds the same.

    Examples
    --------
    Three or more where two are expected: 1 - exp(-2) (1 + 2 + 2) = 0.3233; a temper of 1 is a geometric count.

    >>> import numpy as np
    >>> at_least(np.array([3.0]), np.array([2.0]), 0.0).round(4), at_least(np.array([3.0]), np.array([1.0]), 1.0)
    (array([0.3233]), array([0.125]))
    """
    from scipy.special import betainc, gammainc

    k, m = np.maximum(count, _FLOOR), np.maximum(mean, _FLOOR)
    if temper <= _TEMPERS[0]:
        return np.asarray(gammainc(k, m))
    size = 1.0 / temper
    return np.asarray(betainc(k, size + more, m / (m + size)))


def _tail(count: Floats, mean: Floats, temper: float) -> Floats:
    """Return the chance of `count` or more, half of that of `count` itself left out."""
    return np.asarray(np.maximum(at_least(count, mean, temper) - 0.5 * _alone(count, mean, temper), 0.0))


def _alone(count: Floats, mean: Floats, temper: float) -> Floats:
    """Return the chance of `count` itself."""
    from scipy.special import gammaln, xlogy

    k, m = np.maximum(count, 0.0), np.maximum(mean, _FLOOR)
    if temper <= _TEMPERS[0]:
        alone = np.exp(xlogy(k, m) - m - gammaln(k + 1.0))
    else:
        size = 1.0 / temper
        ways = gammaln(k + size) - gammaln(size) - gammaln(k + 1.0)
        alone = np.exp(ways - k * np.log1p(size / m) - size * np.log1p(m / size))
    return np.asarray(alone)


@remembered(64)
def like_rates(
    values: Floats, units: Floats, time: Floats, usual: Bools, step: float, *, regular: bool, near: float = 0.0
) -> Rates:
    """Return what each account would get if it were like the others.

    Parameters
    ----------
    values
        Accounts x what they are alike in, each about 0 and of width 1.
    units, time
        What each got, and how long it was there.
    usual
        Whose service is a measure for others: not those that are known to get more than they are due.
    step
        The units that chance comes in: 1 of a count, the size of a piece of work of minutes.
    regular
        Whether it may come in a steadier rhythm than chance would have it, as planned visits do.
    near
        A temper that the one sought is likely to lie beside; 0: none is known.
    """
    design = np.column_stack([np.ones(len(units)), values])
    temper = 0.25
    middle, line = np.full(len(units), np.nan), np.zeros(design.shape[1])
    line[0] = np.log(max(units[usual].sum() / time[usual].sum(), _FLOOR))
    for _ in range(ROUNDS):
        middle, line = _fit(design, units, time, usual, step, temper, line, counted=regular)
        step, near = _spread(units, middle, usual, step, near, regular=regular)
        temper = 0.5 * (temper + near)  # halfway: a line and a spread of a rare service can chase each other
    return Rates(middle, step, near, line)


def expected(line: Floats, values: Floats, time: Floats) -> Floats:
    """Return the units that the line expects of accounts in the time that they were there."""
    return np.asarray(time * np.exp(np.clip(np.column_stack([np.ones(len(values)), values]) @ line, -50, 50)))


def _fit(
    design: Floats,
    units: Floats,
    time: Floats,
    usual: Bools,
    step: float,
    temper: float,
    beta: Floats,
    *,
    counted: bool,
) -> tuple[Floats, Floats]:
    """Return the expected units of each account by the others' rates, and the line that all of them make.

    The line is looked for from `beta` on. How lopsided chance makes them is known of counts; the pieces that minutes
    come in differ from account to account.
    """
    x, y, t = design[usual], units[usual], time[usual]
    ridge = np.diag([_FLOOR, *np.full(x.shape[1] - 1, RIDGE)])
    inverse, pull = np.eye(len(beta)), np.zeros(len(y))
    lopsided = _expected_pull(temper) if counted else np.zeros_like
    for _ in range(STEPS):
        mu = np.maximum(t * np.exp(np.clip(x @ beta, -50, 50)), _FLOOR)
        variance = step * mu + temper * mu**2
        residual = (y - mu) / np.sqrt(variance)
        robust = np.minimum(1.0, HUBER / np.maximum(np.abs(residual), _FLOOR))
        weight = robust * mu**2 / variance
        pull = mu / np.sqrt(variance) * (robust * residual - lopsided(mu / step))
        inverse = np.linalg.inv(x.T @ (x * weight[:, None]) + ridge)
        change = inverse @ (x.T @ pull - ridge @ np.append(0.0, beta[1:]))
        beta = beta + np.clip(change, -1.0, 1.0)
        if np.abs(change).max() < 1e-9:
            break
    middle = time * np.exp(np.clip(design @ beta, -50, 50))
    # What an account itself pulls the line towards it, taken off (one step of leaving it out).
    own = np.einsum("ij,jk,ik->i", x, inverse, x)
    lever = np.minimum(own * np.maximum(weight, _FLOOR), 0.9)
    middle[usual] *= np.exp(-np.clip(own * pull / (1 - lever), -2.0, 2.0))
    return np.asarray(np.maximum(middle, _FLOOR)), beta


def _expected_pull(temper: float) -> Callable[[Floats], Floats]:
    """Return what Huber's function of ordinary counts is on average, by the number that is expected.

    Counts are lopsided: those far up are cut more than those far down, and a line that did not know it would lie too
    low, of rare services at next to nothing.
    """
    mean = np.geomspace(*_PULLED)
    width = np.sqrt(mean + temper * mean**2)
    first, last = np.ceil(mean - HUBER * width), np.floor(mean + HUBER * width)
    above, below = at_least(last + 1.0, mean, temper), 1.0 - at_least(first, mean, temper)
    # The sum of y times its chance is the mean times the chance of y - 1 under a size larger by one.
    pieces = mean * (at_least(first - 1.0, mean, temper, 1.0) - at_least(last, mean, temper, 1.0))
    pull = HUBER * (above - below) + (pieces - mean * (1.0 - above - below)) / width
    start, step = np.log(mean[0]), np.log(mean[1] / mean[0])

    def at(expected: Floats) -> Floats:
        place = np.clip((np.log(np.maximum(expected, mean[0])) - start) / step, 0.0, len(mean) - 1.001)
        before = place.astype(np.intp)
        return np.asarray(pull[before] + (place - before) * (pull[before + 1] - pull[before]))

    return at


def _spread(
    units: Floats, middle: Floats, usual: Bools, step: float, near: float, *, regular: bool
) -> tuple[float, float]:
    """Return the step and the temper under which as many accounts lie far up as chance would put there.

    The temper is looked for first beside that of the round before (`near`; 0: there is none).
    """
    y, m = units[usual], middle[usual]
    if len(y) > READ:
        order = np.lexsort((y, m))
        keep = order[np.linspace(0, len(y) - 1, READ).astype(np.intp)]
        y, m = y[keep], m[keep]

    some = y > 0
    got, theirs, none = y[some], m[some], np.ones(len(y) - int(some.sum()))

    def edge(step: float, temper: float) -> float:
        if regular:
            return EDGE - _far_up(y / step, m / step, temper)
        chances = Rates(theirs, step, temper, np.empty(0)).chance(got)
        return _at_share(np.concatenate([chances, none]), EDGE) - EDGE

    if edge(step, 0.0) >= 0:
        # A rhythm is seen only where an account like the others gets more than a piece or none.
        steady = regular and float(np.median(m)) >= step
        return (_solve(lambda s: edge(s, 0.0), *_REGULAR), 0.0) if steady else (step, 0.0)
    return step, _solve(lambda temper: edge(step, temper), *_TEMPERS, near)


def _far_up(counts: Floats, means: Floats, temper: float) -> float:
    """Return the share of accounts that lies in the upper `EDGE` of what chance makes of each.

    A count that reaches across the edge lies there in part (Czado, Gneiting & Held, "Predictive Model Assessment for
    Count Data", Biometrics 65, 2009): so the share is the edge itself where the spread is right, of rare counts too.
    """
    least, some = np.ones(len(counts)), counts > 0
    least[some] = at_least(counts[some], means[some], temper)
    alone = np.maximum(_alone(counts, means, temper), _FLOOR)
    return float(np.clip((EDGE - (least - alone)) / alone, 0.0, 1.0).mean())


def _at_share(values: Floats, share: float) -> float:
    """Return the quantile, as `numpy.quantile` does, without its checks."""
    place = share * (len(values) - 1)
    low = int(place)
    near = np.partition(values, [low, min(low + 1, len(values) - 1)])[low : low + 2]
    return float(near[0] + (place - low) * (near[-1] - near[0]))


def _solve(edge: Callable[[float], float], low: float, high: float, near: float = 0.0) -> float:
    """Return where the edge reaches its place: the chances far up grow with the spread, at first.

    A very wide spread puts most accounts at nothing, and the edge falls again: it is looked for from the middle
    outwards, and a root finder that trusts both ends has only what is left between two neighbours. Where it lies
    between the neighbours of `near`, that was done before.
    """
    from scipy.optimize import brentq

    @cache
    def past(place: float) -> float:
        return edge(float(np.exp(place)))

    first, last = float(np.log(max(low, near / BESIDE))), float(np.log(min(high, max(near, low) * BESIDE)))
    if not near or past(first) >= 0 or past(last) < 0:
        for _ in range(COARSE):
            centre = float(np.sqrt(low * high))
            low, high = (low, centre) if edge(centre) >= 0 else (centre, high)
        first, last = float(np.log(low)), float(np.log(high))
    if past(first) >= 0:
        return low
    if past(last) <= 0:
        return high
    return float(np.exp(brentq(past, first, last, xtol=1e-6)))
