"""Difficulty: who is truly difficult, who is so only by our failures, and in what order.

Each seed is a world at two levels of noise, and at each one where nobody is difficult. The baseline is what an analyst
would write in an afternoon: the mean of the quantiles of eight raw rates per account (short notice, work beyond the
agreement, evenings, escalations, reopenings, disputes, days late, dissatisfaction), its top 15% flagged. An account
that is not scored counts as not flagged.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from judgement_parts.worlds import NOISES, World, account_truth, f1, opened

TOP = 0.85
RAW = (
    *(("short_notice", "cases"), ("out_of_scope", "cases"), ("evening", "cases"), ("escalated", "cases")),
    *(
        ("reopened", "cases"),
        ("disputed_invoices", "invoices"),
        ("all_days", "all_amount"),
        ("dissatisfied", "dissatisfied_of"),
    ),
)


def worlds(seeds: range, accounts: int) -> list[World]:
    """Return the worlds to judge."""
    return [
        World(seed, accounts, noise, difficult=some) for seed in seeds for noise in NOISES for some in (True, False)
    ]


def judged(world: World) -> pd.DataFrame:
    """Return one row per account of a world: the truth, what is judged, and what the baseline says."""
    with opened(world) as (p, folder):
        found, sums = p.computed.difficulty_judgement, p.computed.conduct
        there = account_truth(folder)
    there = there[["customer_id", "difficult", "difficulty", "difficulty_ours", "trouble", "made_by_us"]]
    rows = there.rename(columns={name: f"true_{name}" for name in there.columns[1:]})
    rows = rows.merge(found, on="customer_id", how="left").merge(sums, on="customer_id", how="left")
    rows["flagged"] = rows.difficult.fillna(False).astype(bool)
    rows["scored"] = rows.difficult.notna()
    rows["baseline_score"] = raw_score(rows)
    rows["baseline"] = rows.baseline_score >= rows.baseline_score.quantile(TOP)
    names = ["trouble", "difficulty_ours", "difficulty", "flagged", "scored", "baseline", "baseline_score"]
    return world.label(rows[["customer_id", *(name for name in rows if name.startswith("true_")), *names]])


def raw_score(sums: pd.DataFrame) -> pd.Series:
    """Return the mean of the quantiles of the raw rates of each account."""
    sums = sums.assign(all_days=sums.due_days + sums.held_days, all_amount=sums.amount + sums.held_amount)
    rates = pd.DataFrame({count: sums[count] / sums[of].where(sums[of] > 0) for count, of in RAW})
    return rates.rank(pct=True).mean(axis=1).fillna(0.0)


def _scores(rows: pd.DataFrame, flag: str, score: str) -> dict[str, float]:
    precision, recall, both = f1(rows[flag], rows.true_difficult)
    known = rows[rows.scored]
    by_us = rows[rows.true_made_by_us & ~rows.true_difficult]
    worlds = known.groupby("world_seed")
    order = worlds[[score, "true_difficulty"]].corr(method="spearman").iloc[0::2, 1]
    return {
        "precision": precision,
        "recall": recall,
        "F1": both,
        "wrongly blamed": float(by_us[flag].mean()),
        "rank correlation": float(order.mean()),
    }


def table(rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield the scores by noise, ours and the baseline's."""
    for noise, here in rows.groupby("world_noise"):
        some, none = here[here.world_difficult], here[~here.world_difficult]
        for who, flag, score in (("ours", "flagged", "difficulty"), ("baseline", "baseline", "baseline_score")):
            yield {
                "noise": noise,
                "who": who,
                "accounts": len(some),
                "difficult": int(some.true_difficult.sum()),
                "by us": int(some.true_made_by_us.sum()),
                **_scores(some, flag, score),
                "flagged where nobody is": float(none[flag].mean()),
            }


def report(rows: pd.DataFrame) -> None:
    """Print what the worlds say."""
    print(pd.DataFrame(table(rows)).round(3).to_string(index=False))
    known = rows[rows.scored & rows.world_difficult]
    off = (known.difficulty_ours - known.true_difficulty_ours).abs()
    print(f"\nScored: {rows.scored.mean():.1%}; our share of the trouble is off by {off.median():.3f} (median)")
    planted = rows[rows.world_difficult]
    by_world = [
        f1(world.flagged, world.true_difficult)[2] for _, world in planted.groupby(["world_seed", "world_noise"])
    ]
    print(f"F1 by world: from {min(by_world):.3f} to {max(by_world):.3f}")
