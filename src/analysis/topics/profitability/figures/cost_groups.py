"""Cost to serve by group: which work the money goes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.formats import amount, money, percent
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.markup import titled
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

MOST_GROUPS = 10
ROW = 34


def group_costs(accounts: pd.DataFrame, groups: Mapping[str, str]) -> pd.Series:
    """Sum the cost to serve by group, largest first; the smallest beyond ten become one line.

    Parameters
    ----------
    accounts
        With a column for each group.
    groups
        Readable labels by column, such as ``{"cts_support": "Support"}``.

    Returns
    -------
    pandas.Series
        The cost by label.
    """
    known = {column: titled(words, 34) for column, words in groups.items() if column in accounts}
    sums = accounts[list(known)].sum().rename(known).astype(float).sort_values(ascending=False, kind="stable")
    sums = sums[sums.round(2) != 0]
    if len(sums) <= MOST_GROUPS:
        return sums
    rest = sums.iloc[MOST_GROUPS - 1 :]
    return pd.concat([sums.iloc[: MOST_GROUPS - 1], pd.Series({f"{len(rest)} smaller groups": rest.sum()})])


def plot_cost_groups(costs: pd.Series, currency: str, ax: Axes | None = None) -> Axes:
    """Draw the cost of each group as a bar with its amount and its share of the whole."""
    ax = ax if ax is not None else new_axes(height=height(costs))
    if costs.empty:
        return say(ax, "No work was charged to an account in this window.")
    whole, largest = float(costs.sum()), float(costs.max())
    for row, (group, cost) in enumerate(costs.items()):
        bars = ax.barh(row, cost, height=0.56, color=palette.COST.light, linewidth=0)
        hover(bars[0], f"{group}: {money(cost, currency)}")
        share = f", {percent(cost / whole)}" if whole > 0 else ""
        ax.text(max(cost, 0) + largest * 0.015, row, amount(cost) + share, va="center", color=palette.INK.light)
    ax.set_xlim(min(0.0, float(costs.min())), largest * (1.55 if is_narrow(ax) else 1.24))
    ax.set_ylim(len(costs) - 0.5, -0.5)
    ax.set_yticks(range(len(costs)), [str(label) for label in costs.index])
    ax.set_xticks([])
    ax.tick_params(length=0, left=False, labelcolor=palette.INK.light)
    ax.spines[:].set_visible(False)
    return ax


def height(costs: pd.Series) -> int:
    """Say how many pixels high the figure is drawn."""
    return max(ROW * len(costs) + 20, 90)
