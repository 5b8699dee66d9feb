"""Margin that was expected against margin that came: accounts in groups of about the same expectation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.formats import amount, counted, money
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say, tidy
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GROUPS, LEAST = 10, 10
ROW = 34


def margin_groups(replays: pd.DataFrame) -> pd.DataFrame:
    """Return rows in groups of about the same expected margin, lowest first, with what came of each.

    Parameters
    ----------
    replays
        `tables/replays`.

    Returns
    -------
    pandas.DataFrame
        rows, expected, naive and came: means of each group.
    """
    columns = {"predicted_margin": "expected", "naive_margin": "naive", "next_running_margin": "came"}
    known = replays[replays[list(columns)].notna().all(axis=1)]
    groups = min(GROUPS, len(known) // LEAST)
    if groups < 1:
        return pd.DataFrame(columns=["rows", *columns.values()])
    order = known.sort_values(["predicted_margin", "as_of", "customer_id"])
    group = np.arange(len(order)) * groups // len(order)
    found = order[list(columns)].rename(columns=columns).groupby(group).mean()
    return found.assign(rows=np.bincount(group)).reset_index(drop=True)


def plot_expected(groups: pd.DataFrame, currency: str, ax: Axes | None = None) -> Axes:
    """Draw each group's expected margin beside what came."""
    ax = ax if ax is not None else new_axes(height=height(groups))
    if groups.empty:
        return say(ax, "Too few margins to set beside what came.")
    for place, row in enumerate(groups.to_dict("records")):
        ax.plot([row["expected"], row["came"]], [place, place], color=palette.OTHERS.light, linewidth=3, zorder=2)
        told = ax.plot(
            row["expected"], place, "D", markersize=8, markerfacecolor="none", zorder=3,
            markeredgecolor=palette.INK.light, markeredgewidth=1.8, linestyle="none",
        )  # fmt: skip
        came = ax.plot(row["came"], place, "o", markersize=8, color=palette.EARN.light, zorder=4, linestyle="none")
        hover(told[0], f"expected {money(row['expected'], currency)}")
        hover(came[0], f"came {money(row['came'], currency)}, mean of {counted(int(row['rows']), 'row')}")
    ax.axvline(0, color=palette.MUTED.light, linewidth=0.8, zorder=1)
    ax.set_ylim(len(groups) - 0.5, -0.5)
    names = [""] * len(groups)
    names[0], names[-1] = "lowest", "highest" if len(groups) > 1 else "all"
    ax.set_yticks(range(len(groups)), names)
    tidy(ax, grid="x")
    ax.locator_params(axis="x", nbins=4 if is_narrow(ax) else 7)
    ax.xaxis.set_major_formatter(lambda value, _: amount(value))
    return ax


def height(groups: pd.DataFrame) -> int:
    """Say how many pixels high the figure is drawn."""
    return max(ROW * len(groups) + 44, 110)
