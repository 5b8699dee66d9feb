"""The portfolio's own scale of money: what the policy's defaults are shares of where nobody stated an amount.

So a firm that keeps its books in cents, or in thousands, is judged as it is in euros. Every default that is an amount
of money becomes one here, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.policy import Assumptions, Policy

if TYPE_CHECKING:
    import pandas as pd

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
    """

    served: float
    hour: float

    @classmethod
    def of(cls, accounts: pd.DataFrame, years: pd.Series[float]) -> Scale:
        """Return the scale of the accounts of a window.

        Parameters
        ----------
        accounts
            net_revenue, cost_to_serve, cost_to_obtain, service_minutes.
        years
            How long each was a customer in the window, in the same order; 0 or empty: it counts for nothing.
        """
        there = years.where(years > 0)
        minutes = float(accounts.service_minutes.sum())
        work = float(accounts.cost_to_serve.sum() + accounts.cost_to_obtain.sum())
        sold = HOUR_OF_REVENUE * _middle(accounts.net_revenue / there)
        return cls(_middle(accounts.cost_to_serve / there), work / minutes * 60.0 if minutes > 0 and work > 0 else sold)


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
    """Return the assumptions of a step with what it costs once in money."""
    if assumed.cost is not None:
        return assumed
    return assumed.model_copy(update={"cost": tuple(hours * scale.hour for hours in assumed.cost_hours)})
