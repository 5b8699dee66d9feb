"""Orders and cases: which of them lose money inside accounts that earn it.

Kaplan & Narayanan ("Measuring and Managing Customer Profitability", Journal of Cost Management, 2001) found that many
of the orders that lose money come from the best customers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.data.contract import Kind
from analysis.ledger.cost import cost_of

if TYPE_CHECKING:
    import ibis

MONEY = Kind.MONEY.value


def _work_on(events: ibis.Table, key: str, activities: ibis.Table) -> ibis.Table:
    """Return what the work on each order or case cost: customer_id, key, work_cost."""
    mine = events.filter(events[key].notnull(), events.customer_id.notnull())
    summed = mine.group_by("customer_id", key, "activity").aggregate(minutes=mine.minutes.sum())
    joined = summed.inner_join(activities.filter(activities.serves), "activity")
    costed = joined.mutate(cost=cost_of(joined.minutes, joined.rate))
    return costed.group_by("customer_id", key).aggregate(work_cost=costed.cost.sum())


def orders(lines: ibis.Table, events: ibis.Table | None, activities: ibis.Table | None) -> ibis.Table:
    """Return each order of the window: customer_id, order_id, net_revenue, gross_margin, work_cost, margin.

    An order with a line whose cost of goods is not measured has no margin; what only takes back an earlier order's
    sale is no order of the window.
    """
    import ibis

    mine = lines.filter(lines.order_id.notnull())
    summed = mine.group_by("customer_id", "order_id").aggregate(
        sales=(mine.kind == "sale").sum(),
        net_revenue=mine.net.sum(),
        goods=(mine.goods.count() == mine.count()).ifelse(mine.goods.sum(), None),
        freight=mine.freight.sum().fill_null(0),
    )
    if events is None or activities is None:
        rows = summed.mutate(work_cost=ibis.literal(0).cast(MONEY))
    else:
        work = _work_on(events, "order_id", activities)
        rows = summed.left_join(work, ["customer_id", "order_id"]).select(*summed.columns, "work_cost")
        rows = rows.mutate(work_cost=rows.work_cost.fill_null(0))
    rows = rows.filter(rows.sales > 0).drop("sales")
    rows = rows.mutate(gross_margin=rows.net_revenue - rows.goods - rows.freight)
    return rows.mutate(margin=rows.gross_margin - rows.work_cost).drop("goods", "freight")


def orders_by_account(found: ibis.Table) -> ibis.Table:
    """Return customer_id, orders, loss_making_orders, lost_on_orders and orders_not_measured."""
    loses = (found.margin < 0).fill_null(False)
    return found.group_by("customer_id").aggregate(
        orders=found.count(),
        loss_making_orders=loses.sum(),
        lost_on_orders=(-found.margin.sum(where=loses)).fill_null(0).cast("float64"),
        orders_not_measured=found.margin.isnull().sum(),
    )


def cases(events: ibis.Table, activities: ibis.Table) -> ibis.Table:
    """Return what each case cost: customer_id, case_id, work_cost."""
    return _work_on(events, "case_id", activities)
