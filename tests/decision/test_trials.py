"""Trials: drawn by lot among pairs that are alike, as large as chance asks for, and read against what was planted."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.policy import Policy
from analysis.topics.actions.judgement.acted_on import acted_on
from analysis.topics.actions.judgement.like_controls import Daily
from analysis.topics.actions.judgement.trial_reading import read, taken_in
from analysis.topics.actions.judgement.trials import DAYS, designed, drawn_by_lot, noise, trial

AFTER = pd.Timestamp("2026-11-01")
NO_STEPS = pd.DataFrame({"customer_id": [], "on": pd.to_datetime([])})
TRIM, EDUCATE = (Policy().actions[name] for name in ("trim_frequency", "educate"))


def days_of(quarters: np.ndarray, after: pd.Timestamp = AFTER, **kinds: str) -> Daily:
    """Return accounts whose quarters, the last first, cost what the rows say."""
    count, accounts = quarters.shape
    ids = [f"c{place:02}" for place in range(accounts)]
    days = [after - pd.Timedelta(days=DAYS * back + 30) for back in range(count)]
    rows = pd.DataFrame(
        {"customer_id": ids * count, "day": np.repeat(days, accounts), "cost": quarters.ravel()}
    ).assign(**{"driver": "rush", "attribute": "", "by_hand": False, **kinds})
    return Daily.of(rows, pd.DataFrame({"customer_id": ids, "since": pd.NaT, "ended": pd.NaT}))


def test_chance_is_what_is_left_of_a_quarter_once_the_earlier_ones_and_what_all_did_are_taken_off() -> None:
    # Three quarters: the two before were 100 and 300; all went down to a half of their mean but for 10 more or less.
    days = days_of(np.array([[60.0, 140.0], [100.0, 300.0], [100.0, 300.0]]))
    acted = acted_on(days, "require_notice", {}, AFTER, AFTER)
    told = noise(acted, AFTER - pd.Timedelta(days=3 * DAYS), AFTER, NO_STEPS)
    assert told is not None and told.before == 2
    assert told.variance.tolist() == [pytest.approx(100.0), pytest.approx(100.0)]
    assert told.matter.tolist() == [pytest.approx(80.0), pytest.approx(220.0)]


def test_a_quarter_with_a_step_in_it_tells_nothing_of_chance_and_one_quarter_alone_neither() -> None:
    acted = acted_on(days_of(np.full((3, 2), 100.0)), "require_notice", {}, AFTER, AFTER)
    begins = AFTER - pd.Timedelta(days=3 * DAYS)
    steps = pd.DataFrame({"customer_id": ["c00"], "on": [AFTER - pd.Timedelta(days=100)]})
    told = noise(acted, begins, AFTER, steps)
    assert told is not None and np.isnan(told.variance[0]) and told.variance[1] == 0
    assert noise(acted, AFTER - pd.Timedelta(days=2 * DAYS - 1), AFTER, NO_STEPS) is None


def test_a_trim_acts_on_what_lies_beyond_the_level_due_of_services_with_more() -> None:
    work = days_of(np.full((2, 2), 182.0), driver="other_service", attribute="site_visits")
    acted = acted_on(work, "trim_frequency", {"c00": {"site_visits": 0.5}}, AFTER - pd.Timedelta(days=DAYS), AFTER)
    cost = acted.cost(AFTER - pd.Timedelta(days=DAYS), AFTER)
    assert cost.tolist() == [182.0, 0.0]  # of the other no level is known
    assert acted.beyond(cost, DAYS)[0] == pytest.approx(182.0 - 0.5 * DAYS)


def test_the_fewest_that_tell_are_taken_and_of_too_few_it_is_said_what_they_could_show() -> None:
    many = designed(np.full(40, 100.0), np.full(40, 2_500.0), 0.5, 1.0)
    # Of n accounts the share is known to 2 x 50 / (100 x root of n): 2.5 such errors or so have to be 0.5.
    assert 20 <= 2 * many.pairs <= 30 and many.could_see <= 0.5 and 0.78 < many.power < 0.85
    few = designed(np.full(6, 100.0), np.full(6, 2_500.0), 0.5, 1.0)
    assert few.pairs == 3 and few.could_see > 0.5 and few.power < 0.8
    # Where half of those asked agree, what comes is half as much: four times as many are needed.
    half = designed(np.full(200, 100.0), np.full(200, 2_500.0), 0.5, 0.5)
    assert 3.5 < half.pairs / many.pairs < 4.5


def pool(count: int, **columns: object) -> pd.DataFrame:
    rows = {"customer_id": [f"c{place:02}" for place in range(count)], "value": 100.0, "planned": True, "waiting": 5.0}
    return pd.DataFrame({**rows, **columns})


def told_of(matter: list[float]) -> SimpleNamespace:
    return SimpleNamespace(matter=np.array(matter), variance=np.full(len(matter), 100.0), before=4)


def test_a_lot_parts_each_pair_whatever_accounts_are_called_and_in_which_order_they_stand() -> None:
    matter = [400.0, 390.0, 210.0, 200.0, 110.0, 100.0]
    one = trial("trim_frequency", pool(6), told_of(matter), TRIM, 3)["members"]
    assert sorted(zip(one.pair, one.part, strict=True)) == [(pair, part) for pair in (1, 2) for part in ("now", "wait")]
    other = pool(6, customer_id=[f"z{place}" for place in range(6)])
    again = trial("trim_frequency", other, told_of(matter[::-1]), TRIM, 3)["members"]
    assert dict(zip(again.matter, again.part, strict=True)) == dict(zip(one.matter, one.part, strict=True))
    # It is a lot: over many pairs the larger one goes first about as often as the other.
    assert 80 < sum(part == "now" for part in drawn_by_lot(np.zeros(400), 1)[::2]) < 120


def test_accounts_of_the_plan_are_enough_where_they_tell_and_waiting_costs_what_the_plan_loses() -> None:
    matter = [400.0, 390.0, 300.0, 290.0, 280.0, 270.0]
    found = trial("trim_frequency", pool(6), told_of(matter), TRIM, 3)
    assert (found["kind"], found["why_not"], found["accounts"]) == ("staggered", "", 4)
    assert found["waiting_costs"] == 2 * 5.0 and found["hours"] == 2 * TRIM.hours
    not_planned = pool(6, planned=[False] * 3 + [True] * 3)
    assert trial("trim_frequency", not_planned, told_of(matter), TRIM, 3)["kind"] == "by_lot"


@pytest.mark.parametrize("told", [None, told_of([100.0, 100.0, 0.0, 0.0])])
def test_where_no_trial_can_be_drawn_the_reason_is_named(told) -> None:
    found = trial("trim_frequency", pool(4), told, TRIM, 3)
    assert (found["kind"], len(found["members"])) == ("none", 0)
    assert found["why_not"] == (
        "the data does not reach back two quarters"
        if told is None
        else "fewer than 4 accounts with anything for it to act on could have it"
    )


DRAWN = pd.Timestamp("2026-10-31")
ROW = SimpleNamespace(action="require_notice", drawn_on=DRAWN, quarters_before=4)
ON = pd.Timestamp("2026-11-16")


def members(pairs: int, taken: int | None = None) -> pd.DataFrame:
    rows = pd.DataFrame({"customer_id": [f"c{place:02}" for place in range(2 * pairs)], "trial": "t"})
    rows["pair"], rows["part"] = np.arange(2 * pairs) // 2, ["now", "wait"] * pairs
    had = (rows.part == "now") & (rows.pair < (pairs if taken is None else taken))
    return rows.assign(taken_on=pd.Series(ON, rows.index).where(had), outcome=None)


def world(pairs: int, goes: float, rng: np.random.Generator, agrees: float = 1.0) -> Daily:
    """Return a quarter after the step and four before, by chance and by a season, with what the step takes."""
    usual = rng.uniform(200.0, 400.0, 2 * pairs)
    quarters = np.vstack([usual * 0.9, *[usual] * 4]) * rng.normal(1.0, 0.1, (5, 2 * pairs))
    quarters[0, ::2] *= 1.0 - goes * (rng.random(pairs) < agrees)
    return days_of(quarters, ON + pd.Timedelta(days=DAYS))


def after(days: int) -> object:
    return (ON + pd.Timedelta(days=days)).date()


def test_it_is_read_once_a_quarter_has_passed_since_the_last_step_and_lapses_where_none_is_taken() -> None:
    rng = np.random.default_rng(2)
    none = members(4, taken=0)
    assert read(ROW, none, None, {}, after(0)) == {"state": "proposed"}
    assert read(ROW, none, None, {}, after(90)) == {"state": "lapsed"}
    early = read(ROW, members(4), world(4, 0.5, rng), {}, after(DAYS - 1))
    assert early == {
        "state": "running", "begun": ON, "reads_on": ON + pd.Timedelta(days=DAYS - 1), "had_it": 4,
    }  # fmt: skip
    found = read(ROW, members(4), world(4, 0.5, rng), {}, after(DAYS))
    assert (found["state"], found["verdict"], found["pairs_told"]) == ("read", "works", 4)


@pytest.mark.slow
@pytest.mark.parametrize("goes", [0.0, 0.4])
def test_the_range_of_what_came_holds_the_truth_as_often_as_it_says(goes) -> None:
    rng = np.random.default_rng(7)
    found = [read(ROW, members(8), world(8, goes, rng), {}, after(DAYS)) for _ in range(60)]
    held = sum(one["came_low"] <= goes <= one["came_high"] for one in found)
    assert 49 <= held <= 59  # of 54: two standard deviations
    assert np.mean([one["came"] for one in found]) == pytest.approx(goes, abs=0.03)


def test_where_some_were_left_out_or_refused_what_came_is_that_of_those_who_went_along() -> None:
    rng, came = np.random.default_rng(3), []
    for _ in range(20):
        some = members(20, taken=14)
        quarters = world(20, 0.4, rng, agrees=0.0)
        mine = quarters.rows.account.isin(range(0, 28, 2)) & (quarters.rows.day == quarters.rows.day.max())
        quarters.rows.loc[mine, "cost"] *= 0.6
        came.append(read(ROW, some, quarters, {}, after(DAYS))["came"])
    assert np.mean(came) == pytest.approx(0.4, abs=0.05)


def test_a_trial_that_was_not_run_as_drawn_or_whose_accounts_left_tells_nothing_and_says_why() -> None:
    rng = np.random.default_rng(5)
    all_had_it = members(4).assign(taken_on=ON)
    found = read(ROW, all_had_it, world(4, 0.5, rng), {}, after(DAYS))
    assert "not run as drawn" in found["why_not"] and found["waited_not"] == 4 and "came" not in found
    days = world(4, 0.5, rng)
    days.accounts.loc[[0, 2, 4], "ended"] = ON
    assert "customers on all of the days" in read(ROW, members(4), days, {}, after(DAYS))["why_not"]


def test_only_the_step_itself_since_the_draw_counts_as_taken() -> None:
    drawn = members(2).drop(columns=["taken_on", "outcome"]).assign(action="educate", drawn_on=DRAWN)
    taken = pd.DataFrame(
        {
            "customer_id": ["c00", "c00", "c02", "c03"],
            "action": ["educate", "educate", "educate", "reprice"],
            "on": pd.to_datetime(["2026-10-31", "2026-12-01", "2026-11-05", "2026-11-05"]),
            "outcome": ["worked", "refused", "worked", "worked"],
        }
    )
    found = taken_in(drawn, taken).set_index("customer_id")
    assert found.taken_on["c00"] == pd.Timestamp("2026-12-01") and found.outcome["c00"] == "refused"
    assert found.taken_on[["c01", "c03"]].isna().all()
