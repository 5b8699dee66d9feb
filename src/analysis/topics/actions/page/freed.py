"""The time that the plan frees, beside the time that stands idle already: what it replaces, and what it brings."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, amount, count, counted, hours, is_nothing, money, money_range
from analysis.reporting import tables
from analysis.reporting.fragments import folded, paragraph, section
from analysis.reporting.markup import Html, name
from analysis.reporting.told import told_range, told_sum
from analysis.run import Run


def brought(
    cash: float, low: float, high: float, freed: float, ahead: str, currency: str, adds: float = float("nan")
) -> str:
    """Say what steps bring in cash `ahead` and what time they set free: apart, since time is no cash by itself.

    Where they bring no cash, what they add (`adds`, at full cost) is told first: it is why they are proposed.

    Examples
    --------
    >>> brought(5_200.0, 4_000.0, 6_000.0, 120.0, "over 36 months", "EUR").replace("\N{NO-BREAK SPACE}", " ")
    'bring EUR 5.2 k in cash over 36 months (4.0 to 6.0 k) and set 120 hours a year free'
    >>> brought(4_800.0, -5_300.0, 14_700.0, 0.0, "", "EUR").replace("\N{NO-BREAK SPACE}", " ")
    'bring EUR 4.8 k in cash (5.3 k lost at worst; 15 k at best)'
    >>> brought(-1_500.0, -6_500.0, 3_400.0, 182.0, "", "EUR").replace("\N{NO-BREAK SPACE}", " ")
    'set 182 hours a year free and cost EUR 1.5 k in cash (6.5 k at worst; 3.4 k to the good at best)'
    >>> brought(-500.0, -650.0, -400.0, 182.0, "", "EUR", 9_000.0).replace("\N{NO-BREAK SPACE}", " ")
    'add EUR 9.0 k once the 182 hours a year that become free are used or let go, and cost EUR 500 in cash (400 to 650)'
    """
    when, time = f" {ahead}" if ahead else "", f"set {hours(60 * freed)} a year free" if freed >= 0.5 else ""
    no_cash = is_nothing(cash)
    if (no_cash or cash < 0) and time and adds > 0 and not is_nothing(adds):
        once = f"once the {hours(60 * freed)} a year that become free are used or let go"
        costs = f", and cost {money(-cash, currency)} in cash{_cost_between(low, high)}" if not no_cash else ""
        return f"add {money(adds, currency)}{when} {once}{costs}"
    if no_cash:
        return time or "bring no cash"
    if cash > 0:
        parts = [f"bring {money(cash, currency)} in cash{when}{_gain_between(low, high)}", time]
    else:
        parts = [time, f"cost {money(-cash, currency)} in cash{when}{_cost_between(low, high)}"]
    return " and ".join(part for part in parts if part)


def _gain_between(low: float, high: float) -> str:
    """Say the range of a gain: where it may be a loss, that it may."""
    if not money_range(low, high):
        return ""
    return f" ({money_range(low, high)})" if low >= 0 else f" ({amount(-low)} lost at worst; {amount(high)} at best)"


def _cost_between(low: float, high: float) -> str:
    """Say the range of a cost: what it is at worst, and what at best, where that may bring cash."""
    if not money_range(low, high):
        return ""
    if high <= 0:
        return f" ({money_range(-high, -low)})"
    return f" ({amount(-low)} at worst; {amount(high)} to the good at best)"


def told_in_cash(run: Run, cash: str, freed: str, adds: str, ahead: str = "") -> str:
    """Say it of three headline figures: in cash with its range, in hours a year, and what they add at full cost."""
    low, high = (float("nan") if end is None else end for end in told_range(run, cash))
    free, full = told_sum(run, freed), told_sum(run, adds)
    return brought(told_sum(run, cash), low, high, free, ahead, run.policy.currency, full)


def freeing(run: Run) -> pd.DataFrame:
    """Return the resources of which the plan frees time that is worth a word."""
    rows = run.table("freed_capacity")
    return rows[rows["freed_hours"] >= 0.5]


def freed_time(run: Run) -> Html:
    """Set the hours that the plan frees beside the idle ones; nothing where it frees none."""
    rows, currency = freeing(run), run.policy.currency
    if rows.empty:
        return Html()
    shown = [
        tables.Column("Who", lambda row: name(str(row["resource"]).replace("_", " ")), number=False),
        tables.Column("Stand idle", lambda row: hours(60 * row["idle_hours"])),
        tables.Column("Freed", lambda row: hours(60 * row["freed_hours"])),
        tables.change("At full cost", "freed_cost"),
        tables.Column("Relieve", lambda row: hours(60 * row["relieves_hours"]) if row["relieves_hours"] else ""),
        tables.change("In cash", "cash_year"),
    ]
    if rows["capacity_step_hours"].notna().any():
        shown.append(tables.Column("Whole steps", _steps, number=False))
    every = run.table("freed_capacity")
    words = paragraph(
        f"{_counted(every, currency)} An hour more where hands stand idle replaces nothing, until the idle hours are "
        "used up or let go. In cash counts what the costing says would go with the work, or whole steps of capacity "
        "where it states them (capacity_step). Relieving a resource that works beyond its capacity is worth its full "
        "cost."
    )
    listed = tables.table(rows, shown, f"Hours a year, and {currency} a year")
    return section(
        "freed-time", _title(every, rows, currency), words, folded("By resource", listed), short="Time freed"
    )


def _title(every: pd.DataFrame, rows: pd.DataFrame, currency: str) -> str:
    """Say what the plan frees of all resources, beside the idle hours of those that are worth a word."""
    freed, cash = (float(every[one].sum()) for one in ("freed_hours", "cash_year"))
    idle = float(rows["idle_hours"].sum())
    beside = f", beside {hours(60 * idle)} that stand idle already" if idle >= 0.5 else ""
    brings = (
        f"they bring {money(cash, currency)} a year in cash"
        if not is_nothing(cash)
        else "they bring no cash by themselves"
    )
    return f"The plan frees {hours(60 * freed)} a year{beside}: {brings}"


def _counted(rows: pd.DataFrame, currency: str) -> str:
    return (
        f"The plan's value counts the freed hours at full cost, {money(rows['freed_cost'].sum(), currency)} a year: "
        f"what they are worth in the long run. Now they bring or relieve {money(rows['worth_year'].sum(), currency)}."
    )


def _steps(row: tables.Row) -> str:
    """Say how many whole steps of capacity stand idle, and how many more the plan makes."""
    if pd.isna(row["capacity_step_hours"]):
        return ""
    idle, more = int(row["steps_idle"]), int(row["steps_freed"])
    of = f"of {hours(60 * row['capacity_step_hours'])}"
    return (
        f"{count(idle)} {agree(idle, 'stands', 'stand')} idle, {counted(more, 'more', 'more')} with the plan; each {of}"
    )
