"""Theirs and ours: a bar for each account's trouble, its own part and what our failures explain of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.formats import number
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.markup import label, plain
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 40


def plot_theirs_and_ours(accounts: pd.DataFrame, threshold: float | None, ax: Axes | None = None) -> Axes:
    """Draw each account's trouble from 0 to 100: the customer's part full, ours beside it in outline.

    Parameters
    ----------
    accounts
        name, customer_id, trouble, difficulty; drawn in their order.
    threshold
        The difficulty from which an account stands apart: a line; None: nobody does.
    """
    ax = ax if ax is not None else new_axes(height=height(accounts))
    if accounts.empty:
        return say(ax, "Nobody to show.")
    for place, row in enumerate(accounts.to_dict("records")):
        theirs, whole = float(row["difficulty"]), float(row["trouble"])
        own = ax.barh(place, theirs, height=0.4, color=palette.DIFFICULT.light, linewidth=0)
        hover(own[0], f"theirs: {number(theirs, 0)}")
        ours = ax.barh(
            place, whole - theirs, left=theirs, height=0.4, color=palette.COST_TINT.light,
            edgecolor=palette.COST.light, linewidth=1.4,
        )  # fmt: skip
        hover(ours[0], f"ours: {number(whole - theirs, 0)}")
        who = label(plain(row.get("name")) or plain(row["customer_id"]), 28 if is_narrow(ax) else 60)
        ax.text(0, place - 0.42, who, va="center", ha="left", color=palette.INK.light)
        words = f"{number(theirs, 0)} + {number(whole - theirs, 0)}"
        ax.text(whole + 1.2, place, words, va="center", ha="left", color=palette.MUTED.light)
    if threshold is not None:
        ax.axvline(threshold, color=palette.INK.light, linewidth=1, linestyle=(0, (4, 3)))
    ax.set_xlim(0, 116 if is_narrow(ax) else 106)
    ax.set_ylim(len(accounts) - 0.5, -0.8)
    ax.set_yticks([])
    marks = {0.0: "0", 100.0: "100"} | ({} if threshold is None else {threshold: f"apart from {number(threshold, 0)}"})
    ax.set_xticks(sorted(marks), [marks[at] for at in sorted(marks)])
    ax.tick_params(length=0, labelcolor=palette.MUTED.light)
    ax.spines[:].set_visible(False)
    return ax


def height(accounts: pd.DataFrame) -> int:
    """Say how many pixels high the figure is drawn."""
    return max(ROW * len(accounts) + 40, 100)
