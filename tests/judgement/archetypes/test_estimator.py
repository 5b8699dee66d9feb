"""The estimator: what it answers, that its answer is the same on any day, and that it holds scikit-learn's rules."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from analysis.topics.archetypes.judgement.estimator import Archetypes
from analysis.topics.archetypes.judgement.transform import Intensities

#: Enough to tell, and quick.
QUICK = {"references": 10, "shuffles": 19, "resamples": 20, "splits": 5, "most": 5}


def kinds(each: int = 15, seed: int = 0) -> np.ndarray:
    """Return rows of four kinds that each have a column of their own, with some of the others."""
    drawn = np.random.default_rng(seed)
    return np.eye(4)[np.repeat(np.arange(4), each)] * 0.8 + 0.2 * drawn.random((4 * each, 4))


@pytest.fixture(scope="module")
def found() -> Archetypes:
    return Archetypes(**QUICK).fit(kinds())


@pytest.mark.slow
@parametrize_with_checks([Archetypes(**{**QUICK, "most": 3, "splits": 2})])
def test_it_is_an_estimator_as_scikit_learn_wants_it(estimator, check) -> None:
    check(estimator)


@parametrize_with_checks([Intensities()])
def test_intensities_are_a_transformer_as_scikit_learn_wants_it(estimator, check) -> None:
    check(estimator)


def test_four_kinds_are_found_and_stable(found) -> None:
    assert (found.answer_, found.n_clusters_) == ("kinds", 4)
    assert found.standing_ == ["stable"] * 4
    assert adjusted_rand_score(np.repeat(np.arange(4), 15), found.labels_) == 1.0


def test_the_answer_does_not_hang_on_the_order_of_the_rows(found) -> None:
    order = np.random.default_rng(1).permutation(60)
    again = Archetypes(**QUICK).fit(kinds()[order])
    assert again.labels_.tolist() == found.labels_[order].tolist()
    assert again.stability_.tolist() == found.stability_.tolist()
    assert order[again.typical_].tolist() == found.typical_.tolist()


def test_clusters_are_numbered_from_the_largest() -> None:
    rows = kinds(20)[np.r_[0:20, 20:30, 40:55, 60:72]]
    assert np.bincount(Archetypes(**QUICK).fit(rows).labels_).tolist() == [20, 15, 12, 10]


def test_strength_is_one_at_the_centre_and_nothing_midway_between_two(found) -> None:
    one, other = found.cluster_centers_[:2]
    assert found.strength([one, (one + other) / 2]) == pytest.approx([1.0, 0.0])


def test_the_typical_account_is_the_member_nearest_to_the_centre(found) -> None:
    far = np.linalg.norm(kinds()[found.labels_ == 2] - found.cluster_centers_[2], axis=1)
    assert np.linalg.norm(kinds()[found.typical_[2]] - found.cluster_centers_[2]) == pytest.approx(far.min())


def test_one_cloud_is_one() -> None:
    found = Archetypes(**QUICK).fit(np.random.default_rng(5).normal(size=(80, 6)))
    assert (found.answer_, found.n_clusters_, found.standing_) == ("one", 1, ["unstable"])
    assert np.isnan(found.strength_).all()


@pytest.mark.parametrize("count", [1, 2, 19])
def test_with_few_accounts_nothing_is_looked_for(count) -> None:
    found = Archetypes(**QUICK).fit(kinds(5)[:count])
    assert (found.answer_, found.evidence_) == ("too few", None)
    assert found.labels_.tolist() == [0] * count


def test_equal_rows_are_one() -> None:
    assert Archetypes(**QUICK).fit(np.ones((40, 3))).answer_ == "one"


@pytest.mark.slow
def test_shuffled_columns_show_a_stable_cluster_in_at_most_one_of_twenty_tries() -> None:
    rows, tries = kinds(), 20
    stable = 0
    for seed in range(tries):
        shuffled = np.random.default_rng(seed).permuted(rows, axis=0)
        stable += "stable" in Archetypes(**{**QUICK, "references": 5, "splits": 2}).fit(shuffled).standing_
    assert stable <= 0.05 * tries


def test_what_belongs_to_no_kind_is_noise() -> None:
    drawn = np.random.default_rng(6)
    lumps = np.eye(4)[np.repeat(np.arange(4), 15)] + drawn.normal(0, 0.05, (60, 4))
    strangers = 0.5 + 0.4 * np.array([[1, 1, 1, 1], [1, 1, 1, -1], [-1, -1, -1, -1]])
    found = Archetypes(**QUICK).fit(np.vstack([lumps, strangers]))
    assert (found.method_, found.n_clusters_) == ("hdbscan", 4)
    assert found.labels_[60:62].tolist() == [-1, -1]
    assert found.strength_[60:62].tolist() == [0.0, 0.0]
    assert found.predict([lumps[0] + 0.01, [50.0, 50.0, 50.0, 50.0]]).tolist() == [found.labels_[0], -1]


def test_a_cluster_with_too_few_members_has_no_standing_however_stable() -> None:
    rows = kinds(20)[:64]
    found = Archetypes(**{**QUICK, "smallest": 3}).fit(rows)
    few = Archetypes(**{**QUICK, "smallest": 5}).fit(rows)
    assert found.standing_ == ["stable"] * 4
    assert found.n_clusters_ == few.n_clusters_
    assert few.standing_ == ["stable"] * 3 + ["unstable"]


def test_beyond_the_sample_rows_are_assigned_to_its_clusters() -> None:
    rows = kinds(250)
    found = Archetypes(**QUICK, sample=100).fit(rows)
    assert found.looked_at_ == 100
    assert adjusted_rand_score(np.repeat(np.arange(4), 250), found.labels_) == 1.0
    assert found.labels_.tolist() == found.predict(rows).tolist()


def test_money_keeps_its_shape_and_shares_their_value() -> None:
    rows = np.array([[0.0, -1e6], [0.5, 1.0], [1.0, 10.0], [0.25, 100.0], [0.25, 1e9]])
    found = Intensities(shares=[0]).fit(rows)
    scaled = found.transform(rows)
    assert scaled[:, 0].tolist() == rows[:, 0].tolist()
    assert (np.argsort(scaled[:, 1]) == np.argsort(rows[:, 1])).all()
    assert np.median(scaled[:, 1]) == 0.0
    # The largest is ten million times the middle, and ends up at 26 times the spread.
    assert np.abs(scaled[:, 1]).max() < 30


def test_missing_values_are_counted_and_take_the_middle() -> None:
    found = Intensities(shares=[0]).fit([[0.2, np.nan], [0.4, np.nan], [np.nan, np.nan]])
    assert found.missing_.tolist() == [1, 3]
    assert found.transform([[np.nan, np.nan]]).tolist() == [[pytest.approx(0.3), 0.0]]
