"""The segments: four fields by profit and service demand, with who is in them and what they bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.formats import count, counted, money, percent
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
    ax.set_xticks(
        [0.5, 1.5], ["less service", "more service than the portfolio's own"[: 12 if is_narrow(ax) else None]]
    )
    ax.set_yticks([0.5, 1.5], ["loses", "earns"])
    ax.tick_params(length=0, left=False, bottom=False, labelcolor=palette.MUTED.light)
    ax.spines[:].set_visible(False)
    return ax


def _field(ax: Axes, right: bool, top: bool, title: str, totals: Any, currency: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    x, y, gap = float(right), float(top), 0.02
    tint, ink = (palette.EARN_TINT, palette.EARN) if top else (palette.COST_TINT, palette.COST)
    size = 1 - 2 * gap
    ax.add_patch(
        FancyBboxPatch(
            (x + gap, y + gap), size, size, boxstyle="round,pad=0,rounding_size=0.04", color=tint.light, linewidth=0
        )
    )
    left, step = x + 0.07, 1.0 if is_narrow(ax) else 1.15
    large = 22 if is_narrow(ax) else 30
    ax.text(left, y + 0.86, title, va="center", fontweight="bold", color=ink.light)
    ax.text(left, y + 0.62, count(totals["accounts"]), va="center", fontsize=large, fontweight="bold")
    ax.text(
        left,
        y + 0.38,
        counted(int(totals["accounts"]), "account").split(" ", 1)[1],
        va="center",
        color=palette.MUTED.light,
    )
    ax.text(left, y + 0.38 - 0.13 * step, f"{money(totals['running_margin'], currency)}", va="center")
    share = totals["revenue_share"]
    words = f"{percent(share)} of revenue" if share == share else ""
    ax.text(left, y + 0.38 - 0.25 * step, words, va="center", color=palette.MUTED.light)
