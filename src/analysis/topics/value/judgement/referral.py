"""What accounts bring in beside their own margin: the accounts that they sent, and what they say in public.

Kumar, Petersen & Leone, "Driving Profitability by Encouraging Customer Referrals", Journal of Marketing 74(5), 2010:
who would not have come otherwise counts with its value; who would have come anyway only saved the cost of winning it.
It is for judging one account: the accounts that came are in every total already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.topics.value.policy import Referral

if TYPE_CHECKING:
    import ibis
    import pandas as pd

    from analysis.window import Window

#: People that a price of reach is for.
PEOPLE = 1_000.0


def acquisition_cost(accounts: pd.DataFrame, stated: float | None) -> float | None:
    """Return what winning an account costs: as the policy states, else what obtaining cost per account won.

    Parameters
    ----------
    accounts
        first_year and cost_to_obtain of the window.
    stated
        The policy's amount, which wins.
    """
    if stated is not None:
        return stated
    won = accounts[accounts.first_year.fillna(False).astype("bool") & accounts.cost_to_obtain.notna()]
    return float(won.cost_to_obtain.mean()) if len(won) else None


def referrals(customers: pd.DataFrame, clv: pd.DataFrame, cost: float | None, policy: Referral) -> pd.DataFrame:
    """Return the accounts of the window that others brought in, and what that is worth.

    Parameters
    ----------
    customers
        customer_id, referred_by.
    clv
        customer_id, clv: of the accounts of the window.
    cost
        Of winning one account; None: nothing tells, so it saves nothing that is known.

    Returns
    -------
    DataFrame
        customer_id (who brought it in), referred, clv, acquisition_cost, value, low, high; empty where its clv is.
    """
    import numpy as np

    rows = customers[customers.referred_by.notna() & (customers.referred_by != customers.customer_id)]
    rows = rows.merge(clv, on="customer_id").rename(columns={"customer_id": "referred", "referred_by": "customer_id"})
    saved = 0.0 if cost is None else cost
    ends = [share * rows.clv + (1.0 - share) * saved for share in policy.share]
    return rows.assign(
        acquisition_cost=np.nan if cost is None else cost,
        value=ends[1],
        low=np.minimum(ends[0], ends[2]),
        high=np.maximum(ends[0], ends[2]),
    ).sort_values(["customer_id", "referred"], ignore_index=True)


def referral_value(names: pd.Series[str], rows: pd.DataFrame, known: bool) -> pd.Series[float]:
    """Return what each account brought in, 0 for one that sent nobody; empty where nothing tells who sent whom."""
    import numpy as np
    import pandas as pd

    if not known:
        return pd.Series(np.nan, index=names.index)
    sums = rows.groupby("customer_id").value.sum(min_count=1)
    found: pd.Series[float] = names.map(sums).where(names.isin(sums.index), 0.0).astype("float64")
    return found


def word_of_mouth(mentions: ibis.Table, names: pd.Series[str], window: Window, price: float | None) -> pd.DataFrame:
    """Return what accounts say in public in the window: customer_id, mentions, reach, good_reach, bad_reach, low, high.

    Parameters
    ----------
    mentions
        The input table (Ibis).
    names
        The accounts of the window.
    price
        The most that 1,000 people reached with a good word are worth; None: it has no price.
    """
    import numpy as np

    said = mentions.filter(mentions["on"] >= window.start, mentions["on"] <= window.end)
    felt = (said.sentiment * said.reach).cast("decimal(18, 4)")
    found = said.group_by("customer_id").aggregate(
        mentions=said.count(),
        reach=said.reach.sum().cast("float64"),
        good_reach=felt.sum(where=felt > 0).fill_null(0).cast("float64"),
        bad_reach=(-felt.sum(where=felt < 0)).fill_null(0).cast("float64"),
    )
    rows: pd.DataFrame = found.order_by("customer_id").to_pandas()
    rows = rows[rows.customer_id.isin(names)].reset_index(drop=True)
    return rows.assign(
        low=np.nan if price is None else 0.0, high=np.nan if price is None else rows.good_reach / PEOPLE * price
    )
