"""The firm's books: `costing.toml` with capacities that fit the work, and `policy.toml`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sample_firms.firm import ACTIVITIES, ATTRIBUTES, RESOURCES, TIERS
from sample_firms.world import Bools, Calendar, Floats, column

_LEAST_CAPACITY = 1_200.0
_OVERHEAD_SHARE = 0.055
_QUARTERS = 4


@dataclass(frozen=True)
class Books:
    """What the resources cost and can do in a quarter, and the year's totals.

    Attributes
    ----------
    capacity, cost
        By resource, for a quarter.
    control
        The figures of the `[control]` table.
    as_of
        The last day of the year that they are of.
    money
        The scale of the firm's money, in which a freed minute is sold, too.
    """

    capacity: dict[str, float]
    cost: dict[str, float]
    control: dict[str, float]
    as_of: np.datetime64
    money: float = 1.0

    def rate(self, activity: str) -> float:
        """Return the cost of a minute of an activity, as the file's rounded figures give it."""
        resource = ACTIVITIES[activity].resource
        return self.cost[resource] / self.capacity[resource]

    def in_money(self, money: float) -> Books:
        """Return the books with all amounts times `money`."""
        cost, control = (
            {name: value * money for name, value in amounts.items()} for amounts in (self.cost, self.control)
        )
        return Books(self.capacity, cost, control, self.as_of, self.money * money)


def in_window(calendar: Calendar, moments: pd.Series[pd.Timestamp]) -> Bools:
    """Return which dates or times lie in the twelve-month window."""
    first = calendar.start + np.timedelta64(calendar.window, "D")
    end = calendar.start + np.timedelta64(calendar.days, "D")
    values = moments.to_numpy(dtype="datetime64[s]")
    inside: Bools = (values >= first) & (values < end)
    return inside


def event_minutes(events: pd.DataFrame) -> Floats:
    """Return the minutes that count: logged ones above 0, else what the time equation gives."""
    logged = column(events, "minutes")
    return np.asarray(np.where(np.nan_to_num(logged) > 0, logged, column(events, "equation")))


def make_books(calendar: Calendar, transactions: pd.DataFrame, invoices: pd.DataFrame, events: pd.DataFrame) -> Books:
    """Size each resource so that the window's work uses its usual share, and close the year."""
    inside = in_window(calendar, events["at"])
    resources = events["activity"].map({name: spec.resource for name, spec in ACTIVITIES.items()}).astype(object)
    used = pd.Series(event_minutes(events)[inside]).groupby(resources.to_numpy()[inside]).sum()
    capacity, cost = {}, {}
    for name, spec in RESOURCES.items():
        need = float(used.get(name, 0.0)) / _QUARTERS / spec.used
        capacity[name] = _rounded(max(need, _LEAST_CAPACITY))
        cost[name] = float(round(capacity[name] * spec.rate))
    as_of = calendar.start + np.timedelta64(calendar.days - 1, "D")
    return Books(capacity, cost, _control(calendar, transactions, invoices, cost), as_of)


def _rounded(value: float) -> float:
    """Round to three digits, as a plan would."""
    step = 10.0 ** max(np.floor(np.log10(value)) - 2, 0)
    return float(np.ceil(value / step) * step)


def net_amounts(transactions: pd.DataFrame) -> Floats:
    """Return the net amount of each line, whichever way it is stated."""
    listed = column(transactions, "list_amount") - np.nan_to_num(column(transactions, "discount"))
    net = np.where(np.isfinite(listed), listed, column(transactions, "net_amount"))
    return np.asarray(np.round(net, 4), dtype=np.float64)


def _control(
    calendar: Calendar, transactions: pd.DataFrame, invoices: pd.DataFrame, cost: dict[str, float]
) -> dict[str, float]:
    inside = in_window(calendar, transactions["date"])
    revenue = float(net_amounts(transactions)[inside].sum())
    cogs = float(np.nansum(column(transactions, "cogs")[inside]))
    freight = float(np.nansum(column(transactions, "freight")[inside]))
    noted = invoices["written_off_on"].fillna(invoices["issued"])
    lost = float(np.nansum(column(invoices, "written_off")[in_window(calendar, noted)]))
    booked, booked_cogs = round(revenue * 1.0008), round(cogs * 0.9994)
    profit = booked - booked_cogs - freight - lost - _QUARTERS * sum(cost.values()) - _OVERHEAD_SHARE * revenue
    return {"revenue": float(booked), "cogs": float(booked_cogs), "operating_profit": float(round(profit))}


def costing_toml(books: Books) -> str:
    """Return the text of `costing.toml`."""
    lines = ['period = "quarter"', ""]
    for name, spec in RESOURCES.items():
        lines += [f"[resources.{name}]", f"cost = {_amount(books.cost[name])}"]
        lines += [f"capacity_minutes = {books.capacity[name]:.0f}", f"uncertainty = {spec.uncertainty}"]
        lines += [] if spec.avoidable is None else [f"avoidable = {spec.avoidable}"]
        lines += [f"resale = {_amount(spec.resale * books.money)}"] if spec.resale else []
        lines.append("")
    for name in ACTIVITIES:
        lines += [*_activity_lines(name), ""]
    lines += ["[control]", f"as_of = {books.as_of}"]
    lines += [f"{name} = {_amount(value)}" for name, value in books.control.items()]
    return "\n".join(lines) + "\n"


def _amount(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _activity_lines(name: str) -> list[str]:
    spec = ACTIVITIES[name]
    lines = [f"[activities.{name}]", f'resource = "{spec.resource}"', f'group = "{spec.group}"']
    lines += [f'purpose = "{spec.purpose}"'] if spec.purpose != "serve" else []
    lines += [f'demand = "{spec.demand}"'] if spec.demand != "value" else []
    lines += ["per_order = true"] if spec.per_order else []
    lines += [f"minutes = {spec.minutes:g}", f"uncertainty = {spec.uncertainty}"]
    for table, terms in (("per", spec.per), ("when", spec.when)):
        if terms:
            lines.append(f"[activities.{name}.{table}]")
            lines += [f'"{key}" = {value:g}' if "=" in key else f"{key} = {value:g}" for key, value in terms.items()]
    return lines


_SERVICE = {
    "support_minutes": 'activities = ["inquiry", "incident"]\nwhere = { after_hours = false }',
    "after_hours_minutes": 'activities = ["night_support"]\nwhere = { after_hours = true }',
    "site_visits": 'activities = ["site_visit"]\nwhere = { channel = "onsite", after_hours = false }',
    "account_reviews": 'activities = ["account_review"]',
    "dedicated_contact_hours": 'activities = ["dedicated_contact"]  # booked by the hour: one event is one hour',
}


def policy_toml() -> str:
    """Return the text of `policy.toml`: the six service attributes, spelt out, and the tiers."""
    lines = ['currency = "EUR"', "", "[window]", "months = 12", "", "[finance]", "receivables_rate = 0.08"]
    lines += ["discount_rate = 0.10", "horizon_months = 36", ""]
    for name, spec in ATTRIBUTES.items():
        lines += [f"[service.{name}]", _SERVICE[name], f'measure = "{spec.measure}"', f'period = "{spec.period}"']
        lines += ["more_is_more_service = true", f'level_is = "{spec.level_is}"']
        lines += ['standby = "night_team"'] if name == "after_hours_minutes" else []
        lines.append("")
    lines += ["[service.response_hours]", 'measure = "response_hours"', "more_is_more_service = false"]
    lines += ['level_is = "promise"', ""]
    for tier, levels in TIERS.items():
        lines += [f"[tiers.{tier}]", *(f"{name} = {level:g}" for name, level in levels.items()), ""]
    return "\n".join(lines[:-1]) + "\n"
