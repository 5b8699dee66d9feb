"""What staff and customers say, and how an account fared month by month: read from the engine, one row per rating."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

from analysis.ledger.working_time import WorkingTime
from analysis.topics.difficulty.measures.case_facts import as_known, went_badly
from analysis.window import Window

if TYPE_CHECKING:
    import ibis
    import pandas as pd

RATED = ["customer_id", "department", "rater", "difficulty", "respect", "appreciation", "liking"]
WORDS = ["because", "would_help", "willing_to"]


def ratings_in_time(perceptions: ibis.Table, window: Window, months: int) -> ibis.Table:
    """Return the ratings of the months up to the as-of day (Ibis)."""
    first = window.after - relativedelta(months=months)
    return perceptions.filter(perceptions.rated_on >= first, perceptions.rated_on <= window.end)


def ratings(perceptions: ibis.Table, window: Window, months: int) -> pd.DataFrame:
    """Return one row per rating in time.

    Returns
    -------
    DataFrame
        customer_id, department, rater (a pseudonym), difficulty and `regard`: the mean of respect, appreciation and
        liking as far as they are given, else the difficulty turned round. Sorted, so that nothing hangs on the order.
    """
    rows = ratings_in_time(perceptions, window, months).select(*RATED)
    frame: pd.DataFrame = rows.to_pandas().sort_values(RATED, ignore_index=True)
    warmth = frame[["respect", "appreciation", "liking"]].astype("float64").mean(axis=1)
    frame["regard"] = warmth.fillna(6.0 - frame.difficulty)
    return frame[["customer_id", "department", "rater", "difficulty", "regard"]]


def said(perceptions: ibis.Table, window: Window, months: int) -> pd.DataFrame:
    """Return what staff said: customer_id, kind (`because`, `would_help`, `willing_to`), said; each once an account."""
    import ibis

    rows = ratings_in_time(perceptions, window, months)
    parts = [rows.select("customer_id", kind=ibis.literal(kind), said=rows[kind].strip().nullif("")) for kind in WORDS]
    every = ibis.union(*parts, distinct=True)
    found: pd.DataFrame = every.filter(every.said.notnull()).to_pandas()
    return found.sort_values(["customer_id", "kind", "said"], ignore_index=True)


def latest_praise(surveys: ibis.Table, window: Window) -> pd.DataFrame:
    """Return customer_id, praise, praised_on: what each account last said that it is satisfied with."""
    told = surveys.filter(surveys.asked_on <= window.end, surveys.satisfied_with.strip().nullif("").notnull())
    ordered = told.select("customer_id", "satisfied_with", "asked_on").order_by(["asked_on", "satisfied_with"])
    frame: pd.DataFrame = ordered.to_pandas().drop_duplicates("customer_id", keep="last")
    return frame.rename(columns={"satisfied_with": "praise", "asked_on": "praised_on"})


def case_months(cases: ibis.Table, accounts: pd.Series[str], window: Window, time: WorkingTime) -> pd.DataFrame:
    """Return the accounts' cases by the month in which they were opened, up to the as-of day.

    A case went badly where we failed it: it has cause `ours`, or missed its promise (one that is still open, too).

    Returns
    -------
    DataFrame
        customer_id, month (its first day), cases, bad.
    """
    import ibis

    wanted = ibis.memtable({"customer_id": accounts.tolist()}, schema={"customer_id": "string"})
    mine = cases.filter(cases.opened_at < window.after).semi_join(wanted, "customer_id")
    mine = as_known(mine, window.after)
    bad = went_badly(mine, window.after, time)
    told = mine.select("customer_id", month=mine.opened_at.truncate("M").date(), bad=bad.ifelse(1, 0))
    summed = told.group_by("customer_id", "month").aggregate(cases=told.count(), bad=told.bad.sum())
    found: pd.DataFrame = summed.order_by("customer_id", "month").to_pandas()
    return found


def departments_at_work(events: ibis.Table, accounts: pd.Series[str]) -> pd.DataFrame:
    """Return customer_id, department, minutes: which departments worked for which of the accounts in the window."""
    import ibis

    wanted = ibis.memtable({"customer_id": accounts.tolist()}, schema={"customer_id": "string"})
    mine = events.filter(events.department.notnull()).semi_join(wanted, "customer_id")
    summed = mine.group_by("customer_id", "department").aggregate(minutes=mine.minutes.sum().cast("float64"))
    found: pd.DataFrame = summed.order_by("customer_id", "department").to_pandas()
    return found
