"""What each piece of work is charged to when a margin is explained: the first driver of the contract that fits it."""

from __future__ import annotations

from typing import Any

from analysis.data.contract import Kind
from analysis.ledger.costing import Costing

MONEY = Kind.MONEY.value
#: Drivers of work in the contract's order; a piece of work belongs to the first that fits it.
WORK_DRIVERS = (
    "failure",
    "over_service",
    "out_of_scope",
    "unrequested",
    "rush",
    "after_hours",
    "order_size",
    "other_service",
    "obtaining",
)


def driver_of(events: Any, costing: Costing) -> Any:
    """Return the driver that each event belongs to.

    Work to obtain business is `obtaining`, whatever its flags: it is no part of cost to serve.
    """
    import ibis

    def activities(chosen: list[str]) -> Any:
        return events.activity.isin(chosen) if chosen else ibis.literal(False)

    every = costing.activities.items()
    return ibis.cases(
        (activities([name for name, a in every if a.purpose == "obtain"]), "obtaining"),
        (activities([name for name, a in every if a.demand == "failure"]) | events.ours, "failure"),
        ((~events.in_scope).fill_null(False), "out_of_scope"),
        ((~events.requested).fill_null(False), "unrequested"),
        (events.rush.fill_null(False), "rush"),
        (events.after_hours.fill_null(False), "after_hours"),
        (activities([name for name, a in every if a.per_order]), "order_size"),
        else_="other_service",
    )


def work_by_driver(events: Any, activities: Any, customers: Any, costing: Costing) -> Any:
    """Return each account's work by driver and channel.

    Columns: customer_id, driver, channel (empty text: none recorded), events, minutes, cost; minutes x rate is rounded
    to four decimals per account, activity, driver and channel.
    """
    named = events.mutate(driver=driver_of(events, costing), channel=events.channel.fill_null(""))
    summed = named.group_by("customer_id", "activity", "driver", "channel").aggregate(
        events=named.count(), minutes=named.minutes.sum()
    )
    mine = summed.filter(summed.customer_id.isin(customers.customer_id)).inner_join(activities, "activity")
    cost = (mine.minutes.cast("float64") * mine.rate).cast(MONEY)
    mine = mine.mutate(cost=cost)
    return mine.group_by("customer_id", "driver", "channel").aggregate(
        events=mine.events.sum().cast("float64"),
        minutes=mine.minutes.sum().cast("float64"),
        cost=mine.cost.sum().cast("float64"),
    )
