"""How difficult an account is: all its trouble, the share that our own failures explain, and what is its own.

trouble = 100 x (1 - exp(-steepness x index)); the index sums each behaviour's rate over the rate that makes one point.
difficulty = trouble x (1 - difficulty_ours), where difficulty_ours is our part of the index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.judgement.behaviours import Measured
from analysis.policy.difficulty import Difficulty

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

#: From this share of ours on, no account is called difficult.
OURS_FROM = 0.5
#: The points of the posterior that the range of a difficulty lies between.
RANGE = (0.05, 0.95)
_HALVINGS = 40
_FARTHEST = 1e3


def judge_difficulty(sums: pd.DataFrame, found: Measured, choices: Difficulty) -> pd.DataFrame:
    """Return the judgement: one row per account.

    Parameters
    ----------
    sums
        customer_id, cases and invoices of every account of the window; empty where the dataset has none.
    found
        The behaviours that are measured.

    Returns
    -------
    DataFrame
        customer_id, trouble, difficulty_ours, difficulty, difficulty_low, difficulty_high (5% and 95% points of the
        posterior), p_difficult (the chance that the difficulty passes the threshold), difficult and
        difficulty_not_scored.
    """
    theirs, ours, variance = _index(len(sums), found, choices)
    share = np.divide(ours, theirs + ours, out=np.zeros_like(ours), where=theirs + ours > 0)
    trouble = scale(theirs + ours, choices.steepness)
    low, high, chance = _evidence(theirs, ours, variance, choices)
    numbers = {
        "trouble": trouble,
        "difficulty_ours": share,
        "difficulty": trouble * (1.0 - share),
        "difficulty_low": low,
        "difficulty_high": high,
        "p_difficult": chance,
    }
    why = not_scored(sums, found, choices)
    judged = sums[["customer_id"]].assign(**numbers)
    judged[list(numbers)] = judged[list(numbers)].where(why.isna())
    passes = (judged.p_difficult >= choices.sure) & (judged.difficulty >= choices.threshold) & (share < OURS_FROM)
    return judged.assign(difficult=passes.astype("boolean").where(why.isna()), difficulty_not_scored=why)


def scale(index: Floats, steepness: float) -> Floats:
    """Return the index of trouble on the scale of 0 to 100."""
    return np.asarray(100.0 * (1.0 - np.exp(-steepness * index)))


def _index(size: int, found: Measured, choices: Difficulty) -> tuple[Floats, Floats, Floats]:
    """Return the customer's part of the index, ours, and the posterior variance of the customer's part."""
    ours = np.zeros(size)
    if found.shrunk is None:
        return ours, ours, ours
    points = found.points(choices)
    for rate, point in zip(found.rates, points, strict=True):
        ours = ours + rate.ours * point
    theirs, variance = found.shrunk.weighed(points)
    return theirs, ours, variance


def made_by_us(accounts: pd.DataFrame, choices: Difficulty) -> pd.Series[bool]:
    """Return whether an account would be no trouble to speak of without our failures, which explain half or more."""
    much = (accounts.trouble >= choices.threshold) & (accounts.difficulty < choices.threshold)
    return (much & (accounts.difficulty_ours >= OURS_FROM)).fillna(False).astype(bool)


def not_scored(sums: pd.DataFrame, found: Measured, choices: Difficulty) -> pd.Series[str]:
    """Return why an account is not scored; empty where it is."""
    import pandas as pd

    cases, invoices = (sums[name].astype("float64").fillna(0.0) for name in ("cases", "invoices"))
    enough = (cases >= choices.cases) | (invoices >= choices.invoices)
    why = pd.Series(
        f"fewer than {choices.cases} cases and than {choices.invoices} invoices that were due",
        index=sums.index,
        dtype="str",
    )
    why = why.mask((cases == 0) & (invoices == 0), "no cases and no invoices in the window")
    return why.mask(enough) if found.rates else why.mask(enough, "the records show none of the behaviours")


def _evidence(theirs: Floats, ours: Floats, variance: Floats, choices: Difficulty) -> tuple[Floats, Floats, Floats]:
    """Return the range of the difficulty, and the chance that it passes the threshold.

    The customer's part of the index is taken as gamma with its posterior mean and variance.
    """
    from scipy.stats import gamma

    shape = theirs**2 / np.maximum(variance, 1e-12)
    each = np.divide(variance, theirs, out=np.full_like(theirs, 1e-12), where=theirs > 0)
    shape, each = np.maximum(shape, 1e-9), np.maximum(each, 1e-12)
    low, high = (_difficulty(gamma.ppf(q, shape, scale=each), ours, choices.steepness) for q in RANGE)
    needed = _index_needed(ours, choices)
    return low, high, np.asarray(gamma.sf(needed, shape, scale=each))


def _difficulty(theirs: Floats, ours: Floats, steepness: float) -> Floats:
    index = theirs + ours
    share = np.divide(theirs, index, out=np.zeros_like(index), where=index > 0)
    return scale(index, steepness) * share


def _index_needed(ours: Floats, choices: Difficulty) -> Floats:
    """Return the customer's part of the index at which its difficulty meets the threshold, by bisection."""
    low, high = np.zeros_like(ours), np.full_like(ours, _FARTHEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        enough = _difficulty(middle, ours, choices.steepness) >= choices.threshold
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high
