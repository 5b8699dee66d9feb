"""Where accounts went, and whether chances that were told came true as often as told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.data.contract import conform
from analysis.policy import Backtest
from analysis.topics.backtest.judgement.weighing import Floats, drawn_ratio

if TYPE_CHECKING:
    import pandas as pd

TENTHS = np.linspace(0, 1, 11)
#: Rows that a group holds at least, and groups at most.
GROUP, GROUPS = 50, 10


def transitions(rows: pd.DataFrame) -> pd.DataFrame:
    """Return `tables/transitions`: from which segment to which, over all replayed days."""
    known = rows[rows.segment.notna() & rows.next_segment.notna()]
    found = known.groupby(["segment", "next_segment"], as_index=False).size().rename(columns={"size": "rows"})
    whole = found.groupby("segment")["rows"].transform("sum")
    return conform(found.assign(share=found["rows"] / whole), "transitions")


def reliability(rows: pd.DataFrame, policy: Backtest) -> pd.DataFrame:
    """Return `tables/reliability`: by tenths of the chance of a loss, and by equal groups of the chance to leave."""
    import pandas as pd

    loss = rows[rows.p_unprofitable.notna() & rows.next_net_margin.notna()]
    leaving = rows[rows.p_leaving.notna() & rows.left.notna()]
    told = loss.p_unprofitable.to_numpy(dtype=np.float64)
    chance = leaving.p_leaving.to_numpy(dtype=np.float64)
    found = [
        *_groups("p_unprofitable", loss, told, (loss.next_net_margin < 0).to_numpy(), _tenths(told), policy),
        *_groups("hazard", leaving, chance, leaving.left.to_numpy(dtype=bool), _alike(chance), policy),
    ]
    return conform(pd.DataFrame(found), "reliability")


def _tenths(told: Floats) -> Floats:
    """Return the tenth that each chance falls into, from 1; 1.0 falls into the last."""
    return np.clip(np.searchsorted(TENTHS, told, side="right"), 1, 10).astype(np.float64)


def _alike(told: Floats) -> Floats:
    """Return the group of each chance, from 1: groups of about the same size; equal chances are in one group."""
    groups = max(1, min(GROUPS, len(told) // GROUP))
    edges = np.quantile(told, np.arange(1, groups) / groups) if len(told) else np.zeros(0)
    return np.searchsorted(np.unique(edges), told, side="right").astype(np.float64) + 1


def _groups(
    subject: str, rows: pd.DataFrame, told: Floats, happened: Any, group: Floats, policy: Backtest
) -> Iterator[dict[str, Any]]:
    for number in np.unique(group):
        mine = group == number
        customers = rows.customer_id[mine]
        low, high = drawn_ratio(customers, happened[mine].astype(np.float64), np.ones(int(mine.sum())), policy)
        yield {
            "subject": subject,
            "group": int(number),
            "lowest": told[mine].min(),
            "highest": told[mine].max(),
            "rows": int(mine.sum()),
            "accounts": customers.nunique(),
            "events": int(happened[mine].sum()),
            "told": told[mine].mean(),
            "happened": happened[mine].mean(),
            "happened_low": low,
            "happened_high": high,
        }
