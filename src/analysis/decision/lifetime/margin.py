"""What an account earns in a month: its signed running margin, shrunk to its like where its months say little.

Empirical Bayes, as credibility theory has it (Buhlmann & Gisler, "A Course in Credibility Theory", 2005, section
3.2): the mean of an account's months is weighed against that of accounts like it by how much months differ within an
account, and accounts among each other.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from analysis.decision.lifetime.history import months_back
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd
#: Months that the portfolio's usual spread of months counts for beside an account's own.
BORROWED = 4.0
#: The smallest amount that the engine keeps (DECIMAL(18, 4)): an account below it has no size to compare by, and the
#: square of its size would be taken for 0.
LEAST_MONEY = 1e-4
#: Months, less one, from which an account's own spread of months is told.
ENOUGH = 3


def avoidable_serving(work: Any) -> pd.DataFrame:
    """Return customer_id and the avoidable part of what serving and retaining it cost (no work to obtain).

    Parameters
    ----------
    work
        The ledger's costed work (Ibis).
    """
    mine = work.filter(work.assigned, work.serves)
    found = mine.group_by("customer_id").aggregate(avoidable_serving=mine.avoidable_cost.sum().cast("float64"))
    frame: pd.DataFrame = found.order_by("customer_id").to_pandas()
    return frame


def month_squares(lines: Any | None, events: Any | None, rates: Any | None, window: Window) -> pd.DataFrame:
    """Return customer_id, total and squares: of its months' margin after serving it, the sum and the sum of squares.

    Parameters
    ----------
    lines, events
        The window's settled invoice lines and events (Ibis); None where there are none.
    rates
        One row per activity with `rate` and `serves`.
    window
        The window, whose months are counted.
    """
    import pandas as pd

    parts = []
    if lines is not None:
        earned = lines.net - lines.goods - lines.freight.fill_null(0)
        parts.append(_by_month(lines.mutate(amount=earned), lines["date"], window))
    if events is not None and rates is not None:
        mine = events.filter(events.customer_id.notnull())
        months = mine.mutate(back=months_back(mine["at"].date(), window.after))
        minutes = months.group_by("customer_id", "activity", "back").aggregate(minutes=months.minutes.sum())
        cost = minutes.inner_join(rates.filter(rates.serves), "activity")
        cost = cost.mutate(amount=(-(cost.minutes.cast("float64") * cost.rate)).cast("decimal(18, 4)"))
        parts.append(cost.group_by("customer_id", "back").aggregate(amount=cost.amount.sum()))
    if not parts:
        return pd.DataFrame({"customer_id": pd.Series(dtype="str"), "total": [], "squares": []})
    rows = reduce(lambda one, other: one.union(other), [part.cast({"amount": "decimal(38, 4)"}) for part in parts])
    monthly = rows.group_by("customer_id", "back").aggregate(amount=rows.amount.sum())
    # Whole units, so that the sum of squares is exact and does not hang on the order of its rows.
    whole = monthly.mutate(amount=monthly.amount.round().cast("int64").cast("decimal(38, 0)"))
    found = whole.group_by("customer_id").aggregate(
        total=whole.amount.sum().cast("float64"), squares=(whole.amount * whole.amount).sum().cast("float64")
    )
    frame: pd.DataFrame = found.order_by("customer_id").to_pandas()
    return frame


def _by_month(lines: Any, day: Any, window: Window) -> Any:
    rows = lines.mutate(back=months_back(day, window.after))
    return rows.group_by("customer_id", "back").aggregate(amount=rows.amount.sum())


def shrunk(rows: pd.DataFrame, group: pd.Series[str], whole: int) -> pd.DataFrame:
    """Return each account's margin in a month, shrunk where it was a customer in few months of the window.

    Its own weight is between / (between + within x (1 / months - 1 / whole)): how much accounts differ, and how much
    the mean of a few months differs from that of the whole window. So an account with a whole window keeps its own
    margin exactly, and one with a month is taken to be much like its like. Margins are compared as shares of the size
    of the account (revenue and cost to serve), as large accounts differ by more.

    Parameters
    ----------
    rows
        months (as a customer), full and avoidable (the sums of its margin over them), revenue, cost_to_serve, and total
        and squares as `month_squares` gives them.
    group
        Who is like whom, in the order of `rows`.
    whole
        Months of the window.

    Returns
    -------
    DataFrame
        full and avoidable (a month), own (the weight of the account's own months, 0 to 1) and spread (the standard
        deviation of what is not known of `full`). Empty where the account was no customer or has no margin.
    """
    import numpy as np
    import pandas as pd

    known = (rows.months > 0) & rows.full.notna()
    there = rows[known]
    months = there.months
    money = there.revenue.abs() + there.cost_to_serve.fillna(0.0)
    size = money.where(money >= LEAST_MONEY, 0.0) / months
    within, noise = _within(there, size)
    missing = (1.0 / months - 1.0 / whole).clip(lower=0.0)
    sums = there.assign(weight=money).groupby(group[known])[["full", "avoidable", "weight"]].transform("sum")
    like = (sums.full / sums.weight.where(sums.weight >= LEAST_MONEY)).fillna(0.0)
    # The account's part of its group first: it is 1 at most, whatever the size, where a ratio of amounts may overflow.
    part = (money / sums.weight.where(sums.weight > 0)).fillna(0.0)
    between = _between((there.full / months / size.where(size > 0)).fillna(0.0) - like, within / months)
    own = (between / (between + within * missing)) if between > 0 else (missing <= 0).astype("float64")

    def pulled(name: str) -> pd.Series[float]:
        return own * there[name] / months + (1.0 - own) * part * sums[name] / months

    spread = np.sqrt(own * noise / months)
    found = pd.DataFrame({"full": pulled("full"), "avoidable": pulled("avoidable"), "own": own, "spread": spread})
    return found.reindex(rows.index)


def _within(rows: pd.DataFrame, size: pd.Series[float]) -> tuple[float, pd.Series[float]]:
    """Return the usual variance of a month's margin as a share of size, and each account's own with it, in money."""
    free = (rows.months - 1.0).clip(lower=0.0)
    off = (rows.squares.fillna(0.0) - rows.total.fillna(0.0) ** 2 / rows.months).clip(lower=0.0)
    shares = (off / free.where(free >= ENOUGH) / size.where(size > 0) ** 2).dropna()
    usual = float(shares.median()) if len(shares) else 0.0
    return usual, (off + BORROWED * usual * size**2) / (free + BORROWED)


def _between(apart: pd.Series[float], noise: pd.Series[float]) -> float:
    """Return how much accounts truly differ from their like, the noise of their months taken off."""
    found = float((apart**2).mean() - noise.mean()) if len(apart) else 0.0
    return max(found, 0.0)
