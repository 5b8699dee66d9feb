"""Which days can be replayed: a whole window before each, and the months after it, within what the data covers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from analysis.data.checks import Checked
from analysis.data.span import begins, last_whole_month
from analysis.errors import DataError, UsageError
from analysis.policy import Policy
from analysis.window import parse_day


def months_on(day: date, months: int) -> date:
    """Return the day so many months on, where the last day of a month leads to the last day of a month.

    Examples
    --------
    >>> months_on(date(2026, 2, 28), 1)
    datetime.date(2026, 3, 31)
    """
    return day + timedelta(days=1) + relativedelta(months=months) - timedelta(days=1)


@dataclass(frozen=True)
class Replayable:
    """The first and the last day that can be replayed, and why these."""

    first: date
    last: date
    known: int
    ahead: int

    def __str__(self) -> str:
        between = f"days from {self.first} to {self.last} can be replayed"
        return f"{between} ({self.known} months known before each, {self.ahead} months after it)"


def replayable(checked: Checked, policy: Policy) -> Replayable:
    """Return the days that the data can be replayed on.

    Raises
    ------
    UsageError
        There is none: the data is shorter than a window and the months after it, or values look less far ahead.
    """
    known, ahead = policy.window.months, policy.backtest.ahead_months
    if ahead > policy.finance.horizon_months:
        raise UsageError(
            f"backtest: backtest.ahead_months is {ahead}, but values look only {policy.finance.horizon_months} months "
            "ahead (finance.horizon_months)."
        )
    try:
        first, last = begins(checked), last_whole_month(checked)
    except DataError:
        first = None
    if first is None:
        raise UsageError("backtest: no row of the data carries a date, so no day can be replayed.")
    found = Replayable(
        months_on(first.replace(day=1) - timedelta(days=1), known), months_on(last, -ahead), known, ahead
    )
    if found.first > found.last:
        raise UsageError(
            f"backtest: the data covers {first} to {last}, and a replay needs {known} months known before a day and "
            f"{ahead} after it: no day can be replayed. Set window.months or backtest.ahead_months lower."
        )
    return found


def days_asked(first: str | date, last: str | date, every: int) -> tuple[date | None, date | None]:
    """Return the first and the last day that are asked for; None where it is left to the data.

    Raises
    ------
    UsageError
        They are no days or in the wrong order, or no months lie between one and the next.
    """
    asked = {"backtest: --from": first, "backtest: --to": last}
    start, stop = (parse_day(day, what) if day else None for what, day in asked.items())
    if not isinstance(every, int) or every < 1:
        raise UsageError(f"backtest: every is {every!r}: give months, 1 or more.")
    if start and stop and start > stop:
        raise UsageError(f"backtest: --from {start} is after --to {stop}.")
    return start, stop


def days_between(first: date | None, last: date | None, every: int, within: Replayable) -> list[date]:
    """Return the days to replay, every so many months from the first on.

    Parameters
    ----------
    first, last
        None: the first and the last that can be replayed.
    every
        Months from one to the next.
    within
        The days that can be replayed.

    Raises
    ------
    UsageError
        They lie outside what the data covers; it says which days can be replayed.
    """
    start, stop = first or within.first, last or within.last
    for name, day in (("from", start), ("to", stop)):
        if not within.first <= day <= within.last:
            raise UsageError(f"backtest: --{name} is {day}, but only {within}.")
    return list(_steps(start, stop, every))


def _steps(start: date, stop: date, every: int) -> Iterator[date]:
    step = 0
    while (day := months_on(start, step * every)) <= stop:
        yield day
        step += 1
