"""The next step of each account as the pages read it: the run's own table, or else what the accounts' table says."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.data.contract import OUTPUTS
from analysis.formats import is_known
from analysis.reporting.action_words import action_title
from analysis.reporting.run import Run

TABLE = "next_steps"
COLUMNS = (
    *("customer_id", "step", "sentence", "attribute", "level_now", "level_then", "per"),
    *("value", "value_low", "value_high", "who", "when_by", "against", "would_change", "because"),
    *("talk_first", "protect_first", "stake"),
)


def next_steps(run: Run) -> pd.DataFrame:
    """Return one row per account with the columns of `COLUMNS`; what is not known is empty."""
    rows = run.table(TABLE) if TABLE in OUTPUTS else pd.DataFrame()
    known = run.accounts[["customer_id"]]
    if rows.empty:
        rows = _from_accounts(run)
    told = {name: rows.get(name) for name in COLUMNS}
    frame = known.merge(pd.DataFrame(told, index=rows.index), on="customer_id", how="left")
    return frame.assign(stake=frame["stake"].astype("float64").fillna(0.0))


def _from_accounts(run: Run) -> pd.DataFrame:
    accounts = run.accounts
    return pd.DataFrame(
        {
            "customer_id": accounts["customer_id"],
            "step": accounts["action"],
            "sentence": [action_title(code) if isinstance(code, str) else None for code in accounts["action"]],
            "value": accounts["action_value"],
            "value_low": accounts["action_value_low"],
            "value_high": accounts["action_value_high"],
            "who": accounts["account_manager"],
            "stake": _stakes(run),
        }
    )


def _stakes(run: Run) -> pd.Series[Any]:
    """Return the money at stake with each account: the most of its loss, its over-service, its step and its leaving."""
    accounts = run.accounts
    rescue = run.rescue.set_index("customer_id")["at_stake"] if len(run.rescue) else pd.Series(dtype="float64")
    parts = pd.DataFrame(
        {
            "loss": -accounts["net_margin"].astype("float64"),
            "beyond": accounts["over_service_cost"].astype("float64"),
            "step": accounts["action_value"].astype("float64"),
            "leaving": accounts["customer_id"].map(rescue).astype("float64"),
        }
    )
    return parts.max(axis=1).clip(lower=0.0)


def largest(run: Run, most: int) -> list[str]:
    """Return the ids of so many accounts, those with most money at stake first; equal ones by net revenue, then id."""
    rows = next_steps(run)[["customer_id", "stake"]].merge(run.accounts[["customer_id", "net_revenue"]])
    order = rows.sort_values(["stake", "net_revenue", "customer_id"], ascending=[False, False, True], kind="stable")
    return [str(key) for key in order["customer_id"].head(most)]


def text_of(value: Any) -> str:
    """Return a cell's text; nothing where it is empty."""
    return "" if value is None or value is pd.NA or (isinstance(value, float) and not is_known(value)) else str(value)
