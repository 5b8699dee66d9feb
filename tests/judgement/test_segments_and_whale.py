"""Segments and the whale curve on a handful of accounts, by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from analysis.policy import Segments
from analysis.topics.profitability.judgement.profitability import shape, whale
from analysis.topics.profitability.judgement.segments import demand_line, segment

COLUMNS = ["customer_id", "size", "running_margin", "cost_to_serve", "failure_cost", "list_revenue", "returns"]


def accounts(*rows):
    frame = pd.DataFrame(rows, columns=COLUMNS)
    sold = frame.list_revenue - frame.returns
    frame["service_demand"] = ((frame.cost_to_serve - frame.failure_cost) / sold).where(sold > 0)
    return frame


FOUR = accounts(
    ("a", "L", 0.0, 10, 0, 100, 0),  # demand 0.10, nothing earned and nothing lost
    ("b", "L", 5.0, 60, 20, 100, 0),  # demand 0.40 without our failures
    ("c", "S", -1.0, 30, 0, 120, 20),  # demand 0.30
    ("d", "S", -0.01, 20, 0, 100, 0),  # demand 0.20
)


def test_the_line_of_demand_is_the_portfolios_sum_over_sum():
    assert demand_line(FOUR) == (10 + 40 + 30 + 20) / 400


def test_zero_is_profitable_and_demand_above_the_portfolios_own_is_high():
    assert segment(FOUR, Segments()).tolist() == [
        "profitable_low_demand",
        "profitable_high_demand",
        "unprofitable_high_demand",
        "unprofitable_low_demand",
    ]


def test_a_threshold_of_profit_moves_the_line():
    assert segment(FOUR, Segments(profit_threshold=5.0)).str.startswith("profitable").tolist() == [
        False,
        True,
        False,
        False,
    ]


def test_within_size_bands_each_band_has_its_own_line_and_no_size_is_a_band():
    spread = accounts(
        ("a", "L", 1.0, 10, 0, 100, 0),
        ("b", "L", 1.0, 20, 0, 100, 0),
        ("c", "S", 1.0, 50, 0, 100, 0),
        ("d", "S", 1.0, 70, 0, 100, 0),
        ("e", None, 1.0, 90, 0, 100, 0),
    )
    high = segment(spread, Segments(within_size_bands=True)).str.endswith("high_demand")

    assert high.tolist() == [False, True, False, True, False]


def test_where_nothing_was_sold_any_service_is_high_demand():
    unsold = accounts(("a", "L", -5.0, 0.5, 0, 0, 0), ("b", "L", 0.0, 0, 0, 0, 0), ("c", "L", -9.0, 2, 0, 10, 20))

    assert segment(unsold, Segments()).tolist() == [
        "unprofitable_high_demand",
        "profitable_low_demand",
        "unprofitable_high_demand",
    ]
    # Where there is nothing to divide by, cost to serve above 0 is high demand, whoever caused the work.
    by_us = accounts(("a", "L", -5.0, 0.5, 0.5, 0, 0))
    assert segment(by_us, Segments()).tolist() == ["unprofitable_high_demand"]
    assert math.isnan(demand_line(unsold))


def test_where_the_portfolio_has_no_line_any_service_is_high_demand():
    more_back_than_sold = accounts(("a", "L", 1.0, 5, 0, 10, 0), ("b", "L", 1.0, 0, 0, 0, 30))

    assert segment(more_back_than_sold, Segments()).tolist() == ["profitable_high_demand", "profitable_low_demand"]


def test_an_account_without_a_measured_margin_has_no_segment():
    unknown = accounts(("a", "L", float("nan"), 10, 0, 100, 0), ("b", "L", 1.0, 10, 0, 100, 0))

    assert segment(unknown, Segments()).isna().tolist() == [True, False]


@pytest.mark.parametrize(("sold", "back", "cost"), [(0.3, 0.1, 0.07), (1.1, 0.7, 0.13), (0.8, 0.7, 3.3)])
def test_a_single_account_is_never_above_its_own_line(sold, back, cost):
    alone = accounts(("a", "L", 1.0, cost, 0, sold, back))
    alone["service_demand"] = cost / round(sold - back, 4)  # as exact decimals give it

    assert segment(alone, Segments()).tolist() == ["profitable_low_demand"]


def margins(*values):
    return pd.DataFrame(
        {"customer_id": [f"c{n}" for n in range(len(values))], "net_margin": values}, dtype="object"
    ).astype({"net_margin": float, "customer_id": "str"})


def test_the_whale_runs_from_the_most_to_the_least_profitable_and_leaves_the_unknown_out():
    curve = whale(margins(10, -5, float("nan"), 30, 10))

    assert curve["rank"].tolist() == [1, 2, 3, 4]
    assert curve.customer_id.tolist() == ["c3", "c0", "c4", "c1"]
    assert curve.cumulative.tolist() == [30, 40, 50, 45]


def test_the_shape_of_a_whale_by_hand():
    found = shape(whale(margins(60, 60, -20)))

    assert (found.accounts, found.total, found.peak, found.peak_accounts) == (3, 100, 120, 2)
    assert found.peak_share == 1.2
    assert found.given_back == 20
    # Area under (0, .6, 1.2, 1) over thirds: (.3 + .9 + 1.1) / 3 = .766667; over the diagonal's half.
    assert found.stobachoff == pytest.approx((2.3 / 3 - 0.5) / (2.3 / 3))


def test_equal_accounts_have_a_stobachoff_index_of_zero():
    assert shape(whale(margins(5, 5, 5, 5))).stobachoff == pytest.approx(0)


@pytest.mark.parametrize("values", [(-1, -2), (5, -5), (3, -10)])
def test_a_portfolio_that_earns_nothing_has_no_shares(values):
    found = shape(whale(margins(*values)))

    assert (found.peak_share, found.stobachoff) == (None, None)
    assert found.peak == max(0, max(values))
    assert found.total == sum(values)


def test_no_account_and_one_account_have_a_whale_too():
    assert shape(whale(margins())).accounts == 0
    one = shape(whale(margins(7)))
    assert (one.peak_share, one.peak_accounts, one.stobachoff) == (1, 1, 0)
