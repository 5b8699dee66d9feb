"""Value to us against value to the account: four fields with who is in them and what they are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from analysis.formats import count, money
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Quadrant(NamedTuple):
    """A field: its code in the tables, its title, and whether we gain and the account gains."""

    code: str
    title: str
    meaning: str
    we: bool
    they: bool


QUADRANTS = (
    Quadrant("we_gain", "We gain, they get less", "worth something to us, and gets less than most for it", True, False),
    Quadrant("both_gain", "Both gain", "worth something to us, and gets at least as much as most", True, True),
    Quadrant("neither_gains", "Neither gains", "costs us, and gets less than most", False, False),
    Quadrant("they_gain", "They gain, we pay", "costs us, and gets at least as much as most", False, True),
)


def quadrant_totals(rows: pd.DataFrame) -> pd.DataFrame:
    """Count the accounts of each field and sum their value to us; an empty field is there with zeros.

    Parameters
    ----------
    rows
        quadrant and value_to_us.
    """
    grouped = rows[rows["quadrant"].notna()].groupby(rows["quadrant"].astype("string"))["value_to_us"]
    table = pd.DataFrame({"accounts": grouped.size(), "value": grouped.sum().astype(float)})
    return table.reindex([quadrant.code for quadrant in QUADRANTS], fill_value=0)


def plot_quadrants(rows: pd.DataFrame, currency: str, ax: Axes | None = None) -> Axes:
    """Draw the four fields: value to us upwards, value to the account to the right."""
    ax = ax if ax is not None else new_axes(height=400)
    totals = quadrant_totals(rows)
    if not totals["accounts"].sum():
        return say(ax, "Of no account both sides are known.")
    ax.set_xlim(-0.12, 2)
    ax.set_ylim(-0.16, 2)
    for quadrant in QUADRANTS:
        number, value = int(totals["accounts"][quadrant.code]), float(totals["value"][quadrant.code])
        _field(ax, quadrant, number, money(value, currency) if number else "")
    muted = palette.MUTED.light
    more = "gets more for its money \N{RIGHTWARDS ARROW}"
    ax.text(1.0, -0.09, more, ha="center", va="center", color=muted)
    ax.text(-0.07, 1.0, "worth more to us \N{RIGHTWARDS ARROW}", ha="center", va="center", rotation=90, color=muted)
    ax.set_axis_off()
    return ax


def _field(ax: Axes, quadrant: Quadrant, number: int, worth: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    tint, ink = (palette.EARN_TINT, palette.EARN) if quadrant.we else (palette.COST_TINT, palette.COST)
    gap, narrow = 0.015, is_narrow(ax)
    x, y, size = int(quadrant.they) + gap, int(quadrant.we) + gap, 1 - 2 * gap
    style = "round,pad=0,rounding_size=0.03"
    ax.add_patch(FancyBboxPatch((x, y), size, size, boxstyle=style, color=tint.light, linewidth=0))
    left = x + (0.07 if narrow else 0.05)
    title = quadrant.title.replace(", ", ",\n") if narrow else quadrant.title
    ax.text(left, y + 0.9, title, va="top", fontweight="bold", color=ink.light, linespacing=1.25)
    ax.text(left, y + 0.48, count(number), va="center", fontsize=24 if narrow else 32, fontweight="bold")
    ax.text(left, y + 0.27, "account" if number == 1 else "accounts", va="center", color=palette.MUTED.light)
    if worth:
        ax.text(left, y + 0.13, f"worth {worth}", va="center")
