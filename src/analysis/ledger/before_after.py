"""What a step acts on, before and after it was taken, measured on the engine; and the same for everybody, by day."""

from __future__ import annotations

from typing import Any

from analysis.data.contract import Kind
from analysis.ledger.receivables import settled

MONEY = Kind.MONEY.value
#: The driver of money that came late: it is no work.
LATE = "late"


def dated_work(events: Any, driver: Any, activities: Any) -> Any:
    """Return customer_id, day, driver and cost of every event.

    Parameters
    ----------
    events
        Events with their minutes settled, of any time.
    driver
        The driver that each belongs to.
    activities
        One row per activity with its rate.
    """
    named = events.mutate(driver=driver, day=events["at"].date())
    costed = named.inner_join(activities.select("activity", "rate"), "activity")
    return costed.select(
        "customer_id", "day", "driver", cost=(costed.minutes.cast("float64") * costed.rate).cast(MONEY)
    )


def dated_lateness(invoices: Any, payments: Any | None, rate: float, after: Any) -> Any:
    """Return customer_id, day (that it was due), driver `late` and what waiting beyond that day cost.

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
        "customer_id", day="due", driver=ibis.literal(LATE), cost=(balance * days * rate / 365).cast(MONEY)
    )


def before_and_after(dated: Any, asked: Any) -> Any:
    """Return, for each question, what it cost in the days before and after.

    Parameters
    ----------
    dated
        customer_id, day, driver, cost.
    asked
        place, customer_id, driver, first, on, last: the days from `first` to before `on`, and from `on` to `last`.

    Returns
    -------
    Table
        place, before, after.
    """
    joined = asked.inner_join(dated, ["customer_id", "driver"])
    inside = joined.filter(joined.day >= joined["first"], joined.day <= joined["last"])
    early = inside.day < inside["on"]
    return inside.group_by("place").aggregate(
        before=inside.cost.sum(where=early).fill_null(0).cast("float64"),
        after=inside.cost.sum(where=~early).fill_null(0).cast("float64"),
    )


def by_day(dated: Any) -> Any:
    """Return driver, day and cost, all accounts together."""
    return dated.group_by("driver", "day").aggregate(cost=dated.cost.sum().cast("float64"))
