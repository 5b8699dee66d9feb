"""What costs change, what a wrong rate would change, and where an account tips: by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import Portfolio
from analysis.opening import open_all

COSTING = """
period = "year"
[resources.desk]
cost = 10000
capacity_minutes = 10000
uncertainty = 0.2
[resources.field]
cost = 20000
capacity_minutes = 10000
[activities.call]
resource = "desk"
minutes = 10
[activities.visit]
resource = "field"
minutes = 60
uncertainty = 0.5
"""
CUSTOMERS = "customer_id,name\nA,Ada\nB,Bo\nC,Cy\n"
SALES = """transaction_id,customer_id,date,kind,list_amount,cogs,order_id
1,A,2026-03-01,sale,1000,500,o1
2,B,2026-03-01,sale,800,600,o2
3,C,2026-03-01,sale,700,600,o3
4,A,2026-03-01,sale,50,45,o4
5,A,2026-03-01,return,-20,-10,o0
"""
EVENTS = """event_id,customer_id,at,activity,minutes,order_id,case_id
1,A,2026-03-02T10:00,call,100,,k1
2,B,2026-03-02T10:00,visit,,,
3,B,2026-03-02T10:00,call,40,,
4,C,2026-03-31T10:00,visit,70,o3,
5,A,2026-04-02T10:00,call,10,o4,
6,,2026-04-02T10:00,call,25,,
"""


@pytest.fixture(scope="module")
def portfolio(share_dataset) -> Portfolio:
    data = share_dataset(customers=CUSTOMERS, transactions=SALES, service_events=EVENTS, costing=COSTING)
    return Portfolio(data, "2026-10-31", {"window": {"allow_beyond": True}})


def test_an_account_tips_where_its_largest_resource_has_eaten_its_margin(portfolio: Portfolio) -> None:
    accounts = portfolio.accounts.set_index("customer_id")
    # A: 1030 - 535 - 110 = 385, of which the desk is 110: the rate may rise by 350%.
    # B: 200 - 120 - 40 = 40 on 120 of field work. C: 100 - 140 = -40: the rate must fall by 2/7.
    assert accounts.tipping_resource.to_dict() == {"A": "desk", "B": "field", "C": "field"}
    assert accounts.tipping_change["A"] == pytest.approx(3.5)
    assert accounts.tipping_change["B"] == pytest.approx(1 / 3)
    assert accounts.tipping_change["C"] == pytest.approx(-2 / 7)


def test_thirty_percent_on_a_rate_turns_who_lies_within_it(portfolio: Portfolio) -> None:
    found = portfolio.sensitivity.set_index(["resource", "change"])
    assert found.net_margin["field", 0.3] == pytest.approx(385 + (40 - 36) + (-40 - 42))
    assert found.turned["field", 0.3] == 0
    assert found.turned["field", -0.3] == 1  # C: 140 x 0.7 = 98, so it earns 2
    assert found.loss_making_accounts["field", -0.3] == 0


def test_each_factor_alone_moves_the_total_by_its_own_range(portfolio: Portfolio) -> None:
    found = portfolio.uncertainty.set_index("factor")
    # The 95% point of a triangular factor is 1 + u (1 - sqrt(0.1)); 150 hangs on the desk, 120 on a visit's time.
    reach = 1 - 0.1**0.5
    assert found.net_margin_high["desk"] == pytest.approx(385 + 150 * 0.2 * reach)
    assert found.net_margin_low["visit"] == pytest.approx(385 - 120 * 0.5 * reach)
    assert found.net_margin_low["field"] == pytest.approx(385)


def test_orders_that_lose_money_are_found_inside_accounts_that_earn_it(portfolio: Portfolio) -> None:
    accounts = portfolio.accounts.set_index("customer_id")
    assert accounts.orders.to_dict() == {"A": 2, "B": 1, "C": 1}
    assert accounts.loss_making_orders.to_dict() == {"A": 1, "B": 0, "C": 1}
    assert accounts.lost_on_orders.to_dict() == {"A": 5, "B": 0, "C": 40}
    within = portfolio.losses_within.set_index("kind")
    assert within.customer_id.to_dict() == {"case": "A", "order": "A"}
    assert within.margin.to_dict() == {"case": -100, "order": -5}
    assert portfolio.facts["losses_within"]["of_accounts_that_earn"] == 1


def test_capacity_is_shown_by_month_with_every_month_there(portfolio: Portfolio) -> None:
    desk = portfolio.capacity[portfolio.capacity.resource == "desk"].set_index("month")
    assert len(desk) == 12
    assert desk.used_minutes[pd.Timestamp("2026-03-01")] == 140
    assert desk.used_minutes[pd.Timestamp("2026-04-01")] == 35
    assert desk.capacity_minutes.tolist() == pytest.approx([10000 / 12] * 12)
    assert desk.used_minutes.sum() == portfolio.resources.set_index("resource").used_minutes["desk"]


def test_a_month_that_the_window_cuts_has_its_share_of_the_capacity(write_dataset) -> None:
    data = write_dataset(customers=CUSTOMERS, transactions=SALES, service_events=EVENTS, costing=COSTING)
    capacity = Portfolio(data, "2026-04-15", {"window": {"months": 1}}).capacity
    desk = capacity[capacity.resource == "desk"].set_index("month").capacity_minutes
    assert desk.tolist() == pytest.approx([10000 / 12 * 16 / 31, 10000 / 12 * 15 / 30])


def test_activities_tell_the_log_against_the_time_equation(portfolio: Portfolio) -> None:
    found = portfolio.activities.set_index("activity")
    assert found.logged_events.to_dict() == {"call": 4, "visit": 1}
    assert found.log_ratio["call"] == pytest.approx((100 + 40 + 10 + 25) / 40)
    assert found.log_ratio["visit"] == pytest.approx(70 / 60)
    assert found.unassigned_cost["call"] == 25


def test_what_costs_change_is_said_in_rank_correlations_and_accounts_turned(portfolio: Portfolio) -> None:
    found = portfolio.facts["what_costs_change"]
    # By revenue A, B, C; by gross margin A, B, C; by net margin A, B, C: the ranking is the same, one account turns.
    assert found["rank_correlation_net_revenue"] == 1
    assert found["rank_correlation_gross_margin"] == 1
    assert found["turned_to_loss"] == 1


def test_check_warns_of_an_equation_that_the_log_contradicts_and_of_an_idle_resource(write_dataset) -> None:
    rows = "".join(f"{n},A,2026-03-02T10:00,call,{14 if n % 2 else 13}\n" for n in range(20))
    data = write_dataset(
        customers=CUSTOMERS, service_events="event_id,customer_id,at,activity,minutes\n" + rows, costing=COSTING
    )
    opened = Portfolio(data, "2026-10-31", {"window": {"allow_beyond": True}}).opened
    found = {problem.rule: problem for problem in opened.warnings}
    assert found["equation_off"].column == "activities.call"
    assert "13.5 minutes logged against 10.0" in found["equation_off"].examples[0].value
    assert found["idle_resource"].column == "resources.field"


def test_work_outside_the_relationship_is_kept_and_warned_of(write_dataset) -> None:
    data = write_dataset(
        customers="customer_id,name,since,ended\nA,Ada,2026-01-01,2026-03-31\n",
        service_events="event_id,customer_id,at,activity\n1,A,2026-04-01T00:00,call\n2,A,2026-03-31T23:59,call\n",
        costing=COSTING,
    )
    portfolio = Portfolio(data, "2026-10-31", {"window": {"allow_beyond": True}})
    found = next(p for p in portfolio.opened.warnings if p.rule == "outside_relationship")
    assert (found.count, found.examples[0].row, found.examples[0].value) == (1, 2, "2026-04-01")
    assert portfolio.accounts.events.tolist() == [2]


def test_check_warns_of_two_attributes_that_measure_one_event(write_dataset) -> None:
    data = write_dataset(
        customers=CUSTOMERS,
        service_events=EVENTS,
        costing=COSTING,
        policy='[service.calls]\nactivities = ["call"]\n[service.all]\nactivities = ["call", "visit"]\n',
    )
    found = next(p for p in open_all(data).warnings if p.rule == "measured_twice")
    assert found.message == "calls and all measure the same event"
    assert found.examples[0].value == "1"


def test_accounts_without_a_measured_margin_are_part_of_the_line_of_demand_in_the_draws_too(share_dataset) -> None:
    # Service over sales: A 100 / 1,000, B 20 / 1,000, and C, whose goods are not known, 190 / 1,000: together
    # 310 / 3,000 = 0.1033, and A lies below it. Without C it would lie above 120 / 2,000.
    data = share_dataset(
        customers=CUSTOMERS,
        transactions="transaction_id,customer_id,date,kind,list_amount,cogs\n1,A,2026-10-01,sale,1000,500\n"
        "2,B,2026-10-01,sale,1000,500\n3,C,2026-10-01,sale,1000,\n",
        service_events="event_id,customer_id,at,activity,minutes\n1,A,2026-10-01T10:00,call,100\n"
        "2,B,2026-10-01T10:00,call,20\n3,C,2026-10-01T10:00,visit,95\n",
        costing=COSTING.replace("uncertainty = 0.2\n", ""),
    )
    p = Portfolio(data, "2026-10-31")
    accounts = p.accounts.set_index("customer_id")

    assert accounts.segment[["A", "B"]].tolist() == ["profitable_low_demand"] * 2
    assert accounts.p_profitable_low_demand[["A", "B"]].tolist() == [1, 1]
    assert accounts[["segment", "p_profitable_low_demand", "net_margin_low"]].loc["C"].isna().all()
    # The field's rate at 70%: A's 0.1 lies above 253 / 3,000. The desk's at 130%: its 0.13 above 346 / 3,000.
    changed = p.sensitivity.set_index(["resource", "change"])
    assert changed.segments_changed.to_dict() == {
        ("desk", -0.3): 0,
        ("desk", 0.3): 1,
        ("field", -0.3): 1,
        ("field", 0.3): 0,
    }
    assert changed.net_margin["desk", 0.3] == pytest.approx(1000 - 1.3 * 120)
    assert changed.loss_making_accounts.tolist() == [0] * 4
