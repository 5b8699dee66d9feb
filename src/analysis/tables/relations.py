"""Who is difficult, whose doing that is, what staff believe, and how we talk with accounts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from analysis.tables.conduct import Conduct
from analysis.tables.dealings import Dealings
from analysis.tables.served import Served

if TYPE_CHECKING:
    import pandas as pd


class Relations:
    """The relationship of a window and the judgement on it; each part is computed once, when asked for.

    Parameters
    ----------
    served
        The service of the window, and its ledger.
    known
        The accounts with every judgement before this one: one row per account of the window.
    """

    def __init__(self, served: Served, known: pd.DataFrame) -> None:
        self.served, self.ledger, self.known = served, served.ledger, known
        self.policy, self.checked, self.window = served.policy, served.checked, served.window

    @cached_property
    def conduct(self) -> Conduct:
        """How accounts and we treat each other, and how difficult that makes them."""
        return Conduct(self.served)

    @cached_property
    def dealings(self) -> Dealings:
        """What we fail accounts with, and how we talk with them."""
        return Dealings(self.conduct)

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """The judgement: `customer_id` and columns of `tables/accounts`."""
        return self.known[["customer_id"]].merge(self.conduct.accounts, on="customer_id", how="left")

    @property
    def rates(self) -> pd.DataFrame:
        """Each account's own rates after shrinkage: customer_id, and a column a behaviour that is measured."""
        return self.conduct.own_rates

    def behaviours(self) -> pd.DataFrame:
        """Return what each account's trouble is made of."""
        return self.conduct.behaviours

    def our_failures(self) -> pd.DataFrame:
        """Return what we fail each account with."""
        return self.dealings.our_failures

    def communication(self) -> pd.DataFrame:
        """Return the relationship from the customer's side of the table."""
        return self.dealings.communication

    def halfway(self) -> pd.DataFrame:
        """Return what customers could do to meet us half way."""
        return self.dealings.halfway

    def who_knows(self) -> pd.DataFrame:
        """Return who should be in the room."""
        return self.dealings.who_knows

    def would_help(self) -> pd.DataFrame:
        """Return what staff say would help."""
        return self.dealings.would_help
