"""The bridge: from the accounts' net margin to the operating profit that the books show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.formats import is_known
from analysis.reporting.markup import label
from analysis.topics.profitability.figures.waterfall import Step

if TYPE_CHECKING:
    import pandas as pd

SHORT = {
    "accounts_net_margin": "Accounts' net margin",
    "unassigned_sales": "Sales to nobody known",
    "not_measured": "Before unknown goods",
    "unassigned_sales_not_measured": "Sales to nobody, no goods",
    "goods_not_known": "Goods, by the books",
    "unassigned": "Work for no account",
    "unused": "Unused capacity",
    "after_capacity": "After all capacity",
    "not_modelled": "Not modelled",
    "difference": "Differs from the books",
    "operating_profit": "Operating profit",
}


def bridge_steps(bridge: pd.DataFrame) -> list[Step]:
    """Read the bridge's table (line, label, amount, kind) as a waterfall; a step of zero is left out.

    The total after capacity is left out where the bridge goes on to the books.
    """
    ends = set(bridge["line"])
    steps = []
    for line in bridge.to_dict("records"):
        total = line["kind"] == "total"
        skipped = (line["line"] == "after_capacity" and "operating_profit" in ends) or line["kind"] == "apart"
        if skipped or not is_known(line["amount"]) or (not total and round(float(line["amount"])) == 0):
            continue
        words = SHORT.get(str(line["line"]), label(line["label"], 30))
        steps.append(Step(words, float(line["amount"]), "total" if total else "change"))
    return steps
