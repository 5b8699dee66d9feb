"""Chances that were told against how often it happened: on the diagonal they were right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.formats import counted, is_known, percent
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say, tidy
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Rows below which a group is drawn hollow and without its interval: it says little.
FEW = 20


def plot_reliability(groups: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw each group's mean chance against the share in which it happened, with its interval.

    Parameters
    ----------
    groups
        Rows of `tables/reliability` of one subject: told, happened, happened_low, happened_high, rows, events.
    """
    ax = ax if ax is not None else new_axes(height=380)
    if groups.empty:
        return say(ax, "No chance could be held against what came.")
    most = _most(groups)
    ax.plot([0, most], [0, most], color=palette.MUTED.light, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    for row in groups.to_dict("records"):
        _group(ax, row)
    ax.set_xlim(-0.03 * most, 1.03 * most)
    ax.set_ylim(-0.03 * most, 1.03 * most)
    tidy(ax)
    ax.locator_params(nbins=4 if is_narrow(ax) else 6)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: percent(value))
    ax.set_xlabel("chance told")
    ax.set_ylabel("share that came")
    return ax


def _most(groups: pd.DataFrame) -> float:
    sure = groups[groups["rows"] >= FEW]
    ends = pd.concat([groups["told"], groups["happened"], sure["happened_high"]]).dropna()
    return min(1.0, float(ends.max()) * 1.05) or 1.0


def _group(ax: Axes, row: dict[Any, Any]) -> None:
    few = int(row["rows"]) < FEW
    colour = palette.OTHERS if few else palette.EARN
    if not few and is_known(row["happened_low"]):
        ends = [row["happened_low"], row["happened_high"]]
        ax.plot([row["told"]] * 2, ends, color=colour.light, linewidth=3, alpha=0.45, zorder=2)
    drawn = ax.plot(
        row["told"], row["happened"], "o", markersize=6 if few else 9, linestyle="none", zorder=3,
        markerfacecolor="none" if few else colour.light, markeredgecolor=colour.light, markeredgewidth=1.6,
    )  # fmt: skip
    words = f"told {percent(row['told'])}, came {percent(row['happened'])} of {counted(int(row['rows']), 'row')}"
    hover(drawn[0], words)
