"""Each rule of the judgement on difficulty by hand: turned round, one of these fails."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.statistics.excess import scale, unscale
from analysis.topics.difficulty.judgement.behaviours import Measured, OnCases
from analysis.topics.difficulty.judgement.difficulty import enough, judge_difficulty, not_scored
from analysis.topics.difficulty.policy import Difficulty

CHOICES = Difficulty(cases=6, invoices=5)


def counted(*rows: tuple[float, float]) -> pd.DataFrame:
    found = pd.DataFrame(list(rows), columns=["cases", "invoices"])
    return found.assign(customer_id=[f"c{n}" for n in range(len(found))])


def found(excess: list[float], share: list[float], flag: list[bool], line: float = 4.0) -> Measured:
    """Accounts with so much trouble above the middle of 1, so much of it ours, and who stands apart by the rest."""
    apart = SimpleNamespace(line=line, chance=np.linspace(0.1, 0.9, len(excess)))
    above = SimpleNamespace(apart=apart, flag=np.array(flag), spread_out=lambda values: values)
    trouble: Any = SimpleNamespace(above=above, share=np.array(share), excess=np.array(excess), middle=1.0)
    one: Any = object()
    return Measured([one, one], trouble)


def test_cases_or_invoices_are_enough_from_the_policys_number_on():
    rows = counted((6, 0), (5, 4), (0, 5), (np.nan, 5), (np.nan, np.nan))
    assert enough(rows, CHOICES).tolist() == [True, False, True, True, False]
    assert enough(counted((np.nan, np.nan)), Difficulty(cases=1, invoices=1)).tolist() == [False]


def test_who_is_not_scored_is_told_why():
    rows = counted((6, np.nan), (5, 4), (np.nan, np.nan), (0, 4), (4, 0))
    few = "fewer than 6 cases and fewer than 5 invoices that were due"
    why = not_scored(rows, found([0.0] * 5, [0.0] * 5, [False] * 5), CHOICES).tolist()
    assert why[1:] == [few, "no cases and no invoices in the window", few, few]
    assert pd.isna(why[0])
    nothing = not_scored(rows, Measured([], None), CHOICES).tolist()
    assert nothing == ["the records show none of the behaviours", *why[1:]]


def test_difficult_is_who_stands_apart_and_whose_trouble_is_less_than_half_ours():
    rows = counted(*[(9, 9)] * 5, (1, 1))
    # The line of 4 lies 3 above the middle.
    excess, share = [5.0, 5.0, 5.0, 2.9, 3.0, 9.0], [0.49, 0.5, 0.9, 0.0, 0.6, 0.0]
    judged = judge_difficulty(rows, found(excess, share, [True, True, False, False, False, True]), CHOICES)

    assert judged.difficult.tolist()[:5] == [True, False, False, False, False]
    assert judged.difficult_by_us.tolist()[:5] == [False, True, True, False, True]
    assert judged.iloc[5].drop(["customer_id", "difficulty_not_scored"]).isna().all()
    assert judged.difficulty_not_scored.notna().tolist() == [False] * 5 + [True]


def test_difficulty_is_the_part_of_the_trouble_that_is_theirs_with_the_reach_of_chance():
    rows = counted((9, 9), (9, 9))
    judged = judge_difficulty(rows, found([4.0, 6.0], [0.25, 0.5], [False, False]), CHOICES)
    whole = scale(np.array([4.0, 6.0]))

    assert judged.trouble.tolist() == pytest.approx(whole)
    assert judged.difficulty_ours.tolist() == [0.25, 0.5]
    assert judged.difficulty.tolist() == pytest.approx(whole * [0.75, 0.5])
    assert judged.p_difficult.tolist() == pytest.approx([0.1, 0.9])
    middle = unscale(judged.difficulty.to_numpy(dtype=float))
    low, high = (unscale(judged[name].to_numpy(dtype=float)) for name in ("difficulty_low", "difficulty_high"))
    assert (low < middle).all()
    assert (high > middle).all()
    assert high - middle == pytest.approx(np.full(2, 1.645 * np.sqrt(0.5) * 0.7))  # half of the variance is chance


def test_where_no_behaviour_is_measured_nobody_is_difficult_and_nobody_scored():
    judged = judge_difficulty(counted((9, 9)), Measured([], None), CHOICES)
    assert judged.drop(columns=["customer_id", "difficulty_not_scored"]).isna().all(axis=None)


def test_of_what_lies_above_the_usual_rate_ours_is_what_of_it_followed_more_failures_than_are_usual():
    # Twenty ordinary accounts: of 10 cases each 1 escalates, of all 200 together 5 after a failure of ours. Then three
    # with 16 cases, of which 1.6 would be usual and 0.4 ours. By hand: of 4 escalations 2.8 after failures of ours, so
    # (2.8 - 0.4) / (4 - 1.6) = all; of 8, (2.8 - 0.4) / (8 - 1.6); of 8 as many ours as is usual: nothing.
    count, ours, of = np.full(20, 1.0), np.full(20, 0.25), np.full(20, 10.0)
    record = OnCases(np.r_[count, 4.0, 8.0, 8.0], np.r_[ours, 2.8, 2.8, 0.4], np.r_[of, 16.0, 16.0, 16.0])
    share = record.share_above_usual(np.r_[np.ones(20, dtype=bool), False, False, False])

    assert share[20:] == pytest.approx([1.0, 2.4 / 6.4, 0.0])
    assert (share[:20] == 0).all()  # nothing lies above the usual there


def test_a_record_without_anything_or_without_usual_accounts_has_no_share_that_is_not_a_number():
    record = OnCases(np.array([0.0, 2.0]), np.array([0.0, 1.0]), np.array([0.0, 4.0]))

    assert record.share_above_usual(np.array([False, False])) == pytest.approx([0.0, 0.5])
