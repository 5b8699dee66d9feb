"""Accounts as points, by two of their columns, in the colours of a third."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import pandas as pd

from analysis.exploring.bars import write_axis
from analysis.exploring.words import heading, stop_at_columns, writer
from analysis.reporting.drawing import say, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_KINDS, LETTERS = 8, 26


def plot_scatter(rows: pd.DataFrame, x: str, y: str, kind: str, ax: Axes) -> Axes:
    """Draw a point for each row that has both figures, with a legend of the kinds beside the axes.

    Parameters
    ----------
    rows
        With the columns `x`, `y` and `kind`; an empty kind is "unknown", and the rarest of many are "others".

    Raises
    ------
    UsageError
        There is no such column, or it holds no numbers.
    """
    import seaborn as sns

    stop_at_columns(rows, [kind], [x, y])
    known = rows[rows[[x, y]].notna().all(axis="columns")]
    if known.empty:
        return say(ax, "Nothing to draw: no row has both figures.")
    across, up, kinds = known[x].astype(float), known[y].astype(float), _kinds(known[kind])
    sns.scatterplot(x=across, y=up, hue=kinds, hue_order=sorted(kinds.unique()), palette="colorblind",
                    s=60, alpha=0.8, ax=ax)  # fmt: skip
    sns.move_legend(ax, "upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, title=heading(kind))
    write_axis(ax.xaxis, x, across)
    write_axis(ax.yaxis, y, up)
    tidy(ax)
    return ax


def _kinds(values: pd.Series[object]) -> pd.Series[str]:
    words = writer(str(values.name), values)
    said = values.map(lambda value: "unknown" if pd.isna(value) else fill(words(value), LETTERS)).astype(str)
    common = said.value_counts().index[:MOST_KINDS]
    return said.where(said.isin(common), "others")
