"""What accounts pay: invoice lines summed per account; and what was sold to nobody that we know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.data.asked import row_of
from analysis.data.contract import Kind, net_of
from analysis.window import Window

if TYPE_CHECKING:
    import ibis

MONEY = Kind.MONEY.value


def lines_with_net(lines: ibis.Table, window: Window) -> ibis.Table:
    """Return the window's invoice lines with `net` and `given_discount` settled."""
    inside = lines.filter(lines["date"] >= window.start, lines["date"] <= window.end)
    lines = inside.mutate(net=net_of(inside).cast(MONEY))
    return lines.mutate(given_discount=(lines.list_amount - lines.net).cast(MONEY))


def sales_by_account(lines: ibis.Table) -> ibis.Table:
    """Return each account's revenue, reductions and direct costs from lines with `net` and `goods`.

    Columns: customer_id, lines, list_revenue, discounts (empty where no list price is known), returns, net_revenue,
    cogs (empty where a line's is not measured), freight, assumed_cogs.
    """
    sale = lines.kind == "sale"
    listed = lines.list_amount.notnull()
    priced = sale & listed
    return lines.group_by("customer_id").aggregate(
        lines=lines.count(),
        list_revenue=listed.ifelse(lines.list_amount, lines.net).sum(where=sale).fill_null(0),
        discounts=lines.given_discount.sum(where=priced),
        sales_lines=lines.count(where=sale),
        returns=-lines.net.sum(where=~sale).fill_null(0),
        net_revenue=lines.net.sum(),
        cogs=(lines.goods.count() == lines.count()).ifelse(lines.goods.sum(), None),
        freight=lines.freight.sum().fill_null(0),
        assumed_cogs=lines.assumed.sum().fill_null(0),
    )


@dataclass(frozen=True)
class UnassignedSales:
    """Sales to nobody that we know: in the books and the bridge, in no account.

    Attributes
    ----------
    cogs
        None where too much of it is unknown.
    """

    lines: int = 0
    net_revenue: float = 0.0
    cogs: float | None = 0.0
    freight: float = 0.0
    assumed_cogs: float = 0.0

    @property
    def margin(self) -> float | None:
        """Net revenue less cost of goods and freight; None where the cost of goods is not known."""
        return None if self.cogs is None else self.net_revenue - self.cogs - self.freight


def unassigned_sales(lines: ibis.Table) -> UnassignedSales:
    """Return the sums of the lines (Ibis, with `net` and `goods`) that name no customer."""
    mine = lines.filter(lines.customer_id.isnull())
    sums = mine.aggregate(
        lines=mine.count(),
        known=mine.goods.count(),
        net_revenue=mine.net.sum().cast("float64").fill_null(0),
        cogs=mine.goods.sum().cast("float64").fill_null(0),
        freight=mine.freight.sum().cast("float64").fill_null(0),
        assumed_cogs=mine.assumed.sum().cast("float64").fill_null(0),
    )
    row = row_of(sums)
    known = row["known"] == row["lines"]
    amounts = {name: float(row[name]) for name in ("net_revenue", "freight", "assumed_cogs")}
    return UnassignedSales(row["lines"], cogs=float(row["cogs"]) if known else None, **amounts)


def assumed_goods(lines: ibis.Table) -> ibis.Table:
    """Return assumed_from, lines, net_revenue and cogs of the lines whose cost of goods is assumed."""
    mine = lines.filter(lines.assumed.notnull())
    return mine.group_by("assumed_from").aggregate(
        lines=mine.count(),
        accounts=mine.customer_id.nunique(),
        net_revenue=mine.net.sum().cast("float64"),
        cogs=mine.assumed.sum().cast("float64"),
    )
