"""Delivered against agreed against wanted: a line for each gap, with a mark for each of the three."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.formats import amount, in_a_sentence, is_known
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.labels import attribute_title
from analysis.reporting.markup import label, plain
from analysis.reporting.svg import hover
from analysis.topics.service.words import level

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 46
#: Column, word, shape and colour of each mark; a shape of its own, so that colour is never the only sign.
MARKS = (
    ("delivered", "delivered", "o", palette.OVER_SERVED),
    ("entitled", "agreed", "s", palette.INK),
    ("expected", "wanted", "D", palette.EARN),
)


def plot_levels(gaps: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw each gap on a line of its own from nothing to the most of its three levels.

    Parameters
    ----------
    gaps
        name, customer_id, attribute, delivered, entitled, expected, over_cost; drawn in their order.
    """
    ax = ax if ax is not None else new_axes(height=height(gaps))
    if gaps.empty:
        return say(ax, "No gap to show.")
    for place, row in enumerate(gaps.to_dict("records")):
        _line(ax, place, row)
    ax.set_xlim(-0.02, 1.04)
    ax.set_ylim(len(gaps) - 0.35, -0.75)
    ax.set_axis_off()
    return ax


def height(gaps: pd.DataFrame) -> int:
    """Say how many pixels high the figure is drawn."""
    return max(ROW * len(gaps) + 14, 90)


def _line(ax: Axes, place: int, row: dict[Any, Any]) -> None:
    values = {column: row[column] for column, *_ in MARKS if is_known(row[column])}
    most = max([float(value) for value in values.values()], default=0.0) or 1.0
    low, high = min(values.values(), default=0.0) / most, max(values.values(), default=0.0) / most
    ax.plot([0, 1], [place, place], color=palette.RULE.light, linewidth=1, zorder=1)
    ax.plot([low, high], [place, place], color=palette.OTHERS.light, linewidth=3, zorder=2, solid_capstyle="butt")
    for column, word, shape, colour in MARKS:
        if column in values:
            size = 8 if column == "delivered" else 9.5
            filled = colour.light if column == "delivered" else "none"
            drawn = ax.plot(
                values[column] / most, place, shape, markersize=size, markerfacecolor=filled, zorder=3,
                linestyle="none", markeredgecolor=colour.light, markeredgewidth=2,
            )  # fmt: skip
            hover(drawn[0], f"{word}: {level(values[column])}")
    who = label(plain(row.get("name")) or plain(row["customer_id"]), 18 if is_narrow(ax) else 38)
    what = in_a_sentence(attribute_title(row["attribute"]))
    ax.text(-0.01, place - 0.36, f"{who}: {what}", va="center", ha="left", color=palette.INK.light)
    if row["over_cost"] > 0:
        ax.text(1.04, place - 0.36, amount(row["over_cost"]), va="center", ha="right", color=palette.INK.light)
