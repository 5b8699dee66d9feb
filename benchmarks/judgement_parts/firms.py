"""A family of firms: every judgement on firms of many trades, as a distribution, with the worst five named.

Each firm (`mutual-value sample --firm N`) has base rates, scales, noise, an order of money, stated levels, raters and
gaps in its records of its own. The scores are those of `strangers`. Firms are numbered from the first seed on.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import Portfolio
from judgement_parts.strangers import looked_at, scores
from judgement_parts.worlds import AS_OF
from sample_firms import make_sample

#: Days of the window as a customer from which an account is scored.
DAYS = 120
LOWER_IS_BETTER = ("its cost off by", "caused by us, blamed", "falsely over-served", "falsely difficult")
WORST = 5


@dataclass(frozen=True)
class Firm:
    """A firm of the family, by its number."""

    number: int
    accounts: int


def worlds(seeds: range, accounts: int) -> list[Firm]:
    """Return the firms to judge."""
    return [Firm(seed, accounts) for seed in seeds]


def judged(firm: Firm) -> pd.DataFrame:
    """Return one row per account: the truth, and what is judged."""
    with tempfile.TemporaryDirectory() as folder:
        place = make_sample(Path(folder) / "firm", firm=firm.number, accounts=firm.accounts, file_format="parquet")
        p = Portfolio(place, AS_OF)
        rows = _truth(place / "truth").merge(looked_at(p), on="customer_id", how="left")
        rows = rows.merge(p.computed.days, on="customer_id", how="left")
        years = rows.days / 365
        rows["true_over_service_cost"] = rows.over_cost.where(rows.levels_stated, rows.planted_excess * years)
        p.opened.engine.close()
    return rows[rows.days >= DAYS].assign(world=f"firm {firm.number}")


def _truth(folder: Path) -> pd.DataFrame:
    """Return the truth of the accounts of the window under the names that the scores read."""
    truth = pd.read_csv(folder / "accounts.csv", dtype={"customer_id": "str"}, keep_default_na=False)
    truth = truth.merge(pd.read_csv(folder / "future.csv", dtype={"customer_id": "str"}), on="customer_id")
    by_us = np.where(truth.made_by_us, "caused_by_us", "no")
    found = truth[["customer_id", "levels_stated", "over_cost", "planted_excess"]].assign(
        true_over_served=truth.planted_kind.where(truth.over_served, "none"),
        true_over_pattern=truth.over_served_archetype,
        true_difficult=np.where(truth.difficult, "intrinsic", by_us),
        true_difficult_pattern=truth.difficult_archetype,
        true_perception=truth.perception,
        true_top_driver="",
        true_true_net_margin=truth.running_margin_year,
        true_future_margin_expected=truth.clv_expected,
    )
    return found[truth.in_window].reset_index(drop=True)


def report(rows: pd.DataFrame) -> None:
    """Print the distribution of every score over the firms, and the worst of each."""
    each = pd.DataFrame({name: scores(part) for name, part in rows.groupby("world")}).T
    print(each.describe(percentiles=[0.1, 0.5, 0.9]).T.drop(columns="count").round(3).to_string())
    print(f"\nThe worst {WORST} of each:")
    for name in each:
        last = each[name].dropna().sort_values(ascending=name not in LOWER_IS_BETTER).head(WORST)
        print(f"  {name}: " + ", ".join(f"{firm} {value:.3f}" for firm, value in last.items()))
