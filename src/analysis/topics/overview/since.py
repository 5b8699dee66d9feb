"""What changed since the last run and since a year ago: what is set beside what, who moved, what promises came to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from analysis.data.checks import Checked
from analysis.data.contract import conform, empty
from analysis.formats import counted
from analysis.policy import Policy
from analysis.tables.catalogue import CATALOGUE
from analysis.tables.last_run import LastRun
from analysis.topics.actions.judgement.promises import against_what_came, carried_on, promises_of
from analysis.topics.overview.judgement.since import side_by_side
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd

RUN, YEAR = "run", "year"
#: From this share of the smaller run's accounts on, two runs speak of the same ones.
SAME_ACCOUNTS = 0.5
#: A rate has changed where it is off by more than this.
RATE = 0.005


@CATALOGUE.table("*")
def compared(
    accounts: pd.DataFrame,
    year_before: pd.DataFrame,
    resources: pd.DataFrame,
    run_before: LastRun,
    policy: Policy,
    window: Window,
) -> pd.DataFrame:
    """Return what this run is set beside: the run before it, and the same window a year before."""
    import pandas as pd

    rows = [
        _with_the_run(accounts, resources, run_before, policy, window),
        _with_the_year(accounts, year_before, window),
    ]
    return conform(pd.DataFrame(rows), "compared")


def _with_the_run(
    now: pd.DataFrame, resources: pd.DataFrame, last: LastRun, policy: Policy, window: Window
) -> dict[str, Any]:
    if last.folder is None:
        return {"against": RUN, "why_not": "no earlier run lies beside this one"}
    before, then = last.table("accounts"), last.told.get("window") or {}
    facts = {
        "run": last.folder.name,
        "starts": then.get("start"),
        "ends": last.ends.isoformat(),
        "months": then.get("months"),
        "policy_changed": ", ".join(_differing(last.told.get("policy") or {}, policy.in_force())),
        "rates_changed": _rates_changed(resources, last.table("resources")),
        "why_not": next(_unlike(now, before, last.told, policy.currency, window), ""),
    }
    return {"against": RUN, **facts, **_counts(now, before, last.ends, window)}


def _unlike(
    now: pd.DataFrame, before: pd.DataFrame, told: Mapping[str, Any], currency: str, window: Window
) -> Iterator[str]:
    """Yield why the last run cannot be set beside this one."""
    if before.empty:
        yield "the earlier run has no accounts"
        return
    if told.get("currency") != currency:
        yield f"the earlier run is in {told.get('currency')}"
    months = (told.get("window") or {}).get("months")
    if months != window.months:
        yield f"the earlier run's window is of {counted(int(months or 0), 'month')}"
    alike = now[["customer_id", "name"]].merge(before[["customer_id", "name"]])
    if len(alike) < SAME_ACCOUNTS * min(len(now), len(before)):
        yield "the earlier run speaks of other accounts"
    yield from _other_records(now, before)


def _with_the_year(now: pd.DataFrame, before: pd.DataFrame, window: Window) -> dict[str, Any]:
    of = window.year_before()
    why = "the data does not reach back that far" if before.empty else next(_other_records(now, before), "")
    dates = {"starts": of.start.isoformat(), "ends": of.end.isoformat(), "months": of.months}
    return {
        "against": YEAR, "policy_changed": "", "rates_changed": False, "why_not": why,
        **dates, **_counts(now, before, of.end, window),
    }  # fmt: skip


def _counts(now: pd.DataFrame, before: pd.DataFrame, end: date, window: Window) -> dict[str, Any]:
    if before.empty:
        return {}
    both = int(now.customer_id.isin(before.customer_id).sum())
    shared = max(0, window.months - _months(end, window.end))
    return {
        "accounts": len(before), "both": both, "came": len(now) - both, "went": len(before) - both,
        "shared_months": shared,
        "net_margin": float(before.net_margin.sum()) if before.net_margin.notna().any() else None,
    }  # fmt: skip


def _rates_changed(resources: pd.DataFrame, then: pd.DataFrame) -> bool | None:
    now, before = _rates(resources), _rates(then)
    if now.empty and before.empty:
        return False
    return bool(((now - before).abs() > RATE * before.abs()).any() or set(now.index) != set(before.index))


@CATALOGUE.table("currency")
def changes(
    compared: pd.DataFrame, accounts: pd.DataFrame, year_before: pd.DataFrame, run_before: LastRun, policy: Policy
) -> pd.DataFrame:
    """Return the accounts of both windows side by side, for each of the two that can be."""
    import pandas as pd

    why = compared.set_index("against").why_not.fillna("")
    then = {RUN: run_before.table("accounts"), YEAR: year_before}
    parts = [
        side_by_side(accounts, before, policy.currency).assign(against=against)
        for against, before in then.items()
        if not why[against]
    ]
    return conform(pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(), "changes")


@CATALOGUE.table("finance.horizon_months")
def promises(
    compared: pd.DataFrame,
    track_record: pd.DataFrame,
    run_before: LastRun,
    checked: Checked,
    policy: Policy,
    window: Window,
) -> pd.DataFrame:
    """Return what the last run promised, against what came of it."""
    why = compared.set_index("against").why_not.fillna("")[RUN]
    steps = run_before.table("next_steps")
    if run_before.folder is None or steps.empty or "other accounts" in why:
        return empty("promises")
    finance = (run_before.told.get("policy") or {}).get("finance") or {}
    horizon = int(finance.get("horizon_months") or policy.finance.horizon_months)
    made = carried_on(run_before.table("promises"), promises_of(steps, run_before.ends, horizon), window.end)
    found = against_what_came(made, track_record, window.end, recorded="actions_taken" in checked)
    return conform(found.sort_values(["customer_id", "promised_on", "steps"]), "promises")


def _other_records(now: pd.DataFrame, before: pd.DataFrame) -> Iterator[str]:
    """Yield what was recorded in one window and not in the other: such margins are not alike."""
    kinds = {
        "sales were": ("list_revenue", "net_revenue"),
        "work was": ("events", "service_minutes", "cost_to_serve", "cost_to_obtain"),
    }
    for what, names in kinds.items():
        here, there = (_any_of(frame, names) for frame in (now, before))
        if here != there:
            yield f"{what} recorded {'now' if here else 'then'} and not {'then' if here else 'now'}"
    if not _any_of(now, ("list_revenue", "net_revenue")):
        yield "no sales are recorded"
    # An account without sales has a margin, of its cost alone, where no other's is known.
    known = now.customer_id[now.net_margin.notna() & (now.net_revenue.astype("float64").fillna(0.0) != 0)]
    if not before.customer_id[before.net_margin.notna()].isin(known).any():
        yield "no account's margin is known of both windows"


def _any_of(frame: pd.DataFrame, names: tuple[str, ...]) -> bool:
    there = [name for name in names if name in frame]
    return bool(frame[there].astype("float64").fillna(0.0).ne(0.0).any(axis=None))


def _rates(resources: pd.DataFrame) -> pd.Series[float]:
    rows = resources[resources.capacity_minutes > 0].set_index("resource")
    return (rows.supplied_cost / rows.capacity_minutes).astype("float64")


def _months(first: date, last: date) -> int:
    """Return how many months lie between two days that end windows."""
    return (last.year - first.year) * 12 + last.month - first.month


def _differing(then: Mapping[str, Any], now: Mapping[str, Any], at: str = "") -> list[str]:
    """Return the keys of a policy that were stated otherwise then; keys that are new say nothing."""
    found: list[str] = []
    for key, value in now.items():
        if key not in then:
            continue
        if isinstance(value, Mapping) and isinstance(then[key], Mapping):
            found += _differing(then[key], value, f"{at}{key}.")
        elif _written(value) != _written(then[key]):
            found.append(f"{at}{key}")
    # What a user named himself (a tier, a service) and is gone; a key that went with its version says nothing.
    return found + [f"{at}{key}" for key in then if key not in now and isinstance(then[key], Mapping)]


def _written(value: Any) -> Any:
    return [_written(item) for item in value] if isinstance(value, (list, tuple)) else str(value)
