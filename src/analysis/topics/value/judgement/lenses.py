"""The same account through three lenses, and what each would do: accounting's, the lifetime's, the relationship's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.window import MONTH_DAYS

if TYPE_CHECKING:
    import ibis
    import pandas as pd

    from analysis.window import Window


def contracts_ahead(contracts: ibis.Table, window: Window) -> pd.DataFrame:
    """Return, of the contracts that run beyond the as-of day, each account's.

    Parameters
    ----------
    contracts
        The input table (Ibis).

    Returns
    -------
    DataFrame
        customer_id, contract_value (months left after the as-of day, or from a later start, x the fee; one without an
        end has no month left that is fixed), exit_fee (their cancellation fees; empty where none is stated),
        contract_ends (the next end) and open_ended (one of them has none).
    """
    import ibis

    ahead = contracts.filter((contracts.ends > window.end) | contracts.ends.isnull())
    eve = ibis.greatest(ahead.starts - ibis.interval(days=1), ibis.date(window.end))
    months = ahead.ends.delta(eve.cast("date"), unit="day").fill_null(0) / MONTH_DAYS
    rows = ahead.mutate(rest=(months * ahead.monthly_fee.cast("float64")).cast("decimal(18, 4)"))
    sums = rows.group_by("customer_id").aggregate(
        contract_value=rows.rest.sum().cast("float64"),
        exit_fee=rows.cancellation_fee.sum().cast("float64"),
        contract_ends=rows.ends.min(),
        open_ended=rows.ends.isnull().any(),
    )
    found: pd.DataFrame = sums.order_by("customer_id").to_pandas()
    return found


def accounting(names: pd.Series[str], ahead: pd.DataFrame | None, left: pd.Series[bool]) -> pd.DataFrame:
    """Return contract_value, exit_fee and open_ended in the order of the names.

    0 and false without a contract, or where the account has left; empty without contracts.
    """
    import numpy as np
    import pandas as pd

    if ahead is None:
        empty = pd.DataFrame({"contract_value": np.nan, "exit_fee": np.nan}, index=names.index)
        return empty.assign(open_ended=pd.Series(pd.NA, index=names.index, dtype="boolean"))
    found = names.to_frame("customer_id").merge(ahead, on="customer_id", how="left").set_index(names.index)
    none = ~names.isin(ahead.customer_id) | left
    fees = found[["contract_value", "exit_fee"]].mask(none, 0.0)
    return fees.assign(open_ended=found.open_ended.astype("boolean").mask(none, False))


def first_sales(lines: ibis.Table, window: Window, begins: Any) -> pd.DataFrame:
    """Return customer_id and the net amount of its first day with a sale, of accounts that became customers in view.

    Parameters
    ----------
    lines
        The input's transactions with `net` and `since`, the account's first day (Ibis).
    begins
        The first day that the data speaks of: the first sale of who was there before is not seen.
    """
    import ibis

    sales = lines.filter(lines.kind == "sale", lines["date"] <= window.end, lines.since >= ibis.date(begins))
    first = sales["date"].min().over(ibis.window(group_by="customer_id"))
    day = sales.mutate(first=first)
    day = day.filter(day["date"] == day["first"])
    sums = day.group_by("customer_id").aggregate(first_sale=day.net.sum().cast("float64"))
    found: pd.DataFrame = sums.order_by("customer_id").to_pandas()
    return found


def lenses(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return what each lens would do with each account, and where they differ.

    Parameters
    ----------
    accounts
        Of accounts that are still here: customer_id, contract_value, exit_fee, open_ended, first_sale, clv,
        clv_avoidable, referral_value, relationship_value.

    Returns
    -------
    DataFrame
        The same with accounting_keeps (the fees that remain are more than the exit fee; empty where a contract without
        an end leaves them open), full_cost_keeps (clv above 0),
        avoidable_keeps (clv_avoidable above 0), relationship_keeps (clv_avoidable + referral_value above 0) and differ
        (not all that can tell say the same); a flag is empty where its lens can't tell.
    """
    import pandas as pd

    def above_0(values: pd.Series[float]) -> pd.Series[bool]:
        return (values > 0).astype("boolean").mask(values.isna())

    fee = accounts.exit_fee.where(accounts.contract_value.isna(), accounts.exit_fee.fillna(0.0))
    rest = accounts.contract_value - fee
    keeps = pd.DataFrame(
        {
            "accounting_keeps": above_0(rest).mask(accounts.open_ended.fillna(False) & ~(rest > 0)),
            "full_cost_keeps": above_0(accounts.clv),
            "avoidable_keeps": above_0(accounts.clv_avoidable),
            "relationship_keeps": above_0(accounts.clv_avoidable + accounts.referral_value),
        }
    )
    says = keeps.astype("Float64")
    return accounts.assign(**keeps, differ=(says.min(axis=1) < says.max(axis=1)).astype("boolean"))
