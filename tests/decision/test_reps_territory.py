"""A territory is not a seller's doing, a discount is: bands on accounts with a planted truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.policy import Sellers
from analysis.topics.sellers.judgement.territory import against_territory

SELLERS = ("Amy", "Ben", "Cal", "Dee")


def world(seed=2, each=40, worse=None, by=0.0):
    """Return accounts of which two industries earn 50% and 10% of list revenue; Dee has nearly only the poor one."""
    random = np.random.default_rng(seed)
    seller = np.repeat(SELLERS, each)
    poor = random.random(len(seller)) < np.where(seller == "Dee", 0.9, 0.3)
    listed = np.exp(random.normal(10, 0.7, len(seller)))
    rate = np.where(poor, 0.1, 0.5) + random.normal(0, 0.08, len(seller)) - np.where(seller == worse, by, 0.0)
    return pd.DataFrame(
        {
            "customer_id": [f"{number:04d}" for number in range(len(seller))],
            "seller": seller,
            "industry": np.where(poor, "poor", "rich"),
            "region": "here",
            "size": "M",
            "list_revenue": listed,
            "margin": rate * listed,
        }
    )


def gaps(rows, **policy):
    pieces = rows[["customer_id", "seller", "list_revenue", "margin"]]
    return against_territory(pieces, rows.drop(columns="seller"), None, Sellers(**policy)).set_index("seller")


def test_a_poor_territory_is_expected_and_a_discount_is_not():
    rows = world(worse="Cal", by=0.15)
    found = gaps(rows)
    listed = rows.groupby("seller").list_revenue.sum()
    margin = rows.groupby("seller").margin.sum() / listed
    assert margin["Dee"] < margin["Cal"]  # by margin alone Dee would be the worst
    assert found.gap["Cal"] == pytest.approx(-0.15 * listed["Cal"], rel=0.35)
    assert found.gap_high["Cal"] < 0
    assert found.gap_low["Dee"] < 0 < found.gap_high["Dee"]


@pytest.mark.slow
def test_where_sellers_do_alike_about_one_in_twenty_is_outside_its_interval():
    outside = [((found.gap_low > 0) | (found.gap_high < 0)).sum() for found in (gaps(world(s)) for s in range(40))]
    # 160 sellers at 95%: 8 expected; the chance of more than 16 is below 1 in 300.
    assert sum(outside) <= 16


def test_the_sellers_own_accounts_take_no_part_in_what_is_expected_of_it():
    rows = world()
    own = rows.seller == "Amy"
    other = rows.assign(margin=rows.margin.where(~own, rows.margin * 3))
    # The penalty is chosen over all accounts, so it may move a little.
    assert gaps(other).expected_margin["Amy"] == pytest.approx(gaps(rows).expected_margin["Amy"], rel=0.02)


def test_a_seller_with_every_account_is_held_against_nobody():
    assert gaps(world().assign(seller="Amy")).empty


def test_one_account_that_is_nearly_all_of_the_revenue_gives_no_interval():
    rows = world()
    rows.loc[0, ["list_revenue", "margin"]] = [1e9, 3e8]
    found = gaps(rows)
    assert found.gap_low.isna().to_dict() == {"Amy": True, "Ben": False, "Cal": False, "Dee": False}


def test_the_order_of_the_sellers_accounts_changes_nothing():
    rows = world()
    pieces = rows[["customer_id", "seller", "list_revenue", "margin"]]
    accounts = rows.drop(columns="seller")
    again = against_territory(pieces.sort_values(["customer_id"]), accounts, None, Sellers())
    pd.testing.assert_frame_equal(again, against_territory(pieces, accounts, None, Sellers()))
