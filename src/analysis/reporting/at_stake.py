"""The next step of each account and the money at stake with it, as the pages of accounts read them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.formats import is_known
from analysis.run import Run


def next_steps(run: Run) -> pd.DataFrame:
    """Return `tables/next_steps` with a row for every account; where none was decided, its loss is at stake."""
    accounts = run.accounts[["customer_id", "net_margin"]]
    rows = run.table("next_steps").drop(columns="name")
    frame = accounts.merge(rows, on="customer_id", how="left")
    loss = (-frame["net_margin"].astype("float64")).clip(lower=0.0).fillna(0.0)
    return frame.drop(columns="net_margin").assign(stake=frame["stake"].astype("float64").fillna(loss))


def largest(run: Run, most: int) -> list[str]:
    """Return the ids of so many accounts, those with most money at stake first; equal ones by net revenue, then id."""
    rows = next_steps(run)[["customer_id", "stake"]].merge(run.accounts[["customer_id", "net_revenue"]])
    order = rows.sort_values(["stake", "net_revenue", "customer_id"], ascending=[False, False, True], kind="stable")
    return [str(key) for key in order["customer_id"].head(most)]


def text_of(value: Any) -> str:
    """Return a cell's text; nothing where it is empty."""
    return "" if value is None or value is pd.NA or (isinstance(value, float) and not is_known(value)) else str(value)
