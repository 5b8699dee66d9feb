"""The portfolio cut by who looks after it, where it is, what it does, how large it is and what it buys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.data.contract import conform, empty

if TYPE_CHECKING:
    import ibis
    import pandas as pd

TABLE = "cuts"
#: The name of each cut with the column of `accounts` that it is by.
BY = {"manager": "account_manager", "region": "region", "industry": "industry", "size": "size"}
_SUMS = ("net_revenue", "gross_margin", "cost_to_serve", "net_margin", "over_service_cost")


def cuts(accounts: pd.DataFrame, products: pd.DataFrame | None) -> pd.DataFrame:
    """Return `tables/cuts`: a row for each value of each cut; an unknown value is one of them.

    Parameters
    ----------
    accounts
        The accounts' table: sums are of those whose net margin is known.
    products
        value, accounts, net_revenue, gross_margin by product; None without `transactions`.
    """
    import pandas as pd

    parts = [_cut(accounts, name, column) for name, column in BY.items() if accounts[column].notna().any()]
    if products is not None and products["value"].notna().any():
        parts.append(products.assign(cut="product"))
    if not parts:
        return empty(TABLE)
    rows = pd.concat([conform(part, TABLE) for part in parts], ignore_index=True)
    return rows.sort_values(["cut", "value"], ignore_index=True)


def _cut(accounts: pd.DataFrame, name: str, column: str) -> pd.DataFrame:
    known = accounts.net_margin.notna()
    rows = accounts[[column, *_SUMS]].astype(dict.fromkeys(_SUMS, "float64"))
    rows = rows.assign(**{sums: rows[sums].where(known) for sums in _SUMS})
    rows = rows.assign(losing=(rows.net_margin < 0).astype("int64"), unknown=(~known).astype("int64"))
    groups = rows.groupby(column, dropna=False)
    found = groups[list(_SUMS)].sum(min_count=1)
    found = found.assign(accounts=groups.size(), losing=groups.losing.sum(), unknown=groups.unknown.sum())
    return found.reset_index().rename(columns={column: "value"}).assign(cut=name)


def by_product(lines: ibis.Table) -> pd.DataFrame:
    """Return what each product brought, from settled invoice lines (Ibis); no margin without every line's goods."""
    known = lines.goods.count() == lines.count()
    margin = lines.net.sum() - lines.goods.sum() - lines.freight.sum().fill_null(0)
    frame: pd.DataFrame = (
        lines.group_by(value=lines["product"])
        .aggregate(
            accounts=lines.customer_id.nunique(),
            net_revenue=lines.net.sum().cast("float64"),
            gross_margin=known.ifelse(margin, None).cast("float64"),
        )
        .to_pandas()
    )
    return frame
