"""Reputations against the record: hard raters are corrected for, and a name needs a gap that no noise explains."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.statistics.crossed_effects import components, crossed_effects
from analysis.topics.perception.judgement.bad_periods import bad_periods
from analysis.topics.perception.judgement.departments import departments, shown_departments
from analysis.topics.perception.judgement.perception import FAIR, QUIET, UNFAIR, Perceived
from analysis.topics.perception.policy import Perception

POLICY = Perception()


def rated(trouble, seed=1, each=6, hard=0.0, noise=0.3, raters=20):
    """Ratings of accounts: each by some of the raters, who sit in two departments and differ in hardness."""
    random = np.random.default_rng(seed)
    severity = hard * np.linspace(-1, 1, raters)
    rows = []
    for n, value in enumerate(trouble):
        for rater in random.choice(raters, each, replace=False):
            score = 1 + value / 25 + severity[rater] + noise * random.normal()
            rows.append((f"c{n:03d}", "AB"[rater % 2], f"R{rater:04d}", int(np.clip(round(score), 1, 5))))
    return pd.DataFrame(rows, columns=["customer_id", "department", "rater", "difficulty"])


def perceived(ratings, trouble, policy=POLICY, ours=0.0):
    ids = [f"c{n:03d}" for n in range(len(trouble))]
    accounts = pd.DataFrame({"customer_id": ids, "trouble": trouble, "difficulty_ours": ours})
    return Perceived(ratings, accounts, policy)


def spread(count=120, seed=5):
    return np.random.default_rng(seed).uniform(10, 80, count)


def test_the_variances_of_a_balanced_crossing_are_those_of_the_two_way_analysis_of_variance():
    # Three accounts by two raters; the textbook's mean squares: rows 6.5, columns 1.5, rest 0.5.
    y = np.array([1.0, 2.0, 3.0, 3.0, 4.0, 6.0])
    table = y.reshape(3, 2)
    rows, columns = table.mean(1), table.mean(0)
    of_rows = 2 * ((rows - y.mean()) ** 2).sum() / 2
    of_columns = 3 * ((columns - y.mean()) ** 2).sum() / 1
    rest = ((table - rows[:, None] - columns[None, :] + y.mean()) ** 2).sum() / 2

    accounts, raters, noise = components(y, [np.repeat([0, 1, 2], 2), np.tile([0, 1], 3)])

    assert noise == pytest.approx(rest)
    assert accounts == pytest.approx((of_rows - rest) / 2)
    assert raters == pytest.approx((of_columns - rest) / 3)


def test_planted_variances_are_recovered():
    random = np.random.default_rng(8)
    account, person = np.repeat(np.arange(800), 8), random.integers(0, 400, 6400)
    effects = [0.8 * random.normal(size=800), 0.5 * random.normal(size=20), 0.4 * random.normal(size=400)]
    y = 3 + effects[0][account] + effects[1][person % 20] + effects[2][person] + 0.6 * random.normal(size=6400)

    found = components(y, [account, person % 20, person])

    assert found[0] == pytest.approx(0.64, rel=0.1)
    assert found[1] == pytest.approx(effects[1].var(ddof=1), rel=0.2)
    assert found[2] == pytest.approx(0.16, rel=0.2)
    assert found[3] == pytest.approx(0.36, rel=0.1)


def test_an_account_that_only_hard_raters_met_is_not_called_hard():
    # Two raters of each department; those of A give everybody a point more. c000 met A alone, c001 met B alone.
    rows = [(f"c{n:03d}", d, f"{d}{k}", 3 + (d == "A")) for n in range(2, 40) for d in "AB" for k in range(2)]
    rows += [("c000", "A", f"A{k}", 4) for k in range(2)] + [("c001", "B", f"B{k}", 3) for k in range(2)]
    ratings = pd.DataFrame(rows, columns=["customer_id", "department", "rater", "difficulty"])

    view = crossed_effects(ratings, "difficulty").accounts.set_index("customer_id")["view"]

    assert view["c000"] == pytest.approx(view["c001"], abs=0.05)
    assert ratings.groupby("customer_id").difficulty.mean()["c000"] - 3 == 1


def test_many_ratings_move_a_view_further_from_the_mean_account_than_few():
    trouble = np.r_[spread(60), 100.0, 100.0]
    ratings = rated(trouble, hard=0.0)
    one = ratings[ratings.customer_id == "c061"].head(1)
    ratings = pd.concat([ratings[ratings.customer_id != "c061"], one.assign(difficulty=5)], ignore_index=True)

    effects = crossed_effects(ratings, "difficulty").accounts.set_index("customer_id")

    assert effects["view"]["c060"] > effects["view"]["c061"] > effects["view"].median()
    assert effects.variance["c061"] > 2 * effects.variance["c060"]


def test_names_that_the_record_does_not_bear_out_are_told_apart_and_the_rest_is_fair():
    trouble = spread()
    felt = trouble.copy()
    felt[trouble < 45] += np.where(np.arange((trouble < 45).sum()) < 6, 45, 0)
    quiet = np.flatnonzero(trouble > 60)[:5]
    felt[quiet] -= 50
    found = perceived(rated(felt, hard=0.6), trouble).judged

    truly = np.select([felt > trouble, felt < trouble], [UNFAIR, QUIET], FAIR)
    assert (found.perception.to_numpy() == truly).mean() > 0.97
    assert set(found.perception[felt != trouble]) == {UNFAIR, QUIET}
    assert found.perceived_difficulty.between(0, 100).all()
    assert (found.perception_gap - (found.perceived_difficulty - trouble)).abs().max() < 1e-9


def test_the_units_of_trouble_move_nobodys_name():
    trouble = spread()
    felt = trouble.copy()
    felt[:6], felt[6:11] = felt[:6] + 45, felt[6:11] - 45
    ratings = rated(felt)

    one, other = perceived(ratings, trouble).judged, perceived(ratings, 20 + 0.3 * trouble).judged

    assert set(one.perception) == {FAIR, UNFAIR, QUIET}
    assert (one.perception == other.perception).all()


def test_nobody_is_quietly_difficult_by_what_is_half_ours_and_a_bad_name_stays_undeserved():
    trouble = spread()
    felt = trouble.copy()
    felt[:20], felt[20:40] = np.maximum(0, trouble[:20] - 60), np.minimum(100, trouble[20:40] + 60)
    ratings = rated(felt)

    theirs = perceived(ratings, trouble, ours=0.49).judged.set_index("customer_id").perception
    ours = perceived(ratings, trouble, ours=0.5).judged.set_index("customer_id").perception

    assert (theirs == QUIET).sum() >= 5
    assert set(ours) == {FAIR, UNFAIR}
    assert (ours[theirs == QUIET] == FAIR).all()
    assert (ours[theirs != QUIET] == theirs[theirs != QUIET]).all()


def test_a_gap_within_its_own_noise_is_no_reputation():
    # Nobody has a name here: the ratings are all but noise, and the gaps are wide because of it.
    random = np.random.default_rng(3)
    trouble = random.uniform(20, 60, 200)
    found = perceived(rated(trouble, noise=1.6, each=3), trouble).judged

    assert (found.perception_gap.abs() > 15).mean() > 0.1
    assert (found.perception != FAIR).mean() < 0.05


def test_a_gap_below_the_policys_spreads_is_no_reputation_however_sure():
    trouble = spread()
    felt = trouble.copy()
    felt[:10] = trouble[:10] + 15
    ratings = rated(felt, noise=0.5, each=15)
    strict = Perception(spreads=0.25)

    assert (perceived(ratings, trouble).judged.perception == FAIR).all()
    assert (perceived(ratings, trouble, strict).judged.perception[:10] == UNFAIR).mean() > 0.5


def test_where_staff_see_all_accounts_alike_a_step_of_the_rating_is_a_quarter_of_the_scale():
    found = perceived(rated(np.full(60, 50.0), noise=0.0, hard=1.0), spread(60))

    assert found.step == 25.0
    assert found.judged.perceived_difficulty.std() < 1e-6


def test_whole_staffs_hardness_is_no_reputation_of_anybody():
    trouble = spread()
    found = perceived(rated(np.clip(trouble + 15, 0, 100)), trouble).judged

    assert abs(found.perception_gap.median()) < 1e-6
    assert (found.perception == FAIR).all()


def test_figures_are_shown_from_five_people_on_and_judgements_from_three():
    trouble = np.r_[spread(60), 20.0, 20.0, 20.0]
    ratings = rated(trouble, each=6)
    for n, people in ((60, 4), (61, 2), (62, 5)):
        name = f"c{n:03d}"
        mine = pd.DataFrame({"customer_id": name, "department": "A", "difficulty": 5}, index=range(2 * people))
        mine["rater"] = [f"R{2 * (k % people):04d}" for k in range(2 * people)]
        ratings = pd.concat([ratings[ratings.customer_id != name], mine], ignore_index=True)

    shown = perceived(ratings, trouble).shown.set_index("customer_id")

    assert shown.loc["c060"].isna().tolist() == [True, True, False]
    assert shown.perception["c060"] == UNFAIR
    assert shown.loc["c061"].isna().all()
    assert shown.loc["c062"].notna().all()


def test_unnamed_ratings_add_nobody_where_others_are_named():
    trouble = np.r_[spread(60), 30.0]
    ratings = rated(trouble, each=6)
    ratings.loc[(ratings.customer_id == "c060") & (ratings.groupby("customer_id").cumcount() > 2), "rater"] = None
    part = perceived(ratings, trouble).judged.set_index("customer_id")
    all_unnamed = perceived(ratings.assign(rater=pd.Series(dtype="str")), trouble).judged.set_index("customer_id")

    assert (part.raters["c060"], part.raters["c000"]) == (3, 6)
    assert (all_unnamed.raters == 6).all()


def test_an_account_without_a_record_has_a_view_and_no_judgement():
    trouble = spread(60)
    ratings = rated(trouble)
    trouble[7] = np.nan
    row = perceived(ratings, trouble).shown.set_index("customer_id").loc["c007"]

    assert 0 <= row.perceived_difficulty <= 100
    assert pd.isna(row.perception_gap)
    assert pd.isna(row.perception)


def test_too_few_ratings_judge_nobody():
    trouble = spread(5)
    assert perceived(rated(trouble, each=5), trouble).shown.empty


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_neither_the_order_nor_the_names_of_raters_matter(seed):
    trouble = spread(30, seed=seed)
    ratings = rated(trouble, seed=seed, hard=0.5)
    mixed = ratings.sample(frac=1, random_state=seed).sort_values("customer_id", kind="stable", ignore_index=True)
    renamed = mixed.assign(rater=mixed.rater.str.replace("R", "X"))
    columns = ["perceived_difficulty", "perception_gap"]

    one, two = (perceived(rows, trouble).judged[columns] for rows in (ratings, renamed))

    pd.testing.assert_frame_equal(one, two, rtol=1e-6, atol=1e-6)


def by_department(sizes, trouble, seed=2, harder="none"):
    """Ratings where each department has so many people; each account is rated once by each department."""
    random = np.random.default_rng(seed)
    rows = []
    for n, value in enumerate(trouble):
        for name, size in sizes.items():
            score = 1 + value / 25 + (1.0 if name == harder else 0.0) + 0.2 * random.normal()
            person = f"{name}{random.integers(size)}"
            rows.append((f"c{n:03d}", name, person, int(np.clip(round(score), 1, 5))))
    return pd.DataFrame(rows, columns=["customer_id", "department", "rater", "difficulty"])


def test_a_department_that_sees_everybody_a_point_harder_does_so_by_one_step_more_than_the_others():
    trouble = spread(80, seed=9).clip(20, 60)
    sizes = {"Sales": 8, "Desk": 8, "Field": 8, "Store": 8}
    judged = perceived(by_department(sizes, trouble, harder="Sales"), trouble)
    found = departments(judged).set_index("department")

    others = found.perception_gap.drop("Sales")
    assert judged.step == pytest.approx(25, rel=0.25)
    assert found.perception_gap["Sales"] - others.mean() == pytest.approx(judged.step, rel=0.1)
    assert (found.perception_gap_low < found.perception_gap).all()
    assert (found.perception_gap < found.perception_gap_high).all()
    assert found.accounts.tolist() == [80] * 4
    assert found.raters.tolist() == [8] * 4


def test_a_department_of_fewer_than_five_raters_shows_neither_their_number_nor_their_view():
    trouble = spread(60)
    found = departments(perceived(by_department({"A": 9, "B": 8, "C": 4, "D": 3}, trouble), trouble))
    small = found.set_index("department").loc[["C", "D"]]

    assert small.drop(columns="accounts").isna().all().all()
    assert found.set_index("department").loc[["A", "B"]].notna().all().all()


def test_the_only_small_department_is_not_given_away_by_the_sum_over_all():
    raters = pd.Series({"A": 9, "B": 6, "C": 3, "D": 7})
    assert shown_departments(raters, 5).to_dict() == {"A": True, "B": False, "C": False, "D": True}


def test_small_departments_that_are_five_together_hide_each_other():
    raters = pd.Series({"A": 9, "B": 6, "C": 3, "D": 2})
    assert shown_departments(raters, 5).to_dict() == {"A": True, "B": True, "C": False, "D": False}


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(1, 12), min_size=1, max_size=8))
def test_what_is_withheld_is_nobody_or_five_people_at_least_or_everybody(sizes):
    raters = pd.Series(sizes)
    shown = shown_departments(raters, 5)

    hidden = int(raters[~shown].sum())
    assert (raters[shown] >= 5).all()
    assert hidden == 0 or hidden >= 5 or not shown.any()


def months_of(name, cases, bad, start="2024-01-01"):
    days = pd.date_range(start, periods=len(cases), freq="MS")
    return pd.DataFrame({"customer_id": name, "month": days, "cases": cases, "bad": bad})


AS_OF = date(2025, 12, 31)


def test_a_bad_spring_that_is_over_is_named_with_its_months_and_its_cases():
    bad = np.zeros(24, dtype=int)
    bad[14:17] = 4
    found = bad_periods(months_of("c1", [5] * 24, bad), AS_OF, 12, 0.9)

    assert found.start.dt.date.tolist() == [date(2025, 3, 1)]
    assert found.end.dt.date.tolist() == [date(2025, 5, 31)]
    assert found[["cases", "bad", "cases_since", "bad_since"]].to_numpy().tolist() == [[15, 12, 35, 0]]


def test_a_bad_time_that_lasts_is_no_bad_time_that_is_over():
    bad = np.zeros(24, dtype=int)
    bad[14:] = 4
    assert bad_periods(months_of("c1", [5] * 24, bad), AS_OF, 12, 0.9).empty


def test_a_steady_share_of_bad_cases_is_no_period():
    months = [months_of(f"c{n:03d}", [6] * 24, np.random.default_rng(n).binomial(6, 0.2, 24)) for n in range(200)]
    found = bad_periods(pd.concat(months), AS_OF, 12, 0.9)

    # One in ten by the policy's chance, and three standard deviations of such a count.
    assert len(found) <= 200 * 0.1 + 3 * (200 * 0.1 * 0.9) ** 0.5


def test_each_account_is_held_against_its_own_history_and_no_other_accounts():
    bad = np.zeros(24, dtype=int)
    bad[3:7] = 5
    one = months_of("c1", [5] * 24, bad)
    both = pd.concat([one, months_of("c2", [9] * 24, [1] * 24)])

    pd.testing.assert_frame_equal(bad_periods(one, AS_OF, 12, 0.9), bad_periods(both, AS_OF, 12, 0.9))


def test_without_cases_there_is_no_period():
    assert bad_periods(months_of("c1", [], []), AS_OF, 12, 0.9).empty


@pytest.mark.parametrize(("raters", "cases", "expected"), [(4, 0.0, None), (4, 1.0, UNFAIR), (6, 0.0, UNFAIR)])
def test_a_bad_name_on_the_word_of_few_is_not_judged_where_the_record_holds_no_case(raters, cases, expected):
    trouble = spread()
    trouble[0] = 0.0
    views = rated(np.where(np.arange(len(trouble)) == 0, 95.0, trouble))
    views = views.drop(views.index[views.customer_id == "c000"][raters:])
    found = perceived(views, trouble)
    judged = Perceived(views, found.accounts.assign(cases=[cases, *[5.0] * (len(trouble) - 1)]), POLICY).judged
    name = judged.set_index("customer_id").perception["c000"]
    assert (None if pd.isna(name) else name) == expected


def test_trouble_that_chance_makes_is_nobodys_secret_and_a_difficult_accounts_bad_name_is_borne_out():
    trouble = spread()
    felt = trouble.copy()
    felt[:20], felt[20:40] = np.maximum(0, trouble[:20] - 60), np.minimum(100, trouble[20:40] + 60)
    found = perceived(rated(felt), trouble)

    names = {}
    for difficult in (True, False, pd.NA):
        apart = pd.array([difficult] * len(trouble), dtype="boolean")
        names[difficult] = Perceived(found.ratings, found.accounts.assign(difficult=apart), POLICY).judged.perception

    assert set(found.judged.perception) == {FAIR, UNFAIR, QUIET}
    assert set(names[True]) == {FAIR, QUIET}
    assert set(names[False]) == {FAIR, UNFAIR}
    assert (names[pd.NA] == found.judged.perception).all()
