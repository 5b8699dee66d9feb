"""Over-service: how well it is found, and how well its cost.

Each seed is a world at two levels of noise, once with over-served accounts and once with none. The baseline is what an
analyst would write in an afternoon: over-served is the top quintile of cost to serve over net revenue, and over-service
what lies above the portfolio's ratio. An account that is not scored counts as not flagged.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from judgement_parts.worlds import NOISES, World, account_truth, f1, opened


def worlds(seeds: range, accounts: int) -> list[World]:
    """Return the worlds to judge."""
    return [World(seed, accounts, noise, over) for seed in seeds for noise in NOISES for over in (True, False)]


def judged(world: World) -> pd.DataFrame:
    """Return one row per account of a world: what was planted, what is judged, and what the baseline says."""
    with opened(world) as (p, folder):
        found = p.computed.service_judgement.merge(p.ledger.accounts, on="customer_id").merge(p.computed.days)
        there = account_truth(folder)
    rows = there[["customer_id", "levels_stated", "over_served", "planted_kind", "planted_excess", "over_cost"]]
    rows = rows.rename(columns={"over_served": "truly", "over_cost": "true_cost"})
    rows = rows.merge(found, on="customer_id", how="left")
    years = rows.days / 365
    rows["true_cost"] = rows.true_cost.where(rows.levels_stated, rows.planted_excess * years)
    rows["flagged"] = rows.over_served.fillna(False).astype(bool)
    rows["scored"] = rows.over_served.notna()
    ratio = (rows.cost_to_serve / rows.net_revenue.where(rows.net_revenue > 0)).fillna(np.inf)
    rows["baseline"] = ratio >= np.quantile(ratio, 0.8, method="higher")
    usual = rows.cost_to_serve.sum() / rows.net_revenue.sum()
    rows["baseline_cost"] = (rows.cost_to_serve - usual * rows.net_revenue.clip(lower=0)).clip(lower=0)
    columns = ["customer_id", "levels_stated", "truly", "true_cost", "flagged", "scored", "baseline", "baseline_cost"]
    return world.label(rows[[*columns, "over_service_cost"]])


def scores(rows: pd.DataFrame, flag: str, cost: str) -> dict[str, float]:
    """Return precision, recall, F1 and the relative errors of cost, in total and of the middle over-served account."""
    precision, recall, both = f1(rows[flag], rows.truly)
    over = rows[rows.truly & (rows.true_cost > 0)]
    off = (over[cost].fillna(0) - over.true_cost).abs() / over.true_cost
    total = rows.true_cost.sum()
    return {
        "precision": precision,
        "recall": recall,
        "F1": both,
        "total cost off by": float(rows[cost].sum() / total - 1) if total else float("nan"),
        "account off by (median)": float(off.median()),
        "account off by (mean)": float(off.mean()),
    }


def table(rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield the scores by noise and by what the judgement rests on, ours and the baseline's."""
    for noise, world in rows.groupby("world_noise"):
        for ground, stated in (("stated levels", True), ("like accounts", False)):
            part = world[world.levels_stated == stated]
            with_planted, without = part[part.world_over_served], part[~part.world_over_served]
            for who, flag, cost in (
                ("ours", "flagged", "over_service_cost"),
                ("baseline", "baseline", "baseline_cost"),
            ):
                yield {
                    "noise": noise,
                    "ground": ground,
                    "who": who,
                    "accounts": len(with_planted),
                    "over-served": int(with_planted.truly.sum()),
                    **scores(with_planted, flag, cost),
                    "false alarms": float(without[flag].mean()),
                }


def alarms(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the share flagged in worlds where nobody is over-served, by noise, all accounts together."""
    none = rows[~rows.world_over_served]
    return none.groupby("world_noise")[["flagged", "baseline"]].mean()


def report(rows: pd.DataFrame) -> None:
    """Print what the worlds say."""
    print(pd.DataFrame(table(rows)).round(3).to_string(index=False))
    print("\nFlagged in worlds where nobody is over-served, of all accounts:")
    print(alarms(rows).round(4).to_string())
    print(f"\nScored: {rows.scored.mean():.1%} of the accounts that were customers in the window")
    planted = rows[rows.world_over_served & rows.levels_stated]
    by_seed = [
        scores(world, "flagged", "over_service_cost")["F1"]
        for _, world in planted.groupby(["world_seed", "world_noise"])
    ]
    print(f"F1 by world where levels are stated: from {min(by_seed):.3f} to {max(by_seed):.3f}")
