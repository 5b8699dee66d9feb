"""The days that a dataset speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from analysis.data.asked import row_of, rows_of
from analysis.data.checks import Checked
from analysis.data.contract import RECORDS
from analysis.errors import DataError, Example, Problem, UsageError
from analysis.window import Window

if TYPE_CHECKING:
    import ibis
    import numpy as np
    from numpy.typing import NDArray

#: The records that tell the first day and the last whole month; invoices tell the last day alone, with these.
DATED = {table: day for table, day in RECORDS.items() if table != "invoices"}
#: Days beyond it that a window may still end on.
BEYOND = 31
#: So many days of a table tell what is usual of it.
ENOUGH = 20
#: Of the gaps between a table's days: one at the window's end that is wider than nearly all others is told.
USUAL = 0.95


def _bounds(checked: Checked) -> Iterator[tuple[date, date]]:
    for table, column in DATED.items():
        found = _first_and_last(checked, table, column)
        if found is not None:
            yield found


def _first_and_last(checked: Checked, table: str, column: str) -> tuple[date, date] | None:
    rows = checked.get(table)
    if rows is None:
        return None
    of, found = checked.spans.get(table, (None, None))
    if of is not rows:
        found = _span(rows, column)
        checked.spans[table] = rows, found
    return found


def _span(rows: ibis.Table, column: str) -> tuple[date, date] | None:
    days = row_of(rows.aggregate(first=rows[column].min(), last=rows[column].max()))
    return (_day(days["first"]), _day(days["last"])) if days["first"] is not None else None


def ends(checked: Checked) -> date | None:
    """Return the last day of any transaction, event, case or invoice; None where no row carries a date."""
    found = (_first_and_last(checked, table, column) for table, column in RECORDS.items())
    return max((both[1] for both in found if both), default=None)


def stop_beyond(checked: Checked, as_of: date, allowed: bool) -> None:
    """Stop where the as-of day lies before all data, or so far beyond it that its last months would be told as empty.

    Raises
    ------
    UsageError
        It is before the first day that the data speaks of, or more than 31 days after the last one, and the policy
        does not allow it.
    """
    last = ends(checked)
    if allowed or last is None:
        return
    first = min(both[0] for table, column in RECORDS.items() if (both := _first_and_last(checked, table, column)))
    if as_of < first:
        raise UsageError(f"as-of is {as_of}, but the data begins on {first}: nothing lies in the window before it.")
    if (as_of - last).days <= BEYOND:
        return
    raise UsageError(
        f"as-of is {as_of}, but the data ends on {last}: the days after it would be told as days without sales or "
        f"work. Give a day up to {last + timedelta(days=BEYOND)}, or set window.allow_beyond = true."
    )


def quiet_ends(checked: Checked, window: Window) -> Iterator[Problem]:
    """Yield a warning for each table that has nothing on the window's last days, for longer than it usually has."""
    for table, column in RECORDS.items():
        if table not in checked or checked.tables[table].made_of or not checked.tables[table].read:
            continue
        last, quiet, usual = _quiet(checked[table], column, window)
        if quiet > usual:
            days = "day" if quiet == 1 else "days"
            yield Problem(
                table,
                column,
                "quiet_end",
                f"nothing is dated on the last {quiet} {days} of the window, to {window.end}",
                "If rows are still to come, run again when they are there, or give an earlier as-of day.",
                "warning",
                examples=(Example(None, "last day", str(last) if last else "none in the window"),),
            )


def late_starts(first_days: Mapping[str, date]) -> Iterator[Problem]:
    """Yield a warning for each of `tables_from`: what such a table lacks counts as none."""
    for table, first in first_days.items():
        yield Problem(
            table,
            RECORDS[table],
            "late_start",
            f"nothing is dated in the window before {first}, and counts as none until then",
            "Bring its earlier rows, or shorten the window (window.months) to what all tables cover.",
            "warning",
            examples=(Example(None, "first day", str(first)),),
        )


def tables_from(checked: Checked, window: Window) -> dict[str, date]:
    """Return the first day of each table that begins more than a month after the window and the data do.

    A table that has nothing on so many days now and then is not late, nor is one with rows before the window; and of
    one with few days nothing can be told.
    """
    start = max(window.start, begins(checked) or window.start)
    found: dict[str, date] = {}
    for table, column in RECORDS.items():
        both = _first_and_last(checked, table, column)
        if both is None or checked.tables[table].made_of:
            continue
        if (late := (both[0] - start).days) > BEYOND:
            days, usual = _days(checked[table], column, window)
            if len(days) >= ENOUGH and late > usual:
                found[table] = both[0]
    return found


def _quiet(rows: ibis.Table, column: str, window: Window) -> tuple[date | None, int, float]:
    """Return a table's last day in the window, the days after it, and how many without a row are usual for it."""
    found, usual = _days(rows, column, window)
    if not len(found):
        return None, window.days, 0.0
    last: date = found[-1].item()
    return last, (window.end - last).days, usual


def _days(rows: ibis.Table, column: str, window: Window) -> tuple[NDArray[np.datetime64], float]:
    """Return a table's days in the window, in order, and how many days without a row are usual between them."""
    import numpy as np

    days = rows[column].date() if rows[column].type().is_timestamp() else rows[column]
    inside = rows.select(day=days).distinct()
    inside = inside.filter(inside.day >= window.start, inside.day <= window.end)
    found = np.sort(np.array([day for (day,) in rows_of(inside)], dtype="datetime64[D]"))
    gaps = np.diff(found).astype("int64") - 1
    return found, float(np.quantile(gaps, USUAL, method="higher")) if len(gaps) else 0.0


def _day(value: Any) -> date:
    day: date = value.date() if hasattr(value, "date") else value
    return day


def last_whole_month(checked: Checked) -> date:
    """Return the last day of the last month that the data covers to its end, and that is over.

    Where the data lies in a month that it does not cover to its end, and in no other, it is the data's last day: the
    end of the month before would have nothing in it.

    Raises
    ------
    DataError
        No row carries a date.
    UsageError
        The clock of this machine stands before all data.
    """
    bounds = list(_bounds(checked))
    if not bounds:
        problem = Problem("transactions", "date", "no_dates", "no accepted row carries a date", "Give --as-of.")
        raise DataError([problem])
    first, today = min(first for first, _ in bounds), date.today()
    if today < first:
        raise UsageError(
            f"The clock of this machine says {today}, but the data begins on {first}. Set the clock, mend the dates, "
            "or give --as-of."
        )
    last = min(max(last for _, last in bounds), today)
    after = last + timedelta(days=1)
    whole = last if after.day == 1 else last.replace(day=1) - timedelta(days=1)
    return whole if whole >= first else last


def begins(checked: Checked) -> date | None:
    """Return the first day that the data speaks of; None where no row carries a date."""
    return min((first for first, _ in _bounds(checked)), default=None)


def reaches_back(checked: Checked, window: Window) -> bool:
    """Return whether the data covers a window from its first month on."""
    return _covers(begins(checked), window)


def data_from(checked: Checked, window: Window) -> date | None:
    """Return the day on which the data begins, where that is after the window's first month."""
    first = begins(checked)
    return None if _covers(first, window) else first


def _covers(first: date | None, window: Window) -> bool:
    return first is not None and first <= window.start + timedelta(days=31)
