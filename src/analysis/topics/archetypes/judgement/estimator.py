"""Archetypes as an estimator: clusters with their evidence and their stability, or the answer that there are none."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from analysis.topics.archetypes.judgement.evidence import Candidate, Effort, Evidence, weigh
from analysis.topics.archetypes.judgement.partition import NOISE, Floats, Ints, canonical, centres_of, distances
from analysis.topics.archetypes.judgement.stability import PATTERN, STABLE

ONE, TOO_FEW, KINDS = "one", "too few", "kinds"


class Archetypes(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Look for clusters, from one upwards, and say how sure each of them is.

    The same rows give the same clusters in any order. Clusters are numbered from the largest to the smallest; -1 is
    noise. Where there are more rows than `sample`, the evidence rests on a sample and the others are assigned to its
    clusters.

    Parameters
    ----------
    most : int, default=8
        The largest number of clusters to try.
    minimum : int, default=20
        Rows below which nothing is looked for.
    smallest : int, default=5
        Members below which a cluster is none: it gets no standing, however stable.
    sample : int, default=2000
        The most rows that the evidence rests on.
    references, shuffles, splits, resamples : int
        Repeats of the gap statistic, the shuffled columns, the prediction strength and the bootstrap.
    significance : float, default=0.05
        The chance under shuffled columns above which the answer is "one".
    prediction : float, default=0.5
        The least prediction strength. The paper's .8 is for hundreds of rows; a half of some dozens finds its clusters
        less surely, and whether each would be found again is asked of the bootstrap afterwards.
    random_state : int, default=0
        Where every draw starts.

    Attributes
    ----------
    labels_ : ndarray of shape (n_samples,)
        The cluster of each row; 0 for all where the answer is "one" or "too few".
    n_clusters_ : int
    answer_ : str
        "kinds", "one" or "too few".
    method_ : str
        "k_means", "gaussian_mixture" or "hdbscan"; empty without clusters.
    stability_ : ndarray of shape (n_clusters_,)
        The mean bootstrap Jaccard similarity of each cluster (Hennig 2007); nan where nothing was looked for or found.
    standing_ : list of str
        "stable" from .75, "pattern" from .6; else, or with too few members, "unstable": no name and no action.
    looked_at_ : int
        How many rows the evidence rests on, or would have.
    evidence_ : Evidence or None
        What spoke for and against each number of clusters and each method.
    cluster_centers_ : ndarray of shape (n_clusters_, n_features)
    strength_ : ndarray of shape (n_samples,)
        How surely each row belongs to its cluster, see `strength`.
    typical_ : ndarray of shape (n_clusters_,)
        The row nearest to each centre.

    Examples
    --------
    >>> import numpy as np
    >>> drawn = np.random.default_rng(0)
    >>> rows = np.r_[drawn.normal(0, 0.1, (20, 2)), drawn.normal(1, 0.1, (30, 2))]
    >>> found = Archetypes().fit(rows)
    >>> found.n_clusters_, found.standing_, int(found.labels_[0])
    (2, ['stable', 'stable'], 1)
    >>> Archetypes().fit(drawn.normal(size=(50, 2))).answer_
    'one'
    """

    def __init__(
        self,
        most: int = 8,
        minimum: int = 20,
        smallest: int = 5,
        sample: int = 2000,
        references: int = 20,
        shuffles: int = 39,
        splits: int = 10,
        resamples: int = 50,
        significance: float = 0.05,
        prediction: float = 0.5,
        random_state: int = 0,
    ) -> None:
        self.most = most
        self.minimum = minimum
        self.smallest = smallest
        self.sample = sample
        self.references = references
        self.shuffles = shuffles
        self.splits = splits
        self.resamples = resamples
        self.significance = significance
        self.prediction = prediction
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Look for clusters among the rows of X.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows by features on one scale, none missing (`Intensities` sees to both).
        y : ignored
        """
        rows = validate_data(self, X, dtype=np.float64)
        order = canonical(rows)
        ordered = rows[order]
        chosen = self._choose(self._drawn(ordered))
        labels = np.empty(len(rows), dtype=np.intp)
        labels[order] = self._number(ordered, chosen)
        self.labels_ = labels
        self.cluster_centers_ = centres_of(ordered, labels[order])
        self.strength_ = self.strength(rows)
        self.typical_ = self._nearest(rows, order)
        return self

    def predict(self, X: Any) -> Ints:
        """Return the cluster of each row; -1 is noise."""
        check_is_fitted(self)
        return self._assign(validate_data(self, X, dtype=np.float64, reset=False))

    def strength(self, X: Any) -> Floats:
        """Return how surely each row belongs: 1 at its own centre, 0 midway to the next (1 - own / next distance).

        Rows of noise have 0; where there is one cluster only, nan.
        """
        rows = validate_data(self, X, dtype=np.float64, reset=False)
        if self.n_clusters_ < 2:
            return np.full(len(rows), np.nan)
        near = np.sort(distances(rows, self.cluster_centers_), axis=1)
        own = 1 - near[:, 0] / np.where(near[:, 1] > 0, near[:, 1], 1.0)
        return np.where(self._assign(rows) == NOISE, 0.0, own)

    def _drawn(self, ordered: Floats) -> Floats:
        """Return the rows that the evidence rests on: all of them, or a sample."""
        if len(ordered) <= self.sample:
            return ordered
        at = np.random.default_rng(self.random_state).choice(len(ordered), self.sample, replace=False)
        return ordered[np.sort(at)]

    def _choose(self, rows: Floats) -> Candidate | None:
        """Weigh the evidence; sets what is known of the clusters as such."""
        most = min(self.most, len(rows) // self.smallest, len(np.unique(rows, axis=0)) - 1)
        enough = len(rows) >= self.minimum
        self.looked_at_ = len(rows)
        self.evidence_: Evidence | None = weigh(rows, self._effort(most)) if enough and most > 1 else None
        chosen = self.evidence_.chosen if self.evidence_ else None
        self.answer_ = KINDS if chosen else ONE if enough else TOO_FEW
        self.method_ = chosen.method if chosen else ""
        self.n_clusters_ = chosen.clusters if chosen else 1
        return chosen

    def _effort(self, most: int) -> Effort:
        return Effort(
            most, self.smallest, self.references, self.shuffles, self.splits, self.resamples,
            self.significance, self.prediction, self.random_state,
        )  # fmt: skip

    def _number(self, ordered: Floats, chosen: Candidate | None) -> Ints:
        """Return the rows' clusters, numbered from the largest; sets stability and standing in that order."""
        if chosen is None:
            self._renumber, self._partition = np.zeros(1, dtype=np.intp), None
            self.stability_, self.standing_ = np.full(1, np.nan), ["unstable"]
            return np.zeros(len(ordered), dtype=np.intp)
        found = chosen.partition
        labels = found.labels if len(found.labels) == len(ordered) else found.assign(ordered)
        sizes = np.bincount(labels[labels >= 0], minlength=found.clusters)
        centres = centres_of(ordered, labels)
        best = np.lexsort((*centres.T[::-1], -sizes))
        self._partition, self._renumber = found, np.argsort(best)
        self.stability_ = chosen.jaccard[best]
        self.standing_ = [
            self._standing(float(stable), int(size)) for stable, size in zip(self.stability_, sizes[best], strict=True)
        ]
        return self._renumbered(labels)

    def _standing(self, stability: float, size: int) -> str:
        if size < self.smallest or not stability >= PATTERN:
            return "unstable"
        return "stable" if stability >= STABLE else "pattern"

    def _renumbered(self, labels: Ints) -> Ints:
        return np.where(labels >= 0, self._renumber[labels], NOISE).astype(np.intp)

    def _assign(self, rows: Floats) -> Ints:
        if self._partition is None:
            return np.zeros(len(rows), dtype=np.intp)
        return self._renumbered(self._partition.assign(rows))

    def _nearest(self, rows: Floats, order: Ints) -> Ints:
        """Return each cluster's member nearest to its centre; of several, the first in an order of their own."""
        far = distances(rows, self.cluster_centers_)
        ranked = far[order]
        ranked[self.labels_[order][:, None] != np.arange(self.n_clusters_)] = np.inf
        return order[ranked.argmin(axis=0)]
