"""Which accounts lie above what is usual in many things together, where none of them need stand out.

How high an account lies in each thing (a surprise, standard normal in the ordinary) is summed, as Stouffer sums tests
(Stouffer et al., "The American Soldier", 1949, volume 1). Of few pieces of work chance makes no normal surprises: a
sum's mean, variance and skewness by chance are known, and its tail is Pearson's of type III. What ordinary accounts'
sums are like is then read off the lower half of the accounts (an empirical null; Efron, "Large-Scale Simultaneous
Hypothesis Testing", JASA 99, 2004): those that lie high, be they a quarter of all, hardly move it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.shrinkage import Floats

Bools = NDArray[np.bool_]
#: The quantiles of the accounts that tell what is ordinary.
LOWER = np.linspace(0.1, 0.5, 17)
#: The part of the allowed share at which one account must stand apart before any does.
SURELY = 0.25
#: Things of an account below which there is nothing to sum.
FEWEST = 2
#: Surprises are told apart up to eight spreads.
RAREST = 1e-15


@dataclass(frozen=True)
class Together:
    """Who lies high in all together: `flag`; and the chance that an ordinary account does, 1 where none is summed."""

    flag: Bools
    chance: Floats


def high_together(surprises: Floats, cumulants: Floats, things: Floats, share: float) -> Together:
    """Return which accounts lie above what is usual in all that is known of them together.

    Parameters
    ----------
    surprises
        Each account's surprises, summed.
    cumulants
        3 x accounts: what chance makes of that sum (mean, variance, third cumulant).
    things
        How many each account's sum is of.
    share
        Of ordinary accounts allowed among those that are found.
    """
    from scipy.special import ndtr, ndtri
    from scipy.stats import pearson3

    summed = (things >= FEWEST) & (cumulants[1] > 0)
    chance, flag = np.ones(len(surprises)), np.zeros(len(surprises), dtype=np.bool_)
    if not summed.any():
        return Together(flag, chance)
    mean, variance, third = cumulants[:, summed]
    skew = np.maximum(third / variance**1.5, 0.0)
    tail = pearson3.sf((surprises[summed] - mean) / np.sqrt(variance), skew)
    height = surprise(tail)
    own, theory = np.quantile(height, LOWER), ndtri(LOWER)
    width = max(float(np.polyfit(theory, own, 1)[0]), 1.0)  # of what chance alone makes: no narrower
    chance[summed] = ndtr(-(height - float((own - width * theory).mean())) / width)
    flag[summed] = not_by_chance(chance[summed], share)
    surely = np.sort(chance[summed]) * summed.sum() / np.arange(1, summed.sum() + 1)
    return Together(flag & bool(surely.min() <= share * SURELY), chance)


def surprise(tail: Floats) -> Floats:
    """Return how high something is whose like comes this often or seldomer, as a place of the normal distribution."""
    return highest(np.clip(tail, RAREST, 1.0 - RAREST))


def highest(shares: Floats) -> Floats:
    """Return the surprise of what so large a share of accounts shows; boundless of none.

    Examples
    --------
    >>> import numpy as np
    >>> highest(np.array([0.16, 0.1, 0.0])).round(2)
    array([0.99, 1.28,  inf])
    """
    from scipy.special import ndtri

    return np.asarray(-ndtri(shares))


def not_by_chance(chances: Floats, share: float) -> Bools:
    """Return which of these are taken for more than chance, so that no more than the share of them is expected to be.

    Benjamini & Hochberg, "Controlling the False Discovery Rate", JRSS B 57, 1995.

    Examples
    --------
    Of four, two are found at a share of a tenth: 0.04 is within 2/4 of it.

    >>> import numpy as np
    >>> not_by_chance(np.array([0.04, 0.9, 0.01, 0.5]), 0.1)
    array([ True, False,  True, False])
    """
    ordered = np.sort(chances)
    held = ordered <= share * np.arange(1, len(ordered) + 1) / max(1, len(ordered))
    last = ordered[held].max() if held.any() else -1.0
    return np.asarray(chances <= last)
