"""How long customers without a contract go on buying: the BG/NBD model.

While it is alive a customer buys at random at a rate of its own (gamma over customers), and after each purchase it may
leave for good with a chance of its own (beta over customers). Fader, Hardie & Lee, "Counting Your Customers the Easy
Way", Marketing Science 24(2), 2005; equations by their number there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[float64]

_BOUND = 9.0
_NEAR = 0.05


@dataclass(frozen=True)
class BetaGeometricNBD:
    """The model with its parameters: rates are Gamma(r, alpha), chances of leaving Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    #: Whether the data cannot tell who leaves: by the model less than one purchase in it was anybody's last, or nobody
    #: comes again.
    at_its_bound: bool = False

    @classmethod
    def fit(cls, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Self:
        """Return the model of the greatest likelihood.

        Parameters
        ----------
        frequency
            Repeat purchases of each customer: those after its first.
        recency
            From its first purchase to its last; 0 without a repeat.
        age
            From its first purchase to the day of looking. One unit of time for all, and for what the model tells.
        """
        import numpy as np
        from scipy.optimize import minimize

        x, t_x, age = (np.asarray(part, dtype="float64") for part in (frequency, recency, age))
        # Customers with the same history count once, with their number: the same likelihood in less time.
        rows, times = np.unique(np.column_stack([x, t_x, age]), axis=0, return_counts=True)
        scale = max(float(age.mean()), 1e-9)

        def cost(logs: Floats) -> float:
            r, alpha, a, b = np.exp(logs)
            parts = _log_likelihood(r, alpha, a, b, rows[:, 0], rows[:, 1] / scale, rows[:, 2] / scale)
            return -float((parts * times).sum()) / len(x)

        found = minimize(
            cost,
            np.zeros(4),
            method="L-BFGS-B",
            bounds=[(-_BOUND, _BOUND)] * 4,
            options={"ftol": 1e-13, "gtol": 1e-8, "maxiter": 2000},
        )
        r, alpha, a, b = np.exp(found.x) * np.array([1.0, scale, 1.0, 1.0])
        total = float((_log_likelihood(r, alpha, a, b, *rows.T) * times).sum())
        edge = bool(a / (a + b) * x.sum() < 1.0 or found.x[0] < _NEAR - _BOUND)
        return cls(float(r), float(alpha), float(a), float(b), total, edge)

    def expected_purchases(self, time: ArrayLike) -> Floats:
        """Return the purchases that are expected of a new customer in so much time, eq. 9."""
        import numpy as np
        from scipy.special import hyp2f1

        t = np.asarray(time, dtype="float64")
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        lost = (alpha / (alpha + t)) ** r * hyp2f1(r, b, a + b - 1.0, t / (alpha + t))
        return np.asarray((a + b - 1.0) / (a - 1.0) * (1.0 - lost))

    def conditional_expected_purchases(
        self, time: ArrayLike, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> Floats:
        """Return the purchases that are expected of a customer with a history in the time ahead, eq. 10."""
        import numpy as np
        from scipy.special import hyp2f1

        t, x, seen = (np.asarray(part, dtype="float64") for part in (time, frequency, age))
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        series = hyp2f1(r + x, b + x, a + b + x - 1.0, t / (alpha + seen + t))
        lost = ((alpha + seen) / (alpha + seen + t)) ** (r + x) * series
        return np.asarray((a + b + x - 1.0) / (a - 1.0) * (1.0 - lost) * self.p_alive(x, recency, seen))

    def p_alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Floats:
        """Return the chance that a customer with a history is still one (the denominator of eq. 10, inverted)."""
        import numpy as np

        x, t_x, seen = (np.asarray(part, dtype="float64") for part in (frequency, recency, age))
        repeats = np.maximum(x, 1.0)
        odds = self.a / (self.b + repeats - 1.0) * ((self.alpha + seen) / (self.alpha + t_x)) ** (self.r + x)
        return np.asarray(np.where(x > 0, 1.0 / (1.0 + odds), 1.0))


def _log_likelihood(r: float, alpha: float, a: float, b: float, x: Floats, t_x: Floats, age: Floats) -> Floats:
    """Return each customer's log-likelihood, eq. 6."""
    import numpy as np
    from scipy.special import betaln, gammaln

    buys = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    stays = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
    repeats = np.maximum(x, 1.0)
    left = betaln(a + 1.0, b + repeats - 1.0) - betaln(a, b) - (r + x) * np.log(alpha + t_x)
    return np.asarray(buys + np.where(x > 0, np.logaddexp(stays, left), stays))
