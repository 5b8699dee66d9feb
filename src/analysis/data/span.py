"""The days that a dataset speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from analysis.data.checks import Checked
from analysis.errors import DataError, Problem
from analysis.window import Window

DATED = {"transactions": "date", "service_events": "at", "cases": "opened_at"}


def _bounds(checked: Checked) -> Iterator[tuple[date, date]]:
    for table, column in DATED.items():
        rows = checked.get(table)
        if rows is not None:
            days = rows.aggregate(first=rows[column].min(), last=rows[column].max()).to_pandas().iloc[0]
            if days["first"] == days["first"] and days["first"] is not None:
                yield _day(days["first"]), _day(days["last"])


def _day(value: Any) -> date:
    day: date = value.date() if hasattr(value, "date") else value
    return day


def last_whole_month(checked: Checked) -> date:
    """Return the last day of the last month that the data covers to its end, and that is over.

    Raises
    ------
    DataError
        No row carries a date.
    """
    lasts = [last for _, last in _bounds(checked)]
    if not lasts:
        problem = Problem("transactions", "date", "no_dates", "no accepted row carries a date", "Give --as-of.")
        raise DataError([problem])
    last = min(max(lasts), date.today())
    after = last + timedelta(days=1)
    return last if after.day == 1 else last.replace(day=1) - timedelta(days=1)


def begins(checked: Checked) -> date | None:
    """Return the first day that the data speaks of; None where no row carries a date."""
    return min((first for first, _ in _bounds(checked)), default=None)


def reaches_back(checked: Checked, window: Window) -> bool:
    """Return whether the data covers a window from its first month on."""
    first = begins(checked)
    return first is not None and first <= window.start + timedelta(days=31)
