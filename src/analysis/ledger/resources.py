"""Capacity: what each resource supplies in the window, what was used of it, and what belongs to no account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.data.contract import conform
from analysis.ledger.costing import Costing
from analysis.window import Window

if TYPE_CHECKING:
    import ibis
    import pandas as pd


def resources(work: ibis.Table | None, costing: Costing, window: Window) -> pd.DataFrame:
    """Return `tables/resources`: supplied, used, unassigned and unused, scaled to the window.

    Unused cost = supplied - used; it is charged to no account, and negative where a resource did more than its
    practical capacity.
    """
    import pandas as pd

    scale = costing.scale(window.months)
    supplied = pd.DataFrame(
        {
            "resource": list(costing.resources),
            "supplied_cost": [round(r.cost * scale, 4) for r in costing.resources.values()],
            "capacity_minutes": [r.capacity_minutes * scale for r in costing.resources.values()],
        }
    ).astype({"resource": "str", "supplied_cost": "float64", "capacity_minutes": "float64"})
    used = supplied.merge(_used(work), on="resource", how="left").fillna(
        {"used_minutes": 0.0, "used_cost": 0.0, "unassigned_cost": 0.0}
    )
    used["unused_minutes"] = used.capacity_minutes - used.used_minutes
    used["unused_cost"] = (used.supplied_cost - used.used_cost).round(4)
    return conform(used.sort_values("resource", ignore_index=True), "resources")


def _used(work: ibis.Table | None) -> pd.DataFrame:
    import pandas as pd

    if work is None:
        return pd.DataFrame(columns=["resource", "used_minutes", "used_cost", "unassigned_cost"]).astype(
            {"resource": "str", "used_minutes": float, "used_cost": float, "unassigned_cost": float}
        )
    used = work.group_by("resource").aggregate(
        used_minutes=work.minutes.sum().cast("float64"),
        used_cost=work.cost.sum().cast("float64"),
        unassigned_cost=work.cost.sum(where=~work.assigned).fill_null(0).cast("float64"),
    )
    frame: pd.DataFrame = used.to_pandas()
    return frame
