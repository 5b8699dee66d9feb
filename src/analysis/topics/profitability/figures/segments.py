"""The segments: four fields by profit and service demand, with who is in them and what they bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.formats import count, is_known, money, percent
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.labels import SEGMENTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def segment_totals(accounts: pd.DataFrame) -> pd.DataFrame:
    """Count the accounts of each segment and sum their money; a segment nobody is in is there with zeros.

    Returns
    -------
    pandas.DataFrame
        Indexed by segment code, with accounts, net_revenue, running_margin, cost_to_serve and revenue_share.
    """
    columns = ["net_revenue", "running_margin", "cost_to_serve"]
    placed = accounts[accounts["segment"].notna()]
    grouped = placed.groupby(placed["segment"].astype(str))
    table = grouped[columns].sum().astype(float)
    table.insert(0, "accounts", grouped.size())
    table = table.reindex([segment.code for segment in SEGMENTS], fill_value=0)
    whole = float(placed["net_revenue"].sum())
    table["revenue_share"] = table["net_revenue"] / whole if whole > 0 else float("nan")
    return table


def plot_segments(accounts: pd.DataFrame, currency: str, ax: Axes | None = None) -> Axes:
    """Draw the four fields: profit upwards, service demand to the right."""
    ax = ax if ax is not None else new_axes(height=400)
    totals = segment_totals(accounts)
    if not totals["accounts"].sum():
        return say(ax, "No account could be placed in a segment.")
    ax.set_xlim(0, 2)
    ax.set_ylim(0, 2)
    for segment in SEGMENTS:
        _field(ax, segment.high_demand, segment.profitable, segment.title, totals.loc[segment.code], currency)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    return ax


def _field(ax: Axes, right: bool, top: bool, title: str, totals: Any, currency: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    tint, ink = (palette.EARN_TINT, palette.EARN) if top else (palette.COST_TINT, palette.COST)
    gap, narrow, number = 0.015, is_narrow(ax), int(totals["accounts"])
    x, y, size = right + gap, top + gap, 1 - 2 * gap
    style = "round,pad=0,rounding_size=0.03"
    ax.add_patch(FancyBboxPatch((x, y), size, size, boxstyle=style, color=tint.light, linewidth=0))
    left, large = x + (0.07 if narrow else 0.05), 24 if narrow else 32
    if narrow:
        title = title.replace(", ", ",\n")
    ax.text(left, y + 0.92, title, va="top", fontweight="bold", color=ink.light, linespacing=1.25)
    ax.text(left, y + 0.52, count(number), va="center", fontsize=large, fontweight="bold")
    for place, line in enumerate(_lines(number, totals, currency)):
        colour = palette.INK if place else palette.MUTED
        ax.text(left, y + 0.32 - 0.115 * place, line, va="center", color=colour.light)


def _lines(number: int, totals: Any, currency: str) -> list[str]:
    lines = ["account" if number == 1 else "accounts"]
    if number:
        lines.append(f"{money(totals['running_margin'], currency)} margin")
    if number and is_known(totals["revenue_share"]):
        lines.append(f"{percent(totals['revenue_share'])} of revenue")
    return lines
