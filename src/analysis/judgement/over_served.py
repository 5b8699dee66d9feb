"""The judgement: who is over-served and who is under-served, and how sure that is over the cost ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.judgement.uncertainty import BLOCK_CELLS, HIGH, LOW, Floats, cost_terms, draw_factors
from analysis.ledger.costing import Costing
from analysis.policy import Policy

if TYPE_CHECKING:
    import pandas as pd

COSTS = {
    "over_service_cost": "over_cost",
    "beyond_agreed_cost": "agreed_over_cost",
    "beyond_wanted_cost": "wanted_over_cost",
}


def over_service(gaps: pd.DataFrame, peers: pd.DataFrame) -> pd.DataFrame:
    """Return what each account's service beyond its levels costs, its attributes together.

    Parameters
    ----------
    gaps
        As `service.gaps` gives them.
    peers
        customer_id, over_cost, cost_to_ask of accounts compared with like ones, where no level is known.

    Returns
    -------
    DataFrame
        customer_id, over_service_cost, beyond_agreed_cost, beyond_wanted_cost, and `cost_to_<remedy>`; empty where
        nothing could be compared.
    """
    import pandas as pd

    remedies = [name for name in gaps.columns if name.startswith("cost_to_")]
    both = pd.concat(
        [gaps[["customer_id", *COSTS.values(), *remedies]], peers[["customer_id", "over_cost", "cost_to_ask"]]]
    )
    sums = both.groupby("customer_id").sum(min_count=1).round(4).reset_index()
    return sums.rename(columns={old: new for new, old in COSTS.items()})


def threshold(accounts: pd.DataFrame, years: pd.Series[float], policy: Policy) -> Floats:
    """Return the amount from which over-service is material: a share of net revenue, and an amount a year.

    The policy is one `in_amounts`: its amount a year is stated, or follows from the portfolio's own scale.

    Parameters
    ----------
    accounts
        net_revenue; where it is not measured, the amount alone counts.
    years
        How long each was a customer in the window.
    """
    share = (accounts.net_revenue.clip(lower=0).fillna(0) * policy.over_service.share).to_numpy(dtype=np.float64)
    return np.maximum(share, (policy.over_service.amount or 0.0) * years.to_numpy(dtype=np.float64))


def falls_short(rows: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    """Return whether each gap falls short of its promise by the policy's share of it, and its units in the window.

    Short of what was agreed counts; where nothing was agreed, short of what was asked for. Hours of waiting are no sum
    over periods: there the share alone counts.

    Parameters
    ----------
    rows
        promise, entitled, expected, short_of_agreed, short_of_wanted, periods, measure.
    """
    short = rows.short_of_agreed.fillna(rows.short_of_wanted)
    level = rows.entitled.fillna(rows.expected)
    units = (short * rows.periods >= policy.under_service.units) | (rows.measure == "response_hours")
    promised = rows.promise.fillna(False).astype(bool)
    found: pd.Series[bool] = promised & (short > 0) & (short >= policy.under_service.share * level) & units
    return found


def under_served(gaps: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return customer_id and under_served: some promise fell materially short; scored is who has a promise."""
    rows = gaps[gaps.promise]
    rows = rows.assign(under_served=falls_short(rows, policy))
    return rows.groupby("customer_id", as_index=False).under_served.any()


def over_ranges(
    work: pd.DataFrame, gaps: pd.DataFrame, customers: pd.DataFrame, costing: Costing | None, policy: Policy
) -> pd.DataFrame:
    """Return how sure over-service by stated levels is over the costing's ranges.

    Parameters
    ----------
    work
        customer_id, attribute, activity, logged, modelled: minutes of the measured work.
    gaps
        customer_id, attribute, delivered, over_units.
    customers
        customer_id, net_revenue, years: who was a customer in the window.

    Returns
    -------
    DataFrame
        customer_id, over_service_cost_low, over_service_cost_high (5% and 95% points), p_over_served.
    """
    import pandas as pd

    limits = customers[["customer_id"]].assign(limit=threshold(customers, customers.years, policy))
    names = ["over_service_cost_low", "over_service_cost_high", "p_over_served"]
    if costing is None:
        return limits[["customer_id"]].assign(**dict.fromkeys(names, 0.0))
    over = gaps[(gaps.over_cost > 0) & (gaps.delivered > 0)]
    part = over.assign(part=over.over_units / over.delivered)[["customer_id", "attribute", "part"]]
    mine = work.merge(part, on=["customer_id", "attribute"])
    mine = mine.assign(logged=mine.logged * mine.part, modelled=mine.modelled * mine.part)
    mine = mine.assign(failure_logged=0.0, failure_modelled=0.0)
    there = limits[limits.customer_id.isin(mine.customer_id)].reset_index(drop=True)
    terms = cost_terms(there.customer_id, mine, costing)
    factors = draw_factors(terms.names, costing, policy.uncertainty.draws, policy.uncertainty.seed)
    found = _spread(terms.serve + terms.obtain, there.limit.to_numpy(dtype=np.float64), factors)
    drawn = pd.DataFrame(found, columns=names).assign(customer_id=there.customer_id)
    return limits[["customer_id"]].merge(drawn, on="customer_id", how="left").fillna(dict.fromkeys(names, 0.0))


def _spread(costs: Floats, limits: Floats, factors: Floats) -> NDArray[np.float64]:
    """Return, per row, the 5% and 95% points of costs x factors and the share of draws at or above the limit."""
    found = np.empty((len(costs), 3))
    size = max(1, BLOCK_CELLS // max(1, factors.shape[1]))
    for start in range(0, len(costs), size):
        block = slice(start, start + size)
        drawn = costs[block] @ factors
        found[block, 2] = (drawn >= limits[block, None]).mean(axis=1)
        found[block, :2] = np.quantile(drawn, [LOW, HIGH], axis=1, method="inverted_cdf").T
    return found


def material(rows: pd.DataFrame, accounts: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    """Return whether each gap is part of what makes its account over-served or under-served.

    An over-served account's gaps count from a tenth of its over-service on; a shortfall from the policy's share of the
    promise and its units.

    Parameters
    ----------
    rows
        Every gap, of levels and of like accounts.
    accounts
        customer_id, over_served, over_service_cost.
    """
    known = rows[["customer_id"]].merge(accounts, on="customer_id", how="left")
    over = known.over_served.fillna(False).to_numpy(dtype=np.bool_)
    cost = rows.over_cost.fillna(0).to_numpy()
    large = (cost > 0) & (cost >= 0.1 * known.over_service_cost.fillna(0).to_numpy())
    found: pd.Series[bool] = (over & large) | falls_short(rows, policy)
    return found


def judge(
    customers: pd.DataFrame,
    sums: pd.DataFrame,
    peers: pd.DataFrame,
    drawn: pd.DataFrame,
    known: pd.DataFrame,
    policy: Policy,
) -> pd.DataFrame:
    """Return who is over-served, on which ground, how sure that is, and why others are not judged.

    Parameters
    ----------
    customers
        customer_id, net_revenue, days, years: who was a customer in the window.
    sums
        As `over_service` gives them.
    peers
        As `against_like_accounts` gives them.
    drawn
        As `over_ranges` gives them.
    known
        customer_id: the accounts of which any level is known.

    Returns
    -------
    DataFrame
        customer_id, over_served (boolean, empty where not scored), over_served_by, not_scored, p_over_served, the
        costs of `sums` and over_service_cost_low, over_service_cost_high.
    """
    import pandas as pd

    rows = customers[["customer_id", "net_revenue", "days", "years"]].merge(sums, on="customer_id", how="left")
    rows = rows.merge(drawn, on="customer_id", how="left")
    rows = rows.merge(peers[["customer_id", *_BY_PEERS]], on="customer_id", how="left", suffixes=("", "_peers"))
    by_peers = rows.over_cost_high.notna()
    compared = rows.over_service_cost.notna()
    for name, other in _FROM_PEERS.items():
        rows[name] = rows[name].where(~by_peers, rows[other]).where(compared)
    enough = (rows.over_service_cost >= threshold(rows, rows.years, policy)) & (rows.over_service_cost > 0)
    sure = rows.p_over_served >= policy.over_service.peer_sure
    short = rows.days < policy.over_service.days
    stated = rows.customer_id.isin(known.customer_id)
    why = np.select([short, compared, stated], [_SHORT, "", _UNMEASURED], _TOO_FEW)
    scored = pd.Series(why == "", rows.index)
    rows["over_served"] = (enough & (sure | ~by_peers)).astype("boolean").where(scored)
    rows["p_over_served"] = rows.p_over_served.where(scored)
    ground = np.where(by_peers, "peers", "levels")
    rows["over_served_by"] = pd.Series(ground, rows.index, dtype="str").where(scored)
    rows["not_scored"] = pd.Series(why, rows.index, dtype="str").where(~scored)
    return rows.drop(columns=["net_revenue", "days", "years", *dict.fromkeys(_FROM_PEERS.values())])


_SHORT = "a customer for too few days of the window"
_UNMEASURED = "its levels are of service that has no cost or is not measured"
_TOO_FEW = "no level is known, and like accounts are too few"
_BY_PEERS = ("over_cost_low", "over_cost_high", "p_over_served")
_FROM_PEERS = {
    "over_service_cost_low": "over_cost_low",
    "over_service_cost_high": "over_cost_high",
    "p_over_served": "p_over_served_peers",
}
