"""Opinions: what our staff think of the accounts, what the customers say, and what is said in public."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sample_firms.firm import DEPARTMENTS, people
from sample_firms.world import Calendar, Floats, Ints, Settings, chance, column, flags, pick, spread, turn, whole, words

PERCEPTIONS = ("fair", "unfairly_labelled", "quietly_difficult")
_RATERS = (9, 8, 8, 7, 6, 3)
_CLEAR_GAP = 22.0
_BECAUSE = {
    "rush": ("Always in a hurry", "Everything is due tomorrow", "Calls in the evening and wants it at once"),
    "scope_creep": (
        "One more thing, every time",
        "Small favours that are days of work",
        "Asks for what was never agreed",
    ),
    "disputes": ("Argues about every invoice", "Pays when it suits them", "We write reminders every month"),
    "never_satisfied": (
        "Nothing is good enough",
        "Escalates whatever we do",
        "We kept every date and still got a bad mark",
    ),
    "mixed": ("Hard work", "Takes more time than it should", "Never a simple week with them"),
    "made_by_us": ("They are right to be cross", "We let them down again", "Too many hands on our side"),
    "label": (
        "Everyone knows how they are",
        "They have a name for it",
        "The old story from last year",
        "I was warned about them",
    ),
    "": ("Friendly and clear", "No trouble", "Normal business", "Good contact person"),
}
_WOULD_HELP = (
    "Two days' notice",
    "All requests in one list",
    "One contact person on both sides",
    "Use of the portal",
    "A clear scope in the contract",
    "Keeping our own dates",
    "A visit to their site",
)
_WILLING = (
    "Call them every Friday",
    "Join the yearly review",
    "Take over the account",
    "Write the handbook",
    "Nothing more",
)
_MUST = (
    "Tell us early when a date slips",
    "Keep the agreed visits",
    "One contact person",
    "Answer within the day",
    "Honest prices",
)
_MUST_NOT = (
    "Change people on us",
    "Call in the evening",
    "Send reminders while a complaint is open",
    "Sell us what we do not need",
)
_IMPROVE = ("Invoices", "First answers", "The portal", "Delivery dates", "Fewer calls", "Nothing comes to mind")
_PRAISE = (
    "Your technicians",
    "The order desk",
    "Quality of the parts",
    "Our account manager",
    "Fair when things go wrong",
)


@dataclass(frozen=True)
class Views:
    """How staff see the accounts, and who sees them so.

    Attributes
    ----------
    perceptions
        The contract's table.
    raters
        The truth about raters: department, name, how hard they rate everybody.
    departments
        The truth about departments.
    rated
        How many ratings each account has.
    """

    perceptions: pd.DataFrame
    raters: pd.DataFrame
    departments: pd.DataFrame
    rated: Ints


def plant_reputations(settings: Settings, accounts: pd.DataFrame) -> None:
    """Give some accounts a name that the record does not bear out; adds `reputation`, `perceived` and `perception`."""
    rng, count = settings.stream("reputations"), settings.accounts
    trouble = column(accounts, "trouble")
    usual = 3.0 * rng.standard_normal(count)
    strong = 42.0 + 14.0 * rng.random(count)
    mild = chance(rng, np.full(count, 0.07))
    planted = np.where(mild, 0.55 * strong, strong)
    unfair = (trouble < 45) & (
        chance(rng, np.full(count, 0.10)) | (flags(accounts, "bad_period") & chance(rng, np.full(count, 0.7)))
    )
    quiet = (trouble > 48) & chance(rng, np.full(count, 0.32))
    push = np.where(unfair, planted, np.where(quiet, -planted, usual))
    perceived = np.clip(trouble + push, 0.0, 100.0)
    accounts["perceived"] = perceived
    accounts["reputation"] = perceived - trouble
    gap = column(accounts, "reputation")
    accounts["perception"] = np.where(
        gap >= _CLEAR_GAP, PERCEPTIONS[1], np.where(gap <= -_CLEAR_GAP, PERCEPTIONS[2], PERCEPTIONS[0])
    )


def make_perceptions(settings: Settings, calendar: Calendar, accounts: pd.DataFrame) -> Views:
    """Let staff rate the accounts that they deal with."""
    raters, departments = _severities(settings)
    rng, count = settings.stream("ratings"), settings.accounts
    known = (column(accounts, "window_share") > 0) & chance(rng, np.full(count, 1.0 - 0.12 * min(settings.noise, 3.0)))
    counts = np.where(known, settings.trade.raters + rng.poisson(2.4, count), 0)
    row = np.repeat(np.arange(count), counts)
    rater = _choose_raters(rng, raters, row, turn(counts), count)
    hard = column(raters, "severity")[rater] + column(departments, "severity")[whole(raters, "place")[rater]]
    felt = 1.0 + 4.0 * column(accounts, "perceived")[row] / 100.0
    noise = 0.50 * settings.noise * rng.standard_normal(len(row))
    score = np.clip(np.round(felt + hard + noise), 1, 5)
    last = np.minimum(whole(accounts, "last")[row], calendar.days - 1)
    day = last - np.floor(330.0 * rng.random(len(row)))
    day = np.maximum(day, whole(accounts, "first")[row])
    warm = [np.clip(np.round(6.1 - felt + 0.8 * rng.standard_normal(len(row))), 1, 5) for _ in range(3)]
    blank = [rng.random(len(row)) < 0.35 for _ in range(3)]
    table = pd.DataFrame(
        {
            "customer_id": accounts["customer_id"].to_numpy(dtype=object)[row],
            "department": words(whole(raters, "place")[rater], DEPARTMENTS),
            "rated_on": calendar.dates(day),
            "rater": words(np.where(rng.random(len(row)) < 0.95, rater, -1), raters["rater"].tolist()),
            "difficulty": score,
            "respect": np.where(blank[0], np.nan, warm[0]),
            "appreciation": np.where(blank[1], np.nan, warm[1]),
            "liking": np.where(blank[2], np.nan, warm[2]),
            "because": _because(rng, accounts, row),
            "would_help": _said(rng, len(row), _WOULD_HELP, 0.18),
            "willing_to": _said(rng, len(row), _WILLING, 0.12),
        }
    )
    return Views(table, raters, departments, counts)


def _severities(settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw how hard each department and each rater judges everybody, in points of the scale of 1 to 5."""
    rng = settings.stream("severities")
    scale = max(1.0, settings.accounts / 300.0)
    size = [round(number * scale) if number > 3 else number for number in _RATERS]
    place = np.repeat(np.arange(len(DEPARTMENTS)), size)
    apart = settings.trade.severity
    severity = np.clip(0.32 * rng.standard_normal(len(DEPARTMENTS)), -0.6, 0.6) * apart
    own = np.clip(0.28 * rng.standard_normal(len(place)), -0.7, 0.7) * apart
    departments = pd.DataFrame(
        {"department": list(DEPARTMENTS), "severity": severity - severity.mean(), "raters": size}
    )
    names = people(len(place), middle="M. ")
    raters = pd.DataFrame(
        {"rater": names, "department": np.array(DEPARTMENTS, dtype=object)[place], "place": place, "severity": own}
    )
    return raters, departments


def _choose_raters(rng: np.random.Generator, raters: pd.DataFrame, row: Ints, number: Ints, count: int) -> Ints:
    """Let two to four departments rate an account in turn, each time by one of their people."""
    size = len(DEPARTMENTS)
    order = np.argsort(rng.random((count, size)) * np.array([0.6, 0.8, 0.8, 1.0, 1.0, 1.6]), axis=1)
    wide = 2 + rng.integers(0, 3, count)
    place = order[row, number % wide[row]]
    team = whole(raters, "place")
    start = np.searchsorted(team, place)
    length = np.searchsorted(team, place, side="right") - start
    return np.asarray(start + np.floor(rng.random(len(row)) * length), dtype=np.int64)


def _because(rng: np.random.Generator, accounts: pd.DataFrame, row: Ints) -> pd.Categorical:
    """Give a reason for some ratings: what the rater believes, which for a mere name is no event."""
    keys = list(_BECAUSE)
    pool = [text for key in keys for text in _BECAUSE[key]]
    start = np.cumsum([0, *(len(_BECAUSE[key]) for key in keys)])
    kind = accounts["difficult_kind"].map({key: place for place, key in enumerate(keys)}).to_numpy(dtype=np.int64)
    kind = np.where(flags(accounts, "made_by_us"), keys.index("made_by_us"), kind)
    kind = np.where((accounts["perception"] == PERCEPTIONS[1]).to_numpy(dtype=np.bool_), keys.index("label"), kind)
    kind = np.where((accounts["perception"] == PERCEPTIONS[2]).to_numpy(dtype=np.bool_), keys.index(""), kind)
    chosen = start[kind][row] + np.floor(rng.random(len(row)) * np.diff(start)[kind][row])
    return words(np.where(rng.random(len(row)) < 0.35, chosen, -1).astype(np.int64), pool)


def _said(rng: np.random.Generator, size: int, pool: Sequence[str], share: float) -> pd.Categorical:
    chosen = pick(rng, size, [1.0] * len(pool))
    return words(np.where(rng.random(size) < share, chosen, -1), pool)


def make_surveys(settings: Settings, calendar: Calendar, accounts: pd.DataFrame) -> pd.DataFrame:
    """Ask customers, about once a year, how they find us."""
    rng, count = settings.stream("surveys"), settings.accounts
    first, last = whole(accounts, "first"), whole(accounts, "last")
    counts = rng.poisson(1.0 * (last - first + 1) / 365.25)
    row = np.repeat(np.arange(count), counts)
    size = len(row)
    day = np.sort(first[row] + np.floor(rng.random(size) * (last - first + 1)[row]).astype(np.int64))
    day = np.clip(day, first[row], last[row])
    mood = column(accounts, "satisfaction")[row] + 0.45 * spread(rng, size, 0.2) * rng.standard_normal(size)
    nps = np.clip(np.round(2.6 * mood - 3.0 + rng.standard_normal(size)), 0, 10)
    forgiving = np.clip(np.round(3.2 - 1.2 * column(accounts, "dissatisfied")[row] + rng.standard_normal(size)), 1, 5)
    return pd.DataFrame(
        {
            "customer_id": accounts["customer_id"].to_numpy(dtype=object)[row],
            "asked_on": calendar.dates(day),
            "satisfaction": np.clip(np.round(mood), 1, 5),
            "nps": np.where(rng.random(size) < 0.8, nps, np.nan),
            "forgiving": np.where(rng.random(size) < 0.7, forgiving, np.nan),
            "must_do": _said(rng, size, _MUST, 0.35),
            "must_not": _must_not(rng, accounts, row),
            "improve": _said(rng, size, _IMPROVE, 0.3),
            "satisfied_with": _said(rng, size, _PRAISE, 0.4),
        }
    )


def _must_not(rng: np.random.Generator, accounts: pd.DataFrame, row: Ints) -> pd.Categorical:
    """Let those who get evenings that they never asked for say so."""
    evenings = (accounts["over_kind"] == "unwanted").to_numpy(dtype=np.bool_)[row]
    chosen = np.where(evenings & (rng.random(len(row)) < 0.6), 1, pick(rng, len(row), [1.0] * len(_MUST_NOT)))
    return words(np.where(rng.random(len(row)) < 0.3, chosen, -1), _MUST_NOT)


def make_mentions(settings: Settings, calendar: Calendar, accounts: pd.DataFrame) -> pd.DataFrame:
    """Let some accounts speak of us in public."""
    rng, count = settings.stream("mentions"), settings.accounts
    first, last = whole(accounts, "first"), whole(accounts, "last")
    counts = rng.poisson(0.35 * spread(rng, count, 1.2))
    row = np.repeat(np.arange(count), counts)
    size = len(row)
    tone: Floats = np.clip(
        (column(accounts, "satisfaction")[row] - 3.4) / 1.6 + 0.35 * rng.standard_normal(size), -1.0, 1.0
    )
    reach = np.ceil(np.exp(5.0 + 1.3 * rng.standard_normal(size)))
    day = np.clip(
        first[row] + np.floor(rng.random(size) * (last - first + 1)[row]).astype(np.int64), first[row], last[row]
    )
    return pd.DataFrame(
        {
            "customer_id": accounts["customer_id"].to_numpy(dtype=object)[row],
            "on": calendar.dates(day),
            "sentiment": np.round(tone, 2),
            "reach": reach,
        }
    )
