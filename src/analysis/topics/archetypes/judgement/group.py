"""The kinds among one group of accounts: the over-served, or the difficult."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.topics.archetypes.judgement.estimator import Archetypes
from analysis.topics.archetypes.judgement.features import Features
from analysis.topics.archetypes.judgement.naming import profile, told_apart
from analysis.topics.archetypes.judgement.partition import NOISE, Floats, Ints
from analysis.topics.archetypes.judgement.transform import Intensities
from analysis.topics.archetypes.policy import Archetypes as Choices

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Kind:
    """One kind: its name, what is told of it, and its most typical account (a row of the features)."""

    name: str
    stability: float
    standing: str
    sets_apart: str
    typical: int


@dataclass(frozen=True)
class Group:
    """What was found among the accounts of one judgement.

    Attributes
    ----------
    features
        What they were clustered on.
    labels
        The place in `kinds` of each account; -1: it has no kind.
    profile
        As `naming.profile` gives it, by place in `kinds`.
    """

    features: Features
    model: Archetypes
    labels: Ints
    kinds: tuple[Kind, ...]
    profile: pd.DataFrame

    def members(self, names: Mapping[str, str]) -> pd.DataFrame:
        """Return customer_id, archetype (by its label), strength, typical and the place on the map."""
        called = np.array([*(names.get(kind.name, kind.name) for kind in self.kinds), None], dtype=object)
        typical = np.zeros(len(self.labels), dtype=bool)
        typical[[kind.typical for kind in self.kinds]] = True
        strength = self.model.strength_[: len(self.labels)]
        x, y = principal(self.features.weighed)
        return self.features.frame[["customer_id"]].assign(
            archetype=called[self.labels], strength=strength, typical=typical, map_x=x, map_y=y
        )


def find(features: Features, name: Callable[[pd.DataFrame], str], choices: Choices) -> Group:
    """Look for kinds, name those that would be found again, and take clusters of one name for one kind.

    Parameters
    ----------
    name
        The name of a cluster, from its rows of the profile.
    """
    rows = features.weighed
    model = _fitted(rows, choices)
    clusters = model.labels_[: len(rows)]
    standing = [number for number, told in enumerate(model.standing_) if told != "unstable"]
    each = profile(features, clusters)
    called = {number: name(each[each.cluster == number]) for number in standing}
    kinds = list(dict.fromkeys(called.values()))
    place = np.array([kinds.index(called[n]) if n in called else NOISE for n in range(model.n_clusters_)] + [NOISE])
    labels = place[clusters]
    told = profile(features, labels)
    found = tuple(_kind(model, [n for n in standing if called[n] == kind], kind, told, kinds) for kind in kinds)
    return Group(features, model, labels, found, told)


def _fitted(rows: Floats, choices: Choices) -> Archetypes:
    """Fit the estimator; what is not there has one account and one feature, so that the answer is "too few"."""
    shared = choices.model_dump(exclude={"same", "seed"})
    there = rows if rows.size else np.zeros((max(len(rows), 1), 1))
    return Archetypes(**shared, random_state=choices.seed).fit(
        Intensities(shares=range(there.shape[1])).fit_transform(there)
    )


def _kind(model: Archetypes, clusters: list[int], name: str, told: pd.DataFrame, kinds: list[str]) -> Kind:
    """Return a kind of one cluster, or of several that have the same name: it is as stable as the least of them."""
    least = min(clusters, key=lambda number: float(model.stability_[number]))
    mine = told[told.cluster == kinds.index(name)]
    return Kind(
        name,
        float(model.stability_[least]),
        model.standing_[least],
        told_apart(mine),
        int(model.typical_[clusters[0]]),
    )


def principal(rows: Floats) -> tuple[Floats, Floats]:
    """Return the first two principal components of the rows, each turned so that its largest loading is positive."""
    found = np.zeros((len(rows), 2))
    if len(rows) > 1:
        centred = rows - rows.mean(axis=0)
        axes = np.linalg.svd(centred, full_matrices=False)[2][:2]
        largest = np.abs(axes).argmax(axis=1)
        signs = np.where(axes[np.arange(len(axes)), largest] < 0, -1.0, 1.0)
        found[:, : len(axes)] = np.round(centred @ (axes * signs[:, None]).T, 9)
    return found[:, 0], found[:, 1]
