"""Would each cluster be found again in data drawn anew? The bootstrap's mean Jaccard similarity.

Hennig (2007), "Cluster-wise assessment of cluster stability", Computational Statistics & Data Analysis 52(1), 258-271.
Below .6 a cluster should not be trusted, from .6 to .75 it is a pattern whose members are in doubt, from .75 it is
stable (section 2.2 and the R package fpc, `clusterboot`).
"""

from __future__ import annotations

import numpy as np

from analysis.topics.archetypes.judgement.partition import NOISE, Floats, Ints, on_one_thread, partition

PATTERN, STABLE = 0.6, 0.75


def jaccard(one: Ints, other: Ints) -> Floats:
    """Return the Jaccard similarity of each cluster of `one` to each of `other`, over the same rows.

    |A and B| / |A or B|; noise (-1) is no cluster.

    Examples
    --------
    >>> jaccard(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])).round(3).tolist()
    [[0.667, 0.25], [0.0, 0.5]]
    """
    rows, columns = one.max(initial=NOISE) + 1, other.max(initial=NOISE) + 1
    both = np.zeros((rows, columns))
    placed = (one >= 0) & (other >= 0)
    np.add.at(both, (one[placed], other[placed]), 1)
    sizes = np.bincount(one[one >= 0], minlength=rows)[:, None] + np.bincount(other[other >= 0], minlength=columns)
    return np.asarray(both / np.maximum(sizes - both, 1))


@on_one_thread()
def bootstrap_jaccard(
    x: Floats, labels: Ints, method: str, k: int, *, resamples: int = 50, seed: int = 0, starts: int = 3
) -> Floats:
    """Return each cluster's mean similarity to the most similar cluster of a resample, over the rows drawn.

    Parameters
    ----------
    x, labels
        The rows and their clusters.
    method, k
        How they were found; for HDBSCAN `k` is the size of the smallest cluster.
    resamples
        How often rows are drawn with replacement and clustered anew. A row drawn twice counts once in the comparison.
    """
    drawn = np.random.default_rng(seed)
    found = np.array([_resample(x, labels, method, k, drawn, seed, starts) for _ in range(resamples)])
    seen = np.isfinite(found)
    return np.asarray(np.where(seen, found, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1))


def _resample(
    x: Floats, labels: Ints, method: str, k: int, drawn: np.random.Generator, seed: int, starts: int
) -> Floats:
    """Return the best similarity of each cluster in one resample; nan where none of its rows was drawn."""
    rows = np.sort(drawn.integers(0, len(x), len(x)))
    anew = partition(method, x[rows], k, seed, starts).labels
    kept, first = np.unique(rows, return_index=True)
    mine = labels[kept]
    best = jaccard(mine, anew[first]).max(axis=1, initial=0.0)
    clusters = labels.max(initial=NOISE) + 1
    whole = np.zeros(clusters)
    whole[: len(best)] = best
    there = np.bincount(mine[mine >= 0], minlength=clusters) > 0
    return np.asarray(np.where(there, whole, np.nan))
