"""The truth beside a world: what was planted, and what by the contract's rules came of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sample_firms.accounts import BEHAVIOURS
from sample_firms.books import Books, event_minutes, in_window
from sample_firms.entitlements import Plan, case_usage, planned_over_cost, tier_levels
from sample_firms.firm import ACTIVITIES, ATTRIBUTES
from sample_firms.opinions import Views
from sample_firms.world import Bools, Calendar, Floats, Settings, column, flags, totals, whole

MEASURED = {
    "support_minutes": (("inquiry", "incident"), False),
    "after_hours_minutes": (("night_support",), True),
    "site_visits": (("site_visit",), False),
    "account_reviews": (("account_review",), None),
    "dedicated_contact_hours": (("dedicated_contact",), None),
}

SERVICE_COLUMNS = {
    "customer_id": "text",
    "attribute": "text",
    "planned": "rate",
    "planted": "rate",
    "entitled": "rate",
    "expected": "rate",
    "due": "rate",
    "over_cost_planned": "money",
    "delivered": "rate",
    "over_cost": "money",
}
ACCOUNT_COLUMNS = {
    "customer_id": "text",
    "in_window": "flag",
    "levels_stated": "flag",
    "over_served": "flag",
    "over_served_archetype": "text",
    "planted_kind": "text",
    "planted_excess": "money",
    "over_cost": "money",
    "kept_short": "flag",
    "difficult": "flag",
    "difficult_archetype": "text",
    "difficult_kind": "text",
    "difficult_degree": "rate",
    "cases_expected": "rate",
    "trouble": "rate",
    "difficulty_ours": "rate",
    "difficulty": "rate",
    **dict.fromkeys(BEHAVIOURS, "rate"),
    "failure_rate": "rate",
    "made_by_us": "flag",
    "pays_express": "flag",
    "bad_period": "flag",
    "reputation": "rate",
    "perceived": "rate",
    "perception": "text",
    "ratings": "whole",
    "revenue": "money",
    "satisfaction": "rate",
    "price_step": "rate",
    "hazard": "rate",
}
RATER_COLUMNS = {"rater": "text", "department": "text", "severity": "rate"}
DEPARTMENT_COLUMNS = {"department": "text", "severity": "rate", "raters": "whole"}


def failure_work(events: pd.DataFrame, cases: pd.DataFrame) -> Bools:
    """Return which events are failure work: by their activity, or by their case's recorded cause."""
    failing = [name for name, spec in ACTIVITIES.items() if spec.demand == "failure"]
    by_activity = events["activity"].isin(failing).to_numpy(dtype=np.bool_)
    ours = np.r_[(cases["cause"] == "ours").to_numpy(dtype=np.bool_), False]
    return np.asarray(by_activity | ours[whole(events, "case")])


def latest_levels(accounts: pd.DataFrame, levels: pd.DataFrame) -> Floats:
    """Return the level due per attribute and period: the lowest of the latest statements, and of the tier's."""
    place = pd.Series(np.arange(len(accounts)), index=accounts["customer_id"].to_numpy(dtype=object))
    known = levels[levels["level"].notna() & (levels["attribute"] != "response_hours")]
    known = known.assign(
        row=place.reindex(known["customer_id"]).to_numpy(), at=known["stated_on"].fillna(pd.Timestamp("1900-01-01"))
    )
    known = known.sort_values("at", kind="stable")
    latest = known.groupby(["row", "attribute", "basis"], observed=True)["level"].last()
    periods = np.array([spec.periods for spec in ATTRIBUTES.values()], dtype=np.float64)
    stated = {"entitled": tier_levels(accounts) / periods, "expected": np.full((len(accounts), len(periods)), np.nan)}
    names = list(ATTRIBUTES)
    if len(known):
        rows = latest.reset_index()
        columns = np.array([names.index(name) for name in rows["attribute"]], dtype=np.int64)
        for basis, table in stated.items():
            here = (rows["basis"] == basis).to_numpy(dtype=np.bool_)
            table[whole(rows, "row")[here], columns[here]] = column(rows, "level")[here]
    return np.asarray(np.fmin(stated["entitled"], stated["expected"]))


def customer_days(calendar: Calendar, accounts: pd.DataFrame) -> Floats:
    """Return the share of the window's days on which each account was, by its record, a customer."""
    since = np.where(flags(accounts, "since_known"), whole(accounts, "since"), 0)
    last = np.where(whole(accounts, "ended") >= 0, whole(accounts, "ended"), calendar.days - 1)
    days = np.minimum(last, calendar.days - 1) - np.maximum(since, calendar.window) + 1
    return np.asarray(np.clip(days, 0, None) / (calendar.days - calendar.window), dtype=np.float64)


def service_truth(
    calendar: Calendar,
    accounts: pd.DataFrame,
    plan: Plan,
    books: Books,
    events: pd.DataFrame,
    cases: pd.DataFrame,
    levels: pd.DataFrame,
) -> pd.DataFrame:
    """Return planned and realised service by account and attribute, per period, and what was beyond the level due."""
    count = len(accounts)
    due, share = latest_levels(accounts, levels), customer_days(calendar, accounts)
    counted = in_window(calendar, events["at"]) & ~failure_work(events, cases) & (whole(events, "row") >= 0)
    planned = plan.base + plan.extra + case_usage(accounts)
    over_planned = planned_over_cost(accounts, plan)
    entitled = np.where(np.isnan(plan.entitled), tier_levels(accounts), plan.entitled)
    parts = []
    for number, (attribute, spec) in enumerate(ATTRIBUTES.items()):
        units, cost = _units(events, counted, attribute, books, count)
        periods = share * spec.periods
        with np.errstate(divide="ignore", invalid="ignore"):
            delivered = np.where(periods > 0, units / periods, np.nan)
            over = np.maximum(delivered - due[:, number], 0.0) * periods * cost / units
        parts.append(
            pd.DataFrame(
                {
                    "customer_id": accounts["customer_id"],
                    "attribute": attribute,
                    "planned": planned[:, number] / spec.periods,
                    "planted": plan.extra[:, number] / spec.periods,
                    "entitled": entitled[:, number] / spec.periods,
                    "expected": plan.expected[:, number] / spec.periods,
                    "due": due[:, number],
                    "over_cost_planned": over_planned[:, number],
                    "delivered": delivered,
                    "over_cost": np.where((units > 0) & (periods > 0), over, 0.0),
                    "row": np.arange(count),
                }
            )
        )
    table = pd.concat(parts, ignore_index=True).sort_values("row", kind="stable", ignore_index=True)
    table["over_cost"] = table["over_cost"].fillna(0.0)
    for name in ("entitled", "expected", "due"):
        table[name] = table[name].mask(~np.isfinite(column(table, name)))
    return table


def _units(events: pd.DataFrame, counted: Bools, attribute: str, books: Books, count: int) -> tuple[Floats, Floats]:
    activities, after_hours = MEASURED[attribute]
    here = counted & events["activity"].isin(activities).to_numpy(dtype=np.bool_)
    if after_hours is not None:
        here &= events["after_hours"].fillna(False).to_numpy(dtype=np.bool_) == after_hours
    row, minutes = whole(events, "row")[here], event_minutes(events)[here]
    units = minutes if ATTRIBUTES[attribute].measure == "minutes" else np.ones(len(row))
    return totals(row, units, count), totals(row, minutes * books.rate(activities[0]), count)


def account_truth(
    settings: Settings, calendar: Calendar, accounts: pd.DataFrame, service: pd.DataFrame, views: Views
) -> pd.DataFrame:
    """Return one row per account: what was planted, and the labels that follow from it."""
    table = accounts.copy()
    table["in_window"] = column(accounts, "window_share") > 0
    table["levels_stated"] = (
        (service["due"].notna() | service["entitled"].notna())
        .groupby(whole(service, "row"))
        .any()
        .to_numpy(dtype=np.bool_)
    )
    table["over_cost"] = totals(whole(service, "row"), column(service, "over_cost"), settings.accounts)
    table["planted_kind"] = accounts["over_kind"]
    table["ratings"] = views.rated
    named = settings.structure
    table["over_served_archetype"] = accounts["over_kind"].where(accounts["over_served"] & named, "")
    table["difficult_archetype"] = accounts["difficult_kind"].where(accounts["difficult"] & named, "")
    table["perception"] = accounts["perception"].where(views.rated > 0, "")
    return table
