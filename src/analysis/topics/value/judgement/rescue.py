"""What keeping an account is worth at most, who is at risk with most at stake, and whom to protect first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.topics.value.policy import Rescue

if TYPE_CHECKING:
    import ibis
    import pandas as pd

    from analysis.window import Window

#: Uplifts that a grid is told for beside the policy's own.
UPLIFTS = (0.05, 0.10, 0.15, 0.20, 0.30)


def save_budget(lost: pd.Series[float], policy: Rescue) -> pd.DataFrame:
    """Return the most that keeping an account is worth: (chance kept with - without) x what is lost, never below 0.

    Parameters
    ----------
    lost
        The value of the account at avoidable cost, which is what goes if it goes.

    Returns
    -------
    DataFrame
        save_budget, save_budget_low, save_budget_high.
    """
    import pandas as pd

    low, likely, high = policy.uplift
    at_most = lost.clip(lower=0.0)
    return pd.DataFrame(
        {"save_budget": likely * at_most, "save_budget_low": low * at_most, "save_budget_high": high * at_most}
    )


def rescue(accounts: pd.DataFrame, hour: float | None) -> pd.DataFrame:
    """Return the accounts that are still here and have something to lose, those with most at stake first.

    Parameters
    ----------
    accounts
        customer_id, left, leaves_year, clv_avoidable, save_budget and its range.
    hour
        What an hour of our work costs; None: nothing tells.

    Returns
    -------
    DataFrame
        customer_id, leaves_year, clv_avoidable, at_stake, save_budget, low, high, save_hours.
    """
    import numpy as np

    here = accounts[~accounts.left & (accounts.clv_avoidable > 0)]
    rows = here.rename(columns={"save_budget_low": "low", "save_budget_high": "high"})
    rows = rows.assign(at_stake=rows.leaves_year * rows.clv_avoidable)
    rows = rows.assign(save_hours=rows.save_budget / hour if hour else np.nan)
    return rows.sort_values(["at_stake", "customer_id"], ascending=[False, True], ignore_index=True)


def hour_cost(accounts: pd.DataFrame) -> float | None:
    """Return what an hour of the portfolio's work costs; None without costed work."""
    minutes = float(accounts.service_minutes.sum())
    cost = float(accounts.cost_to_serve.sum() + accounts.cost_to_obtain.sum())
    return cost / minutes * 60.0 if minutes > 0 and cost > 0 else None


def grid(rescued: pd.DataFrame, uplifts: Sequence[float] = UPLIFTS) -> pd.DataFrame:
    """Return the most that keeping each account is worth at each uplift: customer_id, then a column an uplift."""
    import pandas as pd

    columns = {f"{uplift:.0%}": uplift * rescued.clv_avoidable.clip(lower=0.0) for uplift in uplifts}
    return pd.DataFrame({"customer_id": rescued.customer_id, **columns})


def last_contacts(events: ibis.Table | None, cases: ibis.Table | None, window: Window) -> pd.DataFrame | None:
    """Return customer_id and the last day of a contact, by the as-of day; None where no contact is recorded.

    A contact is work that went in or out, or a case that was opened. Work of which nobody recorded whether it was one
    may have been one: nobody is called silent for what is not known.
    """
    import ibis

    parts = []
    if events is not None:
        met = events.filter(events.contact.fill_null("in") != "none", events["at"] < window.after)
        parts.append(met.select("customer_id", on=met["at"].date()))
    if cases is not None:
        opened = cases.filter(cases.opened_at < window.after)
        parts.append(opened.select("customer_id", on=opened.opened_at.date()))
    if not parts:
        return None
    rows = parts[0] if len(parts) == 1 else ibis.union(*parts)
    rows = rows.filter(rows.customer_id.notnull())
    latest = rows.group_by("customer_id").aggregate(last=rows["on"].max())
    found: pd.DataFrame = latest.order_by("customer_id").to_pandas()
    return found


def protect_first(rescued: pd.DataFrame, known: pd.DataFrame, policy: Rescue, window: Window) -> pd.DataFrame:
    """Return the accounts worth keeping that are under-served, failed by us, silent or up for renewal.

    Those with most at stake come first. One that costs more than it brings is none of them: there is nothing to keep
    before that is mended.

    Parameters
    ----------
    rescued
        As `rescue` gives it.
    known
        customer_id, net_margin, under_served, failed_by_us, last (the last contact), contract_ends (the next end).

    Returns
    -------
    DataFrame
        customer_id, clv_avoidable, at_stake, under_served, failed_by_us, silent_days, silent, contract_ends, renewal. A
        flag is empty where nothing is known of it.
    """
    import pandas as pd

    rows = rescued[["customer_id", "clv_avoidable", "at_stake"]].merge(known, on="customer_id", how="left")
    today, last, ends = pd.Timestamp(window.end), pd.to_datetime(rows["last"]), pd.to_datetime(rows.contract_ends)
    days = (today - last).dt.days
    soon = pd.Timestamp(window.after) + pd.DateOffset(months=policy.renewal_months)
    silent = (days >= policy.silent_days).astype("boolean").mask(last.isna())
    renewal = (ends < soon).astype("boolean").mask(ends.isna())
    rows = rows.assign(silent_days=days, silent=silent, renewal=renewal, contract_ends=ends)
    failed = rows.under_served.fillna(False).astype("bool") | rows.failed_by_us.astype("bool")
    wanted = failed | silent.fillna(False) | renewal.fillna(False)
    return rows[wanted.astype("bool") & ~(rows.net_margin < 0)].reset_index(drop=True)
