"""Each seller's piece of each account: what fell into its tenure, else its share of what was billed."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

KEY = ["customer_id", "seller"]
AMOUNTS = (
    *("list_revenue", "net_revenue", "gross_margin", "cost_to_serve", "write_offs"),
    *("serving_minutes", "obtaining_minutes", "answers", "satisfaction_sum", "answer_count", "in_tenure"),
)
#: What is empty, not 0, without transactions.
SALES = ("list_revenue", "net_revenue", "gross_margin", "in_tenure")


def shares_of(billed: pd.DataFrame | None) -> pd.DataFrame:
    """Return customer_id, seller, weight: the reps' shares of an account's net revenue.

    Parameters
    ----------
    billed
        customer_id, seller, net_revenue; None without transactions. Revenue of 0 or less takes no share.
    """
    import pandas as pd

    if billed is None or billed.empty:
        return pd.DataFrame({"customer_id": [], "seller": [], "weight": []}).astype({**dict.fromkeys(KEY, "str")})
    rows = billed[billed.net_revenue > 0]
    whole = rows.groupby("customer_id").net_revenue.transform("sum")
    return rows[KEY].assign(weight=rows.net_revenue / whole)


def shared_out(sums: pd.DataFrame, charged: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """Return sums by account and stretch as sums by account and seller.

    Parameters
    ----------
    sums
        customer_id, stretch and amounts; `seller` where it is known already.
    charged
        customer_id, stretch, seller, weight: who was in charge in a stretch.
    shares
        customer_id, seller, weight: for what falls into no stretch. What no rep was billed for is nobody's.
    """
    import pandas as pd

    amounts = [name for name in sums if name in AMOUNTS]
    inside = sums[sums.stretch.notna()].drop(columns="seller", errors="ignore")
    inside = inside.merge(charged, on=["customer_id", "stretch"])
    outside = sums[sums.stretch.isna()]
    named = outside[outside.seller.notna()].assign(weight=1.0) if "seller" in outside else outside.iloc[:0]
    rest = outside.drop(named.index).drop(columns="seller", errors="ignore").merge(shares, on="customer_id")
    parts = [part for part in (inside, named, rest) if len(part)]
    if not parts:
        return pd.DataFrame(columns=[*KEY, *amounts]).astype({**dict.fromkeys(amounts, "float64")})
    rows = pd.concat([part[[*KEY, "weight", *amounts]].astype(dict.fromkeys(KEY, "str")) for part in parts])
    rows = rows.sort_values(list(rows.columns), ignore_index=True)
    weighed = rows[KEY].assign(**{name: rows[name] * rows.weight for name in amounts})
    if "answers" in amounts:
        weighed["answer_count"] = rows.answers
    return weighed.groupby(KEY, as_index=False).sum()


def pieces(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return one row per account and seller with every amount, sorted; what no part speaks of is 0, sales apart."""
    import pandas as pd

    told = {name for part in parts for name in part}
    unknown = set() if "net_revenue" in told else set(SALES)
    joined = reduce(lambda left, right: left.merge(right, on=KEY, how="outer"), parts, pd.DataFrame(columns=KEY))
    joined = joined.reindex(columns=[*KEY, *AMOUNTS]).astype(dict.fromkeys(AMOUNTS, "float64"))
    return joined.fillna(dict.fromkeys(set(AMOUNTS) - unknown, 0.0)).sort_values(KEY, ignore_index=True)
