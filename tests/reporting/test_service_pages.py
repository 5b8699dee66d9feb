"""Service demand and over-service on hand-made frames: what is said, and what is said where there is little to say."""

import html
import re
from datetime import date

import pandas as pd
import pytest

from analysis.data.contract import conform
from analysis.policy import Policy
from analysis.topics.overview.page import executive
from analysis.topics.service.figures.hours import heat
from analysis.topics.service.figures.weeks import weekly
from analysis.topics.service.page import over_served, service_demand
from analysis.topics.service.page.over_served_cards import judged
from analysis.topics.service.page.talks import questions
from analysis.topics.service.words import by_remedy
from tests.pages import module_of

EMPTY = ["service_demand", "over_served"]
UNLIMITED = float("inf")
ASKED = "What must we do?\nDoes one mistake end it?"


def words(page: str) -> str:
    page = html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<(title|style).*?</\1>", "", page)))
    return re.sub(r"\s+", " ", page)


def whole(module: str, run) -> str:
    part = module_of(module)
    return "".join(str(getattr(part, name)(run)) for name in part.__all__)


def gap(customer: str, attribute: str, got: float, agreed=None, asked=None, cost=0.0, kind="met", **more):
    return {
        "customer_id": customer, "attribute": attribute, "delivered": got, "entitled": agreed, "expected": asked,
        "over_cost": cost, "kind": kind, "periods": 4.0, **more,
    }  # fmt: skip


@pytest.fixture
def served(made):
    """Five accounts: one to price, one to stop, one only by like accounts, one short of its promise, one not scored."""
    accounts = made.statement(
        [
            {"customer_id": f"C{i}", "name": title, "list_revenue": 20_000.0, "cogs": cogs, "cts_support": 2_000.0,
             "failure_cost": 100.0}
            for i, (title, cogs) in enumerate(
                [("Halden", 5_000.0), ("Verity", 19_000.0), ("<script>x</script>", 5_000.0), ("Nordwind", 5_000.0),
                 ("Late", 5_000.0)]
            )
        ]
    )  # fmt: skip
    accounts = accounts.assign(
        over_served=pd.array([True, True, True, False, None], dtype="boolean"),
        over_service_cost=[3_000.0, 2_000.0, 1_500.0, 40.0, None],
        over_service_cost_low=[2_800.0, 1_900.0, 900.0, 30.0, None],
        over_service_cost_high=[3_200.0, 2_100.0, 2_000.0, 50.0, None],
        p_over_served=[1.0, 1.0, 0.9, 0.0, None],
        over_served_by=["levels", "levels", "peers", "levels", None],
        not_scored=[None, None, None, None, "a customer for too few days of the window"],
        under_served=pd.array([False, False, None, True, None], dtype="boolean"),
        unrequested_cost=[500.0, 0.0, 0.0, 0.0, 0.0],
        out_of_scope_cost=[0.0, 200.0, 0.0, 0.0, 0.0],
    )
    rows = [
        gap("C0", "site_visits", 4.0, 1.0, 3.0, 3_000.0, "both", cost_to_price=2_000.0, cost_to_stop=1_000.0),
        gap("C1", "support_minutes", 90.0, None, 30.0, 2_000.0, "unwanted", cost_to_stop=2_000.0),
        gap("C1", "account_reviews", 1.0, UNLIMITED, None, 0.0),
        gap("C2", "site_visits", 6.0, cost=1_500.0, kind="peer", cost_to_ask=1_500.0, peer_level=3.0, peer_high=4.5,
            ground="requested"),
        gap("C3", "site_visits", 1.0, 4.0, 5.0, kind="under", short_of_agreed=3.0, short_of_wanted=4.0, material=True,
            contradiction="asks_for_more", importance=5),
    ]  # fmt: skip
    offer = {
        "attribute": "after_hours_minutes", "standby": "night_team", "supplied_cost": 82_000.0, "used_cost": 40_000.0,
        "unused_cost": 42_000.0, "accounts_entitled": 1, "accounts_wanting": 3, "revenue_wanting": 60_000.0,
        "accounts_wanting_little": 2, "units_wanted": 500.0, "worth_wanted": 900.0, "who_wants": "C0: 300; C1: 200",
        "accounts": 5, "accounts_asked": 4, "accounts_using": 1, "using_unentitled": 0,
    }  # fmt: skip
    talk = {
        "customer_id": "C0", "attribute": "site_visits", "kind": "both", "over_cost": 3_000.0, "forgiving": 1,
        "questions": f"Which price would be fair?\n{ASKED}", "must_do": "<b>Answer</b>", "most_delivered": 4.0,
        "asked_on": date(2026, 3, 1), "beyond_any": True, "cost_of_wanted": 9_000.0,
    }  # fmt: skip
    hours = [
        {"channel": "phone", "department": "Desk", "weekday": 1, "hour": 9, "cost": 6_000.0},
        {"channel": None, "department": "Desk", "weekday": 6, "hour": 20, "cost": 4_000.0},
    ]
    started = {"department": "Desk", "channel": "phone", "activity": "site_visit", "accounts": 1, "events": 2}
    return made.made_run(
        accounts,
        service_gaps=conform(pd.DataFrame(rows), "service_gaps"),
        offers=conform(pd.DataFrame([offer]), "offers"),
        expectations=conform(pd.DataFrame([talk]), "expectations"),
        demand=conform(pd.DataFrame(hours), "demand"),
        unasked=conform(pd.DataFrame([{**started, "cost": 500.0, "share": 0.5}]), "unasked"),
        trades=conform(pd.DataFrame([gap("C3", "site_visits", 1.0, 4.0, 2.0, at_stake=800.0)]), "trades"),
    )


def test_the_judgement_is_counted_and_summed(served) -> None:
    now = judged(served)
    assert (now.accounts, now.scored, now.over, now.under, now.promised) == (5, 4, 3, 1, 3)
    assert (now.cost, now.small, now.by_peers) == (6_500.0, 40.0, 1_500.0)
    assert (now.over_earning, now.over_losing, now.cost_losing) == (2, 1, 2_000.0)


def test_the_headline_says_both_sides_and_how_many_were_scored(served) -> None:
    page = words(over_served.opening(served))
    assert "3 of 4 accounts scored are over-served: EUR 6.5 k a year; 1 is under-served" in page
    assert "Another EUR 40 is in amounts too small" in page


def test_over_served_and_earning_stands_apart_from_over_served_and_losing(served) -> None:
    page = words(over_served.earning_and_losing(served))
    assert "2 over-served earn all the same: EUR 4.5 k" in page
    assert "1 over-served loses money: EUR 2.0 k" in page


def test_each_kind_of_gap_has_its_own_remedy_and_the_parts_make_the_whole(served) -> None:
    page = words(over_served.remedies(served))
    assert "Wanted but unpaid: 1 account, EUR 2.0 k" in page
    assert "Neither agreed nor wanted: 2 accounts, EUR 3.0 k" in page
    assert "Mostly by like accounts: 1 account, EUR 1.5 k" in page
    assert "site visits, EUR 2.0 k: it gets 4 a quarter, where 1 is agreed and 3 are wanted" in page


def test_a_remedy_that_no_gap_needs_is_not_shown(served) -> None:
    assert by_remedy(served.service_gaps)["cost_to_trade"].fillna(0).sum() == 0
    assert "Agreed but unwanted" not in words(over_served.remedies(served))


def test_a_peer_comparison_is_called_one(served) -> None:
    page = words(over_served.like_accounts(served))
    assert "Of 1 account without a level for some service, 1 gets clearly more of it than like accounts" in page
    assert "A comparison, not a broken agreement" in page
    assert "like accounts" in words(over_served.ranking(served))


def test_the_under_served_are_listed_with_what_is_missing(served) -> None:
    page = words(over_served.under_served(served))
    assert "1 of 3 accounts with a promise gets clearly less" in page
    assert "75%" in page
    assert "1 of them earns money: protect it first." in page


@pytest.mark.parametrize("working", [False, True])
def test_hours_to_an_answer_are_working_hours_where_a_calendar_is_in_force(served, working) -> None:
    slow = gap("C3", "response_hours", 9.0, 4.0, kind="under", short_of_agreed=5.0, material=True)
    served.service_gaps = conform(pd.DataFrame([slow]), "service_gaps")
    served.policy = Policy.read(None, {"calendar": {"hours": ["08:30", "17:30"]}} if working else {})
    page = words(over_served.under_served(served))

    assert ("Working hours to an answer" in page) is working
    assert ("Most often: working hours to an answer (1)." in page) is working
    assert ("Most often: hours to an answer (1)." in page) is not working


def test_contradictions_and_trades_are_shown(served) -> None:
    assert "differ once at 1 account" in words(over_served.contradictions(served))
    assert "More than was agreed is asked for once, less never." in words(over_served.contradictions(served))
    assert "1 agreement promises what the customer does not want: in full, EUR 800" in words(
        over_served.to_trade(served)
    )


def test_the_talk_asks_says_what_was_heard_and_prices_what_nobody_gets(served) -> None:
    page = words(over_served.talks(served))
    assert "1 account to talk with" in page
    assert "Which price would be fair?" in page
    assert "1 of 5, one mistake and it is over" in page
    assert "(March 2026)" in page
    assert "at our rates that level would cost EUR 9.0 k" in page


def test_questions_of_several_gaps_are_asked_once_and_the_common_ones_last() -> None:
    rows = pd.DataFrame({"questions": [f"Why visits?\n{ASKED}", f"Why reviews?\n{ASKED}"]})
    assert questions(rows) == ["Why visits?", "Why reviews?", *ASKED.split("\n")]


def test_accounts_that_were_not_scored_are_counted_with_the_reason(served) -> None:
    page = words(over_served.not_scored(served))
    assert "1 of 5 accounts is not scored" in page
    assert "a customer for too few days of the window" in page


def test_the_executive_page_says_how_many_are_over_served_of_how_many_scored(served) -> None:
    assert "at 3 of 4 scored" in words(executive.opening(served))


def test_standing_ready_says_who_is_entitled_and_who_is_silent(served) -> None:
    page = words(service_demand.standing_ready(served))
    assert "Standing ready costs EUR 82 k, of which 42 k stood unused" in page
    assert "1 account is entitled to after-hours minutes. 1 account got some." in page
    assert "1 account has said nothing of it." in page


def test_demand_names_channels_hours_and_who_started_what(served) -> None:
    assert "takes 60% of the cost" in words(service_demand.ways(served))
    assert "40% of the cost falls at weekends" in words(service_demand.by_hour(served))
    assert "EUR 500 of work nobody asked for, started by Desk" in words(service_demand.unasked(served))
    assert "Of 100 spent on service, 12 were failures" in words(service_demand.kinds_of_work(served))


def test_what_is_not_recorded_is_no_channel_and_no_department(served) -> None:
    served.demand["channel"] = [None, "phone"]
    assert "For 60% of the cost no channel is recorded." in words(service_demand.opening(served))
    rows = pd.concat([served.unasked, served.unasked.assign(department=None, cost=600.0)], ignore_index=True)
    served.unasked = conform(rows, "unasked")
    assert "nobody asked for; for " in words(service_demand.unasked(served))
    assert "of it no department is recorded" in words(service_demand.unasked(served))


def test_a_log_of_days_claims_nothing_of_hours(served) -> None:
    served.demand["hour"] = 0
    assert "The hours of the work are not recorded" in words(service_demand.by_hour(served))


def test_the_heat_covers_every_weekday_and_hour_between() -> None:
    table = heat(pd.DataFrame({"weekday": [2, 2], "hour": [8, 10], "cost": [1.0, 2.0]}))
    assert table.shape == (7, 3)
    assert table.loc[2].tolist() == [1.0, 0.0, 2.0]


def test_half_weeks_at_the_ends_of_the_window_are_left_out() -> None:
    rows = pd.DataFrame({"week": pd.to_datetime(["2026-10-05", "2026-10-12", "2026-10-26"]), "cost": [1.0, 2.0, 9.0]})
    costs = weekly(rows, date(2026, 10, 5), date(2026, 10, 28))
    assert costs.tolist() == [1.0, 2.0, 0.0]


@pytest.mark.parametrize("module", EMPTY)
def test_names_end_as_text_and_no_code_name_is_shown(served, module: str) -> None:
    page = whole(module, served)
    assert "<script" not in page
    assert "<b>Answer" not in page
    assert not re.search(r"\b(nan|None|NaT|inf)\b|[a-z]+_[a-z]+", words(page))
    assert not re.search(r"\b1 (accounts|gaps|agreements|others)\b", words(page))


@pytest.mark.parametrize("module", EMPTY)
@pytest.mark.parametrize("size", [0, 1, 9])
def test_without_service_data_a_page_says_so_and_has_no_empty_shell(made, module: str, size: int) -> None:
    page = whole(module, made.made_run(made.portfolio(size)))
    assert "cannot be judged" in page or "No service work was charged" in page
    assert page.count("<table") == page.count("<figure") == 0


def test_nobody_over_served_is_a_finding(served) -> None:
    served.accounts["over_served"] = pd.array([False] * 5, dtype="boolean")
    served.accounts["under_served"] = pd.array([False] * 5, dtype="boolean")
    assert "None of 5 accounts scored is over-served; no promise was missed by much" in words(
        over_served.opening(served)
    )
    assert words(over_served.remedies(served)) == ""


def test_one_account_is_spoken_of_in_the_singular(served) -> None:
    served.accounts = served.accounts.iloc[:1].reset_index(drop=True)
    page = words(over_served.opening(served))
    assert "The one account scored is over-served: EUR 3.0 k a year" in page
    assert not re.search(r"\b1 accounts\b", words(whole("over_served", served)))


def test_the_talk_says_what_the_account_gets_beyond_in_all_and_none_is_held_with_one_that_has_left(served) -> None:
    # One service of it is in the talk, over-service of C0 in all is the 3,000 that every page says.
    served.expectations = conform(served.expectations.assign(over_cost=2_400.0), "expectations")
    assert "EUR 3.0 k beyond what is due" in words(over_served.talks(served))
    served.tables["next_steps"] = conform(pd.DataFrame([{"customer_id": "C0", "rule": "left"}]), "next_steps")
    assert not over_served.talks(served)


@pytest.mark.parametrize(
    ("wanting", "asked", "told"),
    [
        (3, 5, "3 of 5 accounts want it"),
        (3, 4, "3 of the 4 accounts that spoke of it want it"),
        (0, 4, "nobody of the 4 accounts that spoke of it wants it"),
        (0, 1, "the one account that spoke of it does not want it"),
        (0, 0, "nobody has said whether it is wanted"),
    ],
)
def test_who_has_said_nothing_of_a_standing_offer_is_not_told_as_not_wanting_it(served, wanting, asked, told) -> None:
    served.offers = served.offers.assign(accounts_wanting=wanting, accounts_asked=asked)
    assert f"The night team costs EUR 82 k a year; {told}" in words(service_demand.standing_ready(served))


def test_talks_come_in_the_order_of_the_amounts_that_they_tell(served) -> None:
    """What an account gets beyond is more than its gaps in the talk: 2,400 of C0's 3,000 against 2,900 of another's."""
    rows = served.expectations
    other = rows.assign(customer_id="C1", over_cost=2_900.0, asked_on=None)
    served.expectations = conform(pd.concat([other, rows.assign(over_cost=2_400.0)], ignore_index=True), "expectations")
    cost = served.accounts["over_service_cost"].mask(served.accounts["customer_id"] == "C1", 2_700.0)
    served.accounts = served.accounts.assign(over_service_cost=cost)
    told = words(over_served.talks(served))
    assert told.index("EUR 3.0 k beyond") < told.index("EUR 2.7 k beyond")
    assert "One of them has answered a survey." in told or "1 of them has answered a survey." in told
    served.expectations = conform(served.expectations.assign(asked_on=date(2026, 3, 1)), "expectations")
    assert "Both of them have answered a survey." in words(over_served.talks(served))
