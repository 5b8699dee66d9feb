"""Waterfalls: from one total to the next, step by step, read from top to bottom like a statement."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from analysis.formats import amount, is_known, money
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

ROW = 30


@dataclass(frozen=True)
class Step:
    """A line of a waterfall: a change, or a total that starts from zero."""

    label: str
    amount: float
    kind: Literal["change", "total"] = "change"


STATEMENT: tuple[tuple[str, str, int], ...] = (
    ("List revenue", "list_revenue", 0),
    ("Discounts", "discounts", -1),
    ("Returns, credits, rebates", "returns", -1),
    ("Net revenue", "net_revenue", 0),
    ("Cost of goods", "cogs", -1),
    ("Freight", "freight", -1),
    ("Gross margin", "gross_margin", 0),
    ("Cost to serve", "cost_to_serve", -1),
    ("Write-offs", "write_offs", -1),
    ("Financing", "financing_cost", -1),
    ("Running margin", "running_margin", 0),
    ("Cost to win accounts", "cost_to_obtain", -1),
    ("Net margin", "net_margin", 0),
)


def statement_steps(account: Mapping[str, Any] | pd.Series) -> list[Step]:
    """Read a statement, of one account or of the sum of all, as the steps from list revenue to net margin.

    A change of zero is left out; a total that repeats the one before it as well.

    Examples
    --------
    >>> steps = statement_steps({"list_revenue": 100, "discounts": 10, "net_revenue": 90, "net_margin": 90})
    >>> [(step.label, step.amount) for step in steps]
    [('List revenue', 100.0), ('Discounts', -10.0), ('Net margin', 90.0)]
    """
    steps = [
        Step(label, float(account[column]) * (sign or 1), "change" if sign else "total")
        for label, column, sign in STATEMENT
        if column in account and is_known(account[column])
    ]
    steps = [step for step in steps if step.kind == "total" or round(step.amount, 2) != 0]
    repeated = {place for place, (a, b) in enumerate(pairwise(steps)) if a.kind == b.kind == "total"}
    return [step for place, step in enumerate(steps) if place not in repeated]


def plot_waterfall(steps: Sequence[Step], currency: str, ax: Axes | None = None) -> Axes:
    """Draw the steps as bars that hang between the totals, each with its amount beside it."""
    ax = ax if ax is not None else new_axes(height=height(steps))
    if not steps:
        return say(ax, "Nothing to show.")
    starts = _starts(steps)
    for row, (step, start) in enumerate(zip(steps, starts, strict=True)):
        bars = ax.barh(row, step.amount, left=start, height=0.62, color=_colour(step), linewidth=0)
        hover(bars[0], f"{step.label}: {money(step.amount, currency)}")
    _connect(ax, steps, starts)
    _axes(ax, steps, starts)
    return ax


def height(steps: Sequence[Step]) -> int:
    """Say how many pixels high a waterfall of these steps is drawn."""
    return max(ROW * len(steps) + 24, 90)


def _starts(steps: Sequence[Step]) -> list[float]:
    level, starts = 0.0, []
    for step in steps:
        starts.append(0.0 if step.kind == "total" else level)
        level = step.amount if step.kind == "total" else level + step.amount
    return starts


def _colour(step: Step) -> str:
    if step.kind == "total":
        return palette.EARN.light if step.amount >= 0 else palette.COST.light
    return palette.COST.light if step.amount < 0 else palette.EARN.light


def _connect(ax: Axes, steps: Sequence[Step], starts: list[float]) -> None:
    for row, (step, start) in enumerate(zip(steps[:-1], starts[:-1], strict=True)):
        level = start + step.amount
        ax.plot([level, level], [row + 0.31, row + 0.69], color=palette.OTHERS.light, linewidth=1)


def _axes(ax: Axes, steps: Sequence[Step], starts: list[float]) -> None:
    ends = [start + step.amount for step, start in zip(steps, starts, strict=True)]
    low, high = min(0.0, *starts, *ends), max(0.0, *starts, *ends)
    size = (high - low) or 1.0
    ax.set_xlim(low - size * 0.02, high + size * (0.34 if is_narrow(ax) else 0.17))
    ax.set_ylim(len(steps) - 0.5, -0.5)
    ax.axvline(0, color=palette.MUTED.light, linewidth=0.8)
    ax.spines[:].set_visible(False)
    ax.set_xticks([])
    ax.set_yticks(range(len(steps)), [step.label for step in steps])
    ax.tick_params(length=0, left=False)
    for row, (label, step, start, end) in enumerate(zip(ax.get_yticklabels(), steps, starts, ends, strict=True)):
        weight = "bold" if step.kind == "total" else "normal"
        label.set(fontweight=weight, color=palette.INK.light if step.kind == "total" else palette.MUTED.light)
        ax.text(max(start, end, 0) + size * 0.015, row, amount(step.amount), va="center", ha="left",
                fontweight=weight, color=palette.INK.light)  # fmt: skip
