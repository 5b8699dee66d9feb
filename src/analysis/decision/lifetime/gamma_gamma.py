"""What a customer spends per purchase: the Gamma-Gamma model, shrinking a short history to what all spend.

Fader & Hardie, "The Gamma-Gamma Model of Monetary Value", 2013. It takes amounts above 0 only: a margin, which may be
a loss, is nothing for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[float64]


@dataclass(frozen=True)
class GammaGamma:
    """The model with its parameters: a purchase is Gamma(p, rate), and the rate over customers Gamma(q, gamma)."""

    p: float
    q: float
    gamma: float
    log_likelihood: float

    @classmethod
    def fit(cls, frequency: ArrayLike, mean_spend: ArrayLike) -> Self:
        """Return the model of the greatest likelihood.

        Parameters
        ----------
        frequency
            Purchases behind each customer's mean, above 0.
        mean_spend
            Its mean amount, above 0.

        Raises
        ------
        ValueError
            A number is not above 0.
        """
        import numpy as np
        from scipy.optimize import minimize

        x, spend = np.asarray(frequency, dtype="float64"), np.asarray(mean_spend, dtype="float64")
        if not ((x > 0).all() and (spend > 0).all()):
            raise ValueError("Gamma-Gamma takes purchases and amounts above 0 only.")
        scale = float(spend.mean())

        def cost(logs: Floats) -> float:
            p, q, gamma = np.exp(logs)
            return -float(_log_likelihood(p, q, gamma, x, spend / scale).mean())

        found = minimize(cost, np.zeros(3), method="L-BFGS-B", options={"ftol": 1e-13, "gtol": 1e-8})
        p, q, gamma = np.exp(found.x) * np.array([1.0, 1.0, scale])
        return cls(float(p), float(q), float(gamma), float(_log_likelihood(p, q, gamma, x, spend).sum()))

    def expected_spend(self, frequency: ArrayLike, mean_spend: ArrayLike) -> Floats:
        """Return what a customer is expected to spend per purchase: its own mean, shrunk to everybody's (eq. 5)."""
        import numpy as np

        x, spend = np.asarray(frequency, dtype="float64"), np.asarray(mean_spend, dtype="float64")
        return np.asarray((self.gamma + x * spend) * self.p / (self.p * x + self.q - 1.0))


def _log_likelihood(p: float, q: float, gamma: float, x: Floats, spend: Floats) -> Floats:
    """Return each customer's log-likelihood, eq. 1a."""
    import numpy as np
    from scipy.special import gammaln

    shape = p * x
    own = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(gamma)
    return np.asarray(own + (shape - 1.0) * np.log(spend) + shape * np.log(x) - (shape + q) * np.log(gamma + x * spend))
