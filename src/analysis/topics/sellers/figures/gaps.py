"""What came against what was to be expected: for each seller the gap with its interval, around nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.formats import amount, is_known, money
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say, tidy
from analysis.reporting.markup import label, plain
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 40
COLOURS = {"below": palette.COST, "above": palette.EARN, "as_expected": palette.MUTED}


def plot_gaps(reps: pd.DataFrame, currency: str, ax: Axes | None = None) -> Axes:
    """Draw each seller's gap to expectation as a dot on its interval, in the order of the rows.

    Parameters
    ----------
    reps
        rep, gap, gap_low, gap_high, band; rows without an interval are left out.
    currency
        Of the amounts.
    """
    rows = reps[reps["gap_low"].notna()]
    ax = ax if ax is not None else new_axes(height=height(rows))
    if rows.empty:
        return say(ax, "There is nothing to set the margin against.")
    for place, row in enumerate(rows.to_dict("records")):
        _line(ax, place, row, currency)
    ax.axvline(0, color=palette.MUTED.light, linewidth=1, zorder=1)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks(range(len(rows)), [label(plain(name), 16 if is_narrow(ax) else 30) for name in rows["rep"]])
    tidy(ax, grid="x")
    ax.locator_params(axis="x", nbins=4 if is_narrow(ax) else 7)
    ax.xaxis.set_major_formatter(lambda value, _: amount(value))
    return ax


def height(reps: pd.DataFrame) -> int:
    """Say how many pixels high the figure is drawn."""
    return max(ROW * int(reps["gap_low"].notna().sum()) + 44, 110)


def _line(ax: Axes, place: int, row: dict[Any, Any], currency: str) -> None:
    colour = COLOURS.get(str(row["band"]), palette.OTHERS)
    ax.plot([row["gap_low"], row["gap_high"]], [place, place], color=colour.light, linewidth=4, zorder=2)
    drawn = ax.plot(row["gap"], place, "o", markersize=9, color=colour.light, zorder=3, linestyle="none")
    reach = f", from {amount(row['gap_low'])} to {amount(row['gap_high'])}" if is_known(row["gap_low"]) else ""
    hover(drawn[0], f"{plain(row['rep'])}: {money(row['gap'], currency, signed=True)}{reach}")
