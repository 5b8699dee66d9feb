"""The next step of each account and the money at stake with it, as the pages of accounts read them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.formats import is_known
from analysis.run import Run


def next_steps(run: Run) -> pd.DataFrame:
    """Return `tables/next_steps` with a row for every account; where none was decided, its loss is at stake.

    What is at stake with an account whose margin is not known, and for which no step was weighed, is not known.
    """
    accounts = run.accounts[["customer_id", "net_margin"]]
    rows = run.table("next_steps").drop(columns="name")
    frame = accounts.merge(rows, on="customer_id", how="left")
    margin = frame["net_margin"].astype("float64")
    stake = frame["stake"].astype("float64").fillna((-margin).clip(lower=0.0))
    return frame.drop(columns="net_margin").assign(stake=stake.where(margin.notna() | (stake > 0)))


#: What accounts are ordered by, the first that tells any of them apart, and how it is told.
ORDERS = {
    "stake": "money at stake",
    "net_revenue": "net revenue",
    "cost_to_serve": "cost to serve",
    "cases": "cases",
}


def largest(run: Run, most: int) -> list[str]:
    """Return the ids of so many accounts, those with most money at stake first.

    Equal ones, and those of which nothing at stake is known, by net revenue, cost to serve and id; by cases where
    none of these is known of anybody.
    """
    rows, by = _sizes(run), list(ORDERS)
    order = rows.sort_values([*by, "customer_id"], ascending=[False] * len(by) + [True], kind="stable")
    return [str(key) for key in order["customer_id"].head(most)]


def first_by(run: Run) -> str:
    """Return in words what those that come first have most of; nothing where nothing tells accounts apart."""
    rows = _sizes(run)
    return next((words for name, words in ORDERS.items() if (rows[name] > 0).any()), "")


def _sizes(run: Run) -> pd.DataFrame:
    sizes = run.accounts[["customer_id", "net_revenue", "cost_to_serve"]]
    rows = next_steps(run)[["customer_id", "stake"]].merge(sizes).assign(cases=float("nan"))
    rows = rows.astype(dict.fromkeys(ORDERS, "float64"))
    if not (rows[list(ORDERS)] > 0).any(axis=None):  # only then are cases asked for: few pages are made of them
        cases = run.table("communication").set_index("customer_id")["cases"]
        rows["cases"] = rows["customer_id"].map(cases).astype("float64")
    return rows


def text_of(value: Any) -> str:
    """Return a cell's text; nothing where it is empty."""
    return "" if value is None or value is pd.NA or (isinstance(value, float) and not is_known(value)) else str(value)
