"""Relations: who sold what, who owned which account when, what was tried, and what people decided."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sample_firms.world import Calendar, Settings, chance, column, flags, numbered, pick, totals, whole, words

_ACTIONS = (
    "talk",
    "educate",
    "require_notice",
    "payment_terms",
    "trim_frequency",
    "reprice",
    "charge_out_of_scope",
    "mend_our_failures",
)
_OUTCOMES = ("worked", "refused", "failed", "open")


def make_bookings(settings: Settings, calendar: Calendar, accounts: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Book the business that was agreed, once or twice a year, near what it became."""
    rng, count = settings.stream("bookings"), settings.accounts
    first, last = whole(accounts, "first"), whole(accounts, "last")
    sold = totals(whole(orders, "row"), np.ones(len(orders)), count) > 0
    years = (last - first + 1) / 365.25
    counts = np.where(sold, np.floor(0.9 * years + rng.random(count)), 0).astype(np.int64)
    row = np.repeat(np.arange(count), counts)
    size = len(row)
    day = first[row] + np.floor(rng.random(size) * (last - first + 1)[row]).astype(np.int64)
    amount = column(accounts, "revenue")[row] * (0.75 + 0.6 * rng.random(size))
    owner = accounts["account_manager"].to_numpy(dtype=object)
    table = pd.DataFrame({"row": row, "day": day, "amount": np.round(amount, -1)})
    table = table.sort_values(["day", "row"], kind="stable", ignore_index=True)
    return pd.DataFrame(
        {
            "booking_id": numbered("B", size, 6),
            "customer_id": _ids(accounts)[whole(table, "row")],
            "rep": owner[whole(table, "row")],
            "on": calendar.dates(column(table, "day")),
            "amount": column(table, "amount"),
        }
    )


def make_assignments(settings: Settings, calendar: Calendar, accounts: pd.DataFrame) -> pd.DataFrame:
    """Say who owned which account when; some changed hands."""
    rng, count = settings.stream("assignments"), settings.accounts
    first, last = whole(accounts, "first"), whole(accounts, "last")
    managers = accounts["account_manager"].to_numpy(dtype=object)
    before = managers[rng.integers(0, count, count)]
    changed = chance(rng, np.full(count, 0.2)) & (before != managers) & (last - first > 120)
    change = first + np.floor((0.2 + 0.6 * rng.random(count)) * (last - first)).astype(np.int64)
    old = np.flatnonzero(changed)
    row = np.r_[old, np.arange(count)]
    since = np.r_[first[old], np.where(changed, change, first)].astype(np.float64)
    gone = np.where(column(accounts, "ended") >= 0, column(accounts, "ended"), np.nan)
    until = np.r_[change[old] - 1.0, gone]
    person = np.r_[before[old], managers]
    order = np.lexsort((since, row))
    return pd.DataFrame(
        {
            "customer_id": _ids(accounts)[row][order],
            "person": person[order],
            "role": np.full(len(row), "account manager", dtype=object),
            "from": calendar.dates(since[order]),
            "to": calendar.dates(until[order]),
        }
    )


def make_actions_taken(settings: Settings, calendar: Calendar, accounts: pd.DataFrame) -> pd.DataFrame:
    """Say what has been tried with accounts that gave us cause, and what came of it."""
    rng, count = settings.stream("actions taken"), settings.accounts
    cause = flags(accounts, "difficult") | flags(accounts, "over_served") | flags(accounts, "made_by_us")
    counts = np.where(rng.random(count) < 0.5, rng.poisson(np.where(cause, 1.3, 0.08)), 0)
    row = np.repeat(np.arange(count), counts)
    size = len(row)
    first, last = whole(accounts, "first")[row], whole(accounts, "last")[row]
    day = first + np.floor((0.3 + 0.7 * rng.random(size)) * (last - first)).astype(np.int64)
    recent = day > calendar.days - 90
    outcome = np.where(recent & (rng.random(size) < 0.6), 3, pick(rng, size, (38, 27, 35)))
    outcome = np.where(rng.random(size) < 0.1, -1, outcome)
    cost = np.where(rng.random(size) < 0.6, np.round(40.0 * np.exp(1.2 * rng.standard_normal(size) + 1.2), -1), np.nan)
    table = pd.DataFrame({"row": row, "day": day}).assign(
        action=pick(rng, size, (22, 14, 12, 12, 12, 10, 10, 8)), outcome=outcome, cost=cost
    )
    table = table.sort_values(["row", "day"], kind="stable", ignore_index=True)
    return pd.DataFrame(
        {
            "customer_id": _ids(accounts)[whole(table, "row")],
            "action": words(whole(table, "action"), _ACTIONS),
            "on": calendar.dates(column(table, "day")),
            "outcome": words(whole(table, "outcome"), _OUTCOMES),
            "cost": column(table, "cost"),
        }
    )


def make_overrides(settings: Settings, calendar: Calendar, accounts: pd.DataFrame) -> pd.DataFrame:
    """Let a person decide otherwise for very few accounts, with a reason and an end; one of them has expired."""
    rng, count = settings.stream("overrides"), settings.accounts
    chosen = np.flatnonzero((column(accounts, "window_share") > 0) & (rng.random(count) < 0.012))
    size = len(chosen)
    expired = np.arange(size) % 4 == 3
    until = calendar.days + np.where(expired, -40, 90 + rng.integers(0, 200, size))
    return pd.DataFrame(
        {
            "customer_id": _ids(accounts)[chosen],
            "judgement": np.full(size, "action", dtype=object),
            "value": np.full(size, "none", dtype=object),
            "reason": words(
                pick(rng, size, (1, 1, 1)),
                ("Talks are under way", "New contact person since spring", "Group contract in renewal"),
            ),
            "by": accounts["account_manager"].to_numpy(dtype=object)[chosen],
            "until": calendar.dates(until.astype(np.float64)),
        }
    )


def _ids(accounts: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return accounts["customer_id"].to_numpy(dtype=object)
