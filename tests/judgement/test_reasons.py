"""Why an account earns less than its peers: by hand, and as identities."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Portfolio
from analysis.policy import Peers
from analysis.topics.profitability.judgement.peers import peer_sets
from analysis.topics.profitability.judgement.reasons import variance

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


@pytest.fixture(scope="module")
def two(share_dataset) -> pd.DataFrame:
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
    data = share_dataset(customers=CUSTOMERS, transactions=SALES, service_events=events(*rows), costing=COSTING)
    choices = {"peers": {"by": ["size"], "minimum": 1}, "window": {"allow_beyond": True}}
    portfolio = Portfolio(data, "2026-10-31", choices)
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


def test_what_an_account_and_its_peers_have_nothing_of_is_no_reason(write_dataset) -> None:
    # 0.1 + 0.2 is not 0.3 in binary: what is left of the statement's 0.3 is finer than money, and no other service.
    costing = COSTING.replace("cost = 60000", "cost = 600")
    rows = [
        "A,2026-03-02T10:00,call,phone,true,,,",
        "A,2026-03-02T10:00,call,phone,,true,,",
        "A,2026-03-02T10:00,call,phone,,true,,",
    ]
    data = write_dataset(customers=CUSTOMERS, transactions=SALES, service_events=events(*rows), costing=costing)
    found = Portfolio(data, "2026-10-31", {"window": {"allow_beyond": True}}).reasons

    mine = found[(found.customer_id == "A") & ~found.driver.isin(["discount", "product_mix", "freight"])]
    assert mine.set_index("driver").amount.to_dict() == pytest.approx({"after_hours": 0.2, "rush": 0.1})


def test_reasons_are_ranked_from_the_costliest(two: pd.DataFrame) -> None:
    assert two["rank"].tolist() == list(range(1, len(two) + 1))
    assert two.amount.is_monotonic_decreasing


def test_a_sentence_says_how_many_against_how_many_for_whom_and_what_it_costs(two: pd.DataFrame) -> None:
    said = two.sentence["rush"].replace("\N{NO-BREAK SPACE}", " ")
    assert said == "Rush work: 1 piece of work against 0 for like accounts (size M), EUR 10 a year"


def test_the_whole_portfolio_stands_in_where_peers_are_too_few(write_dataset) -> None:
    rows = ["A,2026-03-02T10:00,call,phone,,,,", "B,2026-03-02T10:00,call,phone,,,,"]
    data = write_dataset(customers=CUSTOMERS, transactions=SALES, service_events=events(*rows), costing=COSTING)
    choices = {"window": {"allow_beyond": True}, "peers": {"by": ["size"]}}
    found = Portfolio(data, "2026-10-31", choices).reasons
    assert set(found.peers) == {"the whole portfolio"}
    assert found.sentence.str.contains("for the whole portfolio").all()


def test_a_single_account_has_no_peers_and_no_reasons(write_dataset) -> None:
    data = write_dataset(
        customers="customer_id,name\nA,Ada\n",
        transactions="transaction_id,customer_id,date,kind,list_amount,cogs\n1,A,2026-03-01,sale,10,5\n",
    )
    assert Portfolio(data, "2026-10-31", {"window": {"allow_beyond": True}}).reasons.empty


def discounts(write_dataset, sold: dict[str, tuple[float, float]], peers: dict[str, object]) -> pd.DataFrame:
    """Return what the discounts explain where each account sold so much at list, so much of it given away."""
    lines = [f"{n},{name},2026-03-01,sale,{a},{d},0" for n, (name, (a, d)) in enumerate(sold.items())]
    data = write_dataset(
        customers="\n".join(["customer_id,name,size", *(f"{name},{name},{name[0]}" for name in sold)]) + "\n",
        transactions="\n".join(["transaction_id,customer_id,date,kind,list_amount,discount,cogs", *lines]) + "\n",
    )
    found = Portfolio(data, "2026-10-31", {"window": {"allow_beyond": True}, "peers": peers}).reasons
    return found[found.driver == "discount"].set_index("customer_id")


LADDER = {"a": (100.0, 10.0), "b": (200.0, 10.0), "c": (300.0, 60.0), "d": (400.0, 0.0), "e": (5000.0, 500.0)}


def test_peers_are_the_nearest_in_list_revenue_by_hand(write_dataset) -> None:
    found = discounts(write_dataset, LADDER, {"nearest": 2})
    expected = {
        "a": 10 - (10 + 60) / (200 + 300) * 100,  # none smaller: the two next larger
        "b": 10 - (10 + 60) / (100 + 300) * 200,  # one on either side
        "c": 60 - (10 + 0) / (200 + 400) * 300,
        "d": 0 - (60 + 500) / (300 + 5000) * 400,
        "e": 500 - (60 + 0) / (300 + 400) * 5000,  # none larger: the two next smaller
    }
    assert found.amount.to_dict() == pytest.approx(expected, abs=1e-4)
    assert set(found.peers) == {"the 2 accounts nearest in list revenue"}


def test_accounts_that_sell_alike_are_peers_whatever_their_ids(write_dataset) -> None:
    # b, c, d sell for as much: whoever has one of them for a peer has them all.
    alike = {"a": (100.0, 0.0), "b": (200.0, 20.0), "c": (200.0, 40.0), "d": (200.0, 0.0), "e": (900.0, 0.0)}
    found = discounts(write_dataset, alike, {"nearest": 1})
    assert found.amount["a"] == pytest.approx(-60 / 600 * 100)
    assert found.peers["a"] == "the 3 accounts nearest in list revenue"
    renamed = dict(zip("adcbe", (alike[name] for name in "adcbe"), strict=True))
    again = discounts(write_dataset, {{"b": "d", "d": "b"}.get(n, n): v for n, v in renamed.items()}, {"nearest": 1})
    assert again.amount["b"] == pytest.approx(found.amount["d"])
    assert again.amount["c"] == pytest.approx(found.amount["c"])


@pytest.mark.parametrize("unit", [0.01, 1000.0])
def test_the_unit_of_money_picks_no_other_peers(write_dataset, unit) -> None:
    plain = discounts(write_dataset, LADDER, {"nearest": 2})
    scaled = {name: (sold * unit, given * unit) for name, (sold, given) in LADDER.items()}
    found = discounts(write_dataset, scaled, {"nearest": 2})
    assert (found.amount / unit).to_dict() == pytest.approx(plain.amount.to_dict(), rel=1e-3)


def test_the_nearest_are_searched_among_those_alike_in_the_policys_columns(write_dataset) -> None:
    sold = {"S1": (100.0, 10.0), "L1": (110.0, 0.0), "S2": (150.0, 30.0), "S3": (900.0, 0.0), "L2": (120.0, 12.0)}
    found = discounts(write_dataset, sold, {"by": ["size"], "minimum": 1, "nearest": 1})
    assert found.amount["S1"] == pytest.approx(10 - 30 / 150 * 100)
    assert found.peers["S1"] == "the account nearest in list revenue (size S)"
    assert found.peers["L1"] == "like accounts (size L)"


def test_an_account_without_sales_is_nobodys_nearest(write_dataset) -> None:
    found = discounts(write_dataset, {"z": (0.0, 0.0), **LADDER}, {"nearest": 2})
    assert "z" not in found.index
    assert found.amount["a"] == pytest.approx(10 - (10 + 60) / (200 + 300) * 100)


revenues = st.lists(st.integers(0, 40).map(float), min_size=2, max_size=40)


@settings(max_examples=200, deadline=None)
@given(revenue=revenues, nearest=st.integers(1, 12))
def test_nobody_left_out_is_nearer_in_order_than_a_peer_on_the_same_side(revenue, nearest) -> None:
    accounts = pd.DataFrame({"list_revenue": revenue})
    sets = peer_sets(accounts, Peers(nearest=nearest))
    for row, own in enumerate(revenue):
        mine = sets.order[sets.start[row] : sets.stop[row]]
        assert row in mine
        assert len(mine) - 1 >= min(nearest, sum(r > 0 for r in revenue) - 1)
        taken = [revenue[other] for other in mine]
        if own > 0 and len(mine) < len(revenue):
            outside = [r for other, r in enumerate(revenue) if other not in set(mine)]
            assert all(r < min(taken) or r > max(taken) for r in outside)
        everyone = sets.others(np.array(revenue), np.array([row]))
        assert everyone[0] == sum(taken) - own


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


def test_a_sentence_counts_the_pieces_of_the_record_where_part_of_each_is_beyond_the_level_due(share_dataset) -> None:
    # A call takes 10 minutes, a minute costs 1. Of A's ten calls four are due (one a quarter): 60 are beyond that, and
    # of each call 4 stay with its own driver: three out of scope 12, two unrequested 8, a rush 4, four others 16.
    rows = [
        *["A,2026-10-02T10:00,call,phone,true,,false,false"] * 3,
        *["A,2026-10-02T10:00,call,phone,true,,false,"] * 2,
        "A,2026-10-02T10:00,call,phone,true,,,",
        *["A,2026-10-02T10:00,call,phone,,,,"] * 4,
    ]
    data = share_dataset(
        customers=CUSTOMERS,
        transactions=SALES.replace("2026-03-01", "2026-10-01"),
        service_events=events(*rows),
        service_levels="customer_id,attribute,basis,level\nA,calls,entitled,1\n",
        costing=COSTING,
        policy='[service.calls]\nactivities = ["call"]\nmeasure = "count"\nperiod = "quarter"\n',
    )
    found = Portfolio(data, "2026-10-31").reasons
    mine = found[found.customer_id == "A"].set_index("driver")

    expected = {"over_service": 60, "other_service": 16, "out_of_scope": 12, "unrequested": 8, "rush": 4}
    assert mine.amount[[*expected]].round(4).to_dict() == expected
    told = {driver: words.split(": ")[1].split(" piece")[0] for driver, words in mine.sentence.items()}
    assert {driver: told[driver] for driver in expected} == {
        **{"over_service": "6", "other_service": "4", "out_of_scope": "3", "unrequested": "2", "rush": "1"}
    }
    # B sells twice as much and has none of it: at its list revenue A has two pieces for each of its own.
    theirs = found[found.customer_id == "B"].set_index("driver").sentence
    assert "0 pieces of work against 6 for" in theirs["out_of_scope"]
