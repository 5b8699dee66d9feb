"""The value of the accounts that are still here, against the futures that the world was made with.

`clv_expected` is the mean over all futures, `clv_realised` one future that happened. The baseline is what an analyst
would write in an afternoon: last year's running margin times the months of the horizon that an account stays on
average, at the portfolio's own rate of leaving, undiscounted.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from judgement_parts.worlds import NOISES, World, opened

HORIZON = 36


def worlds(seeds: range, accounts: int) -> list[World]:
    """Return the worlds to judge."""
    return [World(seed, accounts, noise) for seed in seeds for noise in NOISES]


def judged(world: World) -> pd.DataFrame:
    """Return one row per account that is still here: its value by us, by the baseline and in truth."""
    with opened(world) as (p, folder):
        of = p.computed
        found = of.value_judgement.assign(left=of.staying.left, running_margin=of.statement.running_margin)
        truth = pd.read_csv(folder / "future.csv", dtype={"customer_id": "str"})
    left = float(found.left.mean()) / 12
    stays = sum((1 - left) ** month for month in range(1, HORIZON + 1))
    rows = found.assign(baseline=found.running_margin / 12 * stays)
    truth = truth[truth.alive][["customer_id", "hazard", "clv_expected", "clv_realised"]]
    names = ["customer_id", "clv", "clv_low", "clv_high", "leaves_year", "baseline"]
    return world.label(truth.merge(rows[names], on="customer_id"))


def table(rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield rank correlation and total bias by noise, ours and the baseline's; correlations are means over worlds."""
    for noise, here in rows.groupby("world_noise"):
        for who, name in (("ours", "clv"), ("baseline", "baseline")):
            scores: dict[str, object] = {"noise": noise, "who": who, "accounts": len(here)}
            for truth in ("clv_expected", "clv_realised"):
                ranks = [w[name].corr(w[truth], method="spearman") for _, w in here.groupby("world_seed")]
                scores[f"rank to {truth}"] = sum(ranks) / len(ranks)
                scores[f"total off {truth}"] = here[name].sum() / here[truth].sum() - 1
            yield scores


def report(rows: pd.DataFrame) -> None:
    """Print what the worlds say."""
    print(pd.DataFrame(table(rows)).round(3).to_string(index=False))
    inside = (rows.clv_expected >= rows.clv_low) & (rows.clv_expected <= rows.clv_high)
    print(f"\nOf the true values {inside.mean():.1%} lie within the range of 5% to 95%")
    true_year = 1 - (1 - rows.hazard) ** 12
    order = [w.leaves_year.corr(1 - (1 - w.hazard) ** 12, method="spearman") for _, w in _by_world(rows)]
    print(
        f"Chance of leaving within a year: {rows.leaves_year.mean():.1%} told, {true_year.mean():.1%} true on average"
    )
    print(f"Its rank correlation with the truth, mean over worlds: {sum(order) / len(order):.3f}")
    off = [w.clv.sum() / w.clv_expected.sum() - 1 for _, w in _by_world(rows)]
    print(f"Total off by world: from {min(off):.1%} to {max(off):.1%}")


def _by_world(rows: pd.DataFrame) -> Iterator[tuple[object, pd.DataFrame]]:
    yield from rows.groupby(["world_seed", "world_noise"])
