"""What an account earns in a month: its signed running margin, shrunk to its like where its months say little.

Empirical Bayes, as credibility theory has it (Buhlmann & Gisler, "A Course in Credibility Theory", 2005, section
3.2): the mean of an account's months is weighed against that of accounts like it by how much months differ within an
account, and accounts among each other.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from analysis.ledger.cost import cost_of
from analysis.topics.value.judgement.history import months_back
from analysis.window import Window

if TYPE_CHECKING:
    import ibis
    import pandas as pd
#: Months that the portfolio's usual spread of months counts for beside an account's own.
BORROWED = 4.0
#: The smallest amount that the engine keeps (DECIMAL(18, 4)): an account below it has no size to compare by, and the
#: square of its size would be taken for 0.
LEAST_MONEY = 1e-4
#: Parts that an account's largest month is counted in where months are squared.
PARTS = 1e9
#: What the days of a month's sales leave open in a stretch that is no whole number of months: the mean of f x (1 - f)
#: over the part f of a month that is too much or too little, as a share of the square of a month's sales.
LUMPS = 1.0 / 6.0
#: The shortest stretch that sales a month are told from: who joined and bought yesterday does not buy every day.
SHORTEST = 1.0
#: Standard deviation, as a share, of the size of an account of which nothing is known but its like.
UNKNOWN = 0.5
#: Months, less one, from which an account's own spread of months is told.
ENOUGH = 3


def avoidable_serving(work: ibis.Table) -> pd.DataFrame:
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


def month_squares(
    lines: ibis.Table | None, events: ibis.Table | None, rates: ibis.Table | None, window: Window
) -> pd.DataFrame:
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
        cost = cost.mutate(amount=-cost_of(cost.minutes, cost.rate))
        parts.append(cost.group_by("customer_id", "back").aggregate(amount=cost.amount.sum()))
    if not parts:
        return pd.DataFrame({"customer_id": pd.Series(dtype="str"), "total": [], "squares": []})
    rows = reduce(lambda one, other: one.union(other), [part.cast({"amount": "decimal(38, 4)"}) for part in parts])
    monthly = rows.group_by("customer_id", "back").aggregate(amount=rows.amount.sum())
    months = _in_parts(monthly)
    squared = months.group_by("customer_id", "total", "largest").aggregate(
        of=(months.part * months.part).sum().cast("float64")
    )
    found = squared.select("customer_id", "total", squares=squared.of * (squared.largest / PARTS) ** 2)
    frame: pd.DataFrame = found.order_by("customer_id").to_pandas()
    return frame


def _in_parts(monthly: ibis.Table) -> ibis.Table:
    """Return months with `total` and `largest` of the account, and `part`: each in whole parts of its own largest.

    Sums of these are exact, do not hang on the order of rows, and are the same whatever unit money is kept in.
    """
    sums = monthly.group_by("customer_id").aggregate(
        total=monthly.amount.sum().cast("float64"), largest=monthly.amount.abs().max().cast("float64")
    )
    months = monthly.inner_join(sums, "customer_id")
    share = (months.amount.cast("float64") / months.largest.nullif(0.0) * PARTS).round()
    return months.mutate(part=share.fill_null(0.0).cast("int64").cast("decimal(38, 0)"))


def _by_month(lines: ibis.Table, day: ibis.Column, window: Window) -> ibis.Table:
    rows = lines.mutate(back=months_back(day, window.after))
    return rows.group_by("customer_id", "back").aggregate(amount=rows.amount.sum())


def month_sales(lines: ibis.Table | None, window: Window) -> pd.DataFrame:
    """Return customer_id and varies: how much its sales differ by month, the variance over the mean squared.

    Parameters
    ----------
    lines
        The window's settled invoice lines (Ibis); None where there are none.
    window
        The window, whose months are counted.
    """
    import pandas as pd

    if lines is None:
        return pd.DataFrame({"customer_id": pd.Series(dtype="str"), "varies": pd.Series(dtype="float64")})
    months = _in_parts(_by_month(lines.mutate(amount=lines.net), lines["date"], window))
    sums = months.group_by("customer_id").aggregate(
        months=months.count(),
        whole=months.part.sum().cast("float64"),
        squares=(months.part * months.part).sum().cast("float64"),
    )
    varies = sums.months * sums.squares / (sums.whole**2).nullif(0.0) - 1.0
    found = sums.mutate(varies=varies.clip(lower=0.0))
    frame: pd.DataFrame = found.filter(found.months > ENOUGH).order_by("customer_id").to_pandas()
    return frame[["customer_id", "varies"]]


def shrunk(rows: pd.DataFrame, group: pd.Series[str], whole: int) -> pd.DataFrame:
    """Return each account's margin in a month, shrunk where it was a customer in few months of the window.

    Its own weight is between / (between + within x (1 / months - 1 / whole)): how much accounts differ, and how much
    the mean of a few months differs from that of the whole window. So an account with a whole window keeps its own
    margin exactly, and one with a month is taken to be much like its like. It is weighed twice: for the size of the
    account (its sales and its cost to serve in a month), and for the margin as a share of that, as large accounts
    differ by more.

    Parameters
    ----------
    rows
        months (as a customer), full and avoidable (the sums of its margin over them), revenue, cost_to_serve, total
        and squares as `month_squares` gives them, and varies as `month_sales` does (none: sales vary as margins do).
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
    months = there.months.clip(lower=shortest(whole))
    there = there.assign(months=months)
    money = there.revenue.abs() + there.cost_to_serve.fillna(0.0)
    size = money.where(money >= LEAST_MONEY, 0.0) / months
    within, noise = _within(there, size)
    missing = (1.0 / months - 1.0 / whole).clip(lower=0.0)
    sums = (
        there.assign(weight=size * months)
        .groupby(group[known])[["full", "avoidable", "weight", "months"]]
        .transform("sum")
    )
    scale = sums.weight.where(sums.weight > 0)
    like = (sums.full / scale).fillna(0.0)
    between = _between((there.full / months / size.where(size > 0)).fillna(0.0) - like, within / months)
    own = (between / (between + within * missing)) if between > 0 else (missing <= 0).astype("float64")
    sized = _sized(there, size, sums.weight / sums.months, group[known], whole)

    def pulled(name: str) -> pd.Series[float]:
        mine = (there[name] / months / size.where(size > 0)).fillna(0.0)
        shares = own * mine + (1.0 - own) * (sums[name] / scale).fillna(0.0)
        # Without sales and work there is no size to take a share of: what little there is stands as it is.
        return (sized["size"] * shares).where((size > 0) | (sized.own < 1), there[name] / months)

    full = pulled("full")
    by_size = (full / sized["size"].where(sized["size"] > 0)).fillna(0.0) * sized.spread
    spread = np.sqrt(own * sized.own * noise / months + by_size**2)
    found = pd.DataFrame({"full": full, "avoidable": pulled("avoidable"), "own": own, "spread": spread})
    return found.reindex(rows.index)


def shortest(whole: int) -> float:
    """Return the months that an account's sums are spread over at least, of a window of so many."""
    return min(SHORTEST, whole)


def _sized(
    rows: pd.DataFrame, size: pd.Series[float], like: pd.Series[float], group: pd.Series[str], whole: int
) -> pd.DataFrame:
    """Return each account's size in a month, drawn to its like's where it was a customer in few months of the window.

    Columns: size, own (the weight of its own), spread (the standard deviation of what is not known of the size).
    """
    import numpy as np
    import pandas as pd

    varies = rows["varies"].dropna() if "varies" in rows else pd.Series(dtype="float64")
    usual = float(varies.median()) if len(varies) else 0.0
    squares = (size**2).groupby(group).transform("mean")

    def open_after(months: pd.Series[float] | float) -> pd.Series[float] | float:
        return usual / months + LUMPS / months**2

    missing = (open_after(rows.months) - open_after(float(whole))).clip(lower=0.0)  # type: ignore[union-attr]
    noise = squares * missing

    def over_group(values: pd.Series[float]) -> pd.Series[float]:
        return (values * rows.months).groupby(group).transform("sum") / rows.months.groupby(group).transform("sum")

    between = (over_group((size - like) ** 2) - over_group(noise)).clip(lower=0.0)
    own = (between / (between + noise).where(between + noise > 0)).fillna(1.0)
    # Alike accounts are few, and the next one need not be like them: the range never takes them for quite alike.
    apart = np.maximum(between, (UNKNOWN * like) ** 2)
    spread = np.sqrt(apart * noise / (apart + noise).where(apart + noise > 0)).fillna(0.0)
    return pd.DataFrame({"size": own * size + (1.0 - own) * like, "own": own, "spread": spread}, index=rows.index)


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
