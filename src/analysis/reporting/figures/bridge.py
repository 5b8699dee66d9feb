"""The bridge: from the accounts' net margin to the operating profit that the books show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.reporting.figures.waterfall import Step, plot_waterfall
from analysis.reporting.formats import is_known

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LABELS = {
    "accounts_net_margin": "Accounts' net margin",
    "unassigned": "Work for no account",
    "unused": "Unused capacity",
    "not_modelled": "Not modelled",
    "difference": "Difference",
    "operating_profit": "Operating profit",
}
TOTALS = frozenset({"accounts_net_margin", "operating_profit"})


def bridge_steps(bridge: pd.DataFrame) -> list[Step]:
    """Read the bridge table (line, label, amount) as the steps of a waterfall; a line of zero is left out."""
    steps = []
    for line in bridge.to_dict("records"):
        key = str(line["line"])
        if not is_known(line["amount"]) or (key not in TOTALS and round(float(line["amount"]), 2) == 0):
            continue
        label = LABELS.get(key, str(line.get("label", key)))
        steps.append(Step(label, float(line["amount"]), "total" if key in TOTALS else "change"))
    return steps


def plot_bridge(bridge: pd.DataFrame, currency: str, ax: Axes | None = None) -> Axes:
    """Draw the bridge as a waterfall."""
    return plot_waterfall(bridge_steps(bridge), currency, ax)
