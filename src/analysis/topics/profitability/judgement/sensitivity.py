"""What cost to serve changes, and how much a wrong rate would change in the conclusions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.data.contract import conform
from analysis.ledger.costing import Costing
from analysis.policy import Policy
from analysis.statistics.ends import HIGH
from analysis.topics.profitability.judgement.segments import segment
from analysis.topics.profitability.judgement.uncertainty import Terms

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
ERROR = 0.3


def _by_resource(terms: Terms, part: Floats, resource: str) -> Floats:
    mine = [place for place, (name, _) in enumerate(terms.names) if name == resource]
    found: Floats = part[:, mine].sum(axis=1)
    return found


def tipping(accounts: pd.DataFrame, terms: Terms, costing: Costing) -> pd.DataFrame:
    """Return, per account, the resource that its margin hangs on most and the change of its rate that turns it.

    Columns: tipping_resource, tipping_change = net margin / cost of that resource: the rate may rise by so much
    before the account loses money, or must fall by so much before it earns. Empty where no fall is enough (below -1)
    or the account uses no resource.
    """
    import pandas as pd

    names = sorted(costing.resources)
    costs = np.column_stack([_by_resource(terms, terms.serve + terms.obtain, name) for name in names])
    most = costs.argmax(axis=1)
    largest = costs[np.arange(len(costs)), most]
    net = accounts.net_margin.to_numpy(dtype=np.float64)
    change = np.divide(net, largest, out=np.full(len(net), np.nan), where=largest > 0)
    change[change < -1] = np.nan
    resource = pd.Series(np.array(names, dtype=object)[most], dtype="str").where(largest > 0)
    return pd.DataFrame({"customer_id": accounts.customer_id, "tipping_resource": resource, "tipping_change": change})


def sensitivity(accounts: pd.DataFrame, terms: Terms, costing: Costing, policy: Policy) -> pd.DataFrame:
    """Return `tables/sensitivity`: what 30% more or less on each resource's rate would change.

    Parameters
    ----------
    accounts
        The statement of all accounts, in the order of `terms`: those without a measured margin are in no count, but
        part of the portfolio's service demand.
    """
    import pandas as pd

    before = segment(accounts, policy.segments).fillna("")
    rows = []
    for name in sorted(costing.resources):
        serve, obtain, failure = (_by_resource(terms, p, name) for p in (terms.serve, terms.obtain, terms.failure))
        for change in (-ERROR, ERROR):
            other = _recosted(accounts, serve * change, obtain * change, failure * change)
            rows.append(
                {
                    "resource": name,
                    "change": change,
                    "net_margin": other.net_margin.sum(),
                    "loss_making_accounts": int((other.net_margin < 0).sum()),
                    "turned": int(((other.net_margin < 0) != (accounts.net_margin < 0)).sum()),
                    "segments_changed": int((segment(other, policy.segments).fillna("") != before).sum()),
                }
            )
    return conform(pd.DataFrame(rows), "sensitivity")


def _recosted(accounts: pd.DataFrame, serve: Floats, obtain: Floats, failure: Floats) -> pd.DataFrame:
    """Return the accounts with so much more cost to serve, to obtain and of failure."""
    cost_to_serve, failure_cost = accounts.cost_to_serve + serve, accounts.failure_cost + failure
    whole = accounts.list_revenue - accounts.returns
    return accounts.assign(
        cost_to_serve=cost_to_serve,
        failure_cost=failure_cost,
        running_margin=accounts.running_margin - serve,
        net_margin=accounts.net_margin - serve - obtain,
        service_demand=((cost_to_serve - failure_cost) / whole.where(whole > 0)),
    )


def factors_alone(total_margin: float, terms: Terms, costing: Costing) -> pd.DataFrame:
    """Return `tables/uncertainty`: the portfolio's net margin with one factor at its 5% and 95% points.

    All other factors are as stated. The 95% point of the symmetric triangular factor is 1 + u (1 - sqrt(2 x 0.05)).
    """
    import pandas as pd

    costs = (terms.serve + terms.obtain).sum(axis=0)
    reach = 1 - np.sqrt(2 * (1 - HIGH))
    found: list[tuple[str, str, float, float]] = []
    for name, resource in costing.resources.items():
        cost = sum(c for c, (r, _) in zip(costs, terms.names, strict=True) if r == name)
        found.append((name, "rate", resource.uncertainty, float(cost)))
    for cost, (_, activity) in zip(costs, terms.names, strict=True):
        if activity:
            found.append((activity, "minutes", costing.activities[activity].uncertainty, float(cost)))
    frame = pd.DataFrame(found, columns=["factor", "kind", "uncertainty", "cost"])
    width = frame.cost * frame.uncertainty * reach
    frame = frame.assign(net_margin_low=total_margin - width, net_margin_high=total_margin + width, _width=width)
    frame = frame.sort_values(["_width", "factor"], ascending=[False, True])
    return conform(frame, "uncertainty")


def what_costs_change(accounts: pd.DataFrame) -> dict[str, Any]:
    """Return how far the ranking by net margin departs from those by revenue and by gross margin.

    Spearman's rank correlations, and the accounts whose sign changes between gross and net margin; None below three
    accounts, where a ranking says nothing. Without `work` no cost to serve is recorded: nothing to compare.
    """
    known = accounts[accounts.net_margin.notna()]
    worked = (known[["events", "cost_to_serve", "cost_to_obtain"]].fillna(0) != 0).any(axis=None)
    turned = int(((known.gross_margin > 0) & (known.net_margin < 0)).sum())
    found: dict[str, Any] = {"accounts": len(known), "turned_to_loss": turned, "work": bool(worked)}
    for name in ("net_revenue", "gross_margin"):
        varied = len(known) >= 3 and known[name].std() > 0 and known.net_margin.std() > 0
        rank = known.net_margin.rank().corr(known[name].rank()) if varied else None
        found[f"rank_correlation_{name}"] = None if rank is None else round(float(rank), 4)
    return found
