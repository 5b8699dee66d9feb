"""The future of the accounts: what they will earn us, and what each step would change."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sample_firms.accounts import HELD_DAYS
from sample_firms.entitlements import Plan, case_usage
from sample_firms.firm import ATTRIBUTES, PRODUCTS, unit_cost
from sample_firms.sales import FEE_SHARE
from sample_firms.world import FUTURE_MONTHS, Bools, Floats, Settings, chance, column, flags, lognormal, whole

ACTIONS = (
    "none",
    "mend_our_failures",
    "restore_service",
    "require_notice",
    "payment_terms",
    "trim_frequency",
    "charge_out_of_scope",
    "reprice",
    "change_channel",
    "terminate",
)
FUTURE_COLUMNS = {
    "customer_id": "text",
    "alive": "flag",
    "hazard": "rate",
    "running_margin_year": "money",
    "margin_expected": "money",
    "clv_expected": "money",
    "months_survived": "whole",
    "margin_realised": "money",
    "clv_realised": "money",
}
LEVER_COLUMNS = {
    "customer_id": "text",
    "would_accept_notice": "flag",
    "would_move_to_portal": "flag",
    "tolerates_price_rise": "rate",
    "save_uplift": "rate",
    **{f"value_{action}": "money" for action in ACTIONS},
    "best_action": "text",
    "best_value": "money",
}
_DISCOUNT, _RECEIVABLES = 0.10, 0.08
#: What steps truly take: of notice on nights and rushes, of our failures, of planted service; and a usual rise.
NOTICE_TAKES, FAILURES_MENDED, TRIMMED, RISE = 0.6, 0.55, 0.9, 0.04
_UNAVOIDABLE = 0.45
# The share of revenue that is written off in the long run.
_LOST = 0.0035


def tastes(settings: Settings) -> Floats:
    """Return what share of each product family the accounts buy."""
    taste = settings.stream("tastes").gamma(1.2, 1.0, (settings.accounts, len(PRODUCTS)))
    taste *= np.array([item.share for item in PRODUCTS])
    return np.asarray(taste / taste.sum(axis=1, keepdims=True))


def yearly_costs(settings: Settings, accounts: pd.DataFrame, plan: Plan) -> dict[str, Floats]:
    """Return the expected cost of serving each account a year, by what drives it."""
    cases, failure = column(accounts, "cases_year"), column(accounts, "failure_rate")
    serving = ~flags(accounts, "sales_only")
    unit = np.array([unit_cost(attribute) for attribute in ATTRIBUTES])
    habit, extra = (plan.base * unit).sum(axis=1), (plan.extra * unit).sum(axis=1)
    return {
        "support": serving * case_usage(accounts)[:, 0] * 0.95,
        "night": case_usage(accounts)[:, 1] * 1.9,
        "scope": serving * cases * column(accounts, "out_of_scope") * 130.0 * 1.3,
        "agreed_extra": serving * cases * 0.05 * 130.0 * 1.3,
        "failure": serving * cases * failure * (0.55 * 80.0 * 0.95 + 0.22 * 210.0 * 1.3),
        "habit": habit,
        "planted": extra,
        "orders": column(accounts, "orders_year") * (20.0 + 16.0 + 3.0 + 9.0 * column(accounts, "rush")) * 0.8,
    }


def running_margin(settings: Settings, accounts: pd.DataFrame, costs: dict[str, Floats]) -> Floats:
    """Return the expected running margin of each account in a year, as things stand on the as-of day."""
    revenue = column(accounts, "revenue") * ~flags(accounts, "service_only")
    discount = column(accounts, "discount_rate") - column(accounts, "price_step")
    listed = revenue / np.clip(1.0 - discount, 0.6, None)
    cogs = listed * (tastes(settings) @ np.array([item.cogs for item in PRODUCTS]))
    fees = column(accounts, "revenue") * FEE_SHARE * flags(accounts, "has_contract")
    far = np.where(accounts["region"].to_numpy(dtype=object) == "Overseas", 0.05, 0.022)
    back = column(accounts, "return_rate") * 0.8 + 0.12 * (0.008 + 0.05 * column(accounts, "failure_rate"))
    held = column(accounts, "failure_rate") * HELD_DAYS
    carried = revenue * (30.0 + column(accounts, "late_payment") + held) / 365.0 * _RECEIVABLES
    return (
        revenue * (1.0 - far - 0.55 * back - _LOST)
        - cogs
        + 0.92 * fees
        - carried
        - sum(costs.values(), np.zeros(len(accounts)))
    )


def annuity(hazard: Floats, discount: float = _DISCOUNT) -> Floats:
    """Return the present value of one a month for as long as the account stays, at most the horizon."""
    keep = (1.0 - hazard) * (1.0 + discount) ** (-1.0 / 12.0)
    return np.asarray(keep * (1.0 - keep**FUTURE_MONTHS) / (1.0 - keep))


def make_future(settings: Settings, accounts: pd.DataFrame, margin: Floats) -> pd.DataFrame:
    """Return the expected future of each account, and one that happened.

    Parameters
    ----------
    settings, accounts
        The world.
    margin
        Expected running margin a year.
    """
    rng, count = settings.stream("future"), settings.accounts
    alive: Bools = whole(accounts, "ended") < 0
    hazard = column(accounts, "hazard")
    months = np.where(alive, np.minimum(rng.geometric(hazard) - 1, FUTURE_MONTHS), 0)
    level = margin * (1.0 + 0.08 * rng.standard_normal(count)) / 12.0
    monthly = (1.0 + _DISCOUNT) ** (-1.0 / 12.0)
    discounted = monthly * (1.0 - monthly**months) / (1.0 - monthly)
    return pd.DataFrame(
        {
            "customer_id": accounts["customer_id"],
            "alive": alive,
            "hazard": hazard,
            "running_margin_year": margin,
            "margin_expected": alive * margin / 12.0 * annuity(hazard, 0.0),
            "clv_expected": alive * margin / 12.0 * annuity(hazard),
            "months_survived": months,
            "margin_realised": level * months,
            "clv_realised": level * discounted,
        }
    )


def make_levers(settings: Settings, accounts: pd.DataFrame, margin: Floats, costs: dict[str, Floats]) -> pd.DataFrame:
    """Return which lever works where, what each step would add over the horizon, and the best of them."""
    rng, count = settings.stream("levers"), settings.accounts
    notice, portal, tolerated = _answers(rng, accounts)
    uplift = np.clip(0.10 * lognormal(rng, count, 0.5) * (1.0 + column(accounts, "failure_rate")), 0.01, 0.5)
    values = _values(accounts, margin, costs, notice, portal, tolerated)
    alive = whole(accounts, "ended") < 0
    table = np.column_stack([np.where(alive, values[action], 0.0) for action in ACTIONS])
    best = table.argmax(axis=1)
    columns: dict[str, object] = {
        "customer_id": accounts["customer_id"],
        "would_accept_notice": notice,
        "would_move_to_portal": portal,
        "tolerates_price_rise": tolerated,
        "save_uplift": uplift,
    }
    columns |= {f"value_{action}": table[:, number] for number, action in enumerate(ACTIONS)}
    columns |= {"best_action": np.array(ACTIONS, dtype=object)[best], "best_value": table.max(axis=1)}
    return pd.DataFrame(columns)


def expected_values(settings: Settings, accounts: pd.DataFrame, plan: Plan, leaving: float = 1.0) -> pd.DataFrame:
    """Return what each step would add before anybody has asked: over the chances of each account's answers.

    The best of these is the most that can be expected of a choice made without asking.

    Parameters
    ----------
    leaving
        A factor on the chance of leaving; `LEFT_BEFORE`: accounts leave as often as they did in the history.
    """
    accounts = accounts.assign(hazard=leaving * column(accounts, "hazard"))
    costs = yearly_costs(settings, accounts, plan)
    margin = running_margin(settings, accounts, costs)
    count = len(accounts)
    agreed, refused = (
        _values(accounts, margin, costs, np.full(count, yes), np.full(count, yes), np.full(count, float(yes)))
        for yes in (True, False)
    )
    chances = _chances(accounts)
    found = {
        action: agreed[action] * chances.get(action, 1.0) + refused[action] * (1.0 - chances.get(action, 1.0))
        for action in ACTIONS
    }
    here = whole(accounts, "ended") < 0
    values = {f"value_{action}": np.where(here, value, 0.0) for action, value in found.items()}
    return pd.DataFrame({"customer_id": accounts["customer_id"], **values})


def _chances(accounts: pd.DataFrame) -> dict[str, Floats]:
    """Return the chance that each account goes along with what it is asked."""
    loyal = column(accounts, "satisfaction") > 3.3
    # A rise is tolerated where a lognormal with this mean lies above it (`_answers`); its middle lies below its mean.
    apart = np.log(RISE / (0.038 * np.where(loyal, 1.15, 0.7))) / 0.6 + 0.6 / 2.0
    return {
        "require_notice": np.where(loyal, 0.75, 0.45),
        "change_channel": np.full(len(accounts), 0.45),
        "reprice": np.array([0.5 * math.erfc(one / math.sqrt(2.0)) for one in apart]),
    }


def answers(settings: Settings, accounts: pd.DataFrame) -> tuple[Bools, Bools, Floats]:
    """Return who would give notice, who would move to the portal, and what rise of prices each tolerates."""
    return _answers(settings.stream("levers"), accounts)


def _answers(rng: np.random.Generator, accounts: pd.DataFrame) -> tuple[Bools, Bools, Floats]:
    count, loyal = len(accounts), column(accounts, "satisfaction") > 3.3
    notice = chance(rng, np.where(loyal, 0.75, 0.45))
    portal = chance(rng, np.full(count, 0.45))
    tolerated = np.clip(0.038 * lognormal(rng, count, 0.6) * np.where(loyal, 1.15, 0.7), 0.0, 0.15)
    return notice, portal, tolerated


def values_together(settings: Settings, accounts: pd.DataFrame, plan: Plan, steps: pd.DataFrame) -> Floats:
    """Return what steps would add where they are taken together: their gains add up, and each pulls at who is left.

    Parameters
    ----------
    steps
        customer_id; steps: the names of one row, each of which the world knows.
    """
    costs = yearly_costs(settings, accounts, plan)
    margin, hazard = running_margin(settings, accounts, costs), column(accounts, "hazard")
    known = _changes(accounts, costs, *answers(settings, accounts))
    rows = pd.Series(np.arange(len(accounts)), accounts["customer_id"]).loc[steps["customer_id"]]
    here = whole(accounts, "ended") < 0
    found = np.zeros(len(steps))
    for place, (row, names) in enumerate(zip(rows, steps["steps"], strict=True)):
        each = [known[name] for name in names]
        gain, pull = sum(one.gain[row] for one in each), math.prod(one.pull[row] for one in each)
        once = sum(one.once for one in each)
        found[place] = here[row] * _added(margin[row], hazard[row], gain, pull, once)
    return found


@dataclass(frozen=True)
class _Change:
    """What a step changes: the margin of a year, a factor on the chance of leaving, and what it costs once."""

    gain: Floats
    pull: Floats
    once: float


def _added(margin: Floats, hazard: Floats, gain: Floats, pull: Floats, once: float) -> Floats:
    changed = np.clip(hazard * pull, 0.0005, 0.15)
    return np.asarray((margin + gain) / 12.0 * annuity(changed) - margin / 12.0 * annuity(hazard) - once)


def _values(
    accounts: pd.DataFrame, margin: Floats, costs: dict[str, Floats], notice: Bools, portal: Bools, tolerated: Floats
) -> dict[str, Floats]:
    """Return what each step adds to the discounted running margin over the horizon."""
    hazard, ones = column(accounts, "hazard"), np.ones(len(accounts))
    now = margin / 12.0 * annuity(hazard)
    changes = _changes(accounts, costs, notice, portal, tolerated)
    each = {name: _added(margin, hazard, one.gain, one.pull, one.once) for name, one in changes.items()}
    parted = -now - _UNAVOIDABLE * sum(costs.values(), 0.0 * ones) / 12.0 * annuity(hazard) - 500.0
    return {"none": 0.0 * ones, **each, "terminate": parted}


def _changes(
    accounts: pd.DataFrame, costs: dict[str, Floats], notice: Bools, portal: Bools, tolerated: Floats
) -> dict[str, _Change]:
    """Return what each step changes that keeps the account."""
    revenue, ones = column(accounts, "revenue"), np.ones(len(accounts))
    failure, late = column(accounts, "failure_rate"), column(accounts, "late_payment")
    short = flags(accounts, "kept_short")
    rushed = NOTICE_TAKES * (costs["night"] + 9.0 * 0.8 * column(accounts, "rush") * column(accounts, "orders_year"))
    over = np.select(
        [accounts["over_kind"] == kind for kind in ("giveaway", "unwanted", "both")], [1.35, 0.95, 1.0], 1.10
    )
    has_over = costs["planted"] > 0
    accepted = tolerated >= RISE
    portal_gain = 0.25 * (costs["support"] + costs["orders"])
    return {
        "mend_our_failures": _Change(
            FAILURES_MENDED * costs["failure"], np.exp(-2.3 * np.maximum(failure - 0.05, 0.0)), 900.0
        ),
        "restore_service": _Change(np.where(short, -0.8 * costs["habit"], 0.0), np.where(short, 0.6, 1.0), 150.0),
        "require_notice": _Change(np.where(notice, rushed, 0.0), np.where(notice, 1.0, 1.15), 250.0),
        "payment_terms": _Change(
            _RECEIVABLES * revenue * np.maximum(late - 5.0, 0.0) / 365.0 * 0.7, 1.03 * ones, 150.0
        ),
        "trim_frequency": _Change(TRIMMED * costs["planted"], np.where(has_over, over, 1.05), 300.0),
        "charge_out_of_scope": _Change(0.65 * costs["scope"], np.where(costs["scope"] > 500, 1.06, 1.02), 200.0),
        "reprice": _Change(np.where(accepted, RISE, 0.3 * RISE) * revenue, np.where(accepted, 1.04, 2.2), 200.0),
        "change_channel": _Change(np.where(portal, portal_gain, 0.0), np.where(portal, 1.0, 1.12), 350.0),
    }
