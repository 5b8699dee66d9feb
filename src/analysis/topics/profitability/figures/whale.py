"""The whale curve: what the accounts earn together, from the most to the least profitable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.formats import amount, count, money, percent
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_POINTS = 400


@dataclass(frozen=True)
class Peak:
    """Where the curve is highest.

    Attributes
    ----------
    accounts, earned
        How many accounts earn, and what they earn together.
    others, given_back
        How many of the rest lose money, and what they lose together (0 or more).
    total
        What all earn together.
    """

    accounts: int
    earned: float
    others: int
    given_back: float
    total: float

    @property
    def in_shares(self) -> bool:
        """Whether it is told in shares of the total: these mean something, and what is given back shows in them."""
        return self.shares_mean_something and (self.given_back / self.total >= 0.005 or not self.others)

    @property
    def shares_mean_something(self) -> bool:
        """Whether the total is above zero, and not by a hair."""
        return self.total > 0 and self.earned / self.total <= 10


def peak(whale: pd.DataFrame) -> Peak:
    """Find the curve's peak.

    Examples
    --------
    >>> peak(pd.DataFrame({"net_margin": [80.0, 40.0, -20.0]}))
    Peak(accounts=2, earned=120.0, others=1, given_back=20.0, total=100.0)
    """
    margin = whale["net_margin"].astype(float).fillna(0.0)
    earned, lost = float(margin[margin > 0].sum()), float(-margin[margin < 0].sum())
    return Peak(int((margin > 0).sum()), earned, int((margin < 0).sum()), lost, earned - lost)


def plot_whale(whale: pd.DataFrame, currency: str, ax: Axes | None = None) -> Axes:
    """Draw the whale curve, in shares of the total where that is above zero, otherwise in money.

    Parameters
    ----------
    whale
        With rank, net_margin and cumulative; a band is drawn where it has cumulative_low and cumulative_high too.
    currency
        Of the money on the axis, where it shows money.
    """
    ax = ax if ax is not None else new_axes(height=460)
    if whale.empty:
        return say(ax, "No account in this window.")
    top = peak(whale)
    unit = top.total if top.in_shares else 1.0
    curve = _thinned(whale.sort_values("rank"), top.accounts)
    _axes(ax, top, currency, len(whale))
    if {"cumulative_low", "cumulative_high"} <= set(curve.columns) and curve["cumulative_low"].notna().any():
        ax.fill_between(curve["rank"], curve["cumulative_low"] / unit, curve["cumulative_high"] / unit,
                        color=palette.EARN.light, alpha=0.15, linewidth=0)  # fmt: skip
    ax.plot(np.r_[0, curve["rank"]], np.r_[0, curve["cumulative"] / unit], color=palette.EARN.light, linewidth=2.2)
    ax.set_ylim(*_limits(curve["cumulative"] / unit))
    _annotate(ax, top, unit, currency, len(whale))
    return ax


def _limits(heights: pd.Series) -> tuple[float, float]:
    low, high = min(0.0, float(heights.min())), max(0.0, float(heights.max()))
    room = (high - low) * 0.12 or 1.0
    return low - (room / 3 if low < 0 else 0), high + room


def _thinned(whale: pd.DataFrame, keep: int) -> pd.DataFrame:
    """Take enough points to draw the curve, the peak and the ends among them."""
    if len(whale) <= MOST_POINTS:
        return whale
    places = np.linspace(0, len(whale) - 1, MOST_POINTS).round().astype(int)
    return whale.iloc[np.unique(np.r_[places, max(keep - 1, 0)])]


def _axes(ax: Axes, top: Peak, currency: str, accounts: int) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

    tidy(ax, grid="y")
    ax.set_xlim(0, accounts * 1.01)
    ax.xaxis.set_major_locator(MaxNLocator(3 if is_narrow(ax) else 5, integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: count(value)))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.set_xlabel(
        "accounts, from the most to the least profitable" if not is_narrow(ax) else "accounts, most profitable first"
    )
    if top.in_shares:
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.set_ylabel("share of total net margin")
    else:
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: amount(value)))
        ax.set_ylabel(f"net margin so far, {currency}")


def _annotate(ax: Axes, top: Peak, unit: float, currency: str, accounts: int) -> None:
    """Name the peak: how many earn, and how much of it the others give back."""
    if not top.accounts or not top.others:
        return
    height, floor = top.earned / unit, ax.get_ylim()[0]
    ax.plot([top.accounts], [height], marker="o", color=palette.EARN.light, markersize=7)
    left = top.accounts > accounts * 0.55
    gained, given = _amounts(top, currency)
    bold = {"ha": "right" if left else "left", "fontweight": "bold"}
    x = top.accounts + (0.02 if left else -0.02) * accounts
    room = (ax.get_ylim()[1] - height) * 0.35
    if is_narrow(ax):  # a phone has no room to either side
        x, bold = accounts / 2, {**bold, "ha": "center"}
    ax.text(x, height + room, gained, color=palette.EARN.light, va="bottom", **bold)  # type: ignore[arg-type]
    end = top.total / unit
    ax.plot([accounts] * 2, [end, height], color=palette.COST.light, linewidth=3, solid_capstyle="butt")
    down = (height - floor) * (0.16 if is_narrow(ax) else 0.10)
    low = floor + 0.13 * (ax.get_ylim()[1] - floor)  # never down on the axis and its words
    at = max(end - down, low)
    ax.text(accounts * 0.985, at, given, color=palette.COST.light, va="top", ha="right", fontweight="bold")
    clear = (ax.get_ylim()[1] - floor) * (0.12 if is_narrow(ax) else 0.09)  # the line leaves out the words
    for ends in ([floor, max(at - clear, floor)], [at + clear / 4, height]):
        ax.plot([top.accounts] * 2, ends, color=palette.MUTED.light, linewidth=1, linestyle=(0, (2, 3)))


def _amounts(top: Peak, currency: str) -> tuple[str, str]:
    if top.in_shares:
        earned, lost = percent(top.earned / top.total), percent(top.given_back / top.total)
    else:
        earned, lost = money(top.earned, currency), money(top.given_back, currency)
    first = f"{count(top.accounts)} {'account earns' if top.accounts == 1 else 'accounts earn'} {earned}"
    if top.total < 0:
        return first, f"{count(top.others)} {'loses' if top.others == 1 else 'lose'} {lost}"
    verb = "gives" if top.others == 1 else "give"
    return first, f"{count(top.others)} {verb} {lost} back"
