"""One next step for each account: the rules in their order, and what is said of each step."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from analysis.policy import Policy
from analysis.topics.actions.judgement.next_step import asks, next_steps, owed, stakes, talks_first
from analysis.topics.actions.judgement.step_reasons import Against, against, because, would_change
from analysis.topics.actions.judgement.step_words import Facts, FactsOf, said, trimmed

PLAN = ["customer_id", "action", "quarter", "value", "low", "high", "cash", "hours", "freed_hours"]


def _decided(**changed: Any) -> dict[str, Any]:
    """Decide on one account: a best step that is sure to add, in the plan together with a higher price."""
    own = {"customer_id": "A", "left": False, "action": "trim_frequency", "value": 80.0, "low": 50.0, "high": 110.0}
    own |= {"person": None, "protect": False, "short": False, "failed": False, "ours_first": False}
    planned = changed.pop("planned", "reprice + trim_frequency")
    weighed = changed.pop("weighed", [("trim_frequency", 80.0), ("reprice", 20.0), ("talk", 1.0)])
    rows = [("A", planned, 1, 95.0, 60.0, 120.0, 40.0, 11.0, 9.0)] if planned else []
    steps = pd.DataFrame(weighed, columns=["action", "value"]).assign(customer_id="A", low=-1.0, high=200.0)
    found = next_steps(pd.DataFrame([own | changed]), pd.DataFrame(rows, columns=PLAN), steps)
    return found.iloc[0].to_dict()


def test_the_plans_package_decides_with_the_step_that_adds_most_first() -> None:
    found = _decided()
    assert (found["rule"], found["steps"], found["value"]) == ("plan", "trim_frequency + reprice", 95.0)
    assert (found["planned"], found["quarter"], found["value_low"], found["value_high"]) == (True, 1, 60.0, 120.0)


def test_a_persons_decision_beats_the_plan_and_its_value_is_that_of_the_step_it_names() -> None:
    found = _decided(person="talk", protect=True, short=True)
    assert (found["rule"], found["steps"], found["value"]) == ("person", "talk", 1.0)
    assert (found["planned"], found["quarter"]) == (False, None)


def test_a_persons_decision_that_takes_more_than_it_adds_keeps_its_value() -> None:
    assert _decided(person="educate", weighed=[("educate", -2.0)])["value"] == -2.0


def test_of_the_plans_steps_one_whose_own_value_is_not_known_comes_after_one_that_adds_a_little() -> None:
    assert _decided(planned="educate + reprice", weighed=[("reprice", 0.5)])["steps"] == "reprice + educate"


def test_what_was_promised_is_delivered_before_anything_is_asked_of_an_account_worth_keeping() -> None:
    found = _decided(protect=True, short=True, planned="reprice + restore_service + trim_frequency")
    assert found["steps"] == "restore_service + trim_frequency + reprice"
    assert (found["step"], found["value"]) == ("restore_service", 95.0)


def test_an_account_worth_keeping_that_is_owed_nothing_is_talked_to_before_a_step_of_the_plan() -> None:
    assert _decided(protect=True)["steps"] == "talk + trim_frequency + reprice"


def test_a_delivery_that_takes_more_than_it_adds_is_talked_about_where_nothing_is_asked() -> None:
    weighed = [("restore_service", -500.0), ("talk", 1.0), ("reprice", 9.0)]
    found = _decided(protect=True, short=True, planned=None, weighed=weighed, action="reprice")
    assert (found["steps"], found["value"]) == ("talk", 1.0)


@pytest.mark.parametrize(("value", "step"), [(0.0, "restore_service"), (-0.1, "talk")])
def test_a_delivery_that_takes_nothing_comes_first(value: float, step: str) -> None:
    weighed = [("restore_service", value), ("talk", 1.0)]
    assert _decided(protect=True, short=True, planned=None, weighed=weighed, action="none")["steps"] == step


@pytest.mark.parametrize(
    ("failed", "value", "step"),
    [(True, 0.0, "mend_our_failures"), (True, -0.1, "talk"), (False, 9.0, "talk"), (True, None, "talk")],
)
def test_our_failures_are_mended_first_where_we_failed_and_that_takes_nothing(failed, value, step) -> None:
    weighed = [("mend_our_failures", value)] if value is not None else [("reprice", 1.0)]
    assert _decided(protect=True, failed=failed, planned=None, weighed=weighed, action="none")["steps"] == step


def test_mending_that_is_not_first_in_the_plan_waits_for_the_talk() -> None:
    weighed = [("restore_service", 9.0), ("mend_our_failures", 5.0)]
    found = _decided(protect=True, planned="mend_our_failures + restore_service", weighed=weighed)
    assert found["steps"] == "talk + restore_service + mend_our_failures"


@pytest.mark.parametrize(("value", "told"), [(-500.0, False), (0.0, True), (0.5, True)])
def test_of_what_we_owe_no_loss_is_told_and_any_gain_is(value: float, told: bool) -> None:
    weighed = [("mend_our_failures", value)]
    found = _decided(protect=True, planned=None, action="mend_our_failures", weighed=weighed)
    assert found["step"] == "mend_our_failures"
    assert (found["value"] == value) is told and math.isnan(found["value"]) is not told


def test_who_is_to_be_protected_is_never_repriced_on_a_guess() -> None:
    assert _decided(protect=True, planned=None, action="reprice", low=-5.0)["steps"] == "talk"


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"low": 1.0}, "no_hours"),
        ({"low": -1.0}, "not_sure"),
        ({"action": "none", "low": 0.0}, "nothing"),
        ({"action": "none", "low": 0.0, "ours_first": True}, "ours_first"),
        ({"action": "terminate"}, "ending"),
        ({"left": True}, "left"),
        ({"action": None}, "not_known"),
    ],
)
def test_what_is_not_planned_says_why(changed: dict[str, Any], rule: str) -> None:
    assert _decided(planned=None, **changed)["rule"] == rule


def test_what_is_ours_to_do_comes_before_what_is_asked() -> None:
    weighed = [("trim_frequency", 80.0), ("mend_our_failures", 10.0)]
    found = _decided(planned="mend_our_failures + trim_frequency", weighed=weighed)
    assert found["steps"] == "mend_our_failures + trim_frequency"


def test_nothing_is_owed_where_an_account_gets_all_that_it_asked_for() -> None:
    rows = [("A", 1.0, 2.0, "under"), ("B", 2.0, 1.0, "under"), ("C", 1.0, math.nan, "under"), ("D", 1.0, 2.0, "met")]
    rows += [("E", 2.0, 2.0, "under")]
    names = ["customer_id", "delivered", "expected", "kind"]
    assert owed(pd.DataFrame(rows, columns=names)).tolist() == ["A", "C"]


def test_talks_come_first_where_a_planned_step_of_the_next_quarter_asks_something() -> None:
    rows = [("A", "plan", "reprice", 1, 5.0), ("B", "plan", "mend_our_failures", 1, 9.0), ("C", "plan", "talk", 2, 8.0)]
    rows += [("D", "protect", "reprice", 1, 99.0), ("E", "plan", "trim_frequency", 1, 7.0)]
    frame = pd.DataFrame(rows, columns=["customer_id", "rule", "steps", "quarter", "value"])
    assert frame.customer_id[talks_first(frame)].tolist() == ["A", "E"]
    assert frame.customer_id[talks_first(frame, most=1)].tolist() == ["E"]


def test_six_talks_come_first_and_of_equals_those_first_by_name() -> None:
    rows = [(name, "plan", "reprice", 1, 5.0) for name in "HGFEDCBA"]
    frame = pd.DataFrame(rows, columns=["customer_id", "rule", "steps", "quarter", "value"])
    assert sorted(frame.customer_id[talks_first(frame)]) == [*"ABCDEF"]


def test_the_stake_is_what_is_gained_may_leave_or_is_lost() -> None:
    rows = [(5.0, math.nan, 100.0), (5.0, 9.0, -2.0), (math.nan, 1.0, -30.0), (-4.0, math.nan, 3.0)]
    assert stakes(pd.DataFrame(rows, columns=["value", "at_stake", "net_margin"])).tolist() == [5.0, 9.0, 30.0, 0.0]


def _gap(**changed: Any) -> dict[str, Any]:
    unknown = dict.fromkeys(("entitled", "expected", "short_of_agreed", "short_of_wanted"), math.nan)
    own = {"attribute": "account_reviews", "delivered": 27.0, "over_units": 24.0, "over_cost": 5000.0}
    return {**unknown, **own, "wish": None, "kind": "both", "material": True} | changed


def _facts(gaps: list[dict[str, Any]], **row: float) -> Facts:
    return Facts(row, gaps, [], {"unrequested": 3.0}, Policy(), 12)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"entitled": 4.0, "expected": 3.0}, "from 27 to 3 a year, as they asked; trade the 4 agreed"),
        ({"entitled": 3.0, "expected": 3.0}, "from 27 to 3 a year, as agreed and as they asked"),
        ({"entitled": 4.0, "expected": 9.0}, "from 27 to 4 a year, as agreed; they want 9: offer the rest at a price"),
        (
            {"entitled": 4.0, "wish": "more"},
            "from 27 to 4 a year, as agreed; they want more: offer the rest at a price",
        ),
        ({"entitled": 4.0}, "from 27 to 4 a year, as agreed; ask first whether they want the rest"),
        ({"entitled": 30.0, "expected": 3.0}, "from 27 to 3 a year, as they asked; trade the 30 agreed"),
        ({"expected": 3.0}, "from 27 to 3 a year, as they asked"),
        ({"entitled": 1.0, "expected": 0.0}, "from 27 to 0 a year, as they asked; trade the 1 agreed"),
        ({"kind": "peer"}, "from 27 to 3 a year, as like accounts get; ask first what they need"),
        (
            {"kind": "peer", "over_units": 26.55},
            "from 27 to 0.4 a year, as like accounts get; ask first what they need",
        ),
    ],
)
def test_a_trim_names_the_service_its_level_and_what_was_agreed_and_asked(changed: dict[str, Any], words: str) -> None:
    told = said(("trim_frequency",), _facts([_gap(**changed)]))
    assert told.words == f"Account reviews {words}"
    assert (told.attribute, told.level_now, told.per) == ("account_reviews", 27.0, "a year")


def test_a_trim_of_what_nobody_asked_for_counts_the_pieces() -> None:
    told = said(("trim_frequency",), _facts([], unrequested_cost=450.0, unasked_cost=450.0))
    assert (
        told.words.replace("\N{NO-BREAK SPACE}", " ")
        == "Stop the 3 pieces of work that nobody asked for, EUR 450 a year"
    )
    some = said(("trim_frequency",), _facts([], unrequested_cost=450.0, unasked_cost=150.0))
    assert (
        some.words.replace("\N{NO-BREAK SPACE}", " ")
        == "Stop the work that was neither asked for nor agreed, EUR 150 a year"
    )


def test_a_delivery_names_the_level_that_was_promised_and_what_was_asked() -> None:
    gap = _gap(attribute="site_visits", delivered=0.5, entitled=2.0, expected=1.0, short_of_agreed=1.5, kind="under")
    told = said(("restore_service", "reprice"), _facts([gap], net_revenue=1000.0))
    begins = (
        "Deliver what was promised: site visits from 0.5 to 2 a quarter, as agreed, or agree on the 1 that they asked"
    )
    assert told.words.startswith(begins)
    assert "; then prices up by 4%" in told.words


@pytest.mark.parametrize("action", ["none", *Policy().actions])
def test_every_step_has_words_even_where_nothing_is_known(action: str) -> None:
    words = said((action,), Facts({}, [], [], {}, Policy(), 12)).words
    assert words
    assert "nan" not in words and "not measured" not in words


def test_only_what_is_ours_asks_nothing() -> None:
    assert [action for action in Policy().actions if not asks(action)] == [
        "talk",
        "mend_our_failures",
        "restore_service",
    ]


@pytest.mark.parametrize(
    ("work", "words"),
    [
        ({"other_service": 12.0}, "Offer another bundle: pieces of everyday work from 12 towards"),
        ({}, "Offer another bundle: less everyday service than now, which takes EUR"),
    ],
)
def test_without_levels_and_without_work_unasked_no_step_is_to_stop_work_of_nothing(
    work: dict[str, float], words: str
) -> None:
    facts = Facts({"cost_to_serve": 900.0, "unrequested_cost": 0.0, "unasked_cost": 0.0}, [], [], work, Policy(), 12)
    found = said(("change_offer",), facts).words.replace("\xa0", " ")
    assert found.startswith(words)
    assert "nobody asked" not in found


def test_service_that_no_attribute_measures_is_told_by_the_work_that_makes_most_of_it() -> None:
    gap = {"attribute": "other_service", "delivered": 134.0, "over_units": 117.0, "mostly": "rep_visit"}
    assert trimmed(gap, Policy()).short == "Minutes of other service (mostly rep visit) from 134 to 17 a month"
    assert trimmed(gap | {"mostly": math.nan}, Policy()).short == "Minutes of other service from 134 to 17 a month"


def test_where_no_service_is_beyond_due_another_bundle_is_one_of_goods() -> None:
    row = {"cost_to_serve": 0.0, "cogs": 98_000.0, "net_revenue": 100_000.0}
    words = said(("change_offer",), Facts(row, [], [], {"other_service": 12.0}, Policy(), 12)).words
    assert words.replace("\xa0", " ") == (
        "Offer another bundle: goods that cost less than 98% of what it pays, EUR 98 k a year now"
    )


def test_only_what_is_to_be_charged_is_told_as_such() -> None:
    # Of EUR 900 out of scope our failures caused 360, and 324 are beyond the level due: 1.2 pieces' worth is left.
    row = {"out_of_scope_cost": 900.0, "to_charge_cost": 216.0}
    words = said(("charge_out_of_scope",), Facts(row, [], [], {"out_of_scope": 1.2}, Policy(), 12)).words
    assert words.replace("\xa0", " ") == "Charge the work outside the agreement, EUR 216 a year"


def test_what_a_new_account_took_so_far_is_not_told_as_a_years() -> None:
    row = {"first_year": True, "out_of_scope_cost": 411.0, "to_charge_cost": 411.0}
    words = said(("charge_out_of_scope",), Facts(row, [], [], {"out_of_scope": 9.0}, Policy(), 12)).words
    assert words.replace("\xa0", " ") == "Charge the 9 pieces of work outside the agreement, EUR 411 so far"
    words = said(("change_channel",), Facts(row, [], [], {"by_hand": 40.0}, Policy(), 12)).words
    assert words == "Move to the portal: phone, e-mail and chat from 40 so far towards 30 in the same time"
    row |= {"net_revenue": 12_000.0, "returns": 1_000.0, "net_margin": -872.0}
    new = Facts(row, [], [], {"other_service": 6.0}, Policy(), 12)
    told = {step: said((step,), new).words.replace("\xa0", " ") for step in ("reprice", "educate", "none")}
    assert told["reprice"] == "Prices up by 4%, EUR 480 on what it bought so far"
    assert told["educate"].endswith("returns and credits from EUR 1.0 k so far towards EUR 920 in the same time")
    assert told["none"].startswith("Leave it as it is: so far it cost EUR 872 more than it brought, and no step")


@pytest.mark.parametrize(("given", "told"), [(340.0, True), (100.0, False)])
def test_a_discount_of_twice_the_usual_is_set_beside_it_where_prices_are_to_rise(given: float, told: bool) -> None:
    # All together: 340 + 60 of 1,000 + 4,000, or 8%.
    rows = pd.DataFrame({"customer_id": ["A", "B"], "list_revenue": [1_000.0, 4_000.0], "discounts": [340.0, 60.0]})
    rows["net_revenue"] = rows.list_revenue - rows.discounts
    none = pd.DataFrame({"customer_id": []})
    known = FactsOf(rows, none, none, none, Policy(), 12)["A"]
    known = replace(known, row={**known.row, "discounts": given})
    words = said(("reprice",), known).words.replace("\xa0", " ")
    assert words.endswith(f"discounts take {given / 10:.0f}% of the list price") is not told
    assert words.endswith("discounts take 34% of the list price, usual here 8%: it is a first step") is told
    free = replace(known, row={**known.row, "discounts": 0.0}, usual_discount=0.0)
    assert "discount" not in said(("reprice",), free).words


def test_where_the_data_begins_late_no_step_tells_a_years_amount() -> None:
    row = {"net_revenue": 12_000.0, "to_charge_cost": 411.0, "net_margin": -872.0}
    late = Facts(row, [], [], {"out_of_scope": 9.0, "by_hand": 40.0}, Policy(), 12, date(2026, 9, 1))
    steps = ("charge_out_of_scope", "change_channel", "reprice", "none")
    told = {step: said((step,), late).words.replace("\xa0", " ") for step in steps}
    since = "since 1 September 2026"
    assert told["charge_out_of_scope"] == f"Charge the 9 pieces of work outside the agreement, EUR 411 {since}"
    assert told["change_channel"].endswith(f"from 40 {since} towards 30 in the same time")
    assert told["reprice"] == f"Prices up by 4%, EUR 480 on what it bought {since}"
    assert told["none"].startswith(f"Leave it as it is: {since} it cost EUR 872 more than it brought")


@pytest.mark.parametrize(
    ("pieces", "then"), [(1.0, "1 towards 0.9"), (6.0, "6 towards 5.5"), (100.0, "100 towards 92")]
)
def test_a_step_never_goes_from_a_few_towards_as_many(pieces: float, then: str) -> None:
    facts = Facts({"returns": 216_000.0}, [], [], {"other_service": pieces}, Policy(), 12)
    words = said(("educate",), facts).words.replace("\xa0", " ")
    assert f"pieces of everyday service from {then} a year" in words
    assert words.endswith("; returns and credits from EUR 216 k towards EUR 199 k a year")


def test_where_our_failures_come_first_mending_them_is_what_would_change_our_mind() -> None:
    assert would_change(SimpleNamespace(rule="ours_first"), ("none",)).startswith("once we fail it no more")
    assert would_change(SimpleNamespace(rule="nothing_adds"), ("none",)) == "a step that its own record shows to work"


@pytest.mark.parametrize(
    ("known", "begins"),
    [
        ({"running_margin": 15_000.0, "leaves_year": math.nan}, "How long it stays is not known"),
        ({"running_margin": math.nan, "leaves_year": 0.1}, "Its margin is not known"),
        ({"running_margin": math.nan, "leaves_year": math.nan}, "Its margin, or how long it stays, is not known"),
    ],
)
def test_of_what_a_step_is_weighed_on_that_is_named_which_is_not_known(known: dict[str, float], begins: str) -> None:
    assert because(SimpleNamespace(rule="not_known", facts=SimpleNamespace(row=known))).startswith(begins)


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 100])
def test_what_is_known_of_an_account_does_not_hang_on_how_many_are_made_at_a_time(at_a_time, monkeypatch):
    names = ["b", "007", "7", "Z", "a"]
    rows = pd.DataFrame({"customer_id": names, "cost_to_serve": [1.0, 2.0, 3.0, 4.0, 5.0]})
    gaps = pd.DataFrame({"customer_id": ["7", "b", "7", "Z"], "attribute": ["visits", "reviews", "support", "visits"]})
    failures = pd.DataFrame({"customer_id": ["a"], "failure": ["slow_answers"]})
    monkeypatch.setattr("analysis.topics.actions.judgement.step_words.AT_A_TIME", at_a_time)

    work = pd.DataFrame({"customer_id": ["007"], "driver": ["unrequested"], "events": [3.0]})

    known = FactsOf(rows, gaps, failures, work, Policy(), 12)

    assert [known[name].row["cost_to_serve"] for name in [*names, *reversed(names)]] == [1, 2, 3, 4, 5, 5, 4, 3, 2, 1]
    assert [gap["attribute"] for gap in known["7"].gaps] == ["visits", "support"]
    assert [len(known[name].gaps) for name in names] == [1, 0, 2, 1, 0]
    assert known["a"].failures == [{"customer_id": "a", "failure": "slow_answers"}]
    assert known["007"].work == {"unrequested": 3.0}


@pytest.mark.parametrize(
    ("cash", "said_of_it"),
    [
        (8_000.0, None),
        (3_000.0, "Only EUR 3.0 k of it is cash, the rest is time set free"),
        (0.0, "None of it is cash: what it adds is time set free"),
        (-860.0, "In cash it costs EUR 860: what it adds is time set free"),
    ],
)
def test_a_step_that_costs_cash_is_never_told_as_one_that_brings_some(cash: float, said_of_it: str | None) -> None:
    facts = SimpleNamespace(policy=Policy(), row={}, known=lambda _: 0.0)
    row = {"value": 11_000.0, "value_low": 9_700.0, "cash": cash}
    of = SimpleNamespace(decision=row, facts=facts, rule="plan", ending=None, tried=[], first=None)
    told = against(of, ("trim_frequency",))
    assert (told and told.replace("\xa0", " ")) == said_of_it


def test_a_person_who_leaves_an_account_as_it_is_need_not_say_that_no_step_would_add() -> None:
    decided = Against(
        Facts({}, [], [], {}, Policy(), 12), {"rule": "person", "step": "none"}, *[None] * 2, [], None, None
    )
    assert decided.worded("Leave it as it is: no step would add more than it takes") == "Leave it as it is"
