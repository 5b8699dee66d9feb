"""The gap statistic on the simulations of its paper (Tibshirani, Walther & Hastie 2001, section 5)."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.topics.archetypes.judgement.gap import Gap, gap_statistic

TRIES = range(5)


def three_clusters(seed: int) -> np.ndarray:
    """Return the paper's second model: 25, 25 and 50 standard normal points around three centres in two dimensions."""
    drawn = np.random.default_rng(seed)
    centres = np.repeat([[0, 0], [0, 5], [5, -3]], [25, 25, 50], axis=0)
    return centres + drawn.normal(size=(100, 2))


def elongated(seed: int) -> np.ndarray:
    """Return the paper's fifth model: two long clusters in three dimensions, side by side."""
    drawn = np.random.default_rng(seed)
    line = np.repeat(np.linspace(-0.5, 0.5, 100)[:, None], 3, axis=1)
    return np.vstack([line, line + 10]) + drawn.normal(0, 0.1, (200, 3))


def test_points_spread_evenly_in_ten_dimensions_are_one_cluster() -> None:
    found = [gap_statistic(np.random.default_rng(seed).uniform(size=(200, 10)), 5, references=10) for seed in TRIES]
    assert [gap.first for gap in found] == [1] * len(TRIES)
    assert [gap.supported for gap in found] == [()] * len(TRIES)


def test_one_normal_cloud_is_one_cluster() -> None:
    found = [gap_statistic(np.random.default_rng(seed).normal(size=(80, 4)), 5, references=10) for seed in TRIES]
    assert all(not gap.supported for gap in found)


def test_three_clusters_in_two_dimensions_are_three() -> None:
    found = [gap_statistic(three_clusters(seed), 5, references=10).first for seed in TRIES]
    assert found == [3] * len(TRIES)


def test_two_long_clusters_are_two_along_the_principal_components() -> None:
    assert [gap_statistic(elongated(seed), 5, references=10).first for seed in TRIES] == [2] * len(TRIES)


def test_one_long_cluster_is_one_along_the_principal_components_and_more_along_the_features() -> None:
    one = elongated(0)[:100]
    assert gap_statistic(one, 5).first == 1
    assert gap_statistic(one, 5, aligned=False).first > 1


def test_the_first_choice_takes_the_error_of_the_next_by_hand() -> None:
    # Gap(1) = .20 < .50 - .05; Gap(2) = .50 >= .54 - .05: two.
    assert Gap(np.array([0.20, 0.50, 0.54]), np.array([0.05, 0.05, 0.05])).first == 2
    assert Gap(np.array([0.20, 0.50, 0.60]), np.array([0.05, 0.05, 0.05])).first == 3


def test_clusters_in_pairs_are_seen_though_two_are_no_better_than_one() -> None:
    gap = Gap(np.array([0.30, 0.25, 0.40, 0.90]), np.full(4, 0.05))
    assert gap.first == 1
    assert gap.supported == (3, 4)


@pytest.mark.parametrize("rows", [np.zeros((20, 2)), np.repeat([[0.0, 0.0], [1.0, 1.0]], 10, axis=0)])
def test_equal_rows_raise_no_warning_and_give_a_number(rows: np.ndarray) -> None:
    assert np.isfinite(gap_statistic(rows, 2, references=5).gap).all()
