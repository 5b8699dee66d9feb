"""Capacity by month: a strip of bars for each resource against the line of its full capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.formats import month, percent
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.markup import titled
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 84
MOST_RESOURCES, MOST_MONTHS = 12, 36
HIGHEST = 1.5


def monthly_shares(capacity: pd.DataFrame) -> pd.DataFrame:
    """Give the share of each resource's capacity used in each month, resources down, months across.

    Where there are very many, the resources that were fullest in some month, and the latest months.

    Examples
    --------
    >>> table = pd.DataFrame({"resource": ["desk"] * 2, "month": pd.to_datetime(["2026-01-01", "2026-02-01"]),
    ...                       "capacity_minutes": [100.0, 100.0], "used_minutes": [80.0, 120.0]})
    >>> monthly_shares(table).values.tolist()
    [[0.8, 1.2]]
    """
    supplied = capacity["capacity_minutes"].where(capacity["capacity_minutes"] > 0)
    shares = capacity.assign(share=capacity["used_minutes"] / supplied).dropna(subset=["share"])
    table = shares.pivot_table(index="resource", columns="month", values="share", aggfunc="sum").fillna(0.0)
    table = table.iloc[:, -MOST_MONTHS:]
    fullest = table.max(axis=1).sort_values(ascending=False, kind="stable").index[:MOST_RESOURCES]
    return table.loc[table.index.isin(fullest)]


def plot_months(capacity: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the strips; a bar past the line is a month beyond capacity, and says by how much."""
    shares = monthly_shares(capacity)
    ax = ax if ax is not None else new_axes(height=height(shares))
    if shares.empty:
        return say(ax, "No resource is costed in this window.")
    for row, (resource, line) in enumerate(shares.iterrows()):
        _strip(ax, row, titled(resource), line, said=not is_narrow(ax) and shares.shape[1] <= 14)
    _axes(ax, shares)
    return ax


def height(shares: pd.DataFrame) -> int:
    """Say how many pixels high the figure is drawn."""
    return max(ROW * len(shares) + 34, 120)


FULL = 0.42


def _strip(ax: Axes, row: int, resource: str, line: pd.Series, *, said: bool) -> None:
    base = -row
    for place, (when, share) in enumerate(line.items()):
        over = share > 1
        colour = palette.COST if over else palette.EARN
        top = min(share, HIGHEST) * FULL
        bars = ax.bar(place, top, bottom=base, width=0.72, color=colour.light, alpha=1.0 if over else 0.75, linewidth=0)
        hover(bars[0], f"{resource}, {month(when)}: {percent(share)} of capacity")
        if over and said:
            ax.text(place, base + top + 0.02, percent(share), ha="center", va="bottom", color=palette.COST.light)
    ax.plot([-0.6, len(line) - 0.4], [base + FULL] * 2, color=palette.MUTED.light, linewidth=1, linestyle=(0, (2, 3)))
    highest = max(min(float(line.max()), HIGHEST), 1.0) * FULL
    above = 0.22 if said and (line > 1).any() else 0.05
    ax.text(-0.5, base + highest + above, resource, ha="left", va="bottom", fontweight="bold", color=palette.INK.light)


def _axes(ax: Axes, shares: pd.DataFrame) -> None:
    months = shares.shape[1]
    ax.set_xlim(-0.6, months - 0.4)
    ax.set_ylim(-len(shares) + 1 - 0.05, 1.0)
    ax.set_yticks([])
    step = max(1, round((months - 1) / (2 if is_narrow(ax) else 4)))
    places = list(range(0, months, step))
    ax.set_xticks(places, [month(shares.columns[place], short=True) for place in places])
    ax.tick_params(length=0, bottom=False, labelcolor=palette.MUTED.light)
    ax.spines[:].set_visible(False)
