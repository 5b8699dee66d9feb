"""The model of like accounts as an estimator of scikit-learn, for an analyst's own frames."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from analysis.statistics.rates import Floats, Rates, expected, like_rates


class LikeAccounts(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """How much is much, for an account like this one: counts that grow with what accounts are alike in.

    What over-service is judged by where no level of a service is known: a log-linear model of counts, made robust, so
    that the few that get far more do not bend the line (`rates`). Columns may be on any scale.

    Parameters
    ----------
    step : float, default=1.0
        The units that chance comes in: 1 of a count; of minutes, the size of a piece of work.
    regular : bool, default=False
        Whether it may come in a steadier rhythm than chance would have it, as planned visits do.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,)
        What a unit more of each feature adds to the log of the rate.
    intercept_ : float
    step_, temper_ : float
        The step of chance, and the variance of the accounts' own factors around 1.

    Examples
    --------
    >>> import numpy as np
    >>> drawn = np.random.default_rng(0)
    >>> X = drawn.normal(size=(500, 1))
    >>> found = LikeAccounts().fit(X, drawn.poisson(np.exp(1 + 0.5 * X[:, 0])))
    >>> found.coef_.round(1)
    array([0.5])
    """

    def __init__(self, step: float = 1.0, regular: bool = False) -> None:
        self.step = step
        self.regular = regular

    def fit(self, X: Any, y: Any, time: Any = None) -> Self:
        """Learn how the count grows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            What accounts are alike in.
        y : array-like of shape (n_samples,)
            What each got, 0 or more.
        time : array-like of shape (n_samples,), default=None
            How long each was there; None: all of them as long.
        """
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        if (y < 0).any():
            raise ValueError(f"y holds {y.min()}, below 0: a count of what an account got is 0 or more.")
        self._middle, width = X.mean(axis=0), X.std(axis=0)
        self._width = np.where(width > 0, width, 1.0)
        everyone = np.ones(len(y), dtype=np.bool_)
        rates = like_rates(self._scaled(X), y, _times(time, len(y)), everyone, float(self.step), regular=self.regular)
        self._line, self.step_, self.temper_ = rates.line, rates.step, rates.temper
        self.coef_ = rates.line[1:] / self._width
        self.intercept_ = float(rates.line[0] - self.coef_ @ self._middle)
        return self

    def predict(self, X: Any, time: Any = None) -> Floats:
        """Return what accounts like these get, in the time given."""
        return self._rates(X, time).middle

    def chance(self, X: Any, y: Any, time: Any = None) -> Floats:
        """Return the chance that an account like each gets as much as y or more."""
        return self._rates(X, time).chance(np.asarray(y, dtype=np.float64))

    def quantile(self, X: Any, share: float = 0.9, time: Any = None) -> Floats:
        """Return what the share given of accounts like each stays below."""
        return self._rates(X, time).quantile(share)

    def _rates(self, X: Any, time: Any) -> Rates:
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        middle = expected(self._line, self._scaled(X), _times(time, len(X)))
        return Rates(middle, self.step_, self.temper_, self._line)

    def _scaled(self, X: Floats) -> Floats:
        return np.asarray((X - self._middle) / self._width)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = True
        return tags


def _times(time: Any, rows: int) -> Floats:
    return np.ones(rows) if time is None else np.asarray(time, dtype=np.float64)
