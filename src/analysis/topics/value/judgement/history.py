"""What happened to each account in each month before the as-of day, as arrays of accounts x months.

Months are counted back from the day after the as-of day; the arrays run from the oldest to the latest. Only sums per
account and month leave the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING, Any

from analysis.data.contract import net_of
from analysis.ledger.working_time import WorkingTime
from analysis.topics.difficulty.measures.case_facts import as_known, went_badly

if TYPE_CHECKING:
    import ibis
    import pandas as pd
    from numpy import float32
    from numpy.typing import NDArray

    Floats32 = NDArray[float32]

COUNTS = ("cases", "failed", "satisfaction", "answers", "listed", "discount")


@dataclass(frozen=True)
class History:
    """The months of some accounts, oldest first: of each of `COUNTS` an array of accounts x months.

    `answers` are marks of satisfaction given and `satisfaction` their sum; `failed` are cases of our doing or with a
    broken promise; `listed` and `discount` are of sales.
    """

    counts: dict[str, Floats32]
    months: int

    def between(self, name: str, first: int, end: int) -> Floats32:
        """Return each account's sum over the months from `first` up to but not including `end`."""
        import numpy as np

        return np.asarray(self.counts[name][:, max(first, 0) : max(end, 0)].sum(axis=1, dtype="float32"))


def months_back(day: ibis.Column, after: date) -> ibis.Column:
    """Return how many whole months lie between a day and the day after the as-of day (Ibis); 0 in the last month."""
    early = (day.day() < after.day).ifelse(1, 0)
    return (after.year * 12 + after.month - 1 - (day.year() * 12 + day.month()) + early).cast("int32")


def history(checked: Any, customers: pd.Series[str], after: date, months: int, time: WorkingTime) -> History:
    """Return the history of some accounts over so many months before a day.

    Parameters
    ----------
    checked
        The input tables: cases, surveys and transactions, where they are there.
    customers
        The accounts, in the order of the result.
    after
        The day after the as-of day: what is dated on it or later is not known yet.
    time
        How it is told whether a promised date was missed.
    """
    import ibis
    import numpy as np

    parts = list(_parts(checked, after, time))
    counts = {name: np.zeros((len(customers), months), dtype="float32") for name in COUNTS}
    if not parts or customers.empty:
        return History(counts, months)
    rows = reduce(lambda one, other: one.union(other), parts)
    known = {"customer_id": customers.tolist(), "account": list(range(len(customers)))}
    wanted = ibis.memtable(known, schema={"customer_id": "string", "account": "int32"})
    rows = rows.filter(rows.back >= 0, rows.back < months).inner_join(wanted, "customer_id")
    found = rows.group_by("account", "back").aggregate(**{name: rows[name].sum().cast("float32") for name in COUNTS})
    frame = found.to_pandas()
    for name in COUNTS:
        counts[name][frame.account, months - 1 - frame.back] = frame[name].fillna(0)
    return History(counts, months)


def _parts(checked: Any, after: date, time: WorkingTime) -> Iterator[Any]:
    """Yield each table's rows with all of `COUNTS`, 0 where it says nothing of one."""
    cases, surveys, lines = (checked.get(name) for name in ("cases", "surveys", "transactions"))
    if cases is not None:
        cases = as_known(cases, after)
        failed = went_badly(cases, after, time)
        yield _row(cases, cases.opened_at, after, cases=1, failed=failed.ifelse(1, 0), **_answer(cases))
    if surveys is not None:
        yield _row(surveys, surveys.asked_on, after, **_answer(surveys))
    if lines is not None:
        sales = lines.filter(lines.kind == "sale", lines.list_amount.notnull())
        given = (sales.list_amount - net_of(sales)).cast("float64")
        yield _row(sales, sales["date"], after, listed=sales.list_amount.cast("float64"), discount=given)


def _answer(rows: ibis.Table) -> dict[str, Any]:
    return {"satisfaction": rows.satisfaction.fill_null(0), "answers": rows.satisfaction.notnull().ifelse(1, 0)}


def _row(rows: ibis.Table, day: ibis.Column, after: date, **said: Any) -> ibis.Table:
    import ibis

    values = {name: said.get(name, ibis.literal(0)) for name in COUNTS}
    numbers = {
        name: (value if hasattr(value, "cast") else ibis.literal(value)).cast("decimal(18, 4)")
        for name, value in values.items()
    }
    return rows.select("customer_id", back=months_back(day, after), **numbers)
