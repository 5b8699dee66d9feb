"""The identities that hold to the cent in every run; a run in which one fails does not publish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.errors import ReportError

if TYPE_CHECKING:
    import pandas as pd

CENT = 0.005


@dataclass(frozen=True)
class Identity:
    """Two sums that must be the same to the cent."""

    name: str
    left: float
    right: float

    @property
    def holds(self) -> bool:
        """Whether they are."""
        return abs(self.left - self.right) < CENT


def identities(
    accounts: pd.DataFrame,
    resources: pd.DataFrame,
    transactions_net: float | None,
    groups: Sequence[str],
    unassigned_net: float = 0.0,
) -> list[Identity]:
    """Return the identities of a run.

    Parameters
    ----------
    accounts, resources
        The tables of the run.
    transactions_net
        The accepted transactions' net amount in the window; None without transactions.
    groups
        The columns `cts_<group>`.
    unassigned_net
        The net amount of sales to nobody that we know.
    """
    charged = float(accounts.cost_to_serve.sum() + accounts.cost_to_obtain.sum())
    found = [
        Identity(
            "the resources' used cost = what accounts are charged + unassigned work",
            float(resources.used_cost.sum()),
            charged + float(resources.unassigned_cost.sum()),
        ),
        Identity(
            "the largest gap between an account's groups and its cost to serve = 0",
            float((accounts[list(groups)].sum(axis=1) - accounts.cost_to_serve).abs().max()) if len(accounts) else 0.0,
            0.0,
        ),
    ]
    if transactions_net is not None:
        total = float(accounts.net_revenue.sum()) + unassigned_net
        name = "the accounts' net revenue + sales to nobody = the accepted transactions' net"
        found.append(Identity(name, total, transactions_net))
    return found


def stop_unless_all_hold(found: Sequence[Identity]) -> None:
    """Stop where an identity fails.

    Raises
    ------
    ReportError
        Naming each identity that fails, with both sides.
    """
    failed = [f"  {i.name}: {i.left:,.4f} is not {i.right:,.4f}" for i in found if not i.holds]
    if failed:
        raise ReportError("\n".join(["The ledger does not reconcile, so nothing was published:", *failed]))
