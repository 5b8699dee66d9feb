"""Bootstrap stability: the similarity by hand, and what it says of clusters that are there and of ones that are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.topics.archetypes.judgement.partition import k_means
from analysis.topics.archetypes.judgement.stability import PATTERN, STABLE, bootstrap_jaccard, jaccard


def test_similarity_is_both_over_either_by_hand() -> None:
    # {0,1,2} and {3,4} against {0,1} and {2,3,4}: 2/3, 1/5; 0, 2/3.
    found = jaccard(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 1]))
    assert found == pytest.approx(np.array([[2 / 3, 1 / 5], [0, 2 / 3]]))


def test_noise_is_no_cluster_but_its_rows_count_in_the_others_size() -> None:
    # {0,1} against {0}: the second row is noise there.
    assert jaccard(np.array([0, 0, -1]), np.array([0, -1, -1])) == pytest.approx(np.array([[0.5]]))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 3)), min_size=1, max_size=30))
def test_similarity_is_between_nothing_and_one_and_the_same_both_ways(pairs: list[tuple[int, int]]) -> None:
    one, other = (np.array(side) for side in zip(*pairs, strict=True))
    found = jaccard(one, other)
    assert ((found >= 0) & (found <= 1)).all()
    assert np.allclose(found, jaccard(other, one).T)


def test_clusters_far_apart_are_found_in_every_resample() -> None:
    drawn = np.random.default_rng(0)
    rows = np.repeat([[0.0, 0.0], [20.0, 0.0], [0.0, 20.0]], 15, axis=0) + drawn.normal(size=(45, 2))
    labels = k_means(rows, 3, 0).labels
    assert bootstrap_jaccard(rows, labels, "k_means", 3) == pytest.approx(np.ones(3))


def test_the_parts_that_one_cloud_is_cut_into_are_not_stable() -> None:
    rows = np.random.default_rng(1).normal(size=(200, 5))
    labels = k_means(rows, 5, 0).labels
    assert bootstrap_jaccard(rows, labels, "k_means", 5).max() < STABLE


def test_a_cluster_that_is_there_is_stable_beside_a_cloud_cut_in_two() -> None:
    drawn = np.random.default_rng(3)
    rows = np.vstack([drawn.normal(size=(120, 4)), drawn.normal(size=(20, 4)) + 12])
    labels = np.r_[(rows[:120, 0] > 0).astype(int), np.full(20, 2)]
    found = bootstrap_jaccard(rows, labels, "k_means", 3)
    assert found[2] > 0.99
    assert found[:2].min() < PATTERN + 0.1


def test_it_is_the_same_every_time() -> None:
    rows = np.random.default_rng(4).normal(size=(40, 3))
    labels = k_means(rows, 3, 0).labels
    assert (
        bootstrap_jaccard(rows, labels, "k_means", 3, resamples=20).tolist()
        == bootstrap_jaccard(rows, labels, "k_means", 3, resamples=20).tolist()
    )
