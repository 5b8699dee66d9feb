"""Whether the records speak for anybody far above the others at all.

Who stands apart is found in turns, and turns have more than one end: those who ask most of alike accounts, once they
are left out of what is normal, stand apart from the rest. So it is asked first, of each behaviour by itself, how much
likelier the records are where a share of the accounts lies far above, and the answers are summed. By chance alone such
a sum is a mixture of chi-squared ones (Self & Liang, Journal of the American Statistical Association 82, 1987).
Accounts that ask a little more in all that they do raise no behaviour's answer, since each has a spread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.shrinkage import Evidence, far_above


def anybody_far_above(
    evidence: Sequence[Evidence], ordinary: NDArray[np.bool_], far_share: float, error: float
) -> bool:
    """Return whether alike accounts would rarely have records that speak so much for some of them far above.

    Parameters
    ----------
    evidence, ordinary
        By behaviour; the accounts that are asked about.
    far_share
        The most of them that may lie far above.
    error
        How often alike accounts may be taken for such. As soon as that is sure, no further behaviour is asked.
    """
    found = 0.0
    for each in evidence:
        found += far_above(each, ordinary, far_share)
        if by_chance(found, len(evidence)) <= error:
            return True
    return False


def by_chance(found: float, behaviours: int) -> float:
    """Return how often chance alone makes so much of so many behaviours, each of which says nothing half the time.

    Examples
    --------
    Of one behaviour half the chance that chi-squared with one degree of freedom is 2.706, one in ten.

    >>> round(by_chance(2.7055, 1), 4)
    0.05
    """
    from scipy.stats import binom, chi2

    if found <= 0:
        return 1.0
    saying = np.arange(1, behaviours + 1)
    return float(binom.pmf(saying, behaviours, 0.5) @ chi2.sf(found, saying))
