"""How sure the margins are: against closed forms, hand-made cases and planted rates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.ledger.costing import Activity, Costing, Resource
from analysis.policy import Policy
from analysis.topics.profitability.judgement.uncertainty import (
    certainty,
    cost_terms,
    draw_factors,
    ranges,
    segment_chances,
)

ONE_DESK = Costing(
    period="year",
    resources={"desk": Resource(cost=1000.0, capacity_minutes=1000.0, uncertainty=0.2)},
    activities={"call": Activity(resource="desk", minutes=5.0, uncertainty=0.3)},
)


def accounts(**columns: list[float]) -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    base = dict.fromkeys(
        ("gross_margin", "write_offs", "financing_cost", "list_revenue", "returns", "cost_to_serve", "failure_cost"),
        0.0,
    )
    frame = pd.DataFrame({**base, **columns}, index=range(count))
    frame["customer_id"] = [f"C{n}" for n in range(count)]
    return frame.assign(size="M", net_margin=frame.gross_margin - frame.cost_to_serve)


def minutes(logged: list[float], modelled: list[float], activity: str = "call") -> pd.DataFrame:
    ids = [f"C{n}" for n in range(len(logged))]
    frame = pd.DataFrame({"customer_id": ids, "activity": activity, "logged": logged, "modelled": modelled})
    return frame.assign(failure_logged=0.0, failure_modelled=0.0)


def test_a_triangular_factor_has_the_mean_and_variance_of_the_textbook() -> None:
    factors = draw_factors([("desk", "")], ONE_DESK, 100_000, seed=3)
    # Triangular on [1 - u, 1 + u] with mode 1: mean 1, variance u^2 / 6; u = 0.2.
    assert factors.mean() == pytest.approx(1, abs=4 * np.sqrt(0.04 / 6 / 100_000))
    assert factors.var() == pytest.approx(0.04 / 6, rel=0.02)
    assert factors.min() >= 0.8
    assert factors.max() <= 1.2


def test_cost_has_the_mean_and_variance_of_the_product_of_independent_factors() -> None:
    # Cost = g x (100 + 300 f): E = 400; Var = E[g^2] E[(100 + 300 f)^2] - 400^2
    # with E[g^2] = 1 + 0.04/6 and E[(100 + 300 f)^2] = 400^2 + 300^2 x 0.09/6.
    terms = cost_terms(pd.Series(["C0"], name="customer_id"), minutes([100.0], [300.0]), ONE_DESK)
    factors = draw_factors(terms.names, ONE_DESK, 100_000, seed=5)
    cost = (terms.serve @ factors)[0]
    variance = (1 + 0.04 / 6) * (400**2 + 300**2 * 0.09 / 6) - 400**2
    assert cost.mean() == pytest.approx(400, rel=0.001)
    assert cost.var() == pytest.approx(variance, rel=0.02)


def test_logged_minutes_are_certain_but_their_rate_is_not() -> None:
    terms = cost_terms(pd.Series(["C0"], name="customer_id"), minutes([100.0], [0.0]), ONE_DESK)
    factors = draw_factors(terms.names, ONE_DESK, 2000, seed=5)
    cost = (terms.serve @ factors)[0]
    assert cost.min() >= 80
    assert cost.max() <= 120


def test_all_accounts_share_one_draw_of_each_rate() -> None:
    terms = cost_terms(pd.Series(["C0", "C1"], name="customer_id"), minutes([100.0, 50.0], [0.0, 0.0]), ONE_DESK)
    cost = terms.serve @ draw_factors(terms.names, ONE_DESK, 500, seed=1)
    np.testing.assert_allclose(cost[0], 2 * cost[1])


def test_without_stated_uncertainty_the_range_is_the_margin_itself() -> None:
    certain = Costing(
        period="year",
        resources={"desk": Resource(cost=1000.0, capacity_minutes=1000.0)},
        activities={"call": Activity(resource="desk")},
    )
    portfolio = accounts(gross_margin=[100.0, 10.0], cost_to_serve=[40.0, 40.0], list_revenue=[200.0, 20.0])
    found = ranges(portfolio, minutes([40.0, 40.0], [0.0, 0.0]), certain, Policy()).accounts
    assert found.net_margin_low.tolist() == pytest.approx([60, -30])
    assert found.net_margin_high.tolist() == pytest.approx([60, -30])
    assert found.p_unprofitable.tolist() == [0, 1]
    assert found.certainty.tolist() == ["surely_positive", "surely_negative"]


def test_an_account_that_breaks_even_at_the_stated_rate_loses_money_half_the_time() -> None:
    portfolio = accounts(gross_margin=[100.0], cost_to_serve=[100.0], list_revenue=[500.0])
    found = ranges(portfolio, minutes([100.0], [0.0]), ONE_DESK, Policy()).accounts
    assert found.p_unprofitable[0] == pytest.approx(0.5, abs=0.02)
    # Cost = 100 g; the 95% point of g is 1 + 0.2 (1 - sqrt(0.1)) = 1.13675.
    assert found.net_margin_low[0] == pytest.approx(-13.675, abs=0.35)
    assert found.net_margin_high[0] == pytest.approx(13.675, abs=0.35)
    assert found.certainty[0] == "sensitive"


def test_the_same_seed_gives_the_same_answer_and_another_seed_another() -> None:
    portfolio = accounts(gross_margin=[90.0, 50.0], cost_to_serve=[100.0, 20.0], list_revenue=[500.0, 100.0])
    work = minutes([50.0, 20.0], [50.0, 0.0])
    first, again, other = (
        ranges(portfolio, work, ONE_DESK, Policy.read(None, {"uncertainty": {"seed": seed}})).accounts
        for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_the_chances_of_the_four_segments_sum_to_one() -> None:
    portfolio = accounts(
        gross_margin=[90.0, 50.0, 0.0], cost_to_serve=[100.0, 20.0, 5.0], list_revenue=[500.0, 100.0, 0.0]
    )
    drawn = ranges(portfolio, minutes([50.0, 20.0, 5.0], [50.0, 0.0, 0.0]), ONE_DESK, Policy())
    chances = segment_chances(drawn, ONE_DESK, Policy()).set_index("customer_id")
    assert list(chances.index) == ["C0", "C1", "C2"]
    assert chances.shape[1] == 4
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    # The first earns its 90 unless its 100 of work, half of it modelled, turns out a tenth cheaper.
    earns = chances.filter(like="p_profitable").sum(axis=1)
    assert 0.0 < earns["C0"] < 0.5
    assert earns["C1"] == 1.0


@pytest.mark.parametrize("count", [2, 3, 7, 30])
def test_alike_accounts_lie_on_the_line_of_demand_and_above_it_in_no_draw(count) -> None:
    """Each asks for as much as all do: which side of the line the last binary digit falls on is no chance."""
    portfolio = accounts(gross_margin=[90.0] * count, cost_to_serve=[33.3] * count, list_revenue=[333.33] * count)
    drawn = ranges(portfolio, minutes([16.65] * count, [16.65] * count), ONE_DESK, Policy())
    chances = segment_chances(drawn, ONE_DESK, Policy())

    assert (chances.filter(like="high_demand") == 0).all(axis=None)


def test_the_band_of_the_whale_ends_at_the_range_of_the_total_in_a_large_portfolio_too() -> None:
    """Of 1,500 accounts one loses half of what the others earn: the curve ends where all have been counted."""
    count, policy = 1500, Policy.read(None, {"uncertainty": {"draws": 200, "rank_draws": 200}})
    work = [1.0] * (count - 1) + [7000.0]
    portfolio = accounts(gross_margin=[10.0] * count, cost_to_serve=work, list_revenue=[100.0] * count)
    found = ranges(portfolio, minutes([0.0] * count, work), ONE_DESK, policy)
    last = found.whale.iloc[-1]

    assert [last.cumulative_low, last.cumulative_high] == pytest.approx(found.portfolio["net_margin"])


def test_ranks_by_the_streamed_grid_are_the_ranks_of_the_full_matrix() -> None:
    random = np.random.default_rng(11)
    count = 300
    margins, work = random.normal(50, 40, count), random.gamma(2, 15, count)
    portfolio = accounts(gross_margin=margins.tolist(), cost_to_serve=work.tolist(), list_revenue=[100.0] * count)
    policy = Policy.read(None, {"uncertainty": {"draws": 200, "rank_draws": 200}})
    found = ranges(portfolio, minutes([0.0] * count, work.tolist()), ONE_DESK, policy).accounts
    terms = cost_terms(portfolio.customer_id, minutes([0.0] * count, work.tolist()), ONE_DESK)
    nets = margins[:, None] - terms.serve @ draw_factors(terms.names, ONE_DESK, 200, policy.uncertainty.seed)
    ranks = (-nets).argsort(axis=0).argsort(axis=0) + 1
    low, high = np.quantile(ranks, [0.05, 0.95], axis=1, method="inverted_cdf")
    np.testing.assert_array_equal(found.rank_low, low)
    np.testing.assert_array_equal(found.rank_high, high)


def test_an_account_whose_margin_is_not_measured_gets_no_range() -> None:
    portfolio = accounts(gross_margin=[90.0, float("nan")], cost_to_serve=[10.0, 20.0], list_revenue=[500.0, 100.0])
    found = ranges(portfolio, minutes([10.0, 20.0], [0.0, 0.0]), ONE_DESK, Policy())
    assert found.accounts.customer_id.tolist() == ["C0"]


def test_certainty_takes_earning_and_losing_alike() -> None:
    """In binary 1 - 0.9 is less than 0.1."""
    assert certainty(pd.Series([0.1, 0.9]), 0.9).tolist() == ["surely_positive", "surely_negative"]


def test_certainty_follows_the_policys_chance() -> None:
    found = certainty(pd.Series([0.0, 0.05, 0.06, 0.94, 0.95, 1.0]), 0.95)
    assert found.tolist() == [
        "surely_positive",
        "surely_positive",
        "sensitive",
        "sensitive",
        "surely_negative",
        "surely_negative",
    ]
