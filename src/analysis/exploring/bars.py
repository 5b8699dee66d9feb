"""Bars with a name each, the first on top."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.exploring.words import heading, is_share, stop_at_columns, writer
from analysis.formats import amount, percent
from analysis.reporting import palette
from analysis.reporting.drawing import say, tidy
from analysis.reporting.markup import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

#: Columns of which more is better, so that their sign has a colour.
_EARNS = re.compile(r"margin|value|clv|cash|gain")


def plot_bars(rows: pd.DataFrame, names: str, values: str, ax: Axes) -> Axes:
    """Draw a bar for each row, in their order; of what is earned, losses are in the colour of cost.

    Parameters
    ----------
    rows
        With the columns `names` and `values`; rows without a value are left out.

    Raises
    ------
    UsageError
        There is no such column, or it holds no numbers.

    Examples
    --------
    >>> from analysis.reporting.drawing import new_axes
    >>> rows = pd.DataFrame({"driver": ["product_mix", "freight"], "amount": [500.0, float("nan")]})
    >>> ax = plot_bars(rows, "driver", "amount", new_axes())
    >>> [tick.get_text() for tick in ax.get_yticklabels()]
    ['Cost of goods']
    """
    stop_at_columns(rows, [names], [values])
    known = rows[rows[values].notna()]
    if known.empty:
        return say(ax, "Nothing to draw: no value is known.")
    lengths, words = known[values].astype(float), writer(names, known[names])
    ax.barh(range(len(known)), lengths, color=[_colour(values, length) for length in lengths], height=0.66)
    ax.set_yticks(range(len(known)), [label(_said(name, words), 40) for name in known[names]])
    ax.invert_yaxis()
    write_axis(ax.xaxis, values, lengths)
    tidy(ax, grid="x")
    return ax


def write_axis(axis: Axis, column: str, values: pd.Series[float]) -> None:
    """Say what an axis measures, its marks as shares, as short amounts or as they are."""
    axis.set_label_text(heading(column))
    if is_share(column) or float(values.abs().max()) >= 1000:
        write = percent if is_share(column) else amount
        axis.set_major_formatter(lambda value, _: write(value))


def _said(name: Any, words: Callable[[Any], str]) -> str:
    return "unknown" if pd.isna(name) else words(name)


def _colour(column: str, value: float) -> str:
    if not _EARNS.search(column):
        return palette.OTHERS.light
    return palette.EARN.light if value >= 0 else palette.COST.light
