"""What steps add, each with its range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.formats import amount, money, money_range
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.markup import label
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 44


def plot_steps(steps: pd.DataFrame, currency: str, ax: Axes | None = None) -> Axes:
    """Draw each step's value as a dot on the line of its range.

    Parameters
    ----------
    steps
        With name, title, value, low and high, in the order in which they are drawn.
    """
    ax = ax if ax is not None else new_axes(height=height(steps))
    if steps.empty:
        return say(ax, "No step is planned.")
    top = max(float(steps["high"].max()), 0.0) or 1.0
    for row, step in enumerate(steps.to_dict("records")):
        who = label(step["name"], 36 if is_narrow(ax) else 80)
        words = f"{who}, {step['title']}: {money(step['value'], currency)} ({money_range(step['low'], step['high'])})"
        (line,) = ax.plot([step["low"], step["high"]], [row, row], color=palette.EARN.light, linewidth=6, alpha=0.35)
        line.set_solid_capstyle("round")
        (dot,) = ax.plot([step["value"]], [row], "o", color=palette.EARN.light, markersize=8)
        hover(dot, words)
        ax.text(0, row - 0.26, who, va="bottom", ha="left")  # what about: the list says it, and so does the dot
        ax.text(step["high"] + top * 0.025, row, amount(step["value"]), va="center", ha="left")
    ax.set_xlim(min(0.0, float(steps["low"].min())), top * (1.3 if is_narrow(ax) else 1.14))
    ax.set_ylim(len(steps) - 0.5, -0.85)
    ax.axvline(0, color=palette.MUTED.light, linewidth=0.8)
    ax.set_yticks([])
    ax.set_xticks([])
    ax.spines[:].set_visible(False)
    return ax


def height(steps: pd.DataFrame) -> int:
    """Say how many pixels high the figure is drawn."""
    return max(ROW * len(steps) + 20, 90)
