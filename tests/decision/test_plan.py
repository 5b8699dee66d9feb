"""The plan is the best there is under the hours, and says what an hour more would add."""

from __future__ import annotations

from itertools import product

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.decision.plan import Planned, plan, waiting
from analysis.errors import PolicyError
from analysis.policy import Finance, Policy

#: Hours of each step in these tests; all of one team.
HOURS = {"talk": 1.0, "require_notice": 2.0, "trim_frequency": 3.0}


def _policy(hours: float, quarters: int = 1, **at_most: int) -> Policy:
    actions = {name: {"hours": each, "team": "account_managers"} for name, each in HOURS.items()}
    limits = {"quarters": quarters, "hours": {"account_managers": hours}, "at_most": at_most}
    return Policy.read(None, {"actions": actions, "plan": limits})


def _plan(rows: list[tuple[str, str, float]], policy: Policy) -> Planned:
    return plan(pd.DataFrame(rows, columns=["customer_id", "action", "value"]), policy)


def test_three_hours_go_to_the_two_steps_that_add_most_together() -> None:
    rows = [("A", "trim_frequency", 100.0), ("B", "require_notice", 70.0), ("C", "talk", 45.0)]
    found = _plan(rows, _policy(3))
    assert found.rows.customer_id.tolist() == ["B", "C"]
    assert found.value == pytest.approx(115)
    assert found.gap == pytest.approx(0)


def test_an_account_has_one_step_and_a_package_takes_the_hours_of_its_parts() -> None:
    rows = [("A", "trim_frequency", 90.0), ("A", "require_notice", 80.0), ("A", "require_notice + talk", 88.0)]
    assert _plan(rows, _policy(99)).rows.action.tolist() == ["trim_frequency"]
    assert _plan(rows, _policy(2)).rows.action.tolist() == ["require_notice"]


def test_no_more_of_a_kind_than_the_policy_allows() -> None:
    rows = [(name, "require_notice", 50.0 + place) for place, name in enumerate("ABCD")]
    found = _plan(rows, _policy(99, require_notice=2))
    assert found.rows.customer_id.tolist() == ["D", "C"]


def test_what_one_more_hour_adds_is_the_worth_of_the_last_one() -> None:
    rows = [(f"{name}", "talk", value) for name, value in zip("ABCDE", (50.0, 40.0, 30.0, 20.0, 10.0), strict=True)]
    found = _plan(rows, _policy(3.5))
    team = found.prices.set_index("team").price
    assert team["account_managers"] == pytest.approx(20)
    assert team["finance"] == 0


def test_what_does_not_fit_waits_a_quarter_and_loses_a_part() -> None:
    rows = [("A", "talk", 100.0), ("B", "talk", 90.0)]
    policy = _policy(1, quarters=2)
    found = _plan(rows, policy)
    assert found.rows.quarter.tolist() == [1, 2]
    assert found.value == pytest.approx(100 + 90 * 33 / 36 * 1.1 ** (-0.25))
    assert waiting(2, Finance(discount_rate=0.0))[1] == pytest.approx(33 / 36)


def test_without_candidates_there_is_an_empty_plan() -> None:
    found = _plan([], _policy(10))
    assert found.rows.empty and found.value == 0 and found.gap == 0
    assert found.prices.price.tolist() == [0.0, 0.0, 0.0]


def test_a_team_without_hours_is_an_error_that_names_it() -> None:
    with pytest.raises(PolicyError, match="night_shift"):
        Policy.read(None, {"actions": {"talk": {"team": "night_shift"}}})


VALUES = st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(sorted(HOURS)), st.integers(1, 50)), max_size=6)


@settings(max_examples=40, deadline=None)
@given(VALUES, st.integers(0, 7))
def test_no_choice_beats_the_plan(drawn: list[tuple[str, str, int]], hours: int) -> None:
    rows = [(c, a, float(v)) for (c, a), v in {(c, a): v for c, a, v in drawn}.items()]
    best = 0.0
    for taken in product((0, 1), repeat=len(rows)):
        mine = [row for row, yes in zip(rows, taken, strict=True) if yes]
        once = len({account for account, _, _ in mine}) == len(mine)
        if once and sum(HOURS[action] for _, action, _ in mine) <= hours:
            best = max(best, sum(value for _, _, value in mine))
    assert _plan(rows, _policy(hours)).value == pytest.approx(best)


@settings(max_examples=15, deadline=None)
@given(st.integers(11, 30), st.integers(1, 20))
def test_a_plan_over_some_accounts_says_how_far_it_may_be_from_the_best(count: int, hours: int) -> None:
    rows = [(f"C{place:02}", "talk" if place % 2 else "require_notice", 10.0 + place) for place in range(count)]
    policy = _policy(hours)
    some = policy.model_copy(update={"plan": policy.plan.model_copy(update={"accounts": 10})})
    whole, part = _plan(rows, policy), _plan(rows, some)
    assert part.value <= whole.value + 1e-6 <= part.bound + 1e-4
