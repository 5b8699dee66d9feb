"""Capacity on a page: what was paid for, what was used, and what stayed unused or was overrun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.formats import agree, count, counted, hours, listed, money, month, percent
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.drawing import draw
from analysis.reporting.fragments import bullets, folded, section
from analysis.reporting.markup import Html, name, spoken, titled
from analysis.reporting.told import told_sum
from analysis.run import Run
from analysis.topics.profitability.figures.capacity import capacity_shares, height, plot_capacity
from analysis.topics.profitability.figures.months import height as months_height
from analysis.topics.profitability.figures.months import monthly_shares, plot_months

CAPTION = (
    "Blue: work for accounts. Grey: work for no account. Outlined: paid for and not used. "
    "Red: worked beyond the capacity."
)


def capacity(run: Run) -> Html:
    """Show what was used of the capacity paid for, and what was not."""
    resources, currency = run.resources, run.policy.currency
    if resources.empty:
        return Html()
    lines = "; ".join(_in_words(line) for line in capacity_shares(resources).to_dict("records"))
    tall = height(resources)
    figure = draw(
        lambda ax: plot_capacity(resources, currency, ax),
        name="capacity-figure", alt=f"Bars of capacity used by resource: {lines}.",
        heights=(tall, tall), caption=CAPTION,
    )  # fmt: skip
    return section(
        "capacity", _title(run), figure, basis(run, "work", "capacity"),
        folded("Capacity as a table", _table(resources, currency)), short="Capacity",
    )  # fmt: skip


def capacity_by_month(run: Run) -> Html:
    """Show capacity used by resource and month, with the months beyond it."""
    shares = monthly_shares(run.capacity)
    if shares.empty:
        return Html()
    tall = months_height(shares)
    figure = draw(
        lambda ax: plot_months(run.capacity, ax),
        name="months-figure",
        alt="Bars of capacity used by resource and month. " + " ".join(_overrun(shares) or ["No month is beyond it."]),
        heights=(tall, tall),
        caption="The dotted line is the full capacity; red bars pass it.",
    )
    return section(
        "months", _months_title(shares), figure, bullets(list(_overrun(shares)), "plain"),
        basis(run, "work", "capacity"), short="By month",
    )  # fmt: skip


def _overrun(shares: pd.DataFrame) -> list[str]:
    """Name the months in which each resource was used beyond its capacity."""
    lines = []
    for resource, line in shares.iterrows():
        over = [month(when) for when in line.index[line > 1]]
        if over:
            told = listed(over) if len(over) <= 6 else f"{count(len(over))} months, {over[0]} to {over[-1]}"
            lines.append(f"{titled(resource)}: beyond its capacity in {told}.")
    return lines


def _months_title(shares: pd.DataFrame) -> str:
    over = int((shares > 1).any(axis=1).sum())
    if not over:
        fullest = shares.max(axis=1).idxmax()
        return f"No month was beyond capacity; the fullest took {percent(shares.max().max())} of the {spoken(fullest)}"
    whole = "its" if over == 1 else "their"
    return f"{counted(over, 'resource')} worked beyond {whole} capacity in some month, whatever the year says"


def _in_words(line: Mapping[Any, Any]) -> str:
    used = f"{line['resource']} {percent(line['accounts'])} for accounts"
    return (
        f"{used}, {percent(line['over'])} beyond its capacity"
        if line["over"] > 0
        else f"{used}, {percent(line['unused'])} unused"
    )


def _title(run: Run) -> str:
    resources, currency, idle = run.resources, run.policy.currency, told_sum(run, "capacity_not_used")
    beyond = -float(resources["unused_cost"].clip(upper=0).sum())
    over = int((resources["unused_cost"] < -0.005).sum())
    first = f"{money(idle, currency)} of the capacity paid for was not used" if round(idle) else "All capacity was used"
    if not over:
        return first
    # Said in money, too: the bridge has the difference of the two.
    whose = agree(over, "its", "their")
    return f"{first}; {counted(over, 'resource')} worked {money(beyond, currency)} beyond {whose} capacity"


def _table(resources: pd.DataFrame, currency: str) -> Html:
    shown = [
        tables.Column("Resource", lambda row: name(titled(row["resource"])), number=False),
        tables.money("Paid for", "supplied_cost"),
        tables.money("Used", "used_cost"),
        tables.money("of it for no account", "unassigned_cost"),
        tables.money("Unused", "unused_cost"),
        tables.Column("Unused time", lambda row: hours(row["unused_minutes"])),
    ]
    caption = f"Capacity by resource, {currency}; below zero where more was worked than paid for"
    return tables.table(resources, shown, caption)
