"""What is to be expected of what each step promises, from the records of all steps and segments together.

A linear mixed model with known variances (Gelman & Hill, Data Analysis Using Regression, 2007, ch. 12): what comes of
what was promised is 1, give or take what rules of thumb are off by; a part of that all steps share, a part is a step's
own, and where a step's segments lie apart, a part is the segment's. A long record speaks for itself; a short one is
drawn to what the step came to elsewhere, and that to what the other steps came to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.policy import Steps

#: A step, and one of its segments; an empty text is all of them.
Unit = tuple[str, str]


@dataclass(frozen=True)
class Told:
    """What a unit's record tells: how many steps, what came of one that was promised, and its standard error."""

    steps: int
    came: float
    error: float


NOBODY_TELLS = Told(0, float("nan"), float("inf"))


def pooled(
    told: Mapping[Unit, Told], wanted: list[Unit], choices: Steps, apart: Mapping[str, float] | None = None
) -> dict[Unit, tuple[float, float]]:
    """Return what is to be expected of what each unit promises, and the standard error, from all records together.

    Parameters
    ----------
    told
        The records; of a step that has segments apart, each record stands with its own segment.
    wanted
        The units wanted. One without a segment is the step's mean over its segments.
    choices
        `doubt` is how far a rule of thumb may be off before any record; `doubt_shared` the part that all steps share.
    apart
        By step how far its segments lie apart: the standard deviation between them.
    """
    every = [*told, *wanted]
    prior = np.array([[_covariance(one, other, choices, apart or {}) for other in every] for one in every])
    at, of = slice(0, len(told)), slice(len(told), len(every))
    came, error = (np.array([getattr(one, name) for one in told.values()]) for name in ("came", "error"))
    gain = np.zeros((len(wanted), 0)) if not told else prior[of, at] @ np.linalg.inv(prior[at, at] + np.diag(error**2))
    mean = 1.0 + gain @ (came - 1.0)
    spread = np.sqrt(np.maximum(np.diag(prior[of, of] - gain @ prior[at, of]), 0.0))
    return dict(zip(wanted, zip(mean.tolist(), spread.tolist(), strict=True), strict=True))


def _covariance(one: Unit, other: Unit, choices: Steps, apart: Mapping[str, float]) -> float:
    if one[0] != other[0]:
        return choices.doubt**2 * choices.doubt_shared
    same = one[1] == other[1] != ""
    return choices.doubt**2 + (apart.get(one[0], 0.0) ** 2 if same else 0.0)
