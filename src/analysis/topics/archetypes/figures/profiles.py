"""What sets each kind apart: small multiples, one a kind, a bar for each feature with a tick for the others' share."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import pandas as pd

from analysis.formats import in_a_sentence, percent
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.markup import cut, label
from analysis.reporting.svg import hover
from analysis.topics.archetypes.words import feature_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Pixels of a line and of a kind's title, and the features drawn of each kind.
LINE, TITLE, MOST = 24, 72, 9
#: Where the bars of a panel start and how long the longest is, in panels; letters of a line of its title.
START, LENGTH, LETTERS = 0.5, 0.36, 34


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
    words = "\n".join(wrap(label(title, 2 * LETTERS), LETTERS))
    ax.text(left, top + 1.9, words, fontweight="bold", va="bottom", ha="left", linespacing=1.25)
    start, length = left + START, LENGTH
    for place, feature in enumerate(features):
        y = top + 2.7 + place
        if feature not in shares.index:
            continue
        mean, rest = float(shares.loc[feature, "mean"]), float(shares.loc[feature, "rest"])
        words = cut(in_a_sentence(feature_title(feature)), 22)
        ax.text(start - 0.02, y, words, va="center", ha="right", color=palette.MUTED.light)
        ax.plot([start, start + length], [y, y], color=palette.RULE.light, linewidth=1, zorder=1)
        bar = ax.barh(y, mean * length, left=start, height=0.62, color=colour, linewidth=0, zorder=2)
        hover(bar[0], f"{words}: {percent(mean)}; elsewhere {percent(rest)}")
        at = start + rest * length
        ax.plot([at, at], [y - 0.42, y + 0.42], color=palette.INK.light, linewidth=1.6, zorder=3)
        ax.text(start + max(mean, rest) * length + 0.015, y, percent(mean), va="center", ha="left")
