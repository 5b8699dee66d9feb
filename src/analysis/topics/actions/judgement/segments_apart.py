"""Whether a step works in one segment and not in another, as far as its record tells them apart.

Segments are the values of a column of the customers: an industry, a region, a size. How far what came differs between
them is held against what the same steps show under labels that are shuffled (a permutation test: Fisher, The Design of
Experiments, 1935), so that it rests on no idea of how chance is spread. A step's segments lie apart only where fewer
than one shuffle in twenty, over all columns and steps that were looked at, shows as much; how far is then read from
the same sums (the method of moments: DerSimonian & Laird, Controlled Clinical Trials 7(3), 1986). A short record cannot
pass: a few labels can be shuffled in a few ways only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
#: Two segments at least have so many steps that tell, or nothing is looked for; shuffles; the chance of being wrong.
LEAST_STEPS, SHUFFLES, WRONG = 5, 1_999, 0.05


@dataclass(frozen=True)
class Apart:
    """That a step's segments lie apart.

    Parameters
    ----------
    by
        The column of the customers.
    spread
        The standard deviation of what comes of what was promised between segments.
    chance
        The share of shuffles that show as much.
    """

    by: str
    spread: float
    chance: float


def segments_apart(telling: Mapping[str, pd.DataFrame], columns: Sequence[str]) -> dict[str, Apart]:
    """Return the steps whose segments lie apart, each by the column that tells most.

    Parameters
    ----------
    telling
        By step one row for each that tells: `ratio` (what came over what was promised), `weight` (one over
        its variance), and the columns; empty where a segment is not known.
    columns
        The columns that make segments.
    """
    looked = [(step, by) for step, rows in sorted(telling.items()) for by in columns if _can_tell(rows, by)]
    found: dict[str, Apart] = {}
    for step, by in looked:
        one = _apart(telling[step], by, crc32(f"{step}.{by}".encode()))
        if one.chance * len(looked) > WRONG or one.spread <= 0:
            continue
        if step not in found or one.chance < found[step].chance:
            found[step] = one
    return found


def _can_tell(rows: pd.DataFrame, by: str) -> bool:
    return bool((rows[by].value_counts() >= LEAST_STEPS).sum() >= 2)


def _apart(rows: pd.DataFrame, by: str, seed: int) -> Apart:
    # In an order that follows from what came, whatever the accounts are called.
    some = rows[rows[by].notna()].sort_values(["ratio", "weight", by])
    labels = some[by].astype(str).rank(method="dense").to_numpy(dtype=np.intp) - 1
    ratio, weight = (some[name].to_numpy(dtype=np.float64) for name in ("ratio", "weight"))
    shuffled = np.random.Generator(np.random.PCG64(seed)).permuted(np.tile(labels, (SHUFFLES, 1)), axis=1)
    seen, by_chance = _between(labels[None, :], ratio, weight)[0], _between(shuffled, ratio, weight)
    # A hair: sums of the same numbers in another order are the same.
    chance = float((1 + (by_chance >= seen * (1.0 - 1e-9)).sum()) / (1 + SHUFFLES))
    each = np.bincount(labels, weights=weight)
    reach = each.sum() - (each**2).sum() / each.sum()
    return Apart(by, float(np.sqrt(max(seen - by_chance.mean(), 0.0) / reach)), chance)


def _between(labels: NDArray[np.intp], ratio: Floats, weight: Floats) -> Floats:
    """Return, for each row of labels, how far the segments' means lie apart: Cochran's Q."""
    middle = float(weight @ ratio / weight.sum())
    found = np.zeros(len(labels))
    for one in range(int(labels.max()) + 1):
        mine = (labels == one) * weight
        found += (mine @ (ratio - middle)) ** 2 / mine.sum(axis=1)
    return found


def with_segments(record: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Return the record with the segments of each account; empty where none is known."""
    return record.merge(segments, on="customer_id", how="left")
