"""Why an account earns less than its peers: by hand, and as identities."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Portfolio
from analysis.judgement.reasons import variance

COSTING = """
period = "year"
[resources.desk]
cost = 60000
capacity_minutes = 60000
[activities.call]
resource = "desk"
minutes = 10
[activities.order]
resource = "desk"
per_order = true
minutes = 5
[activities.repair]
resource = "desk"
demand = "failure"
minutes = 30
[activities.pitch]
resource = "desk"
purpose = "obtain"
minutes = 20
"""
CUSTOMERS = "customer_id,name,size\nA,Ada,M\nB,Bo,M\n"
SALES = """transaction_id,customer_id,date,kind,list_amount,discount,cogs,freight
1,A,2026-03-01,sale,1000,100,500,10
2,B,2026-03-01,sale,2000,100,900,0
"""


def events(*rows: str) -> str:
    head = "event_id,customer_id,at,activity,channel,rush,after_hours,requested,in_scope"
    return "\n".join([head, *(f"e{n},{row}" for n, row in enumerate(rows))]) + "\n"


@pytest.fixture
def two(write_dataset) -> pd.DataFrame:
    rows = [
        "A,2026-03-02T10:00,call,phone,true,,,",  # rush: 10
        "A,2026-03-02T10:00,call,phone,,true,,",  # after hours: 10
        "A,2026-03-02T10:00,call,phone,,,false,",  # unrequested: 10
        "A,2026-03-02T10:00,call,phone,true,,false,false",  # out of scope comes before unrequested and rush: 10
        "A,2026-03-02T10:00,order,phone,,,,",  # order_size: 5
        "A,2026-03-02T10:00,repair,phone,true,,,false",  # failure comes first: 30
        "A,2026-03-02T10:00,pitch,phone,true,,,",  # obtaining, whatever its flags: 20
        "A,2026-03-02T10:00,call,phone,,,true,true",  # other: 10
        "B,2026-03-02T10:00,call,phone,,,,",  # other: 10
    ]
    data = write_dataset(customers=CUSTOMERS, transactions=SALES, service_events=events(*rows), costing=COSTING)
    portfolio = Portfolio(data, "2026-10-31", {"peers": {"minimum": 1}, "window": {"allow_beyond": True}})
    return portfolio.reasons[portfolio.reasons.customer_id == "A"].set_index("driver")


def test_each_cost_belongs_to_the_first_driver_that_fits_it(two: pd.DataFrame) -> None:
    # B, at A's list revenue (half of its own): discount 50, goods 450, other service 5, all else 0.
    expected = {
        "discount": 50,
        "product_mix": 50,
        "freight": 10,
        "failure": 30,
        "out_of_scope": 10,
        "unrequested": 10,
        "rush": 10,
        "after_hours": 10,
        "order_size": 5,
        "other_service": 5,
        "obtaining": 20,
    }
    assert two.amount.round(4).to_dict() == expected


def test_the_drivers_sum_to_the_gap_to_the_cent(two: pd.DataFrame) -> None:
    # A: 900 - 500 - 10 - 85 - 20 = 285. B: 1900 - 900 - 10 = 990, at A's list revenue 495. The gap is 210.
    assert two.amount.sum() == pytest.approx(210, abs=0.005)


def test_reasons_are_ranked_from_the_costliest(two: pd.DataFrame) -> None:
    assert two["rank"].tolist() == list(range(1, len(two) + 1))
    assert two.amount.is_monotonic_decreasing


def test_a_sentence_says_how_many_against_how_many_for_whom_and_what_it_costs(two: pd.DataFrame) -> None:
    said = two.sentence["rush"].replace("\N{NO-BREAK SPACE}", " ")
    assert said == "Rush work: 1 against 0 for like accounts (size M), EUR 10 a year"


def test_the_whole_portfolio_stands_in_where_peers_are_too_few(write_dataset) -> None:
    rows = ["A,2026-03-02T10:00,call,phone,,,,", "B,2026-03-02T10:00,call,phone,,,,"]
    data = write_dataset(customers=CUSTOMERS, transactions=SALES, service_events=events(*rows), costing=COSTING)
    found = Portfolio(data, "2026-10-31", {"window": {"allow_beyond": True}}).reasons
    assert set(found.peers) == {"the whole portfolio"}
    assert found.sentence.str.contains("for the whole portfolio").all()


def test_a_single_account_has_no_peers_and_no_reasons(write_dataset) -> None:
    data = write_dataset(
        customers="customer_id,name\nA,Ada\n",
        transactions="transaction_id,customer_id,date,kind,list_amount,cogs\n1,A,2026-03-01,sale,10,5\n",
    )
    assert Portfolio(data, "2026-10-31", {"window": {"allow_beyond": True}}).reasons.empty


def test_volume_channel_minutes_and_price_by_hand() -> None:
    # Own: 4 by phone at 10 minutes and 6 on site at 60, at 2 a minute. Peers: 4 by phone, 1 on site, as long, at 1.
    own = np.array([[4.0, 40.0, 80.0], [6.0, 360.0, 720.0]])
    peers = np.array([[4.0, 40.0, 40.0], [1.0, 60.0, 60.0]])
    volume, channel, minutes, price = variance(own, peers)
    assert volume == pytest.approx((10 - 5) * 20)  # the peers' average piece of work costs 100 / 5
    assert channel == pytest.approx((4 - 8) * 10 + (6 - 2) * 60)
    assert minutes == pytest.approx(0)
    assert price == pytest.approx(400)  # twice the price of a minute on 400 minutes
    assert volume + channel + minutes + price == pytest.approx(800 - 100)


amounts = st.floats(0, 1000).map(lambda x: round(x, 3))
cells = st.lists(st.tuples(st.integers(0, 50).map(float), amounts, amounts), min_size=3, max_size=3)


@settings(max_examples=200, deadline=None)
@given(own=cells, peers=cells)
def test_the_four_effects_always_sum_to_the_difference(own, peers) -> None:
    mine, theirs = np.array(own), np.array(peers)
    total = mine[:, 2].sum() - theirs[:, 2].sum()
    assert variance(mine, theirs).sum() == pytest.approx(total, abs=1e-6)
