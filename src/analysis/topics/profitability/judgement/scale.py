"""The portfolio's own scale: what the policy's defaults are shares of where nobody stated an amount.

So a firm that keeps its books in cents, or in thousands, is judged as it is in euros, and one that keeps a tenth of a
sale is not told to raise prices as one that keeps half of it. Every default that is an amount of money becomes one
here, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis.policy import Assumptions, Policy

if TYPE_CHECKING:
    import pandas as pd

_DEFAULT_RISE = Policy().actions["reprice"].share
#: An hour of work as a share of what a usual account pays in a year, where no work is costed.
HOUR_OF_REVENUE = 0.001


@dataclass(frozen=True)
class Scale:
    """What is usual in a portfolio, in its money.

    Attributes
    ----------
    served
        What serving the median account costs in a year, of those that any service was charged to; 0: nothing is.
    hour
        What an hour of the portfolio's work costs; where none is costed, a small share of the median account's sales.
    kept
        Gross margin of net revenue, of all accounts whose margin is known; 1 where none is.
    """

    served: float
    hour: float
    kept: float = 1.0

    @classmethod
    def of(cls, accounts: pd.DataFrame, years: pd.Series[float]) -> Scale:
        """Return the scale of the accounts of a window.

        Parameters
        ----------
        accounts
            net_revenue, gross_margin, cost_to_serve, cost_to_obtain, service_minutes.
        years
            How long each was a customer in the window, in the same order; 0 or empty: it counts for nothing.
        """
        there = years.where(years > 0)
        minutes = float(accounts.service_minutes.sum())
        work = float(accounts.cost_to_serve.sum() + accounts.cost_to_obtain.sum())
        sold = HOUR_OF_REVENUE * _middle(accounts.net_revenue / there)
        hour = work / minutes * 60.0 if minutes > 0 and work > 0 else sold
        return cls(_middle(accounts.cost_to_serve / there), hour, _kept(accounts))


#: Of less than this nobody talks about a price.
LEAST_RISE = 0.01


def _kept(accounts: pd.DataFrame) -> float:
    known = accounts[accounts.gross_margin.notna()]
    paid = float(known.net_revenue.sum())
    return float(known.gross_margin.sum()) / paid if paid > 0 else 1.0


def _middle(amounts: pd.Series[float]) -> float:
    """Return the median of the amounts above 0; 0 without any."""
    some = amounts[amounts > 0]
    return float(some.median()) if len(some) else 0.0


def in_amounts(policy: Policy, scale: Scale) -> Policy:
    """Return a policy whose amounts are all stated: those that nobody stated, by the portfolio's own scale."""
    over = policy.over_service
    if over.amount is None:
        over = over.model_copy(update={"amount": over.amount_share * scale.served})
    actions = {name: _costed(assumed, scale) for name, assumed in policy.actions.items()}
    return policy.model_copy(update={"over_service": over, "actions": actions})


def _costed(assumed: Assumptions, scale: Scale) -> Assumptions:
    """Return the assumptions of a step with what it costs once in money, and no more of a sale than there is room."""
    stated: dict[str, Any] = {}
    if assumed.cost is None:
        stated["cost"] = tuple(hours * scale.hour for hours in assumed.cost_hours)
    # Who keeps nothing of a sale has no other way than to raise prices.
    if assumed.room is not None and assumed.share == _DEFAULT_RISE and scale.kept > 0:
        most = max(assumed.room * scale.kept, LEAST_RISE)
        stated |= {name: tuple(min(end, most) for end in getattr(assumed, name)) for name in ("share", "share_refused")}
    return assumed.model_copy(update=stated)
