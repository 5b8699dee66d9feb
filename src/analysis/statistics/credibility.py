"""What is to be expected again of a year's amounts, of which chance made some: credibility.

Accounts differ by nature, and the cases of one account by chance; how far each does is estimated from the portfolio
itself. An account's own mean counts the more, the more cases it has and the farther accounts lie apart: Bühlmann &
Straub, "Glaubwürdigkeit für Schadensätze", Mitteilungen der Vereinigung schweizerischer Versicherungsmathematiker 70,
1970; Bühlmann & Gisler, A Course in Credibility Theory, 2005, chapter 4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def expected_again(mean: Floats, cases: Floats, within: float) -> Floats:
    """Return the mean to be expected of each account's next cases: its own, drawn to the portfolio's.

    Parameters
    ----------
    mean
        Of each account's cases; whatever is there where it has none.
    cases
        How many its mean rests on; of a weighted mean the square of the sum of weights over the sum of their squares.
    within
        The variance of one account's cases around its own mean; 0 or unknown (NaN): every mean stands as it is.

    Examples
    --------
    Five accounts of ten cases each; within an account cases differ with a variance of 10, so that chance gives a mean
    a variance of 1. The means' is 10, of which 9 is how accounts differ: nine tenths of each is its own.

    >>> expected_again(np.array([1.0, 3.0, 5.0, 7.0, 9.0]), np.full(5, 10.0), 10.0)
    array([1.4, 3.2, 5. , 6.8, 8.6])
    """
    known = cases > 0
    total = cases[known].sum()
    if not known.any() or not within > 0:
        return mean
    m, n = mean[known], cases[known]
    spread = total - (n**2).sum() / total
    apart = float(n @ (m - n @ m / total) ** 2) - (len(n) - 1) * within
    between = max(apart / spread, 0.0) if spread > 0 else 0.0
    own = between * n / (between * n + within)
    middle = float(own @ m / own.sum()) if between > 0 else float(n @ m / total)
    found = np.full(len(mean), middle)
    found[known] = own * m + (1.0 - own) * middle
    return found


def variance_within(count: Floats, total: Floats, squares: Floats) -> float:
    """Return the variance of cases around their own account's mean, over all accounts; NaN where none has two.

    Parameters
    ----------
    count, total, squares
        Of each account: how many cases, their sum, and the sum of their squares.

    Examples
    --------
    Cases of 1 and 3, and of 5, 5 and 8: squares around the means 2 and 6 of 2 and 6, over 1 + 2 that are free.

    >>> variance_within(np.array([2.0, 3.0]), np.array([4.0, 18.0]), np.array([10.0, 114.0]))
    2.6666666666666665
    """
    free = np.maximum(count - 1.0, 0.0)
    if not free.sum():
        return float("nan")
    around = squares - np.divide(total**2, count, out=np.zeros_like(total), where=count > 0)
    return float(np.maximum(around, 0.0)[free > 0].sum() / free.sum())
