"""How many kinds are there, and which method finds them best? The evidence for each answer, and the answer.

The number of clusters must be supported three times: the gap statistic must prefer it to one cluster, shuffled columns
must not part as well, and each half of the accounts must predict the other's clusters. Among what remains the
silhouette decides, and between answers that are about as good, the bootstrap's stability.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from analysis.topics.archetypes.judgement.gap import Gap, gap_statistic
from analysis.topics.archetypes.judgement.partition import (
    GAUSSIAN_MIXTURE,
    HDBSCAN,
    K_MEANS,
    Floats,
    Partition,
    gaussian_mixture,
    hdbscan,
    k_means,
    on_one_thread,
)
from analysis.topics.archetypes.judgement.prediction_strength import Strength, prediction_strength
from analysis.topics.archetypes.judgement.shuffled import chance_if_shuffled
from analysis.topics.archetypes.judgement.stability import bootstrap_jaccard

#: Silhouettes that differ by less are equally good: then the more stable answer is taken.
AS_GOOD = 0.02


@dataclass(frozen=True)
class Effort:
    """How hard evidence is sought: clusters tried, repeats of each test, and its limits."""

    most: int
    smallest: int
    references: int
    shuffles: int
    splits: int
    resamples: int
    significance: float
    prediction: float
    seed: int


@dataclass(frozen=True)
class Candidate:
    """One way to part the accounts, and what speaks for it."""

    method: str
    setting: int
    partition: Partition
    silhouette: float
    jaccard: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def clusters(self) -> int:
        """How many clusters it has, noise left out."""
        return self.partition.clusters

    @property
    def noise(self) -> float:
        """The share of accounts that it gives no cluster."""
        return float((self.partition.labels < 0).mean())

    @property
    def score(self) -> float:
        """Its silhouette, with 0 for each account that has no cluster."""
        return self.silhouette * (1 - self.noise)


@dataclass(frozen=True)
class Evidence:
    """What was found: by number of clusters, and for each candidate; `chosen` is None where the answer is "one"."""

    gap: Gap
    chance: float
    strengths: dict[int, Strength]
    candidates: tuple[Candidate, ...]
    chosen: Candidate | None


@on_one_thread()
def weigh(x: Floats, effort: Effort) -> Evidence:
    """Weigh the answers from one cluster to `effort.most`, and choose."""
    gap = gap_statistic(x, effort.most, references=effort.references, seed=effort.seed)
    chance = chance_if_shuffled(x, effort.most, shuffles=effort.shuffles, seed=effort.seed)
    ks = range(2, effort.most + 1)
    strengths = {k: prediction_strength(x, k, K_MEANS, splits=effort.splits, seed=effort.seed) for k in ks}
    candidates = [_with_jaccard(x, c, effort) if c.method == K_MEANS else c for c in _candidates(x, effort)]
    able = {k for k in gap.supported if strengths[k].reaches(effort.prediction)}
    finalists = [c for c in candidates if c.clusters in able] if chance <= effort.significance else []
    chosen = _best(x, finalists, effort)
    known = [chosen if chosen and (c.method, c.setting) == (chosen.method, chosen.setting) else c for c in candidates]
    return Evidence(gap, chance, strengths, tuple(known), chosen)


def _best(x: Floats, finalists: list[Candidate], effort: Effort) -> Candidate | None:
    """Return the most stable of those with about the best silhouette; the first, where two are the same clusters."""
    best = max((c.score for c in finalists), default=0.0)
    near = [c for c in finalists if c.score >= best - AS_GOOD]
    different = [c for at, c in enumerate(near) if not any(_same(c, other) for other in near[:at])]
    rated = [_with_jaccard(x, c, effort) for c in different]
    return max(rated, key=lambda c: (round(float(c.jaccard.min()), 6), c.score), default=None)


def _same(one: Candidate, other: Candidate) -> bool:
    """Return whether two candidates put the same rows together."""
    pairs = np.unique(np.stack([one.partition.labels, other.partition.labels]), axis=1)
    return all(len(np.unique(side)) == pairs.shape[1] for side in pairs)


def _candidates(x: Floats, effort: Effort) -> list[Candidate]:
    ks = range(2, effort.most + 1)
    every = [(K_MEANS, k, k_means(x, k, effort.seed)) for k in ks]
    every += [(GAUSSIAN_MIXTURE, k, gaussian_mixture(x, k, effort.seed)) for k in ks]
    every += [(HDBSCAN, effort.smallest, hdbscan(x, effort.smallest))]
    return [Candidate(*found, _silhouette(x, found[2])) for found in every if found[2].clusters > 1]


def _silhouette(x: Floats, found: Partition) -> float:
    from sklearn.metrics import silhouette_score

    placed = found.labels >= 0
    if found.clusters >= placed.sum():
        return 0.0
    return float(silhouette_score(x[placed], found.labels[placed]))


def _with_jaccard(x: Floats, candidate: Candidate, effort: Effort) -> Candidate:
    if len(candidate.jaccard):
        return candidate
    labels, method, setting = candidate.partition.labels, candidate.method, candidate.setting
    found = bootstrap_jaccard(x, labels, method, setting, resamples=effort.resamples, seed=effort.seed)
    return replace(candidate, jaccard=found)
