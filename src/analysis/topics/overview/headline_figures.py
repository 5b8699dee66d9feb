"""The run's headline figures, each once: what it is, its range, its unit, its period and its base."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from analysis.data.contract import conform
from analysis.formats import per_window
from analysis.policy import Policy
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.actions.judgement.next_step import asks
from analysis.topics.actions.judgement.packages import steps_of
from analysis.topics.actions.tables import total_ranges
from analysis.topics.profitability.judgement.profitability import shape, whale
from analysis.topics.profitability.judgement.uncertainty import Ranges
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd

    from analysis.topics.actions.judgement.plan import Planned
    from analysis.topics.actions.judgement.weigh import Weighing
    from analysis.topics.value.judgement.lifetime import Worth

ALL, SCORED, LOSING = "all accounts whose margin is known", "the accounts scored", "the accounts that cost more"
EVERY, OVER = "all accounts", "the accounts judged over-served"
HERE = "the accounts still here whose value is known"
ACCOUNTS, SHARE = "accounts", "share"


class Figure(NamedTuple):
    """One headline figure; a value of None cannot be told."""

    figure: str
    value: float | None
    unit: str
    period: str
    base: str
    shown: str
    low: float = np.nan
    high: float = np.nan


@CATALOGUE.table("currency", "finance.horizon_months")
def figures(
    accounts: pd.DataFrame,
    unasked: pd.DataFrame,
    service_money: pd.DataFrame,
    offers: pd.DataFrame,
    reputations: pd.DataFrame,
    bridge: pd.DataFrame,
    resources: pd.DataFrame,
    rescue: pd.DataFrame,
    protect_first: pd.DataFrame,
    next_steps: pd.DataFrame,
    plan_total: pd.DataFrame,
    ranges: Ranges | None,
    worth: Worth,
    planned: Planned,
    weighing: Weighing,
    policy: Policy,
    window: Window,
) -> pd.DataFrame:
    """Return the run's headline figures; a figure that cannot be told has no row."""
    tables = {
        "accounts": accounts, "unasked": unasked, "service_money": service_money, "offers": offers,
        "reputations": reputations, "bridge": bridge, "resources": resources, "rescue": rescue,
        "protect_first": protect_first, "next_steps": next_steps, "plan_total": plan_total,
    }  # fmt: skip
    groups = {"talks_first": _true(next_steps.talk_first), "mending": mends_alone(next_steps)}
    added = {
        name: total_ranges(planned, weighing, next_steps.customer_id[group])
        for name, group in groups.items()
        if group.any()
    }
    return told_from(tables, ranges, worth.book, added, policy, window)


def told_from(
    tables: Mapping[str, pd.DataFrame],
    ranges: Ranges | None,
    book: Mapping[str, Any],
    added: Mapping[str, Mapping[str, tuple[float, float]]],
    policy: Policy,
    window: Window,
) -> pd.DataFrame:
    """Return the headline figures of a run's tables.

    Parameters
    ----------
    tables
        accounts, unasked, service_money, offers, reputations, bridge, resources, rescue, protect_first, next_steps
        and plan_total.
    ranges
        The ranges over the costing's uncertainty, if there is any.
    book
        What the accounts are worth together: clv, low, high.
    added
        The ranges, `value` and `cash`, of what the first talks add (`talks_first`), and what mending alone does
        (`mending`).
    policy, window
        Of the run.
    """
    import pandas as pd

    period, ahead = per_window(window.months), f"over {policy.finance.horizon_months} months"
    told = _Told(tables["accounts"], tables, ranges, book, added, period, ahead, policy.currency)
    found = pd.DataFrame([*told.rows()], columns=list(Figure._fields))
    return conform(found[found.value.astype("float64").notna()], "figures")


@dataclass(frozen=True)
class _Told:
    """What the figures are told from."""

    accounts: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    ranges: Ranges | None
    book: Mapping[str, Any]
    added: Mapping[str, Mapping[str, tuple[float, float]]]
    period: str
    ahead: str
    currency: str

    def rows(self) -> Iterator[Figure]:
        """Yield the figures in the order of a reader's questions."""
        yield from self._margins()
        yield from self._curve()
        yield from self._service()
        yield from self._service_money()
        yield from self._trouble()
        yield from self._books()
        yield from self._value()
        yield from self._steps()

    @property
    def _worked(self) -> bool:
        """Whether any work is recorded: without it what serving costs is not known, and not 0."""
        accounts = self.accounts
        return bool((accounts.cost_to_serve > 0).any() or (accounts.events.fillna(0) > 0).any())

    def _money(self, name: str, value: Any, base: str, shown: str, *range_: float, period: str = "") -> Figure:
        return Figure(name, _known(value), self.currency, period or self.period, base, shown, *range_)

    def _count(self, name: str, value: Any, base: str, shown: str, *range_: float) -> Figure:
        return Figure(name, _known(value), ACCOUNTS, self.period, base, shown, *range_)

    def _share(self, name: str, value: Any, base: str, shown: str) -> Figure:
        return Figure(name, _known(value), SHARE, self.period, base, shown)

    def _margins(self) -> Iterator[Figure]:
        accounts = self.accounts
        margin = accounts.net_margin
        yield self._count("accounts", len(accounts), "customers at some time in the window", "every page")
        yield self._money("net_revenue", _sum(accounts.net_revenue), EVERY, "profitability")
        if self._worked:
            yield self._money("cost_to_serve", _sum(accounts.cost_to_serve), EVERY, "service demand, profitability")
        if not margin.notna().any():
            return
        yield self._count("margin_known", margin.notna().sum(), EVERY, "overview")
        losing, drawn = accounts[margin < 0], self.ranges.portfolio if self.ranges else {}
        money, most = drawn.get("net_margin", ()), drawn.get("loss_making_accounts", ())
        yield self._money("net_margin", margin.sum(), ALL, "overview, profitability", *money)
        yield self._count("losing_accounts", len(losing), ALL, "overview, profitability", *most)
        lost = (-losing.net_margin).sum()
        yield self._money("losing_accounts_cost", lost, ALL, "overview, profitability")
        ended = losing.gain_if_ended
        if len(losing) and ended.notna().all():
            yield self._money("ending_them_adds", ended.sum(), LOSING, "overview")
            gains = ended[ended > 0]
            yield self._count("ending_gains_accounts", len(gains), LOSING, "profitability")
            yield self._money("ending_gains", gains.sum(), LOSING, "profitability")
        if len(losing):
            yield self._count("losing_first_year", _true(losing.first_year).sum(), LOSING, "overview")
            if (accounts.failure_cost > 0).any():
                without = losing.net_margin + losing.failure_cost.fillna(0)
                yield self._count("losing_by_our_failures", (without > 0).sum(), LOSING, "overview")
        yield self._money("losing_over_service", _sum(losing.over_service_cost), LOSING, "overview")
        yield self._money("losing_our_failures", _sum(losing.failure_cost), LOSING, "overview")
        sure = accounts.certainty
        if sure.notna().any():
            held = sure.isin(["surely_positive", "surely_negative"]).sum()
            yield self._count("sign_sure", held, ALL, "overview, profitability, method")

    def _curve(self) -> Iterator[Figure]:
        margin = self.accounts.net_margin.astype("float64")
        whole, earned, lost = margin.sum(), margin[margin > 0].sum(), -margin[margin < 0].sum()
        if not margin.notna().any():
            return
        yield self._count("earning_accounts", (margin > 0).sum(), ALL, "overview, profitability")
        yield self._money("earned", earned, ALL, "overview, profitability")
        if whole > 0:
            yield self._share("peak_of_the_curve", earned / whole, ALL, "overview, profitability")
            yield self._share("given_back", lost / whole, ALL, "overview, profitability")
            index = _known(shape(whale(self.accounts)).stobachoff)
            yield Figure("stobachoff_index", index, "index", self.period, ALL, "profitability")

    def _service(self) -> Iterator[Figure]:
        accounts = self.accounts
        if self._worked:
            failures = _sum(accounts.failure_cost)
            yield self._money("our_failures_cost", failures, EVERY, "overview, difficulty, service demand")
        if accounts.over_served.notna().any():
            mine = accounts[_true(accounts.over_served)]
            yield self._count("over_served", len(mine), SCORED, "overview, service")
            yield self._count("over_served_scored", accounts.over_served.notna().sum(), EVERY, "overview, service")
            yield self._money("over_service", mine.over_service_cost.sum(), OVER, "overview, service")
        if accounts.under_served.notna().any():
            base = "the accounts with a promise"
            yield self._count("under_served", _true(accounts.under_served).sum(), base, "service")
            yield self._count("promised_to", accounts.under_served.notna().sum(), EVERY, "service")
        placed = accounts[accounts.segment.eq("unprofitable_high_demand").fillna(False)]
        if accounts.segment.notna().any() and self._worked:
            base = "loss-making before the cost of winning them, with much service"
            yield self._count("costly_segment", len(placed), base, "segments")
            yield self._money("costly_segment_margin", placed.running_margin.sum(), base, "segments")
        asked = self.tables["unasked"]
        if len(asked):
            yield self._money("unasked_work", asked.cost.sum(), "all work nobody asked for", "service demand")

    def _service_money(self) -> Iterator[Figure]:
        rows = self.tables["service_money"]
        for name in ("beyond_agreed", "beyond_wanted"):
            yield self._money(name, _sum(rows[f"{name}_cost"]), EVERY, "overview, service in money")
        yield self._money("after_hours", _sum(rows.after_hours_cost), EVERY, "service in money")
        yield self._money("agreed_not_delivered", _sum(rows.under_service_cost), EVERY, "service in money")
        # What several services stand ready with is one resource, paid for once.
        ready = self.tables["offers"].drop_duplicates("standby").unused_cost.astype("float64").clip(lower=0)
        yield self._money("standing_ready", _sum(ready), "what stands ready unused", "service in money")

    def _trouble(self) -> Iterator[Figure]:
        accounts = self.accounts
        if accounts.difficult.notna().any():
            theirs, ours = _true(accounts.difficult).sum(), _true(accounts.difficult_by_us).sum()
            yield self._count("truly_difficult", theirs, SCORED, "overview, difficulty")
            yield self._count("difficult_by_us", ours, SCORED, "overview, difficulty")
            scored = accounts.difficult.notna().sum()
            yield self._count("difficulty_scored", scored, EVERY, "overview, difficulty")
        names = accounts.perception
        if names.notna().any():
            unfair, quiet = (self._named(kind) for kind in ("unfairly_labelled", "quietly_difficult"))
            yield self._count("undeserved_bad_names", unfair, "the accounts that staff rated", "perception")
            yield self._count("rated_by_staff", names.notna().sum(), EVERY, "perception")
            yield self._count("quietly_difficult", quiet, "the accounts that staff rated", "perception")

    def _named(self, kind: str) -> int:
        """Count the names of a kind that nobody decided otherwise."""
        own, held = self.accounts, self.tables["reputations"]
        borne = held.customer_id[held.perception.eq(kind).fillna(False)]
        return int((own.perception.eq(kind).fillna(False) & own.customer_id.isin(borne)).sum())

    def _books(self) -> Iterator[Figure]:
        lines = self.tables["bridge"].set_index("line").amount.astype("float64")
        named = {
            "unused": "unused_capacity", "unassigned": "work_for_no_account", "not_modelled": "not_modelled",
            "not_measured": "not_measured",
        }  # fmt: skip
        supplied = len(self.tables["resources"]) > 0
        for line, name in named.items():
            if line in lines and (supplied or line.startswith("not_")):
                amount = -lines[line] if line.startswith("un") else abs(lines[line])
                yield self._money(name, amount, "the costing and the books", "overview, profitability")
        if supplied:
            idle = self.tables["resources"].unused_cost.clip(lower=0).sum()
            yield self._money("capacity_not_used", idle, "the resources with capacity to spare", "profitability")
        if "operating_profit" in lines:
            yield self._money("operating_profit", lines["operating_profit"], "the books", "profitability, method")

    def _value(self) -> Iterator[Figure]:
        book, rows = self.book, self.tables["rescue"]
        range_ = [number if number is not None else np.nan for number in (book.get("low"), book.get("high"))]
        yield self._money("worth_ahead", book.get("clv"), HERE, "value", *range_, period=self.ahead)
        if rows.at_stake.notna().any():
            yield self._money("at_stake", rows.at_stake.sum(), HERE, "value", period="over the next year")
        first = self.tables["protect_first"]
        if len(first):
            worth, base = first.clv_avoidable.sum(), "the accounts to be protected first"
            yield self._count("protect_first", len(first), base, "overview, value")
            yield self._money("protect_first_worth", worth, base, "overview, value", period=self.ahead)

    def _steps(self) -> Iterator[Figure]:
        steps, total = self.tables["next_steps"], self.tables["plan_total"]
        if len(total) and int(total.accounts.iloc[0]):
            whole, base = total.iloc[0], "the accounts with a step in the plan"
            yield self._count("planned_accounts", whole.accounts, base, "actions")
            told = {"plan_adds": ("value", "low", "high"), "plan_cash": ("cash", "cash_low", "cash_high")}
            for name, (column, low, high) in told.items():
                yield self._money(name, whole[column], base, "actions", whole[low], whole[high], period=self.ahead)
            yield Figure("plan_frees", float(whole.freed_hours), "hours", "a year", base, "actions")
        talks = steps[_true(steps.talk_first)]
        yield from self._group("talks_first", talks, "the accounts to be talked to first")
        if len(talks):
            base = "the accounts to be talked to first"
            yield Figure("talks_first_hours", float(talks.hours.sum()), "hours", "once", base, "overview")
        mending, base = steps[mends_alone(steps)], "the accounts where the plan mends our failures and asks nothing"
        yield from self._group("mending", mending, base)

    def _group(self, name: str, rows: pd.DataFrame, base: str) -> Iterator[Figure]:
        """Yield how many next steps a group has, what they add, in cash and at full cost, and the hours they free."""
        if rows.empty:
            return
        yield self._count(name, len(rows), base, "overview")
        for figure, column in ((f"{name}_add", "value"), (f"{name}_cash", "cash")):
            low, high = self.added[name][column]
            yield self._money(figure, rows[column].sum(), base, "overview", low, high, period=self.ahead)
        yield Figure(f"{name}_free", float(rows.freed_hours.sum()), "hours", "a year", base, "overview")


def mends_alone(steps: pd.DataFrame) -> pd.Series[bool]:
    """Return which next steps of the plan mend our own failures and ask nothing of the account: no talk has them."""
    taken = steps.steps.fillna("").map(lambda words: steps_of(str(words)))
    ours = taken.map(lambda those: "mend_our_failures" in those and not any(asks(step) for step in those))
    return _true(steps.planned) & ours.astype(bool)


def _known(value: Any) -> float | None:
    number = float(value) if value is not None else np.nan
    return number if np.isfinite(number) else None


def _sum(amounts: pd.Series[Any]) -> float | None:
    """Return the sum of what is known; None where nothing is."""
    return float(amounts.sum()) if amounts.notna().any() else None


def _true(flags: pd.Series[Any]) -> pd.Series[bool]:
    return flags.astype("boolean").fillna(False).astype(bool)
