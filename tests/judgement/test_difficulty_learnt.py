"""Difficulty: what is learnt from the portfolio, held against published numbers, hand calculations, planted truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, chi2

from analysis import Portfolio
from analysis.statistics.chance import LENGTH, STEP, chance_sums, together
from analysis.statistics.excess import scale, unscale
from analysis.statistics.shrinkage import Floats, Normal, averaged, counted, drawn_in, fit, surprises
from analysis.statistics.standing_apart import distance, heights, squares, stand_apart, weights
from analysis.topics.difficulty.judgement.whose_trouble import failure_chances, lifts, ours_of
from analysis.topics.difficulty.measures.case_facts import OUTCOMES, SIGNS
from tests.conftest import SAMPLE

# Efron & Morris, "Data analysis using Stein's estimator and its generalizations", Journal of the American Statistical
# Association 70 (1975), table 1: hits in the first 45 times at bat of 1970, and the average of the rest of the season.
HITS = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]
SEASON = [
    *(0.346, 0.298, 0.276, 0.222, 0.273, 0.270, 0.263, 0.210, 0.269),
    *(0.230, 0.264, 0.256, 0.303, 0.264, 0.226, 0.286, 0.316, 0.200),
]


def test_shrunk_batting_averages_foretell_the_season_better_than_raw_ones_as_efron_and_morris_found():
    hits, season = np.array(HITS, dtype=float), np.array(SEASON)
    rates = drawn_in(counted(hits, np.full(18, 45.0)))

    raw_error = ((hits / 45 - season) ** 2).sum()
    assert raw_error == pytest.approx(0.077, abs=0.002)  # as published
    assert ((rates - season) ** 2).sum() < raw_error / 2  # theirs: 0.022


def test_without_a_record_of_its_own_an_account_has_the_portfolios_rate():
    count, of = np.r_[np.full(50, 2.0), 0.0], np.r_[np.full(50, 20.0), 0.0]

    assert drawn_in(counted(count, of))[-1] == pytest.approx(0.1, abs=0.01)


def test_the_longer_the_record_the_more_the_rate_is_the_accounts_own():
    count = np.r_[np.full(60, 1.0), 2.0, 20.0, 200.0]
    of = np.r_[np.full(60, 20.0), 4.0, 40.0, 400.0]
    rates = drawn_in(counted(count, of))[-3:]

    assert rates[0] < rates[1] <= rates[2] + 0.01
    assert rates[2] == pytest.approx(0.5, abs=0.02)


def test_days_late_of_one_invoice_mean_little_and_of_forty_much():
    mean, of = np.r_[np.full(60, 5.0), 60.0, 60.0], np.r_[np.full(60, 10.0), 1.0, 40.0]
    rates = drawn_in(averaged(mean, of, 0.25 * mean**2))

    assert rates[-2] < 10
    assert rates[-1] > 50  # the others draw it in a little, as one bell over all does


@settings(max_examples=25, deadline=None)
@given(rate=st.floats(0.0, 0.3), short=st.integers(8, 40), times=st.integers(2, 20), others=st.floats(0.02, 0.4))
def test_a_larger_account_that_behaves_alike_is_not_more_difficult_than_its_own_rate(rate, short, times, others):
    """Size gives certainty and nothing else: the estimate of the larger account is nearer to the rate of both."""
    crowd = np.round(np.linspace(0.0, others, 60) * 20)
    count, of = np.r_[crowd, rate * short, rate * short * times], np.r_[np.full(60, 20.0), short, short * times]
    small, large = drawn_in(counted(count, of))[-2:]

    assert abs(large - rate) <= abs(small - rate) + 0.02


def test_three_and_a_half_spreads_farther_out_are_63_2_on_the_scale_and_none_is_nought():
    # 100 x (1 - 1 / e), by hand.
    assert scale(np.array([0.0, 3.5])) == pytest.approx([0.0, 63.212], abs=0.001)
    assert unscale(scale(np.array([0.5, 20.0]))) == pytest.approx([0.5, 20.0])


@pytest.mark.parametrize("level", [0.01, 1.0, 250.0])
def test_days_late_a_hundred_times_as_many_everywhere_move_nobody(level):
    mean, of = np.r_[np.linspace(2, 8, 60), 60.0], np.full(61, 10.0)
    everybody = np.ones(61, dtype=bool)
    found = averaged(level * mean, of, 0.5 * (level * mean) ** 2)
    plain = averaged(mean, of, 0.5 * mean**2)

    moved = surprises(found, fit(found, everybody)) - surprises(plain, fit(plain, everybody))
    assert np.abs(moved).max() < 0.05


def test_alike_accounts_lie_in_the_middle_whatever_they_do():
    alike = counted(np.full(12, 6.0), np.full(12, 30.0))

    assert heights(surprises(alike, fit(alike, np.ones(12, dtype=bool)))).max() == 0.0


def test_three_behaviours_of_one_habit_count_as_one_and_a_half_and_others_in_full():
    # Kish, "Survey Sampling" (1965): k that go together by r tell as much as k / (1 + (k - 1) r); of 3 and a half 1.5.
    assert sum(weights(["hurry"] * 3)) == pytest.approx(1.5)
    assert weights(["hurry", "", "", "hurry"]) == pytest.approx([2 / 3, 1.0, 1.0, 2 / 3])
    assert weights(["hurry", "", ""]) == [1.0, 1.0, 1.0]  # of a habit that the records show one behaviour of


def test_how_far_out_is_the_length_of_what_lies_above_the_middle():
    # Pythagoras: 3 and 4 make 5, whatever lies below; nine times .9 are 2.7, less than 4 of one behaviour alone.
    surprised = np.array([[3.0, 4.0, -2.0] + [0.0] * 6, [0.9] * 9, [4.0, -1.0] + [0.0] * 7]).T

    assert distance([squares(each) for each in surprised], 3) == pytest.approx([5.0, 2.7, 4.0])
    assert distance([], 2).tolist() == [0.0, 0.0]


def long_records(behaviours: int, shared: float = 0.0) -> Floats:
    """Return what chance makes of so many behaviours, of records so long that surprises are standard normal."""
    long = counted(np.full(10, 300.0), np.full(10, 1000.0))
    return chance_sums(
        [long] * behaviours, [Normal(-0.85, 0.3)] * behaviours, [1.0] * behaviours, np.ones(10, dtype=bool), shared
    )


def going_together(draws: np.random.Generator, accounts: int, behaviours: int, shared: float) -> Floats:
    """Return standard normals of which any two behaviours' correlation is `shared`."""
    factor = draws.normal(size=(accounts, 1))
    return np.sqrt(shared) * factor + np.sqrt(1.0 - shared) * draws.normal(size=(accounts, behaviours))


def test_chance_sums_of_long_records_are_chi_bar_squared():
    """Each of four is above the middle half the time, so the sum is chi-squared with so many degrees of freedom
    (Kudo, "A multivariate analogue of the one-sided test", Biometrika 50, 1963; all weights are binomial here)."""
    chance = long_records(4)

    for at in (1.0, 2.7, 6.0, 12.0):
        tail = sum(binom.pmf(k, 4, 0.5) * chi2.sf(at - STEP / 2, k) for k in range(1, 5))
        assert chance[round(at / STEP)] == pytest.approx(tail, abs=0.004)


def test_chance_sums_hang_on_no_accounts_name():
    """Accounts stand in the order of their ids: in another one, of as long records, each is reckoned as before."""
    known, ten = counted(np.full(64, 1.0), np.full(64, 10.0)), np.tile([10.0, 0.0], 32)
    normals = [Normal(-2.0, 0.5), Normal(-1.0, 0.5)]

    def sums(order):
        trials = [ten[order], (10.0 - ten)[order]]
        evidence = [replace(known, trials=of) for of in trials]
        return chance_sums(evidence, normals, [1.0, 1.0], np.ones(64, dtype=np.bool_))

    np.testing.assert_array_equal(sums(np.arange(64)), sums(np.argsort(ten, kind="stable")))


@pytest.mark.parametrize("shared", [0.1, 0.4])
def test_chance_sums_of_behaviours_that_go_together_are_those_of_correlated_normals(shared):
    sums = squares(going_together(np.random.default_rng(4), 200_000, 6, shared)).sum(axis=1)
    chance = long_records(6, shared)

    for at in (1.0, 4.0, 10.0, 20.0):
        assert chance[round(at / STEP)] == pytest.approx((sums >= at - STEP / 2).mean(), abs=0.006)


@pytest.mark.parametrize("shared", [0.0, 0.3])
def test_how_far_behaviours_go_together_is_told_from_counts(shared):
    draws = np.random.default_rng(6)
    normal, of = Normal(-1.5, 0.6), np.full(3000, 200.0)
    rates = 1.0 / (1.0 + np.exp(-normal.middle - normal.spread * going_together(draws, 3000, 3, shared)))
    seen = [counted(draws.binomial(200, rates[:, place]).astype(float), of) for place in range(3)]
    everybody = np.ones(3000, dtype=bool)

    # Of 200 cases the records show the accounts' own rates but for chance, about an eighth of the variance.
    assert together(seen, [normal] * 3, ["", "", ""], everybody) == pytest.approx(0.87 * shared, abs=0.03)
    assert together([seen[0], seen[0]], [normal] * 2, ["hurry", "hurry"], everybody) == 0.0
    assert together([seen[0], seen[0]], [normal] * 2, ["", ""], everybody) == 0.9  # one behaviour told twice
    assert together(seen, [normal] * 3, ["", "", ""], np.arange(3000) < 19) == 0.0  # too few to tell


def test_where_behaviours_go_together_fewer_of_those_who_stand_apart_are_ordinary():
    draws = np.random.default_rng(7)
    out = np.sqrt(squares(going_together(draws, 4000, 8, 0.3)).sum(axis=1))
    out[:200] += 5.0
    alone, known = (stand_apart(out, long_records(8, shared), 0.1).flag for shared in (0.0, 0.3))

    assert alone[200:].sum() > 0.2 * alone.sum()
    assert known[200:].sum() <= 0.1 * known.sum()
    assert known[:200].mean() > 0.8


def test_chance_sums_of_short_records_are_those_of_drawn_records():
    draws = np.random.default_rng(2)
    normal = Normal(-2.5, 0.8)
    of = np.r_[np.full(30_000, 6.0), np.full(30_000, 15.0)]
    seen = [counted(draws.binomial(of.astype(int), share(draws, normal, len(of))).astype(float), of) for _ in range(3)]
    counts = weights(["hurry", "hurry", ""])
    found = sum(squares(surprises(one, normal), weight) for one, weight in zip(seen, counts, strict=True))
    chance = chance_sums(seen, [normal] * 3, counts, np.ones(len(of), dtype=bool))

    for at in (0.5, 1.5, 4.0, 8.0):
        assert chance[round(at / STEP)] == pytest.approx((found >= at - STEP / 2).mean(), abs=0.01)


def share(draws: np.random.Generator, normal: Normal, size: int) -> Floats:
    return 1.0 / (1.0 + np.exp(-draws.normal(normal.middle, normal.spread, size)))


def test_where_chance_makes_sums_in_steps_those_at_a_step_are_not_above_it():
    """Of few cases most accounts show nothing, some one and a few two: the sums of 1,400, just as chance makes them."""
    steps, counts = (0.0, 4.0, 16.0, 36.0), (1_260, 112, 26, 2)
    at = STEP * np.arange(LENGTH)
    chance = sum(count / 1_400 * (at <= step + STEP / 2) for step, count in zip(steps, counts, strict=True))

    assert not stand_apart(np.sqrt(np.repeat(steps, counts)), chance, 0.1).flag.any()


def test_ten_in_a_hundred_far_above_do_not_widen_what_is_normal_at_a_first_look():
    draws = np.random.default_rng(3)
    of = np.full(400, 60.0)
    rates = share(draws, Normal(-2.5, 0.4), 400)
    rates[:40] = 0.5
    seen = counted(draws.binomial(60, rates).astype(float), of)
    everybody = np.ones(400, dtype=bool)

    assert fit(seen, everybody).spread > 0.7
    assert fit(seen, everybody, far_share=0.25).spread == pytest.approx(0.4, abs=0.1)


def test_of_one_population_nobody_stands_apart_and_of_two_the_upper_one_does():
    draws = np.random.default_rng(5)
    out = np.sqrt(squares(draws.normal(size=(400, 6))).sum(axis=1))
    above = np.r_[out[:340], out[340:] + 3.5]

    chance = long_records(6)
    assert stand_apart(out, chance, 0.1).flag.mean() < 0.01
    found = stand_apart(above, chance, 0.1).flag
    assert found[340:].mean() > 0.9
    assert found[:340].sum() <= 0.15 * found.sum()


def sums(of: float, failed: float, ended: float, both: float) -> dict[str, float]:
    """Return an account whose cases were failed for sure or not at all, alike for each outcome."""
    row: dict[str, float] = {}
    for name in OUTCOMES:
        row |= {
            name: ended,
            f"{name}_of": of,
            f"{name}_failed": failed,
            f"{name}_squared": failed,
            f"{name}_ours": both,
        }
    return row


def test_what_a_failure_adds_is_the_slope_within_accounts():
    # 20 cases each, half of them failed. In one account 8 of the 10 failed ones escalate and 2 of the others; in the
    # other, which escalates whatever happens, 10 and 4. Within: (8 - 10 x 10 / 20) + (10 - 10 x 14 / 20) = 3 + 3 over
    # (10 - 100 / 20) x 2 = 10, and the ridge's 1 a regression.
    frame = pd.DataFrame([sums(20, 10, 10, 8), sums(20, 10, 14, 10)])
    found = lifts(frame, 10).set_index("outcome").loc["escalated"]

    assert found.lift == pytest.approx(6 / 11)
    assert found.without == pytest.approx((24 - 6 / 11 * 20) / 40)
    assert found.share == pytest.approx(found.lift / (found.lift + found.without))


def test_an_account_that_always_escalates_does_not_raise_what_failures_explain():
    usual = [sums(20, 10, 10, 8)] * 5
    loud = sums(40, 2, 40, 2)

    without, with_it = (lifts(pd.DataFrame(rows), 10).lift.iloc[0] for rows in (usual, [*usual, loud]))
    assert with_it <= without


def test_where_too_few_failures_are_known_what_follows_one_is_ours():
    assert (lifts(pd.DataFrame([sums(20, 2, 10, 1)]), 30).share == 1.0).all()


def pattern(claim: str, cases: int, *signs: str) -> dict[str, object]:
    return {"claim": claim, "cases": cases, **{name: name in signs for name in SIGNS}}


def patterns() -> pd.DataFrame:
    return pd.DataFrame(
        [
            pattern("ours", 40, "missed", "handed_on"),
            pattern("ours", 20, "slow"),
            pattern("theirs", 5, "missed"),
            pattern("theirs", 200),
            pattern("none", 10, "missed"),
            pattern("none", 10, "mended"),
            pattern("none", 40, "slow"),
            pattern("none", 300),
        ]
    )


def test_recorded_causes_teach_which_signs_are_failures():
    found = failure_chances(patterns(), 30).set_index("claim")

    assert (found.loc["ours", "chance"] == 1).all()
    assert found.loc["none"].query("mended").chance.item() == 1
    assert found.loc["none"].query("missed").chance.item() == 1
    soft = found.loc["none"].query("not missed and not mended").set_index("slow").chance
    assert soft[True] > 0.5 > 0.1 > soft[False]


def test_a_claim_against_the_customer_that_the_record_contradicts_is_not_believed():
    found = failure_chances(patterns(), 30).query("claim == 'theirs' and missed")

    assert (found.chance == 1).all()


def test_without_recorded_causes_a_missed_promise_or_amends_are_failures_and_nothing_else_is():
    found = failure_chances(patterns().assign(claim="none"), 30)

    assert (found.chance == (found.missed | found.mended).astype(float)).all()


@pytest.fixture(scope="module")
def against_truth() -> pd.DataFrame:
    found = Portfolio(SAMPLE, "2026-10-31").computed.difficulty_judgement
    truth = pd.read_csv(SAMPLE / "truth" / "accounts.csv", dtype={"customer_id": "str"})
    return truth.merge(found, on="customer_id", suffixes=("_planted", ""))


@pytest.mark.slow
def test_in_the_sample_the_difficult_are_found_and_nobody_is_blamed_for_our_failures(against_truth):
    rows = against_truth[against_truth.difficult.notna()]
    flagged, truly = rows.difficult.astype(bool), rows.difficult_planted.astype(bool)

    assert 2 * (flagged & truly).sum() / (flagged.sum() + truly.sum()) >= 0.75
    assert not (flagged & rows.made_by_us.astype(bool)).any()


@pytest.mark.slow
def test_in_the_sample_the_order_of_difficulty_is_the_planted_one(against_truth):
    rows = against_truth[against_truth.difficult.notna()]

    assert rows.difficulty.corr(rows.difficulty_planted, method="spearman") >= 0.68


def test_where_nobody_is_judged_chance_makes_nothing():
    seen = counted(np.array([1.0, 0.0]), np.array([4.0, 0.0]))

    assert not chance_sums([seen], [Normal(-1.0, 0.5)], [1.0], np.zeros(2, dtype=bool)).any()
    assert chance_sums([], [], [], np.ones(2, dtype=bool))[:2].tolist() == [1.0, 0.0]


def test_what_our_failures_would_make_hangs_on_how_many_there_were_and_not_on_which_cases_ended_so():
    # Learnt: a failure adds .4 to a chance of .1. Of 20 cases 5 were failed: 5 x .4 = 2 of those that ended so, whether
    # all 20 did (and 5 of them on failed cases, of which .4 / (.4 + .1) are told as ours) or 1 did: no more than it.
    learnt = pd.DataFrame({"outcome": OUTCOMES, "lift": 0.4, "without": 0.1, "share": 0.8})
    found = ours_of(pd.DataFrame([sums(20, 5, 20, 5), sums(20, 5, 1, 1)]), learnt)

    assert found.escalated_added.tolist() == pytest.approx([2.0, 1.0])
    assert found.escalated_ours.tolist() == pytest.approx([4.0, 0.8])
    unknown = ours_of(pd.DataFrame([sums(20, 2, 10, 1)]), learnt.assign(lift=np.nan, share=1.0))
    assert unknown.escalated_added.tolist() == unknown.escalated_ours.tolist() == [1.0]


def test_where_all_tell_what_is_normal_only_those_stand_apart_that_hardly_one_portfolio_would_show():
    # Of 400 alike accounts one in 400 portfolios has one with a chance of 1 in 160,000: 20.8 of one behaviour, squared.
    out = np.r_[np.sqrt(squares(np.random.default_rng(9).normal(size=(398, 1)))[:, 0]), 4.8, 3.4]

    assert np.flatnonzero(stand_apart(out, long_records(1), 0.1, among_all=True).flag).tolist() == [398]


def test_those_of_whom_a_part_was_taken_off_are_held_against_as_much_less_of_chance():
    draws = np.random.default_rng(8)
    out = np.sqrt(squares(draws.normal(size=(400, 6))).sum(axis=1))
    out[360:] += 2.0
    whole, part = stand_apart(out, long_records(6), 0.1), stand_apart(0.8 * out, long_records(6), 0.1, 0.8)

    assert part.line == pytest.approx(0.8 * whole.line)
    assert (part.flag == whole.flag).all()
    assert part.flag[360:].sum() > stand_apart(0.8 * out, long_records(6), 0.1).flag[360:].sum()
