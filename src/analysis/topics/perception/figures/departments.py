"""How departments see the accounts against the record: the mean gap of each with its interval, around nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.formats import number
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say, tidy
from analysis.reporting.markup import label, plain
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 40


def plot_departments(departments: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw each department's gap as a dot on its interval, in the order of the rows.

    Parameters
    ----------
    departments
        department, perception_gap, perception_gap_low, perception_gap_high; those without a figure are left out.
    """
    rows = departments[departments["perception_gap"].notna()]
    ax = ax if ax is not None else new_axes(height=height(rows))
    if rows.empty:
        return say(ax, "No department has raters enough.")
    for place, row in enumerate(rows.to_dict("records")):
        low, gap, high = (float(row[f"perception_gap{end}"]) for end in ("_low", "", "_high"))
        apart = low > 0 or high < 0
        colour = palette.DIFFICULT if apart else palette.OTHERS
        ax.plot([low, high], [place, place], color=colour.light, linewidth=4, zorder=2)
        dot = ax.plot(gap, place, "o", markersize=9, color=colour.light, linestyle="none", zorder=3)
        hover(dot[0], f"{plain(row['department'])}: {number(gap, 0)}, from {number(low, 0)} to {number(high, 0)}")
    ax.axvline(0, color=palette.MUTED.light, linewidth=1, zorder=1)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    narrow = is_narrow(ax)
    ax.set_yticks(range(len(rows)), [label(plain(name), 16 if narrow else 30) for name in rows["department"]])
    tidy(ax, grid="x")
    ax.locator_params(axis="x", nbins=4 if narrow else 7)
    ax.set_xlabel("points easier or harder" if narrow else "points of 100: easier than the record, or harder")
    return ax


def height(departments: pd.DataFrame) -> int:
    """Say how many pixels high the figure is drawn."""
    return max(ROW * int(departments["perception_gap"].notna().sum()) + 64, 110)
