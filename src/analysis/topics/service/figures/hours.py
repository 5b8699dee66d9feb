"""When the work comes: cost to serve by weekday and hour, as a strip of heat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.formats import money, percent
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FAINTEST = 0.06


def heat(demand: pd.DataFrame) -> pd.DataFrame:
    """Sum the cost by weekday (down, 1 to 7) and hour (across, from the first to the last with work).

    Examples
    --------
    >>> heat(pd.DataFrame({"weekday": [1, 1], "hour": [9, 11], "cost": [5.0, 7.0]})).loc[1].tolist()
    [5.0, 0.0, 7.0]
    """
    if demand.empty:
        return pd.DataFrame()
    hours = range(int(demand["hour"].min()), int(demand["hour"].max()) + 1)
    rows = demand.astype({"weekday": "int64", "hour": "int64", "cost": "float64"})
    table = rows.pivot_table(index="weekday", columns="hour", values="cost", aggfunc="sum")
    return table.reindex(index=range(1, 8), columns=hours).fillna(0.0)


def plot_hours(demand: pd.DataFrame, currency: str, ax: Axes | None = None) -> Axes:
    """Draw a field for each hour of the week, the fuller the more it costs; the fullest says its amount on pointing."""
    from matplotlib.patches import Rectangle

    table = heat(demand)
    ax = ax if ax is not None else new_axes(height=290)
    if table.empty:
        return say(ax, "No work was charged to an account in this window.")
    most, whole = float(table.to_numpy().max()) or 1.0, float(table.to_numpy().sum()) or 1.0
    for weekday, line in table.iterrows():
        for hour, cost in line.items():
            strength = FAINTEST + (1 - FAINTEST) * cost / most if cost > 0 else 0.0
            colour = palette.COST.light if cost > 0 else palette.RULE.light
            field = Rectangle(
                (hour + 0.04, weekday - 0.46), 0.92, 0.92, facecolor=colour, alpha=strength or 0.45, linewidth=0
            )
            ax.add_patch(field)
            when = f"{WEEKDAYS[weekday - 1]}, {hour}:00 to {hour + 1}:00"
            hover(field, f"{when}: {money(cost, currency)}, {percent(cost / whole)}")
    _axes(ax, table)
    return ax


def _axes(ax: Axes, table: pd.DataFrame) -> None:
    first, last = int(table.columns[0]), int(table.columns[-1])
    step = next(size for size in (1, 2, 3, 4, 6) if size == 6 or (last - first) / size <= (6 if is_narrow(ax) else 9))
    ax.set_xlim(first, last + 1)
    ax.set_ylim(7.55, 0.45)
    hours = [hour for hour in range(first, last + 2) if hour % step == 0]
    ax.set_xticks(hours, [f"{hour}:00" for hour in hours])
    ax.set_yticks(range(1, 8), [name[:3] if is_narrow(ax) else name for name in WEEKDAYS])
    ax.tick_params(length=0, bottom=False, left=False, labelcolor=palette.MUTED.light)
    ax.spines[:].set_visible(False)
