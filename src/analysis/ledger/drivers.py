"""What each piece of work is charged to when a margin is explained: the first driver of the contract that fits it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.ledger.cost import cost_of
from analysis.ledger.costing import Costing

if TYPE_CHECKING:
    import ibis

#: The attribute of the minutes that no attribute of the policy measures, in a comparison with like accounts.
OTHER_SERVICE = "other_service"
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


def driver_of(events: ibis.Table, costing: Costing) -> ibis.Column:
    """Return the driver that each event belongs to.

    Work to obtain business is `obtaining`, whatever its flags: it is no part of cost to serve.
    """
    import ibis

    def activities(chosen: list[str]) -> ibis.Column:
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


def work_by_driver(
    events: ibis.Table, activities: ibis.Table, customers: ibis.Table, costing: Costing, shares: ibis.Table
) -> ibis.Table:
    """Return each account's work by driver and channel.

    A whole event goes to the first driver that fits it; `over_service` takes the share of an attribute's events that
    lies beyond the level due, and the later drivers share what remains of them in proportion.

    Parameters
    ----------
    events
        The window's events with `attribute`: the one that measures each, if any.
    activities, customers, costing
        One row per activity with its rate; whose work is wanted; whose drivers.
    shares
        customer_id, attribute, share: the part of the attribute's cost that is over-service; `other_service` is of the
        work that no attribute measures.

    Returns
    -------
    Table
        customer_id, driver, channel (empty text: none recorded), events, minutes, cost; minutes x rate is rounded to
        four decimals per account, activity, driver, channel and attribute. `events` are weighted as the cost is;
        `pieces` are those of the record, whole, of which the driver has any part (of `over_service` its part).
    """
    import ibis

    named = events.mutate(
        driver=driver_of(events, costing),
        channel=events.channel.fill_null(""),
        attribute=served_as(events, costing).fill_null(""),
    )
    summed = named.group_by("customer_id", "activity", "driver", "channel", "attribute").aggregate(
        events=named.count(), minutes=named.minutes.sum()
    )
    mine = summed.filter(summed.customer_id.isin(customers.customer_id)).inner_join(activities, "activity")
    cost = cost_of(mine.minutes, mine.rate)
    mine = with_share(mine.mutate(cost=cost), shares)
    whole = (mine.share < 1).ifelse(mine.events, 0)
    return ibis.union(_part(mine, 1 - mine.share, mine.driver, whole), _over(mine)).aggregate(
        by=["customer_id", "driver", "channel"],
        events=ibis._.events.sum().cast("float64"),
        minutes=ibis._.minutes.sum().cast("float64"),
        cost=ibis._.cost.sum().cast("float64"),
        pieces=ibis._.pieces.sum().cast("float64"),
    )


def served_as(events: ibis.Table, costing: Costing) -> ibis.Column:
    """Return the attribute that each event is compared by: its own, or `other_service`; empty where by none.

    Work that our failures caused, that obtains business, or that handles orders and what comes back of them is never
    service beyond what is due.
    """
    import ibis

    every = costing.activities.items()
    handling = {a.group or a.resource for _, a in every if a.per_order}
    names = [
        name
        for name, a in every
        if a.demand == "value"
        and a.purpose != "obtain"
        and not a.per_order
        and (a.group or a.resource) not in handling
        and "return" not in name
    ]
    if not names:
        return events.attribute
    other = events.attribute.isnull() & events.activity.isin(names) & ~events.ours & events.order_id.isnull()
    return other.ifelse(ibis.literal(OTHER_SERVICE), events.attribute)


def with_share(work: ibis.Table, shares: ibis.Table) -> ibis.Table:
    """Return the work with the `share` of it that is over-service; failure work and obtaining have none."""
    joined = work.left_join(shares, ["customer_id", "attribute"]).select(*work.columns, "share")
    due = joined.driver.isin(["failure", "obtaining"])
    return joined.mutate(share=due.ifelse(0.0, joined.share.fill_null(0.0)))


def _over(work: ibis.Table) -> ibis.Table:
    import ibis

    some = work.filter(work.share > 0)
    return _part(some, some.share, ibis.literal("over_service"), some.events.cast("float64") * some.share)


def _part(work: ibis.Table, share: ibis.Column, driver: ibis.Value, pieces: ibis.Column) -> ibis.Table:
    return work.select(
        "customer_id",
        "channel",
        driver=driver,
        **{
            name: (work[name].cast("float64") * share).cast("decimal(38, 10)") for name in ("events", "minutes", "cost")
        },
        pieces=pieces.cast("decimal(38, 10)"),
    )
