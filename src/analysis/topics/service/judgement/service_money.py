"""Service in money where it is easily missed: beyond agreed and wanted, after hours, standing ready, and owed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from analysis.data.contract import conform

if TYPE_CHECKING:
    import pandas as pd

TABLE = "service_money"


def service_money(
    judged: pd.DataFrame,
    rows: pd.DataFrame,
    levels: pd.DataFrame,
    offers: pd.DataFrame,
    after_hours: pd.DataFrame | None,
    unit_costs: Mapping[str, float],
) -> pd.DataFrame:
    """Return `tables/service_money`: a row for each account.

    Parameters
    ----------
    judged
        customer_id, beyond_agreed_cost, beyond_wanted_cost.
    rows
        `tables/service_gaps`.
    levels
        customer_id, attribute, entitled: the levels that are due.
    offers
        The table of that name: what stands ready, and what of it nobody used.
    after_hours
        customer_id, after_hours_cost; None where the record does not say what was after hours.
    unit_costs
        Cost of one unit by attribute, over all accounts: for those that got none.
    """
    found = judged[["customer_id", "beyond_agreed_cost", "beyond_wanted_cost"]].copy()
    if after_hours is not None:
        cost = after_hours.set_index("customer_id").after_hours_cost
        found["after_hours_cost"] = found.customer_id.map(cost).astype("float64").fillna(0.0)
    found["standing_ready_cost"] = found.customer_id.map(standing_ready(levels, offers)).astype("float64")
    found["under_service_cost"] = found.customer_id.map(owed(rows, unit_costs)).astype("float64")
    return conform(found.sort_values("customer_id"), TABLE)


def standing_ready(levels: pd.DataFrame, offers: pd.DataFrame) -> pd.Series[float]:
    """Return each entitled account's share of what stands ready unused, by the level that was agreed with it.

    One that may have all there is counts as the most that any other may have; where all may, each counts alike.
    """
    import pandas as pd

    parts = []
    for offer in offers.itertuples():
        mine = levels[(levels.attribute == offer.attribute) & (levels.entitled > 0)].set_index("customer_id").entitled
        finite = mine[np.isfinite(mine)]
        share = mine.where(np.isfinite(mine), finite.max() if len(finite) else 1.0)
        if len(share):
            parts.append(share / share.sum() * max(float(offer.unused_cost), 0.0))
    if not parts:
        return pd.Series(dtype="float64")
    return pd.concat(parts).groupby(level=0).sum().round(4)


def owed(rows: pd.DataFrame, unit_costs: Mapping[str, float]) -> pd.Series[float]:
    """Return what it would cost to give each account what was agreed and not delivered, at its own unit cost."""
    short = rows[(rows.kind == "under") & (rows.short_of_agreed > 0) & np.isfinite(rows.short_of_agreed)]
    units = short.delivered * short.periods
    own = (short.cost / units).where((units > 0) & (short.cost > 0))
    each = own.fillna(short.attribute.map(dict(unit_costs)).astype("float64"))
    cost = (short.short_of_agreed * short.periods * each).rename("cost")
    return cost.groupby(short.customer_id).sum(min_count=1).round(4)
