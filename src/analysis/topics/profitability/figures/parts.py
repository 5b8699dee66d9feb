"""What makes a gap: a bar for each part, to the right where it costs more than at peers, to the left where less."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.formats import amount, money
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 30


def plot_parts(parts: pd.Series, currency: str, ax: Axes | None = None) -> Axes:
    """Draw the parts of a gap, the dearest first.

    Parameters
    ----------
    parts
        Amounts by label; above 0 what costs more than at peers.
    currency
        Of the amounts.
    """
    ax = ax if ax is not None else new_axes(height=height(parts))
    if parts.empty:
        return say(ax, "Nothing to compare.")
    size = float(max(parts.max(), 0) - min(parts.min(), 0)) or 1.0
    for row, (label, part) in enumerate(parts.items()):
        colour, way = (palette.COST, "more") if part > 0 else (palette.EARN, "less")
        bars = ax.barh(row, part, height=0.56, color=colour.light, linewidth=0)
        hover(bars[0], f"{label}: {money(abs(part), currency)} {way} than at peers")
        ax.text(max(part, 0) + size * 0.015, row, amount(part), va="center", ha="left", color=palette.INK.light)
    ax.axvline(0, color=palette.MUTED.light, linewidth=0.8)
    room = size * (0.36 if is_narrow(ax) else 0.14)
    ax.set_xlim(min(float(parts.min()), 0) - size * 0.02, max(float(parts.max()), 0) + room)
    ax.set_ylim(len(parts) - 0.5, -0.5)
    ax.set_yticks(range(len(parts)), [str(label) for label in parts.index])
    ax.set_xticks([])
    ax.tick_params(length=0, left=False, labelcolor=palette.MUTED.light)
    ax.spines[:].set_visible(False)
    return ax


def height(parts: pd.Series) -> int:
    """Say how many pixels high the figure is drawn."""
    return max(ROW * len(parts) + 20, 90)
