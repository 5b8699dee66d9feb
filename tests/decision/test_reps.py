"""The scorecard of account managers by a hand calculation: who sold what, and what became of it."""

from __future__ import annotations

import random

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import Portfolio

ON = {"sellers": {"publish": True}, "window": {"allow_beyond": True}}
# 1 a minute.
COSTING = """
period = "year"
[resources.desk]
cost = 600000
capacity_minutes = 600000
[activities.visit]
resource = "desk"
minutes = 100
[activities.repair]
resource = "desk"
demand = "failure"
minutes = 50
[activities.pitch]
resource = "desk"
purpose = "obtain"
minutes = 30
"""
CUSTOMERS = "customer_id,name\nA,Ada\nB,Bea\nC,Cy\n"
# A passes from Ann to Bob on 1 April 2026; B belongs to both at once; C to nobody, but both were billed for it.
ASSIGNMENTS = """
customer_id,person,role,from,to
A,Ann,manager,2025-01-01,2026-03-31
A,Bob,manager,2026-04-01,
B,Ann,manager,2020-01-01,
B,Bob,engineer,2020-01-01,
B,Bob,manager,2021-01-01,
"""
LINES = """
transaction_id,customer_id,date,kind,list_amount,discount,cogs,rep,order_id
0,B,2024-11-15,sale,1,0,0,,
1,A,2026-01-10,sale,1000,100,400,Zoe,o1
2,A,2026-05-01,return,-200,0,-80,Zoe,o1
3,A,2026-06-01,sale,500,0,100,Zoe,
4,B,2026-02-01,sale,800,0,0,Zoe,
5,C,2026-02-01,sale,750,0,0,Ann,
6,C,2026-02-02,sale,250,0,0,Bob,
"""
EVENTS = """
event_id,customer_id,at,activity,order_id
1,A,2026-05-02T10:00,visit,o1
2,A,2026-05-03T10:00,visit,
3,A,2026-01-11T10:00,repair,
4,A,2026-01-05T10:00,pitch,
5,C,2026-03-01T10:00,visit,
6,,2026-03-01T10:00,pitch,
"""
INVOICES = """
invoice_id,customer_id,issued,due,amount,written_off,written_off_on
i1,A,2026-02-01,2026-03-01,500,120,2026-08-01
"""
CASES = """
case_id,customer_id,opened_at,satisfaction
k1,A,2026-02-01T09:00,5
k2,A,2026-07-01T09:00,2
k3,A,2026-07-02T09:00,
"""
SURVEYS = "customer_id,asked_on,satisfaction\nB,2026-03-01,3\n"
BOOKINGS = """
booking_id,customer_id,rep,on,amount
b1,A,Ann,2026-01-09,5000
b2,A,Ann,2025-10-31,7000
b3,A,Cid,2026-01-09,100
"""
FILES = {
    "costing": COSTING,
    "customers": CUSTOMERS,
    "assignments": ASSIGNMENTS,
    "transactions": LINES,
    "service_events": EVENTS,
    "invoices": INVOICES,
    "cases": CASES,
    "surveys": SURVEYS,
    "bookings": BOOKINGS,
}


def reps_of(folder, policy=ON):
    return Portfolio(folder, "2026-10-31", policy).reps.set_index("rep")


@pytest.fixture(scope="module")
def reps(share_dataset):
    return reps_of(share_dataset(**FILES), {**ON, "sellers": {"publish": True, "clawback_share": 0.5}})


@pytest.mark.parametrize(
    ("column", "ann", "bob"),
    [
        ("list_revenue", 1000 + 400 + 750, 500 + 400 + 250),
        ("net_revenue", 900 - 200 + 400 + 750, 500 + 400 + 250),
        ("gross_margin", 500 - 120 + 400 + 750, 400 + 400 + 250),
        ("cost_to_serve", 100 + 75, 100 + 25),
        ("margin", 1530 - 175, 1050 - 125),
        ("write_offs", 120, 0),
        ("clawback", 60, 0),
        ("satisfaction", (5 + 3 / 2) / 1.5, (2 + 3 / 2) / 1.5),
        ("answers", 2, 2),
        ("repeat_share", 400 / 1850, 400 / 1150),
        ("obtaining_share", 30 / (30 + 100 + 50 + 75), 0),
        ("tenure_share", 1100 / 1850, 900 / 1150),
        ("bookings", 5000, 0),
        ("accounts", 3, 3),
    ],
)
def test_a_seller_gets_what_was_sold_in_its_tenure_and_the_work_on_those_orders(reps, column, ann, bob):
    assert reps.loc["Ann", column] == pytest.approx(ann)
    assert reps.loc["Bob", column] == pytest.approx(bob)


def test_whom_the_lines_name_counts_for_nothing_where_somebody_else_was_in_charge(reps):
    assert "Zoe" not in reps.index


def test_a_seller_who_only_booked_is_listed_with_no_revenue(reps):
    assert reps.loc["Cid", ["bookings", "net_revenue", "accounts"]].tolist() == [100, 0, 0]
    assert pd.isna(reps.loc["Cid", "margin"])


def test_sellers_stand_by_name_and_small_numbers_are_marked_and_get_no_band(reps):
    assert reps.index.tolist() == ["Ann", "Bob", "Cid"]
    assert reps.few_accounts.all()
    assert reps.few_answers.all()
    assert reps.band.isna().all()


def test_only_the_roles_that_the_policy_names_are_in_charge(share_dataset):
    found = reps_of(share_dataset(**FILES), {**ON, "sellers": {"publish": True, "roles": ["engineer"]}})
    # B is Bob's alone; of A nobody is in charge, so its lines are Zoe's, whom they name.
    assert found.net_revenue.to_dict() == {"Ann": 750, "Bob": 800 + 250, "Cid": 0, "Zoe": 900 - 200 + 500}


def test_nothing_is_said_of_sellers_unless_the_policy_asks_for_it(share_dataset):
    p = Portfolio(share_dataset(**FILES), "2026-10-31", {"window": {"allow_beyond": True}})
    assert p.reps.empty
    assert p.facts["sellers"] == {"published": False, "sellers": 0, "revenue_covered": None}
    assert ("The scorecard of account managers", "the policy does not ask for it (`sellers.publish`)") in {
        (left["what"], left["why"]) for left in p.facts["left_out"]
    }


@pytest.mark.slow
def test_billings_stand_in_where_there_are_no_bookings_and_the_table_says_so(share_dataset):
    files = {name: text for name, text in FILES.items() if name != "bookings"}
    p = Portfolio(share_dataset(**files), "2026-10-31", ON)
    assert p.reps.bookings_basis.eq("billings").all()
    assert p.reps.bookings.tolist() == p.reps.net_revenue.tolist()
    assert any(left["what"] == "What sellers booked" for left in p.facts["left_out"])


def test_without_anything_that_names_a_seller_the_scorecard_is_empty_and_says_why(share_dataset):
    lines = "transaction_id,customer_id,date,kind,list_amount,cogs\n1,A,2026-01-10,sale,1000,400\n"
    p = Portfolio(share_dataset(customers=CUSTOMERS, transactions=lines), "2026-10-31", ON)
    assert p.reps.empty
    assert any(left["why"] == "nothing in the data says who sold what" for left in p.facts["left_out"])


def test_with_cases_only_revenue_is_not_measured_and_satisfaction_is(share_dataset):
    found = reps_of(share_dataset(customers=CUSTOMERS, assignments=ASSIGNMENTS, cases=CASES))
    assert found.satisfaction.to_dict() == {"Ann": 5, "Bob": 2}
    assert found[["net_revenue", "margin", "bookings", "repeat_share", "expected_margin"]].isna().all(axis=None)


def test_an_account_without_measured_margin_takes_no_part_in_a_sellers_margin(share_dataset):
    lines = "transaction_id,customer_id,date,kind,list_amount,cogs,rep\n"
    lines += "1,A,2026-01-10,sale,1000,400,Ann\n2,B,2026-01-10,sale,3000,,Ann\n"
    found = reps_of(share_dataset(customers=CUSTOMERS, transactions=lines)).loc["Ann"]
    assert found[["net_revenue", "margin", "measured_share"]].tolist() == [4000, 600, 0.25]


LINE = st.tuples(
    st.sampled_from("ABC"), st.dates(pd.Timestamp("2025-12-01").date(), pd.Timestamp("2026-10-31").date()),
    st.integers(0, 10_000), st.integers(0, 5_000), st.sampled_from(["Ann", "Bob", "Zoe"]),
)  # fmt: skip
TENURE = st.tuples(
    st.sampled_from("ABC"), st.sampled_from(["Ann", "Bob", "Dot"]),
    st.dates(pd.Timestamp("2025-11-01").date(), pd.Timestamp("2026-10-31").date()), st.integers(0, 300) | st.none(),
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=st.lists(LINE, min_size=1, max_size=20), held=st.lists(TENURE, max_size=8), seed=st.integers(0, 9))
def test_whoever_was_in_charge_when_the_sellers_add_up_to_the_accounts(share_dataset, lines, held, seed):
    def write(lines, held):
        rows = [f"{n},{c},{day},sale,{amount},{cogs},{rep}" for n, (c, day, amount, cogs, rep) in lines]
        owned = [
            f"{c},{who},m,{day},{'' if days is None else day + pd.Timedelta(days=days).to_pytimedelta()}"
            for c, who, day, days in held
        ]
        return share_dataset(
            customers=CUSTOMERS,
            transactions="\n".join(["transaction_id,customer_id,date,kind,list_amount,cogs,rep", *rows, ""]),
            assignments="\n".join(["customer_id,person,role,from,to", *owned, ""]),
        )

    numbered = list(enumerate(lines))
    p = Portfolio(write(numbered, held), "2026-10-31", ON)
    assert p.reps.net_revenue.sum() == pytest.approx(p.ledger.accounts.net_revenue.sum())
    assert p.reps.margin.sum() == pytest.approx(p.ledger.accounts.gross_margin.sum())
    assert p.computed.revenue_covered in (None, pytest.approx(1))
    random.Random(seed).shuffle(numbered)  # noqa: S311
    again = Portfolio(write(numbered, held[::-1]), "2026-10-31", ON)
    pd.testing.assert_frame_equal(p.reps, again.reps)
