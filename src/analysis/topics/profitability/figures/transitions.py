"""From which segment to which: a field for each pair, darker the more went there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.formats import count, counted, percent
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.labels import SEGMENTS, segment_title
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: From this share on, the number stands in the ground's colour.
DARK = 0.55
GAP = 0.04
#: Rows of a segment below which counts stand in for shares.
FEW = 20


def plot_transitions(found: pd.DataFrame, ax: Axes | None = None, *, counts: bool = False) -> Axes:
    """Draw the share of each segment's rows that were in each segment after.

    Parameters
    ----------
    found
        `tables/transitions`: segment, next_segment, rows.
    counts
        Write how many there are, not their share.
    """
    ax = ax if ax is not None else new_axes(height=330)
    if found.empty:
        return say(ax, "No account was placed in a segment twice.")
    codes = [segment.code for segment in SEGMENTS]
    shares = found.set_index(["segment", "next_segment"])
    wholes = found.groupby("segment")["rows"].sum()
    for down, then in enumerate(codes):
        for right, after in enumerate(codes):
            if (then, after) in shares.index:
                row = shares.loc[(then, after)]
                _field(ax, down == right, (down, right), int(row["rows"]), int(wholes[then]), counts=counts)
    ax.set_xlim(-0.5, len(codes) - 0.5)
    ax.set_ylim(len(codes) - 0.5, -0.5)
    ax.xaxis.tick_top()
    ax.set_xticks(range(len(codes)), [_short(code, is_narrow(ax)) for code in codes])
    ax.set_yticks(range(len(codes)), [_short(code, is_narrow(ax)) for code in codes])
    ax.tick_params(length=0, labelcolor=palette.MUTED.light)
    ax.spines[:].set_visible(False)
    return ax


def _field(ax: Axes, kept: bool, place: tuple[int, int], rows: int, whole: int, *, counts: bool) -> None:
    from matplotlib.patches import Rectangle

    down, right = place
    corner, size = (right - 0.5 + GAP / 2, down - 0.5 + GAP / 2), 1 - GAP
    share, few = rows / whole, whole < FEW
    strength = 0.12 if few else 0.12 + 0.88 * share
    colour = palette.EARN if kept else palette.OTHERS
    field = Rectangle(corner, size, size, color=colour.light, alpha=strength, linewidth=0)
    ax.add_patch(field)
    hover(field, f"{counted(rows, 'account' if counts else 'row')}, {percent(share)}")
    ink = palette.GROUND if share >= DARK and kept and not few else palette.INK
    words = count(rows) if counts else f"{rows} of {whole}" if few else percent(share)
    ax.text(right, down, words, ha="center", va="center", color=ink.light)


def _short(code: str, narrow: bool) -> str:
    first, _, second = segment_title(code).partition(", ")
    if not narrow:
        return f"{first},\n{second}"
    return f"{'loses' if code.startswith('un') else 'earns'},\n{second.split()[0]}"
