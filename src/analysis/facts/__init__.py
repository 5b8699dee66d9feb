"""The facts of a run: what it read, what it found in total, what it could not measure and why (`run.json`)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from analysis.data.sources import fingerprints
from analysis.data.span import data_from, late_starts, quiet_ends, tables_from
from analysis.errors import PolicyError
from analysis.facts.assumed import assumed
from analysis.facts.stand_ins import (
    invoices_are_sales,
    not_measured_facts,
    payments_facts,
    stand_in_facts,
    stand_in_words,
    told_apart,
    unassigned_sales_facts,
)
from analysis.formats import counted
from analysis.ledger.bridge import other_books
from analysis.ledger.usual_hours import in_words, usual_hours
from analysis.policy import Policy
from analysis.topics.profitability.judgement.profitability import shape
from analysis.topics.profitability.judgement.sensitivity import what_costs_change
from analysis.topics.profitability.judgement.uncertainty import SEGMENTS
from analysis.topics.value.columns import NO_SUMS as VALUE_NO_SUMS

if TYPE_CHECKING:
    from analysis.portfolio import Portfolio
    from analysis.topics.backtest.judgement.backtest import Backtest
    from analysis.window import Window

PACKAGES = ("mutual-value", "pandas", "numpy", "duckdb", "ibis-framework", "scikit-learn", "matplotlib", "nbconvert")
#: Numbers of an account that have no total.
NO_SUMS = (
    *("cts_pct", "service_demand", "p_unprofitable", "net_margin_low", "net_margin_high", "tipping_change"),
    *("trouble", "difficulty_ours", "difficulty", "perceived_difficulty", "perception_gap"),
    *("difficulty_low", "difficulty_high", "p_difficult"),
    *("p_over_served", "over_service_cost_low", "over_service_cost_high"),
    *(f"p_{name}" for name in SEGMENTS),
    *VALUE_NO_SUMS,
    *("action_value", "action_value_low", "action_value_high"),
)
#: What the topics say that they left out.
LEFT_OUT = (
    *("difficulty_left_out", "perception_left_out", "archetypes_left_out", "value_left_out", "actions_left_out"),
)
#: The parts of the catalogue that the facts rest on, beside tables.
PARTS = (
    *LEFT_OUT,
    *("ledger", "identities", "tie", "portfolio_range", "why_no_forecast", "attributes", "revenue_covered"),
    *("difficulty_learnt", "perception_facts", "value_facts"),
    *("difficulty_assumptions", "actions_assumed", "value_assumptions"),
)
#: What each optional table would measure; without it those columns are 0 (costs) or empty.
NEEDS = {
    "service_events": "Cost to serve and capacity",
    "transactions": "Revenue, margin and segments",
    "invoices": "Write-offs and financing cost",
    "cases": "Cases, promises and whose failure caused which work",
    "surveys": "What customers say when they are asked",
}


def facts_of(p: Portfolio) -> dict[str, Any]:
    """Return the facts of a computed portfolio, as plain JSON values."""
    accounts, apart = p.accounts, p.tie
    first, first_days = data_from(p.opened.checked, p.window), tables_from(p.opened.checked, p.window)
    return {
        "as_of": p.as_of.isoformat(),
        "window": {"start": p.window.start.isoformat(), "end": p.window.end.isoformat(), "months": p.window.months},
        "data_from": first.isoformat() if first else None,
        "tables_from": {table: day.isoformat() for table, day in first_days.items()},
        "currency": p.policy.currency,
        "run_id": "",
        "last_run": p.last_run.name if p.last_run else "",
        **versions(p.opened.engine.packages),
        "policy": plain(p.policy.in_force()),
        "stated": plain(p.policy.stated()),
        "inputs": p.inputs,
        "totals": _totals(p),
        "identities": [{**asdict(identity), "holds": identity.holds} for identity in p.identities],
        "bridge": plain(p.bridge.to_dict("records")),
        "books": None
        if apart is None
        else plain(
            {
                "tied": (apart.share or 0) <= p.policy.checks.books_difference,
                "share": apart.share,
                **asdict(apart),
                "not_modelled": _not_modelled(p),
            }
        ),
        "measured": plain(p.ledger.measured),
        "stand_ins": plain(stand_in_facts(p)),
        "not_measured": plain(not_measured_facts(p)),
        "unassigned_sales": plain(unassigned_sales_facts(p)),
        "payments": plain(payments_facts(p)),
        "ranges": p.computed.portfolio_range,
        "our_failures": p.computed.difficulty_learnt,
        "perception": p.computed.perception_facts,
        "what_costs_change": what_costs_change(p.accounts),
        "losses_within": _losses_within(p),
        "coverage": _coverage(p),
        "sellers": _sellers(p),
        "value": plain(p.computed.value_facts),
        "left_out": [{"what": what, "why": why} for what, why in _left_out(p)],
        "assumptions": list(_assumptions(p)),
        "assumed": plain(assumed(p)),
        "warnings": [
            *told_apart(p),
            *(str(problem) for problem in late_starts(first_days)),
            *(str(problem) for problem in quiet_ends(p.opened.checked, p.window)),
            *(str(problem) for problem in other_books(p.opened.costing, p.window)),
            *(str(problem) for problem in p.opened.warnings),
            *_short(p.window, first),
            *_overloaded(p),
        ],
        "accounts": len(accounts),
        "flagged": {name: _flagged(accounts[name]) for name in ("over_served", "under_served", "difficult")},
    }


def _flagged(judged: Any) -> int | None:
    """Count the accounts of which a judgement is true; None where it was scored for nobody."""
    return int(judged.eq(True).sum()) if judged.notna().any() else None


def versions(more: Iterable[str] = ()) -> dict[str, Any]:
    """Return the version of the code and of what it rests on, and of what else is named."""
    return {"code_version": _version("mutual-value"), "packages": {name: _version(name) for name in (*PACKAGES, *more)}}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def inputs_of(p: Portfolio | Backtest) -> list[dict[str, Any]]:
    """Return, for each input table, rows read, accepted and rejected, and its files with their SHA-256."""
    return [{**count, "files": list(_files(p, count["table"]))} for count in p.opened.checked.counts()]


def _files(p: Portfolio | Backtest, table: str) -> Iterator[dict[str, Any]]:
    source = p.opened.dataset.sources[table]
    for found in fingerprints(source):
        yield {**found, "contents": p.opened.engine.contents(source)} if source.sql else found


def _totals(p: Portfolio) -> dict[str, Any]:
    amounts = p.accounts.select_dtypes("float64").drop(columns=[c for c in NO_SUMS if c in p.accounts])
    # What lies beyond a level and makes nobody over-served is no over-service: as on every page.
    amounts["over_service_cost"] = amounts.over_service_cost.where(p.accounts.over_served.fillna(False))
    if p.accounts.over_served.notna().any():
        amounts["over_service_cost"] = amounts.over_service_cost.fillna(0.0)
    sums = {name: round(float(amounts[name].sum()), 2) for name in amounts if amounts[name].notna().any()}
    curve = shape(p.whale)
    return plain({**sums, "loss_making_accounts": int((p.accounts.net_margin < 0).sum()), "whale": asdict(curve)})


def _not_modelled(p: Portfolio) -> float | None:
    """Return the costs of the books that the costing has no line for; None where the books name no profit."""
    line = p.bridge[p.bridge.line == "not_modelled"].amount
    return -float(line.iloc[0]) + 0.0 if len(line) else None


def _losses_within(p: Portfolio) -> dict[str, Any] | None:
    """Return how many orders lose money, and how many of those are of accounts that earn money."""
    accounts = p.accounts[p.accounts.orders.notna()]
    if accounts.empty:
        return None
    lost, good = accounts.loss_making_orders, accounts.net_margin > 0
    return plain(
        {
            "orders": int(accounts.orders.sum()),
            "margin_unknown": int(accounts.orders_not_measured.sum()),
            "work": "service_events" in p.opened.checked,
            "loss_making_orders": int(lost.sum()),
            "of_accounts_that_earn": int(lost[good].sum()),
            "lost_on_orders": round(float(accounts.lost_on_orders.sum()), 2),
            "lost_of_accounts_that_earn": round(float(accounts.lost_on_orders[good].sum()), 2),
        }
    )


def _coverage(p: Portfolio) -> dict[str, Any]:
    judged = ("net_margin", "segment", "over_served", "under_served", "difficult", "perception", "clv", "action")
    return {name: {"scored": int(p.accounts[name].notna().sum()), "of": len(p.accounts)} for name in judged}


def _left_out(p: Portfolio) -> Iterator[tuple[str, str]]:
    checked, accounts = p.opened.checked, p.accounts
    for table, what in NEEDS.items():
        if table not in checked:
            yield what, f"the dataset has no `{table}`"
    if "transactions" in checked:
        unmeasured = int(accounts.net_margin.isna().sum())
        if unmeasured:
            yield f"The margin of {counted(unmeasured, 'account')}", _why_no_margin(p)
        if not checked["transactions"].freight.count().to_pandas():
            yield "Freight", "`transactions` gives none; it is counted as 0"
        if accounts.discounts.isna().any():
            yield "Discounts of some accounts", "their lines give no `list_amount`"
    if p.computed.portfolio_range is None:
        yield "The range of each margin and the chance of a loss", "there are no costs of work, or no margins, to draw"
    if p.computed.why_no_forecast:
        yield "The margin of the months to come", p.computed.why_no_forecast
    if p.last_year.empty:
        yield "The change against a year ago", "the data does not reach back that far"
    yield from _service_left_out(p)
    for topic in LEFT_OUT:
        yield from getattr(p.computed, topic)
    if p.table("look_for").empty:
        yield "The customer to look for", "too few accounts fit, or too few do not"
    yield from _sellers_left_out(p)


def _why_no_margin(p: Portfolio) -> str:
    if invoices_are_sales(p):
        return "invoices give no cost of goods, and the policy states no costs.cogs_share"
    most = f"{p.policy.costs.modelled_cogs_share:.0%} of their list revenue"
    return f"lines without `cogs` are more than {most}, or none gives it, and the policy states no costs.cogs_share"


def _sellers(p: Portfolio) -> dict[str, Any]:
    """Return whether sellers are judged at all, and how much of the revenue they are known to have sold; no name."""
    published = p.policy.sellers.publish
    covered = p.computed.revenue_covered if published else None
    return {
        "published": published,
        "sellers": len(p.reps),
        "revenue_covered": None if covered is None else round(covered, 4),
    }


def _sellers_left_out(p: Portfolio) -> Iterator[tuple[str, str]]:
    """Yield why the scorecard of account managers, or a part of it, is empty."""
    if not p.policy.sellers.publish:
        yield "The scorecard of account managers", "the policy does not ask for it (`sellers.publish`)"
    elif p.reps.empty:
        yield "The scorecard of account managers", "nothing in the data says who sold what"
    else:
        if (p.reps.bookings_basis == "billings").any():
            yield "What sellers booked", "the dataset has no bookings in the window; what was billed stands in"
        if p.reps.repeat_share.isna().all():
            yield "Repeat business of sellers", "the data does not reach back a window before this one"


def _service_left_out(p: Portfolio) -> Iterator[tuple[str, str]]:
    """Yield whose service is not judged, and which attributes are not measured."""
    for why, count in p.accounts.not_scored.value_counts().sort_index().items():
        yield f"Over-service of {counted(count, 'account')}", str(why)
    measured = p.computed.attributes
    for name, attribute in p.policy.service.items():
        if name not in measured:
            done = ", ".join(attribute.activities)
            yield (
                f"The service attribute {name}",
                f"the costing has none of its activities ({done}), or nothing is logged",
            )
        elif attribute.measure == "response_hours" and "cases" not in p.opened.checked:
            yield f"The service attribute {name}", "the dataset has no `cases`"
    if "service_levels" not in p.opened.checked and not p.policy.tiers:
        yield "Service against what was agreed and wanted", "there is no `service_levels`, and the policy has no tiers"


def _assumptions(p: Portfolio) -> Iterator[str]:
    yield from stand_in_words(p)
    if "invoices" in p.opened.checked:
        yield f"Money not yet received costs {p.policy.finance.receivables_rate:.1%} a year."
    yield from _hours_assumed(p)
    yield from p.computed.difficulty_assumptions
    yield from p.computed.actions_assumed
    logged = p.ledger.measured.get("logged_minutes_share")
    if logged is not None and logged < 1:
        yield f"{1 - logged:.0%} of the minutes are not logged and come from the costing's time equations."
    yield from p.computed.value_assumptions


def _hours_assumed(p: Portfolio) -> Iterator[str]:
    """Yield how hours of cases are counted where a calendar says so, or where the record suggests one."""
    if "cases" not in p.opened.checked:
        return
    calendar = p.policy.calendar
    if calendar:
        free = f", {counted(len(calendar.holidays), 'holiday')} left out" if calendar.holidays else ""
        yield (f"Hours to answer, silences, notice and promised dates count working time: {in_words(calendar)}{free}.")
        return
    usual = usual_hours(p.opened.checked, p.window.after)
    if usual:
        yield f"{usual}. `mutual-value check` proposes the lines to add."


def _short(window: Window, first: date | None) -> Iterator[str]:
    if first is not None:
        yield (
            f"window: it starts on {window.start}, but the data on {first}: capacity before that counts as unused. "
            "Set window.months to what the data covers."
        )


def _overloaded(p: Portfolio) -> Iterator[str]:
    for row in p.resources[p.resources.unused_minutes < 0].itertuples():
        share = row.used_minutes / row.capacity_minutes
        yield f"resources.{row.resource}: used to {share:.0%} of its practical capacity. Check its capacity or minutes."


def policy_of(run: Mapping[str, Any]) -> Policy:
    """Return the policy of a `run.json`; keys that came later have their defaults.

    Raises
    ------
    PolicyError
        It is no policy that this version knows.
    """
    policy: dict[str, Any] = run["policy"]
    tiers = {t: {a: float(level) for a, level in levels.items()} for t, levels in policy.get("tiers", {}).items()}
    return Policy.read(None, {**policy, "tiers": tiers})


def same_policy(run: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether two runs are under one policy: the user states the same keys, or it comes to the same.

    What is not stated is a default, and one that another version changed is its code, no other policy.

    Parameters
    ----------
    run, other
        `policy` and `stated` of each, as in `run.json`.
    """
    if "stated" in run and run["stated"] == other.get("stated"):
        return True
    try:
        return policy_of(run) == policy_of(other)
    except (KeyError, PolicyError):
        return run.get("policy") == other.get("policy")


def plain(value: Any) -> Any:
    """Return a value that JSON can hold: unlimited is "inf", not measured is null."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return None if math.isnan(value) else "inf" if math.isinf(value) else value
    return value
