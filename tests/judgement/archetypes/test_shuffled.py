"""Shuffled columns: what hangs together is told from columns that only look lumpy."""

from __future__ import annotations

import numpy as np

from analysis.topics.archetypes.judgement.shuffled import chance_if_shuffled, shuffled_columns


def lumpy(seed: int) -> np.ndarray:
    """Return columns that are each mostly 0 and at times near 1, whatever the others are."""
    drawn = np.random.default_rng(seed)
    return (drawn.random((60, 4)) < 0.3) * (0.8 + 0.2 * drawn.random((60, 4)))


def kinds(seed: int) -> np.ndarray:
    """Return rows of four kinds, each with a column of its own that is near 1."""
    drawn = np.random.default_rng(seed)
    return np.eye(4)[np.repeat(np.arange(4), 15)] * (0.8 + 0.2 * drawn.random((60, 4)))


def test_a_shuffle_keeps_every_column_and_no_row() -> None:
    rows = np.arange(40.0).reshape(20, 2)
    found = shuffled_columns(rows, np.random.default_rng(0))
    assert np.array_equal(np.sort(found, axis=0), rows)
    assert (found[:, 1] - found[:, 0] != 1).any()


def test_kinds_part_better_than_any_of_39_shuffles_of_them() -> None:
    assert chance_if_shuffled(kinds(0), 5) == 1 / 40


def test_lumpy_columns_without_kinds_part_no_better_than_their_shuffles() -> None:
    found = [chance_if_shuffled(lumpy(seed), 4, shuffles=19, starts=1) for seed in range(12)]
    # At the 5% level of 20 data sets at most one in twenty passes; of twelve, more than two do in 2% of cases.
    assert sum(chance <= 0.05 for chance in found) <= 2
