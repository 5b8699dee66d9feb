"""What each account's margin will be in the months to come, learnt from how past months came out.

Months that are over are replayed: from so many of them, what the same number after them brought. A bad year is partly
bad luck and a good one good luck, so that what comes lies nearer to the usual (regression to the mean); how much nearer
is learnt (a robust regression: Huber, 1964). The ranges are split conformal (Lei et al., Journal of the American
Statistical Association 113, 2018): every account is told by a regression that has not seen it, and the errors that were
made on accounts of its size are the range. They hold as often as they say as long as the months to come differ from
the last ones as these did from those before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.window import Window

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: The fewest months that are told from as many before them; the most months of the past that are looked at.
FEWEST_MONTHS, MOST_MONTHS = 3, 60
#: How many past days, a month apart, the regression learns from.
DAYS = 6
FOLDS = 5
#: Days without a record at its start that a whole month may have.
GRACE = 7
#: Accounts of a size from which their errors give a range of 90%.
ENOUGH = 20
#: Changes beyond so many times the size of an account are taken for as many.
MOST_CHANGE = 3.0
SIZES = ("small", "middle", "large")
SURE = 0.90
TOO_SHORT, TOO_FEW = "the data does not reach back far enough", "too few accounts could be replayed"
NOT_KNOWN = "its margin is not known in every month"


def months_to_come(whole: int, wanted: int) -> int:
    """Return how many months can be told: as many as wanted, where the data has twice as many; 0 where it has few.

    Examples
    --------
    >>> months_to_come(28, 12), months_to_come(15, 12), months_to_come(5, 12)
    (12, 7, 0)
    """
    found = min(wanted, whole // 2)
    return found if found >= FEWEST_MONTHS else 0


def whole_months(begins: date, as_of: date) -> Window | None:
    """Return the whole months between the first day of the data and the as-of day; None without any."""
    import pandas as pd

    # Data that begins in a month's first days begins with the month.
    first = pd.Timestamp(begins) - pd.Timedelta(days=GRACE) + pd.offsets.MonthBegin(1)
    after = (pd.Timestamp(as_of) + pd.Timedelta(days=1)).replace(day=1)
    count = min((after.year - first.year) * 12 + after.month - first.month, MOST_MONTHS)
    return Window.until((after - pd.Timedelta(days=1)).date(), count) if count > 0 else None


@dataclass(frozen=True)
class Months:
    """What each account brought and took month by month, accounts x months; a month in which it was no customer is 0.

    Parameters
    ----------
    customer_id
        The accounts.
    margin, revenue, work
        Margin before write-offs and financing (empty where goods are not known), net revenue, cost of work.
    there
        The share of each month in which it was a customer.
    """

    customer_id: NDArray[Any]
    margin: Floats
    revenue: Floats
    work: Floats
    there: Floats

    @classmethod
    def of(cls, found: pd.DataFrame, customers: pd.DataFrame, window: Window) -> Months:
        """Return the months of a window.

        Parameters
        ----------
        found
            `tables/margin_by_month` of the window.
        customers
            customer_id, since, ended.
        """
        import pandas as pd

        months = pd.date_range(window.start, periods=window.months, freq="MS")
        ids = customers.customer_id
        work = found.cost_to_serve + found.cost_to_obtain
        rows = found.assign(work=work, month=pd.to_datetime(found.month), unknown=found.margin.isna())

        def wide(name: str) -> Floats:
            table = rows.pivot_table(index="customer_id", columns="month", values=name, aggfunc="sum")
            return table.reindex(index=ids, columns=months).fillna(0.0).to_numpy(dtype=np.float64)

        margin = np.where(wide("unknown") > 0, np.nan, wide("margin"))
        ends = months + pd.offsets.MonthBegin(1)
        since, ended = (pd.to_datetime(customers[name]).to_numpy()[:, None] for name in ("since", "ended"))
        came = np.where(np.isnat(since), months.to_numpy()[None, :], np.maximum(since, months.to_numpy()[None, :]))
        after = np.where(np.isnat(ended), ends.to_numpy()[None, :], np.minimum(ended, ends.to_numpy()[None, :]))
        whole = (ends - months).to_numpy() / np.timedelta64(1, "D")
        there = np.clip((after - came) / np.timedelta64(1, "D") / whole, 0.0, 1.0)
        return cls(ids.to_numpy(), margin, wide("net_revenue"), wide("work"), there)

    def known_at(self, end: int, count: int) -> pd.DataFrame:
        """Return what is known of each account after `end` months, from the last `count` of them.

        before (margin, as if it had been a customer all the time), size (revenue and work), ratio (of the two), and
        whether it is open: a customer, with anything sold or done.
        """
        import pandas as pd

        span = slice(end - count, end)
        full = count / np.maximum(self.there[:, span].sum(axis=1), 1.0)
        before, revenue, work = (part[:, span].sum(axis=1) * full for part in (self.margin, self.revenue, self.work))
        size = np.abs(revenue) + work
        ratio = before / np.where(size > 0, size, 1.0)
        open_ = (self.there[:, end - 1] >= 1.0) & (size > 0)
        return pd.DataFrame({"before": before, "size": size, "ratio": ratio, "open": open_})


def forecast(months: Months, count: int) -> pd.DataFrame:
    """Return `tables/forecast` of the accounts that are here at the end.

    Parameters
    ----------
    count
        Months to come, and before.
    """
    import pandas as pd

    whole = months.margin.shape[1]
    now = months.known_at(whole, count).assign(customer_id=months.customer_id, months=count, why_not="")
    now = now[now.open].reset_index(drop=True)
    past = _replayed(months, count)
    names = ["expected", "low", "high", "p_loses"]
    found = now.assign(**dict.fromkeys(names, np.nan), size_group=pd.Series(None, now.index, dtype="object"))
    told = now.before.notna().to_numpy()
    found["why_not"] = np.where(told, "", NOT_KNOWN)
    if past.customer_id.nunique() < ENOUGH:
        found["why_not"] = TOO_FEW
        return found
    past = past.assign(told=_out_of_fold(past))
    rows = now[told]
    expected = _told(rows, *_reversion(past))
    edges = _edges(past)
    group, errors = _group(rows, edges), _errors(past, edges)
    ends, size = _ends_of(group, errors), rows["size"].to_numpy()
    found.loc[told, "expected"] = expected
    found.loc[told, "low"], found.loc[told, "high"] = expected + ends[:, 0] * size, expected + ends[:, 1] * size
    found.loc[told, "p_loses"] = _below(group, errors, -expected / size)
    names_of = SIZES if len(edges) == len(SIZES) - 1 else ("all",)
    found.loc[told, "size_group"] = [names_of[one] for one in group]
    return found


def forecast_fit(months: Months, count: int) -> pd.DataFrame:
    """Return `tables/forecast_fit`: how the forecast, as last time and the mean would have done on the days replayed.

    Every account is told by a regression, and held against a range, that has not seen it.
    """
    import pandas as pd

    past = _replayed(months, count)
    if past.customer_id.nunique() < ENOUGH:
        return pd.DataFrame()
    past = past.assign(told=_out_of_fold(past))
    edges = _edges(past)
    group, fold = _group(past, edges), _folds(past)
    held = np.zeros(len(past), dtype=np.bool_)
    for one in range(FOLDS):
        ends = _ends_of(group[fold == one], _errors(past[fold != one], edges))
        off = ((past.came - past.told) / past["size"]).to_numpy()[fold == one]
        held[fold == one] = (ends[:, 0] <= off) & (off <= ends[:, 1])
    names = SIZES if len(edges) == len(SIZES) - 1 else ("all",)
    usual = past.came.sum() / past["size"].sum() * past["size"]
    rows = past.assign(held=held, usual=usual, group=[names[one] for one in group])
    rows = rows[rows.months == count]
    return pd.DataFrame([_score(name, rows[rows.group == name]) for name in names if (rows.group == name).any()])


def _score(name: str, rows: pd.DataFrame) -> dict[str, Any]:
    size = float(rows.came.abs().sum())
    off = {kind: float((rows[kind] - rows.came).abs().sum()) for kind in ("told", "before", "usual")}
    shares = {f"off_{kind}": value / size if size > 0 else np.nan for kind, value in off.items()}
    return {
        "size_group": name,
        "accounts": rows.customer_id.nunique(),
        "rows": len(rows),
        "held": rows.held.mean(),
        **shares,
    }


def _replayed(months: Months, count: int) -> pd.DataFrame:
    """Return what was known on past days, a month apart, and what came: `came`, of those that were here then.

    The latest days first. Where the data is too short for as many of them, shorter stretches are replayed beside: one
    stretch sees one season alone, and its errors are all of that season. `months` has how long each stretch is.
    """
    import pandas as pd

    whole = months.margin.shape[1]
    parts: list[pd.DataFrame] = []
    for stretch in range(count, FEWEST_MONTHS - 1, -1):
        for end in range(whole - stretch, stretch - 1, -1):
            if len(parts) == DAYS:
                break
            came = months.margin[:, end : end + stretch].sum(axis=1)
            rows = months.known_at(end, stretch).assign(
                customer_id=months.customer_id, came=came, end=end, months=stretch
            )
            parts.append(rows[rows.open & rows.before.notna() & rows.came.notna()])
    return pd.concat(parts, ignore_index=True)


def _reversion(past: pd.DataFrame) -> tuple[float, float]:
    """Return how far margins went back, 0 to -1, and the portfolio's usual margin, both as shares of size.

    What all margins gained or lost together is no part of it: one stretch of months does not tell the next one's trend.
    """
    from sklearn.linear_model import HuberRegressor

    past = past[past.months == past.months.max()]
    usual = float(past.before.sum() / past["size"].sum())
    change = ((past.came - past.before) / past["size"]).clip(-MOST_CHANGE, MOST_CHANGE).to_numpy()
    apart = (past.ratio - usual).to_numpy()
    spreads = float(apart.std()), float(change.std())
    if not min(spreads) > 0:
        return 0.0, usual
    weight = np.sqrt(past["size"] / past["size"].mean())
    try:
        model = HuberRegressor(max_iter=500).fit(apart[:, None] / spreads[0], change / spreads[1], weight)
    except ValueError:  # the solver gave up: margins stay as they are
        return 0.0, usual
    return float(np.clip(model.coef_[0] * spreads[1] / spreads[0], -1.0, 0.0)), usual


def _told(rows: pd.DataFrame, back: float, usual: float) -> Floats:
    found: Floats = (rows.before + back * (rows.ratio - usual) * rows["size"]).to_numpy(dtype=np.float64)
    return found


def _folds(past: pd.DataFrame) -> NDArray[np.intp]:
    """Return each row's fold: an account is in one, and its name does not tell which."""
    first = past.groupby("customer_id", sort=False)["size"].max()
    ranks = first.rank(method="first").astype(int) % FOLDS
    return past.customer_id.map(ranks).to_numpy(dtype=np.intp)


def _out_of_fold(past: pd.DataFrame) -> Floats:
    """Return what is told of each account by a regression that has not seen it."""
    fold, told = _folds(past), np.zeros(len(past))
    for one in range(FOLDS):
        mine = fold == one
        told[mine] = _told(past[mine], *_reversion(past[~mine]))
    return told


def _edges(past: pd.DataFrame) -> Floats:
    """Return the sizes that part the accounts into three; none where a third of them is too few for a range."""
    if past.customer_id.nunique() < ENOUGH * len(SIZES):
        return np.zeros(0)
    return np.asarray(np.quantile(past["size"], [1 / 3, 2 / 3]))


def _group(rows: pd.DataFrame, edges: Floats) -> NDArray[np.intp]:
    return np.searchsorted(edges, rows["size"].to_numpy(), side="left").astype(np.intp)


def _errors(past: pd.DataFrame, edges: Floats) -> list[tuple[Floats, int]]:
    """Return, by group, the errors as shares of size, sorted, and of how many accounts they are."""
    group = _group(past, edges)
    off = ((past.came - past.told) / past["size"]).to_numpy()
    return [(np.sort(off[group == one]), past.customer_id[group == one].nunique()) for one in range(len(edges) + 1)]


def _ends(errors: tuple[Floats, int]) -> tuple[float, float]:
    """Return the ends of the range: quantiles of the errors, wider where they are of few accounts.

    The k-th of n errors is passed with the chance k / (n + 1), so that of n accounts the tail is cut where k is (n + 1)
    times what may lie beyond. An account's errors are much alike, and stand about the middle of its step of 1 / n.

    Examples
    --------
    Beyond the first and the last of 19 accounts lies a twentieth each; of 9 no range holds so often: it is the widest.

    >>> errors = np.arange(19.0).repeat(100)
    >>> _ends((errors, 19)), _ends((errors[:900], 9))
    ((0.0, 18.0), (0.0, 8.0))
    """
    off, accounts = errors
    beyond = max(0.0, (1.0 - SURE) / 2.0 - SURE / (2.0 * accounts))
    return float(np.quantile(off, beyond)), float(np.quantile(off, 1.0 - beyond))


def _ends_of(group: NDArray[np.intp], errors: list[tuple[Floats, int]]) -> Floats:
    """Return the ends of each account's range, those of its group."""
    found = np.empty((len(group), 2))
    for one in np.unique(group):
        found[group == one] = _ends(errors[one])
    return found


def _below(group: NDArray[np.intp], errors: list[tuple[Floats, int]], lines: Floats) -> Floats:
    """Return each account's chance of an error below its line; never surely 0 or 1."""
    found = np.empty(len(group))
    for one in np.unique(group):
        off, accounts = errors[one]
        mine = group == one
        found[mine] = (np.searchsorted(off, lines[mine]) / len(off) * accounts + 0.5) / (accounts + 1.0)
    return found
