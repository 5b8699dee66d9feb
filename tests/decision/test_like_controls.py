"""What would have come anyway, against days that are counted by hand and worlds in which nothing was done."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.topics.actions.judgement.like_controls import Daily, compared

FIRST, ON, AFTER = (pd.Timestamp(day) for day in ("2026-01-01", "2026-04-01", "2026-06-30"))


def daily(before: list[float], after: list[float], **columns: list) -> Daily:
    """Return accounts 0, 1, ... with one piece of work on either side of the step."""
    count = len(before)
    ids = [str(place) for place in range(count)] * 2
    rows = pd.DataFrame({"customer_id": ids, "day": [FIRST] * count + [ON] * count, "cost": before + after})
    kinds = {"driver": "rush", "attribute": "", "by_hand": False, **columns}
    customers = pd.DataFrame({"customer_id": ids[:count], "since": pd.NaT, "ended": pd.NaT})
    return Daily.of(rows.assign(**kinds), customers)


def step(account: str = "0") -> SimpleNamespace:
    return SimpleNamespace(customer_id=account, first=FIRST, on=ON, after=AFTER)


def nobody(days: Daily) -> np.ndarray:
    return np.zeros(len(days.accounts), dtype=bool)


def test_what_would_have_come_is_what_the_like_accounts_did_and_not_what_the_small_ones_did() -> None:
    # Six like ones fell by a tenth; three small ones doubled.
    days = daily([100.0] * 7 + [10.0] * 3, [50.0] + [90.0] * 6 + [20.0] * 3)
    found = compared(days, step(), ["rush"], {}, nobody(days))
    assert (found.before, found.after, found.like) == (100, 50, 6)
    assert found.others == pytest.approx(90)
    assert found.matter == pytest.approx(90)
    # All six did the same: what is left is the least doubt, a twentieth, and that of a mean of six.
    assert found.doubt == pytest.approx(0.05 * 90 * np.sqrt(1 + 1 / 6))


def test_with_too_few_like_accounts_all_others_stand_in_and_nothing_is_said_of_chance() -> None:
    days = daily([100.0, 100.0, 10.0], [50.0, 90.0, 20.0])
    found = compared(days, step(), ["rush"], {}, nobody(days))
    assert found.like == 1 and np.isnan(found.doubt)
    assert found.others == pytest.approx(100 * 110 / 110)


def test_accounts_with_steps_of_their_own_or_that_were_not_there_are_no_measure() -> None:
    days = daily([100.0] * 8, [50.0] + [90.0] * 6 + [0.0])
    busy = nobody(days)
    busy[7] = True
    assert compared(days, step(), ["rush"], {}, busy).others == pytest.approx(90)
    days.accounts.loc[7, "ended"] = ON
    assert compared(days, step(), ["rush"], {}, nobody(days)).others == pytest.approx(90)


def test_of_service_beyond_a_level_the_step_acts_on_what_lies_beyond() -> None:
    days = daily([100.0] * 7, [30.0] + [100.0] * 6, driver="other_service", attribute="visits")
    # A level that costs 40 in the 90 days before: 60 of the 100 lie beyond it.
    found = compared(days, step(), ["over_service", "unrequested"], {"visits": 40 / 90}, nobody(days))
    assert (found.others, found.matter) == (pytest.approx(100), pytest.approx(60))
    # Where the level lies above, there is nothing to trim.
    assert compared(days, step(), ["over_service"], {"visits": 2.0}, nobody(days)).matter == 0


def test_accounts_picked_for_a_bad_spell_get_better_by_themselves_and_that_is_not_counted() -> None:
    random = np.random.default_rng(5)
    before, after = random.poisson(20.0, (2, 400)).astype(float)
    days = daily(before.tolist(), after.tolist())
    worst = np.argsort(-before, kind="stable")[10:40]
    fell = (before - after)[worst].mean()
    assert fell > 4  # nothing was done, and a fifth and more goes
    busy = nobody(days)
    busy[worst] = True
    found = [compared(days, step(str(place)), ["rush"], {}, busy) for place in worst]
    came = np.array([one.others - one.after for one in found])
    error = np.sqrt(np.mean([one.doubt**2 for one in found]) / len(found))
    assert abs(came.mean()) < 2.5 * error
    assert abs(came.mean()) < fell / 2
