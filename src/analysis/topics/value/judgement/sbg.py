"""How long customers stay under contract: the shifted-beta-geometric model.

Each customer leaves with a chance of its own at the end of every period, and these chances are spread over customers
by a beta distribution; so those who have stayed long are those who are likely to stay. Fader & Hardie, "How to Project
Customer Retention", Journal of Interactive Marketing 21(1), 2007.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[float64]

#: Bounds of the logarithms of alpha and beta: beyond them the chances of leaving are all alike.
_BOUNDS = (-7.0, 14.0)


@dataclass(frozen=True)
class ShiftedBetaGeometric:
    """The model with its parameters: the chance of leaving is spread over customers as Beta(alpha, beta)."""

    alpha: float
    beta: float
    log_likelihood: float

    @classmethod
    def fit(cls, at_risk: ArrayLike, lost: ArrayLike) -> Self:
        """Return the model of the greatest likelihood.

        Parameters
        ----------
        at_risk
            Customers who were there at the start of their period 1, 2, ... A cohort `alive` of 1000, 869, 743 has
            1000, 869; who came into view in a later period, or is still there, is counted in the periods seen.
        lost
            Those of them who left in it: 131, 126.
        """
        import numpy as np
        from scipy.optimize import minimize

        there, gone = np.asarray(at_risk, dtype="float64"), np.asarray(lost, dtype="float64")
        age = np.arange(1, len(there) + 1)
        size = max(there.sum(), 1.0)

        def cost(logs: Floats) -> float:
            alpha, beta = np.exp(logs)
            leaves, stays = np.log(alpha), np.log(beta + age - 1.0)
            return -float((gone * leaves + (there - gone) * stays - there * np.log(alpha + beta + age - 1.0)).sum())

        found = minimize(
            lambda logs: cost(logs) / size,
            np.zeros(2),
            method="L-BFGS-B",
            bounds=[_BOUNDS, _BOUNDS],
            options={"ftol": 1e-14, "gtol": 1e-10},
        )
        alpha, beta = np.exp(found.x)
        return cls(float(alpha), float(beta), -cost(found.x))

    def hazard(self, age: ArrayLike) -> Floats:
        """Return the chance of leaving in a period, of those still there: alpha / (alpha + beta + age - 1), eq. 8.

        Parameters
        ----------
        age
            The period, counted from 1.
        """
        import numpy as np

        return np.asarray(self.alpha / (self.alpha + self.beta + np.asarray(age, dtype="float64") - 1.0))

    def survival(self, age: ArrayLike) -> Floats:
        """Return the share still there at the end of a period: B(alpha, beta + age) / B(alpha, beta), eq. 6."""
        import numpy as np
        from scipy.special import betaln

        periods = np.asarray(age, dtype="float64")
        return np.asarray(np.exp(betaln(self.alpha, self.beta + periods) - betaln(self.alpha, self.beta)))
