"""Where the time went: capacity by month, and what each activity's log says of its time equation."""

from __future__ import annotations

from calendar import monthrange
from typing import TYPE_CHECKING, Any

from analysis.data.contract import conform
from analysis.ledger.costing import Costing
from analysis.policy import PERIOD_MONTHS
from analysis.window import Window

if TYPE_CHECKING:
    import ibis
    import pandas as pd


def capacity_by_month(events: ibis.Table, costing: Costing, window: Window) -> pd.DataFrame:
    """Return `tables/capacity`: resource, month (its first day), capacity_minutes, used_minutes, unused_minutes.

    A month's capacity is the period's over its months; a month that the window cuts gets its share by days. Every
    month of the window has a row, used or not; a negative `unused_minutes` is a month beyond capacity.
    """
    import pandas as pd

    used = events.group_by(month=events["at"].truncate("M").date(), activity=events.activity).aggregate(
        used_minutes=events.minutes.sum().cast("float64")
    )
    frame = used.to_pandas()
    frame["resource"] = frame.activity.map({name: a.resource for name, a in costing.activities.items()})
    frame["month"] = pd.to_datetime(frame.month)
    months = pd.date_range(window.start.replace(day=1), window.end, freq="MS")
    every = pd.MultiIndex.from_product([sorted(costing.resources), months], names=["resource", "month"])
    minutes = frame.groupby(["resource", "month"]).used_minutes.sum().reindex(every, fill_value=0.0).reset_index()
    part = minutes.month.map(lambda month: _part_of_month(month, window))
    period = PERIOD_MONTHS[costing.period]
    supplied = minutes.resource.map({name: r.capacity_minutes / period for name, r in costing.resources.items()})
    minutes["capacity_minutes"] = supplied * part
    minutes["unused_minutes"] = minutes.capacity_minutes - minutes.used_minutes
    return conform(minutes, "capacity")


def _part_of_month(month: Any, window: Window) -> float:
    days = monthrange(month.year, month.month)[1]
    first = max(month.date(), window.start)
    last = min(month.date().replace(day=days), window.end)
    return ((last - first).days + 1) / days


def logs_against_equations(events: ibis.Table) -> ibis.Table:
    """Return, per activity, the events that have a log and their minutes by the log and by the time equation.

    Columns: activity, logged_events, logged_minutes, equation_minutes.
    """
    logged = events.filter(events.logged)
    return logged.group_by("activity").aggregate(
        logged_events=logged.count(),
        logged_minutes=logged.minutes.sum().cast("float64"),
        equation_minutes=logged.equation.sum().cast("float64"),
    )


def activities(events: ibis.Table, work: ibis.Table, costing: Costing) -> pd.DataFrame:
    """Return `tables/activities`: what each activity took and cost, and how its log compares with its time equation.

    `log_ratio` is logged minutes over the time equation's for the same events: 1 where the equation is right, empty
    where nothing was logged or the equation gives 0.
    """
    import pandas as pd

    sums = work.group_by("activity").aggregate(
        events=work.events.sum(),
        minutes=work.minutes.sum().cast("float64"),
        cost=work.cost.sum().cast("float64"),
        unassigned_cost=work.cost.sum(where=~work.assigned).fill_null(0).cast("float64"),
    )
    every = pd.DataFrame(
        {
            "activity": sorted(costing.activities),
            "resource": [costing.activities[name].resource for name in sorted(costing.activities)],
        }
    )
    frame = every.merge(sums.to_pandas(), on="activity", how="left")
    frame = frame.merge(logs_against_equations(events).to_pandas(), on="activity", how="left")
    filled = {name: frame[name].fillna(0) for name in frame.columns if name not in ("activity", "resource")}
    frame = frame.assign(**filled)
    there = (frame.equation_minutes > 0) & (frame.logged_events > 0)
    frame["log_ratio"] = (frame.logged_minutes / frame.equation_minutes.where(there)).where(there)
    return conform(frame, "activities")
