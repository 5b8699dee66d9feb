"""The judgement: who is over-served and who is under-served, and how sure that is over the cost ranges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.ledger.costing import Costing
from analysis.policy import Policy
from analysis.statistics.ends import HIGH, LOW
from analysis.statistics.rates import Bools, at_least
from analysis.topics.profitability.judgement.uncertainty import BLOCK_CELLS, Floats, cost_terms, draw_factors

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
        As `against_like_accounts` gives them.

    Returns
    -------
    DataFrame
        customer_id, over_service_cost, beyond_agreed_cost, beyond_wanted_cost, and `cost_to_<remedy>`; empty where
        nothing could be compared; counted: the part of it that is no accident; by_levels, by_peers: what rests on
        either; low, high, p_peers: of the comparison with like accounts.
    """
    import pandas as pd

    remedies = [name for name in gaps.columns if name.startswith("cost_to_")]
    there = [name for name in remedies if name in peers]
    mine = gaps[["customer_id", *COSTS.values(), *remedies]].assign(
        counted=gaps.over_cost.where(gaps.beyond, 0.0), by_levels=gaps.over_cost
    )
    like = peers[["customer_id", "over_cost", *there]].assign(counted=peers.over_cost, by_peers=peers.over_cost)
    like = like.assign(low=peers.over_cost_low, high=peers.over_cost_high)
    sums = pd.concat([mine, like]).groupby("customer_id").sum(min_count=1).round(4).reset_index()
    chance = peers[peers.over_cost > 0].groupby("customer_id").p_over_served.max()
    sums = sums.reindex(columns=[*sums.columns, *(n for n in ("low", "high", "by_peers") if n not in sums)])
    sums = sums.assign(p_peers=sums.customer_id.map(chance))
    return sums.rename(columns={old: new for new, old in COSTS.items()})


def limits(customers: pd.DataFrame, usual: Floats, policy: Policy, *, stated: bool) -> pd.Series[float]:
    """Return the cost from which over-service is material, by customer_id.

    The policy is one `in_amounts`: its amount a year is stated, or follows from the portfolio's own scale. Where nobody
    stated one, an account larger than most has a limit as much higher as accounts of its size are served for more.

    Parameters
    ----------
    customers
        customer_id, net_revenue, years: how long each was a customer in the window.
    usual
        What an account of its size is served for in that time.
    stated
        Whether a person stated the amount.
    """
    import pandas as pd

    choices = policy.over_service
    found = (choices.amount or 0.0) * customers.years.to_numpy(dtype=np.float64)
    if not stated:
        found = np.maximum(found, choices.amount_share * usual)
    revenue = customers.net_revenue.astype("float64").clip(lower=0).fillna(0).to_numpy(dtype=np.float64)
    found = np.maximum(found, choices.share * revenue)
    return pd.Series(found, index=pd.Index(customers.customer_id), dtype="float64")


def beyond_chance(gaps: pd.DataFrame, steps: Mapping[str, float], sure: float | None) -> Bools:
    """Return whether each gap is beyond what an account that is due the level gets by chance in as long.

    Work comes as it is needed: who is due four visits a year may get five in one. Counts are held against a Poisson
    count around the level, minutes against one in pieces of the size that a piece of such work has here.

    Parameters
    ----------
    gaps
        As `service.gaps` gives them.
    steps
        By attribute, the minutes of a piece of its work: sum of squares / sum.
    sure
        The chance from which it is no accident; None: all that goes beyond counts.
    """
    minutes = (gaps.measure == "minutes").to_numpy()
    step = np.where(minutes, gaps.attribute.map(dict(steps)).astype("float64").fillna(1.0), 1.0)
    due = ((gaps.delivered - gaps.over_units) * gaps.periods).clip(lower=0).to_numpy(dtype=np.float64)
    units = gaps.units.fillna(0).to_numpy(dtype=np.float64)
    chance = at_least(units / step, due / step, 0.0)
    over = (gaps.over_cost > 0).to_numpy(dtype=np.bool_)
    return over if sure is None else np.asarray(over & (chance <= 1 - sure))


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
    work: pd.DataFrame, gaps: pd.DataFrame, limits: pd.Series[float], costing: Costing | None, policy: Policy
) -> pd.DataFrame:
    """Return how sure over-service by stated levels is over the costing's ranges.

    Parameters
    ----------
    work
        customer_id, attribute, activity, logged, modelled: minutes of the measured work.
    gaps
        customer_id, attribute, delivered, over_units, over_cost, beyond.
    limits
        By customer_id, the cost from which over-service is material.

    Returns
    -------
    DataFrame
        customer_id, over_service_cost_low, over_service_cost_high (5% and 95% points), p_over_served.
    """
    import pandas as pd

    known = limits.rename("limit").rename_axis("customer_id").reset_index()
    names = ["over_service_cost_low", "over_service_cost_high", "p_over_served"]
    if costing is None:
        return known[["customer_id"]].assign(**dict.fromkeys(names, 0.0))
    over = gaps[(gaps.over_cost > 0) & (gaps.delivered > 0)]
    part = over.assign(part=over.over_units / over.delivered)[["customer_id", "attribute", "part"]]
    mine = work.merge(part, on=["customer_id", "attribute"])
    mine = mine.assign(logged=mine.logged * mine.part, modelled=mine.modelled * mine.part)
    mine = mine.assign(failure_logged=0.0, failure_modelled=0.0)
    there = known[known.customer_id.isin(mine.customer_id)].reset_index(drop=True)
    terms = cost_terms(there.customer_id, mine, costing)
    factors = draw_factors(terms.names, costing, policy.uncertainty.draws, policy.uncertainty.seed)
    found = _spread(terms.serve + terms.obtain, there.limit.to_numpy(dtype=np.float64), factors)
    drawn = pd.DataFrame(found, columns=names).assign(customer_id=there.customer_id)
    return known[["customer_id"]].merge(drawn, on="customer_id", how="left").fillna(dict.fromkeys(names, 0.0))


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
    large = (cost > 0) & (cost >= 0.1 * known.over_service_cost.to_numpy(dtype=np.float64))
    found: pd.Series[bool] = (over & large) | falls_short(rows, policy)
    return found


def judge(
    customers: pd.DataFrame,
    sums: pd.DataFrame,
    peers: pd.DataFrame,
    drawn: pd.DataFrame,
    known: pd.DataFrame,
    limits: pd.Series[float],
    policy: Policy,
) -> pd.DataFrame:
    """Return who is over-served, on which ground, how sure that is, and why others are not judged.

    Parameters
    ----------
    customers
        customer_id, days: who was a customer in the window.
    sums
        As `over_service` gives them.
    peers
        As `against_like_accounts` gives them.
    drawn
        As `over_ranges` gives them.
    known
        customer_id: the accounts of which any level is known.
    limits
        By customer_id, the cost from which over-service is material.

    Returns
    -------
    DataFrame
        customer_id, over_served (boolean, empty where not scored), over_served_by, not_scored, p_over_served, the
        costs of `sums` and over_service_cost_low, over_service_cost_high.
    """
    import pandas as pd

    rows = customers[["customer_id", "days"]].merge(sums, on="customer_id", how="left")
    rows = rows.merge(drawn, on="customer_id", how="left")
    compared = rows.over_service_cost.notna()
    for end, other in (("over_service_cost_low", "low"), ("over_service_cost_high", "high")):
        rows[end] = (rows[end].fillna(0) + rows[other].fillna(0)).round(4).where(compared)
    limit = limits.reindex(rows.customer_id).to_numpy(dtype=np.float64)
    enough = (rows.counted >= limit) & (rows.counted > 0)
    short = rows.days < policy.over_service.days
    stated = rows.customer_id.isin(known.customer_id)
    why = np.select([short, compared, stated], [_SHORT, "", _UNMEASURED], _TOO_FEW)
    scored = pd.Series(why == "", rows.index)
    by_peers = (rows.by_peers > rows.by_levels) | rows.by_levels.isna()
    rows["over_served"] = enough.astype("boolean").where(scored)
    chance = np.fmax(
        rows.p_over_served.where(rows.by_levels.notna()).to_numpy(dtype=np.float64),
        rows.p_peers.to_numpy(dtype=np.float64),
    )
    rows["p_over_served"] = pd.Series(chance, rows.index).fillna(0.0).where(scored)
    rows["over_served_by"] = pd.Series(np.where(by_peers, "peers", "levels"), rows.index, dtype="str").where(scored)
    rows["not_scored"] = pd.Series(why, rows.index, dtype="str").where(~scored)
    return rows.drop(columns=["days", "counted", "by_levels", "by_peers", "low", "high", "p_peers"])


_SHORT = "a customer for too few days of the window"
_UNMEASURED = "its levels are of service that has no cost or is not measured"
_TOO_FEW = "no level is known, and like accounts are too few"
