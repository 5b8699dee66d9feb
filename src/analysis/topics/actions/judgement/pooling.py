"""What is to be expected of what each step promises, from the records of all steps and segments together.

A linear mixed model with known variances (Gelman & Hill, Data Analysis Using Regression, 2007, ch. 12): what comes of
what was promised is 1, give or take what a step's range is wide. Or the range does not hold here, and it is give or
take what rules of thumb are off by, of which a part is shared by all steps that are amiss; where a step's segments lie
apart, a part is the segment's. Both stand side by side, and the records say which holds (a robust mixture prior:
Schmidli et al., Biometrics 70(4), 2014), as with the answers of those who were asked. A long record speaks for itself;
a short one is drawn to what the step came to elsewhere, and that to what the other steps came to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.policy import Steps

Floats = NDArray[np.float64]

#: A step, and one of its segments; an empty text is all of them.
Unit = tuple[str, str]


@dataclass(frozen=True)
class Told:
    """What a unit's record tells: how many steps, what came of one that was promised, and its standard error."""

    steps: int
    came: float
    error: float


NOBODY_TELLS = Told(0, float("nan"), float("inf"))
#: How likely the policy's range does not hold here, before any record.
AMISS = 0.2


class Expected(NamedTuple):
    """What is to be expected of what a unit promises, its standard error, and how much of it the records say."""

    came: float
    error: float
    weight: float


def pooled(
    told: Mapping[Unit, Told],
    wanted: list[Unit],
    choices: Steps,
    apart: Mapping[str, float] | None = None,
    wide: Mapping[str, float] | None = None,
) -> dict[Unit, Expected]:
    """Return what is to be expected of what each unit promises from all records together.

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
    wide
        By step the standard deviation of the policy's range over its mean; None: no range holds.
    """
    prior = _Prior.of([*told, *wanted], choices, apart or {}, wide or {})
    found = [
        _given(told, prior, np.array(amiss))
        for amiss in product((True, False) if wide else (True,), repeat=prior.steps)
    ]
    logs = np.array([one[0] for one in found])
    chance = np.exp(logs - logs.max())
    came, square, weight = np.tensordot(chance / chance.sum(), np.array([one[1] for one in found]), axes=1)
    error = np.sqrt(np.maximum(square - came**2, 0.0))
    rows = zip((1.0 + came).tolist(), error.tolist(), weight.tolist(), strict=True)
    return {unit: Expected(*row) for unit, row in zip(wanted, rows, strict=True)}


@dataclass(frozen=True)
class _Prior:
    """What is thought of some units before their records.

    Parameters
    ----------
    step
        The place of each unit's step, of so many `steps`.
    wide
        By step the variance of the policy's range.
    apart
        Units x units: the variance between segments, where both are the same one.
    """

    step: NDArray[np.intp]
    steps: int
    wide: Floats
    apart: Floats
    choices: Steps

    @classmethod
    def of(cls, units: list[Unit], choices: Steps, apart: Mapping[str, float], wide: Mapping[str, float]) -> _Prior:
        """Return what is thought of units: steps, or segments of them."""
        names = list(dict.fromkeys(name for name, _ in units))
        same = [[apart.get(one[0], 0.0) if one == other and one[1] else 0.0 for other in units] for one in units]
        places = np.array([names.index(name) for name, _ in units], dtype=np.intp)
        ranges = np.array([wide.get(name, 0.0) for name in names])
        return cls(places, len(names), ranges**2, np.array(same) ** 2, choices)

    def matrix(self, amiss: NDArray[np.bool_]) -> Floats:
        """Return the covariance of what comes of what the units promise, given of which steps the range is amiss."""
        doubt, off = self.choices.doubt**2, amiss[self.step]
        own = np.where(amiss, doubt, self.wide)[self.step]
        shared = doubt * self.choices.doubt_shared * np.outer(off, off)
        return np.asarray(np.where(self.step[:, None] == self.step, own[:, None], shared) + self.apart)


def _given(told: Mapping[Unit, Told], prior: _Prior, amiss: NDArray[np.bool_]) -> tuple[float, Floats]:
    """Return how likely it is, in logarithms, that just these ranges are amiss, and what is then to be expected.

    Of each wanted unit: how far the mean lies from 1, the mean square of that, and how much of it the records say.
    """
    covariance, many = prior.matrix(amiss), len(told)
    chance = float(np.log(np.where(amiss, AMISS, 1.0 - AMISS)).sum())
    before = np.diag(covariance)[many:]
    came, error = (np.array([getattr(one, name) for one in told.values()]) for name in ("came", "error"))
    seen, off, across = covariance[:many, :many] + np.diag(error**2), came - 1.0, covariance[:many, many:]
    gain = np.linalg.solve(seen, across).T
    mean, after = gain @ off, np.maximum(before - np.einsum("ij,ji->i", gain, across), 0.0)
    weight = 1.0 - np.divide(after, before, out=np.ones_like(after), where=before > 0)
    likely = -0.5 * float(np.linalg.slogdet(seen)[1] + off @ np.linalg.solve(seen, off))
    return chance + likely, np.array([mean, after + mean**2, weight])
