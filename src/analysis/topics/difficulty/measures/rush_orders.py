"""Orders that were worked on in a rush without being paid for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from analysis.ledger.costing import Costing

if TYPE_CHECKING:
    import ibis


def rush_orders(
    events: ibis.Table, lines: ibis.Table | None, costing: Costing, surcharges: Iterable[str]
) -> ibis.Table:
    """Return customer_id, orders that were worked on, and `rushed`: those done in a rush that nobody paid for.

    Parameters
    ----------
    events
        The window's events. Where the costing says which activities handle orders (`per_order`), those count, and a
        piece of such work that names no order is one of its own; else the work that names an order.
    lines
        The window's invoice lines; None without transactions.
    surcharges
        Patterns of products that pay for a rush, `*` for any text: an order with such a line is paid for.
    """
    handling = [name for name, activity in costing.activities.items() if activity.per_order]
    mine = events.filter(events.customer_id.notnull(), events.case_id.isnull())
    mine = mine.filter(mine.activity.isin(handling) if handling else mine.order_id.notnull())
    piece = mine.order_id.isnull().ifelse(mine.event_id, None)
    orders = mine.group_by("customer_id", "order_id", piece=piece).aggregate(rush=mine.rush.fill_null(False).any())
    paid = _paid_for(lines, surcharges)
    if paid is not None:
        # By customer too: two may number their orders alike.
        joined = orders.left_join(paid, [orders.customer_id == paid.payer, orders.order_id == paid.paid_order])
        orders = joined.mutate(rush=joined.rush & joined.paid_order.isnull())
    return orders.group_by("customer_id").aggregate(orders=orders.count(), rushed=orders.rush.sum())


def _paid_for(lines: ibis.Table | None, surcharges: Iterable[str]) -> ibis.Table | None:
    """Return payer and paid_order of each order with a line that pays for a rush."""
    patterns = [pattern.lower().replace("%", r"\%").replace("*", "%") for pattern in surcharges]
    if lines is None or not patterns:
        return None
    named = reduce(or_, (lines["product"].lower().like(pattern) for pattern in patterns))
    return (
        lines.filter(named, lines.order_id.notnull(), lines.net > 0)
        .select(payer="customer_id", paid_order="order_id")
        .distinct()
    )
