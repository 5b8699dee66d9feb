"""What changed since the last run and since a year ago: what is set beside what, who moved, what promises came to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.data.contract import OUTPUTS, conform, empty
from analysis.decision.promises import against_what_came, carried_on, promises_of
from analysis.formats import counted
from analysis.judgement.since import side_by_side
from analysis.tables.tried import Tried

if TYPE_CHECKING:
    import pandas as pd

RUN, YEAR = "run", "year"
#: From this share of the smaller run's accounts on, two runs speak of the same ones.
SAME_ACCOUNTS = 0.5
#: A rate has changed where it is off by more than this.
RATE = 0.005


class Since:
    """Sets this run beside the run before it, and beside the same window a year before.

    Parameters
    ----------
    tried
        What has been tried; it knows the ledger, the policy and the window.
    accounts
        Gives this run's accounts.
    year_before
        Gives those of the same window a year before; empty where the data does not reach back.
    last_run
        The folder of the run before this one; None without one.
    """

    def __init__(
        self,
        tried: Tried,
        accounts: Callable[[], pd.DataFrame],
        year_before: Callable[[], pd.DataFrame],
        last_run: Path | None,
    ) -> None:
        self.tried, self.last_run = tried, last_run
        self.policy, self.window, self.ledger = tried.policy, tried.window, tried.ledger
        self._accounts, self._year_before = accounts, year_before

    @cached_property
    def _told(self) -> Mapping[str, Any]:
        """What the last run says of itself."""
        if self.last_run is None:
            return {}
        found: dict[str, Any] = json.loads((self.last_run / "run.json").read_text(encoding="utf-8"))
        return found

    @property
    def _last_day(self) -> date:
        return date.fromisoformat(self.last_run.name[:10]) if self.last_run else self.window.start

    def _table(self, name: str) -> pd.DataFrame:
        """Return a table of the last run; empty where it has none."""
        import pandas as pd

        file = self.last_run / "tables" / f"{name}.parquet" if self.last_run else None
        if file is None or not file.is_file():
            return empty(name)
        found = pd.read_parquet(file)
        # A run of an earlier version may lack what came later: that is not known of it.
        return found.assign(**{column: None for column in OUTPUTS[name].names if column not in found})

    @cached_property
    def _last_accounts(self) -> pd.DataFrame:
        return self._table("accounts")

    def compared(self) -> pd.DataFrame:
        """Return what this run is set beside: the run before it, and the same window a year before."""
        return self._compared

    @cached_property
    def _compared(self) -> pd.DataFrame:
        import pandas as pd

        return conform(pd.DataFrame([self._with_the_run(), self._with_the_year()]), "compared")

    def _with_the_run(self) -> dict[str, Any]:
        if self.last_run is None:
            return {"against": RUN, "why_not": "no earlier run lies beside this one"}
        told, before = self._told, self._last_accounts
        window = told.get("window") or {}
        end = self._last_day
        facts = {
            "run": self.last_run.name,
            "starts": window.get("start"),
            "ends": end.isoformat(),
            "months": window.get("months"),
            "policy_changed": ", ".join(_differing(told.get("policy") or {}, self.policy.in_force())),
            "rates_changed": self._rates_changed(),
            "why_not": next(self._unlike(told, before), ""),
        }
        return {"against": RUN, **facts, **self._counts(before, end)}

    def _unlike(self, told: Mapping[str, Any], before: pd.DataFrame) -> Iterator[str]:
        """Yield why the last run cannot be set beside this one."""
        now = self._accounts()
        if before.empty:
            yield "the earlier run has no accounts"
            return
        if told.get("currency") != self.policy.currency:
            yield f"the earlier run is in {told.get('currency')}"
        months = (told.get("window") or {}).get("months")
        if months != self.window.months:
            yield f"the earlier run's window is of {counted(int(months or 0), 'month')}"
        alike = now[["customer_id", "name"]].merge(before[["customer_id", "name"]])
        if len(alike) < SAME_ACCOUNTS * min(len(now), len(before)):
            yield "the earlier run speaks of other accounts"
        yield from _other_records(now, before)

    def _with_the_year(self) -> dict[str, Any]:
        window, before = self.window.year_before(), self._year_before()
        why = (
            "the data does not reach back that far"
            if before.empty
            else next(_other_records(self._accounts(), before), "")
        )
        dates = {"starts": window.start.isoformat(), "ends": window.end.isoformat(), "months": window.months}
        return {
            "against": YEAR, "policy_changed": "", "rates_changed": False, "why_not": why,
            **dates, **self._counts(before, window.end),
        }  # fmt: skip

    def _counts(self, before: pd.DataFrame, end: date) -> dict[str, Any]:
        now = self._accounts()
        if before.empty:
            return {}
        both = int(now.customer_id.isin(before.customer_id).sum())
        shared = max(0, self.window.months - _months(end, self.window.end))
        return {
            "accounts": len(before), "both": both, "came": len(now) - both, "went": len(before) - both,
            "shared_months": shared,
            "net_margin": float(before.net_margin.sum()) if before.net_margin.notna().any() else None,
        }  # fmt: skip

    def _rates_changed(self) -> bool | None:
        now, before = (_rates(frame) for frame in (self.ledger.resources, self._table("resources")))
        if now.empty and before.empty:
            return False
        return bool(((now - before).abs() > RATE * before.abs()).any() or set(now.index) != set(before.index))

    def changes(self) -> pd.DataFrame:
        """Return the accounts of both windows side by side, for each of the two that can be."""
        import pandas as pd

        why = self._compared.set_index("against").why_not.fillna("")
        given = {RUN: lambda: self._last_accounts, YEAR: self._year_before}
        parts = [
            side_by_side(self._accounts(), give(), self.policy.currency).assign(against=against)
            for against, give in given.items()
            if not why[against]
        ]
        return conform(pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(), "changes")

    def promises(self) -> pd.DataFrame:
        """Return what the last run promised, against what came of it."""
        why = self._compared.set_index("against").why_not.fillna("")[RUN]
        steps = self._table("next_steps")
        if self.last_run is None or steps.empty or "other accounts" in why:
            return empty("promises")
        told = self._told
        finance = (told.get("policy") or {}).get("finance") or {}
        horizon = int(finance.get("horizon_months") or self.policy.finance.horizon_months)
        made = carried_on(self._table("promises"), promises_of(steps, self._last_day, horizon), self.window.end)
        recorded = "actions_taken" in self.tried.checked
        found = against_what_came(made, self.tried.track_record(), self.window.end, recorded=recorded)
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
