"""What keeping accounts is worth at most: a field for each account and each chance that an effort might gain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.formats import amount
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.markup import label, plain
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 30
FAINTEST = 0.08
#: Columns that fit a phone.
NARROWEST = 4


def height(grid: pd.DataFrame) -> int:
    """Say how many pixels high the figure is drawn."""
    return max(ROW * len(grid) + 40, 90)


def plot_rescue(grid: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the grid: accounts down, uplifts across, the fuller the more an effort may cost.

    Parameters
    ----------
    grid
        customer_id, name, then a column an uplift.
    """
    from matplotlib.patches import Rectangle

    ax = ax if ax is not None else new_axes(height=height(grid))
    if grid.empty:
        return say(ax, "No account has anything at stake.")
    uplifts = [column for column in grid.columns if column not in ("customer_id", "name")]
    uplifts = uplifts[:NARROWEST] if is_narrow(ax) else uplifts
    most = float(grid[uplifts].max().max()) or 1.0
    for place, row in enumerate(grid.to_dict("records")):
        for across, uplift in enumerate(uplifts):
            worth = float(row[uplift])
            strength = FAINTEST + (0.62 - FAINTEST) * worth / most
            shape = Rectangle((across + 0.03, place - 0.45), 0.94, 0.9, color=palette.EARN.light, alpha=strength)
            shape.set_linewidth(0)
            ax.add_patch(shape)
            hover(shape, f"{uplift} more likely to stay: at most {amount(worth)}")
            ax.text(across + 0.5, place, amount(worth), ha="center", va="center", color=palette.INK.light)
    _axes(ax, grid, uplifts)
    return ax


def _axes(ax: Axes, grid: pd.DataFrame, uplifts: list[str]) -> None:
    longest = 13 if is_narrow(ax) else 30
    names = [
        label(plain(name) or plain(key), longest) for name, key in zip(grid["name"], grid["customer_id"], strict=True)
    ]
    ax.set_xlim(0, len(uplifts))
    ax.set_ylim(len(grid) - 0.5, -0.5)
    ax.set_xticks([place + 0.5 for place in range(len(uplifts))], [f"+{uplift}" for uplift in uplifts])
    ax.set_yticks(range(len(grid)), names)
    ax.xaxis.tick_top()
    ax.tick_params(length=0, top=False, left=False, labelcolor=palette.MUTED.light)
    ax.spines[:].set_visible(False)
