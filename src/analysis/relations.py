"""Who is difficult, whose doing that is, what staff believe, and how we talk with accounts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from analysis.ledger.ledger import Ledger

if TYPE_CHECKING:
    import pandas as pd


class Relations:
    """The relationship of a window and the judgement on it; each part is computed once, when asked for.

    Parameters
    ----------
    ledger
        The window's ledger.
    known
        The accounts with every judgement before this one: one row per account of the window.
    """

    def __init__(self, ledger: Ledger, known: pd.DataFrame) -> None:
        self.ledger, self.known = ledger, known
        self.policy, self.checked, self.window = ledger.policy, ledger.checked, ledger.window

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """The judgement: `customer_id` and columns of `tables/accounts`."""
        return self.known[["customer_id"]]
