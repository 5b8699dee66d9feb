"""Put staff's ratings on the scale of the record: a line through the accounts, most of which are rated fairly.

Both sides carry error, so a plain regression would tilt: the slope is that of York, Evensen, Martinez & De Basabe
Delgado (2004), Unified equations for the slope, intercept, and standard errors of the best straight line, American
Journal of Physics 72(3), equation 13, with uncorrelated errors. Accounts far off the line have a reputation rather
than an error; Tukey's biweight (Beaton & Tukey 1974, Technometrics 16(2)) leaves them out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Tukey's constant: 95% of the efficiency of least squares where errors are normal.
TUKEY = 4.685
_MAD = 1.4826
_ROUNDS = 200
_STILL = 1e-7
#: The scale's own line, where there are too few accounts for another: 1 is no trouble, 5 is all of it.
PLAIN_SLOPE, PLAIN_ZERO = 25.0, 1.0
FEWEST = 20


@dataclass(frozen=True)
class Line:
    """From ratings to the scale of the record, and how far the record alone lies off it.

    Attributes
    ----------
    intercept, slope
        record = intercept + slope x rating.
    variance
        What the record adds to the noise of a gap, in points squared.
    """

    intercept: float
    slope: float
    variance: float

    def at(self, rating: Floats) -> Floats:
        """Return ratings on the scale of the record."""
        return np.asarray(self.intercept + self.slope * rating, dtype=np.float64)


def calibrated(rating: Floats, variance: Floats, record: Floats) -> Line:
    """Return the line from ratings to the record.

    Parameters
    ----------
    rating, variance
        Each account's mean rating, and the variance of that mean.
    record
        What it is set against, on a scale of its own.
    """
    plain = Line(-PLAIN_SLOPE * PLAIN_ZERO, PLAIN_SLOPE, 0.0)
    if len(rating) < FEWEST or np.ptp(rating) == 0 or np.ptp(record) == 0:
        return _with_spread(plain, rating, variance, record)
    line = _with_spread(_first(rating, record), rating, variance, record)
    for _ in range(_ROUNDS):
        found = _with_spread(_york(line, rating, variance, record), rating, variance, record)
        still = abs(found.slope - line.slope) < _STILL and abs(found.intercept - line.intercept) < _STILL
        line = found
        if still:
            break
    return line if line.slope > 0 else _with_spread(plain, rating, variance, record)


def _first(rating: Floats, record: Floats) -> Line:
    low, high = (np.quantile(rating, q) for q in (0.1, 0.9))
    bottom, top = (np.quantile(record, q) for q in (0.1, 0.9))
    slope = float((top - bottom) / (high - low)) if high > low and top > bottom else PLAIN_SLOPE
    return Line(float(np.median(record - slope * rating)), slope, 0.0)


def _with_spread(line: Line, rating: Floats, variance: Floats, record: Floats) -> Line:
    """Return the line with what the record adds to the spread about it, the far-off accounts left aside."""
    off = record - line.at(rating)
    spread = _MAD * float(np.median(np.abs(off - np.median(off))))
    rest = spread**2 - line.slope**2 * float(np.median(variance))
    return Line(line.intercept, line.slope, max(rest, 1.0))


def _york(line: Line, rating: Floats, variance: Floats, record: Floats) -> Line:
    weight = 1 / (line.variance + line.slope**2 * variance)
    off = (record - line.at(rating)) * np.sqrt(weight)
    off = off / max(_MAD * float(np.median(np.abs(off))), 1e-9)
    trust = weight * np.where(np.abs(off) < TUKEY, (1 - (off / TUKEY) ** 2) ** 2, 0.0)
    x, y = (float((trust * side).sum() / trust.sum()) for side in (rating, record))
    u, v = rating - x, record - y
    lever = weight * (u * line.variance + line.slope * v * variance)
    slope = float((trust * lever * v).sum() / (trust * lever * u).sum())
    return Line(y - slope * x, slope, line.variance)
