"""A comparison with like accounts: nobody judges itself, and few are too few."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.judgement.like_accounts import against_like_accounts
from analysis.policy import Policy

POLICY = Policy()


def alike(count: int, seed: int = 3) -> pd.DataFrame:
    """Accounts whose service costs 30 x the root of their size, give or take a tenth."""
    random = np.random.default_rng(seed)
    size = np.exp(random.normal(10, 1, count))
    cost = 30 * np.sqrt(size) * random.normal(1, 0.1, count)
    return pd.DataFrame(
        {
            "customer_id": [f"c{n:04d}" for n in range(count)],
            "days": 365,
            "years": 1.0,
            "net_revenue": size,
            "cost": cost,
            "due": cost,
            "x_size": np.log(size),
            "x_odd": random.normal(size=count),
        }
    )


def judged(like: pd.DataFrame, policy: Policy = POLICY) -> pd.DataFrame:
    everyone = pd.Series(True, like.index)
    return against_like_accounts(like, everyone, policy).set_index("customer_id")


def test_an_account_served_four_times_as_dearly_as_its_like_is_found_by_about_what_it_costs_more():
    like = alike(200)
    usual = like.cost[7]
    like.loc[7, ["cost", "due"]] = 4 * usual
    row = judged(like).loc["c0007"]

    assert row.p_over_served > 0.95
    assert row.over_cost == pytest.approx(3 * usual, rel=0.15)
    assert row.over_cost_low <= row.over_cost <= row.over_cost_high


def test_no_account_judges_itself_whatever_it_costs():
    like = alike(120)
    before = judged(like)
    like.loc[11, ["cost", "due"]] *= 50
    after = judged(like)

    assert after.peer_level["c0011"] == pytest.approx(before.peer_level["c0011"], rel=1e-9)
    assert after.peer_high["c0011"] == pytest.approx(before.peer_high["c0011"], rel=1e-9)


def test_about_as_many_lie_above_the_quantile_as_the_policy_says():
    found = judged(alike(600))
    above = (found.delivered > found.peer_high).mean()

    assert above == pytest.approx(1 - POLICY.over_service.peer_quantile, abs=0.06)
    assert (found.over_cost >= 0).all()


def test_fewer_than_the_policys_minimum_judge_nobody():
    assert len(judged(alike(39))) == 0
    assert len(judged(alike(40))) == 40


def test_without_revenue_or_without_service_there_is_nothing_to_be_alike_in():
    like = alike(100)
    assert len(judged(like.assign(net_revenue=np.nan))) == 0
    assert len(judged(like.assign(cost=0.0, due=0.0))) == 0


def test_more_accounts_than_are_fitted_are_all_judged():
    found = judged(alike(4_000))

    assert len(found) == 4_000
    assert found.peer_level.notna().all()
    assert found.p_over_served.between(0, 1).all()
