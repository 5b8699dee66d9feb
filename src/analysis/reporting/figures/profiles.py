"""What sets each kind apart: small multiples, one a kind, a bar for each feature with a tick for the others' share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.formats import percent
from analysis.reporting import palette
from analysis.reporting.archetype_words import feature_title
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.labels import in_a_sentence
from analysis.reporting.markup import cut, label
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Pixels of a line, of a kind's title, and the features drawn of each kind.
LINE, TITLE, MOST = 24, 44, 6


def drawn_features(profiles: pd.DataFrame) -> list[str]:
    """Return the features to draw: those that some kind has most of, in the features' own order."""
    shares = profiles[profiles["share"].astype("boolean").fillna(False).astype(bool)]
    most = shares.groupby("feature")["mean"].max().sort_values(ascending=False, kind="stable").head(MOST).index
    return list(dict.fromkeys(shares.sort_values("place")["feature"][lambda names: names.isin(most)]))


def grid(kinds: int, features: int, *, narrow: bool) -> tuple[int, int, int]:
    """Return columns, rows of small multiples and the height in pixels."""
    columns = 1 if narrow or kinds == 1 else 2
    rows = -(-kinds // columns)
    return columns, rows, max(rows * (features * LINE + TITLE) + 10, 90)


def plot_profiles(profiles: pd.DataFrame, letters: dict[str, str], colour: str, ax: Axes | None = None) -> Axes:
    """Draw the share of each feature in each kind, and among the other accounts.

    Parameters
    ----------
    profiles
        `tables/archetype_profiles` of one group.
    letters
        The letter of each archetype; drawn in this order.
    """
    ax = ax if ax is not None else new_axes()
    features = drawn_features(profiles)
    if not letters or not features:
        return say(ax, "No kind to show.")
    columns, rows, _ = grid(len(letters), len(features), narrow=is_narrow(ax))
    lines = len(features) + TITLE / LINE
    for number, (kind, letter) in enumerate(letters.items()):
        mine = profiles[profiles["archetype"] == kind].set_index("feature")
        _panel(ax, number % columns, number // columns * lines, f"{letter}  {kind}", mine, features, colour)
    ax.set_xlim(0, columns)
    ax.set_ylim(rows * lines, 0)
    ax.set_axis_off()
    return ax


def _panel(
    ax: Axes, left: float, top: float, title: str, shares: pd.DataFrame, features: list[str], colour: str
) -> None:
    narrow = is_narrow(ax)
    ax.text(left, top + 0.9, label(title, 42 if narrow else 44), fontweight="bold", va="center", ha="left")
    start, length = left + 0.46, 0.36
    for place, feature in enumerate(features):
        y = top + 2 + place
        if feature not in shares.index:
            continue
        mean, rest = float(shares.loc[feature, "mean"]), float(shares.loc[feature, "rest"])
        words = cut(in_a_sentence(feature_title(feature)), 24)
        ax.text(start - 0.02, y, words, va="center", ha="right", color=palette.MUTED.light)
        ax.plot([start, start + length], [y, y], color=palette.RULE.light, linewidth=1, zorder=1)
        bar = ax.barh(y, mean * length, left=start, height=0.62, color=colour, linewidth=0, zorder=2)
        hover(bar[0], f"{words}: {percent(mean)}; elsewhere {percent(rest)}")
        at = start + rest * length
        ax.plot([at, at], [y - 0.42, y + 0.42], color=palette.INK.light, linewidth=1.6, zorder=3)
        ax.text(start + max(mean, rest) * length + 0.015, y, percent(mean), va="center", ha="left")
