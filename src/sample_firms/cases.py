"""Cases: what customers asked for, how they asked, where we failed them, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sample_firms.accounts import FAILURE_LEADS_TO
from sample_firms.world import (
    Bools,
    Calendar,
    Floats,
    Ints,
    Settings,
    chance,
    column,
    flags,
    lognormal,
    maybe,
    numbered,
    pick,
    spread,
    steady,
    turn,
    whole,
    words,
)

KINDS = ("inquiry", "request", "change", "complaint", "project")
_LEAD_DAYS = np.array([3.0, 6.0, 9.0, 4.0, 24.0])
_BAD_PERIOD = (390, 620)


@dataclass(frozen=True)
class Cases:
    """Cases with what is latent about them, and the two tables that show them.

    Attributes
    ----------
    rows
        One row per case: account number (`row`), times in days of the history, what happened, `failed`.
    cases, updates
        The contract's tables.
    """

    rows: pd.DataFrame
    cases: pd.DataFrame
    updates: pd.DataFrame


def make_cases(settings: Settings, calendar: Calendar, accounts: pd.DataFrame) -> Cases:
    """Draw the cases and the words that the customers got about them."""
    rows = _arrivals(settings, calendar, accounts)
    _fate(settings, calendar, accounts, rows)
    _clock(settings, calendar, accounts, rows)
    _outcome(settings, accounts, rows)
    _record(settings, calendar, rows)
    updates = _updates(settings, calendar, rows)
    return Cases(rows, _case_table(calendar, accounts, rows), updates)


def _arrivals(settings: Settings, calendar: Calendar, accounts: pd.DataFrame) -> pd.DataFrame:
    rng = settings.stream("case arrivals")
    first, last = whole(accounts, "first"), whole(accounts, "last")
    mean = column(accounts, "cases_year") * calendar.exposure(first, last) * ~flags(accounts, "sales_only")
    mean = mean * spread(rng, len(accounts), 0.14 * settings.noise)
    counts = steady(rng, mean)
    row = np.repeat(np.arange(len(accounts)), counts)
    share = (turn(counts) + rng.random(len(row)) * 1.8 - 0.4) / np.maximum(counts, 1)[row]
    day = calendar.place(first[row], last[row], np.clip(share, 0.0, 1.0))
    rows = pd.DataFrame({"row": row, "day": day})
    rows = rows.sort_values(["day", "row"], kind="stable", ignore_index=True)
    rows["number"] = np.arange(1, len(rows) + 1)
    return rows


def evenly(rng: np.random.Generator, row: Ints, rate: Floats, noise: float) -> Bools:
    """Draw yes or no per case at its account's rate.

    Part of the draws are spread evenly over an account's cases and part are independent, so that a few cases
    carry evidence; the noise level says how many are independent.
    """
    loose = min(1.0, 0.22 * noise)
    order = np.argsort(row, kind="stable")
    sorted_row = row[order]
    start = np.r_[True, sorted_row[1:] != sorted_row[:-1]] if len(row) else np.zeros(0, dtype=bool)
    cumulative = np.cumsum(rate[order])
    before = cumulative - rate[order]
    base = np.maximum.accumulate(np.where(start, before, 0.0)) if len(row) else before
    offset = rng.random(int(row.max()) + 1 if len(row) else 0)
    place = before - base + (offset[sorted_row] if len(row) else 0.0)
    regular = np.empty(len(row), dtype=np.bool_)
    regular[order] = np.floor(place + rate[order]) > np.floor(place)
    independent = chance(rng, rate)
    return np.where(rng.random(len(row)) < loose, independent, regular)


def _fate(settings: Settings, calendar: Calendar, accounts: pd.DataFrame, rows: pd.DataFrame) -> None:
    """Decide which cases we fail on, and how the customer brings them."""
    rng, row = settings.stream("case fates"), whole(rows, "row")
    size = len(rows)
    bad = flags(accounts, "bad_period")[row] & _in_bad_period(calendar, whole(rows, "day"))
    failure = np.where(bad, 0.55, column(accounts, "failure_rate")[row])
    rows["failed"] = evenly(rng, row, failure, settings.noise)
    rows["at_night"] = evenly(rng, row, column(accounts, "after_hours")[row], settings.noise)
    rows["short"] = evenly(rng, row, column(accounts, "rush")[row], settings.noise)
    rows["out_of_scope"] = evenly(rng, row, column(accounts, "out_of_scope")[row], settings.noise)
    kind = pick(rng, size, (44, 30, 12, 4, 5))
    angry = flags(rows, "failed") & (rng.random(size) < 0.35)
    rows["kind"] = np.where(angry, 3, kind)


def _in_bad_period(calendar: Calendar, day: Ints) -> Bools:
    ago = calendar.days - day
    return (ago > _BAD_PERIOD[0]) & (ago < _BAD_PERIOD[1])


def _clock(settings: Settings, calendar: Calendar, accounts: pd.DataFrame, rows: pd.DataFrame) -> None:
    """Set the times of each case: opened, needed by, promised, answered, resolved."""
    rng, row, size = settings.stream("case times"), whole(rows, "row"), len(rows)
    failed, night = flags(rows, "failed"), flags(rows, "at_night")
    hour = np.where(night, 18.5 + 5.0 * rng.random(size), 7.5 + 9.5 * rng.random(size))
    opened = column(rows, "day") + hour / 24.0
    lead = _LEAD_DAYS[whole(rows, "kind")] * lognormal(rng, size, 0.35)
    short = flags(rows, "short")
    needed = opened + np.where(short, 0.15 + 1.0 * rng.random(size), lead)
    rows["needed_by"] = np.where(rng.random(size) < np.where(short, 0.95, 0.72), needed, np.nan)
    wait = column(accounts, "first_answer_hours")[row] * lognormal(rng, size, 0.8) * np.where(failed, 3.5, 1.0)
    answered = opened + np.clip(wait, 0.1, 140.0) / 24.0
    promised = opened + np.where(short, 0.6 + 1.2 * rng.random(size), lead * (0.85 + 0.3 * rng.random(size)))
    promised = np.maximum(promised, answered + 0.1)
    kept = answered + (promised - answered) * (0.25 + 0.7 * rng.random(size))
    late = promised + 0.8 + lead * lognormal(rng, size, 0.5) * 0.7
    missed = failed & (rng.random(size) < 0.82)
    rows["missed"] = missed
    rows["opened"], rows["answered"], rows["resolved"] = opened, answered, np.where(missed, late, kept)
    rows["has_promise"] = rng.random(size) < np.where(failed, 0.72, 0.84)
    rows["promised"] = promised
    rows["answer_known"] = rng.random(size) < 0.95
    _cut_off(calendar, rows)


def _cut_off(calendar: Calendar, rows: pd.DataFrame) -> None:
    """Forget what lies after the as-of day: such cases are still open."""
    for name in ("answered", "resolved"):
        rows[name] = np.where(column(rows, name) < calendar.days, column(rows, name), np.nan)
    rows["open"] = np.isnan(column(rows, "resolved"))


def _outcome(settings: Settings, accounts: pd.DataFrame, rows: pd.DataFrame) -> None:
    """Let cases escalate, reopen, pass through hands, and end content or not."""
    rng, row, size = settings.stream("case outcomes"), whole(rows, "row"), len(rows)
    failed = flags(rows, "failed")
    for name in ("escalation", "reopening", "dissatisfied"):
        own = column(accounts, name)[row]
        rate = np.where(failed, FAILURE_LEADS_TO[name] + 0.5 * own, own)
        rows[name] = evenly(rng, row, np.minimum(rate, 0.95), settings.noise)
    rows["reopening"] &= ~flags(rows, "open")
    again = flags(rows, "reopening")
    rows["reopened"] = again * (1 + (rng.random(size) < 0.15))
    rows["handoffs"] = rng.poisson(np.where(failed, 2.4, 0.35))
    mood = column(accounts, "satisfaction")[row] + 0.6 * rng.standard_normal(size)
    content = np.clip(np.round(mood), 3, 5)
    low = 1.0 + (rng.random(size) < 0.6)
    score = np.where(flags(rows, "dissatisfied"), low, content)
    asked = (rng.random(size) < 0.66) & ~flags(rows, "open")
    rows["satisfaction"] = np.where(asked, score, np.nan)


def _record(settings: Settings, calendar: Calendar, rows: pd.DataFrame) -> None:
    """Record the cause of some cases, at times wrongly in our favour, and what the desk notes of promises."""
    rng, size = settings.stream("case records"), len(rows)
    failed = flags(rows, "failed")
    trouble = (
        flags(rows, "escalation") | flags(rows, "short") | flags(rows, "out_of_scope") | flags(rows, "dissatisfied")
    )
    draw, wrong = rng.random(size), min(0.07 * settings.noise, 0.5)
    cause = np.where(failed, np.where(draw < wrong, 1, 0), np.where(trouble & (draw < 0.7), 1, 2))
    recorded = rng.random(size) < np.where(failed, 0.62, 0.42)
    rows["cause"] = np.where(recorded, cause, -1)
    noted = (rng.random(size) < 0.12) & ~flags(rows, "open")
    rows["kept_noted"] = noted & flags(rows, "has_promise")
    rows["revised"] = flags(rows, "missed") & flags(rows, "has_promise") & (rng.random(size) < 0.25)
    rows["flags_known"] = rng.random(size) < 0.97


def _updates(settings: Settings, calendar: Calendar, rows: pd.DataFrame) -> pd.DataFrame:
    """Write to the customer about its case: seldom where we fail, and with the first date where that date moved."""
    rng, size = settings.stream("case updates"), len(rows)
    failed, answered = flags(rows, "failed"), column(rows, "answered")
    end = np.where(flags(rows, "open"), float(calendar.days) - 0.05, column(rows, "resolved"))
    first_word = flags(rows, "revised") & np.isfinite(answered)
    dull = rng.poisson(np.where(failed, 0.30, 0.62)) * np.isfinite(answered)
    counts = dull + first_word * 2
    at_case = np.repeat(np.arange(size), counts)
    order = turn(counts)
    share = np.where(
        first_word[at_case] & (order == 0), 0.0, (order + rng.random(len(at_case))) / (counts[at_case] + 1.0)
    )
    at = answered[at_case] + share * np.maximum(end[at_case] - answered[at_case], 0.0)
    promise = np.where(first_word[at_case] & (order == 0), column(rows, "promised")[at_case], np.nan)
    moved = first_word[at_case] & (order == 1)
    promise = np.where(moved, _revised(rows)[at_case], promise)
    table = pd.DataFrame({"case": at_case, "at": at, "promised": promise}).sort_values(["case", "at"], kind="stable")
    return pd.DataFrame(
        {
            "case_id": numbered("S", size)[whole(table, "case")],
            "at": calendar.times(column(table, "at")),
            "promised_at": calendar.times(column(table, "promised")),
        }
    )


def _revised(rows: pd.DataFrame) -> Floats:
    """Return the later date that replaced the first promise: at the end of the day on which the case was done."""
    done = column(rows, "resolved")
    return np.where(np.isfinite(done), np.floor(done) + 0.99, column(rows, "promised") + 12.0)


def _case_table(calendar: Calendar, accounts: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    shown = np.where(flags(rows, "revised"), _revised(rows), column(rows, "promised"))
    promised = np.where(flags(rows, "has_promise"), shown, np.nan)
    answered = np.where(flags(rows, "answer_known"), column(rows, "answered"), np.nan)
    known = flags(rows, "flags_known")
    return pd.DataFrame(
        {
            "case_id": numbered("S", len(rows)),
            "customer_id": accounts["customer_id"].to_numpy(dtype=object)[whole(rows, "row")],
            "kind": words(whole(rows, "kind"), KINDS),
            "opened_at": calendar.times(column(rows, "opened")),
            "needed_by": calendar.times(column(rows, "needed_by")),
            "promised_at": calendar.times(promised),
            "first_response_at": calendar.times(answered),
            "resolved_at": calendar.times(column(rows, "resolved")),
            "promise_kept": maybe(~flags(rows, "missed"), flags(rows, "kept_noted")),
            "reopened": np.where(known, column(rows, "reopened"), np.nan),
            "handoffs": np.where(known, column(rows, "handoffs"), np.nan),
            "escalated": maybe(flags(rows, "escalation"), known),
            "cause": words(whole(rows, "cause"), ("ours", "customer", "neither")),
            "satisfaction": column(rows, "satisfaction"),
        }
    )
