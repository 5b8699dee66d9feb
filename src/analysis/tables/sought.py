"""The customer to look for instead of those that lose money."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from analysis.data.contract import conform, empty
from analysis.decision.lookalikes import can_tell, features, fits, lookalikes, profile
from analysis.ledger.ledger import Ledger
from analysis.ledger.likeness import product_mix

if TYPE_CHECKING:
    import pandas as pd


class Sought:
    """What sets apart the accounts that earn and fit, and who is like them; computed once, when asked for.

    Parameters
    ----------
    ledger
        The window's ledger.
    known
        The accounts with every judgement before this one: one row per account of the window.
    """

    def __init__(self, ledger: Ledger, known: pd.DataFrame) -> None:
        self.ledger, self.known = ledger, known

    @cached_property
    def _profile(self) -> tuple[pd.DataFrame, pd.Series[bool]] | None:
        """What accounts are compared by and which of them fit; None where too few do or do not."""
        known = self.known[self.known.net_margin.notna()].reset_index(drop=True)
        fit = fits(known)
        return (known, fit) if can_tell(fit) else None

    @cached_property
    def _features(self) -> pd.DataFrame:
        known = self._profile[0] if self._profile else self.known
        mix = None if self.ledger.lines is None else product_mix(self.ledger.lines).to_pandas()
        return features(known, mix)

    def look_for(self) -> pd.DataFrame:
        """Return what sets apart the accounts that earn and fit what we do."""
        return conform(profile(self._features, self._profile[1]), "look_for") if self._profile else empty("look_for")

    def lookalikes(self) -> pd.DataFrame:
        """Return small accounts that are like those that fit."""
        if not self._profile:
            return empty("lookalikes")
        return conform(lookalikes(self._profile[0], self._features, self._profile[1]), "lookalikes")
