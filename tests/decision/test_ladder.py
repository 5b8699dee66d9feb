"""Nobody is ended before the ladder: each rule by a small dataset, files in and tables out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from analysis import Portfolio
from analysis.errors import PolicyError, UsageError

# 1 a minute, all of it gone when the work is.
COSTING = """
period = "year"
[resources.desk]
cost = 600000
capacity_minutes = 600000
avoidable = 1.0
[resources.back]
cost = 600000
capacity_minutes = 600000
[activities.call]
resource = "desk"
minutes = 10
[activities.paper]
resource = "back"
minutes = 10
[activities.repair]
resource = "desk"
demand = "failure"
minutes = 50
"""
TRIED = ("talk", "educate", "payment_terms", "change_channel")
#: Everybody sells 1,000 a year that costs 500; what the service of each costs in the window, and what is told of it.
ACCOUNTS = ("tried", "untried", "refused", "before", "safe", "owned", "failed", "hidden", "daughter", "mother", "good")
#: Some have left, so that there is something to learn from.
LEFT = tuple(f"left{number}" for number in range(6))
MINUTES = {"good": 100, "mother": 0, "before": 2000}


def _customers() -> str:
    rows = ["customer_id,name,parent_id,protected,since,ended"]
    rows += [
        f"{name},{name},{'mother' if name == 'daughter' else ''},{name == 'owned'},2020-01-01," for name in ACCOUNTS
    ]
    rows += [f"{name},{name},,false,2020-01-01,2025-0{place + 3}-01" for place, name in enumerate(LEFT)]
    return "\n".join(rows).lower() + "\n"


def _lines() -> str:
    rows, number = ["transaction_id,customer_id,date,kind,list_amount,cogs"], 0
    for name in ACCOUNTS:
        big = 100_000 if name == "mother" else 1_000
        for year in (2024, 2025):
            number += 1
            rows.append(f"{number},{name},{year}-11-15,sale,{big},{big / 2}")
    return "\n".join(rows) + "\n"


def _events() -> str:
    rows, number = ["event_id,customer_id,at,activity,minutes"], 0
    for name in ACCOUNTS:
        for year in (2024, 2025):
            if name == "before" and year == 2024:
                continue
            number += 1
            activity = {"failed": "repair", "hidden": "paper"}.get(name, "call")
            rows.append(f"{number},{name},{year}-12-01T10:00,{activity},{MINUTES.get(name, 2000)}")
    return "\n".join(rows) + "\n"


def _taken() -> str:
    rows = ["customer_id,action,on,outcome"]
    for name in ACCOUNTS:
        if name == "untried":
            continue
        outcome = "refused" if name == "refused" else "failed"
        rows += [f"{name},{action},2025-03-01,{outcome}" for action in TRIED]
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def place(share_dataset) -> Path:
    tables = {"customers": _customers(), "transactions": _lines(), "service_events": _events()}
    over = "customer_id,judgement,value,reason,by,until\nsafe,action,none,Talks are under way,Ann,2027-01-01\n"
    return share_dataset(**tables, actions_taken=_taken(), overrides=over, costing=COSTING)


@pytest.fixture(scope="module")
def p(place: Path) -> Iterator[Portfolio]:
    portfolio = Portfolio(place, "2026-10-31")
    yield portfolio
    portfolio.opened.engine.close()


@pytest.fixture(scope="module")
def endings(p: Portfolio) -> pd.DataFrame:
    return p.table("endings").set_index("customer_id")


def test_who_earns_is_no_candidate(endings: pd.DataFrame) -> None:
    assert not {"good", "mother"} & set(endings.index)


def test_tried_or_refused_and_losing_in_two_windows_it_may_be_proposed_and_a_person_decides(
    endings: pd.DataFrame, p: Portfolio
) -> None:
    for name in ("tried", "refused"):
        assert endings.proposed[name]
        assert endings.rungs_left[name] == ""
        assert endings.needs[name].startswith("a person's approval")
        assert "help to find another supplier" in endings.needs[name]
    # It sells 1,000 at costs of 2,500 that would all go: 1,500 a year.
    assert endings.gain_if_ended["tried"] == 1500
    action = p.accounts.set_index("customer_id").action
    assert action["tried"] == action["refused"] == "terminate"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("untried", "earlier rungs are still to try"),
        ("before", "it lost no money in the window before"),
        ("owned", "it is protected"),
        ("failed", "our own failures come first"),
        ("hidden", "too much of its cost has an unknown avoidable share"),
        ("daughter", "ending it would take more than it adds"),
    ],
)
def test_each_rule_stands_against_an_ending(name: str, why: str, endings: pd.DataFrame, p: Portfolio) -> None:
    assert not endings.proposed[name]
    assert why in endings.why_not[name]
    assert p.accounts.set_index("customer_id").action[name] != "terminate"


def test_without_the_record_the_talk_and_the_rungs_are_still_to_try(endings: pd.DataFrame, p: Portfolio) -> None:
    assert endings.rungs_left["untried"] == "reassess, educate, renegotiate, migrate"
    actions = p.actions[p.actions.customer_id == "untried"]
    assert actions[actions.action == "terminate"].why_not.item() == endings.why_not["untried"]


def test_an_ending_is_never_in_the_plan(p: Portfolio) -> None:
    chosen = p.actions[p.actions.chosen]
    assert "terminate" not in set(chosen.action)
    assert "terminate" not in set(p.table("plan").action)


def test_what_we_did_to_an_account_is_not_held_against_it(p: Portfolio) -> None:
    mine = p.actions[(p.actions.customer_id == "failed") & (p.actions.why_not == "")]
    assert set(mine.action) <= {"none", "talk", "mend_our_failures", "restore_service"}
    assert "mend_our_failures" in set(mine.action)


def test_a_persons_decision_holds(p: Portfolio) -> None:
    row = p.accounts.set_index("customer_id").loc["safe"]
    assert row.action == "none"
    assert row.action_value == 0
    assert "safe" not in set(p.table("plan").customer_id)


def test_doing_nothing_is_always_a_choice_and_adds_nothing(p: Portfolio) -> None:
    nothing = p.actions[p.actions.action == "none"]
    assert sorted(nothing.customer_id) == sorted(ACCOUNTS)
    assert (nothing[["value", "low", "high", "cash", "hours", "one_off_cost"]] == 0).all(axis=None)


def test_a_step_of_last_month_is_not_proposed_again(place: Path) -> None:
    later = Portfolio(place, "2025-03-31", {"window": {"months": 3}})
    found = later.actions[(later.actions.customer_id == "good") & (later.actions.action == "change_channel")]
    assert set(found.why_not) <= {"it was taken, or refused, not long ago"}
    later.opened.engine.close()


def test_what_if_weighs_a_step_again_beside_what_it_adds_as_stated(p: Portfolio) -> None:
    stated = p.actions.set_index(["customer_id", "action"]).value["good", "reprice"]
    same = p.what_if("reprice", ["good"]).iloc[0]
    assert same.value == same.as_stated == pytest.approx(stated)
    # Everybody agrees and nobody minds: all of the rise, for as long as the account stays, less the cost.
    sure = {"accepts": 1.0, "pull": 1.0, "cost": 10.0}
    one, two = (p.what_if("reprice", ["good"], share=share, **sure).value.item() for share in (0.02, 0.04))
    assert two + 10 == pytest.approx(2 * (one + 10))
    # 1,000 a year at 2% is 20 a year; it stays less than three years.
    assert 30 < one + 10 < 60


def test_what_if_names_a_step_or_an_assumption_that_there_is_not(p: Portfolio) -> None:
    with pytest.raises(UsageError, match="raise_prices"):
        p.what_if("raise_prices")
    with pytest.raises(PolicyError, match="acceptance"):
        p.what_if("reprice", acceptance=0.5)
    with pytest.raises(PolicyError, match="low over likely to high"):
        p.what_if("reprice", accepts=[0.9, 0.5, 0.1])


def test_approval_is_by_name_in_the_policy(place: Path) -> None:
    asked = Portfolio(place, "2026-10-31", {"ending": {"approved": ["tried"]}})
    found = asked.table("endings").set_index("customer_id")
    assert found.approved["tried"] and not found.approved["refused"]
    assert found.needs["tried"].startswith("3 months' notice")
    asked.opened.engine.close()


def test_hours_of_a_team_that_nobody_knows_are_an_error(place: Path) -> None:
    asked = Portfolio(place, "2026-10-31", {"plan": {"hours": {"desk": 10.0, "moon": 5.0}}})
    with pytest.raises(PolicyError, match="moon"):
        asked.table("plan")
    asked.opened.engine.close()
