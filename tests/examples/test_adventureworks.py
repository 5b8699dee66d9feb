"""The mapping of AdventureWorks' resellers gives the totals that its publisher's tables have."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from analysis import Portfolio

EXAMPLE = Path(__file__).parents[2] / "examples" / "adventureworks"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.real_data,
    pytest.mark.skipif(
        "MUTUAL_VALUE_REAL_DATA" not in os.environ,
        reason="MUTUAL_VALUE_REAL_DATA is unset: it names the folder with adventureworks/*.parquet",
    ),
]


@pytest.fixture(scope="module")
def portfolio() -> Portfolio:
    return Portfolio(EXAMPLE, date(2013, 11, 30))


def test_the_portfolio_has_the_known_sales_and_product_cost(portfolio: Portfolio) -> None:
    totals = portfolio.accounts[["net_revenue", "cogs", "gross_margin"]].sum().round(2)
    assert totals.to_dict() == {"net_revenue": 80_450_596.98, "cogs": 79_980_114.38, "gross_margin": 470_482.60}


def test_freight_that_is_billed_on_is_no_cost(portfolio: Portfolio) -> None:
    assert portfolio.accounts["freight"].sum() == 0


def test_list_price_less_discount_is_what_was_sold(portfolio: Portfolio) -> None:
    accounts = portfolio.accounts
    assert round(accounts["discounts"].sum(), 2) == 527_507.93
    assert round(accounts["list_revenue"].sum(), 2) == 80_978_104.91
    assert accounts["returns"].sum() == 0


def test_335_of_635_resellers_are_below_zero_before_any_cost_to_serve(portfolio: Portfolio) -> None:
    assert len(portfolio.accounts) == 635
    assert (portfolio.accounts["gross_margin"] < 0).sum() == 335


def test_the_whale_curve_of_gross_margin_peaks_at_562_percent(portfolio: Portfolio) -> None:
    margins = portfolio.accounts["gross_margin"].sort_values(ascending=False)
    assert round(margins.cumsum().max() / margins.sum(), 3) == 5.619


def test_resources_carry_the_costing_worked_out_by_hand(portfolio: Portfolio) -> None:
    """3,796 orders of 60,855 lines were taken from 635 new accounts; 3,616 orders were shipped in the window.

    Those have 57,851 lines and 204,114 units. Order desk: (3,796 x 5 + 60,855 x 3 + 635 x 15) minutes at 0.80.
    Warehouse: (3,616 x 15 + 57,851 x 1.5 + 204,114) minutes at 0.60. Three years of capacity each.
    """
    resources = portfolio.resources.set_index("resource")
    columns = ["used_minutes", "used_cost", "unused_minutes", "unused_cost", "unassigned_cost"]
    found = resources[columns].astype(float).round(2)
    assert found.loc["order_desk"].tolist() == [211_070.0, 168_856.00, 88_930.0, 71_144.00, 0.0]
    assert found.loc["warehouse"].tolist() == [345_130.5, 207_078.30, 254_869.5, 152_921.70, 0.0]


def test_opening_accounts_is_cost_to_obtain_and_the_rest_cost_to_serve(portfolio: Portfolio) -> None:
    accounts = portfolio.accounts
    assert round(accounts["cost_to_obtain"].sum(), 2) == 7_620.00
    assert round(accounts["cost_to_serve"].sum(), 2) == 368_314.30
    assert round(accounts["net_margin"].sum(), 2) == 94_548.30


def test_what_resources_used_is_what_accounts_are_charged(portfolio: Portfolio) -> None:
    accounts, resources = portfolio.accounts, portfolio.resources
    charged = accounts[["cost_to_serve", "cost_to_obtain"]].sum().sum() + resources["unassigned_cost"].sum()
    assert float(resources["used_cost"].sum()) == pytest.approx(float(charged), abs=0.005)
    groups = accounts.filter(regex="^cts_(?!pct$)")
    assert sorted(groups) == ["cts_order_desk", "cts_warehouse"]
    assert (groups.sum(axis=1) - accounts["cost_to_serve"]).abs().max() < 0.005
