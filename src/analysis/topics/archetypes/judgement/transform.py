"""Put intensities on one scale: shares as they are, skewed amounts drawn in; what is missing is filled in and told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from analysis.topics.archetypes.judgement.partition import Floats

#: The distance between the quartiles of a normal distribution, in standard deviations.
QUARTILES = 1.349


class Intensities(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Scale intensities for clustering.

    A share (0 to 1) keeps its value: shares are on one scale already, and a rare one must not be blown up. Any other
    column is an amount per something, skewed and at times negative: asinh of it over its median size draws the tail in
    (Burbidge, Magee & Robb 1988), then its median becomes 0 and its quartiles those of a standard normal. A missing
    value takes the column's median.

    Parameters
    ----------
    shares : sequence of int, default=()
        The places of the columns that are shares.

    Attributes
    ----------
    missing_ : ndarray of shape (n_features,)
        How many values of each column were missing when it was fitted.
    center_, scale_, unit_ : ndarray of shape (n_features,)
        (asinh(x / unit) - center) / scale; a share has 0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> Intensities(shares=[0]).fit_transform([[0.2, 1.0], [0.4, 10.0], [np.nan, 1000.0]]).round(2).tolist()
    [[0.2, -0.41], [0.4, 0.0], [0.3, 2.29]]
    """

    def __init__(self, shares: Sequence[int] = ()) -> None:
        self.shares = shares

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn each column's middle and spread.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            May have missing values; a column with none known becomes 0.
        y : ignored
        """
        x = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan")
        self.missing_ = np.isnan(x).sum(axis=0)
        is_share = np.isin(np.arange(x.shape[1]), list(self.shares))
        middle = np.nan_to_num(_quantile(np.abs(np.where(x == 0, np.nan, x)), 0.5))
        self.unit_ = np.where(is_share | (middle == 0), 1.0, middle)
        drawn_in = np.arcsinh(x / self.unit_)
        self.fill_ = np.nan_to_num(_quantile(x, 0.5))
        self.center_ = np.where(is_share, 0.0, np.nan_to_num(_quantile(drawn_in, 0.5)))
        self.scale_ = np.where(is_share, 1.0, _spread(drawn_in))
        self.is_share_ = is_share
        return self

    def transform(self, X: Any) -> Floats:
        """Return the columns on one scale, without gaps."""
        check_is_fitted(self)
        x = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        x = np.where(np.isnan(x), self.fill_, x)
        amounts = (np.arcsinh(x / self.unit_) - self.center_) / self.scale_
        return np.where(self.is_share_, x, amounts)

    def __sklearn_tags__(self) -> Any:
        """Say that missing values are taken."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _quantile(x: Floats, at: float) -> Floats:
    """Return a quantile of each column's known values; nan where none is known."""
    known = ~np.isnan(x).all(axis=0)
    found = np.full(x.shape[1], np.nan)
    if known.any():
        found[known] = np.nanquantile(x[:, known], at, axis=0)
    return found


def _spread(x: Floats) -> Floats:
    """Return each column's spread as a standard deviation: from its quartiles, else its own, else 1."""
    between = np.nan_to_num(_quantile(x, 0.75) - _quantile(x, 0.25)) / QUARTILES
    known = ~np.isnan(x)
    count = np.maximum(known.sum(axis=0), 1)
    values = np.where(known, x, 0.0)
    mean = values.sum(axis=0) / count
    deviation = np.sqrt((np.where(known, x - mean, 0.0) ** 2).sum(axis=0) / count)
    return np.where(between > 0, between, np.where(deviation > 0, deviation, 1.0))
