"""The scorecard: bookings beside the margin that they became, in bands and without ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.policy import Sellers

if TYPE_CHECKING:
    import pandas as pd


def scorecard(
    pieces: pd.DataFrame,
    booked: pd.DataFrame | None,
    territory: pd.DataFrame,
    before: pd.Series[str] | None,
    policy: Sellers,
) -> pd.DataFrame:
    """Return `tables/reps`, sorted by name.

    Parameters
    ----------
    pieces
        One row per account and seller, with `measured`: whether the account's margin is.
    booked
        seller, bookings; None: there are none, so that billings stand in.
    territory
        As `against_territory` gives it.
    before
        customer_id of those that bought before the window; None: the data does not reach back.
    """
    import pandas as pd

    sums = _sums(pieces, before)
    names = {*sums.index, *(booked.seller if booked is not None else ())}
    rows = sums.reindex(sorted(names)).rename_axis("rep").reset_index()
    zeros = [name for name in ("list_revenue", "net_revenue", "write_offs") if sums[name].notna().any()]
    rows = rows.fillna(dict.fromkeys(["accounts", *zeros], 0.0))
    found = rows.merge(territory.rename(columns={"seller": "rep"}), on="rep", how="left")
    if booked is None:
        found = found.assign(bookings=found.net_revenue, bookings_basis="billings")
    else:
        mine = booked.set_index("seller").bookings
        found = found.assign(bookings=found.rep.map(mine).fillna(0.0), bookings_basis="bookings")
    few = found.accounts < policy.minimum_accounts
    band = np.select([found.gap_high < 0, found.gap_low > 0], ["below", "above"], "as_expected")
    known = found.gap_low.notna() & ~few
    return found.assign(
        clawback=found.write_offs * policy.clawback_share,
        few_accounts=few,
        few_answers=found.answers.fillna(0) < policy.minimum_answers,
        band=pd.Series(band, found.index).where(known),
    )


def _sums(pieces: pd.DataFrame, before: pd.Series[str] | None) -> pd.DataFrame:
    """Return each seller's sums and shares, by name."""
    amounts = pieces.assign(
        margin=(pieces.gross_margin - pieces.cost_to_serve).where(pieces.measured),
        measured_revenue=pieces.net_revenue.where(pieces.measured, 0.0),
        again=pieces.net_revenue.where(pieces.customer_id.isin(before if before is not None else [])),
    )
    found = amounts.groupby("seller").sum(numeric_only=True, min_count=1)
    # Where sales are not measured every account counts, where they are only those with any.
    found["accounts"] = amounts.net_revenue.ne(0).groupby(amounts.seller).sum()
    minutes = found.serving_minutes + found.obtaining_minutes
    return found.assign(
        satisfaction=found.satisfaction_sum / found.answers.where(found.answers > 0),
        answers=found.answer_count,
        repeat_share=_share(found.again.fillna(0.0) if before is not None else found.again, found.net_revenue),
        obtaining_share=_share(found.obtaining_minutes, minutes),
        tenure_share=_share(found.in_tenure, found.net_revenue),
        measured_share=_share(found.measured_revenue, found.net_revenue),
        cost_to_serve=amounts.cost_to_serve.where(amounts.measured).groupby(amounts.seller).sum(min_count=1),
        gross_margin=amounts.gross_margin.where(amounts.measured).groupby(amounts.seller).sum(min_count=1),
    )


def _share(part: pd.Series[float], whole: pd.Series[float]) -> pd.Series[float]:
    return part / whole.where(whole > 0)
