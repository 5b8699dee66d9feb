"""Frames of accounts' buying for estimators: of a portfolio, or of the CDNOW record that textbooks use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis.errors import UsageError

if TYPE_CHECKING:
    from analysis.portfolio import Portfolio

CDNOW = "CDNOW_master.txt"
#: Weeks that the record covers from its first day: 1 January 1997 to 30 June 1998.
_WEEKS, _COLUMNS = 78, ["customer_id", "date", "pieces", "amount"]


def buying(p: Portfolio, cdnow: str | Path = "") -> pd.DataFrame:
    """Return a row for each account that bought: how often, how much at a time, and how much work it was.

    Parameters
    ----------
    p
        A portfolio; its accounts with orders and sales.
    cdnow
        The folder of CDNOW's record (Fader & Hardie, "Forecasting Repeat Sales at CDNOW", 2001) to take instead; there
        pieces are CDs.

    Returns
    -------
    DataFrame
        By customer_id: `orders`, `per_order` (amount), `pieces` (of work; CDs) and the `years` that it was there.

    Raises
    ------
    UsageError
        The folder has no such record, or no account of the portfolio has both sales and an order.
    """
    return _record(Path(cdnow)) if cdnow else _portfolio(p)


def _portfolio(p: Portfolio) -> pd.DataFrame:
    rows = p.accounts[(p.accounts["orders"] > 0) & (p.accounts["net_revenue"] > 0)].set_index("customer_id")
    if rows.empty:
        raise UsageError("No account here has sales with an order (`order_id`): take a dataset with both, or `cdnow`.")
    start = pd.Timestamp(p.window.start)
    since = pd.to_datetime(rows["since"]).fillna(start).clip(lower=start)
    return pd.DataFrame({
        "orders": rows["orders"].astype(float),
        "per_order": rows["net_revenue"] / rows["orders"],
        "pieces": rows["events"].astype(float),
        "years": (pd.Timestamp(p.window.end) - since).dt.days.add(1) / 365.25,
    })  # fmt: skip


def _record(folder: Path) -> pd.DataFrame:
    file = folder / CDNOW
    if not file.is_file():
        raise UsageError(f"{folder} has no {CDNOW}: name the folder of CDNOW's record, or leave it empty.")
    lines = pd.read_csv(file, sep=r"\s+", header=None, names=_COLUMNS, dtype=str)
    lines = lines[lines["pieces"].str.fullmatch(r"\d+").fillna(False)]
    days = pd.to_datetime(lines["date"], format="%Y%m%d")
    lines = lines.assign(pieces=lines["pieces"].astype(float), amount=lines["amount"].astype(float), day=days)
    found = lines.groupby("customer_id").agg(
        orders=("day", "nunique"), amount=("amount", "sum"), pieces=("pieces", "sum"), first=("day", "min")
    )
    last = days.min() + pd.Timedelta(weeks=_WEEKS)
    return pd.DataFrame({
        "orders": found["orders"].astype(float),
        "per_order": found["amount"] / found["orders"],
        "pieces": found["pieces"],
        "years": (last - found["first"]).dt.days / 365.25,
    })  # fmt: skip
