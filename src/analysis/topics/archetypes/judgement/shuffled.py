"""Whether the features hang together, or columns mixed at random would part just as well.

Where each column is shuffled on its own, every account is lost and every column's distribution kept. Clusters that such
data shows as clearly are made by the columns (many zeros, a few high values), not by kinds of accounts. This is a
permutation test: of data whose columns are independent it lets pass no more than its level, whatever their shape.
"""

from __future__ import annotations

import numpy as np

from analysis.topics.archetypes.judgement.gap import log_within
from analysis.topics.archetypes.judgement.partition import Floats, canonical, on_one_thread


def shuffled_columns(x: Floats, drawn: np.random.Generator) -> Floats:
    """Return the rows with each column in an order of its own."""
    return np.asarray(drawn.permuted(x, axis=0))


@on_one_thread()
def chance_if_shuffled(x: Floats, most: int, *, shuffles: int = 39, seed: int = 0, starts: int = 3) -> float:
    """Return how often shuffled columns part into clusters as well as these rows do, for the best of k = 2 to `most`.

    The measure of a data set is the largest fall of log W_k below its mean over all of them, in standard deviations.
    It is 1 over `shuffles` + 1 at the least.
    """
    drawn = np.random.default_rng(seed)
    every = [x, *(shuffled_columns(x, drawn) for _ in range(shuffles))]
    logs = np.array([log_within(rows[canonical(rows)], most, seed, starts)[1:] for rows in every])
    spread = logs.std(axis=0)
    fall = (logs.mean(axis=0) - logs) / np.where(spread > 0, spread, 1.0)
    best = fall.max(axis=1)
    return float((best >= best[0]).mean())
