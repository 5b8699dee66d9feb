"""What accounts are clustered on: intensities, as shares of the account's own over-service or trouble.

Shares rather than amounts: a large account and a small one that are over-served in the same way are of one kind. What
is not measured has no column; an account that could only be compared with like accounts has a column that says so,
for what goes beyond an agreement or a wish is not known of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from analysis.topics.archetypes.judgement.partition import Floats
from analysis.topics.difficulty.policy import NAMES

if TYPE_CHECKING:
    import pandas as pd

BEYOND_AGREED, BEYOND_WANTED, ABOVE_LIKE = "beyond_agreed", "beyond_wanted", "above_like_accounts"
DIRECTIONS = (BEYOND_AGREED, BEYOND_WANTED, ABOVE_LIKE)
#: How much the way counts beside the service itself: two accounts that get different services too much differ in kind
#: however they come by it, while one service beyond agreement or beyond wish is a kind within a kind. That it is known
#: by like accounts alone describes a kind, and makes none.
WAY = 0.5


@dataclass(frozen=True)
class Features:
    """What is clustered, and what only describes; a row per account in the order of its key.

    Attributes
    ----------
    frame
        customer_id and the features, every one a share from 0 to 1.
    amounts
        Skewed amounts that describe the accounts (their size, how much of it there is), in the same order.
    weights
        How much a feature counts where accounts are set side by side; 1 unless named.
    """

    frame: pd.DataFrame
    amounts: pd.DataFrame
    weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The features, without the key."""
        return [name for name in self.frame.columns if name != "customer_id"]

    @property
    def weighed(self) -> Floats:
        """The rows that are clustered: the features, each by its weight."""
        rows = self.frame[self.names].to_numpy(dtype=np.float64)
        return np.asarray(rows * [self.weights.get(name, 1.0) for name in self.names])


def over_served_features(accounts: pd.DataFrame, gaps: pd.DataFrame) -> Features:
    """Return in which way, and with what, each over-served account is over-served.

    Parameters
    ----------
    accounts
        customer_id, over_served, over_served_by, over_service_cost, beyond_agreed_cost, beyond_wanted_cost,
        net_revenue.
    gaps
        customer_id, attribute, kind, over_cost: as `tables/service_gaps`.

    Returns
    -------
    Features
        beyond_agreed, beyond_wanted: the shares of over_service_cost that lie beyond the one and beyond the other;
        above_like_accounts: 1 where the judgement rests on like accounts, and the two are unknown and 0; and for each
        attribute its share of what goes beyond stated levels or like accounts.
    """
    mine = accounts[_holds(accounts.over_served)].sort_values("customer_id", ignore_index=True)
    cost = mine.over_service_cost.astype("float64")
    shares = {
        BEYOND_AGREED: (mine.beyond_agreed_cost / cost).fillna(0.0).clip(0, 1),
        BEYOND_WANTED: (mine.beyond_wanted_cost / cost).fillna(0.0).clip(0, 1),
        ABOVE_LIKE: (mine.over_served_by == "peers").astype("float64"),
    }
    beyond = gaps[gaps.over_cost > 0]
    by = beyond.pivot_table(index="customer_id", columns="attribute", values="over_cost", aggfunc="sum", fill_value=0.0)
    by = by.div(by.sum(axis=1), axis=0).reindex(mine.customer_id).fillna(0.0).reset_index(drop=True)
    known = by.loc[:, (by > 0).any()]
    frame = mine[["customer_id"]].assign(**shares, **{str(name): known[name] for name in known})
    revenue = mine.net_revenue.astype("float64")
    amounts = revenue.to_frame().assign(over_service_of_revenue=cost / revenue.where(revenue > 0))
    return Features(frame, amounts, {BEYOND_AGREED: WAY, BEYOND_WANTED: WAY, ABOVE_LIKE: 0.0})


def difficult_features(accounts: pd.DataFrame, behaviours: pd.DataFrame) -> Features:
    """Return what the trouble of each difficult account is made of, beyond what is usual.

    Parameters
    ----------
    accounts
        customer_id, difficult, net_revenue, difficulty.
    behaviours
        customer_id, behaviour, above_usual, share_ours: as `tables/behaviours`.

    Returns
    -------
    Features
        By behaviour, its share of the account's own trouble above the usual; 0 throughout where none is above it.
    """
    mine = accounts.loc[_holds(accounts.difficult), ["customer_id", "net_revenue", "difficulty"]]
    mine = mine.sort_values("customer_id", ignore_index=True)
    points = behaviours.above_usual * (1.0 - behaviours.share_ours)
    by = behaviours.assign(points=points.clip(lower=0)).pivot_table(
        index="customer_id", columns="behaviour", values="points", aggfunc="sum", fill_value=0.0
    )
    known = [name for name in NAMES if name in by]
    beyond = by.reindex(index=mine.customer_id, columns=known).fillna(0.0).reset_index(drop=True)
    total = beyond.sum(axis=1)
    shares = beyond.div(total.where(total > 0, np.nan), axis=0).fillna(0.0)
    frame = mine[["customer_id"]].assign(**{name: shares[name] for name in known})
    return Features(frame, mine[["net_revenue", "difficulty"]].astype("float64"))


def _holds(flag: pd.Series[bool]) -> pd.Series[bool]:
    found: pd.Series[bool] = flag.astype("boolean").fillna(False).astype(bool)
    return found
