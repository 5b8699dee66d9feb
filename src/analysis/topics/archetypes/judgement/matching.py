"""The same label for the same archetype, run after run: this run's clusters set against the last run's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.topics.archetypes.judgement.partition import Floats

if TYPE_CHECKING:
    import pandas as pd

#: More than any sum of likenesses (each at most 1) that giving up a pair with the same words could bring.
_SAME_WORDS = 1e3


@dataclass(frozen=True)
class Matched:
    """The last run's label of each archetype that is the same, and the names of those that are new or dissolved."""

    labels: Mapping[str, str]
    new: tuple[str, ...]
    dissolved: tuple[str, ...]


def match(
    members: pd.DataFrame, centres: pd.DataFrame, last_members: pd.DataFrame, last_centres: pd.DataFrame, least: float
) -> Matched:
    """Return which archetypes are the last run's, one to one, as alike as possible in all (the Hungarian method).

    One that reads as a label of the last run is that one: words come from the features, so it is the same pattern.

    Parameters
    ----------
    members, last_members
        customer_id, archetype: of those that have one.
    centres, last_centres
        archetype, feature, mean.
    least
        The likeness from which two are the same: the mean of the Jaccard similarity of their members, among the
        accounts of both runs, and of 1 - the distance of their centres over the mean distance between all of them.
    """
    from scipy.optimize import linear_sum_assignment

    names, old = sorted(set(centres.archetype)), sorted(set(last_centres.archetype))
    if not names or not old:
        return Matched({}, tuple(names), tuple(old))
    alike = (_shared(members, last_members, names, old) + _near(centres, last_centres, names, old)) / 2
    alike[np.equal.outer(np.array(names, dtype=object), np.array(old, dtype=object)).astype(bool)] = _SAME_WORDS
    rows, columns = linear_sum_assignment(alike, maximize=True)
    kept = {names[r]: old[c] for r, c in zip(rows, columns, strict=True) if alike[r, c] >= least}
    return Matched(
        kept, tuple(name for name in names if name not in kept), tuple(n for n in old if n not in kept.values())
    )


def _shared(members: pd.DataFrame, last: pd.DataFrame, names: list[str], old: list[str]) -> Floats:
    """Return the Jaccard similarity of members, over the accounts that had an archetype in both runs."""
    both = members.merge(last, on="customer_id", suffixes=("", "_last"))
    counts = both.pivot_table(index="archetype", columns="archetype_last", values="customer_id", aggfunc="count")
    found = counts.fillna(0).reindex(index=names, columns=old, fill_value=0).to_numpy(dtype=np.float64)
    either = found.sum(axis=1, keepdims=True) + found.sum(axis=0) - found
    return np.asarray(found / np.maximum(either, 1))


def _near(centres: pd.DataFrame, last: pd.DataFrame, names: list[str], old: list[str]) -> Floats:
    """Return how near the centres are: 1 where they are the same, 0 from the mean distance between all of them on."""
    wide = [rows.pivot_table(index="archetype", columns="feature", values="mean") for rows in (centres, last)]
    features = sorted(set(wide[0]) | set(wide[1]))
    here, there = (
        rows.reindex(index=order, columns=features).fillna(0.0).to_numpy(dtype=np.float64)
        for rows, order in zip(wide, (names, old), strict=True)
    )
    every = np.vstack([here, there])
    apart = np.sqrt(((every[:, None] - every[None]) ** 2).sum(axis=2))
    usual = apart[np.triu_indices(len(every), 1)].mean()
    between = apart[: len(here), len(here) :]
    return np.asarray(np.clip(1 - between / (usual if usual > 0 else 1.0), 0.0, 1.0))
