"""Scores by a hand calculation, and chances that are known to be right."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.data.contract import conform
from analysis.policy import Backtest
from analysis.topics.backtest.judgement.calibration import reliability, transitions
from analysis.topics.backtest.judgement.scores import scores

POLICY = Backtest()
GOOD, BAD = "profitable_low_demand", "unprofitable_high_demand"


def rows_of(**columns):
    count = len(next(iter(columns.values())))
    frame = pd.DataFrame({"as_of": ["2026-01-31"] * count, "customer_id": [str(n) for n in range(count)], **columns})
    return conform(frame, "replays")


def score(rows, subject, measure, naive=None):
    found = scores(rows, POLICY)
    found = found[found.as_of.isna() & (found.subject == subject) & (found.measure == measure)]
    return (found if naive is None else found[found.naive == naive]).iloc[0]


def test_the_share_that_kept_its_segment_beside_the_commonest_and_beside_chance():
    rows = rows_of(segment=[GOOD, GOOD, GOOD, BAD], next_segment=[GOOD, GOOD, BAD, BAD])
    kept = score(rows, "segment", "kept")
    assert (kept.ours, kept.theirs, kept.better, kept.accounts, kept.events) == (0.75, 0.5, 0.25, 4, 3)
    # Chance would agree in 0.75 x 0.5 + 0.25 x 0.5 = 0.5 of them: (0.75 - 0.5) / (1 - 0.5).
    assert score(rows, "segment", "kappa").ours == pytest.approx(0.5)
    found = transitions(rows).set_index(["segment", "next_segment"])
    assert found.share.to_dict() == pytest.approx({(GOOD, GOOD): 2 / 3, (GOOD, BAD): 1 / 3, (BAD, BAD): 1})


def test_the_brier_score_of_a_loss_beside_the_base_rate_and_beside_the_last_sign():
    rows = rows_of(net_margin=[-1, 1, -1, 1], p_unprofitable=[0.8, 0.2, 0.6, 0.1], next_net_margin=[-5, 5, 5, -5])
    base = score(rows, "p_unprofitable", "brier", "the window's share of loss-makers")
    assert base.ours == pytest.approx((0.04 + 0.04 + 0.36 + 0.81) / 4)
    assert (base.theirs, base.better) == (0.25, pytest.approx(-0.0625))
    assert score(rows, "p_unprofitable", "brier", "the sign of the window's margin").theirs == 0.5


def test_the_lifetimes_margin_by_rank_error_and_total():
    rows = rows_of(predicted_margin=[1, 2, 3, 4], naive_margin=[4, 3, 2, 2], next_running_margin=[2, 4, 6, -2])
    # Squared differences of ranks 12 of 4 rows: 1 - 6 x 12 / (4 x 15).
    assert score(rows, "lifetime", "rank correlation").ours == pytest.approx(-0.2)
    off = score(rows, "lifetime", "absolute error, as a share of what came")
    assert (off.ours, off.theirs) == (pytest.approx(12 / 14), pytest.approx(11 / 14))
    total = score(rows, "lifetime", "total off by")
    assert (total.ours, total.theirs, total.better) == (0, pytest.approx(0.1), pytest.approx(0.1))


def test_the_log_loss_of_leaving_beside_one_chance_for_all():
    rows = rows_of(p_leaving=[0.5, 0.25], naive_leaving=[0.25, 0.25], left=[True, False])
    found = score(rows, "hazard", "log loss")
    assert found.ours == pytest.approx((np.log(2) + np.log(4 / 3)) / 2)
    assert found.theirs == pytest.approx((np.log(4) + np.log(4 / 3)) / 2)
    assert score(rows, "hazard", "leavers off by").ours == pytest.approx(-0.25)


def test_a_chance_of_nothing_that_happens_costs_much_and_not_everything():
    rows = rows_of(p_leaving=[0.0, 0.0], naive_leaving=[0.5, 0.5], left=[True, False])
    assert np.isfinite(score(rows, "hazard", "log loss").ours)


def test_what_no_row_can_be_scored_of_has_no_score():
    rows = rows_of(net_margin=[1.0], p_unprofitable=[0.5])
    assert scores(rows, POLICY).empty
    assert transitions(rows).empty
    assert reliability(rows, POLICY).empty
    assert scores(rows.iloc[:0], POLICY).empty


def test_every_day_has_its_scores_beside_those_of_all_days_together():
    one = rows_of(p_leaving=[0.5, 0.5], naive_leaving=[0.1, 0.1], left=[True, False])
    both = pd.concat([one, one.assign(as_of=pd.Timestamp("2026-02-28"))], ignore_index=True)
    found = scores(both, POLICY)
    loss = found[found.measure == "log loss"]
    assert loss.as_of.isna().tolist() == [True, False, False]
    assert loss["rows"].tolist() == [4, 2, 2]
    assert loss.accounts.tolist() == [2, 2, 2]  # the same two on both days


def told(seed=0, count=4_000, by=1.0):
    random = np.random.default_rng(seed)
    chance = random.random(count)
    came = np.where(random.random(count) < chance**by, -1.0, 1.0)
    left = random.random(count) < 0.3 * chance**by
    return rows_of(
        net_margin=came, p_unprofitable=chance, next_net_margin=came,
        p_leaving=0.3 * chance, naive_leaving=np.full(count, 0.15), left=left,
    )  # fmt: skip


def test_chances_that_are_right_lie_within_what_happened():
    found = reliability(told(), POLICY)
    assert found.groupby("subject").size().to_dict() == {"hazard": 10, "p_unprofitable": 10}
    assert found.groupby("subject")["rows"].sum().eq(4_000).all()
    within = found.told.between(found.happened_low, found.happened_high)
    assert within.sum() >= 15  # 18 of 20 expected at 90%; fewer than 15 in 1 of 100 worlds


def test_chances_that_are_wrong_do_not():
    found = reliability(told(by=3.0), POLICY)
    assert (found.told.between(found.happened_low, found.happened_high)).sum() <= 8
    assert (found.told > found.happened).sum() >= 18


def test_equal_chances_stay_in_one_group():
    rows = rows_of(p_leaving=[0.1] * 200, left=[True, False] * 100)
    found = reliability(rows, POLICY)
    assert found["rows"].tolist() == [200]
    assert found.happened.tolist() == [0.5]


def test_an_account_counts_as_a_whole_so_its_days_do_not_narrow_the_interval():
    one = told(count=200)
    many = pd.concat([one.assign(as_of=pd.Timestamp(2026, month, 28)) for month in range(1, 7)], ignore_index=True)
    widths = [
        found.better_high - found.better_low for found in (score(rows, "hazard", "log loss") for rows in (one, many))
    ]
    assert widths[1] == pytest.approx(widths[0], rel=0.01)
