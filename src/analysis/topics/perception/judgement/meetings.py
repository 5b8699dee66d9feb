"""Who needs to meet whom about which account: where the record and the name part, or the feeling and the money."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("because", "would_help", "willing_to")


def meetings(reasons: pd.DataFrame, work: pd.DataFrame, words: pd.DataFrame, praise: pd.DataFrame) -> pd.DataFrame:
    """Return one row per account to be talked about.

    Parameters
    ----------
    reasons
        customer_id, why, net_margin, account_manager, held_by: one row for each reason.
    work
        customer_id, department, minutes: who works for it.
    words
        customer_id, kind, said: what staff said, of the accounts where it may be shown.
    praise
        customer_id, praise, praised_on.

    Returns
    -------
    DataFrame
        customer_id, why (one a line), held_by, departments (that work for it, those that do most first),
        account_manager, because, would_help and willing_to (one a line), praise, praised_on.
    """
    rows = reasons.groupby("customer_id", as_index=False).agg(
        why=("why", "\n".join), held_by=("held_by", "first"), account_manager=("account_manager", "first")
    )
    most = work.sort_values(["customer_id", "minutes", "department"], ascending=[True, False, True])
    there = most.groupby("customer_id").department.agg(", ".join).rename("departments")
    rows = rows.merge(there, on="customer_id", how="left")
    for kind in KINDS:
        lines = words[words.kind == kind].groupby("customer_id").said.agg("\n".join).rename(kind)
        rows = rows.merge(lines, on="customer_id", how="left")
    return rows.merge(praise, on="customer_id", how="left")
