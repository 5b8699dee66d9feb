"""The ledger as an experienced analyst would write it in pandas: float64, only the columns needed, vectorised."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

EVENT_COLUMNS = [
    "customer_id",
    "activity",
    "channel",
    "minutes",
    "quantity",
    "documents",
    "case_id",
    "requested",
    "in_scope",
    "after_hours",
    "rush",
]
LINE_COLUMNS = ["customer_id", "kind", "list_amount", "discount", "net_amount", "cogs", "freight"]
PARTS = ["failure", "unrequested", "out_of_scope"]
ATTRIBUTES = ["customer_id", "name", "industry", "region", "size", "account_manager"]


def pandas_ledger(folder: Path, starts: date, ends: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compute the accounts and the resources with pandas.

    Parameters
    ----------
    folder
        A dataset of `big_dataset`.
    starts, ends
        The first day of the window, and the day after its last.

    Returns
    -------
    tuple of DataFrame
        One row per account, by `customer_id`; one row per resource, by `resource`.
    """
    costing = tomllib.loads((folder / "costing.toml").read_text(encoding="utf-8"))
    customers = pd.read_parquet(folder / "customers.parquet")
    work = _work(folder, starts, ends, costing, customers)
    sales = _sales(folder, starts, ends)
    return _accounts(customers, sales, _service(work), starts, ends), _resources(work)


def _work(folder: Path, starts: date, ends: date, costing: dict[str, Any], customers: pd.DataFrame) -> pd.DataFrame:
    """Cost each account's work, by activity."""
    events = _read_events(folder, starts, ends)
    parts = _minutes(events, costing["activities"], _our_failures(folder, events, costing))
    keys = [events["customer_id"], events["activity"]]
    work = parts.groupby(keys, dropna=False, observed=True).sum().reset_index()
    work["customer_id"] = work["customer_id"].where(work["customer_id"].isin(customers["customer_id"]))
    return _cost(work, costing)


def _read_events(folder: Path, starts: date, ends: date) -> pd.DataFrame:
    window = [("at", ">=", pd.Timestamp(starts)), ("at", "<", pd.Timestamp(ends))]
    events = pd.read_parquet(folder / "service_events.parquet", columns=EVENT_COLUMNS, filters=window)
    return events.astype({"activity": "category", "channel": "category"})


def _our_failures(folder: Path, events: pd.DataFrame, costing: dict[str, Any]) -> pd.Series:
    cases = pd.read_parquet(folder / "cases.parquet", columns=["case_id", "cause"])
    ours = cases.loc[cases["cause"] == "ours", "case_id"]
    failures = [name for name, activity in costing["activities"].items() if activity.get("demand") == "failure"]
    return events["case_id"].isin(ours) | events["activity"].isin(failures)


def _minutes(events: pd.DataFrame, activities: dict[str, Any], failure: pd.Series) -> pd.DataFrame:
    modelled = _modelled_minutes(events, activities)
    minutes = events["minutes"].where(events["minutes"] > 0, modelled)
    return pd.DataFrame(
        {
            "events": 1,
            "minutes": minutes,
            "failure": minutes.where(failure, 0.0),
            "unrequested": minutes.where(events["requested"].eq(False), 0.0),
            "out_of_scope": minutes.where(events["in_scope"].eq(False), 0.0),
        }
    )


def _modelled_minutes(events: pd.DataFrame, activities: dict[str, Any]) -> pd.Series:
    """Evaluate the time equations, one activity at a time."""
    minutes = pd.Series(0.0, index=events.index)
    drivers = events.drop(columns=["customer_id", "case_id", "minutes", "requested", "in_scope"])
    for name, activity in activities.items():
        rows = drivers[drivers["activity"] == name]
        time = pd.Series(float(activity.get("minutes", 0)), index=rows.index)
        for column, each in activity.get("per", {}).items():
            time += each * rows[column].fillna(1 if column == "quantity" else 0)
        for condition, more in activity.get("when", {}).items():
            column, _, value = condition.partition("=")
            time += more * rows[column].eq(value or True)
        minutes.loc[rows.index] = time.clip(lower=0)
    return minutes


def _cost(work: pd.DataFrame, costing: dict[str, Any]) -> pd.DataFrame:
    activities, resources = costing["activities"], costing["resources"]
    resource = work["activity"].map({name: a["resource"] for name, a in activities.items()}).astype(str)
    rate = resource.map({name: r["cost"] / r["capacity_minutes"] for name, r in resources.items()})
    avoidable = resource.map({name: r.get("avoidable", 0.0) for name, r in resources.items()})
    group = {name: a.get("group", a["resource"]) for name, a in activities.items()}
    obtains = [name for name, a in activities.items() if a.get("purpose") == "obtain"]
    cost = (work["minutes"] * rate).round(4)
    return work.assign(
        resource=resource,
        group=work["activity"].map(group).astype(str),
        serves=~work["activity"].isin(obtains),
        cost=cost,
        avoidable_cost=(work["minutes"] * rate * avoidable).round(4),
        **{f"{part}_cost": (work[part] * rate).round(4) for part in PARTS},
    )


def _service(work: pd.DataFrame) -> pd.DataFrame:
    """Sum each account's work into the lines of its statement."""
    served = work[work["serves"]]
    by_account = work.groupby("customer_id")
    return pd.DataFrame(
        {
            **served.pivot_table(index="customer_id", columns="group", values="cost", aggfunc="sum").add_prefix("cts_"),
            "cost_to_serve": served.groupby("customer_id")["cost"].sum(),
            "cost_to_obtain": work[~work["serves"]].groupby("customer_id")["cost"].sum(),
            "avoidable_service": by_account["avoidable_cost"].sum(),
            "service_minutes": by_account["minutes"].sum(),
            "events": by_account["events"].sum(),
            **served.groupby("customer_id")[[f"{part}_cost" for part in PARTS]].sum(),
        }
    )


def _sales(folder: Path, starts: date, ends: date) -> pd.DataFrame:
    window = [("date", ">=", starts), ("date", "<", ends)]
    lines = pd.read_parquet(folder / "transactions.parquet", columns=LINE_COLUMNS, filters=window)
    is_sale = lines["kind"] == "sale"
    amount = lines["list_amount"].fillna(lines["net_amount"])
    discount = lines["discount"].fillna(0.0)
    parts = pd.DataFrame(
        {
            "list_revenue": amount.where(is_sale, 0.0),
            "discounts": discount.where(is_sale, 0.0),
            "sales": is_sale,
            "priced": is_sale & lines["list_amount"].notna(),
            "returns": (discount - amount).where(~is_sale, 0.0),
            "cogs": lines["cogs"],
            "freight": lines["freight"],
        }
    )
    sales = parts.groupby(lines["customer_id"]).sum()
    unknown = (sales.pop("priced") == 0) & (sales.pop("sales") > 0)  # an account none of whose list prices is known
    return sales.assign(unknown_discounts=unknown)


def _accounts(
    customers: pd.DataFrame, sales: pd.DataFrame, service: pd.DataFrame, starts: date, ends: date
) -> pd.DataFrame:
    accounts = customers[_is_listed(customers, sales, service, starts, ends)][ATTRIBUTES].set_index("customer_id")
    accounts = accounts.join(sales).join(service).sort_index().reset_index()
    unknown = accounts.pop("unknown_discounts").eq(True)
    accounts = accounts.fillna(dict.fromkeys(accounts.columns.difference(ATTRIBUTES), 0.0))
    revenue = accounts["list_revenue"] - accounts["returns"]
    accounts["net_revenue"] = revenue - accounts["discounts"]
    accounts["gross_margin"] = accounts["net_revenue"] - accounts["cogs"] - accounts["freight"]
    accounts["avoidable_cost"] = accounts["cogs"] + accounts["freight"] + accounts.pop("avoidable_service")
    accounts["running_margin"] = accounts["gross_margin"] - accounts["cost_to_serve"]
    accounts["net_margin"] = accounts["running_margin"] - accounts["cost_to_obtain"]
    demand = (accounts["cost_to_serve"] - accounts["failure_cost"]) / revenue.where(revenue > 0, np.nan)
    return accounts.assign(service_demand=demand, discounts=accounts["discounts"].mask(unknown))


def _is_listed(
    customers: pd.DataFrame, sales: pd.DataFrame, service: pd.DataFrame, starts: date, ends: date
) -> pd.Series:
    """Tell who was a customer at some time in the window, or has a line or an event in it."""
    began = ~(pd.to_datetime(customers["since"]) >= pd.Timestamp(ends))
    stayed = ~(pd.to_datetime(customers["ended"]) < pd.Timestamp(starts))
    busy = customers["customer_id"].isin(sales.index.union(service.index))
    return (began & stayed) | busy


def _resources(work: pd.DataFrame) -> pd.DataFrame:
    unassigned = work["cost"].where(work["customer_id"].isna(), 0.0)
    costs = work.assign(used_minutes=work["minutes"], used_cost=work["cost"], unassigned_cost=unassigned)
    return costs.groupby("resource")[["used_minutes", "used_cost", "unassigned_cost"]].sum().reset_index()
