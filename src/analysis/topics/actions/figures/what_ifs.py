"""What the ends of the assumptions' ranges would change: the ones that matter most first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.formats import amount, money
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.markup import cut
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 44


def plot_what_ifs(rows: pd.DataFrame, currency: str, ax: Axes | None = None) -> Axes:
    """Draw, for each assumption, what all steps of its kind add at its two ends, around what they add as stated.

    Parameters
    ----------
    rows
        With label, low_end and high_end (what it would change), in the order in which they are drawn.
    """
    ax = ax if ax is not None else new_axes(height=height(rows))
    if rows.empty:
        return say(ax, "No assumption has a range.")
    reach = float(rows[["low_end", "high_end"]].abs().max().max()) or 1.0
    for row, line in enumerate(rows.to_dict("records")):
        for end in ("low_end", "high_end"):
            colour = palette.EARN if line[end] >= 0 else palette.COST
            bars = ax.barh(row, line[end], height=0.4, color=colour.light, linewidth=0)
            hover(bars[0], f"{line['label']}: {money(line[end], currency, signed=True)}")
        ends = sorted((float(line["low_end"]), float(line["high_end"])))
        said = f"{amount(ends[0], signed=True)} to {amount(ends[1], signed=True)}"
        words = cut(str(line["label"]), 44 if is_narrow(ax) else 80)
        ax.text(-reach, row - 0.24, words, va="bottom", ha="left")
        ax.text(reach * 1.06, row, said, va="center", ha="left")
    # Beside the bars alone: the words between them lie across it.
    ax.vlines([0] * len(rows), [n - 0.2 for n in range(len(rows))], [n + 0.2 for n in range(len(rows))],
              color=palette.MUTED.light, linewidth=0.8)  # fmt: skip
    ax.set_xlim(-reach * 1.05, reach * (2.9 if is_narrow(ax) else 1.8))
    ax.set_ylim(len(rows) - 0.5, -0.85)
    ax.set_yticks([])
    ax.set_xticks([])
    ax.spines[:].set_visible(False)
    return ax


def height(rows: pd.DataFrame) -> int:
    """Say how many pixels high the figure is drawn."""
    return max(ROW * len(rows) + 20, 90)
