"""What each relationship is worth, to us and to the account."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from analysis.ledger.behaviour import customer_days
from analysis.ledger.ledger import Ledger

if TYPE_CHECKING:
    import pandas as pd
    from numpy import float64
    from numpy.typing import NDArray

    Floats = NDArray[float64]


class Valued:
    """The value of the accounts of a window; each part is computed once, when asked for.

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
    def months(self) -> Floats:
        """The months of the window that each account was a customer, in the order of `known`."""
        days = customer_days(self.checked["customers"], self.window).to_pandas()
        mine = self.known[["customer_id"]].merge(days, on="customer_id", how="left").days
        return mine.to_numpy(dtype="float64") / self.window.days * self.window.months

    @cached_property
    def hazards(self) -> Floats:
        """Accounts x months of the horizon: the chance that an account still here leaves in the month.

        In the order of `known`; 1 for an account that has left.
        """
        import numpy as np

        customers = self.checked["customers"].select("customer_id", "ended").to_pandas()
        ended = self.known[["customer_id"]].merge(customers, on="customer_id", how="left").ended.notna()
        share = float(ended.sum() / max(self.months.sum(), 1.0))
        chance = np.where(ended, 1.0, share)
        return np.repeat(chance[:, None], self.policy.finance.horizon_months, axis=1)

    @cached_property
    def monthly_margin(self) -> pd.DataFrame:
        """What an account earns in a month as a customer, in the order of `known`: `full` and `avoidable` cost."""
        import numpy as np
        import pandas as pd

        months = np.where(self.months > 0, self.months, np.nan)
        full = self.known.running_margin / months
        return pd.DataFrame({"full": full, "avoidable": self.known.avoidable_margin / months})

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """The judgement: `customer_id` and columns of `tables/accounts`."""
        return self.known[["customer_id"]]
