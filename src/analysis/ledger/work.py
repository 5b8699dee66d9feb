"""Cost the service events: minutes by the log or the time equation, summed per account and activity."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

from analysis.data.contract import Kind
from analysis.ledger.cost import cost_of
from analysis.ledger.costing import Activity, Costing
from analysis.policy import Policy
from analysis.window import Window

if TYPE_CHECKING:
    import ibis
    import pandas as pd

MONEY, MINUTES = Kind.MONEY.value, Kind.MINUTES.value


def events_with_minutes(
    events: ibis.Table, cases: ibis.Table | None, costing: Costing, policy: Policy, window: Window
) -> ibis.Table:
    """Return the window's events as `with_minutes` does."""
    inside = events.filter(events["at"] >= window.start, events["at"] < window.after)
    return with_minutes(inside, cases, costing, policy)


def with_minutes(events: ibis.Table, cases: ibis.Table | None, costing: Costing, policy: Policy) -> ibis.Table:
    """Return events with `minutes` settled, the time equation's, and whether they were `logged` and are `ours`.

    Logged minutes above 0 win; a logged 0 counts as not logged unless the policy says `logged_zero = "zero"`;
    else the activity's time equation gives them. An event is `ours` where its case has cause `ours`.
    """
    logged = events.minutes.notnull() if policy.logged_zero == "zero" else events.minutes > 0
    logged = logged.fill_null(False)
    equation = time_equation(events, costing)
    minutes = logged.ifelse(events.minutes, equation)
    return events.mutate(minutes=minutes, equation=equation, logged=logged, ours=_ours(events, cases))


def _ours(events: ibis.Table, cases: ibis.Table | None) -> ibis.Value:
    import ibis

    if cases is None:
        return ibis.literal(False)
    return events.case_id.isin(cases.filter(cases.cause == "ours").case_id).fill_null(False)


def time_equation(events: ibis.Table, costing: Costing) -> ibis.Column:
    """Return the minutes that each event's activity takes by its time equation, never below 0."""
    import ibis

    branches = [(events.activity == name, _equation(events, a)) for name, a in costing.activities.items()]
    if not branches:
        return ibis.literal(0).cast(MINUTES)
    return ibis.greatest(ibis.cases(*branches, else_=0.0), 0.0).cast(MINUTES)


def _equation(events: ibis.Table, activity: Activity) -> ibis.Value:
    """Return minutes + the `per` terms + the `when` terms; an empty quantity is 1, any other empty number 0."""
    import ibis

    terms: list[Any] = [ibis.literal(activity.minutes, "float64")]
    for column, each in activity.per.items():
        if each:
            count = events[column].cast("float64").fill_null(1.0 if column == "quantity" else 0.0)
            terms.append(count * each)
    for condition, more in activity.when.items():
        if more:
            column, equals, value = condition.partition("=")
            holds = _is(events[column], value) if equals else events[column]
            terms.append(holds.fill_null(False).ifelse(more, 0.0))
    return reduce(add, terms)


def _is(column: ibis.Column, value: str) -> ibis.Column:
    return column == float(value) if column.type().is_numeric() else column.cast("string") == value


def work_by_activity(events: ibis.Table) -> ibis.Table:
    """Return events and minutes per customer_id (as it stands on the event) and activity.

    Columns: customer_id, activity, events, minutes, logged_minutes, ours_minutes, ours_logged_minutes,
    unrequested_minutes, out_of_scope_minutes; minutes are exact sums of DECIMAL(18, 6).
    """
    return events.group_by("customer_id", "activity").aggregate(
        events=events.count(),
        minutes=events.minutes.sum(),
        logged_minutes=events.minutes.sum(where=events.logged),
        ours_minutes=events.minutes.sum(where=events.ours),
        ours_logged_minutes=events.minutes.sum(where=events.ours & events.logged),
        unrequested_minutes=events.minutes.sum(where=~events.requested),
        out_of_scope_minutes=events.minutes.sum(where=~events.in_scope),
    )


def activity_table(costing: Costing) -> pd.DataFrame:
    """Return one row per activity: rate, group, purpose, failure, avoidable (NaN: not stated), resale, whole_steps.

    Of a resource whose capacity goes in whole steps, no single account's work lets any go.
    """
    import pandas as pd

    rows = [
        {
            "activity": name,
            "resource": activity.resource,
            "group": costing.group_of(name),
            "serves": activity.purpose != "obtain",
            "failure": activity.demand == "failure",
            "rate": costing.resources[activity.resource].rate,
            "avoidable": costing.resources[activity.resource].avoidable,
            "resale": costing.resources[activity.resource].resale,
            "whole_steps": costing.resources[activity.resource].capacity_step is not None,
        }
        for name, activity in costing.activities.items()
    ]
    columns = ["activity", "resource", "group", "serves", "failure", "rate", "avoidable", "resale", "whole_steps"]
    return pd.DataFrame(rows, columns=columns).astype({"avoidable": "float64", "rate": "float64", "resale": "float64"})


def with_assigned(work: ibis.Table, customers: ibis.Table) -> ibis.Table:
    """Return the work with `assigned`: whether its customer is one of `customers`."""
    return work.mutate(assigned=work.customer_id.isin(customers.customer_id).fill_null(False))


def costed(work: ibis.Table, activities: ibis.Table) -> ibis.Table:
    """Return the work with what it costs: minutes x rate, to four decimals, per account and activity.

    Adds the activity's columns, cost, failure_cost, unrequested_cost, out_of_scope_cost, avoidable_cost, unknown_cost
    (of resources that state no avoidable share) and freed_value.
    """
    joined = work.inner_join(activities, "activity")
    failure_minutes = joined.failure.ifelse(joined.minutes, joined.ours_minutes)

    def money(minutes: ibis.Column, rate: ibis.Column) -> ibis.Column:
        return cost_of(minutes, rate).fill_null(0)

    return joined.mutate(
        cost=money(joined.minutes, joined.rate),
        failure_cost=money(failure_minutes, joined.rate),
        unrequested_cost=money(joined.unrequested_minutes, joined.rate),
        out_of_scope_cost=money(joined.out_of_scope_minutes, joined.rate),
        avoidable_cost=money(joined.minutes, joined.rate * joined.avoidable.fill_null(0)),
        unknown_cost=joined.avoidable.isnull().ifelse(money(joined.minutes, joined.rate), 0),
        freed_value=money(joined.minutes, joined.resale),
    )


def work_by_account(work: ibis.Table, groups: list[str]) -> ibis.Table:
    """Return the costed work of each account: the statement's lines below gross margin."""
    mine = work.filter(work.assigned)
    serving = mine.serves
    lines = {
        f"cts_{group}": mine.cost.sum(where=serving & (mine.group == group)).fill_null(0).cast(MONEY)
        for group in groups
    }
    parts = {
        name: mine[name].sum(where=serving).fill_null(0).cast(MONEY)
        for name in ("failure_cost", "unrequested_cost", "out_of_scope_cost")
    }
    return mine.group_by("customer_id").aggregate(
        cost_to_serve=mine.cost.sum(where=serving).fill_null(0),
        cost_to_obtain=mine.cost.sum(where=~serving).fill_null(0),
        service_minutes=mine.minutes.sum(),
        events=mine.events.sum().cast("int64"),
        avoidable_work=mine.avoidable_cost.sum(),
        unknown_work=mine.unknown_cost.sum(),
        freed_value=mine.freed_value.sum(),
        **lines,
        **parts,
    )


def minutes_by_activity(work: ibis.Table) -> ibis.Table:
    """Return each account's minutes per activity, logged and modelled, and those of failure work, as numbers.

    Columns: customer_id, activity, logged, modelled, failure_logged, failure_modelled.
    """
    mine = work.filter(work.assigned)
    logged = mine.logged_minutes.fill_null(0)
    failed = mine.failure.ifelse(mine.minutes, mine.ours_minutes).fill_null(0)
    failed_logged = mine.failure.ifelse(mine.logged_minutes, mine.ours_logged_minutes).fill_null(0)
    columns = {
        "logged": logged,
        "modelled": mine.minutes - logged,
        "failure_logged": failed_logged,
        "failure_modelled": failed - failed_logged,
    }
    return mine.select("customer_id", "activity", **{name: value.cast("float64") for name, value in columns.items()})
