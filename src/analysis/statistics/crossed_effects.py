"""Correct ratings for how hard raters and departments judge everybody: crossed effects of accounts and of staff.

rating = mean + account + department + rater (within the department) + noise, each effect drawn from its own normal
distribution. The variances come from the method of moments of Gao & Owen (2017), Efficient moment calculations for
variance components in large unbalanced crossed random effects models, Electronic Journal of Statistics 11, section 3
(here with one equation for each factor and one for the total); the effects from backfitting between accounts and staff,
as in Ghosh, Hastie & Owen (2022), Backfitting for large scale crossed random effects regressions, Annals of Statistics
50(1), algorithm 1, where the nested staff are one block. Both take time in proportion to the ratings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

#: Rounding to whole points alone gives a rating this variance.
ROUNDING = 1 / 12
_ROUNDS = 500
_STILL = 1e-7


@dataclass(frozen=True)
class Effects:
    """What ratings say of accounts once the hardness of staff is taken off.

    Attributes
    ----------
    accounts
        customer_id, view (the rating that a mean rater would give it: its ratings, corrected and shrunk to the mean
        account as far as they are few or noisy), variance (of that view, in points squared); sorted, one row each.
    corrected
        Each rating with the effects of its department and its rater taken off, in the order of the ratings given.
    variances
        Of accounts, departments, raters and noise.
    """

    accounts: pd.DataFrame
    corrected: Floats
    variances: tuple[float, float, float, float]


def crossed_effects(ratings: pd.DataFrame, value: str) -> Effects:
    """Return the ratings corrected for who rated.

    Parameters
    ----------
    ratings
        customer_id, department, rater (empty: not named, nobody else's) and the value, never empty; at least one row.
    value
        The column that holds the ratings.
    """
    import pandas as pd

    y = ratings[value].to_numpy(dtype=np.float64)
    account, names = pd.factorize(ratings.customer_id, sort=True)
    department, _ = pd.factorize(ratings.department, sort=True)
    person = _people(ratings, department)
    accounts, departments, raters, noise = components(y, [account, department, person])
    variances = (accounts, departments, raters, max(noise, ROUNDING))
    mean, staff = _backfit(y, account, department, person, variances)
    corrected = y - staff
    spread = _variance(account, person, variances)
    trust = accounts / (accounts + spread)
    view = mean + trust * (np.bincount(account, corrected) / np.bincount(account) - mean)
    frame = pd.DataFrame({"customer_id": names, "view": view, "variance": trust * spread})
    return Effects(frame, corrected, variances)


def _people(ratings: pd.DataFrame, department: Codes) -> Codes:
    """Return a code for each rater within a department; a rating without a name is a rater of its own."""
    import pandas as pd

    rater, names = pd.factorize(ratings.rater, sort=True)
    unnamed = rater < 0
    rater = np.where(unnamed, len(names) + np.cumsum(unnamed) - 1, rater)
    person, _ = pd.factorize(department * (int(rater.max()) + 1) + rater, sort=True)
    return np.asarray(person, dtype=np.int64)


def components(y: Floats, factors: Sequence[Codes]) -> list[float]:
    """Return the variance of each factor's effect, then that of the noise; none below 0.

    For each factor, and for all ratings together, the sum of squares within its levels is set equal to what the model
    expects of it: each effect adds its variance times (ratings - the sum over levels of squared counts / count).

    Parameters
    ----------
    y
        The ratings.
    factors
        For each factor the level of each rating, 0 and up without gaps.
    """
    groups = [*factors, np.zeros(len(y), dtype=np.int64)]
    expected = np.array([[_share_within(group, factor) for factor in factors] + [_free(group)] for group in groups])
    found = np.array([_within(y, group) for group in groups])
    solved, *_ = np.linalg.lstsq(expected, found, rcond=None)
    return [max(0.0, float(value)) for value in solved]


def _within(y: Floats, group: Codes) -> float:
    """Return the sum of squares of y about the means of its groups."""
    count = np.bincount(group)
    return float(np.square(y - (np.bincount(group, y) / count)[group]).sum())


def _share_within(group: Codes, factor: Codes) -> float:
    """Return how often a factor's variance counts in the sum of squares within groups."""
    width = int(factor.max()) + 1
    pairs, counts = np.unique(group * width + factor, return_counts=True)
    return float(len(group) - (counts**2 / np.bincount(group)[pairs // width]).sum())


def _free(group: Codes) -> float:
    return float(len(group) - len(np.unique(group)))


def _backfit(
    y: Floats, account: Codes, department: Codes, person: Codes, variances: tuple[float, float, float, float]
) -> tuple[float, Floats]:
    """Return the mean and, for each rating, the effect of its department and rater together."""
    accounts, departments, raters, noise = variances
    count = np.bincount(account)
    shrink = accounts / (accounts + noise / count)
    home = np.zeros(int(person.max()) + 1, dtype=np.int64)
    home[person] = department
    mean, effect, staff = float(y.mean()), np.zeros(len(count)), np.zeros(len(home))
    for _ in range(_ROUNDS):
        before = staff
        staff = _staff(y - mean - effect[account], person, home, (departments, raters, noise))
        effect = shrink * np.bincount(account, y - mean - staff[person]) / count
        mean = float((y - effect[account] - staff[person]).mean())
        if np.abs(staff - before).max() < _STILL:
            break
    return mean, staff[person]


def _staff(rest: Floats, person: Codes, home: Codes, variances: tuple[float, float, float]) -> Floats:
    """Return each rater's effect with the department's, both shrunk, given what is left of the ratings."""
    departments, raters, noise = variances
    count = np.bincount(person)
    own = np.bincount(person, rest) / count
    weight = 1 / (raters + noise / count)
    held = np.bincount(home, weight)
    place = departments * np.bincount(home, weight * own) / (departments * held + 1)
    return np.asarray(place[home] + raters * weight * (own - place[home]), dtype=np.float64)


def _variance(account: Codes, person: Codes, variances: tuple[float, float, float, float]) -> Floats:
    """Return the variance of each account's mean: noise, and what is not known of its raters' hardness."""
    _, _, raters, noise = variances
    count = np.bincount(account)
    unknown = raters * noise / (noise + np.bincount(person) * raters)
    width = int(person.max()) + 1
    pairs, times = np.unique(account * width + person, return_counts=True)
    of_raters = np.bincount(pairs // width, times**2 * unknown[pairs % width])
    return np.asarray(noise / count + of_raters / count**2, dtype=np.float64)
