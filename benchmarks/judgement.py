"""How well the judgements find what was planted, over sample worlds that nothing was tuned on.

    python benchmarks/judgement.py [--worlds 20] [--accounts 400] [--first-seed 101] [--processes 2]

Each seed is a world at two levels of noise, once with over-served accounts and once with none. The methods were tuned
on seeds 1 to 10. The baseline is what an analyst would write in an afternoon: over-served is the top quintile of cost
to serve over net revenue, and over-service what lies above the portfolio's ratio. An account that is not scored counts
as not flagged.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from multiprocessing import Pool
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from analysis import Portfolio
from analysis.data.sample import make_sample

AS_OF = "2026-10-31"
NOISES = (1.0, 2.0)
World = tuple[int, float, bool, int]


def judged(world: World) -> pd.DataFrame:
    """Return one row per account of a world: what was planted, what is judged, and what the baseline says."""
    seed, noise, planted, accounts = world
    with tempfile.TemporaryDirectory() as folder:
        place = make_sample(
            Path(folder) / "world",
            seed=seed,
            accounts=accounts,
            noise=noise,
            over_served=planted,
            file_format="parquet",
        )
        p = Portfolio(place, AS_OF)
        found = p.computed.served.accounts.merge(p.ledger.accounts, on="customer_id").merge(p.computed.served.days)
        truth = pd.read_csv(place / "truth" / "accounts.csv", dtype={"customer_id": "str"})
        p.opened.engine.close()
    there = truth[truth.in_window]
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
    return rows[[*columns, "over_service_cost"]].assign(seed=seed, noise=noise, planted=planted)


def scores(rows: pd.DataFrame, flag: str, cost: str) -> dict[str, float]:
    """Return precision, recall, F1 and the relative errors of cost, in total and of the middle over-served account."""
    hit = float((rows[flag] & rows.truly).sum())
    precision, recall = hit / max(1.0, rows[flag].sum()), hit / max(1.0, rows.truly.sum())
    over = rows[rows.truly & (rows.true_cost > 0)]
    off = (over[cost].fillna(0) - over.true_cost).abs() / over.true_cost
    total = rows.true_cost.sum()
    return {
        "precision": precision,
        "recall": recall,
        "F1": 2 * hit / max(1.0, rows[flag].sum() + rows.truly.sum()),
        "total cost off by": float(rows[cost].sum() / total - 1) if total else float("nan"),
        "account off by (median)": float(off.median()),
        "account off by (mean)": float(off.mean()),
    }


def table(rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield the scores by noise and by what the judgement rests on, ours and the baseline's."""
    for noise, world in rows.groupby("noise"):
        for ground, stated in (("stated levels", True), ("like accounts", False)):
            part = world[world.levels_stated == stated]
            with_planted, without = part[part.planted], part[~part.planted]
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
    none = rows[~rows.planted]
    return none.groupby("noise")[["flagged", "baseline"]].mean()


def main() -> None:
    """Judge every world and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--worlds", type=int, default=20)
    arguments.add_argument("--accounts", type=int, default=400)
    arguments.add_argument("--first-seed", type=int, default=101)
    arguments.add_argument("--processes", type=int, default=2)
    asked = arguments.parse_args()
    seeds = range(asked.first_seed, asked.first_seed + asked.worlds)
    worlds = [(seed, noise, over, asked.accounts) for seed in seeds for noise in NOISES for over in (True, False)]
    started = time.perf_counter()
    with Pool(asked.processes) as pool:
        rows = pd.concat(pool.imap_unordered(judged, worlds), ignore_index=True)
    found = pd.DataFrame(table(rows))
    print(f"{len(worlds)} worlds of {asked.accounts} accounts, {time.perf_counter() - started:.0f} s")
    print(found.round(3).to_string(index=False))
    print("\nFlagged in worlds where nobody is over-served, of all accounts:")
    print(alarms(rows).round(4).to_string())
    print(f"\nScored: {rows.scored.mean():.1%} of the accounts that were customers in the window")
    by_seed = [scores(w[w.levels_stated], "flagged", "over_service_cost")["F1"] for _, w in _worlds(rows)]
    print(f"F1 by world where levels are stated: from {min(by_seed):.3f} to {max(by_seed):.3f}")


def _worlds(rows: pd.DataFrame) -> Iterator[tuple[object, pd.DataFrame]]:
    yield from rows[rows.planted].groupby(["seed", "noise"])


if __name__ == "__main__":
    main()
