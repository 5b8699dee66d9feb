"""How sure each number of kinds is: how much of the least and of the middle kind returns in data drawn anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.formats import percent
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say, tidy
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PATTERN, STABLE = 0.6, 0.75


def by_number(evidence: pd.DataFrame) -> pd.DataFrame:
    """Return, for each number of kinds, the best candidate whose stability is known: the chosen one, else k-means."""
    known = evidence[evidence["stability"].notna()]
    order = known["chosen"].astype("boolean").fillna(False).astype(bool)
    ranked = known.assign(order=order).sort_values(["clusters", "order"], ascending=[True, False], kind="stable")
    return ranked.groupby("clusters", as_index=False).first()


def plot_stability(evidence: pd.DataFrame, colour: str, ax: Axes | None = None) -> Axes:
    """Draw the stability of each number of kinds, with the lines from which a kind gets a name and is stable.

    Parameters
    ----------
    evidence
        `tables/archetype_evidence` of one group.
    """
    ax = ax if ax is not None else new_axes(height=260)
    rows = by_number(evidence)
    if rows.empty:
        return say(ax, "Too few accounts to try.")
    for row in rows.to_dict("records"):
        _one(ax, row, colour)
    for line, words in ((PATTERN, "a pattern"), (STABLE, "stable")):
        ax.axhline(line, color=palette.INK.light, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        ax.text(1.01, line, words, transform=ax.get_yaxis_transform(), va="center", ha="left")
    tidy(ax, grid="")
    ax.set_ylim(0, 1.06)
    ax.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    ax.set_xticks(rows["clusters"].astype(int).tolist())
    ax.set_xlabel("number of kinds tried" if is_narrow(ax) else "number of kinds tried; the full mark is the answer")
    return ax


def _one(ax: Axes, row: dict[object, object], colour: str) -> None:
    """Draw one number of kinds: from its least stable kind to the mean of them."""
    k, mean, least = int(str(row["clusters"])), float(str(row["stability"])), float(str(row["least_stability"]))
    chosen = row["chosen"] is True or str(row["chosen"]) == "True"
    ax.plot([k, k], [least, mean], color=colour, linewidth=4, alpha=0.5, zorder=2, solid_capstyle="butt")
    drawn = ax.plot(
        k, least, "o", markersize=10, markerfacecolor=colour if chosen else palette.GROUND.light,
        markeredgecolor=colour, markeredgewidth=2, zorder=3,
    )  # fmt: skip
    hover(drawn[0], f"{k} kinds: the least stable returns to {percent(least)}, the mean is {percent(mean)}")
