"""Liked but losing money, disliked but earning it: what staff feel, beside what an account brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.policy import Perception
from analysis.statistics.crossed_effects import crossed_effects
from analysis.topics.perception.judgement.perception import raters_by

if TYPE_CHECKING:
    import pandas as pd

LIKED, DISLIKED = "liked", "disliked"
PATTERNS = {LIKED: "liked_but_losing", DISLIKED: "disliked_but_earning"}
_SENSITIVE = "sensitive"


def views(ratings: pd.DataFrame, accounts: pd.DataFrame, policy: Perception) -> pd.DataFrame:
    """Return the accounts that staff surely like better or less than most, although the money says otherwise.

    Parameters
    ----------
    ratings
        customer_id, department, rater, regard.
    accounts
        customer_id, net_margin, certainty.

    Returns
    -------
    DataFrame
        customer_id, view, pattern, net_margin, held_by: the departments whose people hold the view, where they may be
        named. Only accounts that enough people rated; the dearest first.
    """
    felt = _felt(ratings, policy)
    rows = felt.merge(accounts[["customer_id", "net_margin", "certainty"]], on="customer_id")
    sure = rows.certainty.fillna("") != _SENSITIVE
    losing, earning = (rows.net_margin < 0) & sure, (rows.net_margin > 0) & sure
    rows = rows[((rows["view"] == LIKED) & losing) | ((rows["view"] == DISLIKED) & earning)]
    rows = rows.assign(pattern=rows["view"].map(PATTERNS), _size=-rows.net_margin.abs())
    rows = rows.sort_values(["_size", "customer_id"], ignore_index=True)
    return rows[["customer_id", "view", "pattern", "net_margin", "held_by"]]


def _felt(ratings: pd.DataFrame, policy: Perception) -> pd.DataFrame:
    """Return customer_id, view (`liked`, `disliked`) and held_by of the accounts that people surely feel so about."""
    from scipy.stats import norm

    effects = crossed_effects(ratings, "regard")
    rows = effects.accounts
    middle = float(rows["view"].median())
    reach = np.maximum(policy.regard, float(norm.ppf(policy.sure)) * np.sqrt(rows.variance))
    off = rows["view"] - middle
    feeling = np.select([off > reach, off < -reach], [LIKED, DISLIKED], "")
    raters = raters_by(ratings, "customer_id").reindex(rows.customer_id).to_numpy()
    felt = rows[["customer_id"]].assign(view=feeling)[(feeling != "") & (raters >= policy.shown_raters)]
    sides = ratings.assign(off=effects.corrected - middle)
    return felt.merge(held_by(sides, felt, policy.shown_raters), on="customer_id", how="left")


def held_by(ratings: pd.DataFrame, felt: pd.DataFrame, fewest: int) -> pd.DataFrame:
    """Return the departments that hold each account's view, as far as they may be named.

    A department is named only where it has enough raters in all, so that nobody learns which of its people is meant,
    and where the people of all departments named who rated the account are enough together.

    Parameters
    ----------
    ratings
        customer_id, department, rater, off (the rating less the middle one; above 0 is liked).
    felt
        customer_id, view.
    fewest
        People who must stand behind what is shown.

    Returns
    -------
    DataFrame
        customer_id, held_by; no row where none may be named.
    """
    large = raters_by(ratings, "department")
    rows = ratings[ratings.department.isin(large.index[large >= fewest])].merge(felt, on="customer_id")
    side = rows.groupby(["customer_id", "department"]).off.transform("mean")
    rows = rows[np.where(rows["view"] == LIKED, side > 0, side < 0)]
    # `rater` of the whole table decides whether names are known, so that an account without any is not taken for many.
    named = ratings.rater.notna().any()
    people = rows.groupby("customer_id").rater.nunique() if named else rows.groupby("customer_id").size()
    rows = rows[rows.customer_id.isin(people.index[people >= fewest])]
    pairs = rows[["customer_id", "department"]].drop_duplicates().sort_values(["customer_id", "department"])
    return pairs.groupby("customer_id").department.agg(", ".join).rename("held_by").reset_index()
