"""How accounts and we treat each other: behaviours, our failures and whose trouble it is, from the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from analysis.data.checks import Checked
from analysis.data.credits import owed
from analysis.data.reading import Engine
from analysis.ledger.ledger import Ledger
from analysis.ledger.working_time import WorkingTime
from analysis.policy import Policy, ServiceAttribute
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.difficulty.judgement.agreed import beyond_agreed
from analysis.topics.difficulty.judgement.behaviours import (
    SUMS,
    Measured,
    Records,
    contributions,
    measured,
    records,
    wide,
)
from analysis.topics.difficulty.judgement.difficulty import enough, judge_difficulty
from analysis.topics.difficulty.judgement.recorded import SUFFIX
from analysis.topics.difficulty.judgement.whose_trouble import failure_chances, lifts, ours_of
from analysis.topics.difficulty.measures.case_facts import case_facts, work_beyond
from analysis.topics.difficulty.measures.case_sums import patterns, sums_by_account, with_chances, with_patterns
from analysis.topics.difficulty.measures.payment_conduct import payment_conduct
from analysis.topics.difficulty.measures.rush_orders import rush_orders
from analysis.window import Window

if TYPE_CHECKING:
    import ibis
    import pandas as pd

#: The chance from which a case counts as failed by us.
FAILED_FROM = 0.5
RESPONSE = "response_hours"
#: The keys of the policy that say what is counted in a case.
COUNTED = (
    *("difficulty.short_notice", "difficulty.dissatisfied", "difficulty.slow_answer", "difficulty.silence_days"),
    *("difficulty.handoffs", "difficulty.least_causes"),
)


class Agreed(NamedTuple):
    """What of a demand is agreed: the levels, the days as a customer, the policy's attributes and the window."""

    levels: pd.DataFrame
    days: pd.DataFrame
    service: Mapping[str, ServiceAttribute]
    window: Window

    def beyond(self, flag: str, used: pd.DataFrame) -> pd.Series[float]:
        """Return the share of what each account demanded that no agreement covers, as `beyond_agreed` does."""
        mine = used[["customer_id", "events", "minutes"]]
        return beyond_agreed(mine, self.levels, self.days, self.service, flag, self.window)


@CATALOGUE.part("service")
def agreed(levels: pd.DataFrame, days: pd.DataFrame, policy: Policy, window: Window) -> Agreed:
    """Return what of a demand is agreed."""
    return Agreed(levels, days, policy.service, window)


@CATALOGUE.part()
def listed(ledger: Ledger) -> pd.DataFrame:
    """Return the accounts of the window."""
    return ledger.accounts[["customer_id"]]


@CATALOGUE.part(*COUNTED)
def cases_judged(
    checked: Checked,
    ledger: Ledger,
    engine: Engine,
    listed: pd.DataFrame,
    agreed: Agreed,
    working_time: WorkingTime,
    policy: Policy,
    window: Window,
) -> ibis.Table | None:
    """Return the window's cases with the chance that we failed each (kept in the engine); None without cases."""
    import ibis

    cases = checked.get("cases")
    if cases is None:
        return None
    facts = case_facts(
        cases,
        checked.get("case_updates"),
        ledger.events,
        _agreed_answers(agreed),
        ledger.costing,
        policy.difficulty,
        window,
        working_time,
    )
    name = f"{window.end:%Y%m%d}_{window.months}"
    of = ibis.memtable(listed, schema={"customer_id": "string"})
    kept = engine.keep(f"case_facts_{name}", with_patterns(facts, of))
    chances = failure_chances(patterns(kept), policy.difficulty.least_causes)
    return engine.keep(f"cases_judged_{name}", with_chances(kept, chances))


def _agreed_answers(agreed: Agreed) -> ibis.Table:
    """Return the hours to a first answer that were agreed with accounts (Ibis)."""
    import ibis

    names = [name for name, a in agreed.service.items() if a.measure == RESPONSE]
    levels = agreed.levels[agreed.levels.attribute.isin(names) & agreed.levels.entitled.notna()]
    hours = levels.groupby("customer_id", as_index=False).entitled.min().rename(columns={"entitled": "hours"})
    return ibis.memtable(hours, schema={"customer_id": "string", "hours": "float64"})


@CATALOGUE.part()
def case_sums(cases_judged: ibis.Table | None) -> pd.DataFrame | None:
    """Return the cases summed to one row per account that has any; None without cases."""
    return None if cases_judged is None else sums_by_account(cases_judged)


@CATALOGUE.part("difficulty.least_causes")
def failure_lifts(case_sums: pd.DataFrame | None, policy: Policy) -> pd.DataFrame | None:
    """Return what a failure of ours adds to each outcome; None without cases."""
    return None if case_sums is None else lifts(case_sums, policy.difficulty.least_causes)


@CATALOGUE.part()
def conduct_in_cases(
    case_sums: pd.DataFrame | None, failure_lifts: pd.DataFrame | None, checked: Checked, agreed: Agreed
) -> pd.DataFrame | None:
    """Return the sums of the cases: what was agreed left out, what our failures explain told apart."""
    if case_sums is None or failure_lifts is None:
        return None
    known = checked.says("service_events", "after_hours", "requested", "rush", "case_id")
    on_cases = "case_id" in known
    rows = ours_of(case_sums, failure_lifts)
    noticed = bool(checked.says("cases", "needed_by")) or (on_cases and "rush" in known)
    shares = {
        "short_notice": agreed.beyond("rush", rows.assign(events=rows.short_notice, minutes=0.0)),
        "after_hours": agreed.beyond("after_hours", rows.assign(events=rows.evening, minutes=rows.evening_minutes)),
    }
    told = {f"{name}{SUFFIX}": rows[name] for name in shares}
    rows = rows.assign(**told, **{name: rows[name] * share for name, share in shares.items()})
    unknown = {
        "short_notice": not noticed,
        "after_hours": not (on_cases and {"after_hours", "requested"} <= known),
        "undated": not (rows.undated < rows.undated_of).any(),
    }
    rows = rows.assign(**{name: float("nan") for name, missing in unknown.items() if missing})
    return rows.drop(columns="out_of_scope")


@CATALOGUE.part("difficulty.surcharge_products")
def conduct_in_orders(ledger: Ledger, checked: Checked, agreed: Agreed, policy: Policy) -> pd.DataFrame | None:
    """Return the rush orders of each account; None where nobody records which were."""
    if ledger.events is None or ledger.costing is None or not checked.says("service_events", "rush"):
        return None
    products = policy.difficulty.surcharge_products
    orders = rush_orders(ledger.events, ledger.lines, ledger.costing, products).to_pandas()
    beyond = orders.rushed * agreed.beyond("rush", orders.assign(events=orders.rushed, minutes=0.0))
    return orders.assign(rushed=beyond, **{f"rushed{SUFFIX}": orders.rushed})


@CATALOGUE.part()
def conduct_in_payments(checked: Checked, cases_judged: ibis.Table | None, window: Window) -> pd.DataFrame | None:
    """Return how each account pays, what came while a failure of ours was open apart; None without invoices."""
    invoices = owed(checked, window.end)
    if invoices is None:
        return None
    failures = None
    if cases_judged is not None:
        failed = cases_judged.filter(cases_judged.chance >= FAILED_FROM)
        failures = failed.select("customer_id", "opened_at", "closed_at")
    found: pd.DataFrame = payment_conduct(invoices, checked.get("payments"), failures, window).to_pandas()
    return found


@CATALOGUE.part()
def conduct_in_scope(ledger: Ledger, checked: Checked) -> pd.DataFrame | None:
    """Return the work known to be within an agreement or beyond it, by account; None where nobody recorded it."""
    if ledger.events is None or not checked.says("service_events", "in_scope"):
        return None
    found: pd.DataFrame = work_beyond(ledger.measured_events).to_pandas()
    return found


@CATALOGUE.part()
def conduct(
    listed: pd.DataFrame,
    conduct_in_cases: pd.DataFrame | None,
    conduct_in_orders: pd.DataFrame | None,
    conduct_in_payments: pd.DataFrame | None,
    conduct_in_scope: pd.DataFrame | None,
    checked: Checked,
) -> pd.DataFrame:
    """Return everything that is counted of an account: one row per account of the window; empty where not measured."""
    found = listed
    for part in (conduct_in_cases, conduct_in_orders, conduct_in_payments, conduct_in_scope):
        if part is not None:
            found = found.merge(part, on="customer_id", how="left")
    columns = dict.fromkeys([*found.columns, *SUMS])
    found = found.reindex(columns=list(columns))
    for table in ("cases", "invoices"):
        found[table] = found[table].fillna(0.0) if table in checked else found[table]
    return found.assign(disputed_invoices=found.rejected + found.open_disputes + found.upheld)


@CATALOGUE.part("difficulty.left_out", "difficulty.open_dispute")
def records_of_trouble(conduct: pd.DataFrame, policy: Policy) -> Records:
    """Return what the records say of each behaviour, and of our failures."""
    return records(conduct, policy.difficulty)


@CATALOGUE.part("difficulty.cases", "difficulty.invoices", "difficulty.false_share")
def measured_trouble(conduct: pd.DataFrame, records_of_trouble: Records, policy: Policy) -> Measured:
    """Return the behaviours that are measured, with every account's rates."""
    judged = enough(conduct, policy.difficulty).to_numpy(dtype=bool)
    return measured(conduct, records_of_trouble, judged, policy.difficulty.false_share)


@CATALOGUE.part("difficulty.cases", "difficulty.invoices")
def difficulty_judgement(conduct: pd.DataFrame, measured_trouble: Measured, policy: Policy) -> pd.DataFrame:
    """Return the judgement on difficulty: one row per account of the window."""
    return judge_difficulty(conduct, measured_trouble, policy.difficulty)


@CATALOGUE.table()
def behaviours(conduct: pd.DataFrame, measured_trouble: Measured, difficulty_judgement: pd.DataFrame) -> pd.DataFrame:
    """Return what each account's trouble is made of."""
    return contributions(conduct, measured_trouble, difficulty_judgement)


@CATALOGUE.part()
def own_rates(conduct: pd.DataFrame, measured_trouble: Measured) -> pd.DataFrame:
    """Return each account's rates after shrinkage: customer_id, and a column for each behaviour that is measured."""
    return wide(conduct, measured_trouble)
