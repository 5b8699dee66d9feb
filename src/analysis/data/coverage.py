"""How much of each table lies in the window: what a run would count."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from analysis.data.asked import row_of
from analysis.data.contract import RECORDS
from analysis.data.span import last_whole_month, stop_beyond
from analysis.errors import DataError
from analysis.window import Window, parse_day

if TYPE_CHECKING:
    from analysis.opening import Opened


def coverage(opened: Opened, as_of: str = "") -> list[dict[str, Any]]:
    """Return, for each table with days, its rows, those in the window, and the first and last of their days.

    Where no day is given, those in the month after the window, too, which the data does not cover to its last day. Rows
    dated later than today and than the window are counted, too (`ahead`): most such days are slips.

    Parameters
    ----------
    opened
        A dataset that was read and checked.
    as_of
        The window's last day; empty: the last whole month that the data covers.

    Raises
    ------
    UsageError
        The day is none, or lies far beyond the data.
    """
    checked, policy = opened.checked, opened.policy
    try:
        last = parse_day(as_of) if as_of else last_whole_month(checked)
    except DataError:
        return []
    stop_beyond(checked, last, policy.window.allow_beyond)
    window = Window.until(last, policy.window.months)
    # Chosen for a person, it leaves out a month that the data does not cover to its end: these days are told, too.
    until = last if as_of else (last + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    found = []
    for table, column in RECORDS.items():
        if table not in checked or checked.tables[table].made_of:
            continue
        days = checked[table][column]
        days = days.date() if days.type().is_timestamp() else days
        inside = (days >= window.start) & (days <= window.end)
        after = (days > window.end) & (days <= until)
        ahead = days > max(window.end, until, date.today())
        sums = row_of(
            checked[table].aggregate(
                rows=days.count(),
                inside=inside.sum().fill_null(0),
                first=days.min(where=inside),
                last=days.max(where=inside),
                after=after.sum().fill_null(0),
                newest=days.max(where=after),
                ahead=ahead.sum().fill_null(0),
                farthest=days.max(where=ahead),
            )
        )
        one: dict[str, Any] = {"table": table, "start": str(window.start), "end": str(window.end)}
        one |= {name: int(sums[name]) for name in ("rows", "inside")}
        if one["inside"]:
            one |= {"first": str(sums["first"])[:10], "last": str(sums["last"])[:10]}
        if sums["after"]:
            one |= {"after": int(sums["after"]), "newest": str(sums["newest"])[:10]}
        if sums["ahead"]:
            one |= {"ahead": int(sums["ahead"]), "farthest": str(sums["farthest"])[:10]}
        found.append(one)
    return found
