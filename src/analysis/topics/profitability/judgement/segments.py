"""Segments: profitable or not, with low or high service demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.policy import Segments

if TYPE_CHECKING:
    import pandas as pd


#: What equals a line but for the last binary digits is not above it.
ABOVE = 1.0 + 1e-9


def demand_line(accounts: pd.DataFrame) -> float:
    """Return the portfolio's own service demand: (cost to serve - failure) / (list revenue - returns), sum over sum.

    NaN where there is nothing to divide by.
    """
    whole = float((accounts.list_revenue - accounts.returns).sum())
    part = float((accounts.cost_to_serve - accounts.failure_cost).sum())
    return part / whole if whole > 0 else float("nan")


def high_demand(accounts: pd.DataFrame, choices: Segments) -> pd.Series[bool]:
    """Return whether each account asks for more service than the portfolio (its size band, if so chosen).

    Where an account's own service demand is empty, any cost to serve is high demand.
    """
    import pandas as pd

    if choices.within_size_bands:
        bands = accounts["size"].fillna("")
        line = pd.Series(bands.map({band: demand_line(rows) for band, rows in accounts.groupby(bands)}), accounts.index)
    else:
        line = pd.Series(demand_line(accounts), accounts.index)
    above: pd.Series[bool] = (accounts.service_demand > line * ABOVE).where(
        accounts.service_demand.notna() & line.notna(), accounts.cost_to_serve > 0
    )
    return above.astype(bool)


def segment(accounts: pd.DataFrame, choices: Segments) -> pd.Series[str]:
    """Return each account's segment; empty where its running margin is not measured.

    Parameters
    ----------
    accounts
        customer_id, size, running_margin, cost_to_serve, failure_cost, list_revenue, returns, service_demand.
    choices
        The policy's `[segments]`: the threshold of profit, and whether the line of demand is drawn by size.
    """
    import numpy as np
    import pandas as pd

    profit = np.where(accounts.running_margin >= choices.profit_threshold, "profitable", "unprofitable")
    demand = np.where(high_demand(accounts, choices), "high", "low")
    names = pd.Series([f"{p}_{d}_demand" for p, d in zip(profit, demand, strict=True)], accounts.index, dtype="str")
    return names.where(accounts.running_margin.notna())
