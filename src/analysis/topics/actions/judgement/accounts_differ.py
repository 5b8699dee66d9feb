"""How far accounts differ from each other in what a step brings, beyond what chance alone moves their figures by.

A random-effects meta-analysis of the accounts that had the step, each with a standard error of its own: the restricted
likelihood of the spread between them, with a prior where a rule of thumb has it (Higgins, Thompson & Spiegelhalter,
"A Re-evaluation of Random-Effects Meta-Analysis", Journal of the Royal Statistical Society A 172(1), 2009). A short
record says next to nothing of it and leaves the rule as it is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: How far accounts differ, over what was promised, before any record, and the standard deviation of its logarithm: in
#: nine steps of ten between a seventh of what was promised and 1.7 times all of it.
RULE, UNSURE = 0.5, 0.75
_GRID = RULE * np.geomspace(1 / 20, 20, 161)


def accounts_differ(came: Floats, chance: Floats) -> float:
    """Return the standard deviation between accounts of what came of one that was promised.

    Parameters
    ----------
    came
        Of each account that tells, what came of one that was promised.
    chance
        The variance that chance alone gives it.

    Examples
    --------
    One account tells nothing of how far it is from others.

    >>> round(accounts_differ(np.array([0.1]), np.array([0.01])), 6)
    0.5
    """
    precision = 1.0 / (chance[None, :] + _GRID[:, None] ** 2)
    whole = precision.sum(axis=1)
    middle = (precision @ came) / np.where(whole > 0, whole, 1.0)
    off = (precision * (came[None, :] - middle[:, None]) ** 2).sum(axis=1)
    restricted = 0.5 * (np.log(precision).sum(axis=1) - off)
    restricted -= 0.5 * np.log(whole) if len(came) else 0.0
    logs = np.log(_GRID)
    posterior = restricted - 0.5 * ((logs - np.log(RULE)) / UNSURE) ** 2
    weight = np.exp(posterior - posterior.max())
    return float(np.exp(weight @ logs / weight.sum()))
