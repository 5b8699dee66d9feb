"""The levels that accounts are due: what was agreed, what was asked for, by the latest statement of each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from analysis.data.reading import FILE, ROW

if TYPE_CHECKING:
    import ibis
    import pandas as pd

COLUMNS = (
    *("customer_id", "attribute", "entitled", "entitled_by", "entitled_before"),
    *("expected", "expected_before", "wish", "importance"),
)


def latest_statements(levels: ibis.Table, as_of: date) -> ibis.Table:
    """Return the latest statement on or before the as-of day, per account, attribute and basis.

    Of two on one day the later row counts; an empty date is the oldest. What says neither a level nor, of `expected`,
    a wish is no statement.

    Returns
    -------
    Table
        customer_id, attribute, basis, level, wish (empty where a level was stated), importance, and `before`: the
        level of the statement that it replaced, where that differs.
    """
    import ibis

    said = levels.filter(levels.level.notnull() | ((levels.basis == "expected") & levels.wish.notnull()))
    known = said.filter(said.stated_on.isnull() | (said.stated_on <= as_of))
    order = [ibis.asc(known.stated_on, nulls_first=True), known[FILE], known[ROW]]
    keys = ["customer_id", "attribute", "basis"]
    window = ibis.window(group_by=keys, order_by=order)
    numbered = known.mutate(
        before=known.level.lag().over(window),
        place=ibis.row_number().over(window),
        last=known.count().over(ibis.window(group_by=keys)),
    )
    latest = numbered.filter(numbered.place == numbered["last"] - 1)
    return latest.select(
        *keys,
        "level",
        "importance",
        wish=latest.level.isnull().ifelse(latest.wish, None),
        before=latest.before.nullif(latest.level),
    )


def due_levels(
    statements: pd.DataFrame | None, tiers: pd.DataFrame, promised: Mapping[str, Mapping[str, float]]
) -> pd.DataFrame:
    """Return what each account is due: one row per account and attribute that anything is known of.

    Parameters
    ----------
    statements
        As `latest_statements` gives them; None without `service_levels`.
    tiers
        customer_id, tier: of the accounts wanted.
    promised
        The policy's tiers: entitled levels by attribute.

    Returns
    -------
    DataFrame
        customer_id, attribute, entitled, entitled_by (`own` or `tier`), entitled_before, expected, expected_before,
        wish, importance; a tier's level stands where the account has none of its own; `inf` is unlimited.
    """
    import pandas as pd

    by_tier = _tier_levels(tiers, promised)
    if statements is None or statements.empty:
        return _filled(by_tier.rename(columns={"level": "entitled"}).assign(entitled_by="tier"))
    mine = statements[statements.customer_id.isin(tiers.customer_id)]
    key = ["customer_id", "attribute"]
    agreed, asked = (mine[mine.basis == basis].drop(columns="basis") for basis in ("entitled", "expected"))
    agreed = agreed.rename(columns={"level": "entitled", "before": "entitled_before"}).drop(columns="wish")
    asked = asked.rename(columns={"level": "expected", "before": "expected_before"})
    found = agreed.merge(asked, on=key, how="outer", suffixes=("", "_asked")).merge(by_tier, on=key, how="outer")
    own = found.entitled.notna()
    found["entitled_by"] = (
        pd.Series("own", found.index, dtype="str").where(own, "tier").where(own | found.level.notna())
    )
    found["entitled"] = found.entitled.where(own, found.level)
    found["importance"] = found.importance_asked.fillna(found.importance)
    return _filled(found)


def _tier_levels(tiers: pd.DataFrame, promised: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    import pandas as pd

    rows = [(tier, attribute, float(level)) for tier, levels in promised.items() for attribute, level in levels.items()]
    levels = pd.DataFrame(rows, columns=["tier", "attribute", "level"]).astype({"tier": "str", "attribute": "str"})
    known = tiers[tiers.tier.notna()].astype({"tier": "str"})
    return known.merge(levels.astype({"level": "float64"}), on="tier").drop(columns="tier")


def _filled(found: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with every column, typed and in order of account and attribute."""
    texts = ("customer_id", "attribute", "entitled_by", "wish")
    ordered = found.reindex(columns=list(COLUMNS)).astype(
        {name: "str" if name in texts else "float64" for name in COLUMNS}
    )
    return ordered.sort_values(["customer_id", "attribute"], ignore_index=True)
