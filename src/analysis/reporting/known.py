"""What a run could know: what is not recorded is said to be so, never told as 0 or as good news."""

from __future__ import annotations

from datetime import date

import pandas as pd

from analysis.formats import count, counted, day, listed, money, per_window
from analysis.reporting.markup import spoken
from analysis.run import Run
from analysis.window import MONTH_DAYS

#: What shows that something was done for an account, sold to it, or paid for it.
TRACES = (
    *("list_revenue", "discounts", "returns", "net_revenue", "cogs", "freight", "cost_to_serve", "cost_to_obtain"),
    *("write_offs", "financing_cost", "events", "service_minutes"),
)
#: The part of a table's rows from which values of a column that cannot be read are told on the first page.
UNREAD = 0.05
#: So many months are drawn at most.
MOST_MONTHS = 36
#: What tables with days hold, in a sentence.
_HELD = {"transactions": "sales", "service_events": "work", "cases": "cases", "invoices": "invoices"}
WORK = ("events", "service_minutes", "cost_to_serve", "cost_to_obtain")


def data_from(run: Run) -> date | None:
    """Give the day on which the data begins, where that is after the window's first month; else None."""
    first = run.facts.get("data_from")
    return date.fromisoformat(first) if first else None


def period(run: Run) -> str:
    """Write what an amount of the window is per: where the data begins late in it, since when, and not `a year`."""
    first = data_from(run)
    return f"since {day(first)}" if first else per_window(run.window.months)


def months_of(run: Run) -> list[pd.Timestamp]:
    """Give the window's months, the last ones, without those before the data begins: of these nothing is known."""
    first = max(run.window.start, data_from(run) or run.window.start)
    return list(pd.date_range(first.replace(day=1), run.window.end, freq="MS"))[-MOST_MONTHS:]


def too_low(run: Run, what: str) -> str:
    """Say of amounts that are spread over the whole window that they are too low, where the data begins late in it.

    Parameters
    ----------
    run
        The run.
    what
        What is spread over it, at the start of a sentence.
    """
    first = data_from(run)
    if first is None:
        return ""
    covered = max(round((run.window.end - first).days / MONTH_DAYS), 1)
    return (
        f"{what} spread over all {counted(run.window.months, 'month')} of the window, of which the data covers "
        f"{count(covered)}, and so too low: set window.months to {count(covered)}."
    )


def any_of(accounts: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series[bool]:
    """Say of each account whether any of these numbers of it is known and not 0."""
    there = [column for column in columns if column in accounts]
    return accounts[there].astype("float64").fillna(0.0).ne(0.0).any(axis=1)


def idle(accounts: pd.DataFrame) -> pd.Series[bool]:
    """Say of each account whether the window holds nothing of it: it neither earns nor costs, and proves nothing."""
    return ~any_of(accounts, TRACES)


def work_recorded(accounts: pd.DataFrame) -> bool:
    """Whether any work for an account is recorded in the window; without it nothing is known of the cost to serve."""
    return bool(any_of(accounts, WORK).any())


def sales_recorded(accounts: pd.DataFrame) -> bool:
    """Whether any sale to an account is recorded in the window."""
    return bool(any_of(accounts, ("list_revenue", "net_revenue")).any())


def measured(accounts: pd.DataFrame) -> pd.DataFrame:
    """Give the accounts whose margin is known."""
    return accounts[accounts["net_margin"].notna()]


def net_margin_title(accounts: pd.DataFrame) -> str:
    """Name the margin at the end of the statement by what is known of the costs before it."""
    return "Net margin after cost to serve" if work_recorded(accounts) else "Net margin; cost to serve not recorded"


def outside_in_words(run: Run) -> str:
    """Say which accounts the margins leave out, with their sales; nothing where they hold all accounts."""
    rest = run.accounts[run.accounts["net_margin"].isna()]
    if rest.empty:
        return ""
    sold = float(rest["net_revenue"].astype("float64").fillna(0.0).sum())
    sales = f" with {money(sold, run.policy.currency)} net revenue" if round(sold) else ""
    words = f"The margin of {counted(len(rest), 'account')}{sales} is not known"
    others = len(run.accounts) - len(rest)
    if not others:
        return f"{words}."
    who = "other one" if others == 1 else f"other {count(others)}"
    return f"{words}; the margins here are those of the {who} alone."


def hardly_read(run: Run) -> str:
    """Say of which columns a part worth knowing of could not be read: it counts as unknown."""
    lost = run.table("rejected")
    lost = lost[lost["lost"] == "cell"].drop_duplicates(["table", "column", "file", "row"])
    rows = {str(item["table"]): int(item.get("rows") or 0) for item in run.facts.get("inputs", [])}
    many = lost.groupby(["table", "column"]).size()
    told = [
        f"{count(bad)} of {count(rows[table])} values of {spoken(column)} in {spoken(table)}"
        for (table, column), bad in many.items()
        if bad >= UNREAD * rows.get(table, bad + 1)
    ]
    return f"{listed(told)} could not be read and count as unknown." if told else ""


def recorded_late(run: Run) -> str:
    """Say which records begin long after the window and the rest of the data do: what lies before counts as none."""
    late = run.facts.get("tables_from", {})
    told = [f"{_HELD[table]} only from {day(date.fromisoformat(first))} on" for table, first in late.items()]
    return f"Of this window the data has {listed(told)}; what lies before counts as none." if told else ""


def comparable(run: Run) -> bool:
    """Whether the same window a year before can be set beside this one: what is recorded now was recorded then.

    A margin before there were sales, or before the work was logged, is no margin that another could be above.
    """
    now, before = run.accounts, run.last_year
    if before.empty or now.empty:
        return False
    kinds = (("list_revenue", "net_revenue"), WORK)
    same = all(any_of(before, kind).any() == any_of(now, kind).any() for kind in kinds)
    return same and bool(any_of(before, ("list_revenue", "net_revenue")).any())


def flags(column: pd.Series) -> pd.Series:
    """Give a judgement as plain true and false; what is not scored is false."""
    return column.astype("boolean").fillna(False).astype(bool)
