"""What each relationship is worth, to us and to the account: the owner of the tables of value."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from analysis.data.contract import conform, empty
from analysis.data.span import begins
from analysis.decision.lifetime.lifetime import REACH, Lifetimes, Staying, Worth, worth
from analysis.decision.lifetime.margin import avoidable_serving, month_squares, shrunk
from analysis.ledger.behaviour import customer_days
from analysis.ledger.ledger import Ledger

if TYPE_CHECKING:
    import pandas as pd
    from numpy import float64
    from numpy.typing import NDArray

    Floats = NDArray[float64]


class Valued:
    """The value of the accounts of a window; each part is computed once, when asked for.

    Every frame and array is in the order of `known`.

    Parameters
    ----------
    ledger
        The window's ledger.
    known
        The accounts with every judgement before this one: one row per account of the window.
    """

    def __init__(self, ledger: Ledger, known: pd.DataFrame) -> None:
        self.ledger, self.known = ledger, known.reset_index(drop=True)
        self.policy, self.checked, self.window = ledger.policy, ledger.checked, ledger.window

    @cached_property
    def months(self) -> Floats:
        """The months of the window that each account was a customer."""
        days = customer_days(self.checked["customers"], self.window).to_pandas()
        mine = self.known[["customer_id"]].merge(days, on="customer_id", how="left").days
        return mine.to_numpy(dtype="float64") / self.window.days * self.window.months

    @cached_property
    def lifetimes(self) -> Lifetimes:
        """How long accounts stay, to be learnt."""
        first, policy = begins(self.checked), self.policy
        names, horizon = self.known.customer_id, policy.finance.horizon_months
        return Lifetimes(self.checked, names, self.window.after, first, policy.value, horizon)

    @property
    def staying(self) -> Staying:
        """How long accounts stay."""
        return self.lifetimes.staying

    @property
    def hazards(self) -> Floats:
        """Accounts x months of the horizon: the chance that an account still here leaves in the month.

        1 for an account that has left; NaN where nothing tells.
        """
        return self.staying.hazards

    @cached_property
    def monthly_margin(self) -> pd.DataFrame:
        """What an account earns in a month as a customer: `full` and `avoidable` (at avoidable cost).

        With `own`, the weight of its own months, and `spread`, the standard deviation of what is not known of `full`.
        """
        ledger, known = self.ledger, self.known
        squares = month_squares(ledger.lines, ledger.events, ledger.rates, self.window)
        rows = known[["customer_id", "cost_to_serve"]].merge(squares, on="customer_id", how="left")
        before_serving = known.gross_margin - known.write_offs - known.financing_cost
        rows = rows.assign(
            months=self.months,
            full=known.running_margin,
            avoidable=before_serving - self._avoidable_serving,
            revenue=known.net_revenue,
        )
        return shrunk(rows, self._like, self.window.months)

    @property
    def _avoidable_serving(self) -> pd.Series[float]:
        """What of the cost to serve would go with each account."""
        if self.ledger.work is None:
            return self.known.cost_to_serve
        found = self.known[["customer_id"]].merge(avoidable_serving(self.ledger.work), on="customer_id", how="left")
        return found.avoidable_serving.fillna(0.0)

    @property
    def _like(self) -> pd.Series[str]:
        """Who is like whom: by the policy's columns, where they are enough; else all accounts together."""
        keys = self.known[list(self.policy.peers.by)].fillna("").agg("/".join, axis=1)
        return keys.where(keys.groupby(keys).transform("size") >= self.policy.peers.minimum, "")

    @cached_property
    def worth(self) -> Worth:
        """The value of each account's margin ahead, and of the book's."""
        known = self.known
        cost_spread = (known.net_margin_high - known.net_margin_low) / (2.0 * REACH) / self.months
        rate, seed = self.policy.finance.discount_rate, self.policy.value.seed
        return worth(self.staying, self.monthly_margin, cost_spread, rate, seed)

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """The judgement: `customer_id` and columns of `tables/accounts`."""
        margin = self.monthly_margin
        return self.known[["customer_id"]].assign(
            **self.worth.accounts,
            margin_month=margin.full,
            margin_own=margin.own,
            leaves_year=1.0 - (1.0 - self.hazards[:, :12]).prod(axis=1),
        )

    def staying_fit(self) -> pd.DataFrame:
        """Return how the chances of leaving compare with what happened."""
        found = self.lifetimes.calibration()
        return empty("staying_fit") if found is None else conform(found, "staying_fit")
