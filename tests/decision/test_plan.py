"""The plan is the best there is under the hours, and says what an hour more would add."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.errors import PolicyError
from analysis.policy import Finance, Policy
from analysis.topics.actions.judgement.plan import CORE, Planned, plan, waiting

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


def test_by_cash_the_plan_has_the_steps_that_add_most_cash_and_none_that_adds_none() -> None:
    names = ["customer_id", "action", "value", "cash"]
    rows = pd.DataFrame(
        [("A", "trim_frequency", 100.0, 10.0), ("A", "talk", 30.0, 30.0), ("B", "require_notice", 70.0, 35.0),
         ("C", "trim_frequency", 90.0, -5.0)],
        columns=names,
    )  # fmt: skip
    by_full, by_cash = (plan(rows, _cautious(9, 0.0, basis=basis)) for basis in ("full", "cash"))
    assert set(zip(by_full.rows.customer_id, by_full.rows.action, strict=True)) == {
        ("A", "trim_frequency"), ("B", "require_notice"), ("C", "trim_frequency"),
    }  # fmt: skip
    assert by_cash.rows[["customer_id", "action"]].to_numpy().tolist() == [["B", "require_notice"], ["A", "talk"]]
    # What it adds is told at full cost all the same; a quarter later less of both.
    assert by_cash.rows.value_then.tolist() == [70.0, 30.0] and by_cash.value == pytest.approx(65)


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


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.integers(30, 900))
def test_of_more_accounts_than_are_weighed_whole_the_plan_is_still_the_best(seed: int, hours: int) -> None:
    """The best plan takes the most valuable of each of two sizes of steps; how many, is found by trying each number."""
    values = np.random.default_rng(seed).lognormal(4, 1, (2, 800))
    each = [
        (f"{step}{place}", step, value)
        for step, of in zip(("talk", "require_notice"), values, strict=True)
        for place, value in enumerate(of)
    ]
    found = _plan(each, _policy(hours))
    one, two = (np.r_[0.0, np.sort(of)[::-1].cumsum()] for of in values)
    best = max(one[min(hours - 2 * pairs, 800)] + two[pairs] for pairs in range(min(hours // 2, 800) + 1))
    assert len(each) > CORE
    assert sum(HOURS[step] for step in found.rows.action) <= hours
    assert best * (1 - 1e-5) <= found.value <= best * (1 + 1e-9) <= found.bound * (1 + 1e-6)


def _cautious(hours: float, caution: float, most_on_one: float = 1.0, basis: str = "full") -> Policy:
    actions = {name: {"hours": each, "team": "account_managers"} for name, each in HOURS.items()}
    limits = {"quarters": 1, "hours": {"account_managers": hours}, "at_most": {}}
    chosen = {"caution": caution, "most_on_one": most_on_one, "basis": basis}
    return Policy.read(None, {"actions": actions, "plan": limits | chosen})


def test_a_cautious_plan_takes_the_surer_of_two_that_are_expected_to_add_nearly_the_same() -> None:
    rows = pd.DataFrame({"customer_id": ["A", "B"], "action": "talk", "value": [105.0, 100.0]})
    # A adds 210 or nothing, B always 100; there is an hour for one of them.
    drawn = {"A": [0.0, 210.0] * 10, "B": [100.0] * 20}

    def draws(some: pd.DataFrame) -> np.ndarray:
        return np.array([drawn[name] for name in some.customer_id])

    assert plan(rows, _cautious(1, 0.0), draws).rows.customer_id.tolist() == ["A"]
    found = plan(rows, _cautious(1, 0.5), draws)
    assert found.rows.customer_id.tolist() == ["B"]
    assert found.value == pytest.approx(100)


def test_no_more_of_the_plan_than_the_policys_share_rests_on_one_step() -> None:
    rows = [("A", "talk", 60.0), ("B", "talk", 50.0), ("C", "talk", 40.0), ("D", "require_notice", 50.0)]
    frame = pd.DataFrame(rows, columns=["customer_id", "action", "value"])
    assert set(plan(frame, _cautious(99, 0.0)).rows.customer_id) == {*"ABCD"}
    # Half of it at most: 50 of talks beside the 50 of the notice; with 60 they would be more than half.
    found = plan(frame, _cautious(99, 0.0, most_on_one=0.5))
    assert sorted(found.rows.customer_id) == ["B", "D"]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6), st.sampled_from([0.2, 0.6, 1.0]))
@example(753, 6, 0.2).via("the worst tenth of the best plan takes more than all could add")
@example(1, 3, 0.2)
def test_no_choice_beats_the_cautious_plan(seed: int, hours: int, caution: float) -> None:
    random = np.random.default_rng(seed)
    drawn = random.normal(20.0, 60.0, (5, 30))
    value = drawn.mean(axis=1)
    rows = pd.DataFrame({"customer_id": [*"ABCDE"], "action": [*sorted(HOURS), "talk", "talk"], "value": value})
    best = 0.0
    for taken in product((0, 1), repeat=5):
        mine = [place for place, yes in enumerate(taken) if yes and value[place] > 0]
        if mine and sum(HOURS[rows.action[place]] for place in mine) <= hours:
            totals = np.sort(drawn[mine].sum(axis=0))
            best = max(best, (1 - caution) * totals.mean() + caution * totals[:3].mean())
    places = {name: place for place, name in enumerate("ABCDE")}
    found = plan(rows, _cautious(hours, caution), lambda some: drawn[[places[name] for name in some.customer_id]])
    assert found.value == pytest.approx(best, rel=2e-2, abs=1e-3)
    assert found.bound >= best - 1e-3


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 12), st.sampled_from([0.2, 1.0]))
def test_a_cautious_plan_over_some_accounts_has_a_bound_that_knows_the_caution(
    seed: int, hours: int, caution: float
) -> None:
    """No plan over all passes it, and where the worst tenth is the same half for all it lies by the cautious value."""
    random = np.random.default_rng(seed)
    value = random.lognormal(4, 0.3, 40)
    shared = np.repeat([0.5, 1.5], 15)  # the worst tenth of 30 draws brings half of what is expected, whatever is taken
    rows = pd.DataFrame({"customer_id": [f"C{n:02}" for n in range(40)], "action": "talk", "value": value})

    def draws(some: pd.DataFrame) -> np.ndarray:
        return some.value.to_numpy()[:, None] * shared

    policy = _cautious(hours, caution)
    some = policy.model_copy(update={"plan": policy.plan.model_copy(update={"accounts": 40})})
    whole, part = plan(rows, policy, draws), plan(rows, some, draws)
    best = np.sort(value)[::-1][:hours].sum() * (1 - caution / 2)
    assert whole.value == pytest.approx(best, rel=2e-2)
    assert best <= part.bound * (1 + 1e-6) and part.bound <= best * 1.25


def test_a_bound_over_all_holds_where_those_weighed_lack_a_step_that_others_have() -> None:
    rows = [(f"T{n}", "talk", 90.0 + n) for n in range(8)] + [(f"N{n}", "require_notice", 50.0 + n) for n in range(8)]
    frame = pd.DataFrame(rows, columns=["customer_id", "action", "value"])
    policy = _cautious(6, 0.0, most_on_one=0.9)
    some = policy.model_copy(update={"plan": policy.plan.model_copy(update={"accounts": 10})})
    # No more than nine tenths on talks: four of them and one notice, of two hours, are the best there is.
    assert plan(frame, policy).value == pytest.approx(97 + 96 + 95 + 94 + 57)
    assert plan(frame, some).bound >= plan(frame, policy).value


def test_of_no_account_that_the_solver_may_weigh_there_is_an_empty_plan_with_its_bound() -> None:
    """Among more teams than accounts to weigh, each team's part of them is none."""
    frame = pd.DataFrame([("A", "talk", 50.0), ("B", "talk", 40.0)], columns=["customer_id", "action", "value"])
    policy = _cautious(9, 0.0)
    none = policy.model_copy(update={"plan": policy.plan.model_copy(update={"accounts": 1})})
    found = plan(frame, none)
    assert found.rows.empty and found.value == 0 and found.bound == pytest.approx(90)
