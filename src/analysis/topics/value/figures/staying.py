"""Chances of leaving against what happened: for each fifth of the months at risk, endings told and endings seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.formats import counted, number
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say, tidy
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_staying(fit: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw two bars for each fifth, from the least to the most likely to be left in.

    Parameters
    ----------
    fit
        fifth, months, expected and actual.
    """
    ax = ax if ax is not None else new_axes(height=300)
    if fit.empty:
        return say(ax, "Too few accounts have left to compare.")
    tidy(ax, grid="y")
    places = fit["fifth"].to_numpy(dtype="float64")
    told = ax.bar(places - 0.2, fit["expected"].to_numpy(), 0.36, color=palette.OTHERS.light)
    seen = ax.bar(places + 0.2, fit["actual"].to_numpy(), 0.36, color=palette.INK.light)
    for bars, column, word in ((told, "expected", "told"), (seen, "actual", "seen")):
        for bar, value in zip(bars, fit[column], strict=True):
            hover(bar, f"{number(value)} endings {word}")
            ax.text(bar.get_x() + 0.18, bar.get_height(), number(value, 0), ha="center", va="bottom")
    ax.set_xticks(places, _names(len(fit), narrow=is_narrow(ax)))
    ax.set_ylabel("endings")
    ax.text(0.01, 0.97, "told beforehand", transform=ax.transAxes, va="top", color=palette.MUTED.light, weight="bold")
    ax.text(0.01, 0.87, "what happened", transform=ax.transAxes, va="top", color=palette.INK.light, weight="bold")
    return ax


def _names(fifths: int, *, narrow: bool) -> list[str]:
    if fifths < 2:
        return ["all"]
    middle = [str(place) for place in range(2, fifths)]
    return ["1: safest" if narrow else "1: least likely to leave", *middle, f"{fifths}: most"]


def spoken(fit: pd.DataFrame) -> str:
    """Say the figure in words."""
    parts = [
        f"fifth {int(row['fifth'])}: {number(row['expected'])} told, {counted(int(row['actual']), 'ending')} seen"
        for row in fit.to_dict("records")
    ]
    return "; ".join(parts)
