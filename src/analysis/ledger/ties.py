"""Ties: revenue, cost of goods, work and invoices from the files to the accounts' statements, step by step.

What was read, less what was rejected, lies outside the window or belongs to nobody, and with what was modelled, is what
the accounts' statements sum to: so a controller follows the ERP's total to the page's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING

from analysis.data.asked import row_of, rows_of
from analysis.data.checks import CheckedTable
from analysis.data.contract import amount_of, conform, empty

if TYPE_CHECKING:
    import ibis
    import pandas as pd

    from analysis.ledger.ledger import Ledger

#: Sums that differ by less are the same: the last digit of many roundings.
SAME = 0.005
_DAYS = {"transactions": "date", "invoices": "issued", "service_events": "at"}
#: The steps that every tie has, with what each says and whether it is taken away.
_STEPS = (
    ("rejected", "Broke a rule: listed in tables/rejected"),
    ("outside", "Outside the window"),
)


@dataclass(frozen=True)
class _Sums:
    """Rows and amount of one step."""

    rows: int
    amount: float


def ties(ledger: Ledger, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return `tables/ties`.

    Parameters
    ----------
    ledger
        The ledger of the window.
    accounts
        The accounts' statements.

    Returns
    -------
    DataFrame
        what, line, label, rows, amount, unit, kind; the steps from one total lead to the next.
    """
    import pandas as pd

    lines = [*_revenue(ledger, accounts), *_goods(ledger, accounts), *_work(ledger, accounts), *_invoices(ledger)]
    if not lines:
        return empty("ties")
    frame = pd.DataFrame(lines, columns=["what", "line", "label", "rows", "amount", "unit", "kind"])
    return conform(frame.assign(amount=frame.amount.astype(float).round(4) + 0.0), "ties")


Line = tuple[str, str, str, int | None, float | None, str, str]


def _revenue(ledger: Ledger, accounts: pd.DataFrame) -> Iterator[Line]:
    opened = _opened(ledger, "transactions")
    if opened is None or ledger.every_line is None:
        return
    unit, nobody = ledger.policy.currency, ledger.unassigned_sales
    file, first = "Net amount of every line read", list(_first_steps(ledger, opened, "amount", "revenue", unit))
    yield "revenue", "read", file, first[0].rows, first[0].amount, unit, "total"
    yield from _taken("revenue", unit, first[1:])
    to_nobody = _Sums(nobody.lines, nobody.net_revenue)
    yield _step("revenue", "nobody", "Sold to nobody we know: in the books, in no account", to_nobody, unit)
    total = float(accounts.net_revenue.sum())
    yield from _end("revenue", "Net revenue of the accounts", [*first, to_nobody], total, unit)


def _goods(ledger: Ledger, accounts: pd.DataFrame) -> Iterator[Line]:
    opened = _opened(ledger, "transactions")
    if opened is None or ledger.every_line is None or "cogs" not in opened.rows.columns or accounts.cogs.isna().all():
        return
    unit, every = ledger.policy.currency, ledger.every_line
    first = list(_first_steps(ledger, opened, "cogs", "cogs", unit))
    stated, nobodys = every.cogs.fill_null(0), every.customer_id.isnull()
    sums = every.aggregate(
        nobody=stated.sum(where=nobodys).fill_null(0).cast("float64"),
        rows=every.count(where=nobodys),
        inside=stated.sum().fill_null(0).cast("float64"),
    )
    [(nobodys_cost, rows, inside)] = rows_of(sums)
    yield "cogs", "read", "Cost of goods of every line read", first[0].rows, first[0].amount, unit, "total"
    yield from _taken("cogs", unit, first[1:])
    to_nobody = _Sums(rows, nobodys_cost)
    yield _step("cogs", "nobody", "Goods sold to nobody we know", to_nobody, unit)
    known = accounts[accounts.cogs.notna()]
    assumed = float(known.assumed_cogs.sum())
    total = float(known.cogs.sum())
    # What is stated on lines of accounts of which not every line's cost is known is on no statement.
    unknown = inside - nobodys_cost - (total - assumed)
    if abs(assumed) > SAME:
        label = "Modelled for lines that state none"
        yield "cogs", "modelled", label, None, assumed, unit, "step"
    if abs(unknown) > SAME:
        label = "Stated for accounts of which too much is not known"
        yield "cogs", "not_measured", label, None, -unknown, unit, "step"
    counted = [*first, to_nobody, _Sums(0, -assumed), _Sums(0, unknown)]
    yield from _end("cogs", "Cost of goods of the accounts", counted, total, unit, rows=False)


def _work(ledger: Ledger, accounts: pd.DataFrame) -> Iterator[Line]:
    opened, events = _opened(ledger, "service_events"), ledger.events
    if opened is None or events is None or ledger.work is None:
        return
    unit = "minutes"
    first = list(_first_steps(ledger, opened, "minutes", "work", unit))
    mine = ledger.checked["customers"].customer_id
    nobodys = ~events.customer_id.isin(mine).fill_null(False)
    minutes = events.minutes.cast("float64")
    sums = events.aggregate(
        minutes=minutes.sum().fill_null(0),
        nobody=minutes.sum(where=nobodys).fill_null(0),
        rows=events.count(where=nobodys),
    )
    [(spent, nobodys_minutes, rows)] = rows_of(sums)
    yield "work", "read", "Minutes logged in every event read", first[0].rows, first[0].amount, unit, "total"
    yield from _taken("work", unit, first[1:])
    logged = first[0].amount - fsum(step.amount for step in first[1:])
    modelled = spent - logged
    if abs(modelled) > SAME:
        yield "work", "modelled", "By the time equation, where none were logged", None, modelled, unit, "step"
    to_nobody = _Sums(rows, nobodys_minutes)
    yield _step("work", "nobody", "For no account: unassigned", to_nobody, unit)
    total = float(accounts.service_minutes.sum())
    yield from _end("work", "Minutes of the accounts", [*first, _Sums(0, -modelled), to_nobody], total, unit)


def _invoices(ledger: Ledger) -> Iterator[Line]:
    opened = _opened(ledger, "invoices")
    if opened is None:
        return
    unit = ledger.policy.currency
    first = list(_first_steps(ledger, opened, "amount", "invoices", unit))
    yield "invoices", "read", "Amount of every invoice read", first[0].rows, first[0].amount, unit, "total"
    yield from _taken("invoices", unit, first[1:])
    total = first[0].amount - fsum(step.amount for step in first[1:])
    yield from _end("invoices", "Invoiced to the accounts in the window", first, total, unit)


def _opened(ledger: Ledger, table: str) -> CheckedTable | None:
    """Return a table as it was read: where invoices stand in for sales, these."""
    found = ledger.checked.tables.get(table)
    return ledger.checked.tables[found.made_of] if found is not None and found.made_of else found


def _first_steps(ledger: Ledger, opened: CheckedTable, column: str, what: str, unit: str) -> Iterator[_Sums]:
    """Yield what was read, what was rejected and what lies outside the window."""
    accepted = opened.accepted if opened.stated is None else opened.stated
    day = accepted[_DAYS[opened.table.name]]
    outside = (day < ledger.window.start) | (
        day >= ledger.window.after if opened.table.name == "service_events" else day > ledger.window.end
    )
    every, kept = _amount(opened, opened.rows, column), _amount(opened, accepted, column)
    read = row_of(opened.rows.aggregate(read=_sum(every)))["read"]
    found = accepted.aggregate(
        kept=_sum(kept), rows=accepted.count(), out=_sum(kept, outside), rows_out=accepted.count(where=outside)
    )
    [(taken, rows, out, rows_out)] = rows_of(found)
    yield _Sums(opened.read, read)
    yield _Sums(opened.read - rows, read - taken)
    yield _Sums(rows_out, out)


def _amount(opened: CheckedTable, rows: ibis.Table, column: str) -> ibis.Column:
    return amount_of(rows, opened.table.name) if column == "amount" else rows[column]


def _sum(amount: ibis.Column, where: ibis.Column | None = None) -> ibis.Column:
    return amount.sum(where=where).fill_null(0).cast("float64")


def _taken(what: str, unit: str, sums: list[_Sums]) -> Iterator[Line]:
    for (line, label), step in zip(_STEPS, sums, strict=True):
        yield _step(what, line, label, step, unit)


def _step(what: str, line: str, label: str, step: _Sums, unit: str) -> Line:
    return what, line, label, -step.rows, -step.amount, unit, "step"


def _end(what: str, label: str, steps: list[_Sums], total: float, unit: str, *, rows: bool = True) -> Iterator[Line]:
    """Yield where a tie ends, and before it what it cannot explain, if anything."""
    first, *others = steps
    left = total - (first.amount - fsum(step.amount for step in others))
    if abs(left) > SAME:
        yield what, "difference", "Not explained", None, left, unit, "step"
    counted = first.rows - sum(step.rows for step in others)
    yield what, "counted", label, counted if rows else None, total, unit, "total"
