"""What accounts get for their money, by hand: files in, tables out."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Portfolio
from analysis.topics.actions.measures.volumes import answers, failed_cases
from analysis.topics.difficulty.measures.ratings import case_months
from analysis.topics.value.judgement.history import history
from analysis.topics.value.judgement.mutual_value import PARTS, mutual_value, price_rank, wants_met
from analysis.topics.value.policy import ToCustomer

AS_OF = "2026-10-31"
COSTING = """
period = "year"
[resources.desk]
cost = 600000
capacity_minutes = 600000
[activities.visit]
resource = "desk"
minutes = 100
"""
POLICY = """
[service.visits]
activities = ["visit"]
period = "quarter"
[value.to_customer]
shrink = 0
"""
#: account: visits a year, what it wants a quarter (a level, or a wish), its importance, its discount on 1,000
ACCOUNTS = {
    "half": (4, "2", "5", 0),
    "all": (8, "2", "5", 100),
    "unwanted": (16, "2", "3", 200),
    "more": (8, "more", "", 200),
    "silent": (8, "", "", 0),
}


@pytest.fixture(scope="module")
def parts(share_dataset) -> pd.DataFrame:
    events = [f"{who}{n},{who},2026-05-05T10:00,visit" for who, row in ACCOUNTS.items() for n in range(row[0])]
    wants = [
        f"{who},visits,expected,{'' if row[1] == 'more' else row[1]},{'more' if row[1] == 'more' else ''},{row[2]}"
        for who, row in ACCOUNTS.items()
        if row[1]
    ]
    sales = [f"{who},{who},2026-05-05,sale,1000,{row[3]},0" for who, row in ACCOUNTS.items()]
    cases = [
        "k1,half,2026-05-05T10:00,2026-05-08T10:00,2026-05-07T10:00,5",
        "k2,half,2026-05-05T10:00,2026-05-08T10:00,2026-05-09T10:00,2",
        "k3,all,2026-05-05T10:00,2026-05-08T10:00,2026-05-07T10:00,",
        "k4,silent,2026-05-05T10:00,,2026-05-07T10:00,",
    ]
    data = share_dataset(
        customers="customer_id,name\n" + "".join(f"{who},{who}\n" for who in ACCOUNTS),
        transactions="\n".join(["transaction_id,customer_id,date,kind,list_amount,discount,cogs", *sales, ""]),
        service_events="\n".join(["event_id,customer_id,at,activity", *events, ""]),
        service_levels="\n".join(["customer_id,attribute,basis,level,wish,importance", *wants, ""]),
        cases="\n".join(["case_id,customer_id,opened_at,promised_at,resolved_at,satisfaction", *cases, ""]),
        contracts="contract_id,customer_id,starts,ends,monthly_fee\n1,half,2026-01-01,2027-12-31,1\n",
        costing=COSTING,
        policy=POLICY,
    )
    return Portfolio(data, AS_OF).mutual_value.set_index("customer_id")


def test_a_want_is_met_as_far_as_it_is_delivered(parts):
    assert parts.wants_met["half"] == pytest.approx(50)
    assert parts.wants_met["all"] == 100
    assert parts.wants_met["unwanted"] == 100
    assert parts.wants_met["more"] == 50
    assert pd.isna(parts.wants_met["silent"])


def test_promises_are_those_with_a_date_and_satisfaction_runs_from_one_to_five(parts):
    assert parts.promises_kept["half"] == 50
    assert parts.promises_kept["all"] == 100
    assert pd.isna(parts.promises_kept["silent"])
    # The mean of 5 and 2 is 3.5, 62.5 of the way from 1 to 5.
    assert parts.satisfaction["half"] == pytest.approx(62.5)
    assert pd.isna(parts.satisfaction["all"])


def test_a_share_of_promises_is_drawn_in_by_how_many_could_be_kept_by_now(share_dataset):
    """Two dates each were kept; the one of `open` that lies ahead proves nothing, so both accounts are as sure.

    Kept by all: 4 of 5. Drawn in by a strength of 5: (2 + 5 x 4/5) / (2 + 5) = 6 / 7.
    """
    kept = "2026-05-05T10:00,2026-05-08T10:00,2026-05-07T10:00"
    ahead = "2026-10-30T10:00,2026-11-08T10:00,"
    cases = [f"{who}{n},{who},{kept}" for who in ("open", "done") for n in range(2)]
    cases += [f"ahead{n},open,{ahead}" for n in range(9)]
    cases += ["late,late,2026-05-05T10:00,2026-05-08T10:00,2026-05-09T10:00"]
    data = share_dataset(
        customers="customer_id,name\nopen,open\ndone,done\nlate,late\n",
        cases="\n".join(["case_id,customer_id,opened_at,promised_at,resolved_at", *cases, ""]),
    )
    parts = Portfolio(data, AS_OF, {"value": {"to_customer": {"shrink": 5}}}).mutual_value.set_index("customer_id")

    assert parts.promises_kept["done"] == pytest.approx(100 * 6 / 7)
    assert parts.promises_kept["open"] == pytest.approx(100 * 6 / 7)


def test_of_a_case_that_was_done_after_the_as_of_day_nothing_is_known_yet(share_dataset):
    """A mark given in November says nothing in October, and a date that had passed by then was missed all the same.

    The survey of `one` says 3, half of the way from 1 to 5; the case's 5 came later. Its date passed in October.
    """
    data = share_dataset(
        customers="customer_id,name\none,one\n",
        cases="case_id,customer_id,opened_at,promised_at,resolved_at,satisfaction,cause\n"
        "k1,one,2026-10-05T10:00,2026-10-08T10:00,2026-11-09T10:00,5,ours\n",
        surveys="customer_id,asked_on,satisfaction\none,2026-10-20,3\n",
    )
    p = Portfolio(data, AS_OF, {"value": {"to_customer": {"shrink": 0}}})
    seen = history(p.opened.checked, p.accounts.customer_id, p.window.after, 12, p.computed.working_time)

    assert p.mutual_value.satisfaction.tolist() == [50]
    assert p.mutual_value.promises_kept.tolist() == [0]
    assert (seen.counts["cases"].sum(), seen.counts["failed"].sum()) == (1, 1)
    cases, surveys = p.opened.checked["cases"], p.opened.checked["surveys"]
    [month] = case_months(cases, p.accounts.customer_id, p.window, p.computed.working_time).to_dict("records")
    assert (month["cases"], month["bad"]) == (1, 1)
    [said] = answers(cases, surveys, p.window).to_pandas().to_dict("records")
    assert (said["total"], said["answers"]) == (3, 1)
    [caused] = failed_cases(cases, p.window).to_pandas().to_dict("records")
    assert (caused["cases"], caused["failed"]) == (0, 0)


def test_price_is_how_many_like_it_get_no_larger_discount(parts):
    # 0, 0, 10%, 20%, 20%: places 1.5, 1.5, 3, 4.5, 4.5 of five, less a half.
    assert parts.price.to_dict() == pytest.approx({"all": 50, "half": 20, "more": 80, "silent": 20, "unwanted": 80})


def test_service_that_it_does_not_want_is_a_share_of_what_it_is_served(parts):
    # 16 visits where 8 are wanted: half of its cost to serve.
    assert parts.wanted_share["unwanted"] == pytest.approx(50)
    assert parts.wanted_share["half"] == 100
    assert pd.isna(parts.wanted_share["silent"])


def test_what_it_gets_is_the_mean_of_what_is_known_and_empty_below_three_parts(parts):
    assert parts.parts["half"] == 5
    assert parts.value_to_customer["half"] == pytest.approx((50 + 50 + 20 + 62.5 + 100) / 5)
    assert parts.value_to_customer["all"] == pytest.approx((100 + 100 + 50 + 100) / 4)
    assert parts.parts["silent"] == 1
    assert pd.isna(parts.value_to_customer["silent"])
    assert pd.isna(parts.quadrant["silent"])


def test_wants_weigh_by_their_importance_and_waiting_counts_the_other_way_round():
    wants = pd.DataFrame(
        {"customer_id": ["a", "a", "b", "b"], "delivered": [1.0, 4.0, 8.0, 3.0], "expected": [4.0, 4.0, 4.0, 10.0],
         "wish": None, "importance": [5.0, 1.0, None, 1.0], "sign": [1.0, 1.0, -1.0, 1.0],
         "promise": [True, True, True, False]}
    )  # fmt: skip
    found = wants_met(wants).set_index("customer_id").wants_met

    assert found["a"] == pytest.approx((5 * 25 + 1 * 100) / 6)
    # Twice as long to wait as it wants is half; an included amount that goes unused is met. Silence weighs 3.
    assert found["b"] == pytest.approx((3 * 50 + 1 * 100) / 4)


SCORE = st.none() | st.floats(0, 100)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(*[SCORE] * 5, st.floats(-1e6, 1e6), st.booleans()), min_size=1, max_size=15))
def test_what_accounts_get_lies_within_its_parts_and_who_left_stands_nowhere(rows):
    frame = pd.DataFrame([row[:5] for row in rows], columns=list(PARTS), dtype="float64").assign(customer_id="x")
    clv, left = pd.Series([row[5] for row in rows]), pd.Series([row[6] for row in rows])
    found = mutual_value(frame, clv, left, ToCustomer())
    known = found[found.value_to_customer.notna()]
    values = known[list(PARTS)]

    assert (known.value_to_customer >= values.min(axis=1) - 1e-9).all()
    assert (known.value_to_customer <= values.max(axis=1) + 1e-9).all()
    assert (found.value_to_customer.notna() == (found.parts >= 3)).all()
    assert found.quadrant[left].isna().all()
    placed = found[found.quadrant.notna()]
    assert placed.quadrant.isin(["both_gain", "we_gain"]).eq(placed.value_to_us >= 0).all()


def test_without_a_list_price_there_is_no_rank_of_prices():
    accounts = pd.DataFrame({"list_revenue": [0.0, 100.0], "discounts": [0.0, None]})

    assert price_rank(accounts, pd.Series(["", ""])).isna().all()
