"""The account's statement: from list revenue to net margin, one row per account of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.data.contract import Kind
from analysis.window import Window

if TYPE_CHECKING:
    import ibis

MONEY = Kind.MONEY.value
_CUSTOMER = ("customer_id", "name", "industry", "region", "size", "account_manager")
_ZERO = ("list_revenue", "returns", "net_revenue", "freight", "assumed_cogs")
_WORK = (
    "cost_to_serve",
    "cost_to_obtain",
    "service_minutes",
    "events",
    "avoidable_work",
    "unknown_work",
    "freed_value",
    "failure_cost",
    "unrequested_cost",
    "out_of_scope_cost",
)


def _was_customer(customers: ibis.Table, window: Window) -> ibis.Column:
    """Return whether each was a customer at some time in the window; an empty `since` is always, `ended` still."""
    began = customers.since.isnull() | (customers.since <= window.end)
    return began & (customers.ended.isnull() | (customers.ended >= window.start))


def statement(
    customers: ibis.Table,
    window: Window,
    sales: ibis.Table | None,
    work: ibis.Table | None,
    receivables: ibis.Table | None,
    groups: list[str],
) -> ibis.Table:
    """Return the statement of every account of the window, as an Ibis expression.

    Listed is who was a customer at some time in the window, or has a line or an event in it.

    A part that is None has no table: its amounts are 0 where the contract says so (costs), else empty.
    """
    import ibis

    rows = customers.mutate(_customer=_was_customer(customers, window)).select(*_CUSTOMER, "since", "_customer")
    rows = _join(rows, sales, (*_ZERO, "discounts", "cogs", "lines", "sales_lines"))
    rows = _join(rows, work, (*_WORK, *(f"cts_{group}" for group in groups)))
    rows = rows.filter(rows._customer | rows.lines.notnull() | rows.events.notnull()).drop("_customer")
    rows = _join(rows, receivables, ("write_offs", "financing_cost", "disputed"))
    zeros = [*_WORK, *(f"cts_{group}" for group in groups), "write_offs", "financing_cost"]
    zeros += ["disputed"] if receivables is not None else []
    rows = rows.mutate(**{name: rows[name].fill_null(0) for name in zeros})
    if sales is not None:
        silent = rows.lines.isnull()
        rows = rows.mutate(
            **{name: rows[name].fill_null(0) for name in _ZERO},
            cogs=silent.ifelse(0, rows.cogs),
            discounts=(rows.sales_lines.fill_null(0) == 0).ifelse(0, rows.discounts),
        )
    rows = rows.mutate(gross_margin=rows.net_revenue - rows.cogs - rows.freight)
    rows = rows.mutate(
        running_margin=rows.gross_margin - rows.cost_to_serve - rows.write_offs - rows.financing_cost,
        first_year=((rows.since >= window.start) & (rows.since <= window.end)).fill_null(False),
        avoidable_cost=rows.cogs + rows.freight + rows.write_offs + rows.financing_cost + rows.avoidable_work,
        avoidable_known=rows.unknown_work == 0,
    )
    rows = rows.mutate(
        net_margin=rows.running_margin - rows.cost_to_obtain,
        avoidable_margin=rows.net_revenue - rows.avoidable_cost,
        gain_if_ended=rows.avoidable_cost - rows.net_revenue + rows.freed_value,
        cts_pct=_ratio(rows.cost_to_serve, rows.net_revenue),
        service_demand=_ratio(rows.cost_to_serve - rows.failure_cost, rows.list_revenue - rows.returns),
    )
    amounts = {name: rows[name].cast("float64") for name in rows.columns if rows[name].type().is_decimal()}
    return rows.mutate(**amounts).order_by(ibis.asc("customer_id"))


def _ratio(part: ibis.Column, whole: ibis.Column) -> ibis.Column:
    return (whole > 0).ifelse(part.cast("float64") / whole.cast("float64"), None)


def _join(rows: ibis.Table, part: ibis.Table | None, names: tuple[str, ...]) -> ibis.Table:
    import ibis

    if part is None:
        return rows.mutate(**{name: ibis.null(MONEY) for name in names})
    return rows.left_join(part, "customer_id").select(*rows.columns, *names)
