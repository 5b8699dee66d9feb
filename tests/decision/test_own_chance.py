"""The range of a whole plan, where the accounts' own answers and differences are drawn as the world would draw them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.policy import Policy
from analysis.topics.actions.judgement.own_chance import own_chance
from analysis.topics.actions.judgement.situation import Situation, pools_of
from analysis.topics.actions.judgement.steps import STEPS
from analysis.topics.actions.judgement.weigh import Weighing
from analysis.topics.profitability.judgement.scale import Scale, in_amounts

SURE = {"share_refused": 0.0, "pull": 1.0, "cost": 0.0}
ACTIONS = {
    "reprice": {**SURE, "share": 0.1, "accepts": 0.5, "pull_refused": 2.0},
    "trim_frequency": {**SURE, "share": 0.9, "share_refused": 0.9, "accepts": 1.0, "pull_refused": 2.0},
    "payment_terms": {**SURE, "share": 0.5},
}


def situation(count: int) -> Situation:
    """Return accounts that earn 100 a month each, a half of them not content, some with service that they may want."""
    places = np.arange(count)
    accounts = pd.DataFrame(
        {"customer_id": [f"c{place}" for place in places], "net_revenue": 3_000.0 + 400.0 * places,
         "over_service:cost": 200.0 + 90.0 * places, "late": 50.0 + 10.0 * places}
    )  # fmt: skip
    one = np.ones(count)
    return Situation(
        accounts=accounts, months=12 * one, margin=100 * one, cash_margin=50 * one, doubt=0 * one, cost_doubt=0 * one,
        hazards=np.full((count, 12), 0.03), pools=pools_of(accounts), content=places % 2 == 0,
        wanting=np.where(places % 3 == 0, 0.4, 0.0), failed=0.05 * one, discount_rate=0.0,
    )  # fmt: skip


def weighing(count: int) -> Weighing:
    policy = in_amounts(Policy.read(None, {"actions": ACTIONS}), Scale(served=1000.0, hour=50.0))
    return Weighing.of(situation(count), policy)


def planned(one: Weighing, actions: list[str], wait: float = 1.0) -> pd.DataFrame:
    rows = [one.row((STEPS[action],), np.array([row])).assign(action=action) for row, action in enumerate(actions)]
    return pd.concat(rows).assign(value_then=lambda each: each.value * wait)


def answered(one: Weighing, action: str, accepts: float) -> np.ndarray:
    drawn = replace(one.draws[action], accepts=np.full(200, accepts))
    count = len(one.situation)
    known = replace(one.situation, content=np.ones(count, dtype=bool), wanting=np.zeros(count))
    sure = replace(one, situation=known, draws={**one.draws, action: drawn})
    return sure.row((STEPS[action],), np.arange(count)).value.to_numpy()


def test_the_range_of_a_plan_holds_what_comes_where_each_account_answers_and_differs_for_itself() -> None:
    count = 24
    one, actions = weighing(count), ["reprice", "trim_frequency"] * 12
    rows = planned(one, actions)
    expected = rows.value.to_numpy()
    low, high = np.quantile(expected.sum() + own_chance(rows, one)[0], [0.05, 0.95])
    here, random = one.situation, np.random.default_rng(3)
    prices = np.array([action == "reprice" for action in actions])
    chance = np.where(prices, np.where(here.content, 0.5, 0.3), 1.0 - here.wanting)
    ends = {
        accepts: np.where(prices, *(answered(one, name, accepts) for name in ("reprice", "trim_frequency")))
        for accepts in (1.0, 0.0)
    }
    assert chance * ends[1.0] + (1 - chance) * ends[0.0] == pytest.approx(expected)
    agreed = random.random((4_000, count)) < chance
    came = np.where(agreed, ends[1.0], ends[0.0]) + 0.5 * expected * random.standard_normal((4_000, count))
    held = ((low <= came.sum(axis=1)) & (came.sum(axis=1) <= high)).mean()
    assert held == pytest.approx(0.9, abs=0.02)


def test_chance_moves_no_mean_evens_out_over_many_accounts_and_is_less_of_what_comes_later() -> None:
    few, many = (weighing(count) for count in (2, 32))
    spreads = [
        (own_chance(rows, one)[0].std() / rows.value.sum(), own_chance(rows, one)[0].mean())
        for one, count in ((few, 2), (many, 32))
        for rows in [planned(one, ["payment_terms"] * count)]
    ]
    assert spreads[1][0] < spreads[0][0] / 3
    assert [mean for _, mean in spreads] == pytest.approx([0.0, 0.0], abs=1e-9)
    now, later = (own_chance(planned(few, ["payment_terms"] * 2, wait), few)[1].std() for wait in (1.0, 0.5))
    assert later == pytest.approx(now / 2)


def test_accounts_that_the_record_shows_to_differ_by_less_make_the_range_of_a_plan_narrower() -> None:
    one = weighing(8)
    rows = planned(one, ["payment_terms"] * 8)
    assumed, told = (own_chance(rows, each)[0].std() for each in (one, replace(one, differ={"payment_terms": 0.2})))
    assert told == pytest.approx(assumed * 0.2 / 0.5)


def test_of_steps_that_go_together_accounts_differ_in_each_for_itself() -> None:
    one, row = weighing(4), np.array([1])  # it wants none of its over-service: all answers are known
    steps = STEPS["payment_terms"], STEPS["trim_frequency"]
    both = one.row(steps, row).assign(action="payment_terms + trim_frequency")
    alone = [one.row((step,), row).assign(action=step.action) for step in steps]
    spreads = [own_chance(rows.assign(value_then=rows.value), one)[0].std() for rows in (both, *alone)]
    assert spreads[0] == pytest.approx(np.hypot(*spreads[1:]))
