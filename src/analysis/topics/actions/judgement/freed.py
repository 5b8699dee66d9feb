"""What the time that a plan frees is worth: what it replaces, and nothing while the same hands stand idle already.

An hour freed where a resource works beyond its capacity replaces an hour that it has not; any other joins the hours
that stand idle, until they are used up or let go. Cash comes only with what can be let go at once: whole steps of
capacity (a person, a shift) where the costing states them, else the share of its cost that the costing says would go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.ledger.costing import Resource
from analysis.topics.actions.judgement.packages import steps_of
from analysis.topics.actions.judgement.situation import Floats, Pool
from analysis.topics.actions.judgement.steps import STEPS
from analysis.topics.actions.judgement.weigh import Weighing

if TYPE_CHECKING:
    import pandas as pd

#: A step of capacity is whole from here on: hours are sums of many amounts.
HAIR = 1e-9


def freed_by_resource(weighing: Weighing, planned: pd.DataFrame, minutes: pd.DataFrame) -> pd.Series[float]:
    """Return the hours a year that a plan frees, by resource.

    Parameters
    ----------
    planned
        row (of the situation) and action of each step or package.
    minutes
        customer_id, resource, cell, minutes: the window's work that steps act on, by who does it.
    """
    import pandas as pd

    ids = weighing.situation.accounts.customer_id
    found = {}
    for resource, rows in minutes.groupby("resource"):
        cells = rows.pivot_table(index="customer_id", columns="cell", values="minutes", aggfunc="sum").reindex(ids)
        found[str(resource)] = _freed(weighing, planned, {str(cell): cells[cell].fillna(0.0) for cell in cells})
    return pd.Series(found, dtype="float64")


def _freed(weighing: Weighing, planned: pd.DataFrame, cells: Mapping[str, pd.Series[float]]) -> float:
    here, nothing = weighing.situation, np.zeros(len(weighing.situation))

    def of(name: str) -> Floats:
        return cells[name].to_numpy(dtype=np.float64) if name in cells else nothing

    pools = {name: Pool(nothing, nothing, of(name)) for name in here.pools}
    again = {
        name: pools[name].times(_times(pool.minutes, here.pools[name].minutes)) for name, pool in here.again.items()
    }
    mine = replace(weighing, situation=replace(here, pools=pools, again=again))
    total = 0.0
    for action, rows in planned.groupby("action"):
        steps = tuple(STEPS[name] for name in steps_of(str(action)))
        total += float(mine.row(steps, rows.row.to_numpy(dtype=np.intp)).freed_hours.sum())
    return total


def _times(again: Floats, seen: Floats) -> Floats:
    """Return how many times the work of the window is to be expected in a like time."""
    return np.divide(again, seen, out=np.ones_like(again), where=seen != 0)


def freed_capacity(
    freed: pd.Series[float], supplied: pd.DataFrame, resources: Mapping[str, Resource], years: float, period: float
) -> pd.DataFrame:
    """Return `tables/freed_capacity`: the time that the plan frees beside what stands idle, and what it brings.

    Parameters
    ----------
    freed
        Hours a year by resource.
    supplied
        `tables/resources`.
    resources
        The costing's.
    years, period
        What the window, and the costing's period, cover, in years.
    """
    import pandas as pd

    rows = supplied[["resource"]].assign(unused=supplied.unused_minutes / 60 / years)
    rows = rows.assign(freed_hours=rows.resource.map(freed).astype("float64").fillna(0.0))
    rows["idle_hours"] = rows.unused.clip(lower=0.0)
    rows["relieves_hours"] = np.minimum(rows.freed_hours, (-rows.unused).clip(lower=0.0))
    each = [_brings(row, resources[str(row.resource)], period) for row in rows.itertuples()]
    return pd.concat([rows, pd.DataFrame(each, index=rows.index)], axis="columns")


def _brings(row: object, resource: Resource, period: float) -> dict[str, float | int | None]:
    """Return what the freed hours of a resource cost, and what they bring, a year."""
    freed, idle, relieves = (float(getattr(row, name)) for name in ("freed_hours", "idle_hours", "relieves_hours"))
    hour, rest = 60 * resource.rate, freed - relieves
    step = resource.capacity_step / 60 / period if resource.capacity_step else None
    goes = resource.avoidable if resource.avoidable is not None else float(step is not None)
    steps_idle = None if step is None else int(idle / step + HAIR)
    steps_freed = None if step is None or steps_idle is None else int((idle + rest) / step + HAIR) - steps_idle
    let_go = rest if step is None or steps_freed is None else steps_freed * step
    return {
        "freed_cost": freed * hour,
        "capacity_step_hours": step,
        "steps_idle": steps_idle,
        "steps_freed": steps_freed,
        "cash_year": let_go * hour * goes + 60 * rest * resource.resale,
        "worth_year": relieves * hour + let_go * hour * goes + 60 * rest * resource.resale,
    }
