"""Are there clusters at all? The gap statistic, which alone can answer "one".

Tibshirani, Walther & Hastie (2001), "Estimating the number of clusters in a data set via the gap statistic", Journal of
the Royal Statistical Society B 63(2), 411-423.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.topics.archetypes.judgement.partition import Floats, k_means, on_one_thread, within

#: Below this share of the whole spread nothing is left to part.
NOTHING = 1e-12


@dataclass(frozen=True)
class Gap:
    """The gap of k = 1, 2, ... clusters and its simulation error (s_k of the paper)."""

    gap: Floats
    error: Floats

    @property
    def first(self) -> int:
        """The paper's choice: the smallest k with Gap(k) >= Gap(k + 1) - s_(k+1)."""
        holds = self.gap[:-1] >= self.gap[1:] - self.error[1:]
        return int(np.argmax(holds)) + 1 if holds.any() else len(self.gap)

    @property
    def supported(self) -> tuple[int, ...]:
        """Every k above 1 whose gap passes that of one cluster by more than the error; none: the answer is "one".

        The paper's rule stops at the first k that is not worse than the next, so clusters that lie in pairs can hide
        behind a one; its authors name that case (section 6). All k are weighed here.
        """
        return tuple(k for k in range(2, len(self.gap) + 1) if self.gap[k - 1] - self.error[k - 1] > self.gap[0])


def log_within(x: Floats, most: int, seed: int, starts: int) -> Floats:
    """Return log W_k for k = 1 to `most` by k-means."""
    floor = NOTHING * max(within(x, np.zeros(len(x), dtype=np.intp)), NOTHING)
    sums = [within(x, k_means(x, k, seed, starts).labels) for k in range(1, most + 1)]
    return np.log(np.maximum(sums, floor))


@on_one_thread()
def gap_statistic(
    x: Floats, most: int, *, references: int = 20, seed: int = 0, starts: int = 3, aligned: bool = True
) -> Gap:
    """Return the gap statistic: how far log W_k falls below what points spread evenly would give.

    Parameters
    ----------
    x
        Rows by features, on one scale.
    most
        The largest number of clusters to try.
    references
        Evenly spread data sets to compare with (B of the paper).
    starts
        Of each k-means.
    aligned
        Spread them over the box along the principal components (the paper's choice b); else along the features (a).
    """
    drawn = np.random.default_rng(seed)
    own = log_within(x, most, seed, starts)
    even = [log_within(_evenly(x, drawn, aligned=aligned), most, seed, starts) for _ in range(references)]
    reference = np.array(even)
    error = reference.std(axis=0) * np.sqrt(1 + 1 / references)
    return Gap(reference.mean(axis=0) - own, error)


def _evenly(x: Floats, drawn: np.random.Generator, *, aligned: bool) -> Floats:
    """Return as many points as rows, spread evenly over the box around them."""
    middle = x.mean(axis=0)
    axes = np.linalg.svd(x - middle, full_matrices=False)[2] if aligned else np.eye(x.shape[1])
    turned = (x - middle) @ axes.T
    spread = drawn.uniform(turned.min(axis=0), turned.max(axis=0), size=turned.shape)
    return np.asarray(spread @ axes + middle)
