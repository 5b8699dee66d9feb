"""Over-service on worlds of another generator, against the truth that came with them."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from analysis import Portfolio

pytestmark = [
    pytest.mark.slow,
    pytest.mark.real_data,
    pytest.mark.skipif("MUTUAL_VALUE_REAL_DATA" not in os.environ, reason="MUTUAL_VALUE_REAL_DATA is unset"),
]


def judged(world: str) -> pd.DataFrame:
    folder = Path(os.environ["MUTUAL_VALUE_REAL_DATA"]).parent / "strangers" / world
    p = Portfolio(folder / "data", "2026-10-31")
    truth = pd.read_csv(folder / "truth" / "accounts.csv", dtype={"customer_id": "str"}, keep_default_na=False)
    truth = truth[(truth.in_window.astype(str) == "True") & (truth.scored.astype(str) == "True")]
    rows = truth[["customer_id", "over_served"]].rename(columns={"over_served": "truly"})
    rows = rows.merge(p.computed.service_judgement, on="customer_id", how="left")
    p.opened.engine.close()
    return rows.assign(truly=rows.truly != "none", flagged=rows.over_served.fillna(False).astype(bool))


@pytest.mark.parametrize(("world", "least"), [("clean-1", 0.95), ("clean-2", 0.95), ("noisy-1", 0.88)])
def test_the_over_served_are_found(world, least):
    rows = judged(world)
    assert 2 * (rows.flagged & rows.truly).sum() / (rows.flagged.sum() + rows.truly.sum()) > least


def test_where_nobody_is_over_served_next_to_nobody_is_called_so():
    assert judged("null_structure-1").flagged.mean() < 0.01
