"""The whale curve: how few accounts earn how much of the margin, and how much the rest give back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.data.contract import conform

if TYPE_CHECKING:
    import pandas as pd


def whale(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return `tables/whale`: rank, customer_id, net_margin, cumulative, from the most to the least profitable.

    Accounts whose net margin is not measured are left out; equals are ordered by customer_id.
    """
    measured = accounts.loc[accounts.net_margin.notna(), ["customer_id", "net_margin"]]
    ordered = measured.sort_values(["net_margin", "customer_id"], ascending=[False, True], ignore_index=True)
    ordered["rank"] = range(1, len(ordered) + 1)
    ordered["cumulative"] = ordered.net_margin.cumsum().round(4)
    return conform(ordered, "whale")


@dataclass(frozen=True)
class WhaleShape:
    """The whale curve in a few numbers; the shares are None where the total is 0 or below."""

    accounts: int
    total: float
    peak: float
    peak_accounts: int
    peak_share: float | None
    given_back: float
    stobachoff: float | None


def shape(curve: pd.DataFrame) -> WhaleShape:
    """Return the shape of a whale curve.

    The Stobachoff index is the area between the curve and the line of equal shares over the area under the curve
    (Storbacka, "Segmentation based on customer profitability", Journal of Marketing Management 13, 1997): 0 where
    every account earns the same, towards 1 the more the margin hangs on few.
    """
    import numpy as np

    total = float(curve.net_margin.sum())
    if curve.empty:
        return WhaleShape(0, 0.0, 0.0, 0, None, 0.0, None)
    cumulative = np.concatenate([[0.0], curve.cumulative.to_numpy()])
    at = int(cumulative.argmax())
    peak = float(cumulative[at])
    share = peak / total if total > 0 else None
    area = float(np.trapezoid(cumulative / total, dx=1 / len(curve))) if total > 0 else 0.0
    index = (area - 0.5) / area if total > 0 else None
    return WhaleShape(len(curve), total, peak, at, share, peak - total, index)
