"""Prediction strength by hand and on the kinds of data of its paper (Tibshirani & Walther 2005)."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.topics.archetypes.judgement.prediction_strength import Strength, prediction_strength, strength_of


def clouds(centres: list[list[float]], each: int, seed: int = 0) -> np.ndarray:
    drawn = np.random.default_rng(seed)
    return np.repeat(np.array(centres, dtype=float), each, axis=0) + drawn.normal(size=(each * len(centres), 2))


def test_it_is_the_worst_clusters_share_of_pairs_kept_together_by_hand() -> None:
    # Cluster 0 has 6 pairs, 3 of them (of the first three) stay together; cluster 1 keeps its single pair.
    test, predicted = np.array([0, 0, 0, 0, 1, 1]), np.array([1, 1, 1, 0, 0, 0])
    assert strength_of(test, predicted) == pytest.approx(3 / 6)


def test_it_does_not_hang_on_how_clusters_are_numbered() -> None:
    assert strength_of(np.array([0, 0, 1, 1]), np.array([7, 7, 2, 2])) == 1.0


def test_a_cluster_of_one_predicts_nothing() -> None:
    assert strength_of(np.array([0, 0, 1]), np.array([0, 0, 1])) == 0.0


def test_noise_keeps_no_pair_together() -> None:
    assert strength_of(np.array([0, 0, 0]), np.array([-1, -1, -1])) == 0.0


def test_of_one_cluster_it_is_one() -> None:
    assert prediction_strength(clouds([[0, 0]], 20), 1, "k_means") == Strength(1.0, 0.0)


@pytest.mark.parametrize("centres", [[[0, 0], [0, 8]], [[0, 0], [0, 8], [8, -4]], [[0, 0], [0, 9], [9, 0], [9, 9]]])
def test_the_largest_number_that_reaches_the_papers_limit_is_how_many_there_are(centres: list[list[float]]) -> None:
    rows = clouds(centres, 50)
    strong = [k for k in range(1, 7) if prediction_strength(rows, k, "k_means").reaches(0.8)]
    assert max(strong) == len(centres)


def test_one_cloud_reaches_the_papers_limit_with_one_cluster_only() -> None:
    rows = np.random.default_rng(2).normal(size=(200, 10))
    assert [k for k in range(1, 6) if prediction_strength(rows, k, "k_means").reaches(0.8)] == [1]


def test_the_error_counts_in_favour() -> None:
    assert Strength(0.75, 0.05).reaches(0.8)
    assert not Strength(0.75, 0.04).reaches(0.8)
