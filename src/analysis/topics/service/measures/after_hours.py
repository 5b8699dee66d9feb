"""What work after hours cost each account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.ledger.cost import cost_of

if TYPE_CHECKING:
    import ibis
    import pandas as pd


def after_hours_by_account(events: ibis.Table, rates: ibis.Table, customers: ibis.Table) -> pd.DataFrame:
    """Return customer_id, after_hours_cost: of serving work that the record marks as done after hours.

    Parameters
    ----------
    events
        The window's events, settled (Ibis).
    rates
        One row per activity with its resource's rate.
    customers
        Whose.
    """
    late = events.filter(events.after_hours.fill_null(False)).semi_join(customers, "customer_id")
    minutes = late.group_by("customer_id", "activity").aggregate(minutes=late.minutes.sum())
    work = minutes.inner_join(rates.select("activity", "rate", "serves"), "activity")
    work = work.filter(work.serves)
    cost = cost_of(work.minutes, work.rate).fill_null(0)
    frame: pd.DataFrame = (
        work.group_by("customer_id").aggregate(after_hours_cost=cost.sum().cast("float64")).to_pandas()
    )
    return frame
