"""How sure the run is as a whole: the range of its total and of the count of accounts that lose money."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.formats import count, is_known
from analysis.run import Run

NOTHING_TO_DRAW = "No range can be given: there are no costs of work, or no margins, to draw."
NONE_STATED = "The costing states no uncertainty, so no margin here has a range."


@dataclass(frozen=True)
class Sure:
    """What the draws say of the portfolio.

    Attributes
    ----------
    low, high
        The 5% and 95% points of the net margin of all accounts together.
    fewest, most
        The 5% and 95% points of the count of accounts that lose money.
    draws
        How many draws it rests on.
    error
        How far, as a share of the draws, the stated 5% and 95% points may be off.
    """

    low: float
    high: float
    fewest: int
    most: int
    draws: int
    error: float

    @property
    def losers(self) -> str:
        """How many accounts lose money, as a range in words."""
        return count(self.fewest) if self.fewest == self.most else f"{count(self.fewest)} to {count(self.most)}"

    @property
    def open(self) -> bool:
        """Whether it is open that the accounts earn money together."""
        return self.low < 0 < self.high


def sure(run: Run) -> Sure | None:
    """Read the ranges of the run; None where there is nothing to draw, or the costing states no uncertainty."""
    facts = run.facts.get("ranges") or {}
    edges = [*facts.get("net_margin", ()), *facts.get("loss_making_accounts", ())]
    if len(edges) != 4 or not all(map(is_known, edges)) or not _stated(run):
        return None
    low, high, fewest, most = edges
    return Sure(float(low), float(high), int(fewest), int(most), int(facts["draws"]), float(facts["quantile_error"]))


def why_no_range(run: Run) -> str:
    """Say why there is no range; nothing where there is one."""
    if sure(run):
        return ""
    stated = bool((run.uncertainty["uncertainty"] > 0).any())
    return NONE_STATED if run.facts.get("ranges") and not stated else NOTHING_TO_DRAW


def _stated(run: Run) -> bool:
    """Whether any rate or any minutes that cost something have a range."""
    factors = run.uncertainty
    return bool(((factors["uncertainty"] > 0) & (factors["cost"] != 0)).any())
