"""Chances that move away from what an anchor says only as far as the data bears: logistic regression with an offset.

Every coefficient has a normal prior around 0 (the anchor holds); scikit-learn's has no offset, and gives the same where
the anchor is the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from numpy import float64, int64
    from numpy.typing import NDArray

    Floats = NDArray[float64]
    Ints = NDArray[int64]

_STEPS, _NEAR = 50, 1e-9
#: The precision of the intercept's prior: next to none.
_LOOSE = 1e-6


@dataclass(frozen=True)
class Logistic:
    """The fitted coefficients, the intercept first, and what their spread follows from.

    `curvature` is the negative second derivative of the penalised log-likelihood.
    """

    coefficients: Floats
    curvature: Floats

    @classmethod
    def fit(cls, rows: Floats, happened: Floats, offset: Floats, prior: float) -> Self:
        """Return the most likely model after Newton's steps.

        Parameters
        ----------
        rows
            Observations x numbers, each of mean 0 and spread 1; an intercept is added.
        happened
            1 or 0.
        offset
            The anchor's log-odds.
        prior
            The standard deviation of a coefficient's prior.
        """
        import numpy as np

        x = _with_one(rows)
        penalty = np.diag([_LOOSE, *[prior**-2] * rows.shape[1]])
        found = np.zeros(x.shape[1])
        for _ in range(_STEPS):
            chance = _chance(offset + x @ found)
            curvature = (x * (chance * (1.0 - chance))[:, None]).T @ x + penalty
            step = np.linalg.solve(curvature, x.T @ (happened - chance) - penalty @ found)
            found = found + step
            if float(np.abs(step).max()) < _NEAR:
                break
        return cls(found, curvature)

    def shift(self, rows: Floats) -> Floats:
        """Return by how much each row's log-odds differ from the anchor's."""
        return _with_one(rows) @ self.coefficients

    def drawn(self, rows: Floats, happened: Floats, offset: Floats, group: Ints, draws: int, seed: int) -> Floats:
        """Return draws x coefficients of the bootstrap that draws whole groups, by one Newton step from the fit.

        A group is an account with all its months. Shao & Tu, "The Jackknife and Bootstrap", 1995, section 2.1.4.
        The groups are drawn in an order of their own, so that no draw hangs on how the accounts are named.
        """
        import numpy as np

        x = _with_one(rows)
        miss = happened - _chance(offset + x @ self.coefficients)
        scores = in_own_order(np.column_stack([np.bincount(group, weights=miss * part) for part in x.T]))
        rng, count = np.random.default_rng(seed), len(scores)
        times = (np.bincount(rng.integers(0, count, count), minlength=count) - 1.0 for _ in range(draws))
        steps = np.array([weight @ scores for weight in times])
        return self.coefficients + np.linalg.solve(self.curvature, steps.T).T


def own_order(rows: Floats) -> Ints:
    """Return an order of rows that hangs on what is in them, to nine digits, and not on the order they came in."""
    import numpy as np

    size = np.abs(rows).max(axis=0, initial=0.0)
    near = np.round(rows / np.where(size > 0, size, 1.0), 9)
    return np.asarray(np.lexsort(near.T[::-1]))


def own_places(rows: Floats) -> Ints:
    """Return the place of each row in that order."""
    import numpy as np

    return np.argsort(own_order(rows))


def in_own_order(rows: Floats) -> Floats:
    """Return rows in their own order, so that a draw by place is the same whatever the accounts are called."""
    return rows[own_order(rows)]


def _with_one(rows: Floats) -> Floats:
    import numpy as np

    return np.column_stack([np.ones(len(rows)), rows])


def _chance(log_odds: Floats) -> Floats:
    import numpy as np

    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))
