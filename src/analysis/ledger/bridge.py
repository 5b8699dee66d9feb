"""The bridge: from the accounts' net margin to the operating profit that the books show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING

from analysis.data.contract import conform, empty
from analysis.errors import DataError, Example, Problem
from analysis.ledger.costing import Control, Costing
from analysis.ledger.sales import UnassignedSales
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd

_BELOW_COGS = ("freight", "cost_to_serve", "cost_to_obtain", "write_offs", "financing_cost")


def bridge(
    accounts: pd.DataFrame,
    resources: pd.DataFrame,
    control: Control | None,
    nobodys: UnassignedSales | None = None,
) -> pd.DataFrame:
    """Return `tables/bridge`: line, label, amount, kind; the steps from one total lead to the next.

    net margin + sales to nobody - unassigned - unused - not modelled - difference = operating profit. Not modelled is
    what the books spend between gross margin and operating profit and the ledger has no line for; the difference is
    revenue and cost of goods that the ledger and the books state differently. Without `[control]` the bridge ends after
    the capacity. Where no margin is measured there is nothing to bridge.

    Revenue whose cost of goods is not known is no margin: with the work behind it it stands on a line of its own
    after the margin after capacity: `apart` from the sums, or, where the books say what is left, a step towards them.
    """
    import pandas as pd

    if accounts.net_margin.isna().all():
        return empty("bridge")
    nobodys = nobodys or UnassignedSales()
    lines = _to_capacity(accounts, resources, nobodys)
    unknown = _not_measured(accounts, nobodys)
    if control and control.operating_profit is not None:
        lines += [(key, label, amount, "step") for key, label, amount, _ in unknown]
        margin = fsum(amount for _, _, amount, kind in lines if kind == "step") + lines[0][2]
        lines += _to_books(accounts, resources, control, nobodys, margin, bool(unknown))
    else:
        lines += unknown
    frame = pd.DataFrame(lines, columns=["line", "label", "amount", "kind"])
    return conform(frame.assign(amount=frame.amount.round(4) + 0.0), "bridge")


Line = tuple[str, str, float, str]


def _to_capacity(accounts: pd.DataFrame, resources: pd.DataFrame, nobodys: UnassignedSales) -> list[Line]:
    lines: list[Line] = [
        ("accounts_net_margin", "Net margin of the accounts", float(accounts.net_margin.sum()), "total")
    ]
    if nobodys.lines and nobodys.margin is not None:
        lines.append(("unassigned_sales", "Sales to nobody we know, after goods and freight", nobodys.margin, "step"))
    lines.append(("unassigned", "Work that belongs to no account", -float(resources.unassigned_cost.sum()), "step"))
    lines.append(("unused", "Capacity that no work used", -float(resources.unused_cost.sum()), "step"))
    return [*lines, ("after_capacity", "Margin after all capacity", fsum(line[2] for line in lines), "total")]


def _not_measured(accounts: pd.DataFrame, nobodys: UnassignedSales) -> list[Line]:
    """Return what was sold without a known cost of goods, less the work and other costs behind it."""
    unmeasured, lines = accounts[accounts.net_margin.isna()], []
    if len(unmeasured):
        left = unmeasured.net_revenue.sum() - unmeasured[list(_BELOW_COGS)].sum().sum()
        label = "Accounts without a known cost of goods: revenue less service, before goods"
        lines.append(("not_measured", label, float(left), "apart"))
    if nobodys.lines and nobodys.margin is None:
        left = nobodys.net_revenue - nobodys.freight
        label = "Sales to nobody we know without a known cost of goods, before goods"
        lines.append(("unassigned_sales_not_measured", label, left, "apart"))
    return lines


def _to_books(
    accounts: pd.DataFrame,
    resources: pd.DataFrame,
    control: Control,
    nobodys: UnassignedSales,
    margin: float,
    unknown: bool,
) -> list[Line]:
    revenue = float(accounts.net_revenue.sum()) + nobodys.net_revenue
    cogs = float(accounts.cogs.sum()) + (nobodys.cogs or 0.0)
    books_revenue = revenue if control.revenue is None else control.revenue
    books_cogs = cogs if control.cogs is None else control.cogs
    profit = control.operating_profit or 0.0
    modelled = accounts[["freight", "write_offs", "financing_cost"]].sum().sum() + resources.supplied_cost.sum()
    not_modelled = books_revenue - books_cogs - profit - float(modelled) - nobodys.freight
    lines: list[Line] = []
    if unknown and control.cogs is not None:
        # What the books have in cost of goods beyond what is known is that of the revenue whose goods are not known.
        left = "Their cost of goods: what the books have beyond the known"
        lines.append(("goods_not_known", left, -(control.cogs - cogs), "step"))
        margin -= control.cogs - cogs
    not_in_costing = "Costs of the books that the costing does not model"
    label = f"{not_in_costing}, and goods not known" if unknown and control.cogs is None else not_in_costing
    differs = "Revenue and cost of goods that differ from the books"
    return [
        *lines,
        ("not_modelled", label, -not_modelled, "step"),
        ("difference", differs, profit - (margin - not_modelled), "step"),
        ("operating_profit", "Operating profit of the books", profit, "total"),
    ]


@dataclass(frozen=True)
class Tie:
    """How far the ledger is from the books, as shares of the books' own revenue and cost of goods."""

    revenue_difference: float | None
    revenue_share: float | None
    cogs_difference: float | None
    cogs_share: float | None

    @property
    def share(self) -> float | None:
        """The larger of the two shares; None where the books give neither."""
        return max((s for s in (self.revenue_share, self.cogs_share) if s is not None), default=None)


def tie(accounts: pd.DataFrame, control: Control | None, nobodys: UnassignedSales | None = None) -> Tie | None:
    """Return how far the ledger's revenue and cost of goods are from the books'; None without `[control]`."""
    if control is None:
        return None
    nobodys = nobodys or UnassignedSales()
    revenue = _apart(float(accounts.net_revenue.sum()) + nobodys.net_revenue, control.revenue)
    measured = not accounts.cogs.isna().any() and nobodys.cogs is not None
    cogs = _apart(float(accounts.cogs.sum()) + (nobodys.cogs or 0.0), control.cogs) if measured else (None, None)
    return Tie(*revenue, *cogs)


def _apart(ledger: float, books: float | None) -> tuple[float | None, float | None]:
    if books is None:
        return None, None
    difference = round(ledger - books, 4)
    return difference, abs(difference) / abs(books) if books else (1.0 if difference else 0.0)


def other_books(costing: Costing | None, window: Window) -> Iterator[Problem]:
    """Yield a warning where the books that are stated are of another window: a run of this one is not tied to them."""
    if costing and costing.control and costing.books_of(window.end) is None:
        yield Problem(
            "costing.toml",
            "control.as_of",
            "other_books",
            f"the books are of the window that ends on {costing.control.as_of}, so the one that ends on {window.end} "
            "is not tied to them",
            "State the books of this window in [control] once they are closed.",
            "warning",
        )


def stop_apart(apart: Tie | None, limit: float) -> None:
    """Stop where the ledger misses the books by more than the policy bears.

    Raises
    ------
    DataError
        With the differences.
    """
    if apart is None:
        return
    pairs = {
        "revenue": (apart.revenue_difference, apart.revenue_share),
        "cogs": (apart.cogs_difference, apart.cogs_share),
    }
    problems = [
        Problem(
            "costing.toml",
            f"control.{name}",
            "not_tied",
            f"the ledger is {share:.2%} away from the books, more than the policy bears ({limit:.2%})",
            "Find what is missing or twice in `transactions` (without these, in `invoices`), or correct [control] or "
            "checks.books_difference. Where the books are of another window, state its last day as control.as_of.",
            examples=(Example(None, "ledger less books", f"{difference:,.2f}"),),
        )
        for name, (difference, share) in pairs.items()
        if share is not None and share > limit
    ]
    if problems:
        raise DataError(problems)
