"""What knowing an answer adds, against every choice tried under every answer."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import triang

from analysis.policy import Policy
from analysis.topics.actions.judgement.questions import questions
from analysis.topics.actions.judgement.situation import ARRAYS, Situation, pools_of
from analysis.topics.actions.judgement.steps import STEPS
from analysis.topics.actions.judgement.weigh import Weighing, weigh
from analysis.topics.profitability.judgement.scale import Scale, in_amounts

USUAL = Scale(served=1000.0, hour=50.0)
SURE = {"share_refused": 0.0, "pull": 1.0, "cost": 0.0}


def facing(revenue: float, rush: float, *, content: bool = True, asked: float = 0.0) -> Situation:
    """Return one account that earns 100 a month, whose price may rise and whose rushes may go."""
    accounts = pd.DataFrame(
        {"customer_id": ["A"], "net_revenue": revenue, "rush:cost": rush, "over_service:cost": asked,
         "over_service_cost": asked, "cost_to_ask": asked}
    )  # fmt: skip
    one = np.ones(1)
    return Situation(
        accounts=accounts, months=12 * one, margin=100 * one, cash_margin=50 * one, doubt=0 * one, cost_doubt=0 * one,
        hazards=np.full((1, 12), 0.02), pools=pools_of(accounts), content=np.array([content]),
        wanting=np.array([0.3 if asked else 0.0]), failed=0.05 * one, discount_rate=0.0,
    )  # fmt: skip


def weighing(here: Situation, accepts: float, leaves: float, **more: float) -> Weighing:
    actions = {
        "reprice": {**SURE, "share": 0.1, "accepts": accepts, "pull_refused": leaves},
        "require_notice": {**SURE, "share": 0.5, "accepts": 1.0, "pull_refused": 1.0},
        "trim_frequency": {**SURE, "share": 0.9, "share_refused": 0.9, "accepts": 1.0, "pull_refused": leaves},
    }
    return Weighing.of(here, in_amounts(Policy.read(None, {"actions": actions}), USUAL))


def considered(one: Weighing, *names: str) -> pd.DataFrame:
    """Return the named steps weighed, and nothing to do."""
    open_ = {name: pd.Series([""] if name in names else [None], dtype="str") for name in STEPS}
    return weigh(one, open_)


def value(one: Weighing, action: str) -> float:
    rows = considered(one, action)
    return float(rows[rows.action == action].value.iloc[0])


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(st.floats(0.1, 0.9), st.floats(1.0, 5.0), st.floats(100.0, 4000.0), st.floats(0.0, 900.0), st.booleans())
def test_knowing_whether_it_agrees_adds_what_the_best_choices_do(
    accepts: float, leaves: float, revenue: float, rush: float, content: bool
) -> None:
    here = facing(revenue, rush, content=content)
    one = weighing(here, accepts, leaves)
    found = questions(one, considered(one, "reprice", "require_notice"))
    # Every choice under every answer: an account that is not content agrees six times in ten as often.
    chance = accepts * (1.0 if content else 0.6)
    notice = max(value(one, "require_notice"), 0.0)
    worlds = [value(weighing(facing(revenue, rush), sure, leaves), "reprice") for sure in (1.0, 0.0)]
    blind = max(notice, chance * worlds[0] + (1 - chance) * worlds[1])
    known = chance * max(notice, worlds[0]) + (1 - chance) * max(notice, worlds[1])
    told = found[(found.question == "agrees") & (found.action == "reprice")].value.sum()
    worth = known - blind
    assert told == pytest.approx(worth if worth >= 0.01 * blind else 0.0, abs=1e-6 * max(1.0, blind))


def test_what_changes_no_step_is_worth_nothing_to_know() -> None:
    # Nobody who refuses leaves: the price is asked for whatever the answer.
    one = weighing(facing(1200.0, 0.0), 0.5, 1.0)
    assert questions(one, considered(one, "reprice")).empty


def test_knowing_whether_extra_service_is_wanted_saves_the_trims_that_would_drive_it_away() -> None:
    # Three in ten want all of it, and who wants it leaves five times as soon.
    one = weighing(facing(0.0, 0.0, asked=600.0), 1.0, 5.0)
    found = questions(one, considered(one, "trim_frequency")).set_index("question")
    wants, not_ = (value(Weighing.of(_wanting(end), one.policy, one.actions), "trim_frequency") for end in (1.0, 0.0))
    assert wants < 0 < not_
    assert found.value["wants"] == pytest.approx(0.7 * not_ - max(0.3 * wants + 0.7 * not_, 0.0))


def _wanting(share: float) -> Situation:
    return replace(facing(0.0, 0.0, asked=600.0), wanting=np.array([share]))


@pytest.mark.slow
def test_knowing_what_a_rate_truly_is_adds_what_the_best_choices_under_every_rate_do() -> None:
    # The price rise is worth about as much as the notice; the dearer the work, the better the notice.
    here = replace(
        facing(1200.0, 185.0), accounts=facing(1200.0, 185.0).accounts.assign(cost_to_serve=1_200.0, cost_to_obtain=0.0)
    )
    one = weighing(replace(here, cost_doubt=np.zeros(1)), 0.9, 1.6)
    rows = considered(one, "reprice", "require_notice")
    found = questions(one, rows, pd.DataFrame({"desk": [60.0], "idle": [0.0]})).set_index("resource")
    # A rate at its upper end takes 60 a month and makes work dearer by 60 of 100 a month; at its lower end the reverse.
    worlds = []
    for part in triang.ppf((np.arange(21) + 0.5) / 21, 0.5, loc=-1.0, scale=2.0):
        then = replace(facing(1200.0, 185.0 * (1 + 0.6 * part)), margin=np.array([100.0 - 60.0 * part]))
        world = Weighing.of(then, one.policy)
        worlds.append({name: value(world, name) for name in ("reprice", "require_notice")} | {"none": 0.0})
    each = pd.DataFrame(worlds)
    worth = each.max(axis=1).mean() - each.mean().max()
    assert worth > 0.01 * each.mean().max()
    assert found.value["desk"] == pytest.approx(worth, rel=1e-6)
    assert "idle" not in found.index


def test_knowing_why_it_may_leave_saves_the_talk_where_that_is_not_what_it_would_leave_for() -> None:
    talk = {"talk": {"pull": [0.4, 0.8, 1.0], "cost": 30.0}}
    policy = in_amounts(Policy.read(None, {"actions": talk}), USUAL)
    one = Weighing.of(facing(0.0, 0.0), policy)
    found = questions(one, considered(one, "talk")).set_index("question").loc["leaves"]
    ends = [{"talk": {"pull": end, "cost": 30.0}} for end in (0.4, 1.0)]
    yes, no = (value(Weighing.of(one.situation, in_amounts(Policy.read(None, {"actions": end}), USUAL)), "talk")
               for end in ends)  # fmt: skip
    assert no == pytest.approx(-30.0) and yes > 0
    # Of 0.4 and 1 at these odds the mean is that of the policy's range, (0.4 + 0.8 + 1) / 3.
    odds = (1 - 2.2 / 3) / 0.6
    assert found.chance == pytest.approx(odds, abs=0.01)
    assert found.value == pytest.approx(odds * yes - max(odds * yes + (1 - odds) * no, 0.0), rel=0.03)


def together(*each: Situation) -> Situation:
    """Return several accounts as one situation."""
    accounts = pd.concat([one.accounts for one in each], ignore_index=True)
    accounts["customer_id"] = [f"c{place}" for place in range(len(each))]
    arrays = {name: np.concatenate([getattr(one, name) for one in each]) for name in ARRAYS}
    return replace(each[0], accounts=accounts, pools=pools_of(accounts), **arrays)


@settings(max_examples=4, deadline=None)
@given(st.permutations([600.0, 1500.0, 3200.0]), st.permutations([80.0, 320.0, 700.0]), st.floats(1.5, 4.5))
def test_what_is_asked_first_is_what_adds_most_of_all_that_could_be_asked(
    revenues: list[float], rushes: list[float], leaves: float
) -> None:
    """One question may be asked, of anybody: each is tried, under each answer, with every choice for every account."""
    accounts = [facing(revenue, rush, asked=rush) for revenue, rush in zip(revenues, rushes, strict=True)]
    here, names = together(*accounts), ("reprice", "require_notice", "trim_frequency")
    actions = {
        "reprice": {**SURE, "share": 0.1, "accepts": 0.5, "pull_refused": leaves},
        "require_notice": {**SURE, "share": [0.1, 0.4, 0.9], "accepts": 0.6, "pull_refused": 1.4},
        "trim_frequency": {**SURE, "share": 0.9, "share_refused": 0.9, "accepts": 1.0, "pull_refused": leaves},
    }
    policy = in_amounts(Policy.read(None, {"actions": actions, "steps": {"draws": 20}}), USUAL)
    one = Weighing.of(here, policy)
    step = {name: pd.Series([""] * 3 if name in names else [None] * 3, dtype="str") for name in STEPS}
    found = questions(one, weigh(one, step))

    def values(weighing: Weighing) -> np.ndarray:
        rows = [next(weighing.worth((STEPS[name],), np.arange(3)))[1].value.mean(axis=1) for name in names]
        return np.column_stack([np.zeros(3), *rows])

    def best(table: np.ndarray) -> float:
        every = product(range(table.shape[1]), repeat=3)
        return max(sum(table[account, choice] for account, choice in enumerate(choices)) for choices in every)

    blind, worth = values(one), {}
    for place, name in product(range(3), ("reprice", "require_notice")):
        answers = []
        for accepts in (1.0, 0.0):
            known, sure = blind.copy(), replace(one.draws[name], accepts=np.full(20, accepts))
            then = values(replace(one, draws={**one.draws, name: sure}))
            known[place, 1 + names.index(name)] = then[place, 1 + names.index(name)]
            answers.append(best(known))
        chance = actions[name]["accepts"]
        worth["agrees", name, place] = chance * answers[0] + (1 - chance) * answers[1] - best(blind)
    for place in range(3):
        answers = []
        for wanting in (1.0, 0.0):
            known = blind.copy()
            known[place, 3] = values(replace(one, situation=replace(here, wanting=np.full(3, wanting))))[place, 3]
            answers.append(best(known))
        worth["wants", "trim_frequency", place] = 0.3 * answers[0] + 0.7 * answers[1] - best(blind)
    answers = []
    for share in one.draws["require_notice"].share:
        sure = replace(one.draws["require_notice"], share=np.full(20, share))
        answers.append(best(values(replace(one, draws={**one.draws, "require_notice": sure}))))
    worth["works", "require_notice", -1] = float(np.mean(answers)) - best(blind)

    told = {(row.question, row.action, int(row.row)): row.value for row in found.itertuples()}
    top = max(worth.values())
    assert top > 1.0  # there is something to find out
    for question, value in told.items():
        assert value == pytest.approx(worth[question], abs=1e-6 * top)
    assert list(told) == sorted(told, key=lambda question: (-round(told[question], 6), *question))
    # What is left out changes next to nothing.
    assert max((worth[one] for one in set(worth) - set(told)), default=0.0) <= 0.01 * best(blind) + 1e-6
    assert worth[next(iter(told))] == pytest.approx(top)
