"""The tornado: which rate and which minutes the range of the portfolio's margin comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.formats import amount, money
from analysis.reporting import palette
from analysis.reporting.drawing import is_narrow, new_axes, say
from analysis.reporting.markup import titled
from analysis.reporting.svg import hover

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_BARS = 10
ROW = 32


def swings(uncertainty: pd.DataFrame) -> pd.DataFrame:
    """Find what drives the range most: the factors with the widest effect, widest first.

    Parameters
    ----------
    uncertainty
        With factor, kind, net_margin_low and net_margin_high.

    Returns
    -------
    pandas.DataFrame
        With label, factor, kind, low, high and swing (high - low, above 0).

    Examples
    --------
    >>> table = pd.DataFrame({"factor": ["field_team", "visit"], "kind": ["rate", "minutes"],
    ...                       "net_margin_low": [90.0, 98.0], "net_margin_high": [110.0, 102.0]})
    >>> swings(table)[["label", "swing"]].values.tolist()
    [['Field team, rate', 20.0], ['Visit, minutes', 4.0]]
    """
    frame = pd.DataFrame(
        {
            "label": [
                f"{titled(factor, 24)}, {kind}"
                for factor, kind in zip(uncertainty["factor"], uncertainty["kind"], strict=True)
            ],
            "factor": uncertainty["factor"].to_numpy(),
            "kind": uncertainty["kind"].to_numpy(),
            "low": uncertainty["net_margin_low"].astype(float).to_numpy(),
            "high": uncertainty["net_margin_high"].astype(float).to_numpy(),
        }
    )
    frame["swing"] = frame["high"] - frame["low"]
    widest = frame[frame["swing"] > 0].sort_values("swing", ascending=False, kind="stable")
    return widest.head(MOST_BARS).reset_index(drop=True)


def plot_tornado(uncertainty: pd.DataFrame, currency: str, ax: Axes | None = None) -> Axes:
    """Draw for each factor the net margin at its two ends, around the net margin as stated."""
    rows = swings(uncertainty)
    ax = ax if ax is not None else new_axes(height=height(rows))
    if rows.empty:
        return say(ax, "The costing states no uncertainty.")
    middle = float((rows["low"] + rows["high"]).iloc[0] / 2)
    reach = float(rows["swing"].iloc[0]) / 2
    for row, line in enumerate(rows.to_dict("records")):
        for end, colour in ((line["low"], palette.COST), (line["high"], palette.EARN)):
            bars = ax.barh(row, end - middle, left=middle, height=0.56, color=colour.light, linewidth=0)
            hover(bars[0], f"{line['label']}: net margin {money(end, currency)}")
        ax.text(line["high"] + reach * 0.04, row, f"±{amount(line['swing'] / 2)}", va="center", ha="left")
    _axes(ax, rows, middle, reach, currency)
    return ax


def height(rows: pd.DataFrame) -> int:
    """Say how many pixels high the figure is drawn."""
    return max(ROW * len(rows) + 64, 110)


def _axes(ax: Axes, rows: pd.DataFrame, middle: float, reach: float, currency: str) -> None:
    ax.axvline(middle, color=palette.MUTED.light, linewidth=0.8)
    ax.set_xlim(middle - reach * 1.06, middle + reach * (1.75 if is_narrow(ax) else 1.25))
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks(range(len(rows)), [str(label) for label in rows["label"]])
    ends = [middle - reach, middle, middle + reach]
    ax.set_xticks(ends, [amount(end) for end in ends])
    ax.set_xlabel(f"net margin, {currency}")
    ax.tick_params(length=0, left=False, bottom=False, labelcolor=palette.MUTED.light)
    ax.spines[:].set_visible(False)
