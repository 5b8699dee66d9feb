"""What sellers sold and what became of it: the scorecard of account managers, where the policy asks for it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from analysis.data.contract import conform, empty
from analysis.data.span import reaches_back
from analysis.decision.sellers.pieces import pieces, shared_out, shares_of
from analysis.decision.sellers.scorecard import scorecard
from analysis.decision.sellers.territory import against_territory
from analysis.ledger.ledger import Ledger
from analysis.ledger.likeness import product_mix
from analysis.ledger.sold import (
    answers,
    billed,
    bookings_of,
    bought_before,
    order_days,
    sold_lines,
    sold_work,
    sold_write_offs,
)
from analysis.ledger.tenure import in_charge, stretches, tenures

if TYPE_CHECKING:
    import pandas as pd


class Sold:
    """The sellers of a window and their scorecard; each part is computed once, when asked for.

    Parameters
    ----------
    ledger
        The window's ledger.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.policy, self.checked, self.window = ledger.policy.sellers, ledger.checked, ledger.window

    @property
    def names_anyone(self) -> bool:
        """Whether the data says who sold what."""
        billed_by = "transactions" in self.checked and "rep" in self.checked.tables["transactions"].given
        return billed_by or "assignments" in self.checked or "bookings" in self.checked

    @cached_property
    def _charged(self) -> Any | None:
        """Who was in charge in each stretch of an account's days (kept in the engine); None without assignments."""
        assignments = self.checked.get("assignments")
        if assignments is None:
            return None
        owned = self.ledger.engine.keep(self._name("tenures"), tenures(assignments, self.policy.roles))
        found = self.ledger.engine.keep(self._name("stretches"), stretches(owned))
        return self.ledger.engine.keep(self._name("charged"), in_charge(owned, found))

    def _name(self, what: str) -> str:
        return f"{what}_{self.window.end:%Y%m%d}_{self.window.months}"

    @cached_property
    def _held(self) -> Any | None:
        """The stretches on which somebody is in charge."""
        if self._charged is None:
            return None
        return self._charged.select("customer_id", "starts", "stops").distinct()

    @cached_property
    def _sums(self) -> list[pd.DataFrame]:
        """The sums by account and stretch that the dataset has tables for."""
        checked, held, window = self.checked, self._held, self.window
        lines = checked.get("transactions")
        days = None if lines is None else order_days(lines)
        found = []
        if self.ledger.lines is not None:
            found.append(sold_lines(self.ledger.lines, days, held))
        if self.ledger.events is not None:
            found.append(sold_work(self.ledger.events, self.ledger.rates, days, held, checked["customers"]))
        if "invoices" in checked:
            found.append(sold_write_offs(checked["invoices"], held, window))
        said = answers(checked.get("cases"), checked.get("surveys"), held, window)
        return [table.to_pandas() for table in (*found, *([said] if said is not None else []))]

    @cached_property
    def pieces(self) -> pd.DataFrame:
        """One row per account and seller: what of the account's is the seller's, and whether its margin is measured."""
        import pandas as pd

        charged = pd.DataFrame(columns=["customer_id", "stretch", "seller", "weight"])
        if self._charged is not None:
            charged = self._charged.drop("starts", "stops").to_pandas()
        lines = self.ledger.lines
        shares = shares_of(None if lines is None else billed(lines).to_pandas())
        sums = [self._with_tenure(part) for part in self._sums]
        found = pieces([shared_out(part, charged, shares) for part in sums])
        measured = self.ledger.accounts.set_index("customer_id").gross_margin.notna()
        return found.assign(measured=found.customer_id.map(measured).fillna(False).astype(bool))

    @staticmethod
    def _with_tenure(sums: pd.DataFrame) -> pd.DataFrame:
        """Return the sums with `in_tenure`: the net revenue that fell into somebody's tenure."""
        if "net_revenue" not in sums:
            return sums
        return sums.assign(in_tenure=sums.net_revenue.where(sums.stretch.notna(), 0.0))

    @cached_property
    def covered(self) -> float | None:
        """The share of the accounts' net revenue that somebody is known to have sold; None without revenue."""
        whole = (self.ledger.transactions_net or 0.0) - self.ledger.unassigned_sales.net_revenue
        return float(self.pieces.net_revenue.sum()) / whole if whole else None

    @cached_property
    def _territory(self) -> pd.DataFrame:
        accounts = self.ledger.accounts
        margin = accounts.gross_margin - (accounts.cost_to_serve - accounts.failure_cost)
        lines = self.ledger.lines
        mix = None if lines is None else product_mix(lines).to_pandas()
        measured = self.pieces[self.pieces.measured]
        mine = measured.assign(margin=measured.gross_margin - measured.cost_to_serve)
        return against_territory(mine, accounts.assign(margin=margin), mix, self.policy)

    def reps(self) -> pd.DataFrame:
        """Return the scorecard of account managers; empty where the policy does not ask for it."""
        if not self.policy.publish or not self.names_anyone:
            return empty("reps")
        bookings = self.checked.get("bookings")
        booked = None if bookings is None else bookings_of(bookings, self.window).to_pandas()
        lines, before = self.checked.get("transactions"), None
        if lines is not None and reaches_back(self.checked, self.window.year_before()):
            before = bought_before(lines, self.window).to_pandas().customer_id
        some = booked if booked is not None and len(booked) else None
        return conform(scorecard(self.pieces, some, self._territory, before, self.policy), "reps")
