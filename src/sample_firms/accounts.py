"""The accounts: who they are, and how they behave before any row of data is drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sample_firms.entitlements import MIXED, assign_tiers
from sample_firms.firm import INDUSTRIES, REGIONS, account_managers, company_names, customer_ids
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
    pick,
    spread,
    whole,
)

MEDIAN_REVENUE = 16_500.0
DIFFICULT_KINDS = ("rush", "scope_creep", "disputes", "never_satisfied")
BEHAVIOURS = (
    "rush",
    "out_of_scope",
    "after_hours",
    "escalation",
    "reopening",
    "dispute",
    "late_payment",
    "dissatisfied",
)
DIFFICULT_FROM = 45.0
LEAST_CASES = 6.0
# How soon the trouble index fills the scale of 0 to 100.
STEEPNESS = 0.27
# What one unit of trouble is: the rate of each behaviour that alone makes one point of the trouble index.
REFERENCE = {
    "rush": 0.40,
    "out_of_scope": 0.32,
    "after_hours": 0.26,
    "escalation": 0.24,
    "reopening": 0.22,
    "dispute": 0.22,
    "late_payment": 26.0,
    "dissatisfied": 0.42,
}
_BASE = {
    "rush": 0.085,
    "out_of_scope": 0.045,
    "after_hours": 0.03,
    "escalation": 0.022,
    "reopening": 0.022,
    "dispute": 0.014,
    "late_payment": 6.5,
    "dissatisfied": 0.065,
}
# What a planted kind adds to each behaviour at full degree.
_PLANTED = {
    "rush": {"rush": 0.62, "after_hours": 0.32, "escalation": 0.08},
    "scope_creep": {"out_of_scope": 0.66, "reopening": 0.16, "rush": 0.06},
    "disputes": {"dispute": 0.38, "late_payment": 36.0, "escalation": 0.06},
    "never_satisfied": {"dissatisfied": 0.66, "escalation": 0.26, "reopening": 0.12},
}
_CAP = {"late_payment": 75.0}
# The trouble index that planting adds at full degree in a world without structure.
_LOOSE_TOTAL = 3.3
# Evening cases of accounts that are entitled to them: they make nobody difficult.
_PAID_EVENINGS = 0.10
# How often we fail a case of the sample's firm.
_FAILURES = 0.07
# How likely a case that we failed on turns into trouble, by behaviour, and the chance that an invoice is held back.
FAILURE_LEADS_TO = {"escalation": 0.36, "reopening": 0.26, "dissatisfied": 0.60}
HELD_BACK = 0.45
# How often accounts left in the history, over how often they are to leave.
LEFT_BEFORE = 0.85
HELD_DAYS = 16.0
UPHELD = 0.35


def make_accounts(settings: Settings, calendar: Calendar) -> pd.DataFrame:
    """Draw the accounts with all that is latent about them, but for what service they are due and given.

    Returns
    -------
    pandas.DataFrame
        One row per account: what `customers` shows, and the latent rates that the other tables are drawn from.
    """
    accounts = _identity(settings)
    assign_tiers(settings, accounts)
    _behaviour(settings, accounts)
    _reliability(settings, accounts)
    _loyalty(settings, accounts)
    _lifetime(settings, calendar, accounts)
    _spare_unseen(calendar, accounts)
    _trouble(settings, accounts)
    return accounts


def _identity(settings: Settings) -> pd.DataFrame:
    rng, count = settings.stream("accounts"), settings.accounts
    revenue = np.clip(MEDIAN_REVENUE * np.exp(1.05 * rng.standard_normal(count)), 2_000.0, 1_200_000.0)
    region = pick(rng, count, (26, 24, 20, 20, 10))
    managers, owner = account_managers(settings, region)
    frame = pd.DataFrame(
        {
            "customer_id": customer_ids(count),
            "name": company_names(settings),
            "industry": np.array(INDUSTRIES, dtype=object)[pick(rng, count, (22, 24, 16, 14, 16, 8))],
            "region": np.array(REGIONS, dtype=object)[region],
            "size": np.where(revenue < 13_000, "S", np.where(revenue < 60_000, "M", "L")).astype(object),
            "account_manager": np.array(managers, dtype=object)[owner],
            "owner": owner,
            "revenue": revenue,
            "scale": revenue / 38_000.0,
        }
    )
    scale, trade = column(frame, "scale"), settings.trade
    frame["cases_year"] = 20.0 * scale**trade.growth * lognormal(rng, count, 0.22) * trade.cases
    frame["orders_year"] = 8.5 * scale**trade.growth * lognormal(rng, count, 0.25) * trade.orders
    frame["discount_rate"] = np.clip(0.03 + 0.05 * rng.random(count) + 0.025 * np.log1p(scale), 0.0, 0.25)
    _conceded(settings, frame)
    frame["return_rate"] = 0.03 * lognormal(rng, count, 0.6)
    frame["pays_express"] = rng.random(count) < 0.05
    frame["protected"] = rng.random(count) < 0.025
    kind = rng.random(count)
    frame["service_only"] = (kind < 0.012) & (count > 20)
    frame["sales_only"] = (kind > 0.965) & (count > 20)
    return frame


def _conceded(settings: Settings, frame: pd.DataFrame) -> None:
    """Plant deep discounts: a few accounts, mostly large ones, that once bargained their price below what it bears."""
    rng, count = settings.stream("concessions"), settings.accounts
    conceded = rng.random(count) < np.where(frame["size"] == "L", 0.12, 0.03)
    frame["discount_rate"] = np.where(conceded, 0.30 + 0.10 * rng.random(count), column(frame, "discount_rate"))


def _behaviour(settings: Settings, accounts: pd.DataFrame) -> None:
    """Give each account its own temper, and plant the difficult kinds, by degree and with leaks into others."""
    rng, count = settings.stream("behaviour"), settings.accounts
    kind, degree = _difficult_kinds(settings, rng, count)
    temper = np.exp(2.30 * rng.random(count) - 1.8) * np.where(kind >= 0, 0.9, 1.0)
    added = _planted(settings, rng, kind)
    evenings = (accounts["tier"] == "gold").to_numpy(dtype=np.bool_) & (rng.random(count) < 0.4)
    names = DIFFICULT_KINDS if settings.structure else (MIXED,) * len(DIFFICULT_KINDS)
    accounts["difficult_kind"] = np.array([*names, ""], dtype=object)[kind]
    accounts["difficult_degree"] = degree
    for place, behaviour in enumerate(BEHAVIOURS):
        own = _BASE[behaviour] * temper * lognormal(rng, count, 0.15) * settings.trade.usual(behaviour)
        paid = _PAID_EVENINGS * evenings if behaviour == "after_hours" else 0.0
        accounts[f"own_{behaviour}"] = own + paid
        accounts[behaviour] = np.minimum(own + degree * added[:, place] + paid, _CAP.get(behaviour, 0.9))


def _difficult_kinds(settings: Settings, rng: np.random.Generator, count: int) -> tuple[Ints, Floats]:
    place = rng.permutation(count) / max(count, 1)
    share = settings.trade.difficult
    each = share / len(DIFFICULT_KINDS)
    kind = np.where(place < share, np.floor(place / each), -1).astype(np.int64)
    borderline = rng.random(count) < 0.09
    strong = 0.76 + 0.24 * rng.random(count)
    degree = np.where(borderline, 0.34 + 0.3 * rng.random(count), strong)
    if not settings.difficult:
        kind = np.full(count, -1, dtype=np.int64)
    return kind, np.where(kind >= 0, degree, 0.0)


def _planted(settings: Settings, rng: np.random.Generator, kind: Ints) -> Floats:
    """Return what planting adds to each behaviour at full degree, by account; without structure any mix at all."""
    if settings.structure:
        full = np.array([[_PLANTED[name].get(behaviour, 0.0) for behaviour in BEHAVIOURS] for name in DIFFICULT_KINDS])
        added = _mixes(settings, rng, kind) @ full
    else:
        loose = rng.gamma(3.0, 1.0, (len(kind), len(BEHAVIOURS)))
        loose *= _LOOSE_TOTAL / loose.sum(axis=1, keepdims=True)
        added = loose * np.array([REFERENCE[behaviour] for behaviour in BEHAVIOURS])
    return np.where((kind >= 0)[:, None], added, 0.0)


def _mixes(settings: Settings, rng: np.random.Generator, kind: Ints) -> Floats:
    """Return how much of each kind an account shows: its own, leaks of the others, and at times a second one."""
    count, kinds = len(kind), len(DIFFICULT_KINDS)
    leak = 0.10 * (0.5 + 0.5 * settings.noise) * rng.random((count, kinds))
    second = rng.random(count) < 0.22 + 0.10 * min(settings.noise, 2.0)
    leak[np.arange(count), rng.integers(0, kinds, count)] += np.where(second, 0.25 + 0.35 * rng.random(count), 0.0)
    leak[np.arange(count), np.maximum(kind, 0)] = 1.0
    return leak


def _reliability(settings: Settings, accounts: pd.DataFrame) -> None:
    """Draw how often we fail each account; a few we fail so often that it is made difficult by us."""
    rng, count = settings.stream("our failures"), settings.accounts
    trade = settings.trade
    rate = _FAILURES * lognormal(rng, count, 0.35) * trade.failures
    place = rng.permutation(count) / max(count, 1)
    calm = (accounts["difficult_kind"] == "").to_numpy(dtype=np.bool_)
    ours = calm & (place < trade.made_by_us)
    accounts["made_by_us"] = ours
    more = _more_failures(settings)
    often = np.minimum(0.38 + 0.20 * rng.random(count) + more, 0.9)
    accounts["failure_rate"] = np.where(ours, often, np.minimum(rate, 0.22 * max(trade.failures, 1.0)))
    accounts["bad_period"] = calm & ~ours & (place > 0.955)
    accounts["first_answer_hours"] = 3.2 * lognormal(rng, count, 0.30)


def _more_failures(settings: Settings) -> float:
    """Return by how much a firm of this trade fails more of its cases than the sample's does."""
    return _FAILURES * (settings.trade.failures - 1.0)


def _trouble(settings: Settings, accounts: pd.DataFrame) -> None:
    """Work out trouble, our share of it, and difficulty from the latent rates: these are the truth.

    What a trade does more of than the sample's is usual there, and nobody's trouble.
    """
    failure = np.maximum(column(accounts, "failure_rate") - _more_failures(settings), 0.0)
    theirs = np.zeros(len(accounts))
    entitled = (accounts["tier"] == "gold").to_numpy(dtype=np.bool_)
    for behaviour in BEHAVIOURS:
        weight = 1.0 - failure if behaviour in FAILURE_LEADS_TO else 1.0
        weight = np.where(entitled, 0.0, weight) if behaviour == "after_hours" else weight
        usual = column(accounts, f"own_{behaviour}") * (1.0 - 1.0 / settings.trade.usual(behaviour))
        theirs += weight * (column(accounts, behaviour) - usual) / REFERENCE[behaviour]
    ours = sum((failure * rate / REFERENCE[name] for name, rate in FAILURE_LEADS_TO.items()), np.zeros(len(accounts)))
    ours = ours + failure * HELD_BACK * (HELD_DAYS / REFERENCE["late_payment"] + UPHELD / REFERENCE["dispute"])
    accounts["trouble"] = 100.0 * (1.0 - np.exp(-STEEPNESS * (theirs + ours)))
    accounts["difficulty_ours"] = ours / (theirs + ours)
    accounts["difficulty"] = accounts["trouble"] * (1.0 - accounts["difficulty_ours"])
    accounts["difficult"] = (accounts["difficulty"] >= DIFFICULT_FROM) & (accounts["difficulty_ours"] < 0.5)


def _loyalty(settings: Settings, accounts: pd.DataFrame) -> None:
    """Draw satisfaction, the price step of some accounts, and the monthly hazard that follows from both."""
    rng, count = settings.stream("loyalty"), settings.accounts
    failure = column(accounts, "failure_rate")
    mood = 4.35 - 2.6 * failure - 1.9 * column(accounts, "dissatisfied") + 0.30 * rng.standard_normal(count)
    accounts["satisfaction"] = np.clip(mood, 1.2, 4.9)
    stepped = rng.random(count) < 0.22
    accounts["price_step"] = np.where(stepped, 0.02 + 0.07 * rng.random(count), 0.0)
    accounts["has_contract"] = rng.random(count) < 0.55
    accounts["tenure_years"] = np.clip(rng.exponential(5.0, count) + 0.1, 0.1, 18.0)
    accounts["hazard"] = hazard(accounts, spread(rng, count, 0.25))


def hazard(accounts: pd.DataFrame, own: Floats) -> Floats:
    """Return the monthly chance of leaving, given tenure, satisfaction, our failures, price step and contract.

    Parameters
    ----------
    accounts
        The latent account table.
    own
        What is the account's own: a factor of mean 1 that nothing observed explains.
    """
    pull = (
        0.95 * (3.8 - column(accounts, "satisfaction"))
        + 2.2 * (column(accounts, "failure_rate") - 0.1)
        + 9.0 * column(accounts, "price_step")
        - 0.35 * np.log1p(column(accounts, "tenure_years"))
        - 0.50 * column(accounts, "has_contract")
    )
    return np.asarray(np.clip(0.018 * np.exp(pull) * own, 0.0008, 0.09))


def _lifetime(settings: Settings, calendar: Calendar, accounts: pd.DataFrame) -> None:
    """Place each account in time: its first day (maybe unknown) and, where it has left, its last."""
    rng, count = settings.stream("lifetimes"), settings.accounts
    joined = rng.random(count) < 0.22
    since = np.where(joined, rng.integers(0, max(calendar.days - 40, 1), count), 0)
    tenure = np.ceil(column(accounts, "tenure_years") * 365.25).astype(np.int64)
    since = np.where(joined, since, -tenure)
    months = rng.geometric(column(accounts, "hazard") * LEFT_BEFORE)
    end = np.maximum(since, 0) + np.minimum(months, 600) * 30 + rng.integers(0, 30, count)
    left = end < calendar.days - 1
    accounts["since"] = since
    accounts["since_known"] = rng.random(count) > 0.04
    accounts["ended"] = np.where(left, end, -1)
    accounts["first"] = np.maximum(since, 0)
    accounts["last"] = np.where(left, end, calendar.days - 1)
    _step_days(rng, calendar, accounts)
    window = calendar.days - calendar.window
    inside = np.minimum(whole(accounts, "last"), calendar.days - 1) - np.maximum(
        whole(accounts, "first"), calendar.window
    )
    accounts["window_share"] = np.clip((inside + 1) / window, 0.0, 1.0)
    accounts["tenure_years"] = (calendar.days - 1 - since) / 365.25


def _spare_unseen(calendar: Calendar, accounts: pd.DataFrame) -> None:
    """Plant no difficulty where the window has no room to show it: there the account keeps its own temper only."""
    first = np.maximum(whole(accounts, "first"), calendar.window)
    cases = column(accounts, "cases_year") * ~flags(accounts, "sales_only")
    accounts["cases_expected"] = cases * calendar.exposure(first, whole(accounts, "last"))
    spared = column(accounts, "cases_expected") < LEAST_CASES
    for behaviour in BEHAVIOURS:
        own = column(accounts, f"own_{behaviour}")
        accounts[behaviour] = np.where(spared, own, column(accounts, behaviour))
    accounts["difficult_kind"] = accounts["difficult_kind"].mask(spared, "")
    accounts["difficult_degree"] = accounts["difficult_degree"].mask(spared, 0.0)


def _step_days(rng: np.random.Generator, calendar: Calendar, accounts: pd.DataFrame) -> None:
    share = 0.25 + 0.5 * rng.random(len(accounts))
    first, last = column(accounts, "first"), column(accounts, "last")
    accounts["price_step_day"] = np.floor(first + share * (last - first)).astype(np.int64)


def made_customers(settings: Settings, calendar: Calendar, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the `customers` table."""
    rng, count = settings.stream("customers"), settings.accounts
    ids = accounts["customer_id"].to_numpy(dtype=object)
    since = np.where(accounts["since_known"], column(accounts, "since"), np.nan)
    ended = np.where(column(accounts, "ended") >= 0, column(accounts, "ended"), np.nan)
    grouped = chance(rng, np.full(count, 0.12))
    group = rng.integers(1, max(2, count // 25), count)
    blank = [chance(rng, np.full(count, 0.03)) for _ in range(3)]
    return pd.DataFrame(
        {
            "customer_id": ids,
            "name": accounts["name"],
            "industry": accounts["industry"].mask(blank[0]),
            "region": accounts["region"],
            "size": accounts["size"].mask(blank[1]),
            "parent_id": pd.Series([f"G{number:04d}" for number in group], dtype=object).mask(~grouped),
            "tier": accounts["tier"].mask(accounts["tier"] == ""),
            "account_manager": accounts["account_manager"].mask(blank[2]),
            "since": calendar.dates(since),
            "ended": calendar.dates(ended),
            "referred_by": pd.Series(ids[np.maximum(_referrers(accounts), 0)]).mask(_referrers(accounts) < 0),
            "protected": pd.Series(accounts["protected"], dtype="boolean").mask(~accounts["protected"] & blank[0]),
        }
    )


def plant_referrals(settings: Settings, accounts: pd.DataFrame) -> None:
    """Choose who was brought in by whom: an account that came earlier and is content."""
    rng, count = settings.stream("referrals"), settings.accounts
    since = whole(accounts, "since")
    order = np.argsort(since, kind="stable")
    rank = np.empty(count, dtype=np.int64)
    rank[order] = np.arange(count)
    referrer = order[np.floor(rng.random(count) * np.maximum(rank, 1)).astype(np.int64)]
    earlier: Bools = since[referrer] < since
    accounts["referrer"] = np.where(earlier & chance(rng, np.full(count, 0.13)), referrer, -1)


def _referrers(accounts: pd.DataFrame) -> Ints:
    return whole(accounts, "referrer")
