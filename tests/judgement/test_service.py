"""Delivered against agreed and wanted: each rule of the contract by a hand calculation, files in and tables out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import Portfolio
from analysis.errors import DataError, PolicyError

# 1 a minute; 2 a minute at night. A visit is 100 minutes unless it is logged.
COSTING = """
period = "year"
[resources.desk]
cost = 600000
capacity_minutes = 600000
[resources.night]
cost = 20000
capacity_minutes = 10000
[activities.visit]
resource = "desk"
minutes = 100
[activities.call]
resource = "desk"
minutes = 10
[activities.night_call]
resource = "night"
minutes = 30
[activities.repair]
resource = "desk"
demand = "failure"
minutes = 50
"""
POLICY = """
[over_service]
amount = 1000
[service.visits]
activities = ["visit"]
period = "quarter"
[service.calls]
activities = ["call"]
measure = "minutes"
period = "month"
level_is = "ceiling"
[service.nights]
activities = ["night_call"]
period = "year"
standby = "night"
[service.answers]
measure = "response_hours"
more_is_more_service = false
[tiers.gold]
visits = 2
calls = 100
"""
DAY = "2026-05-05T12:00"
#: account: (since, ended, tier)
ACCOUNTS: dict[str, tuple[str, str, str]] = {
    "joined": ("2026-05-01", "", ""),
    "gone": ("", "2025-10-31", ""),
    "tiered": ("", "", "gold"),
    "own-over-tier": ("", "", "gold"),
}
#: account: (activity, how many, more columns)
WORK = {
    "give": ("visit", 12, {}),
    "unwanted": ("visit", 12, {}),
    "never-agreed": ("visit", 12, {}),
    "both": ("visit", 24, {}),
    "both-asks-more": ("visit", 36, {}),
    "under": ("visit", 4, {}),
    "under-asked": ("visit", 8, {}),
    "met": ("visit", 8, {}),
    "ceiling": ("call", 6, {}),
    "joined": ("visit", 8, {}),
    "gone": ("visit", 8, {}),
    "tiered": ("visit", 12, {}),
    "own-over-tier": ("visit", 12, {}),
    "free": ("visit", 40, {}),
    "wish-more": ("visit", 12, {}),
    "wish-less": ("visit", 12, {}),
    "wish-alone": ("visit", 12, {}),
    "two-a-day": ("visit", 12, {}),
    "restated": ("visit", 12, {}),
    "undated": ("visit", 12, {}),
    "future": ("visit", 12, {}),
    "logged": ("visit", 12, {"minutes": "50"}),
    "failure-case": ("visit", 12, {"case_id": "k-ours"}),
    "failure-work": ("repair", 12, {}),
    "night": ("night_call", 3, {}),
}
#: account: (attribute, basis, level, wish, stated on)
LEVELS = [
    ("give", "visits", "entitled", "2", "", "2026-01-01"),
    ("give", "visits", "expected", "4", "", "2026-01-01"),
    ("unwanted", "visits", "entitled", "4", "", ""),
    ("unwanted", "visits", "expected", "1", "", ""),
    ("never-agreed", "visits", "expected", "1", "", ""),
    ("both", "visits", "entitled", "4", "", ""),
    ("both", "visits", "expected", "2", "", ""),
    ("both-asks-more", "visits", "entitled", "4", "", ""),
    ("both-asks-more", "visits", "expected", "6", "", ""),
    ("under", "visits", "entitled", "2", "", ""),
    ("under-asked", "visits", "entitled", "2", "", ""),
    ("under-asked", "visits", "expected", "3", "", ""),
    ("met", "visits", "entitled", "2", "", ""),
    ("ceiling", "calls", "entitled", "100", "", ""),
    ("joined", "visits", "entitled", "2", "", ""),
    ("gone", "visits", "entitled", "1", "", ""),
    ("own-over-tier", "visits", "entitled", "1", "", ""),
    ("free", "visits", "entitled", "inf", "", ""),
    ("wish-more", "visits", "entitled", "2", "", ""),
    ("wish-more", "visits", "expected", "", "more", ""),
    ("wish-less", "visits", "entitled", "4", "", ""),
    ("wish-less", "visits", "expected", "", "less", ""),
    ("wish-alone", "visits", "expected", "", "less", ""),
    ("two-a-day", "visits", "entitled", "1", "", "2026-01-01"),
    ("two-a-day", "visits", "entitled", "2", "", "2026-01-01"),
    ("restated", "visits", "expected", "1", "", "2026-03-01"),
    ("restated", "visits", "expected", "2", "", "2026-02-01"),
    ("undated", "visits", "expected", "2", "", "2020-01-01"),
    ("undated", "visits", "expected", "1", "", ""),
    ("future", "visits", "expected", "2", "", "2026-10-31"),
    ("future", "visits", "expected", "1", "", "2026-11-01"),
    ("logged", "visits", "entitled", "2", "", ""),
    ("failure-case", "visits", "entitled", "2", "", ""),
    ("failure-work", "visits", "entitled", "2", "", ""),
    ("night", "nights", "entitled", "1", "", ""),
    ("waits", "answers", "entitled", "4", "", ""),
    ("quick", "answers", "entitled", "4", "", ""),
    ("unanswered", "answers", "entitled", "4", "", ""),
]
CASES = """case_id,customer_id,opened_at,first_response_at,cause
k-ours,failure-case,2024-01-01T00:00,,ours
w1,waits,2026-05-01T00:00,2026-05-01T02:00,
w2,waits,2026-05-02T00:00,2026-05-02T06:00,
w3,waits,2026-05-03T00:00,2026-05-03T09:00,ours
w4,waits,2026-05-04T00:00,,
w5,waits,2025-10-31T23:59,2025-12-01T00:00,
q1,quick,2026-05-01T00:00,2026-05-01T01:30,
u1,unanswered,2026-05-01T00:00,,
"""


def event_rows(work) -> str:
    names = ["minutes", "case_id", "channel", "after_hours", "requested", "in_scope", "department"]
    rows = [",".join(["event_id", "customer_id", "at", "activity", *names])]
    for customer, (activity, times, more) in work.items():
        for n in range(times):
            cells = ",".join(more.get(name, "") for name in names)
            rows.append(f"{customer}-{activity}-{n},{customer},{DAY},{activity},{cells}")
    return "\n".join(rows) + "\n"


def level_rows(levels) -> str:
    return "\n".join(["customer_id,attribute,basis,level,wish,stated_on", *map(",".join, levels)]) + "\n"


def customers(ids) -> str:
    rows = [f"{i},{i},{','.join(ACCOUNTS.get(i, ('', '', '')))}" for i in dict.fromkeys(ids)]
    return "\n".join(["customer_id,name,since,ended,tier", *rows]) + "\n"


@pytest.fixture(scope="module")
def portfolio(share_dataset) -> Portfolio:
    ids = [*WORK, *(row[0] for row in LEVELS)]
    sales = "".join(f"{n},{i},2026-05-05,sale,10000,100\n" for n, i in enumerate(dict.fromkeys(ids)))
    data = share_dataset(
        customers=customers(ids),
        transactions=f"transaction_id,customer_id,date,kind,list_amount,cogs\n{sales}",
        service_events=event_rows(WORK),
        service_levels=level_rows(LEVELS),
        cases=CASES,
        costing=COSTING,
        policy=POLICY,
    )
    return Portfolio(data, "2026-10-31")


@pytest.fixture(scope="module")
def gaps(portfolio) -> pd.DataFrame:
    rows = portfolio.service_gaps
    return rows[rows.kind != "peer"].set_index("customer_id")


# A quarter has three months: 12 visits in four quarters are 3 a quarter; a visit costs 100.
@pytest.mark.parametrize(
    ("customer", "delivered", "over_units", "over_cost", "kind"),
    [
        ("give", 3, 1, 400, "giveaway"),
        ("unwanted", 3, 2, 800, "unwanted"),
        ("both", 6, 4, 1600, "both"),
        ("both-asks-more", 9, 5, 2000, "both"),
        ("under", 1, 0, 0, "under"),
        ("under-asked", 2, 0, 0, "under"),
        ("met", 2, 0, 0, "met"),
        ("ceiling", 5, 0, 0, "met"),
        ("own-over-tier", 3, 2, 800, "giveaway"),
        ("free", 10, 0, 0, "met"),
        ("two-a-day", 3, 1, 400, "giveaway"),
        ("restated", 3, 2, 800, "unwanted"),
        ("undated", 3, 1, 400, "unwanted"),
        ("future", 3, 1, 400, "unwanted"),
        ("logged", 3, 1, 200, "giveaway"),  # 50 minutes each: its own cost per unit
        ("failure-case", 0, 0, 0, "under"),
        ("failure-work", 0, 0, 0, "under"),
        ("night", 3, 2, 120, "giveaway"),  # 30 minutes at 2
    ],
)
def test_each_kind_of_gap_is_what_a_hand_calculation_gives(gaps, customer, delivered, over_units, over_cost, kind):
    row = gaps[gaps.attribute != "calls"].loc[customer] if customer == "own-over-tier" else gaps.loc[customer]

    assert row.delivered == pytest.approx(delivered)
    assert row.over_units == pytest.approx(over_units)
    assert row.over_cost == pytest.approx(over_cost, abs=1e-4)
    assert row.kind == kind


def test_periods_count_the_days_as_a_customer_first_and_last_included(gaps):
    # 1 May to 31 October 2026 are 184 of 365 days: 4 x 184 / 365 quarters.
    assert gaps.delivered["joined"] == pytest.approx(8 / (4 * 184 / 365))
    assert gaps.over_cost["joined"] == pytest.approx(100 * (8 - 2 * 4 * 184 / 365), abs=1e-4)


def test_an_account_that_was_a_customer_on_no_day_has_no_row(portfolio, gaps):
    row = portfolio.accounts.set_index("customer_id").loc["gone"]

    assert "gone" not in gaps.index
    assert pd.isna(row.over_service_cost)
    assert pd.isna(row.over_served)
    assert row.not_scored == "a customer on no day of the window"


def test_a_tiers_levels_hold_where_the_account_has_none_of_its_own(gaps):
    tiered = gaps.loc["tiered"].set_index("attribute")
    own = gaps.loc["own-over-tier"].set_index("attribute")

    assert (tiered.entitled.to_dict(), set(tiered.entitled_by)) == ({"visits": 2, "calls": 100}, {"tier"})
    assert (own.entitled.to_dict(), own.entitled_by.to_dict()) == (
        {"visits": 1, "calls": 100},
        {"visits": "own", "calls": "tier"},
    )


def test_a_wish_gives_a_direction_and_no_amount(gaps):
    more, less = gaps.loc["wish-more"], gaps.loc["wish-less"]

    assert (more.kind, more.wants_more, more.wish, more.over_cost) == ("giveaway", True, "more", 400)
    assert (less.kind, less.within_agreement, less.wish, less.over_cost) == ("under", True, "less", 0)
    assert "wish-alone" not in gaps.index


def test_what_is_wanted_is_priced_what_is_agreed_is_traded_and_what_is_neither_stops(gaps):
    names = ["cost_to_price", "cost_to_trade", "cost_to_stop", "cost_to_ask"]
    found = {
        i: gaps.loc[i, names].tolist()
        for i in ("give", "unwanted", "never-agreed", "both", "both-asks-more", "logged", "night")
    }

    assert found == {
        "give": [400, 0, 0, 0],
        "unwanted": [0, 800, 0, 0],
        "never-agreed": [0, 0, 800, 0],  # 3 got, 1 wanted, nothing agreed: nothing to trade
        "both": [0, 800, 800, 0],  # 6 got, 4 agreed, 2 wanted: two to trade, two to stop
        "both-asks-more": [800, 0, 1200, 0],  # 9 got, 6 wanted, 4 agreed
        "logged": [0, 0, 0, 200],
        "night": [0, 0, 0, 120],
    }
    assert gaps.wants_more[["give", "unwanted", "both"]].tolist() == [True, False, False]
    assert gaps.within_agreement[["give", "unwanted", "both"]].tolist() == [False, True, False]


def test_contradictions_and_older_statements_are_shown(gaps):
    assert gaps.contradiction["give"] == gaps.contradiction["under-asked"] == "asks_for_more"
    assert gaps.contradiction["unwanted"] == "asks_for_less"
    assert (gaps.entitled["two-a-day"], gaps.entitled_before["two-a-day"]) == (2, 1)
    assert (gaps.expected["restated"], gaps.expected_before["restated"]) == (1, 2)


def test_hours_of_waiting_have_a_gap_and_no_cost(portfolio, gaps):
    # 2, 6 and 9 hours: the median is 6, 2 beyond the promised 4; the quick one waits 2.5 hours less than promised.
    assert (gaps.delivered["waits"], gaps.kind["waits"], gaps.short_of_agreed["waits"]) == (6, "under", 2)
    assert (gaps.delivered["quick"], gaps.kind["quick"], gaps.over_units["quick"]) == (1.5, "giveaway", 2.5)
    assert gaps.over_cost[["waits", "quick"]].isna().all()
    assert "unanswered" not in gaps.index
    assert portfolio.accounts.set_index("customer_id").over_service_cost[["waits", "quick"]].isna().all()


def test_an_account_sums_its_attributes_and_is_empty_where_nothing_could_be_compared(portfolio):
    accounts = portfolio.accounts.set_index("customer_id")

    assert accounts.over_service_cost["both"] == pytest.approx(1600)
    assert accounts.beyond_agreed_cost["both"] == pytest.approx(800)
    assert accounts.beyond_wanted_cost["both"] == pytest.approx(1600)
    assert accounts.over_service_cost["met"] == 0
    assert pd.isna(accounts.beyond_wanted_cost["met"])
    assert pd.isna(accounts.over_service_cost["wish-alone"])


def test_material_is_the_amount_that_the_policy_states(portfolio):
    # 1,000 a year: 1,600 is material, 800 is not.
    accounts = portfolio.accounts.set_index("customer_id")

    assert accounts.over_served["both"]
    assert not accounts.over_served["unwanted"]
    assert accounts.over_served_by["both"] == "levels"
    assert pd.isna(accounts.over_served["wish-alone"])
    assert accounts.not_scored["wish-alone"] == "no level is known, and like accounts are too few"


def test_short_of_a_promise_is_under_served_and_a_ceiling_promises_nothing(portfolio):
    under = portfolio.accounts.set_index("customer_id").under_served

    assert under[["under", "failure-case", "waits"]].all()
    assert not under[["met", "give", "quick"]].any()
    assert pd.isna(under["ceiling"])


def test_an_offer_is_set_against_who_wants_it(portfolio):
    offer = portfolio.offers.set_index("attribute").loc["nights"]

    assert (offer.supplied_cost, offer.used_cost, offer.unused_cost) == (20000, 180, 19820)
    assert (offer.accounts_entitled, offer.accounts_wanting, offer.accounts_using) == (1, 0, 1)
    assert offer.accounts_wanting_little == 0
    assert offer.revenue_entitled == 10_000


def test_the_agreed_but_unwanted_is_listed_to_trade(portfolio):
    trades = portfolio.table("trades").set_index("customer_id")

    assert trades.loc["unwanted", ["unwanted_units", "delivered_cost", "at_stake"]].tolist() == [3, 800, 1200]
    assert np.isnan(trades.unwanted_units["wish-less"])
    assert {"unwanted", "both", "wish-less"} == set(trades.index)


def test_the_over_service_driver_takes_the_over_cost_and_the_drivers_sum_to_the_gap(share_dataset):
    work = {
        "a": ("visit", 12, {"requested": "false"}),
        "b": ("visit", 0, {}),
    }
    data = share_dataset(
        customers=customers(work),
        transactions="transaction_id,customer_id,date,kind,list_amount,cogs\n1,a,2026-05-05,sale,1000,0\n2,b,2026-05-05,sale,1000,0\n",
        service_events=event_rows(work),
        service_levels=level_rows([("a", "visits", "entitled", "2", "", "")]),
        costing=COSTING,
        policy=POLICY,
    )
    reasons = Portfolio(data, "2026-10-31", {"peers": {"minimum": 1}}).reasons
    found = reasons[reasons.customer_id == "a"].set_index("driver").amount

    # A third of twelve visits is beyond 2 a quarter: 400; the other 800 nobody asked for.
    assert found.to_dict() == pytest.approx({"over_service": 400, "unrequested": 800})


def test_conditions_take_an_empty_flag_for_false_and_an_empty_channel_for_none(share_dataset):
    flags = {"after_hours": "true", "channel": "phone"}
    work = {"plain": ("visit", 4, {}), "late": ("visit", 4, flags), "day": ("visit", 4, {"after_hours": "false"})}
    policies = {
        "after_hours = false": {"plain", "day"},
        "after_hours = true": {"late"},
        "after_hours_not = true": {"plain", "day"},
        'channel = "phone"': {"late"},
        'channel_not = "phone"': {"plain", "day"},
        'department_not = "x", requested = false, channel = "none"': {"plain", "day"},
    }
    for where, measured in policies.items():
        data = share_dataset(
            customers=customers(work),
            service_events=event_rows(work),
            costing=COSTING,
            policy=f'[service.visits]\nactivities = ["visit"]\nwhere = {{ {where} }}\n[tiers.none]\n',
            service_levels=level_rows([(i, "visits", "entitled", "1", "", "") for i in work]),
        )
        rows = Portfolio(data, "2026-10-31").service_gaps
        assert set(rows.customer_id[rows.delivered == 4]) == measured, where
        assert set(rows.customer_id) == set(work)


def test_two_attributes_that_measure_one_event_are_an_error_that_names_both(share_dataset):
    work = {"a": ("visit", 1, {"channel": "phone"}), "b": ("visit", 1, {"channel": "onsite"})}
    policy = """
[service.visits]
activities = ["visit"]
where = { channel_not = "onsite" }
[service.by_phone]
activities = ["visit", "call"]
where = { channel = "phone" }
"""
    data = share_dataset(customers=customers(work), service_events=event_rows(work), costing=COSTING, policy=policy)
    with pytest.raises(PolicyError, match="visits and by_phone measure the same event") as fault:
        _ = Portfolio(data, "2026-10-31").accounts
    assert "a-visit-0" in str(fault.value)
    # Beyond the window there is no such event.
    assert len(Portfolio(data, "2026-04-30", {"window": {"months": 3}}).accounts) == 2


def test_a_default_attribute_without_its_activities_is_left_out_and_a_written_one_is_an_error(share_dataset):
    work = {"a": ("visit", 1, {})}
    files = {"customers": customers(work), "service_events": event_rows(work), "costing": COSTING}
    p = Portfolio(share_dataset(**files), "2026-10-31")

    left_out = [found["what"] for found in p.facts["left_out"]]
    assert "The service attribute site_visits" in left_out
    with pytest.raises(DataError, match=r"service\.tours\.activities"):
        Portfolio(share_dataset(**files, policy='[service.tours]\nactivities = ["tour"]\n'), "2026-10-31")
