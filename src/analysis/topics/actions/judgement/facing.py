"""Bring together what the steps are weighed on: the accounts that are here, their margin, and the amounts to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.data.credits import owed
from analysis.ledger.ledger import Ledger
from analysis.policy import Policy
from analysis.statistics.ends import REACH
from analysis.topics.actions.judgement.situation import (
    LEAST_MONTHS,
    Situation,
    content,
    failed_share,
    not_again,
    pools_of,
    to_come_again,
)
from analysis.topics.actions.measures.volumes import (
    CELLS,
    answers,
    driver_volumes,
    failed_cases,
    late_money,
    never_came,
    returned_goods,
    side_by_side,
)

if TYPE_CHECKING:
    import ibis
    import pandas as pd
    from numpy.typing import NDArray

CUSTOMER = ("parent_id", "referred_by", "protected")
#: Of service that was given beyond the agreement without a word on it: how much of it is wanted.
WANTED_UNASKED = 0.3


def amounts(ledger: Ledger, shares: ibis.Table, levels: ibis.Table, policy: Policy) -> list[pd.DataFrame]:
    """Return the amounts of the window that steps act on, each with one row per account that has any.

    Parameters
    ----------
    shares
        The part of each account's cost of an attribute that is over-service (Ibis).
    levels
        The services of which a level was agreed or is wanted, by account (Ibis).
    policy
        The choices: which channels are work by hand, and what waiting for money costs.
    """
    checked, window = ledger.checked, ledger.window
    customers = checked["customers"]
    found = [customers.select("customer_id", *CUSTOMER)]
    if ledger.lines is not None:
        found.append(returned_goods(ledger.lines))
    invoices, cases = owed(checked, window.end), checked.get("cases")
    if invoices is not None:
        found.append(late_money(invoices, checked.get("payments"), policy.finance.receivables_rate, window))
        found.append(never_came(invoices, window))
    said = answers(cases, checked.get("surveys"), window)
    found += [] if said is None else [said]
    found += [] if cases is None else [failed_cases(cases, window)]
    frames = [table.to_pandas() for table in found]
    if ledger.measured_events is not None and ledger.costing is not None:
        by_hand = policy.steps.by_hand
        rates, costing = ledger.rates, ledger.costing
        work = driver_volumes(ledger.measured_events, rates, customers, costing, shares, levels, by_hand)
        frames.append(side_by_side(work.to_pandas()))
    return frames


def shortfalls(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return customer_id and `shortfall`: what it would have cost in the window to keep every promise.

    Parameters
    ----------
    gaps
        `tables/service_gaps`; an attribute that an account got nothing of is costed as it is elsewhere.
    """
    units = gaps.delivered * gaps.periods
    each = gaps.cost.groupby(gaps.attribute).sum() / units.groupby(gaps.attribute).sum().replace(0, np.nan)
    own = (gaps.cost / units).where(units > 0).fillna(gaps.attribute.map(each))
    short = gaps.short_of_agreed.fillna(gaps.short_of_wanted).where(gaps.kind == "under", 0.0)
    cost = (short * gaps.periods * own).fillna(0.0)
    return cost.groupby(gaps.customer_id).sum().rename("shortfall").reset_index()


def situation(
    known: pd.DataFrame,
    parts: list[pd.DataFrame],
    months: NDArray[np.float64],
    margin: pd.DataFrame,
    hazards: NDArray[np.float64],
    left: NDArray[np.bool_],
    policy: Policy,
) -> Situation:
    """Return the situation of the accounts that are still here, whose margin and chance of leaving are known.

    Parameters
    ----------
    known
        One row per account of the window, with every judgement.
    parts
        Frames with `customer_id` and more columns of an account.
    months, margin, hazards, left
        In the order of `known`: months as a customer, `full` and `avoidable` margin a month with `own`, the weight of
        its own months, chances of leaving, and whether it has left by the as-of day.
    """
    rows = known
    for part in parts:
        rows = rows.merge(part, on="customer_id", how="left", validate="one_to_one")
    for name in ("total", "answers", "cases", "failed"):
        rows[name] = rows[name].astype("float64") if name in rows else np.nan
    stays = ~np.isnan(hazards).any(axis=1) if hazards.size else np.zeros(len(rows), dtype=np.bool_)
    here = np.flatnonzero(~left & margin.full.notna().to_numpy() & stays)
    rows, span = rows.iloc[here].reset_index(drop=True), np.maximum(months[here], LEAST_MONTHS)
    failed = failed_share(rows)
    pools = pools_of(rows)
    again = to_come_again(rows, pools, failed)
    work = (rows.cost_to_serve + rows.cost_to_obtain).to_numpy(dtype=np.float64)
    width = (rows.net_margin_high - rows.net_margin_low).fillna(0.0).to_numpy(dtype=np.float64)
    more, more_cash = (not_again(pools, again, measure) / span for measure in ("cost", "cash"))
    own = margin.own.fillna(0.0).to_numpy(dtype=np.float64)[here]
    return Situation(
        accounts=rows.drop(columns=[name for name in rows if name.rpartition(":")[0] in CELLS]),
        months=span,
        margin=margin.full.to_numpy(dtype=np.float64)[here] + own * more,
        cash_margin=margin.avoidable.fillna(margin.full).to_numpy(dtype=np.float64)[here] + own * more_cash,
        doubt=width / (2.0 * REACH) / span,
        cost_doubt=np.divide(width / (2.0 * REACH), work, out=np.zeros(len(rows)), where=work > 0),
        hazards=hazards[here],
        pools=pools,
        content=content(rows, policy.steps),
        wanting=_wanting(rows),
        failed=failed,
        again=again,
        discount_rate=policy.finance.discount_rate,
    )


def _wanting(rows: pd.DataFrame) -> NDArray[np.float64]:
    """Return the part of each account's over-service that it wants, 0 to 1."""
    wanted = rows.cost_to_price.fillna(0.0) + WANTED_UNASKED * rows.cost_to_ask.fillna(0.0)
    share = (wanted / rows.over_service_cost.where(rows.over_service_cost > 0)).fillna(0.0)
    return np.clip(share.to_numpy(dtype=np.float64), 0.0, 1.0)
