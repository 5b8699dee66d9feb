"""How many clusters would be found again? Prediction strength.

Tibshirani & Walther (2005), "Cluster validation by prediction strength", Journal of Computational and Graphical
Statistics 14(3), 511-528.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.topics.archetypes.judgement.partition import NOISE, Floats, Ints, on_one_thread, partition


@dataclass(frozen=True)
class Strength:
    """The mean prediction strength over splits, and its standard error."""

    mean: float
    error: float

    def reaches(self, least: float) -> bool:
        """Whether mean + standard error reach a limit: the paper's rule, which takes .8 to .9."""
        return self.mean + self.error >= least


def strength_of(test: Ints, predicted: Ints) -> float:
    """Return ps of one split (eq. 2.1): the share of a test cluster's pairs that the other half's clusters keep.

    It is that of the test cluster which fares worst.

    Parameters
    ----------
    test
        The clusters that the test half has when clustered by itself.
    predicted
        The clusters that the training half's would put the same rows into.

    Examples
    --------
    >>> strength_of(np.array([0, 0, 0, 1, 1]), np.array([1, 1, 0, 0, 0])).__round__(3)
    0.333
    """
    worst = 1.0
    for number in range(int(test.max(initial=NOISE)) + 1):
        mine = predicted[test == number]
        pairs = len(mine) * (len(mine) - 1)
        if not pairs:
            return 0.0
        counts = np.unique(mine[mine >= 0], return_counts=True)[1]
        worst = min(worst, float((counts * (counts - 1)).sum() / pairs))
    return worst


@on_one_thread()
def prediction_strength(
    x: Floats, k: int, method: str, *, splits: int = 10, seed: int = 0, starts: int = 3
) -> Strength:
    """Return the prediction strength of k clusters: each half of the rows predicts the other's.

    Of one cluster it is 1. A cluster of one row predicts nothing and counts as 0.
    """
    drawn = np.random.default_rng(seed)
    found = np.array([_split(x, k, method, drawn.permutation(len(x)), seed, starts) for _ in range(splits)])
    return Strength(float(found.mean()), float(found.std(ddof=1) / np.sqrt(splits)) if splits > 1 else 0.0)


def _split(x: Floats, k: int, method: str, order: Ints, seed: int, starts: int) -> float:
    if k == 1:
        return 1.0
    half = len(order) // 2
    training, test = x[np.sort(order[:half])], x[np.sort(order[half:])]
    learnt = partition(method, training, k, seed, starts)
    return strength_of(partition(method, test, k, seed, starts).labels, learnt.assign(test))
