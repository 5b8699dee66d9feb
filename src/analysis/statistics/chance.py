"""What chance alone makes of ordinary accounts' records: the squares of their surprises, of as many cases as theirs.

Among ordinary accounts a surprise is standard normal only where the record is long: of five cases none, one or two are
late. So the squares that chance makes are reckoned from the number of cases that
each account has (the predictive distribution of its counts), and summed as far as they go together among ordinary
accounts: those ask a little more or a little less in all that they do. All behaviours share one normal factor, given
which they are independent (Vasicek, "The Distribution of Loan Portfolio Value", Risk 15, 2002).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.remembered import remembered
from analysis.statistics.shrinkage import LOG_ODDS, Evidence, Floats, Normal, rareness

#: Sums of squares are told apart by steps of so much, up to so many steps: a surprise of ten spreads.
STEP, LENGTH = 0.05, 2000
#: Accounts with about as much record are reckoned together, in so many groups.
GROUPS = 16
#: From so many cases on a share is as good as continuous.
MANY = 200
#: Places of the shared factor at which the sums are reckoned (Gauss and Hermite's).
PLACES = 7
#: Accounts with a record of both below which two behaviours are not said to go together.
LEAST_ACCOUNTS = 20
#: How far behaviours go together at most.
_MOST_TOGETHER = 0.9


def together(
    evidence: Sequence[Evidence], normals: Sequence[Normal], habits: Sequence[str], ordinary: NDArray[np.bool_]
) -> float:
    """Return how far ordinary accounts' behaviours go together: the mean covariance of their surprises, 0 or more.

    Chance alone makes surprises of variance 1 that do not go together. Those of one habit do, and count once.
    """
    rare = [rareness(e, normal) for e, normal in zip(evidence, normals, strict=True)]
    told = [e.known & (e.trials > 0) & ordinary for e in evidence]
    found, accounts = 0.0, 0
    for one, other in combinations(range(len(rare)), 2):
        both = told[one] & told[other]
        if (habits[one] and habits[one] == habits[other]) or both.sum() < LEAST_ACCOUNTS:
            continue
        found += float(np.cov(rare[one][both], rare[other][both])[0, 1]) * int(both.sum())
        accounts += int(both.sum())
    return float(np.clip(found / max(accounts, 1), 0.0, _MOST_TOGETHER))


def chance_sums(
    evidence: Sequence[Evidence],
    normals: Sequence[Normal],
    weights: Sequence[float],
    judged: NDArray[np.bool_],
    shared: float = 0.0,
) -> Floats:
    """Return how often ordinary accounts' sums of squares would lie at each step or above, by chance alone.

    Parameters
    ----------
    evidence, normals, weights
        By behaviour; the weights are those of the squares.
    judged
        The accounts whose sums they are.
    shared
        How far their behaviours go together, as `together` gives it.
    """
    trials = np.vstack([e.trials[judged] for e in evidence]) if evidence else np.zeros((0, int(judged.sum())))
    normal = np.array([(normal.middle, normal.spread) for normal in normals]).reshape(-1, 2)
    return _sums(trials, normal, np.asarray(weights, dtype=np.float64), shared)


@remembered(64)
def _sums(trials: Floats, normals: Floats, weights: Floats, shared: float) -> Floats:
    """Return `chance_sums` from behaviours x accounts' trials, and each behaviour's middle and spread."""
    groups = _groups(trials)
    if not groups:
        return np.zeros(LENGTH)
    each = zip(normals, trials, weights, strict=True)
    high = [_squares(Normal(*normal), of, float(weight), groups) for normal, of, weight in each]
    sizes = np.array([len(group) for group in groups], dtype=np.float64)
    by_step = np.zeros(LENGTH)
    for weight, given in _given_the_factor(high, shared):
        by_step += weight * (sizes @ _summed(given, len(groups)))
    return np.asarray(np.cumsum(by_step[::-1])[::-1] / max(float(by_step.sum()), 1.0))


def _given_the_factor(squares: Sequence[Floats], shared: float) -> Iterator[tuple[float, Sequence[Floats]]]:
    """Yield the weight of each place of the shared factor, and how often the squares are of each step there."""
    from scipy.special import ndtr, ndtri

    if not shared:
        yield 1.0, squares
        return
    places, weights = np.polynomial.hermite_e.hermegauss(PLACES)
    upto = [ndtri(np.clip(np.cumsum(high, axis=1), 1e-15, 1.0)) for high in squares]
    for place, weight in zip(places, weights / weights.sum(), strict=True):
        below = [ndtr((known - np.sqrt(shared) * place) / np.sqrt(1.0 - shared)) for known in upto]
        for each in below:
            each[:, -1] = 1.0
        yield float(weight), [np.diff(each, axis=1, prepend=0.0) for each in below]


def _groups(trials: Floats) -> list[NDArray[np.intp]]:
    """Return the accounts in groups of about as much record, which hang on no account's name or row."""
    most = np.minimum(trials, MANY)
    order = np.lexsort((*most, most.sum(axis=0)))
    return [part for part in np.array_split(order, GROUPS) if len(part)]


def _squares(normal: Normal, trials: Floats, weight: float, groups: Sequence[NDArray[np.intp]]) -> Floats:
    """Return how often one behaviour's squares would be of each step: a row for each group of accounts."""
    whole, place = np.unique(np.clip(np.rint(trials), np.sign(trials), MANY), return_inverse=True)
    each = [_counted(tuple(int(of) for of in whole if of < MANY), normal, weight)]
    each += [_continuous(weight)[None, :]] if whole[-1] >= MANY else []
    times = np.vstack([np.bincount(place[group], minlength=len(whole)) / len(group) for group in groups])
    return np.asarray(times @ np.vstack(each))


def _counted(trials: tuple[int, ...], normal: Normal, weight: float) -> Floats:
    """Return how often a count of so many trials would be of each square: a row for each number of trials."""
    from scipy.special import ndtri

    if not trials:
        return np.zeros((0, LENGTH))
    chance = _binomials(trials) @ normal.prior(LOG_ODDS)
    sizes = np.array(trials) + 1
    which, upto = np.repeat(np.arange(len(trials)), sizes), np.cumsum(chance)
    tail = upto[np.cumsum(sizes) - 1][which] - upto + chance / 2.0
    square = weight * np.maximum(-ndtri(np.clip(tail, 1e-300, 1.0)), 0.0) ** 2
    steps = which * LENGTH + np.minimum(np.rint(square / STEP).astype(int), LENGTH - 1)
    found = np.bincount(steps, weights=chance, minlength=len(trials) * LENGTH)
    return np.asarray(found.reshape(len(trials), LENGTH), dtype=np.float64)


@lru_cache(maxsize=16)
def _binomials(trials: tuple[int, ...]) -> Floats:
    """Return the chance of each count of each number of trials, one under another, at each possible share."""
    return np.vstack([_binomial(of) for of in trials])


@lru_cache(maxsize=MANY)
def _binomial(of: int) -> Floats:
    """Return the chance of each count, in rows, at each possible share."""
    from scipy.special import expit
    from scipy.stats import binom

    return np.asarray(binom.pmf(np.arange(of + 1)[:, None], of, expit(LOG_ODDS)[None, :]))


@lru_cache(maxsize=16)
def _continuous(weight: float) -> Floats:
    """Return how often the square of a normal surprise is of each step; half of the accounts show none."""
    from scipy.stats import norm

    upto = np.sqrt((np.arange(LENGTH) + 0.5) * STEP / weight)
    return np.asarray(np.diff(norm.cdf(upto), prepend=0.0))


def _summed(squares: Sequence[Floats], groups: int) -> Floats:
    """Return how often independent squares sum to each step: a row per group."""
    whole = np.zeros((groups, LENGTH))
    whole[:, 0] = 1.0
    for part in squares:
        both = np.fft.rfft(whole, 2 * LENGTH) * np.fft.rfft(part, 2 * LENGTH)
        whole = np.maximum(np.fft.irfft(both)[:, :LENGTH], 0.0)
    return whole
