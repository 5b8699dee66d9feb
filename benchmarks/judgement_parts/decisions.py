"""What the recommended steps would really add, against the world's own best, in worlds that know what each step adds.

A world knows ten of the contract's steps; the best of those that we may take is what is scored ("of the ten"), and
what is recommended among all steps beside it, where a step that the world does not know counts as 0. The world's own
best knows how each account would answer; "before asking" is the most that can be expected of a choice that knows all
else, and "of ten, expected" is ours, over the same chances. Of a plan, what was promised is held against what its steps
would bring together, each taken in its quarter. A world's future has accounts leave oftener than its history did, which
nothing tells whoever judges; "as before" is what would be expected if they did not.

Each world is judged with records of no, 20 and 200 past steps, which had the effect that its truth has for such steps.
They were taken with one half of the accounts; scored is the other half, whose levers are those of the world before. The
baselines are doing nothing, which adds 0, and cutting the bottom decile by net margin, which is what an analyst with an
axe would do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from analysis.topics.actions.judgement.packages import steps_of
from analysis.topics.actions.tables import total_ranges
from judgement_parts.worlds import World, opened
from sample_firms import expected_values, values_together

RECORDS = (0, 20, 200)
STEPS = ("trim_frequency", "require_notice", "mend_our_failures", "reprice")


@dataclass(frozen=True)
class Recorded:
    """A world, and how many steps were taken in it."""

    world: World
    steps: int


def worlds(seeds: Iterable[int], accounts: int) -> list[Recorded]:
    """Return each world with every length of record."""
    return [Recorded(World(seed, accounts), steps) for seed in seeds for steps in RECORDS]


def judged(recorded: Recorded) -> pd.DataFrame:
    """Return one row per account that is still here and had no step: what is recommended, and what that would add."""
    world, (half, record) = recorded.world, taken(recorded)
    with opened(world, steps_work=True, record=record) as (p, truth):
        of = p.computed
        steps, advised, margin = p.actions, of.best_steps, of.statement[["customer_id", "net_margin"]]
        levers = pd.read_csv(truth / "levers.csv", dtype={"customer_id": "str"})
        levers = levers[~levers.customer_id.isin(half)]
        known = [name.removeprefix("value_") for name in levers if name.startswith("value_")]
        planned = of.planned.rows.assign(steps=of.planned.rows.action.map(steps_of))
        planned = planned[planned.customer_id.isin(levers.customer_id)]
        told = planned[planned.steps.map(lambda names: set(names) <= set(known))]
        low, high = total_ranges(replace(of.planned, rows=told), of.weighing, told.customer_id)["value"]
    open_ = steps[(steps.why_not == "") & steps.action.isin(known)].sort_values(["customer_id", "value"])
    ten = open_.drop_duplicates("customer_id", keep="last")[["customer_id", "action", "value", "low", "high"]]
    rows = levers.merge(ten, on="customer_id").merge(margin, on="customer_id")
    rows = rows.merge(advised[["customer_id", "action"]], on="customer_id", suffixes=("", "_of_all"))
    values = rows.set_index("customer_id")[[f"value_{name}" for name in known]]
    rows["of_ten"] = _looked_up(values, rows.action)
    expected = expected_values(**asdict(world)).set_index("customer_id").loc[rows.customer_id]
    rows["before_asking"] = expected.max(axis=1).clip(lower=0.0).to_numpy()
    rows["of_ten_expected"] = _looked_up(expected, rows.action)
    steady = expected_values(**asdict(world), as_before=True).set_index("customer_id").loc[rows.customer_id]
    rows["before_asking_as_before"] = steady.max(axis=1).clip(lower=0.0).to_numpy()
    rows["of_ten_as_before"] = _looked_up(steady, rows.action)
    rows["of_all"] = _looked_up(values, rows.action_of_all)
    cut = rows.net_margin.rank(method="first") <= len(rows) // 10
    rows["decile"] = rows.value_terminate.where(cut, 0.0)
    came = values_together(told, **asdict(world)) * told.value_then / told.value
    rows["in_plan"] = _by_account(rows, told, came)
    rows["plan_promised"] = _by_account(rows, told, told.value_then)
    rows["plan_untold"] = _by_account(rows, planned, planned.value_then) - rows.plan_promised
    rows["plan_low"], rows["plan_high"] = low, high
    columns = ["customer_id", "best_action", "best_value", "action", "value", "of_ten", "of_all", "decile"]
    columns += ["before_asking", "of_ten_expected", "in_plan", "plan_promised", "plan_untold", "plan_low", "plan_high"]
    columns += ["before_asking_as_before", "of_ten_as_before"]
    return world.label(rows[columns]).assign(steps=recorded.steps)


def taken(recorded: Recorded) -> tuple[list[str], pd.DataFrame]:
    """Return the half of a world's accounts with which steps were taken, and those steps, drawn by lot."""
    world = recorded.world
    random = np.random.default_rng([world.seed, world.accounts])
    ids = expected_values(**asdict(world)).customer_id.sort_values()
    half = random.permutation(ids.to_numpy(dtype=object))[: len(ids) // 2]
    pairs = random.permutation([(account, step) for account in half for step in STEPS])
    days = pd.Timestamp("2025-03-01") + pd.to_timedelta(random.integers(0, 450, len(pairs)), unit="D")
    every = pd.DataFrame(pairs, columns=["customer_id", "action"]).assign(on=days, outcome="worked", cost=np.nan)
    return list(half), every.head(recorded.steps)


def _by_account(rows: pd.DataFrame, planned: pd.DataFrame, amounts: pd.Series) -> pd.Series:
    """Return the sums of a plan's amounts for each row's account; 0 for an account without a step in it."""
    return rows.customer_id.map(amounts.groupby(planned.customer_id).sum()).fillna(0.0)


def _looked_up(values: pd.DataFrame, actions: pd.Series) -> pd.Series:
    """Return the world's value of each row's action; 0 for a step that the world does not know."""
    columns = values.columns.get_indexer("value_" + actions.to_numpy(dtype=object))
    numbers = values.to_numpy()
    found = [numbers[row, column] if column >= 0 else 0.0 for row, column in enumerate(columns)]
    return pd.Series(found, actions.index).fillna(0.0)


def report(rows: pd.DataFrame) -> None:
    """Print what was gained and missed by length of record, over all worlds, by world and by the recommended step."""
    for steps, part in rows.groupby("steps"):
        print(f"\nWith a record of {steps} steps:")
        _report(part)


def _report(rows: pd.DataFrame) -> None:
    names = {
        "before asking": "before_asking", "of ten": "of_ten", "of ten, expected": "of_ten_expected",
        "of all steps": "of_all", "do nothing": None, "cut the bottom decile": "decile",
    }  # fmt: skip
    best = rows.best_value.sum()
    frame = pd.DataFrame({"adds": {name: rows[column].sum() if column else 0.0 for name, column in names.items()}})
    frame["share of the best"] = frame.adds / best
    frame["of before asking"] = frame.adds / rows.before_asking.sum()
    frame["regret per account"] = (best - frame.adds) / len(rows)
    print(f"The world's own best adds {best:,.0f} over {len(rows)} accounts.")
    print(frame.round(3).to_string())
    by_world = rows.groupby("world_seed")[["of_ten", "best_value", "in_plan", "plan_promised"]].sum()
    share = by_world.of_ten / by_world.best_value
    print(f"\nShare of the best by world: from {share.min():.2f} to {share.max():.2f}, median {share.median():.2f}")
    promised, real, untold = rows.plan_promised.sum(), rows.in_plan.sum(), rows.plan_untold.sum()
    print(f"The plans promise {promised:,.0f} and would bring {real:,.0f} ({real / promised:.0%}).")
    print(f"Left out of both: {untold:,.0f} that rest on steps which the world does not know.")
    whole = rows.groupby("world_seed").agg(
        came=("in_plan", "sum"), low=("plan_low", "first"), high=("plan_high", "first")
    )
    held = int(((whole.low <= whole.came) & (whole.came <= whole.high)).sum())
    print(f"The plan's range of 90% holds what would come in {held} of {len(whole)} worlds.")
    by_step = rows.groupby("action").agg(
        accounts=("value", "size"), promised=("value", "sum"), brings=("of_ten", "sum"), best=("best_value", "sum"),
        expected=("of_ten_expected", "sum"), as_before=("of_ten_as_before", "sum"),
    )  # fmt: skip
    print(by_step.round(0).to_string())
    reached = rows.of_ten_as_before.sum() / rows.before_asking_as_before.sum()
    print(f"If accounts left as often as in the history: {reached:.3f} of what can be expected before asking.")
