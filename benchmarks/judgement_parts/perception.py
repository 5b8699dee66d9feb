"""Perception: whose name the record does not bear out, and which bad time that is over explains it.

Each seed is a world at two levels of noise. The baseline is what an analyst would write in an afternoon: the quantile
of the raw mean rating against that of the mean of eight raw rates (the baseline of difficulty); a reputation is a
difference of more than 0.4. Accounts that nobody rated have no truth. An account that is not judged, since its trouble
is not scored or too few rated it, counts as fair.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score

from judgement_parts.difficulty import raw_score
from judgement_parts.worlds import AS_OF, NOISES, World, account_truth, opened

VIEWS = ["fair", "unfairly_labelled", "quietly_difficult"]
APART = 0.4
#: When the planted bad time was, in days before the day after the as-of day.
BAD_DAYS = (620, 390)


def worlds(seeds: range, accounts: int) -> list[World]:
    """Return the worlds to judge."""
    return [World(seed, accounts, noise) for seed in seeds for noise in NOISES]


def judged(world: World) -> pd.DataFrame:
    """Return one row per rated account of a world: the truth, what is judged, and what the baseline says."""
    with opened(world) as (p, folder):
        of, sums = p.computed, p.computed.conduct
        found, named = of.perception_judgement, of.reputations
        rating = of.perceived.ratings.groupby("customer_id").difficulty.mean().rename("rating").reset_index()
        there = account_truth(folder)
    there = there[there.ratings > 0][["customer_id", "perception", "reputation", "bad_period"]]
    rows = there.rename(columns={"perception": "true_perception", "bad_period": "planted_period"})
    raw = sums[["customer_id"]].assign(baseline_score=raw_score(sums))
    named = named[["customer_id", "bad_period_start", "bad_period_end"]]
    for part in (found, named, raw, rating):
        rows = rows.merge(part, on="customer_id", how="left")
    apart = rows.rating.rank(pct=True) - rows.baseline_score.rank(pct=True)
    rows["baseline"] = np.select([apart > APART, apart < -APART], [VIEWS[1], VIEWS[2]], VIEWS[0])
    return world.label(rows.assign(judged=rows.perception.notna(), perception=rows.perception.fillna(VIEWS[0])))


def _scores(rows: pd.DataFrame, said: str) -> dict[str, float]:
    each = f1_score(rows.true_perception, rows[said], labels=VIEWS, average=None)
    return {"macro-F1": float(each.mean()), **dict(zip(VIEWS, map(float, each), strict=True))}


def table(rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield the scores by noise, ours and the baseline's, over all rated accounts and over those that are judged."""
    for noise, here in rows.groupby("world_noise"):
        for over, part in (("rated", here), ("judged", here[here.judged])):
            for who, said in (("ours", "perception"), ("baseline", "baseline")):
                yield {"noise": noise, "over": over, "who": who, "accounts": len(part), **_scores(part, said)}


def periods(rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield how often the planted bad time is found of those judged unfairly labelled, and how often another is."""
    after = pd.Timestamp(AS_OF) + pd.Timedelta(days=1)
    first, last = (after - pd.Timedelta(days=days) for days in BAD_DAYS)
    for noise, here in rows[rows.perception == VIEWS[1]].groupby("world_noise"):
        within = (here.bad_period_start <= last) & (here.bad_period_end >= first)
        planted, none = here.planted_period, ~here.planted_period
        yield {
            "noise": noise,
            "planted": int(planted.sum()),
            "named": float(within[planted].mean()),
            "none planted": int(none.sum()),
            "named all the same": float(here.bad_period_start[none].notna().mean()),
        }


def report(rows: pd.DataFrame) -> None:
    """Print what the worlds say."""
    print(pd.DataFrame(table(rows)).round(3).to_string(index=False))
    shown = rows.perceived_difficulty.notna().mean()
    print(f"\nJudged: {rows.judged.mean():.1%} of the rated; with a figure shown: {shown:.1%}")
    by_world = [_scores(world, "perception")["macro-F1"] for _, world in rows.groupby(["world_seed", "world_noise"])]
    print(f"Macro-F1 by world, over all rated: from {min(by_world):.3f} to {max(by_world):.3f}\n")
    print(pd.DataFrame(periods(rows)).round(3).to_string(index=False))
