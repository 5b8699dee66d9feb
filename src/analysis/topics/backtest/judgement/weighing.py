"""How sure a score is: accounts are weighed anew as wholes, since one account's replayed days hang together.

The Bayesian bootstrap (Rubin, Annals of Statistics 9(1), 1981) of a ratio of sums; replayed windows overlap, so rows
are not independent, and an account with all its rows is what is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.policy import Backtest
from analysis.topics.value.judgement.logistic import in_own_order

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
BLOCK = 2_000_000


def drawn_ratio(customers: pd.Series[str], parts: Floats, wholes: Floats, policy: Backtest) -> tuple[float, float]:
    """Return the interval of sum(parts) / sum(wholes) over accounts; NaN with fewer than two of them.

    Parameters
    ----------
    customers
        The account of each row.
    parts, wholes
        Of each row.
    policy
        How often accounts are drawn, and how sure the interval is.
    """
    codes, names = customers.factorize(sort=True)
    if len(names) < 2:
        return float("nan"), float("nan")
    totals = [np.bincount(codes, weights=column, minlength=len(names)) for column in (parts, wholes)]
    sums = in_own_order(np.column_stack(totals).astype(np.float64))
    random = np.random.Generator(np.random.PCG64(policy.seed))
    step = max(1, BLOCK // len(names))
    ratios = []
    for start in range(0, policy.draws, step):
        weights = random.standard_exponential((min(step, policy.draws - start), len(names)))
        top, bottom = (weights @ sums).T
        ratios.append(top / np.where(bottom != 0, bottom, np.nan))
    edge = (1 - policy.sure) / 2
    low, high = np.nanquantile(np.concatenate(ratios), [edge, 1 - edge])
    return float(low), float(high)
