"""Money: when invoices were paid, which were disputed or written off, and parts of payments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sample_firms.accounts import HELD_BACK, HELD_DAYS, UPHELD
from sample_firms.cases import Cases, evenly
from sample_firms.sales import Sales
from sample_firms.world import Bools, Calendar, Floats, Ints, Settings, column, flags, pick, spread, whole, words

_TERMS = np.array([14, 30, 45])


@dataclass(frozen=True)
class Receivables:
    """The tables `invoices` and `payments`, the reminders that we sent, and what was written off."""

    invoices: pd.DataFrame
    payments: pd.DataFrame
    reminders: pd.DataFrame


def make_receivables(
    settings: Settings, calendar: Calendar, accounts: pd.DataFrame, sales: Sales, cases: Cases
) -> Receivables:
    """Draw how the invoices were paid."""
    bills = sales.billed[column(sales.billed, "amount") > 0].reset_index(drop=True)
    bills = bills.assign(**_due(settings, accounts, bills))
    _pay(settings, accounts, bills)
    _dispute(settings, accounts, bills)
    _hold_back(settings, bills, cases)
    _write_off(settings, calendar, bills)
    return Receivables(
        _invoice_table(calendar, accounts, bills),
        _payments(settings, calendar, bills),
        _reminders(settings, calendar, bills),
    )


def _due(settings: Settings, accounts: pd.DataFrame, bills: pd.DataFrame) -> dict[str, Ints]:
    terms = _TERMS[pick(settings.stream("payment terms"), len(accounts), (20, 60, 20))]
    return {"due": whole(bills, "day") + terms[whole(bills, "row")]}


def _pay(settings: Settings, accounts: pd.DataFrame, bills: pd.DataFrame) -> None:
    """Pay each invoice around its account's own lateness."""
    rng, row = settings.stream("payments"), whole(bills, "row")
    mean = column(accounts, "late_payment")[row]
    late = np.round(mean * spread(rng, len(bills), 0.30 + 0.10 * settings.noise) - 1.5)
    bills["paid"] = np.maximum(whole(bills, "due") + late, whole(bills, "day"))


def _dispute(settings: Settings, accounts: pd.DataFrame, bills: pd.DataFrame) -> None:
    """Let accounts dispute what was right: at their own rate, and mostly turned down."""
    rng, row, size = settings.stream("disputes"), whole(bills, "row"), len(bills)
    disputed = evenly(rng, row, column(accounts, "dispute")[row], settings.noise)
    share = np.where(rng.random(size) < 0.4, 1.0, 0.15 + 0.5 * rng.random(size))
    bills["disputed"] = np.where(disputed, np.round(column(bills, "amount") * share, 2), np.nan)
    bills["outcome"] = np.where(disputed, np.array([1, 0, 2])[pick(rng, size, (88, 5, 7))], -1)
    bills["paid"] = column(bills, "paid") + np.where(disputed, rng.integers(4, 18, size), 0)


def _hold_back(settings: Settings, bills: pd.DataFrame, cases: Cases) -> None:
    """Let customers hold back payment while a failure of ours is open, and dispute some of it with success."""
    rng, rows = settings.stream("held back"), cases.rows
    opened, closed = _open_failure(rows, bills)
    due = column(bills, "due")
    waiting = (opened < due) & (closed > due - 2)
    held = waiting & (rng.random(len(bills)) < HELD_BACK * 1.6)
    until = np.ceil(np.minimum(closed, due + 4.0 * HELD_DAYS)) + 1 + rng.integers(0, 5, len(bills))
    bills["paid"] = np.where(held, np.maximum(column(bills, "paid"), until), column(bills, "paid"))
    right = held & (rng.random(len(bills)) < UPHELD) & np.isnan(column(bills, "disputed"))
    share = 0.1 + 0.4 * rng.random(len(bills))
    bills["disputed"] = np.where(right, np.round(column(bills, "amount") * share, 2), column(bills, "disputed"))
    bills["outcome"] = np.where(right, np.where(rng.random(len(bills)) < 0.9, 0, 2), whole(bills, "outcome"))


def _open_failure(rows: pd.DataFrame, bills: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return, for each invoice, when the last failed case before its due day was opened and closed."""
    failed = rows[flags(rows, "failed")].sort_values(["row", "opened"], kind="stable")
    if not len(failed) or not len(bills):
        return np.full(len(bills), np.inf), np.full(len(bills), -np.inf)
    span = 10_000.0
    keys = column(failed, "row") * span + column(failed, "opened")
    at = np.searchsorted(keys, column(bills, "row") * span + column(bills, "due")) - 1
    same: Bools = (at >= 0) & (whole(failed, "row")[np.maximum(at, 0)] == whole(bills, "row"))
    at = np.maximum(at, 0)
    opened = np.where(same, column(failed, "opened")[at], np.inf)
    closed = np.where(same, np.nan_to_num(column(failed, "resolved")[at], nan=9_000.0), -np.inf)
    return opened, closed


def _write_off(settings: Settings, calendar: Calendar, bills: pd.DataFrame) -> None:
    """Write off a few invoices, in full or in part, and leave open what was not paid by the as-of day."""
    rng, size = settings.stream("write-offs"), len(bills)
    disputed = np.isfinite(column(bills, "disputed"))
    lost = rng.random(size) < np.where(disputed, 0.03, 0.0015)
    day = column(bills, "due") + 70 + rng.integers(0, 60, size)
    lost &= day < calendar.days
    whole_sum = rng.random(size) < 0.5
    amount = np.where(whole_sum, column(bills, "amount"), np.round(column(bills, "amount") * 0.4, 2))
    bills["written_off"] = np.where(lost, amount, np.nan)
    bills["written_off_on"] = np.where(lost & (rng.random(size) < 0.9), day, np.nan)
    paid = np.where(lost & whole_sum, np.nan, column(bills, "paid"))
    bills["paid"] = np.where(paid < calendar.days, paid, np.nan)


def _invoice_table(calendar: Calendar, accounts: pd.DataFrame, bills: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "invoice_id": _invoice_ids(bills),
            "customer_id": accounts["customer_id"].to_numpy(dtype=object)[whole(bills, "row")],
            "issued": calendar.dates(column(bills, "day")),
            "due": calendar.dates(column(bills, "due")),
            "amount": np.round(column(bills, "amount"), 2),
            "paid": calendar.dates(column(bills, "paid")),
            "disputed": column(bills, "disputed"),
            "dispute_outcome": words(whole(bills, "outcome"), ("upheld", "rejected", "open")),
            "written_off": column(bills, "written_off"),
            "written_off_on": calendar.dates(column(bills, "written_off_on")),
        }
    )


def _invoice_ids(bills: pd.DataFrame) -> pd.Series[str]:
    return "I" + pd.Series(whole(bills, "invoice"), dtype="int64").astype(str).str.zfill(7)


def _payments(settings: Settings, calendar: Calendar, bills: pd.DataFrame) -> pd.DataFrame:
    """Pay some invoices in two parts; the second part comes on the day that the invoice counts as paid."""
    rng, size = settings.stream("payment parts"), len(bills)
    due = column(bills, "amount") - np.nan_to_num(column(bills, "written_off"))
    parted = np.isfinite(column(bills, "paid")) & (rng.random(size) < 0.07) & (due > 50)
    at = np.flatnonzero(parted)
    early = np.round(due[at] * (0.3 + 0.4 * rng.random(len(at))), 2)
    first = np.floor(column(bills, "day")[at] + 0.7 * (column(bills, "paid")[at] - column(bills, "day")[at]))
    table = pd.DataFrame(
        {
            "invoice_id": np.repeat(_invoice_ids(bills).to_numpy(dtype=object)[at], 2),
            "on": calendar.dates(np.column_stack([first, column(bills, "paid")[at]]).ravel()),
            "amount": np.round(np.column_stack([early, due[at] - early]).ravel(), 2),
        }
    )
    return table


def _reminders(settings: Settings, calendar: Calendar, bills: pd.DataFrame) -> pd.DataFrame:
    """Remind the customer some two weeks after the due day."""
    rng = settings.stream("reminders")
    day = whole(bills, "due") + 14 + rng.integers(0, 6, len(bills))
    paid = np.nan_to_num(column(bills, "paid"), nan=1e6)
    sent = (paid > day) & (day < calendar.days) & (rng.random(len(bills)) < 0.6)
    return pd.DataFrame({"row": whole(bills, "row")[sent], "day": day[sent]})
