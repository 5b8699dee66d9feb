"""What accounts are alike in, and what they got of every service and at whose wish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.data.contract import Kind
from analysis.ledger.costing import Costing
from analysis.ledger.drivers import OTHER_SERVICE, served_as
from analysis.window import Window

if TYPE_CHECKING:
    import ibis

MONEY = Kind.MONEY.value
#: Product families that count on their own; smaller ones are one family together.
FAMILIES = 12


def product_mix(lines: ibis.Table) -> ibis.Table:
    """Return customer_id, family and its amount of the window's sales; families beyond the largest are `other`.

    Parameters
    ----------
    lines
        The window's invoice lines (Ibis) with `net`.
    """
    import ibis

    sales = lines.filter(lines.kind == "sale").mutate(family=lines["product"].fill_null("none"))
    sizes = sales.group_by("family").aggregate(whole=sales.net.sum())
    largest = sizes.order_by(ibis.desc("whole"), "family").limit(FAMILIES).select("family")
    named = sales.mutate(family=sales.family.isin(largest.family).ifelse(sales.family, "other"))
    summed = named.group_by("customer_id", "family").aggregate(amount=named.net.sum().cast("float64"))
    return summed.order_by("customer_id", "family")


def demands(cases: ibis.Table, window: Window) -> ibis.Table:
    """Return customer_id and cases: those opened in the window that no failure of ours caused, complaints left out."""
    opened = cases.filter(cases.opened_at >= window.start, cases.opened_at < window.after)
    theirs = opened.filter((opened.cause != "ours").fill_null(True), (opened.kind != "complaint").fill_null(True))
    return theirs.group_by("customer_id").aggregate(cases=theirs.count()).order_by("customer_id")


def asked_work(events: ibis.Table, activities: ibis.Table, customers: ibis.Table, costing: Costing) -> ibis.Table:
    """Return what each account got of every attribute, and who asked for it.

    Parameters
    ----------
    events
        The window's events with `attribute`, as `with_attribute` gives them.
    activities
        One row per activity with its `rate`.
    customers
        Whose work is wanted.

    Returns
    -------
    Table
        customer_id, attribute (`other_service` for what none measures), events, minutes, squares (of the minutes of an
        event), asked_events, asked_minutes, unasked_events, unasked_minutes, cost. Work out of scope and rush work
        count as asked for where nobody says; what nobody knows of counts as neither.
    """
    import ibis

    named = events.mutate(attribute=served_as(events, costing), length=events.minutes.cast("float64"))
    pressed = (~named.in_scope).fill_null(False) | named.rush.fill_null(False)
    named = named.mutate(asked=named.requested.fill_null(pressed), unasked=(~named.requested).fill_null(False))
    mine = named.filter(named.attribute.notnull(), named.customer_id.isin(customers.customer_id))
    mine = mine.inner_join(activities.select("activity", "rate"), "activity")
    summed = mine.group_by("customer_id", "attribute").aggregate(
        events=mine.count().cast("float64"),
        minutes=mine.length.sum(),
        squares=(mine.length * mine.length).sum(),
        asked_events=mine.asked.sum().cast("float64"),
        asked_minutes=mine.length.sum(where=mine.asked).fill_null(0.0),
        unasked_events=mine.unasked.sum().cast("float64"),
        unasked_minutes=mine.length.sum(where=mine.unasked).fill_null(0.0),
        cost=(mine.length * mine.rate).sum().cast(MONEY).cast("float64"),
    )
    return summed.order_by(ibis.asc("customer_id"), ibis.asc("attribute"))


def other_by_activity(events: ibis.Table, customers: ibis.Table, costing: Costing) -> ibis.Table:
    """Return customer_id, activity and minutes of the work that is compared as `other_service`.

    Parameters
    ----------
    events
        The window's events with `attribute`, as `with_attribute` gives them.
    customers
        Whose work is wanted.
    """
    mine = events.filter(served_as(events, costing) == OTHER_SERVICE, events.customer_id.isin(customers.customer_id))
    summed = mine.group_by("customer_id", "activity").aggregate(minutes=mine.minutes.sum().cast("float64"))
    return summed.order_by("customer_id", "activity")
