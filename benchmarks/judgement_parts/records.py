"""What the record of earlier steps teaches: worlds in which trims were taken, with an effect that the world knows.

A world's trims take the share that it was made with of what lies beyond the level due: nine tenths, as the rule of
thumb has it, or one tenth. With records of none, some and many, the plan is held against what the world's steps would
add. Accounts with a record are left out of what is scored: their levers are those of the world before.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import Portfolio
from judgement_parts.worlds import AS_OF, World
from sample_firms import make_sample

RULE_OF_THUMB = 0.9
RECORDS, WORKS = (0, 20, 200), (0.9, 0.1)
ACTIVITIES = {
    "support_minutes": ("inquiry", "incident"),
    "after_hours_minutes": ("night_support",),
    "site_visits": ("site_visit",),
    "account_reviews": ("account_review",),
    "dedicated_contact_hours": ("dedicated_contact",),
}


@dataclass(frozen=True)
class Recorded:
    """A world, how many trims were taken in it at most, and the share that a trim really takes."""

    world: World
    steps: int
    works: float


def worlds(seeds: Iterable[int], accounts: int) -> list[Recorded]:
    """Return each world with every length of record and either truth."""
    return [Recorded(World(seed, accounts), steps, works) for seed in seeds for works in WORKS for steps in RECORDS]


def judged(recorded: Recorded) -> pd.DataFrame:
    """Return one row per account that is still here and has no record: the plan's promise, and what would come."""
    with tempfile.TemporaryDirectory() as folder:
        place = make_sample(Path(folder) / "world", file_format="parquet", **asdict(recorded.world))
        treated = _plant(place, recorded)
        p = Portfolio(place, AS_OF)
        planned, told = p.table("plan"), p.table("learnt")
        levers = pd.read_csv(place / "truth" / "levers.csv", dtype={"customer_id": "str"})
        p.opened.engine.close()
    levers = levers[~levers.customer_id.isin(treated)].set_index("customer_id")
    values = levers[[name for name in levers if name.startswith("value_")]]
    values = values.assign(value_trim_frequency=values.value_trim_frequency * recorded.works / RULE_OF_THUMB)
    planned = planned[planned.customer_id.isin(values.index)]
    rows = pd.DataFrame({"best": values.max(axis=1).clip(lower=0.0)})
    rows["promised"] = planned.groupby("customer_id").value.sum()
    names = planned.assign(step=planned.action.str.split(" + ", regex=False)).explode("step")
    real = [values[f"value_{row.step}"].get(row.customer_id, 0.0) if f"value_{row.step}" in values else 0.0
            for row in names.itertuples()]  # fmt: skip
    rows["came"] = pd.Series(real, names.customer_id, dtype="float64").groupby(level=0).sum()
    share = told[(told.action == "trim_frequency") & (told.assumption == "share")]
    rows["told"] = float(share.record.iloc[0]) if len(share) else np.nan
    rows["used"] = float(share.used_likely.iloc[0]) if len(share) else RULE_OF_THUMB
    rows["trims"] = names[names.step == "trim_frequency"].groupby("customer_id").size()
    return rows.fillna({"promised": 0.0, "came": 0.0, "trims": 0}).assign(
        works=recorded.works, asked=recorded.steps, steps=len(treated), seed=recorded.world.seed
    )


def _plant(place: Path, recorded: Recorded) -> list[str]:
    """Take trims with accounts that get more than they are due, and let them have their true effect."""
    random = np.random.default_rng([recorded.world.seed, recorded.steps])
    service = pd.read_csv(place / "truth" / "service.csv", dtype={"customer_id": "str"})
    beyond = service[service.attribute.isin(list(ACTIVITIES)) & (service.planned > service.due)]
    beyond = beyond.assign(excess=1.0 - beyond.due / beyond.planned, activity=beyond.attribute.map(ACTIVITIES))
    beyond = beyond.explode("activity")
    ids = np.array(sorted(set(beyond.customer_id)))
    chosen = random.permutation(ids)[: min(recorded.steps, len(ids) // 2)]
    days = pd.Timestamp("2025-03-01") + pd.to_timedelta(random.integers(0, 450, len(chosen)), unit="D")
    taken = pd.DataFrame(
        {"customer_id": chosen.astype(str), "action": "trim_frequency", "on": days, "outcome": "worked"}
    )
    events = pd.read_parquet(place / "service_events.parquet")
    rows = events[["customer_id", "activity", "at"]].merge(taken[["customer_id", "on"]], on="customer_id", how="left")
    rows = rows.merge(beyond[["customer_id", "activity", "excess"]], on=["customer_id", "activity"], how="left")
    chance = rows.excess.fillna(0.0).to_numpy() * recorded.works
    gone = (pd.to_datetime(rows["at"]) >= rows.on).to_numpy() & (random.random(len(rows)) < chance)
    events[~gone].to_parquet(place / "service_events.parquet", index=False)
    taken.assign(on=taken.on.dt.date).to_parquet(place / "actions_taken.parquet", index=False)
    return list(taken.customer_id)


def report(rows: pd.DataFrame) -> None:
    """Print what the plans promise and would bring, by what trims really do and how long the record is."""
    found = rows.groupby(["works", "asked"]).agg(
        worlds=("seed", "nunique"), steps=("steps", "mean"), told=("told", "mean"), used=("used", "mean"),
        trims=("trims", "sum"), promised=("promised", "sum"), came=("came", "sum"), best=("best", "sum"),
    )  # fmt: skip
    found["came of promised"] = found.came / found.promised
    found["share of the best"] = found.came / found.best
    print(found.round(2).to_string())
