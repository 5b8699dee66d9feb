"""The accounts of one group in two dimensions: the first two principal components, a shape and a letter a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHAPES = "osD^vPX*<>"
#: Beyond so many, points are a picture, and beyond so many more a sample of them is drawn.
MOST_MARKS, MOST_POINTS = 1_000, 4_000


def plot_kind_map(members: pd.DataFrame, letters: dict[str, str], colour: str, ax: Axes | None = None) -> Axes:
    """Draw each account at its place; what has no kind is grey.

    Parameters
    ----------
    members
        `tables/archetype_members` of one group.
    letters
        The letter of each archetype.
    """
    ax = ax if ax is not None else new_axes(height=380)
    if members.empty:
        return say(ax, "No account to show.")
    drawn = members.sample(MOST_POINTS, random_state=1) if len(members) > MOST_POINTS else members
    many = len(drawn) > MOST_MARKS
    none = drawn[~drawn["archetype"].isin(list(letters))]
    ax.scatter(none["map_x"], none["map_y"], s=26, color=palette.OTHERS.light, marker="x", rasterized=many)
    for number, (kind, letter) in enumerate(letters.items()):
        mine = drawn[drawn["archetype"] == kind]
        points = ax.scatter(
            mine["map_x"], mine["map_y"], s=34, color=colour, alpha=0.55, marker=SHAPES[number % len(SHAPES)],
            linewidths=0.8, edgecolors=palette.INK.light, rasterized=many,
        )  # fmt: skip
        hover(points, f"{letter}: {kind}")
        _letter(ax, mine, letter)
    _frame(ax)
    return ax


def _letter(ax: Axes, mine: pd.DataFrame, letter: str) -> None:
    if mine.empty:
        return
    ax.annotate(
        letter, (float(mine["map_x"].median()), float(mine["map_y"].max())), xytext=(0, 19), fontweight="bold",
        textcoords="offset points", fontsize=14 if is_narrow(ax) else 16, ha="center", va="center", zorder=5,
        bbox={"boxstyle": "circle,pad=0.25", "facecolor": palette.GROUND.light, "edgecolor": palette.INK.light},
    )  # fmt: skip


def _frame(ax: Axes) -> None:
    ax.margins(0.1, 0.16)
    ax.set_xticks([])
    ax.set_yticks([])
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(palette.RULE.light)
    ax.set_xlabel("first principal component")
    ax.set_ylabel("second principal component")
