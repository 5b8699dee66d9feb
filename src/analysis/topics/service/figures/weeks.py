"""Cost to serve week by week."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.formats import amount, day, money
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say, tidy
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from datetime import date

    from matplotlib.axes import Axes


def weekly(by_week: pd.DataFrame, start: date, end: date) -> pd.Series:
    """Sum the cost of each whole week of the window, by its Monday; weeks without work cost nothing."""
    rows = by_week.assign(week=pd.to_datetime(by_week["week"]))
    sums = rows.groupby("week")["cost"].sum().astype(float)
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    mondays = pd.date_range(first, last, freq="W-MON")
    return sums.reindex(mondays[mondays + pd.Timedelta(days=6) <= last]).fillna(0.0)


def plot_weeks(costs: pd.Series, currency: str, ax: Axes | None = None) -> Axes:
    """Draw a bar for each week, the middle week as a line."""
    ax = ax if ax is not None else new_axes(height=220)
    if costs.empty:
        return say(ax, "The window holds no whole week.")
    for place, (monday, cost) in enumerate(costs.items()):
        bars = ax.bar(place, cost, width=0.74, color=palette.COST.light, alpha=0.75, linewidth=0)
        hover(bars[0], f"Week from {day(monday.date())}: {money(cost, currency)}")
    middle = float(costs.median())
    # The line ends where its label begins.
    ax.hlines(middle, -0.7, len(costs) - 0.4, color=palette.INK.light, linewidth=1, linestyle=(0, (4, 3)))
    ax.text(
        len(costs) - 0.4, middle, f" middle week\n {amount(middle)}", va="center", ha="left", color=palette.INK.light
    )
    tidy(ax, grid="y")
    ax.set_xlim(-0.7, len(costs) * (1.4 if is_narrow(ax) else 1.17))
    top = (float(costs.max()) or 1.0) * 1.06
    ax.set_ylim(0, top)
    ticks = [t for t in ax.get_yticks() if t <= top]
    ax.set_yticks(ticks, [amount(t) if t else "0" for t in ticks])
    firsts = [n for n, monday in enumerate(costs.index) if n == 0 or monday.month != costs.index[n - 1].month]
    firsts = firsts[:: max(1, round(len(firsts) / (3 if is_narrow(ax) else 6)))]
    ax.set_xticks(firsts, [f"{costs.index[n]:%b %Y}" for n in firsts], ha="left")
    return ax
