"""Capacity: how much of what each resource supplies was used, for whom, and what stayed unused or was overrun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.formats import money, percent
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.markup import titled
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 46


def capacity_shares(resources: pd.DataFrame) -> pd.DataFrame:
    """Split each resource's supply into shares: charged to accounts, unassigned, unused, and over capacity.

    Parameters
    ----------
    resources
        With resource, supplied_cost, used_cost, unassigned_cost and unused_cost.

    Returns
    -------
    pandas.DataFrame
        With resource, accounts, unassigned, unused and over (shares of the supplied cost), and unused_cost.

    Examples
    --------
    >>> table = pd.DataFrame({"resource": ["desk"], "supplied_cost": [100.0], "used_cost": [120.0],
    ...                       "unassigned_cost": [10.0], "unused_cost": [-20.0]})
    >>> capacity_shares(table)[["accounts", "unassigned", "unused", "over"]].round(2).values.tolist()
    [[0.9, 0.1, 0.0, 0.2]]
    """
    supplied = resources["supplied_cost"].where(resources["supplied_cost"] > 0)
    used, unassigned = resources["used_cost"] / supplied, resources["unassigned_cost"] / supplied
    over = (used - 1).clip(lower=0)
    return pd.DataFrame(
        {
            "resource": [titled(key) for key in resources["resource"]],
            "accounts": (used - unassigned - over).clip(lower=0),
            "unassigned": unassigned,
            "unused": (1 - used).clip(lower=0),
            "over": over,
            "unused_cost": resources["unused_cost"],
        }
    ).dropna(subset=["accounts"])  # fmt: skip


def plot_capacity(resources: pd.DataFrame, currency: str, ax: Axes | None = None) -> Axes:
    """Draw a bar for each resource against the line of its full capacity."""
    ax = ax if ax is not None else new_axes(height=height(resources))
    shares = capacity_shares(resources)
    if shares.empty:
        return say(ax, "No resource is costed in this window.")
    for row, line in enumerate(shares.to_dict("records")):
        _bar(ax, row, line, currency)
    _axes(ax, shares)
    return ax


def height(resources: pd.DataFrame) -> int:
    """Say how many pixels high the figure is drawn."""
    return max(ROW * len(resources) + 56, 110)


PARTS = (
    ("accounts", "for accounts", palette.EARN.light, 0.85),
    ("unassigned", "for no account", palette.OTHERS.light, 0.9),
    ("over", "beyond capacity", palette.COST.light, 1.0),
)


def _bar(ax: Axes, row: int, line: Mapping[Any, Any], currency: str) -> None:
    left, over = 0.0, line["over"] > 0
    for part, words, colour, alpha in PARTS:
        bars = ax.barh(row, line[part], left=left, height=0.4, color=colour, alpha=alpha, linewidth=0)
        hover(bars[0], f"{line['resource']}: {percent(line[part])} {words}")
        left += line[part]
    edge = palette.OTHERS.light
    idle = ax.barh(row, line["unused"], left=left, height=0.4, color="none", edgecolor=edge, linewidth=1)
    hover(idle[0], f"{line['resource']}: {percent(line['unused'])} unused")
    said = f"{money(abs(line['unused_cost']), currency)} {'beyond its capacity' if over else 'unused'}"
    ax.text(0, row - 0.3, line["resource"], va="bottom", ha="left", fontweight="bold")
    ink = palette.COST if over else palette.MUTED
    ax.text(1, row - 0.3, said, va="bottom", ha="right", color=ink.light)


def _axes(ax: Axes, shares: pd.DataFrame) -> None:
    from matplotlib.ticker import PercentFormatter

    highest = 1 + float(shares["over"].max())
    ax.set_xlim(-0.005, max(1.005, highest * 1.02))
    ax.set_ylim(len(shares) - 0.65, -0.75)
    ax.axvline(1, color=palette.MUTED.light, linewidth=1, linestyle=(0, (2, 3)))
    ax.set_yticks([])
    ax.set_xticks([0, 0.5, 1] if is_narrow(ax) else [0, 0.25, 0.5, 0.75, 1])
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel("share of the capacity paid for")
    ax.tick_params(length=0, bottom=False, labelcolor=palette.MUTED.light)
    ax.spines[:].set_visible(False)
