"""How departments see the accounts, against the record; no figure of fewer people than the policy asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.topics.perception.judgement.perception import Perceived, raters_by

if TYPE_CHECKING:
    import pandas as pd

_CHANCE = 0.95
_FIGURES = ["perception_gap", "perception_gap_low", "perception_gap_high"]


def departments(perceived: Perceived) -> pd.DataFrame:
    """Return how much harder than the record each department sees the accounts that it rated.

    Returns
    -------
    DataFrame
        department, accounts (rated by it whose trouble is known), raters (empty below the policy's number),
        perception_gap (mean over those accounts of its own ratings on the scale of trouble - trouble) with the 95%
        interval over its raters; empty where `shown_departments` withholds it. Sorted.
    """
    import pandas as pd

    rows = perceived.ratings.merge(perceived.accounts[["customer_id", "trouble"]], on="customer_id")
    rows = rows[rows.trouble.notna()]
    if rows.empty:
        return pd.DataFrame(columns=["department", "accounts", "raters", *_FIGURES])
    gap = perceived.step * rows.difficulty.astype("float64") - perceived.level - rows.trouble
    rows = rows.assign(gap=gap, person=_people(rows))
    raters, accounts = raters_by(rows, "department"), rows.groupby("department").customer_id.nunique()
    shown = shown_departments(raters, perceived.policy.shown_raters) & (accounts >= perceived.policy.shown_raters)
    found = _figures(rows).where(shown)
    found.insert(0, "raters", raters.where(shown))
    found.insert(0, "accounts", accounts)
    return found.reset_index()


def shown_departments(raters: pd.Series[int], fewest: int) -> pd.Series[bool]:
    """Return which departments' figures may be shown: none of too few raters, and none that would give those away.

    Where the raters of the departments withheld are too few together, what they think could be worked out from all
    ratings less those of the others; the smallest of the others is withheld too.

    Parameters
    ----------
    raters
        By department.
    fewest
        People who must stand behind a figure.
    """
    shown = raters >= fewest
    while shown.any() and 0 < int(raters[~shown].sum()) < fewest:
        shown[raters[shown].sort_index().idxmin()] = False
    return shown


def _people(rows: pd.DataFrame) -> pd.Series[str]:
    """Return who rated; a rating without a name is somebody of its own."""
    return rows.rater.fillna(rows.index.to_series().astype("str"))


def _figures(rows: pd.DataFrame) -> pd.DataFrame:
    """Return each department's mean gap over its accounts, with an interval that lets raters differ.

    The interval is that of a mean of clusters (Cameron & Miller 2015, A Practitioner's Guide to Cluster-Robust
    Inference, Journal of Human Resources 50(2), equation 11 with the correction of section II.C), a rater each.
    """
    import pandas as pd
    from scipy.stats import t

    each = rows.groupby(["department", "customer_id"]).gap.transform("size")
    accounts = rows.groupby("department").customer_id.transform("nunique")
    weight = 1 / (each * accounts)
    mean = (rows.gap * weight).groupby(rows.department).sum()
    off = weight * (rows.gap - rows.department.map(mean))
    sums = off.groupby([rows.department, rows.person]).sum()
    people = sums.groupby(level=0).size()
    variance = (sums**2).groupby(level=0).sum() * people / (people - 1).where(people > 1)
    reach = np.sqrt(variance) * t.ppf((1 + _CHANCE) / 2, (people - 1).clip(lower=1))
    return pd.DataFrame(dict(zip(_FIGURES, (mean, mean - reach, mean + reach), strict=True)))
