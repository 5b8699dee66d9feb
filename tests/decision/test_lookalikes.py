"""The customer to look for: a planted profile is found, and small accounts that share it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.data.contract import conform
from analysis.topics.archetypes.judgement.lookalikes import can_tell, features, fits, lookalikes, profile


@pytest.fixture
def accounts() -> pd.DataFrame:
    """Thirty that earn are bakers at half the cost of goods; thirty that lose are smiths; five small bakers too."""
    rows = []
    for place in range(65):
        earns, small = place < 30, place >= 60
        rows.append(
            {
                "customer_id": f"C{place:02}",
                "industry": "Bakers" if earns or small else "Smiths",
                "net_revenue": 100.0 + place if small else 10_000.0 + place,
                "list_revenue": 20_000.0,
                "cogs": (100.0 + place) * 0.5 if small else 5_000.0 + place if earns else 9_900.0 + place,
                "running_margin": 500.0 if earns else -100.0,
                "net_margin": 500.0 if earns else -100.0,
                "orders": 4,
            }
        )
    return conform(pd.DataFrame(rows), "accounts")


def test_those_that_earn_and_are_neither_over_served_nor_difficult_fit(accounts: pd.DataFrame) -> None:
    assert fits(accounts).sum() == 30
    judged = accounts.assign(over_served=pd.array([True] + [None] * 64, dtype="boolean"))
    judged["difficult"] = pd.array([False, True] + [None] * 63, dtype="boolean")
    assert fits(judged).tolist()[:3] == [False, False, True]


def test_the_industry_and_the_cost_of_goods_set_them_apart(accounts: pd.DataFrame) -> None:
    found = profile(features(accounts, None), fits(accounts)).set_index("feature")
    assert set(found.index[:3]) == {"Industry: Bakers", "Industry: Smiths", "Cost of goods / net revenue"}
    assert found.share["Industry: Bakers"] == 1.0
    assert found.others["Industry: Bakers"] == pytest.approx(5 / 35)
    assert found.lift["Cost of goods / net revenue"] < 0


def test_among_many_features_only_the_planted_ones_are_farther_apart_than_chance_would_have_them(accounts) -> None:
    noise = np.random.default_rng(3)
    found = features(accounts, None).assign(**{f"Noise {n}": noise.normal(size=65) for n in range(40)})
    told = profile(found, fits(accounts)).set_index("feature").by_chance
    assert (told[["Industry: Bakers", "Industry: Smiths", "Cost of goods / net revenue"]] < 1e-4).all()
    assert (told[[f"Noise {n}" for n in range(40)]] > 0.1).all()


def test_the_small_bakers_are_like_them_and_no_smith_is(accounts: pd.DataFrame) -> None:
    found = lookalikes(accounts, features(accounts, None), fits(accounts))
    assert set(found.customer_id) <= {f"C{place}" for place in range(60, 65)}
    assert found.likeness.between(50, 100).all()


def test_no_feature_grows_with_size(accounts: pd.DataFrame) -> None:
    money = ["net_revenue", "list_revenue", "cogs"]
    doubled = accounts.assign(**{name: accounts[name] * 2 for name in money}, orders=accounts.orders * 2)
    assert np.allclose(features(doubled, None), features(accounts, None))


def test_too_few_make_no_profile(accounts: pd.DataFrame) -> None:
    assert can_tell(fits(accounts))
    assert not can_tell(fits(accounts.head(9)))
    assert not can_tell(fits(accounts.head(35)))


def test_one_that_buys_nothing_is_like_nobody() -> None:
    """Of it no share of revenue is known, so that it stands in the middle of all: here, amid those that fit."""
    fit = pd.Series([True] * 12 + [False] * 12)
    revenue = [1_000.0] * 12 + [900.0] * 10 + [0.0, 10.0]
    accounts = pd.DataFrame({"customer_id": [f"C{n:02}" for n in range(24)], "net_revenue": revenue, "net_margin": 1.0})
    accounts = accounts.assign(over_served=False, difficult=False)
    cogs = [*np.linspace(-0.1, 0.1, 12), *[-5.0, 5.0] * 5, float("nan"), 0.0]
    found = lookalikes(accounts, pd.DataFrame({"Cost of goods / net revenue": cogs}), fit)
    assert found.customer_id.tolist() == ["C23"]
