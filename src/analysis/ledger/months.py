"""Margin by month: what each account brought and took in each month of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.data.contract import conform, empty
from analysis.ledger.cost import cost_of

if TYPE_CHECKING:
    import ibis
    import pandas as pd

TABLE = "margin_by_month"


def margin_by_month(
    lines: ibis.Table | None, events: ibis.Table | None, rates: ibis.Table | None, customers: ibis.Table
) -> pd.DataFrame:
    """Return `tables/margin_by_month`: a row for each account and month in which something was sold or done.

    Parameters
    ----------
    lines, events
        The window's invoice lines and events, settled (Ibis); None without such a table.
    rates
        One row per activity with its resource's rate; None without a costing.
    customers
        Whose: work for anybody else is in no account.
    """
    import pandas as pd

    parts = []
    if lines is not None:
        parts.append(_sales(lines).to_pandas())
    if events is not None and rates is not None:
        parts.append(_work(events, rates, customers).to_pandas())
    if not any(len(part) for part in parts):
        return empty(TABLE)
    rows = parts[0] if len(parts) == 1 else parts[0].merge(parts[1], on=["customer_id", "month"], how="outer")
    rows = rows.assign(month=pd.to_datetime(rows["month"]))
    for name in ("cost_to_serve", "cost_to_obtain"):
        rows[name] = rows[name].astype("float64").fillna(0.0) if name in rows else 0.0
    if lines is not None:
        silent = rows["lines"].isna()
        for name in ("net_revenue", "gross_margin"):
            rows[name] = rows[name].mask(silent, 0.0).astype("float64")
        rows["margin"] = rows["gross_margin"] - rows["cost_to_serve"] - rows["cost_to_obtain"]
    return conform(rows.sort_values(["customer_id", "month"], ignore_index=True), TABLE)


def _sales(lines: ibis.Table) -> ibis.Table:
    """Return net revenue and gross margin by account and month; no margin where a line's goods are unknown."""
    known = lines.goods.count() == lines.count()
    margin = lines.net.sum() - lines.goods.sum() - lines.freight.sum().fill_null(0)
    return lines.group_by("customer_id", month=lines["date"].truncate("M").cast("date")).aggregate(
        lines=lines.count(),
        net_revenue=lines.net.sum().cast("float64"),
        gross_margin=known.ifelse(margin, None).cast("float64"),
    )


def _work(events: ibis.Table, rates: ibis.Table, customers: ibis.Table) -> ibis.Table:
    """Return the cost of the work by account and month, each activity's minutes at its rate."""
    month = events["at"].truncate("M").cast("date")
    minutes = events.group_by("customer_id", "activity", month=month).aggregate(minutes=events.minutes.sum())
    mine = minutes.semi_join(customers, "customer_id").inner_join(
        rates.select("activity", "rate", "serves"), "activity"
    )
    cost = cost_of(mine.minutes, mine.rate).fill_null(0)
    return mine.group_by("customer_id", "month").aggregate(
        cost_to_serve=cost.sum(where=mine.serves).fill_null(0).cast("float64"),
        cost_to_obtain=cost.sum(where=~mine.serves).fill_null(0).cast("float64"),
    )
