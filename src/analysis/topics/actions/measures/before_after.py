"""What steps act on, by account and day, of any time: measured on the engine, for the accounts asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.data.contract import Kind
from analysis.ledger.cost import cost_of
from analysis.ledger.receivables import settled

if TYPE_CHECKING:
    from datetime import date

    import ibis

MONEY = Kind.MONEY.value
#: The driver of money that came late: it is no work.
LATE = "late"
KEY = ("customer_id", "day", "driver", "attribute", "by_hand")


def dated_work(events: ibis.Table, activities: ibis.Table, by_hand: tuple[str, ...]) -> ibis.Table:
    """Return customer_id, day, driver, attribute, by_hand and cost of every event.

    Parameters
    ----------
    events
        Events with their minutes settled, of any time; `driver`, and `attribute`: the service that each is compared
        by, or an empty text.
    activities
        One row per activity with its rate.
    by_hand
        The channels that a person serves.
    """
    hand = events.channel.isin(by_hand).fill_null(False)
    named = events.mutate(by_hand=hand, day=events["at"].date())
    costed = named.inner_join(activities.select("activity", "rate"), "activity")
    cost = cost_of(costed.minutes, costed.rate)
    return costed.select(*KEY, cost=cost)


def dated_lateness(invoices: ibis.Table, payments: ibis.Table | None, rate: float, after: Any) -> ibis.Table:
    """Return the same columns of invoices: by the day that each was due, driver `late`, what waiting beyond it cost.

    Parameters
    ----------
    payments
        Parts of a payment: an invoice that they pay has waited until it was paid in full.
    rate
        A year, on receivables carried.
    after
        The day after the as-of day: to then an open invoice has waited.
    """
    import ibis

    invoices = settled(invoices, payments)
    paid = ibis.least(invoices.paid.coalesce(after), ibis.date(after))
    days = ibis.greatest(paid.delta(invoices.due, unit="day"), 0)
    balance = ibis.greatest(invoices.amount - invoices.written_off.fill_null(0), 0).cast("float64")
    return invoices.select(
        "customer_id",
        day="due",
        driver=ibis.literal(LATE),
        attribute=ibis.literal(""),
        by_hand=ibis.literal(False),
        cost=(balance * days * rate / 365).cast(MONEY),
    )


def totals(dated: ibis.Table) -> ibis.Table:
    """Return customer_id and cost, of all time."""
    known = dated.filter(dated.customer_id.notnull())
    return known.group_by("customer_id").aggregate(cost=known.cost.sum().cast("float64"))


def daily(dated: ibis.Table, accounts: list[str], first: date, last: date) -> ibis.Table:
    """Return the cost of some accounts by day and kind, from the first to the last day."""
    import ibis

    wanted = ibis.memtable({"customer_id": accounts}, schema={"customer_id": "string"})
    mine = dated.filter(dated.day >= first, dated.day <= last).semi_join(wanted, "customer_id")
    return mine.group_by(*KEY).aggregate(cost=mine.cost.sum().cast("float64"))
