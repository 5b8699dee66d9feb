"""What each account was served with: units of every service attribute, measured on the engine.

Work that a failure of ours caused is no service: an activity whose `demand` is `failure`, or an event on a case with
cause `ours`, is measured by no attribute.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add, and_
from typing import TYPE_CHECKING, Any

from analysis.errors import Example, PolicyError, Problem
from analysis.ledger.cost import cost_of
from analysis.ledger.costing import Costing
from analysis.ledger.working_time import WorkingTime
from analysis.policy import Policy, ServiceAttribute, Where
from analysis.window import Window

if TYPE_CHECKING:
    import ibis

NONE = "none"
_TEXTS = ("channel", "department")


def measured_attributes(policy: Policy, costing: Costing | None) -> dict[str, ServiceAttribute]:
    """Return the attributes that can be measured: those of cases, and those with an activity of the costing."""
    known = set(costing.activities) if costing else set()
    return {
        name: attribute
        for name, attribute in policy.service.items()
        if attribute.measure == "response_hours" or known & set(attribute.activities)
    }


def with_attribute(events: ibis.Table, attributes: Mapping[str, ServiceAttribute], costing: Costing) -> ibis.Table:
    """Return the events with `attribute`: the one that measures each, empty where none does.

    Parameters
    ----------
    events
        The window's events (Ibis) with `ours`, as `with_minutes` gives them.
    attributes
        The attributes in force; those of cases measure no events.

    Raises
    ------
    PolicyError
        Two attributes measure the same event; both are named, with an event.
    """
    import ibis

    holds = {
        name: _measures(events, attribute, costing)
        for name, attribute in attributes.items()
        if attribute.measure != "response_hours"
    }
    if not holds:
        return events.mutate(attribute=ibis.null("string"))
    _stop_where_two_measure_one(events, holds, attributes)
    return events.mutate(attribute=ibis.cases(*((condition, name) for name, condition in holds.items())))


def _measures(events: ibis.Table, attribute: ServiceAttribute, costing: Costing) -> ibis.Column:
    """Return whether an attribute measures each event: its activity, not failure work, every condition."""
    value = [a for a in attribute.activities if a in costing.activities and costing.activities[a].demand == "value"]
    if not value:
        return events.event_id.isnull() & events.event_id.notnull()
    return reduce(and_, [events.activity.isin(value), ~events.ours, *conditions(events, attribute.where)])


def conditions(events: ibis.Table, where: Where) -> list[Any]:
    """Return the conditions on the events, each true or false: an empty flag is false, an empty text is `none`."""
    found = []
    for name, wanted in where.model_dump(exclude_none=True).items():
        column = name.removesuffix("_not")
        value = events[column].fill_null(NONE if column in _TEXTS else False)
        found.append(value != wanted if name.endswith("_not") else value == wanted)
    return found


def _stop_where_two_measure_one(
    events: ibis.Table, holds: Mapping[str, Any], attributes: Mapping[str, ServiceAttribute]
) -> None:
    every = {name: set(attributes[name].activities) for name in holds}
    names = [name for name in holds if any(every[name] & every[other] for other in holds if other != name)]
    if len(names) < 2:
        return
    marks = {f"m{place}": holds[name].ifelse(1, 0) for place, name in enumerate(names)}
    marked = events.select("event_id", **marks)
    twice = marked.filter(reduce(add, (marked[mark] for mark in marks)) > 1)
    found = twice.order_by("event_id").limit(1).to_pandas()
    if found.empty:
        return
    both = [name for place, name in enumerate(names) if found[f"m{place}"][0]]
    message = f"{both[0]} and {both[1]} measure the same event"
    mend = "Give one of them other activities, or a `where` that leaves out the other's."
    example = Example(None, "", str(found.event_id[0]))
    raise PolicyError([Problem("policy", f"service.{both[1]}", "measured_twice", message, mend, examples=(example,))])


def service_work(events: ibis.Table, activities: ibis.Table, customers: ibis.Table) -> ibis.Table:
    """Return each account's measured work by attribute and activity.

    Parameters
    ----------
    events
        As `with_attribute` gives them.
    activities
        One row per activity with its `rate`.
    customers
        Whose work is wanted.

    Returns
    -------
    Table
        customer_id, attribute, activity, events, minutes, logged, modelled (minutes) and cost, as numbers; minutes x
        rate is rounded to four decimals per account, attribute and activity.
    """
    import ibis

    mine = events.filter(events.attribute.notnull(), events.customer_id.isin(customers.customer_id))
    summed = mine.group_by("customer_id", "attribute", "activity").aggregate(
        events=mine.count(),
        all_minutes=mine.minutes.sum(),
        logged=mine.minutes.sum(where=mine.logged).fill_null(0),
    )
    joined = summed.inner_join(activities.select("activity", "rate"), "activity")
    return joined.select(
        "customer_id",
        "attribute",
        "activity",
        events=joined.events.cast("float64"),
        minutes=joined.all_minutes.cast("float64"),
        logged=joined.logged.cast("float64"),
        modelled=(joined.all_minutes - joined.logged).cast("float64"),
        cost=cost_of(joined.all_minutes, joined.rate).cast("float64"),
    ).order_by(ibis.asc("customer_id"), ibis.asc("attribute"), ibis.asc("activity"))


def response_hours(cases: ibis.Table, window: Window, time: WorkingTime) -> ibis.Table:
    """Return each account's median hours to the first answer, of the cases opened and answered in the window.

    Columns: customer_id, hours (as `time` counts them, without what waited for the customer), answered.
    """
    opened = cases.filter(cases.opened_at >= window.start, cases.opened_at < window.after)
    answered = opened.filter(opened.first_response_at < window.after)
    hours = time.hours(answered.opened_at, answered.first_response_at, answered.waiting_hours)
    timed = answered.mutate(hours=hours)
    return timed.group_by("customer_id").aggregate(hours=timed.hours.median(), answered=timed.count())


def customer_days(customers: ibis.Table, window: Window) -> ibis.Table:
    """Return customer_id and `days`: the days of the window on which it was a customer, first and last included."""
    import ibis

    first = ibis.greatest(customers.since.fill_null(window.start), window.start)
    last = ibis.least(customers.ended.fill_null(window.end), window.end)
    days = last.delta(first, unit="day") + 1
    return customers.select("customer_id", days=ibis.greatest(days, 0).cast("int64")).order_by("customer_id")
