"""The other side of the table: what an account gets for its money, set against what it is worth to us."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.topics.value.policy import ToCustomer

if TYPE_CHECKING:
    import pandas as pd

PARTS = ("wants_met", "promises_kept", "price", "satisfaction", "wanted_share")
#: The importance of a want that states none, in the middle of 1 to 5.
MIDDLE = 3.0
#: How far a want is met of an account that only says that it wants more.
HALF = 0.5
LEAST_MARK, MARKS = 1.0, 4.0


def wants_met(wants: pd.DataFrame) -> pd.DataFrame:
    """Return how far what each account wants is delivered, 0 to 100, by importance.

    Parameters
    ----------
    wants
        customer_id, delivered, expected, wish, importance, sign (-1 where fewer is more service) and promise (false: an
        included amount, which may go unused), a row an attribute.

    Returns
    -------
    DataFrame
        customer_id, wants_met: of accounts that said what they want.
    """
    import numpy as np

    asked = wants[wants.expected.notna() | wants.wish.notna()]
    more = asked.sign > 0
    got, wanted = asked.delivered.where(more, asked.expected), asked.expected.where(more, asked.delivered)
    unlimited = np.isinf(asked.expected) & more
    reached = (got / wanted.where(wanted > 0)).clip(upper=1.0).fillna(1.0)
    reached = reached.mask(unlimited | ~asked.promise.astype("bool"), 1.0)
    by_wish = (asked.wish == "more").map({True: HALF, False: 1.0})
    met = reached.where(asked.expected.notna(), by_wish)
    weight = asked.importance.fillna(MIDDLE)
    sums = asked.assign(met=met * weight, weight=weight).groupby("customer_id", as_index=False)[["met", "weight"]].sum()
    return sums.assign(wants_met=100.0 * sums.met / sums.weight)[["customer_id", "wants_met"]]


def promises_due(ids: pd.Series[str], case_sums: pd.DataFrame | None) -> tuple[pd.Series[float], pd.Series[float]]:
    """Return the dates given to each account that can be judged by now, and those of them that were kept.

    Parameters
    ----------
    ids
        The accounts.
    case_sums
        customer_id, missed and missed_of, of accounts with cases; None where no case is recorded.
    """
    import pandas as pd

    if case_sums is None:
        none = pd.Series(0.0, ids.index)
        return none, none
    sums = case_sums.set_index("customer_id")
    due, missed = (ids.map(sums[name]).astype("float64").fillna(0.0) for name in ("missed_of", "missed"))
    return due, due - missed


def shrunk_share(count: pd.Series[float], of: pd.Series[float], strength: float) -> pd.Series[float]:
    """Return count / of, drawn towards the portfolio's where `of` is small; empty where it is 0."""
    total = float(of.sum())
    usual = float(count.sum()) / total if total else 0.0
    return ((count + strength * usual) / (of + strength)).where(of > 0)


def price_rank(accounts: pd.DataFrame, group: pd.Series[str]) -> pd.Series[float]:
    """Return the share of accounts like it that get no larger discount from list, 0 to 100; halves count of equals.

    Parameters
    ----------
    accounts
        list_revenue, discounts.
    group
        Who is like whom.
    """
    rate = (accounts.discounts / accounts.list_revenue.where(accounts.list_revenue > 0)).round(9)
    place = rate.groupby(group).rank(method="average")
    known = rate.groupby(group).transform("count")
    found: pd.Series[float] = 100.0 * (place - 0.5) / known
    return found


def mutual_value(parts: pd.DataFrame, clv: pd.Series[float], left: pd.Series[bool], policy: ToCustomer) -> pd.DataFrame:
    """Return what each account gets for its money beside what it is worth to us.

    Parameters
    ----------
    parts
        customer_id and `PARTS`, each 0 to 100 or empty.
    clv
        Its value to us.
    left
        Whether it has left: then it stands in no quadrant.

    Returns
    -------
    DataFrame
        customer_id, `PARTS`, parts (known), value_to_customer (their weighted mean; empty where fewer are known than
        the policy asks), value_to_us and quadrant.
    """
    import numpy as np
    import pandas as pd

    values = parts[list(PARTS)]
    weights = values.notna() * np.array([getattr(policy, name) for name in PARTS])
    known, weight = values.notna().sum(axis=1), weights.sum(axis=1)
    mean = (values.fillna(0.0) * weights).sum(axis=1) / weight.where(weight > 0)
    to_customer = mean.where(known >= policy.minimum_parts)
    here = to_customer.notna() & clv.notna() & ~left
    gains = to_customer >= to_customer[here].median()
    names = np.select([(clv >= 0) & gains, clv >= 0, gains], ["both_gain", "we_gain", "they_gain"], "neither_gains")
    return parts.assign(
        parts=known,
        value_to_customer=to_customer,
        value_to_us=clv,
        quadrant=pd.Series(names, index=parts.index, dtype="str").where(here),
    )
