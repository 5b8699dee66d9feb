"""The dataset as it was known on a past day.

Four rules, table by table: a row dated after the day is not there; a later date in a row is empty; what a row says
without a date of its own is known only once the case was resolved or the invoice paid; and a row that refers to one
that is not there is not there either. What no rule can roll back is listed by `not_rolled_back`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from analysis.data.checks import Checked
from analysis.data.contract import INPUTS, conform
from analysis.data.stand_ins import with_stand_ins
from analysis.opening import Opened

if TYPE_CHECKING:
    import pandas as pd

#: The column that dates a row; where it is empty, the row has always been there.
DATED = {
    "customers": "since",
    "transactions": "date",
    "service_events": "at",
    "cases": "opened_at",
    "case_updates": "at",
    "contracts": "starts",
    "service_levels": "stated_on",
    "invoices": "issued",
    "payments": "on",
    "perceptions": "rated_on",
    "surveys": "asked_on",
    "mentions": "on",
    "bookings": "on",
    "assignments": "from",
    "actions_taken": "on",
}
#: Later dates in a row: empty until their day.
LATER = {
    "customers": ("ended",),
    "cases": ("first_response_at", "resolved_at"),
    "invoices": ("paid", "written_off_on"),
    "assignments": ("to",),
}
#: What has no date of its own: known from the day of another column on.
SETTLED = {
    "cases": (
        "resolved_at",
        ("promise_kept", "reopened", "handoffs", "escalated", "cause", "satisfaction", "waiting_hours"),
    ),
    "invoices": ("paid", ("disputed", "dispute_outcome")),
}
#: What is never known of the past: it has no date at all, and no end to tell it by.
NEVER = {"actions_taken": ("outcome", "cost")}
UNDATED_TABLES = ("overrides",)
AS_NOW = {
    "customers": (
        ("name", "industry", "region", "size", "parent_id", "tier", "account_manager", "referred_by", "protected"),
        "the data does not say when it changed",
    ),
    "contracts": (("ends", "monthly_fee", "cancellation_fee"), "as the contract was last written"),
    "cases": (("kind", "needed_by"), "as the case was last written"),
    "invoices": (("due", "amount"), "as the invoice was last written"),
}


def known_on(opened: Opened, day: date) -> Opened:
    """Return the dataset as it was known at the end of a day: the same engine, other rows.

    The rows that others refer to are kept in the engine under names of their own: one day at a time, or `scoped`.

    Parameters
    ----------
    opened
        The dataset as it is known now.
    day
        The last day of what is known.
    """
    checked, found = opened.checked, {}
    for name, table in checked.tables.items():
        if name not in UNDATED_TABLES:
            rows = table.accepted if table.stated is None else table.stated
            found[name] = replace(table, accepted=_known(name, rows, day), stated=None)
    past = Checked(found, checked.problems)
    parents = {column.references for table in INPUTS.values() for column in table.columns}
    for name, table in past.tables.items():
        rows = _whole(name, table.accepted, past)
        # What many tables refer to is kept: a chain of references would be computed, and compiled, again for each.
        kept = opened.engine.keep(f"known_{name}", rows) if name in parents else rows
        past.tables[name] = replace(table, accepted=kept)
    return replace(opened, checked=with_stand_ins(opened.engine, past))


def _known(name: str, rows: Any, day: date) -> Any:
    """Return a table's rows of the day, with what was not known of them empty."""
    if name not in DATED:
        return rows
    dated = rows[DATED[name]]
    rows = rows.filter(_by(dated, day) if INPUTS[name][DATED[name]].required else dated.isnull() | _by(dated, day))
    settled, columns = SETTLED.get(name, ("", ()))
    blank = {column: _where(_by(rows[settled], day), rows[column]) for column in columns}
    blank |= {column: _where(_by(rows[column], day), rows[column]) for column in LATER.get(name, ())}
    blank |= {column: _where(rows[column].isnull(), rows[column]) for column in NEVER.get(name, ())}
    return rows.mutate(**blank, **_of_two_dates(name, rows, day))


def _of_two_dates(name: str, rows: Any, day: date) -> dict[str, Any]:
    """Return the columns that either of two dates makes known.

    A promise of a day that is over was made before it; of a later day, it may be a revision that came later still. A
    write-off without a day is known once the invoice is settled.
    """
    if name == "cases":
        known = _by(rows.promised_at, day) | _by(rows.resolved_at, day)
        return {"promised_at": _where(known, rows.promised_at)}
    if name == "invoices":
        known = _by(rows.written_off_on, day) | (rows.written_off_on.isnull() & _by(rows.paid, day))
        return {"written_off": _where(known, rows.written_off)}
    return {}


def _by(column: Any, day: date) -> Any:
    """Return whether a date or a timestamp is not after a day; false where it is empty."""
    found = column < day + timedelta(days=1) if column.type().is_timestamp() else column <= day
    return found.fill_null(False)


def _where(known: Any, column: Any) -> Any:
    import ibis

    return known.ifelse(column, ibis.null(column.type()))


def _whole(name: str, rows: Any, past: Checked) -> Any:
    """Return the rows whose references are known: work is kept, as work for a stranger is."""
    for column in INPUTS[name].columns if name in INPUTS else ():
        parent = column.references
        if not parent or parent not in past:
            continue
        keys = past[parent][INPUTS[parent].key]
        if column.required:
            rows = rows.filter(rows[column.name].isin(keys))
        else:
            rows = rows.mutate(
                **{column.name: _where(rows[column.name].isin(keys).fill_null(False), rows[column.name])}
            )
    return rows


def not_rolled_back(opened: Opened) -> pd.DataFrame:
    """Return what of the dataset cannot be told of the past, and what is done about it."""
    import pandas as pd

    columns = ["table", "column", "treatment", "why"]
    return conform(pd.DataFrame(list(_not_rolled_back(opened)), columns=columns), "not_rolled_back")


def _not_rolled_back(opened: Opened) -> Iterator[tuple[str, str, str, str]]:
    for name, table in opened.checked.tables.items():
        columns, why = AS_NOW.get(name, ((), ""))
        yield from ((name, column, "as_now", why) for column in columns if column in table.given)
        never = (column for column in NEVER.get(name, ()) if column in table.given)
        yield from ((name, column, "left_out", "it has no date") for column in never)
        if name in UNDATED_TABLES:
            yield name, "", "left_out", "it does not say when it was decided"
        yield from _unsettled(name, opened)
    if opened.costing is not None:
        yield "costing.toml", "", "as_now", "rates, minutes and ranges as they are stated today"
    yield "policy.toml", "", "as_now", "the choices of today"


def _unsettled(name: str, opened: Opened) -> Iterator[tuple[str, str, str, str]]:
    """Yield what hangs on a date that some rows do not have."""
    rows = opened.checked[name]
    column = DATED.get(name)
    if column and not INPUTS[name][column].required and _some_empty(rows, column):
        yield name, column, "as_now", "rows without it count as always known"
    if name in SETTLED:
        day, columns = SETTLED[name]
        given = [column for column in columns if column in opened.checked.tables[name].given]
        if given and _some_empty(rows, day):
            yield name, ", ".join(given), "left_out", f"known from `{day}` on; left out of rows without it"


def _some_empty(rows: Any, column: str) -> bool:
    return bool(rows.filter(rows[column].isnull()).limit(1).count().to_pandas())
