"""A bad time that is over, and may explain a bad name: found in the months of an account's cases."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

COLUMNS = ["customer_id", "start", "end", "cases", "bad", "cases_since", "bad_since"]
_SHORTEST = 2
#: Months that must have gone by since, and how much better they must be, for a period to be over.
_OVER_FOR = 2
_BETTER = 0.5
_LEAST_BAD = 3
_DRAWS, _SEED = 99, 1
_SEASONS = ("winter", "spring", "summer", "autumn")


def bad_periods(months: pd.DataFrame, as_of: date, longest: int, sure: float) -> pd.DataFrame:
    """Return each account's worst stretch of months, where it is no accident and over.

    Every stretch of two months up to the longest is held against the rest of the account's history by the likelihood
    ratio of Kulldorff (1997), A spatial scan statistic, Communications in Statistics: Theory and Methods 26(6),
    sections 4 (Bernoulli model) and 6: how often the worst stretch would be as bad by accident is told by dealing the
    account's bad cases anew among all its cases.

    Parameters
    ----------
    months
        customer_id, month, cases, bad, as `ledger.ratings.case_months` gives them.
    as_of
        The last day looked at.
    longest
        Months that a stretch may last.
    sure
        The chance that it is no accident.

    Returns
    -------
    DataFrame
        customer_id, start, end (first and last day), cases and bad (within), cases_since and bad_since. Sorted.
    """
    import pandas as pd

    if months.empty:
        return pd.DataFrame(columns=COLUMNS)
    place = _month_number(pd.DatetimeIndex(months.month))
    first, last = int(place.min()), as_of.year * 12 + as_of.month - 1
    account, names = pd.factorize(months.customer_id, sort=True)
    cases, bad = np.zeros((2, len(names), last - first + 1))
    cases[account, place - first] = months.cases
    bad[account, place - first] = months.bad
    start, end, likely = _worst(_sums(cases), _sums(bad), longest)
    row = np.arange(len(names))
    within = [_sums(of)[row, end] - _sums(of)[row, start] for of in (cases, bad)]
    since = [_sums(of)[:, -1] - _sums(of)[row, end] for of in (cases, bad)]
    found = pd.DataFrame(dict(zip(COLUMNS[3:], [*within, *since], strict=True))).astype("int64")
    found = found.assign(customer_id=names, start=_days(first + start), end=_days(first + end) - pd.Timedelta(days=1))
    real = _over(found).to_numpy(dtype=np.bool_) & (likely > 0)
    real[real] = _by_accident(cases[real], bad[real], likely[real], longest) <= 1 - sure
    return found[COLUMNS][real].reset_index(drop=True)


def _month_number(days: pd.DatetimeIndex) -> NDArray[np.int64]:
    return np.asarray(days.year * 12 + days.month - 1, dtype=np.int64)


def _days(months: NDArray[np.int64]) -> pd.DatetimeIndex:
    import pandas as pd

    return pd.DatetimeIndex([pd.Timestamp(int(n) // 12, int(n) % 12 + 1, 1) for n in months])


def _sums(values: Floats) -> Floats:
    """Return running sums along each row, with a 0 before the first."""
    return np.asarray(np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0))), dtype=np.float64)


def _worst(cases: Floats, bad: Floats, longest: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return where each account's worst stretch that is over begins and ends, and how likely it is."""
    count, last = cases.shape[0], cases.shape[1] - 1 - _OVER_FOR
    start, end = np.zeros((2, count), dtype=np.int64)
    best = np.zeros(count)
    for length in range(_SHORTEST, min(longest, last) + 1):
        c = cases[:, length : last + 1] - cases[:, : last + 1 - length]
        b = bad[:, length : last + 1] - bad[:, : last + 1 - length]
        likely = _likelihood_ratio(c, b, cases[:, -1:], bad[:, -1:])
        at = likely.argmax(axis=1)
        top = likely[np.arange(count), at]
        better = top > best
        best, start, end = np.where(better, top, best), np.where(better, at, start), np.where(better, at + length, end)
    return start, end, best


def _likelihood_ratio(cases: Floats, bad: Floats, all_cases: Floats, all_bad: Floats) -> Floats:
    """Return the log likelihood ratio of a higher share of bad cases within than without; 0 where it is not higher."""
    other, other_bad = all_cases - cases, all_bad - bad
    apart = _fit(cases, bad) + _fit(other, other_bad) - _fit(all_cases, all_bad)
    higher = bad * np.maximum(other, 1) > other_bad * np.maximum(cases, 1)
    return np.where(higher, apart, 0.0)


def _fit(cases: Floats, bad: Floats) -> Floats:
    from scipy.special import xlogy

    share = bad / np.maximum(cases, 1)
    return np.asarray(xlogy(bad, share) + xlogy(cases - bad, 1 - share), dtype=np.float64)


def _over(found: pd.DataFrame) -> pd.Series[bool]:
    """Return which periods were bad at all, and are followed by better times."""
    better = found.bad_since * found.cases <= _BETTER * found.bad * found.cases_since.clip(lower=1)
    over: pd.Series[bool] = (found.bad >= _LEAST_BAD) & better
    return over


def _by_accident(cases: Floats, bad: Floats, likely: Floats, longest: int) -> Floats:
    """Return the chance that the worst stretch is as bad where each account's bad cases fall on any of its cases."""
    as_bad, sums = np.zeros(len(cases)), _sums(cases)
    for draw in range(_DRAWS):
        dealt = _dealt(cases, bad, np.random.default_rng([_SEED, draw]))
        as_bad += _worst(sums, _sums(dealt), longest)[2] >= likely
    return np.asarray((as_bad + 1) / (_DRAWS + 1), dtype=np.float64)


def _dealt(cases: Floats, bad: Floats, random: np.random.Generator) -> Floats:
    """Return the bad cases by month, dealt anew.

    Every account is dealt from the same pack: as many of its top cards as it has cases, the lowest of them the bad
    ones. So what it gets hangs on its own months alone, whoever stands before it and however many there are.
    """
    dealt = np.zeros(cases.shape)
    ends = np.cumsum(cases, axis=1).astype(np.int64)
    count, count_bad = ends[:, -1], bad.sum(axis=1)
    pack = random.random(int(count.max(initial=0)))
    for number in np.unique(count):
        rows = np.flatnonzero(count == number)
        low = pack[:number].argsort().argsort() < count_bad[rows, None]
        dealt[rows] = np.diff(np.take_along_axis(_sums(low), ends[rows], axis=1), axis=1, prepend=0.0)
    return dealt


def named(start: date, end: date) -> str:
    """Return a period's name.

    Examples
    --------
    >>> named(date(2026, 3, 1), date(2026, 5, 31))
    'the bad spring of 2026: March to May'
    >>> named(date(2024, 11, 1), date(2025, 2, 28))
    'the bad winter of 2025: November 2024 to February 2025'
    """
    middle = start.year * 12 + start.month - 1 + end.year * 12 + end.month
    year, month = divmod(middle // 2, 12)
    first = f"{start:%B}" if start.year == end.year else f"{start:%B %Y}"
    last = f"{end:%B}" if start.year == end.year == year else f"{end:%B %Y}"
    return f"the bad {_SEASONS[(month + 1) % 12 // 3]} of {year}: {first} to {last}"
