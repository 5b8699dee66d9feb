"""What has been tried with accounts, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from analysis.data.checks import Checked
from analysis.data.contract import conform
from analysis.data.credits import owed
from analysis.data.reading import Engine
from analysis.data.span import begins
from analysis.ledger.behaviour import with_attribute
from analysis.ledger.costing import Costing
from analysis.ledger.ledger import Ledger
from analysis.ledger.work import with_minutes
from analysis.policy import Policy
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.actions.judgement.ladder import DONE
from analysis.topics.actions.judgement.like_controls import Daily
from analysis.topics.actions.judgement.track_record import due_a_day, expected_share, measured, questions
from analysis.topics.actions.judgement.track_record import track_record as held_against
from analysis.topics.actions.measures.before_after import daily, dated_lateness, dated_work, totals
from analysis.topics.actions.measures.volumes import due_though_unasked, with_drivers
from analysis.window import Window

if TYPE_CHECKING:
    from datetime import date

    import ibis
    import pandas as pd


@CATALOGUE.part()
def taken(checked: Checked, window: Window) -> pd.DataFrame:
    """Return what has been tried up to the as-of day: customer_id, action, on, outcome, cost."""
    import pandas as pd

    columns = ["customer_id", "action", "on", "outcome", "cost"]
    table = checked.get("actions_taken")
    if table is None:
        return pd.DataFrame(columns=columns).astype({**dict.fromkeys(columns, "str"), "cost": "float64"})
    rows = table.filter(table["on"] <= window.end)
    frame: pd.DataFrame = rows.select(*columns).mutate(cost=rows.cost.cast("float64")).to_pandas()
    return frame.sort_values(["customer_id", "on", "action"], ignore_index=True)


@CATALOGUE.part("steps.again_after_months")
def taken_lately(taken: pd.DataFrame, policy: Policy, window: Window) -> pd.DataFrame:
    """Return what was taken or refused too short a while ago to be proposed again."""
    import pandas as pd

    since = pd.Timestamp(window.after) - pd.DateOffset(months=policy.steps.again_after_months)
    return taken[(pd.to_datetime(taken.on) >= since) & taken.outcome.isin([*DONE, "open"])]


#: Accounts without a step among which like ones are looked for: of more, as many are taken, evenly by what they cost.
MOST_CONTROLS = 2_000


@dataclass(frozen=True)
class Dated:
    """What steps act on, by account, day and kind, of all the data: measured when first asked for."""

    make: Callable[[], Any | None]
    customers: pd.DataFrame

    @cached_property
    def dated(self) -> Any | None:
        """The table (Ibis); None where nothing is recorded that steps act on."""
        return self.make()

    def of(self, accounts: Collection[str], first: date, last: date) -> Daily:
        """Return the days of some accounts."""
        wanted = self.customers[self.customers.customer_id.isin(accounts)]
        return Daily.of(daily(self.dated, wanted.customer_id.tolist(), first, last).to_pandas(), wanted)


@CATALOGUE.part("finance.receivables_rate", "logged_zero", "steps.by_hand")
def dated_work_of(
    checked: Checked,
    ledger: Ledger,
    levels_stated: ibis.Table,
    engine: Engine,
    costing: Costing | None,
    policy: Policy,
    window: Window,
) -> Dated:
    """Return what steps act on, by account and day."""
    customers = checked["customers"].select("customer_id", "since", "ended").order_by("customer_id").to_pandas()
    return Dated(lambda: _acted_on(checked, ledger, levels_stated, engine, costing, policy, window), customers)


@CATALOGUE.part()
def levels_due(service_gaps: pd.DataFrame, days: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return, by account and service, what the level due costs a day."""
    there = days.set_index("customer_id").days.astype("float64")
    return due_a_day(service_gaps, there.where(there > 0))


@CATALOGUE.table("actions")
def track_record(
    taken: pd.DataFrame,
    dated_work_of: Dated,
    levels_due: dict[str, dict[str, float]],
    checked: Checked,
    policy: Policy,
    window: Window,
) -> pd.DataFrame:
    """Return what earlier steps promised against what came of them."""
    asked = questions(taken, dated_work_of.customers, begins(checked), window)
    open_ = asked[asked.verdict == ""]
    if open_.empty or dated_work_of.dated is None:
        return conform(asked, "track_record")
    found = measured(asked, _day_by_day(open_, dated_work_of), levels_due)
    shares = {name: expected_share(assumed) for name, assumed in policy.actions.items()}
    return conform(held_against(asked, found, shares), "track_record")


def _day_by_day(asked: pd.DataFrame, work: Dated) -> Daily:
    """Return what steps act on, day by day, of the accounts asked for and of those to compare them with."""
    cost = totals(work.dated).to_pandas().sort_values(["cost", "customer_id"]).customer_id
    some = cost.iloc[:: max(1, len(cost) // MOST_CONTROLS)]
    return work.of({*some, *asked.customer_id}, asked["first"].min().date(), asked["last"].max().date())


def _acted_on(
    checked: Checked,
    ledger: Ledger,
    levels: ibis.Table,
    engine: Engine,
    costing: Costing | None,
    policy: Policy,
    window: Window,
) -> ibis.Table | None:
    """Return what steps act on, by account, day and kind (Ibis), of all the data; None without any of it."""
    import ibis

    events, invoices, parts = checked.get("service_events"), owed(checked, window.end), []
    if events is not None and costing is not None:
        settled = with_minutes(events, checked.get("cases"), costing, policy)
        named = with_drivers(with_attribute(settled, ledger.attributes, costing), costing)
        named = due_though_unasked(named, levels)
        parts.append(dated_work(named, ledger.rates, policy.steps.by_hand))
    if invoices is not None:
        rate, payments = policy.finance.receivables_rate, checked.get("payments")
        parts.append(dated_lateness(invoices, payments, rate, window.after))
    if not parts:
        return None
    found = ibis.union(*parts) if len(parts) > 1 else parts[0]
    return engine.keep_small(f"dated_{window.end:%Y%m%d}", found, checked.length("service_events", "invoices"))
