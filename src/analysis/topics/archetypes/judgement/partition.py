"""The ways to part accounts into clusters: k-means, a Gaussian mixture, HDBSCAN; all told in one form."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
NOISE = -1
K_MEANS, GAUSSIAN_MIXTURE, HDBSCAN = "k_means", "gaussian_mixture", "hdbscan"
#: What keeps a Gaussian's variance from falling to nothing where members are equal (in squared units of the features).
LEAST_VARIANCE = 1e-3


@dataclass(frozen=True)
class Partition:
    """Clusters of some rows, numbered from 0, -1 for noise; `assign` gives new rows their cluster."""

    labels: Ints
    assign: Callable[[Floats], Ints]

    @property
    def clusters(self) -> int:
        """How many clusters there are, noise left out."""
        return int(self.labels.max(initial=NOISE)) + 1


def k_means(x: Floats, k: int, seed: int, starts: int = 10) -> Partition:
    """Return the best of several k-means runs; one start alone is not enough."""
    from sklearn.cluster import KMeans

    with _quietly():
        model = KMeans(k, n_init=starts, random_state=seed).fit(x)
    return _packed(model.labels_, model)


def gaussian_mixture(x: Floats, k: int, seed: int, starts: int = 5) -> Partition:
    """Return a mixture of Gaussians, each as wide in all directions."""
    from sklearn.mixture import GaussianMixture

    with _quietly():
        model = GaussianMixture(
            k, covariance_type="spherical", reg_covar=LEAST_VARIANCE, n_init=starts, random_state=seed
        ).fit(x)
        labels = model.predict(x)
    return _packed(labels, model)


def hdbscan(x: Floats, smallest: int) -> Partition:
    """Return dense groups of at least `smallest` rows, and noise between them.

    A new row joins the cluster of its nearest row, where that is no further off than the members of the cluster are
    from each other (the largest distance of a member to its nearest fellow); else it is noise.
    """
    from sklearn.cluster import HDBSCAN as Model

    labels = Model(min_cluster_size=smallest, copy=True).fit(x).labels_.astype(np.intp)
    return Partition(labels, partial(_nearest_dense, x, labels))


def partition(method: str, x: Floats, k: int, seed: int, starts: int) -> Partition:
    """Return the clusters of a method; for HDBSCAN `k` is the size of the smallest cluster."""
    if method == K_MEANS:
        return k_means(x, k, seed, starts)
    return gaussian_mixture(x, k, seed, starts) if method == GAUSSIAN_MIXTURE else hdbscan(x, k)


def within(x: Floats, labels: Ints) -> float:
    """Return the pooled sum of squared distances to the clusters' centres (W_k)."""
    sums = np.zeros((labels.max() + 1, x.shape[1]))
    np.add.at(sums, labels, x)
    centres = sums / np.maximum(np.bincount(labels), 1)[:, None]
    return float(((x - centres[labels]) ** 2).sum())


def centres_of(x: Floats, labels: Ints) -> Floats:
    """Return the mean of each cluster, noise left out."""
    return np.array([x[labels == number].mean(axis=0) for number in range(labels.max(initial=NOISE) + 1)])


def distances(x: Floats, centres: Floats) -> Floats:
    """Return the distance of each row to each centre."""
    return np.asarray(np.sqrt(np.stack([((x - centre) ** 2).sum(axis=1) for centre in centres], axis=1)))


def canonical(x: Floats) -> Ints:
    """Return an order of the rows that hangs on their values alone, not on the order they came in.

    Values alike to nine digits are equal here, since the last digits hang on the order that sums were made in.
    """
    return np.lexsort(np.round(x, 9).T[::-1])


@contextmanager
def on_one_thread() -> Iterator[None]:
    """Run many small fits: on one thread, so that sums are made in one order on any machine, and checked once."""
    import sklearn
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), sklearn.config_context(skip_parameter_validation=True, assume_finite=True):
        yield


@contextmanager
def _quietly() -> Iterator[None]:
    """Bear that equal rows make fewer clusters than asked for, or that a mixture has not settled to the last digit."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def _packed(labels: Ints, model: Any) -> Partition:
    """Return a fitted model's clusters without gaps: one that nobody fell into has no number."""
    used = np.unique(labels)
    return Partition(np.searchsorted(used, labels), partial(_predicted, model, used))


def _predicted(model: Any, used: Ints, new: Floats) -> Ints:
    found = model.predict(new)
    at = np.minimum(np.searchsorted(used, found), len(used) - 1)
    return np.where(used[at] == found, at, NOISE).astype(np.intp)


def _nearest_dense(x: Floats, labels: Ints, new: Floats) -> Ints:
    """Return the cluster of each new row's nearest row, where it is near enough."""
    from sklearn.neighbors import NearestNeighbors

    rows, mine = x[labels >= 0], labels[labels >= 0]
    if not len(rows):
        return np.full(len(new), NOISE, dtype=np.intp)
    far, at = NearestNeighbors(n_neighbors=1).fit(rows).kneighbors(new)
    label = mine[at[:, 0]]
    return np.where(far[:, 0] <= _reach(rows, mine)[label], label, NOISE).astype(np.intp)


def _reach(rows: Floats, labels: Ints) -> Floats:
    """Return each cluster's largest distance of a member to its nearest fellow."""
    from sklearn.neighbors import NearestNeighbors

    found = np.zeros(labels.max() + 1)
    for number in range(len(found)):
        members = rows[labels == number]
        found[number] = NearestNeighbors(n_neighbors=2).fit(members).kneighbors(members)[0][:, 1].max()
    return found
