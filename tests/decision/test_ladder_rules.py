"""Each rule of the ladder by hand: turned round, one of these fails."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.policy import Policy
from analysis.topics.actions.judgement.ladder import (
    at_risk_elsewhere,
    ending_value,
    endings,
    rungs_tried,
    unknown_share,
)
from analysis.topics.actions.judgement.recommend import recommended
from analysis.topics.actions.judgement.situation import Situation

POLICY = Policy.read(None, {"ending": {"approved": ["b"], "notice_months": 4}})
EVERY = [("talk", "worked"), ("educate", "failed"), ("payment_terms", "refused"), ("change_channel", "worked")]


def frame(names: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=names.split())


def account(name: str = "a", **changed: Any) -> dict[str, Any]:
    own = {"customer_id": name, "running_margin": -100.0, "gain_if_ended": 50.0, "protected": False, "trouble": 0.0}
    own |= {
        "difficult": False,
        "difficulty_ours": 0.0,
        "cost_to_serve": 1000.0,
        "cost_to_obtain": 0.0,
        "cogs": 0.0,
        "failure_cost": 0.0,
    }
    return own | {"unknown_work": 0.0, "parent_id": None, "referred_by": None, "freed_value": 0.0} | changed


def facing(*rows: dict[str, Any], **given: Any) -> Situation:
    accounts = pd.DataFrame(list(rows))
    one = np.ones(len(rows))
    more = {"months": 12 * one, "margin": one, "cash_margin": one, "doubt": 0 * one, "cost_doubt": 0 * one}
    more |= {"hazards": np.zeros((len(rows), 12)), "pools": {}, "content": one.astype(bool), "wanting": 0 * one}
    return Situation(accounts=accounts, **{**more, "failed": 0 * one, "discount_rate": 0.0, **given})


def ended(own: dict[str, Any] | None = None, drawn: Any = 10.0, before: float | None = -5.0, **taken: Any) -> pd.Series:
    own = own or account()
    tried = pd.DataFrame(taken.get("tried", EVERY), columns=["action", "outcome"]).assign(
        customer_id=own["customer_id"]
    )
    names = {"customer_id": [own["customer_id"]], "running_margin": [before]}
    last = pd.DataFrame(names if before is not None else {name: [] for name in names})
    draws = np.broadcast_to(np.asarray(drawn, dtype=float), (1, 100)) if np.ndim(drawn) == 0 else np.array([drawn])
    policy = taken.get("policy", POLICY)
    return endings(facing(own), draws, np.array([7.0]), tried, last, policy).iloc[0]


def test_where_every_rung_was_tried_and_nothing_stands_against_it_an_ending_may_be_proposed():
    found = ended()
    assert (found.proposed, found.why_not, found.rungs_left) == (True, "", "")
    assert found.rungs_tried == "reassess, educate, renegotiate, migrate"
    assert (found.value, found.p_gain, found.low, found.high, found.at_risk_elsewhere) == (10.0, 1.0, 10.0, 10.0, 7.0)


@pytest.mark.parametrize("missing", range(4))
def test_every_earlier_rung_has_to_be_tried_and_an_open_step_shows_nothing(missing):
    tried = [(action, "open" if place == missing else outcome) for place, (action, outcome) in enumerate(EVERY)]
    found = ended(tried=tried)
    rung = ("reassess", "educate", "renegotiate", "migrate")[missing]
    assert (found.proposed, found.why_not, found.rungs_left) == (False, "earlier rungs are still to try", rung)


def test_what_the_record_shows_is_told_by_rung():
    taken = frame(
        "customer_id action outcome", ("a", "talk", "refused"), ("a", "educate", "open"), ("b", "educate", "failed")
    )
    found = rungs_tried(taken).set_index("customer_id")
    assert found.loc["a"].tolist() == [True, False, False, False]
    assert found.loc["b"].tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    ("own", "given", "why"),
    [
        ({"protected": True}, {}, "it is protected"),
        ({"failure_cost": 500.0}, {}, "our own failures come first"),
        ({"difficulty_ours": 0.5, "trouble": 99.0}, {}, "our own failures come first"),
        ({}, {"before": None}, "the window before is not known"),
        ({}, {"before": 0.0}, "it lost no money in the window before"),
        ({}, {"drawn": 0.0}, "ending it would take more than it adds"),
        ({"unknown_work": 101.0}, {}, "too much of its cost has an unknown avoidable share"),
    ],
)
def test_one_thing_against_it_is_enough_and_is_said(own, given, why):
    found = ended(account(**own), **given)
    assert (found.proposed, found.why_not) == (False, why)


def test_of_a_window_before_that_overlaps_nothing_else_is_said():
    longer = POLICY.model_copy(update={"window": POLICY.window.model_copy(update={"months": 24})})
    for before in (None, 0.0, -5.0):
        assert ended(before=before, policy=longer).why_not == "the window before overlaps with this one"


@pytest.mark.parametrize(
    "own",
    [{"unknown_work": 100.0}, {"difficulty_ours": 0.49, "trouble": 99.0}, {"difficulty_ours": 0.9, "trouble": 0.0}],
)
def test_what_lies_at_the_edge_does_not_stand_against_it(own):
    assert ended(account(**own)).proposed


def test_the_least_gain_is_one_and_has_to_be_sure_as_any_other():
    least = ended(drawn=0.5)
    assert (least.proposed, least.p_gain) == (True, 1.0)
    assert ended(drawn=np.r_[np.full(30, -0.5), np.full(70, 0.6)]).why_not == "what ending adds is not sure"


def test_a_gain_must_hold_in_four_draws_of_five():
    sure, unsure = np.r_[np.full(20, -1.0), np.full(80, 5.0)], np.r_[np.full(21, -1.0), np.full(79, 5.0)]
    assert ended(drawn=sure).proposed
    assert ended(drawn=unsure).why_not == "what ending adds is not sure"
    assert ended(drawn=-unsure).why_not == "ending it would take more than it adds"
    assert ended(drawn=sure).p_gain == pytest.approx(0.8)
    assert (ended(drawn=np.arange(101.0)).low, ended(drawn=np.arange(101.0)).high) == (5.0, 95.0)


def test_a_window_of_more_than_a_year_overlaps_with_the_one_before():
    longer = Policy.read(None, {"window": {"months": 13}})
    assert ended(policy=longer).why_not == "the window before overlaps with this one"
    assert ended(policy=Policy.read(None, {"window": {"months": 12}})).proposed


def test_where_nobody_loses_money_nobody_is_listed():
    nobody = facing(account()).accounts.iloc[:0]
    here = Situation(**{**facing(account()).__dict__, "accounts": nobody})
    last, none = frame("customer_id running_margin"), frame("customer_id action outcome")
    assert endings(here, np.empty((0, 100)), np.empty(0), none, last, POLICY).empty


def test_the_gravest_reason_is_said_first_and_all_of_them():
    found = ended(account(protected=True), drawn=-3.0, before=5.0, tried=[])
    assert found.why_not == (
        "it is protected; it lost no money in the window before; ending it would take more than it adds; "
        "earlier rungs are still to try"
    )
    assert found.rungs_left == "reassess, educate, renegotiate, migrate"
    assert pd.isna(found.needs)


def test_a_person_approves_and_an_ending_is_decent():
    decent = "4 months' notice, help to find another supplier, open work finished, data handed over"
    assert ended(account("b")).needs == decent
    assert ended(account("a")).needs == f"a person's approval; then {decent}"


def test_the_unknown_share_is_of_all_that_the_account_costs():
    rows = [account(cogs=500.0, cost_to_obtain=500.0, unknown_work=200.0), account(cost_to_serve=0.0)]
    rows += [account(cost_to_serve=0.5, unknown_work=0.25)]
    assert unknown_share(pd.DataFrame(rows)).tolist() == [0.1, 0.0, 0.5]


def stay(*now: float) -> Any:
    return SimpleNamespace(now=np.array(now))


def test_at_risk_is_a_share_of_what_earns_in_its_group_and_of_those_it_brought_in():
    rows = [account("m"), account("d", parent_id="m"), account("r", referred_by="m"), account("l", referred_by="m")]
    here = facing(*rows, margin=np.array([10.0, 20.0, 30.0, -40.0]))
    found = at_risk_elsewhere(here, stay(2.0, 2.0, 2.0, 2.0), POLICY)
    # A quarter of 40 and 60 for the mother, of 20 for the daughter; what loses money is no loss.
    assert found.tolist() == [25.0, 5.0, 0.0, 0.0]


def test_an_account_of_the_group_that_was_brought_in_by_it_is_at_risk_once():
    rows = [account("m"), account("d", parent_id="m", referred_by="m"), account("s", parent_id="m", referred_by="d")]
    found = at_risk_elsewhere(facing(*rows, margin=np.full(3, 10.0)), stay(2.0, 2.0, 2.0), POLICY)

    # A quarter of the two others, 20 each: no more than what is there.
    assert found.tolist() == [10.0, 10.0, 10.0]


def test_ending_adds_what_goes_less_the_margin_the_cost_and_what_is_put_at_risk():
    here = facing(account(freed_value=120.0), cash_margin=np.array([-3.0]), doubt=np.array([1.0]))
    of: Any = SimpleNamespace(cost=np.array([4.0, 4.0]))
    found = ending_value(here, stay(2.0), of, np.array([0.0, 1.0]), np.array([5.0]))
    # (10 + 3) x 2 - 4 - 5 and, with a margin one better, (10 + 2) x 2 - 9.
    assert found.tolist() == [[17.0, 15.0]]


WEIGHED = "customer_id action value low high why_not"
ENDED = "customer_id value low high proposed"
NOBODY = frame("customer_id action")


def best(
    *steps: tuple[str, float, str], ending: tuple[float, bool] | None = None, person: str = ""
) -> tuple[str, float]:
    weighed = frame(WEIGHED, *(("a", action, value, value - 1, value + 1, why) for action, value, why in steps))
    rows = [("a", ending[0], 1.0, 99.0, ending[1])] if ending else []
    said = frame("customer_id action", ("a", person)) if person else NOBODY
    ended = frame(ENDED, *rows).astype({"value": "float64", "proposed": "bool"})
    found = recommended(weighed, ended, said).iloc[0]
    return str(found.action), float(found.value)


NONE = ("none", 0.0, "")


def test_the_step_that_adds_most_of_those_that_may_be_taken():
    assert best(NONE, ("reprice", 5.0, ""), ("educate", 9.0, "tried lately")) == ("reprice", 5.0)
    assert best(NONE, ("reprice", 5.0, ""), ("educate", 5.0, "")) == ("educate", 5.0)  # of equals, by name
    assert best(NONE, ("reprice", -5.0, "")) == ("none", 0.0)


def test_one_step_is_told_of_each_account_in_the_order_of_their_ids():
    rows = [("b", "talk", 9.0, 8.0, 10.0, ""), ("a", "talk", 3.0, 2.0, 4.0, ""), ("b", "none", 0.0, 0.0, 0.0, "")]
    nobody = frame(ENDED).astype({"value": "float64", "proposed": "bool"})
    found = recommended(frame(WEIGHED, *rows), nobody, NOBODY)
    assert found[["customer_id", "action", "value"]].to_dict("index") == {
        0: {"customer_id": "a", "action": "talk", "value": 3.0},
        1: {"customer_id": "b", "action": "talk", "value": 9.0},
    }


def test_an_ending_is_taken_where_it_may_be_proposed_and_adds_more():
    assert best(NONE, ("reprice", 5.0, ""), ending=(6.0, True)) == ("terminate", 6.0)
    assert best(NONE, ("reprice", 5.0, ""), ending=(5.0, True)) == ("reprice", 5.0)
    assert best(NONE, ("reprice", 5.0, ""), ending=(6.0, False)) == ("reprice", 5.0)
    assert best(NONE, ending=(-6.0, True)) == ("none", 0.0)
    assert best(NONE, ending=(0.5, True)) == ("terminate", 0.5)


def test_where_an_ending_would_gain_and_may_not_be_proposed_the_ladder_starts_with_a_talk_that_costs_nothing():
    assert best(NONE, ("talk", 0.0, ""), ending=(6.0, False)) == ("talk", 0.0)
    assert best(NONE, ("talk", -0.1, ""), ending=(6.0, False)) == ("none", 0.0)
    assert best(NONE, ("talk", 0.0, "tried lately"), ending=(6.0, False)) == ("none", 0.0)
    assert best(NONE, ("talk", -1.0, ""), ("educate", 2.0, ""), ending=(6.0, False)) == ("educate", 2.0)
    assert best(NONE, ("talk", -0.1, ""), ending=(0.0, False)) == ("none", 0.0)


def test_a_persons_decision_wins_with_the_value_of_the_step_that_it_names():
    assert best(NONE, ("reprice", 5.0, ""), ("educate", -2.0, "tried"), person="educate") == ("educate", -2.0)
    action, value = best(NONE, ("reprice", 5.0, ""), person="invest")
    assert action == "invest"
    assert np.isnan(value)
