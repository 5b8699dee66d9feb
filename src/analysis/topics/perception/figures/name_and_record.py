"""The name and the record: for each account where its record stands and where staff see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.formats import number
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.markup import label, plain
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 40


def plot_name_and_record(rows: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw a line from each account's record, a full dot, to where staff see it, a ring.

    Parameters
    ----------
    rows
        name, customer_id, trouble, perceived_difficulty; drawn in their order, those without a figure left out.
    """
    shown = rows[rows["perceived_difficulty"].notna()]
    ax = ax if ax is not None else new_axes(height=height(rows))
    if shown.empty:
        return say(ax, "Too few people rated to show a figure.")
    for place, row in enumerate(shown.to_dict("records")):
        _line(ax, place, row)
    ax.set_xlim(-2, 118 if is_narrow(ax) else 106)
    ax.set_ylim(len(shown) - 0.5, -0.9)
    ax.set_yticks([])
    ax.set_xticks([0, 50, 100], ["no trouble", "50", "100"])
    ax.tick_params(length=0, labelcolor=palette.MUTED.light)
    ax.spines[:].set_visible(False)
    return ax


def height(rows: pd.DataFrame) -> int:
    """Say how many pixels high the figure is drawn."""
    return max(ROW * int(rows["perceived_difficulty"].notna().sum()) + 50, 110)


def _line(ax: Axes, place: int, row: dict[Any, Any]) -> None:
    record, view = float(row["trouble"]), float(row["perceived_difficulty"])
    ax.plot([record, view], [place, place], color=palette.OTHERS.light, linewidth=2, zorder=1)
    full = ax.plot(record, place, "o", markersize=9, color=palette.INK.light, linestyle="none", zorder=3)
    hover(full[0], f"the record: {number(record, 0)}")
    ring = ax.plot(
        view, place, "o", markersize=9, color=palette.GROUND.light, markeredgecolor=palette.DIFFICULT.light,
        markeredgewidth=2.4, linestyle="none", zorder=3,
    )  # fmt: skip
    hover(ring[0], f"staff's view: {number(view, 0)}")
    who = label(plain(row.get("name")) or plain(row["customer_id"]), 28 if is_narrow(ax) else 60)
    ax.text(0, place - 0.42, who, va="center", ha="left", color=palette.INK.light)
    words = f"{number(record, 0)} \N{RIGHTWARDS ARROW} {number(view, 0)}"
    end = max(record, view) + (4.0 if is_narrow(ax) else 2.2)
    ax.text(end, place, words, va="center", ha="left", color=palette.MUTED.light)
