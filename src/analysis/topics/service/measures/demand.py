"""What work the accounts bring: by channel, department, weekday and hour, by week, and what nobody asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.data.contract import conform
from analysis.ledger.cost import cost_of

if TYPE_CHECKING:
    import ibis
    import pandas as pd


def _serving(events: ibis.Table, activities: ibis.Table, customers: ibis.Table) -> ibis.Table:
    """Return the accounts' work that is cost to serve, with its activity's rate and group."""
    mine = events.filter(events.customer_id.isin(customers.customer_id))
    return mine.inner_join(activities.filter(activities.serves), "activity")


def _summed(rows: ibis.Table, keys: list[str]) -> pd.DataFrame:
    """Return events, minutes and costs by key; costs are exact sums of minutes x rate by activity, rounded once."""
    import ibis

    parts = rows.group_by(*keys, "activity", "rate").aggregate(
        events=rows.count(),
        minutes=rows.minutes.sum(),
        failed=rows.minutes.sum(where=rows.failure | rows.ours),
        unasked=rows.minutes.sum(where=~rows.requested),
        beyond=rows.minutes.sum(where=~rows.in_scope),
    )

    def money(minutes: ibis.Column) -> ibis.Scalar:
        return cost_of(minutes.fill_null(0), parts.rate).sum().cast("float64")

    summed = parts.group_by(*keys).aggregate(
        events=parts.events.sum(),
        minutes=parts.minutes.sum().cast("float64"),
        cost=money(parts.minutes),
        failure_cost=money(parts.failed),
        unrequested_cost=money(parts.unasked),
        out_of_scope_cost=money(parts.beyond),
    )
    found: pd.DataFrame = summed.order_by([ibis.asc(key, nulls_first=False) for key in keys]).to_pandas()
    return found


def demand(events: ibis.Table, activities: ibis.Table, customers: ibis.Table) -> pd.DataFrame:
    """Return `tables/demand`: cost to serve by channel, department, group, weekday and hour.

    Parameters
    ----------
    events
        The window's events (Ibis), their minutes settled.
    activities
        One row per activity: rate, group, serves, failure.
    customers
        Whose work it is; unassigned work is nobody's demand.
    """
    rows = _serving(events, activities, customers)
    rows = rows.mutate(weekday=rows["at"].day_of_week.index() + 1, hour=rows["at"].hour())
    return conform(_summed(rows, ["channel", "department", "group", "weekday", "hour"]), "demand")


def demand_by_week(events: ibis.Table, activities: ibis.Table, customers: ibis.Table) -> pd.DataFrame:
    """Return `tables/demand_by_week`: cost to serve by week and group."""
    rows = _serving(events, activities, customers)
    rows = rows.mutate(week=rows["at"].truncate("W").cast("date"))
    return conform(_summed(rows, ["week", "group"]), "demand_by_week")


def unasked(events: ibis.Table, activities: ibis.Table, customers: ibis.Table) -> pd.DataFrame:
    """Return `tables/unasked`: work that we offered unasked, by who started it, the costliest first."""
    rows = _serving(events, activities, customers)
    keys = ["department", "channel", "activity", "rate"]
    unasked = ~rows.requested
    summed = rows.group_by(*keys).aggregate(
        accounts=rows.customer_id.nunique(where=unasked),
        events=rows.count(where=unasked),
        unasked_minutes=rows.minutes.sum(where=unasked),
        whole=rows.minutes.sum(),
    )
    some = summed.filter(summed.events > 0)
    frame = some.select(
        "department",
        "channel",
        "activity",
        "accounts",
        "events",
        minutes=some.unasked_minutes.cast("float64"),
        cost=cost_of(some.unasked_minutes, some.rate).cast("float64"),
        share=some.unasked_minutes.cast("float64") / some.whole.cast("float64").nullif(0),
    ).to_pandas()
    by = ["cost", "department", "channel", "activity"]
    return conform(frame.sort_values(by, ascending=[False, True, True, True]), "unasked")
