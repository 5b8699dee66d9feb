"""What is assumed of a step after its record: by hand, and in worlds where trimming works or truly fails."""

from __future__ import annotations

import math
from datetime import date, timedelta
from math import prod

import numpy as np
import pandas as pd
import pytest

from analysis import Portfolio
from analysis.data.contract import conform
from analysis.policy import Policy, Steps
from analysis.tables.computed import Computed
from analysis.topics.actions.judgement.accounts_differ import accounts_differ
from analysis.topics.actions.judgement.learning import learnt
from analysis.topics.actions.judgement.learnt_ranges import mean_and_spread
from analysis.topics.actions.judgement.pooling import Told, pooled
from analysis.topics.actions.judgement.segments_apart import segments_apart

ACTIONS = Policy().actions
NO_MOODS = pd.Series(dtype="float64")


def record(rows: list[dict]) -> pd.DataFrame:
    usual = {"customer_id": "A", "on": pd.Timestamp("2026-01-01"), "verdict": "kept", "matter": 100.0}
    return conform(pd.DataFrame([usual | row for row in rows]), "track_record")


def refusals(count: int, agreed: int = 0) -> pd.DataFrame:
    outcomes = ["refused"] * count + ["worked"] * agreed
    return record([{"action": "educate", "outcome": one, "verdict": "not measurable yet"} for one in outcomes])


def test_without_a_record_nothing_changes() -> None:
    found = learnt(record([]).head(0), ACTIONS, NO_MOODS, Steps())
    assert found.table.empty
    assert found.actions == ACTIONS


def test_a_record_as_unsure_as_the_rule_of_thumb_counts_half_and_a_part_of_it_with_the_other_steps() -> None:
    alone, both = Steps(doubt=0.4, doubt_shared=0.0), [("educate", ""), ("order_terms", "")]
    nothing_came = {("educate", ""): Told(4, 0.0, 0.4)}
    found = pooled(nothing_came, both, alone)
    assert found["educate", ""] == (pytest.approx(0.5), pytest.approx(0.4 * 0.5**0.5), pytest.approx(0.5))
    assert found["order_terms", ""].came == pytest.approx(1.0)
    # Half of the doubt in common: the covariance of the other step is half the variance, 0.5 / 2 of the surprise.
    found = pooled(nothing_came, both, Steps(doubt=0.4, doubt_shared=0.5))
    assert found["order_terms", ""].came == pytest.approx(0.75)


def test_a_range_that_a_record_bears_out_stays_narrow_and_one_that_it_would_hardly_ever_make_gives_way() -> None:
    # By hand: a range of 0.1 beside a doubt of 0.4, and a record known to 0.2. Where it holds what comes varies by
    # 0.1 + 0.2 (squared: 0.05), where it is amiss by 0.4 + 0.2 (0.2); a fifth of all ranges are amiss.
    alone, unit = Steps(doubt=0.4, doubt_shared=0.0), ("educate", "")
    for came in (1.0, 0.1):
        holds, amiss = (prior * math.exp(-0.5 * (came - 1) ** 2 / wide) / math.sqrt(wide)
                        for prior, wide in ((0.8, 0.05), (0.2, 0.2)))  # fmt: skip
        holds, amiss = holds / (holds + amiss), amiss / (holds + amiss)
        found = pooled({unit: Told(9, came, 0.2)}, [unit], alone, wide={"educate": 0.1})[unit]
        means = 1 + 0.2 * (came - 1), 1 + 0.8 * (came - 1)
        assert found.came == pytest.approx(holds * means[0] + amiss * means[1])
        square = holds * (0.008 + means[0] ** 2) + amiss * (0.032 + means[1] ** 2)
        assert found.error == pytest.approx(math.sqrt(square - found.came**2))
        assert found.weight == pytest.approx(holds * 0.2 + amiss * 0.8)
    assert found.came < 0.35  # nothing much came, and nine steps say so
    long = [{"action": "trim_frequency", "came": 87.3 + one, "came_low": 57.3 + one, "came_high": 117.3 + one}
            for one in (-20.0, -10.0, 0.0, 10.0, 20.0) * 8]  # fmt: skip
    used = learnt(record(long), ACTIONS, NO_MOODS, Steps()).actions["trim_frequency"].share
    stated = ACTIONS["trim_frequency"].share
    assert mean_and_spread(used)[1] < 1.1 * mean_and_spread(stated)[1]


def test_how_far_accounts_differ_is_told_by_a_long_record_and_left_as_it_is_by_a_short_one() -> None:
    random = np.random.default_rng(8)
    for planted in (0.2, 1.0):
        chance = random.uniform(0.1, 0.6, 200) ** 2
        came = 0.9 + random.normal(0.0, np.sqrt(chance + planted**2))
        assert accounts_differ(came, chance) == pytest.approx(planted, rel=0.15)
        assert abs(accounts_differ(came[:2], chance[:2]) - 0.5) < 0.3
    # The trial of eight schools (Rubin, 1981): the coaching's effects lie within chance of each other, and the
    # likelihood of the spread between them is highest at 0. In units of 20 points the rule is half as much.
    effects, errors = np.array([28, 8, -3, 7, -1, 1, 18, 12]) / 20.0, np.array([15, 10, 16, 11, 9, 11, 10, 18]) / 20.0
    assert accounts_differ(effects, errors**2) < 0.4


def test_the_longer_a_record_the_more_it_weighs() -> None:
    weights = []
    for count in (1, 5, 50):
        rows = [{"action": "trim_frequency", "came": 0.0, "came_low": -40.0, "came_high": 40.0}] * count
        row = learnt(record(rows), ACTIONS, NO_MOODS, Steps()).table.set_index("action").loc["trim_frequency"]
        assert row.steps == count and row.record == pytest.approx(0)
        assert row.e_value == 1  # what did not come needs no other cause
        weights.append(row.weight)
    assert weights == sorted(weights)
    assert weights[0] < 0.5 and weights[-1] > 0.9


def test_what_like_accounts_cannot_tell_is_not_learnt_from_and_says_so() -> None:
    untold = record([{"action": "trim_frequency", "came": 90.0}])
    found = learnt(untold, ACTIONS, NO_MOODS, Steps())
    assert found.table.why_not.tolist() == ["too few accounts are like those that had it"]
    assert found.actions == ACTIONS


def test_answers_are_counted_against_the_policys_range_and_one_that_gives_way_as_they_make_either_likely() -> None:
    # The range of 0.3 to 0.7 has a variance of 0.2**2 / 6: a beta of 36.5 answers. One off by 45% of itself: of 3.9.
    holds, gives_way = 0.25 / (0.04 / 6) - 1, 0.25 / 0.225**2 - 1
    found = learnt(refusals(0, 10), ACTIONS, NO_MOODS, Steps())
    # Ten of ten agree with a chance of a/k x (a + 1)/(k + 1) ..., where k answers with a of them yes were heard before.
    of_range, of_other = (prod((k / 2 + i) / (k + i) for i in range(10)) for k in (holds, gives_way))
    amiss = 0.2 * of_other / (0.2 * of_other + 0.8 * of_range)
    weight = amiss * 10 / (10 + gives_way) + (1 - amiss) * 10 / (10 + holds)
    assert found.table.set_index("assumption").weight["accepts"] == pytest.approx(weight, abs=1e-4)
    # What is used lies between the range's mean and what the record says, as far along as the record weighs.
    used = mean_and_spread(found.actions["educate"].accepts)[0]
    assert used == pytest.approx((1 - weight) * 0.5 + weight * 1.0, abs=1e-3)
    assert found.actions["educate"].share == ACTIONS["educate"].share


def test_a_short_record_that_the_policys_range_makes_now_and_then_hardly_moves_it() -> None:
    one_in_five = refusals(4, 1).assign(action="reprice")  # or fewer: a quarter of all fives, where 45% agree
    row = learnt(one_in_five, ACTIONS, NO_MOODS, Steps()).table.set_index("assumption").loc["accepts"]
    assert row.weight < 0.25
    four_in_twenty = refusals(16, 4).assign(action="reprice")  # or fewer: two in a hundred
    longer = learnt(four_in_twenty, ACTIONS, NO_MOODS, Steps()).table.set_index("assumption").loc["accepts"]
    assert longer.weight > 2 * row.weight


def test_what_twenty_accounts_refused_is_hardly_asked_for_again_however_narrow_the_policys_range() -> None:
    asked = refusals(20).assign(action="reprice")
    used = learnt(asked, ACTIONS, NO_MOODS, Steps()).actions["reprice"].accepts
    assert mean_and_spread(used)[0] < 0.12  # the policy says 0.35 to 0.55
    one = learnt(asked.head(1), ACTIONS, NO_MOODS, Steps()).actions["reprice"].accepts
    assert mean_and_spread(one)[0] > 0.35


def test_a_refusal_of_an_account_that_was_not_content_says_less() -> None:
    content = learnt(refusals(10), ACTIONS, NO_MOODS, Steps()).actions["educate"].accepts
    not_content = learnt(refusals(10), ACTIONS, pd.Series({"A": 0.6}), Steps()).actions["educate"].accepts
    assert content[1] < not_content[1] < ACTIONS["educate"].accepts[1]


def test_what_the_policy_states_as_certain_stays() -> None:
    stated = Policy.read(None, {"actions": {"trim_frequency": {"share": 0.9, "share_refused": 0.9}}}).actions
    rows = [{"action": "trim_frequency", "came": 0.0, "came_low": -1.0, "came_high": 1.0}] * 9
    found = learnt(record(rows), stated, NO_MOODS, Steps())
    assert found.actions == stated
    assert found.table.why_not.tolist() == ["the policy states it as certain"]


def trims(came: dict[str, list[float]]) -> pd.DataFrame:
    """Return a record of trims by industry: what came of 90 that were promised, known to within some."""
    rows = [(industry, one) for industry, each in came.items() for one in each]
    usual = {"action": "trim_frequency", "verdict": "kept", "outcome": "worked"}
    found = record(
        [usual | {"customer_id": f"c{place}", "came": one, "came_low": one - 40.0, "came_high": one + 40.0}
         for place, (_, one) in enumerate(rows)]
    )  # fmt: skip
    return found.assign(industry=[industry for industry, _ in rows])


def spread(middle: float, count: int, seed: int) -> list[float]:
    return (middle + 30.0 * np.random.default_rng(seed).standard_normal(count)).tolist()


def test_a_long_record_tells_segments_apart_and_a_short_one_gives_the_answer_of_all() -> None:
    long = trims({"Retail": spread(90.0, 12, 1), "Food": spread(0.0, 12, 2)})
    found = learnt(long, ACTIONS, NO_MOODS, Steps())
    works, fails = (found.segments["trim_frequency"].assumed[name].share for name in ("Retail", "Food"))
    assert mean_and_spread(works)[0] > 0.75 and mean_and_spread(fails)[0] < 0.2
    short = trims({"Retail": spread(90.0, 3, 1), "Food": spread(0.0, 3, 2)})
    renamed = long.assign(customer_id=[f"x{place * 7 % 24}" for place in range(24)]).iloc[::-1]
    assert learnt(renamed, ACTIONS, NO_MOODS, Steps()).segments == found.segments  # whatever they are called
    as_one = learnt(short.drop(columns="industry"), ACTIONS, NO_MOODS, Steps())
    found = learnt(short, ACTIONS, NO_MOODS, Steps())
    assert not found.segments and found.actions == as_one.actions
    assert not learnt(long, ACTIONS, NO_MOODS, Steps(segments=())).segments


def test_labels_that_mean_nothing_part_the_record_of_few_firms_in_a_hundred() -> None:
    wrong = 0
    for seed in range(60):
        ratio = 0.6 + 0.5 * np.random.default_rng(seed).standard_t(3, 30)  # now and then an account is far off
        rows = pd.DataFrame({"ratio": ratio, "weight": 4.0, "industry": [*"abc"] * 10})
        wrong += bool(segments_apart({"trim_frequency": rows}, ["industry"]))
    assert wrong <= 7  # of 60 at 5%: eight or more come about once in a hundred


def test_segments_of_one_unit_each_are_the_step_as_a_whole_where_they_lie_no_way_apart() -> None:
    parts = {("educate", "a"): Told(3, 0.2, 0.3), ("educate", "b"): Told(2, 0.8, 0.4)}
    weights = np.array([0.3, 0.4]) ** -2.0
    whole = Told(5, float(weights @ [0.2, 0.8] / weights.sum()), float(weights.sum() ** -0.5))
    wanted = [("educate", ""), ("order_terms", "")]
    apart, as_one = (pooled(told, wanted, Steps()) for told in (parts, {("educate", ""): whole}))
    for unit in wanted:
        assert apart[unit] == pytest.approx(as_one[unit])
    # By hand, one segment alone, no doubt in common: 0.4 of doubt, 0.3 between segments, 0.5 of chance.
    alone = pooled({("educate", "a"): Told(1, 0.0, 0.5)}, [("educate", "a"), ("educate", "b")],
                   Steps(doubt=0.4, doubt_shared=0.0), {"educate": 0.3})  # fmt: skip
    assert alone["educate", "a"].came == pytest.approx(1 - 0.25 / 0.5)
    assert alone["educate", "b"].came == pytest.approx(1 - 0.16 / 0.5)


COSTING = """
period = "year"
[resources.field]
cost = 600000
capacity_minutes = 600000
[activities.site_visit]
resource = "field"
minutes = 240
"""
POLICY = """
[service.site_visits]
activities = ["site_visit"]
measure = "count"
period = "month"
[over_service]
amount = 100
share = 0.001
"""
ACCOUNTS, TREATED = 26, 8
STEP = date(2026, 1, 15)
NAMES = [f"c{place:02}" for place in range(ACCOUNTS)]
INDUSTRIES = ("<b>Retail & Co</b>", "Food")


def _world(
    works: bool, treated: list[str] = NAMES[:TREATED], step: date = STEP, industries: int = 1, names: list[str] = NAMES
) -> dict[str, str]:
    """Everybody is visited twice a month and due one visit; some were trimmed, with or without an effect.

    With several industries, of which the accounts are in turn, a trim that works does so in the first alone.
    """
    visits, sales, number = (
        ["event_id,customer_id,at,activity"],
        ["transaction_id,customer_id,date,kind,net_amount,cogs"],
        0,
    )
    for place, name in enumerate(names):
        for turn in range(34):
            day = date(2025, 3, 3) + timedelta(days=15 * turn + place % 5)
            trimmed = works and place % industries == 0 and name in treated and day >= step and turn % 2
            late = (7 * place + 3 * turn) % 17 == 0  # now and then a visit falls out
            if trimmed or late:
                continue
            number += 1
            visits.append(f"v{number},{name},{day}T10:00,site_visit")
        sales += [f"s{name}{month},{name},2025-{month:02}-20,sale,3000,1500" for month in range(3, 13)]
        sales += [f"t{name}{month},{name},2026-{month:02}-20,sale,3000,1500" for month in range(1, 8)]
    return {
        "customers": "customer_id,name,industry,since,ended\n"
        + "".join(f"{name},{name},{INDUSTRIES[place % industries]},2023-01-01,\n" for place, name in enumerate(names))
        + "".join(f"gone{month},gone,{INDUSTRIES[0]},2023-01-01,2025-{month:02}-15\n" for month in range(3, 13)),
        "service_events": "\n".join(visits) + "\n",
        "transactions": "\n".join(sales) + "\n",
        "service_levels": "customer_id,attribute,basis,level\n"
        + "".join(f"{name},site_visits,entitled,1\n" for name in names),
        "actions_taken": "customer_id,action,on,outcome\n"
        + "".join(f"{name},trim_frequency,{step},worked\n" for name in treated),
        "costing": COSTING,
        "policy": POLICY,
    }


def _run(place, as_of: str) -> tuple[set[str], pd.DataFrame, float]:
    p = Portfolio(place, as_of)
    plan, found = p.table("plan"), p.table("learnt").set_index(["action", "assumption"])
    value = float(plan.value.sum())
    p.opened.engine.close()
    return set(plan.action.str.split(" + ", regex=False).explode()), found, value


@pytest.mark.slow
def test_where_trimming_truly_fails_the_plan_turns_away_from_it_with_the_second_run(share_dataset) -> None:
    place = share_dataset(**_world(works=False))
    planned, found, _ = _run(place, "2026-02-28")
    assert "trim_frequency" in planned  # too early to tell: the rule of thumb stands
    assert found.steps.sum() == 0
    planned, found, _ = _run(place, "2026-07-31")
    told = found.loc[("trim_frequency", "share")]
    assert told.steps == TREATED and abs(told.record) < 0.3
    assert "trim_frequency" not in planned


@pytest.mark.slow
def test_where_trimming_works_in_one_industry_and_not_in_another_the_plan_keeps_it_in_the_one_alone(
    share_dataset,
) -> None:
    names = [f"c{place:02}" for place in range(40)]
    place = share_dataset(**_world(works=True, treated=names[:20], industries=2, names=names))
    p = Portfolio(place, "2026-07-31")
    plan, found = p.table("plan"), p.table("learnt")
    p.opened.engine.close()
    told = found[(found.action == "trim_frequency") & found.segment.notna()].set_index("segment")
    assert set(told.by) == {"industry"} and told.steps.tolist() == [10, 10]
    assert told.record[INDUSTRIES[0]] == pytest.approx(1.0, abs=0.2)
    assert abs(told.record[INDUSTRIES[1]]) < 0.2
    # What an account of another industry would get is told, too, and lies between.
    every = found[(found.action == "trim_frequency") & found.segment.isna()]
    low, middle, high = (
        rows[["used_low", "used_likely", "used_high"]].mean(axis=1).iloc[0]
        for rows in (told.loc[[INDUSTRIES[1]]], every, told.loc[[INDUSTRIES[0]]])
    )
    assert low < middle < high
    trimmed = plan.customer_id[plan.action.str.contains("trim_frequency")]
    assert len(trimmed) > 5 and set(trimmed) <= set(names[20::2])


def test_no_single_account_lets_a_whole_person_go_but_the_plan_may(share_dataset) -> None:
    # Half of the cost would go, but only with the whole desk at once: some of its hours stay used.
    costing = COSTING.replace("capacity_minutes", "avoidable = 0.5\ncapacity_step = 600000\ncapacity_minutes")
    p = Portfolio(share_dataset(**_world(works=True) | {"costing": costing}), "2026-07-31")
    plan, total, freed = p.table("plan"), p.table("plan_total").iloc[0], p.table("freed_capacity").iloc[0]
    p.opened.engine.close()
    assert (plan.value > 0).all() and (plan.cash <= 0).all()
    assert freed.freed_hours == pytest.approx(total.freed_hours)
    assert (freed.steps_freed, freed.cash_year) == (0, 0)


def _with_the_run_before(place, as_of: str, folder) -> Computed:
    p = Portfolio(place, as_of)
    return Computed(p.opened, p.window, folder)


@pytest.mark.slow
def test_a_trial_stays_as_it_was_drawn_holds_the_others_back_and_is_learnt_from_once_it_is_read(
    share_dataset, tmp_path
) -> None:
    drawn = _with_the_run_before(share_dataset(**_world(works=True, treated=[])), "2026-01-31", None)
    folder = tmp_path / "2026-01-31"
    (folder / "tables").mkdir(parents=True)
    for name in ("trials", "trial_accounts"):
        drawn.table(name).to_parquet(folder / "tables" / f"{name}.parquet")
    proposed = drawn.table("trials").iloc[0]
    assert (proposed.trial, proposed.state) == ("trim_frequency 2026-01-31", "proposed")
    members = drawn.table("trial_accounts").set_index("customer_id").part
    now, wait = (members.index[members == part].tolist() for part in ("now", "wait"))
    place = share_dataset(**_world(works=True, treated=now, step=date(2026, 2, 10)))

    running = _with_the_run_before(place, "2026-03-31", folder)
    assert running.table("trials").state.iloc[0] == "running"
    steps = running.table("actions").set_index(["customer_id", "action"])
    held = steps.xs("trim_frequency", level="action").loc[wait]
    assert held.why_not.str.startswith("it waits in a trial").all() and not held.chosen.any()

    read = _with_the_run_before(place, "2026-05-31", folder)
    told = read.table("trials").iloc[0]
    assert (told.state, told.verdict, told.had_it) == ("read", "works", len(now))
    # Every second visit was one beyond the level due, and all of those went.
    assert told.came == pytest.approx(1.0, abs=0.15) and told.came_low <= 1.0 <= told.came_high
    share = read.table("learnt").set_index(["action", "assumption"]).loc[("trim_frequency", "share")]
    assert (share.steps, share.by_lot) == (len(now), len(now))
    assert share.record == pytest.approx(told.came) and share.isna().e_value
    read.table("trials").to_parquet(folder / "tables" / "trials.parquet")
    late = _with_the_run_before(place, "2026-06-30", folder)
    assert late.table("trials").came.iloc[0] == told.came  # what was read stays
    for one in (drawn, running, read, late):
        one.engine.close()
