"""What service each account is due, what it gets by habit, and the over-service that is planted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sample_firms.firm import ATTRIBUTES, TIERS, unit_cost
from sample_firms.world import Bools, Calendar, Floats, Ints, Settings, chance, column, flags, lognormal, pick, words

OVER_KINDS = ("giveaway", "unwanted", "both", "white_glove")
# The kind of every planted account in a world without structure.
MIXED = "mixed"
OVER_SHARE, OVER_AMOUNT = 0.02, 1_000.0
SUPPORT_EVENTS_PER_CASE = 1.3
SUPPORT_MINUTES_PER_EVENT = 47.0
NIGHT_MINUTES = 75.0
_PERIOD_STEP = {
    "support_minutes": 60.0,
    "after_hours_minutes": 60.0,
    "site_visits": 1.0,
    "account_reviews": 1.0,
    "dedicated_contact_hours": 3.0,
}
# Which attributes each kind over-delivers, as shares of the cost.
_MIX = {
    "giveaway": (0.12, 0.00, 0.50, 0.00, 0.38),
    "unwanted": (0.00, 0.80, 0.12, 0.08, 0.00),
    "both": (0.40, 0.00, 0.10, 0.50, 0.00),
    "white_glove": (0.25, 0.00, 0.30, 0.20, 0.25),
}
_SMALLEST_PART = 0.06


@dataclass(frozen=True)
class Plan:
    """Service by account and attribute (the order of `ATTRIBUTES`), in units a year; nan where nothing is known.

    Attributes
    ----------
    base
        What the account gets by habit, without its own cases' support.
    extra
        The planted over-service.
    entitled, expected
        The account's own statements; a tier's levels hold where the account has none.
    """

    base: Floats
    extra: Floats
    entitled: Floats
    expected: Floats

    def due(self, accounts: pd.DataFrame) -> Floats:
        """Return the lowest known of entitled (own or by tier) and expected."""
        entitled = np.where(np.isnan(self.entitled), tier_levels(accounts), self.entitled)
        return np.fmin(entitled, self.expected)


def tier_levels(accounts: pd.DataFrame) -> Floats:
    """Return the levels that the accounts' tiers entitle them to, in units a year; nan where there is none."""
    levels = np.full((len(accounts), len(ATTRIBUTES)), np.nan)
    tier = accounts["tier"].to_numpy(dtype=object)
    for name, promised in TIERS.items():
        yearly = [promised.get(attribute, np.nan) * spec.periods for attribute, spec in ATTRIBUTES.items()]
        levels[tier == name] = yearly
    return levels


def case_usage(accounts: pd.DataFrame) -> Floats:
    """Return what an account's own cases take of each attribute in a year: support, and nights on demand."""
    nights = column(accounts, "after_hours")
    cases = column(accounts, "cases_year") * ~flags(accounts, "sales_only")
    usage = np.zeros((len(accounts), len(ATTRIBUTES)))
    usage[:, 0] = cases * (SUPPORT_EVENTS_PER_CASE - nights) * SUPPORT_MINUTES_PER_EVENT
    usage[:, 1] = cases * nights * NIGHT_MINUTES
    return usage


def plan_service(settings: Settings, accounts: pd.DataFrame) -> Plan:
    """Choose tiers, stated levels, habits and planted over-service; adds the columns that the truth needs.

    Parameters
    ----------
    settings
        The world's settings.
    accounts
        The latent account table; gains `tier`, `stated`, `over_kind`, `planted_excess` and `under_served`.
    """
    rng, count = settings.stream("levels"), settings.accounts
    stated = flags(accounts, "stated")
    _over_kinds(settings, accounts, stated)
    base = _habits(rng, accounts, stated)
    entitled = _own_entitlements(rng, accounts, stated, base)
    expected = np.full((count, len(ATTRIBUTES)), np.nan)
    plan = Plan(base, np.zeros_like(base), entitled, expected)
    _fill(rng, accounts, plan)
    _expectations(rng, accounts, plan)
    _plant(settings, accounts, plan)
    return plan


def assign_tiers(settings: Settings, accounts: pd.DataFrame) -> None:
    """Give tiers by size, and decide who has any stated level at all; adds `tier` and `stated`."""
    rng, count = settings.stream("tiers"), settings.accounts
    size = np.log(column(accounts, "revenue")) + 0.35 * rng.standard_normal(count)
    tier = np.where(size > np.log(62_000), 0, np.where(size > np.log(24_000), 1, 2))
    silent_share = settings.trade.silent + 0.05 * max(settings.noise - 1.0, -1.0)
    silent = chance(rng, np.full(count, silent_share)) & (size < np.log(90_000))
    own = ~silent & chance(rng, np.full(count, 0.30))
    tier = np.where(silent | own | flags(accounts, "sales_only"), -1, tier)
    accounts["tier"] = np.array(["gold", "silver", "bronze", ""], dtype=object)[tier]
    accounts["stated"] = ~silent


def _over_kinds(settings: Settings, accounts: pd.DataFrame, stated: Bools) -> None:
    rng, count = settings.stream("over-service"), settings.accounts
    there = (column(accounts, "window_share") > 0.6) & ~flags(accounts, "sales_only") & ~flags(accounts, "service_only")
    kind = np.full(count, -1, dtype=np.int64)
    kind[_some(rng, there & stated, 0.24 * settings.trade.over_served)] = 0
    planted = np.flatnonzero(kind == 0)
    kind[planted] = np.arange(len(planted)) % 3
    small = there & ~stated & (column(accounts, "revenue") < 50_000)
    kind[_some(rng, small, 0.32 * settings.trade.over_served)] = 3
    if not settings.structure:
        kind[kind == 3] = -1
    if not settings.over_served:
        kind[:] = -1
    names = OVER_KINDS if settings.structure else (MIXED,) * len(OVER_KINDS)
    accounts["over_kind"] = np.array([*names, ""], dtype=object)[kind]


def _some(rng: np.random.Generator, eligible: Bools, share: float) -> Ints:
    """Choose the share given of those eligible, in random order."""
    order = rng.permutation(len(eligible))
    order = order[eligible[order]]
    return order[: round(share * len(order))]


def _habits(rng: np.random.Generator, accounts: pd.DataFrame, stated: Bools) -> Floats:
    """Draw what accounts of this size get a year, before any level is set beside it."""
    count, scale = len(accounts), column(accounts, "scale")
    entitled_nights = (accounts["tier"] == "gold").to_numpy(dtype=np.bool_)
    dedicated = chance(rng, np.clip(0.10 * scale, 0.02, 0.35))
    base = np.column_stack(
        [
            np.zeros(count),
            np.where(entitled_nights, 450.0 * (0.5 + rng.random(count)), 0.0),
            1.7 * scale**0.5 * lognormal(rng, count, 0.35),
            1.1 * scale**0.4 * lognormal(rng, count, 0.35),
            np.where(dedicated, 16.0 * scale**0.4 * lognormal(rng, count, 0.3), 0.0),
        ]
    )
    base[flags(accounts, "sales_only")] = 0.0
    return np.where(stated[:, None], base, 0.9 * base)


def _own_entitlements(rng: np.random.Generator, accounts: pd.DataFrame, stated: Bools, base: Floats) -> Floats:
    """State levels by contract for accounts without a tier: a little above what they use."""
    no_tier = stated & (accounts["tier"] == "").to_numpy(dtype=np.bool_)
    count = len(accounts)
    support = case_usage(accounts)[:, 0] * (1.3 + 0.7 * rng.random(count))
    entitled = np.full(base.shape, np.nan)
    steps = np.array(list(_PERIOD_STEP.values()))
    wanted = np.column_stack([support, base[:, 1:]])
    level = np.maximum(np.ceil(wanted / steps), 1.0) * steps
    some = rng.random(base.shape) < np.array([0.6, 0.0, 0.85, 0.7, 0.8])
    some &= (wanted > 0) & no_tier[:, None]
    some[:, 2] |= no_tier
    entitled[some] = level[some]
    return entitled


def _fill(rng: np.random.Generator, accounts: pd.DataFrame, plan: Plan) -> None:
    """Deliver just below the promise where there is one; to some accounts far below it."""
    level = np.where(np.isnan(plan.entitled), tier_levels(accounts), plan.entitled)
    eligible = flags(accounts, "stated") & (accounts["over_kind"] == "").to_numpy(dtype=np.bool_)
    under = eligible & chance(rng, np.full(len(accounts), 0.12))
    usual = 0.84 + 0.13 * rng.random(level.shape)
    short = 0.30 + 0.25 * rng.random(level.shape)
    promised = ~np.isnan(level)
    promised[:, :2] = False
    given = np.where(under[:, None], short, usual) * np.nan_to_num(level)
    plan.base[promised] = given[promised]
    ceiling = np.nan_to_num(level[:, 1], nan=np.inf)
    plan.base[:, 1] = np.minimum(plan.base[:, 1], 0.7 * ceiling)
    accounts["kept_short"] = under


def _expectations(rng: np.random.Generator, accounts: pd.DataFrame, plan: Plan) -> None:
    """State what customers ask for: mostly what was agreed, at times more, rarely a little less."""
    level = np.where(np.isnan(plan.entitled), tier_levels(accounts), plan.entitled)
    asked = (rng.random(level.shape) < 0.38) & ~np.isnan(level) & np.isfinite(level)
    more = np.array([1.0, 1.0, 1.0, 1.4, 1.6])[pick(rng, level.size, [1.0] * 5)].reshape(level.shape)
    steps = np.array(list(_PERIOD_STEP.values()))
    wanted = np.round(level * more / steps) * steps
    less = (rng.random(level.shape) < 0.05) & (level > 3 * steps)
    less[:, 4] = False
    wanted = np.where(less, level - steps, np.maximum(wanted, level))
    plan.expected[asked] = wanted[asked]


def _plant(settings: Settings, accounts: pd.DataFrame, plan: Plan) -> None:
    """Plant over-service: how much, of what, and what was agreed and asked for beside it."""
    rng = settings.stream("planted over-service")
    number = _kind_numbers(accounts)
    count = len(accounts)
    threshold = np.maximum(OVER_SHARE * column(accounts, "revenue"), OVER_AMOUNT)
    strength = 1.7 + rng.gamma(1.6, 0.9, count)
    strength = np.where(rng.random(count) < 0.15, 0.5 + 0.9 * rng.random(count), strength)
    mix = _shares(settings, rng, number)
    cost = np.array([unit_cost(attribute) for attribute in ATTRIBUTES])
    plan.extra[:] = np.where((number >= 0)[:, None], (threshold * strength)[:, None] * mix / cost, 0.0)
    if settings.structure:
        _state_beside(rng, accounts, plan, number)
    else:
        _state_loosely(rng, accounts, plan, number >= 0)
    excess = planned_over_cost(accounts, plan)
    accounts["planted_excess"] = np.where(number == 3, (plan.extra * cost).sum(axis=1), excess.sum(axis=1))
    accounts["over_served"] = (accounts["planted_excess"] >= threshold) & (number >= 0)


def _kind_numbers(accounts: pd.DataFrame) -> Ints:
    names = {name: number for number, name in enumerate((*OVER_KINDS, MIXED))}
    return accounts["over_kind"].map(names).fillna(-1).to_numpy(dtype=np.int64)


def _shares(settings: Settings, rng: np.random.Generator, number: Ints) -> Floats:
    if settings.structure:
        mixes = np.array([*_MIX.values(), (0.2,) * len(ATTRIBUTES)])
        other = mixes[rng.integers(0, len(OVER_KINDS), len(number))]
        blend = np.where(rng.random(len(number)) < 0.35, 0.45 * rng.random(len(number)), 0.0)[:, None]
        mean = (1.0 - blend) * mixes[number] + blend * other
        shape = mean * 60.0 / max(settings.noise, 0.25)
    else:
        shape = np.full((len(number), len(ATTRIBUTES)), 3.0)
    draw = np.where(shape > 0, rng.gamma(np.maximum(shape, 0.01), 1.0), 0.0)
    share = draw / draw.sum(axis=1, keepdims=True)
    share = np.where(share < _SMALLEST_PART, 0.0, share)
    return np.asarray(share / share.sum(axis=1, keepdims=True))


def _state_beside(rng: np.random.Generator, accounts: pd.DataFrame, plan: Plan, number: Ints) -> None:
    """Set agreed and asked-for levels around planted service so that its kind is what it is called."""
    touched = (plan.extra > 0) & ((number >= 0) & (number < 3))[:, None]
    _set_base(rng, accounts, plan, touched)
    usual = plan.base + case_usage(accounts)
    steps = np.array(list(_PERIOD_STEP.values()))
    due = np.ceil(usual / steps) * steps
    room = np.ceil((due + plan.extra) * (1.12 + 0.3 * rng.random(due.shape)) / steps) * steps
    said = rng.random(due.shape) < 0.6
    tiered = ~np.isnan(tier_levels(accounts))
    lower = np.floor(due * (0.75 + 0.25 * rng.random(due.shape)) / steps) * steps
    plans = {
        0: (due, np.where(said, room, np.nan)),
        1: (np.where(said | tiered, room, np.nan), due),
        2: (due, lower),
    }
    for kind, (entitled, expected) in plans.items():
        here = touched & (number == kind)[:, None]
        plan.entitled[here] = entitled[here]
        plan.expected[here] = expected[here]


def _set_base(rng: np.random.Generator, accounts: pd.DataFrame, plan: Plan, touched: Bools) -> None:
    """Let touched attributes be used up to about what is due before the excess; evenings start from next to none."""
    nights = touched[:, 1]
    plan.base[nights, 1] = 0.0
    steps = np.array(list(_PERIOD_STEP.values()))
    level = np.ceil(plan.base / steps) * steps
    full = touched & (level > 0)
    full[:, :2] = False
    plan.base[full] = (level * (0.94 + 0.06 * rng.random(level.shape)))[full]


def _state_loosely(rng: np.random.Generator, accounts: pd.DataFrame, plan: Plan, planted: Bools) -> None:
    """Without structure: agreed and asked-for levels vary without a kind behind them."""
    touched = (plan.extra > 0) & planted[:, None]
    _set_base(rng, accounts, plan, touched)
    usual = plan.base + case_usage(accounts)
    for levels in (plan.entitled, plan.expected):
        beside = usual + plan.extra * np.clip(rng.normal(0.35, 0.35, usual.shape), 0.0, 1.4)
        levels[touched] = beside[touched]
    lowest = np.fmin(plan.entitled, plan.expected)
    plan.entitled[touched & (lowest == plan.entitled)] = usual[touched & (lowest == plan.entitled)]
    plan.expected[touched & (lowest == plan.expected)] = usual[touched & (lowest == plan.expected)]


def planned_over_cost(accounts: pd.DataFrame, plan: Plan) -> Floats:
    """Return what is expected to be delivered beyond the level due, at the costing's rates, a year, by attribute."""
    delivered = plan.base + plan.extra + case_usage(accounts)
    beyond = np.maximum(delivered - plan.due(accounts), 0.0)
    cost = np.array([unit_cost(attribute) for attribute in ATTRIBUTES])
    return np.asarray(np.nan_to_num(beyond) * cost, dtype=np.float64)


def stated_levels(settings: Settings, calendar: Calendar, accounts: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the `service_levels` table: latest statements, older ones that no longer hold, and mere wishes."""
    rng = settings.stream("service levels")
    parts = []
    periods = np.array([spec.periods for spec in ATTRIBUTES.values()], dtype=np.float64)
    for basis, levels in (("entitled", plan.entitled), ("expected", plan.expected)):
        row, attribute = np.nonzero(~np.isnan(levels))
        level = levels[row, attribute] / periods[attribute]
        parts.append(_statements(rng, calendar, row, attribute, basis, level))
        parts.append(_older(rng, parts[-1]))
    parts.append(_unlimited(rng, calendar, accounts, plan))
    parts.append(_wishes(rng, calendar, accounts, plan))
    parts.append(_answers(rng, calendar, accounts))
    rows = pd.concat([part for part in parts if len(part)], ignore_index=True) if any(map(len, parts)) else parts[0]
    rows = rows.sort_values(["row", "attribute", "basis", "day"], kind="stable", na_position="first")
    return pd.DataFrame(
        {
            "customer_id": accounts["customer_id"].to_numpy(dtype=object)[rows["row"].to_numpy(dtype=np.int64)],
            "attribute": words(rows["attribute"].to_numpy(dtype=np.int64), [*ATTRIBUTES, "response_hours"]),
            "basis": rows["basis"].to_numpy(dtype=object),
            "level": rows["level"].to_numpy(dtype=np.float64),
            "wish": rows["wish"].to_numpy(dtype=object),
            "importance": rows["importance"].to_numpy(dtype=np.float64),
            "stated_on": calendar.dates(rows["day"].to_numpy(dtype=np.float64)),
        }
    )


def _statements(
    rng: np.random.Generator, calendar: Calendar, row: Ints, attribute: Ints, basis: str, level: Floats
) -> pd.DataFrame:
    size = len(row)
    importance = np.where(rng.random(size) < 0.8, 1.0 + pick(rng, size, (5, 12, 30, 33, 20)), np.nan)
    day = np.floor(calendar.window + 0.9 * (calendar.days - calendar.window) * rng.random(size))
    return pd.DataFrame(
        {
            "row": row,
            "attribute": attribute,
            "basis": np.full(size, basis, dtype=object),
            "level": np.round(level, 2),
            "wish": np.full(size, None, dtype=object),
            "importance": importance,
            "day": day,
        }
    )


def _older(rng: np.random.Generator, latest: pd.DataFrame) -> pd.DataFrame:
    """Add earlier statements with other levels: they no longer hold, and some carry no date."""
    before = latest[rng.random(len(latest)) < 0.22].copy()
    size = len(before)
    before["level"] = np.round(before["level"] * (0.5 + rng.random(size)) + (before["level"] == 0) * 20.0, 2)
    day = np.floor(column(before, "day") * (0.2 + 0.6 * rng.random(size)))
    before["day"] = np.where(rng.random(size) < 0.15, np.nan, day)
    return before


def _unlimited(rng: np.random.Generator, calendar: Calendar, accounts: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Promise some of the large accounts support without limit."""
    free = (
        (accounts["tier"] == "gold").to_numpy(dtype=np.bool_) & np.isnan(plan.entitled[:, 0]) & ~(plan.extra[:, 0] > 0)
    )
    row = np.flatnonzero(free & (rng.random(len(accounts)) < 0.25))
    return _statements(rng, calendar, row, np.zeros_like(row), "entitled", np.full(len(row), np.inf))


def _wishes(rng: np.random.Generator, calendar: Calendar, accounts: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Record the direction that customers want where they name no level."""
    delivered, count = plan.base + plan.extra, len(accounts)
    silent = np.isnan(plan.expected) & (delivered > 0)
    row, attribute = np.nonzero(silent & (rng.random(silent.shape) < 0.22))
    planted = plan.extra[row, attribute] > 0
    kind = np.where(planted, _kind_numbers(accounts)[row], -1)
    usual = pick(rng, len(row), (10, 50, 15, 25))
    wanted = pick(rng, len(row), (0, 45, 40, 15))
    refused = pick(rng, len(row), (60, 25, 0, 15))
    wish = np.where(kind == 0, wanted, np.where(kind > 0, refused, usual))
    rows = _statements(rng, calendar, row, attribute, "expected", np.full(len(row), np.nan))
    rows["wish"] = np.array(["less", "as_now", "more", "any"], dtype=object)[wish]
    return rows if count else rows.iloc[:0]


def _answers(rng: np.random.Generator, calendar: Calendar, accounts: pd.DataFrame) -> pd.DataFrame:
    """State how soon some customers expect an answer, in hours."""
    row = np.flatnonzero(flags(accounts, "stated") & (rng.random(len(accounts)) < 0.30))
    hours = np.array([2.0, 4.0, 8.0, 16.0, 24.0])[pick(rng, len(row), (8, 26, 36, 18, 12))]
    return _statements(rng, calendar, row, np.full_like(row, len(ATTRIBUTES)), "expected", hours)
