"""How accounts and we treat each other: behaviours, our failures and whose trouble it is, from the ledger."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from analysis.data.credits import owed
from analysis.judgement.agreed import beyond_agreed
from analysis.judgement.behaviours import SUMS, Measured, contributions, measured, wide
from analysis.judgement.difficulty import enough, judge_difficulty
from analysis.judgement.recorded import SUFFIX
from analysis.judgement.whose_trouble import failure_chances, lifts, ours_of
from analysis.ledger.case_facts import case_facts, work_beyond
from analysis.ledger.case_sums import patterns, sums_by_account, with_chances, with_patterns
from analysis.ledger.payment_conduct import payment_conduct
from analysis.ledger.rush_orders import rush_orders
from analysis.ledger.working_time import WorkingTime
from analysis.tables.served import Served

if TYPE_CHECKING:
    import pandas as pd

#: The chance from which a case counts as failed by us.
FAILED_FROM = 0.5
RESPONSE = "response_hours"


class Conduct:
    """The conduct of a window and the judgement on it; each part is computed once, when asked for.

    Parameters
    ----------
    served
        The service of the window: the levels that were agreed, and the days as a customer.
    """

    def __init__(self, served: Served) -> None:
        self.served, self.ledger = served, served.ledger
        self.policy, self.checked, self.window = served.policy, served.checked, served.window
        self.choices = self.policy.difficulty

    @cached_property
    def listed(self) -> pd.DataFrame:
        """The accounts of the window."""
        return self.ledger.accounts[["customer_id"]]

    @cached_property
    def cases(self) -> Any | None:
        """The window's cases with the chance that we failed each (kept in the engine); None without cases."""
        import ibis

        cases = self.checked.get("cases")
        if cases is None:
            return None
        listed = ibis.memtable(self.listed, schema={"customer_id": "string"})
        facts = case_facts(
            cases,
            self.checked.get("case_updates"),
            self.ledger.events,
            self._agreed_answers,
            self.ledger.costing,
            self.choices,
            self.window,
            WorkingTime.of(self.policy),
        )
        name = f"{self.window.end:%Y%m%d}_{self.window.months}"
        kept = self.ledger.engine.keep(f"case_facts_{name}", with_patterns(facts, listed))
        chances = failure_chances(patterns(kept), self.choices.least_causes)
        return self.ledger.engine.keep(f"cases_judged_{name}", with_chances(kept, chances))

    @property
    def _agreed_answers(self) -> Any:
        """The hours to a first answer that were agreed with accounts (Ibis)."""
        import ibis

        names = [name for name, a in self.policy.service.items() if a.measure == RESPONSE]
        levels = self.served.levels
        agreed = levels[levels.attribute.isin(names) & levels.entitled.notna()]
        hours = agreed.groupby("customer_id", as_index=False).entitled.min().rename(columns={"entitled": "hours"})
        return ibis.memtable(hours, schema={"customer_id": "string", "hours": "float64"})

    @cached_property
    def _payments(self) -> pd.DataFrame | None:
        invoices = owed(self.checked, self.window.end)
        if invoices is None:
            return None
        failures = None
        if self.cases is not None:
            failed = self.cases.filter(self.cases.chance >= FAILED_FROM)
            failures = failed.select("customer_id", "opened_at", "closed_at")
        found: pd.DataFrame = payment_conduct(invoices, self.checked.get("payments"), failures, self.window).to_pandas()
        return found

    @cached_property
    def _orders(self) -> pd.DataFrame | None:
        events, costing = self.ledger.events, self.ledger.costing
        if events is None or costing is None:
            return None
        found: pd.DataFrame = rush_orders(
            events, self.ledger.lines, costing, self.choices.surcharge_products
        ).to_pandas()
        return found

    @cached_property
    def lifts(self) -> pd.DataFrame | None:
        """What a failure of ours adds to each outcome; None without cases."""
        return None if self.cases is None else lifts(self.case_sums, self.choices.least_causes)

    @cached_property
    def case_sums(self) -> pd.DataFrame:
        """The cases summed to one row per account that has any."""
        return sums_by_account(self.cases)

    @cached_property
    def sums(self) -> pd.DataFrame:
        """Everything that is counted of an account: one row per account of the window; empty where not measured."""
        found = self.listed[["customer_id"]]
        parts = [self._of_cases, self._of_orders, self._payments, self._beyond_agreement]
        for part in parts:
            if part is not None:
                found = found.merge(part, on="customer_id", how="left")
        columns = dict.fromkeys([*found.columns, *SUMS])
        found = found.reindex(columns=list(columns))
        for name, table in (("cases", "cases"), ("invoices", "invoices")):
            found[name] = found[name].fillna(0.0) if table in self.checked else found[name]
        return found.assign(disputed_invoices=found.rejected + found.open_disputes + found.upheld)

    @property
    def _of_cases(self) -> pd.DataFrame | None:
        """The sums of the cases: what was agreed left out, what our failures explain told apart."""
        if self.cases is None or self.lifts is None:
            return None
        known = self.recorded("service_events", ("after_hours", "requested", "rush", "case_id"))
        on_cases = "case_id" in known
        rows = ours_of(self.case_sums, self.lifts)
        noticed = bool(self.recorded("cases", ("needed_by",))) or (on_cases and "rush" in known)
        shares = {
            "short_notice": self.beyond("rush", rows.assign(events=rows.short_notice, minutes=0.0)),
            "after_hours": self.beyond("after_hours", rows.assign(events=rows.evening, minutes=rows.evening_minutes)),
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

    @property
    def _beyond_agreement(self) -> pd.DataFrame | None:
        """The work that is known to be within an agreement or beyond it, by account; None where nobody recorded it."""
        if self.ledger.events is None or not self.recorded("service_events", ("in_scope",)):
            return None
        found: pd.DataFrame = work_beyond(self.ledger.measured_events).to_pandas()
        return found

    @property
    def _of_orders(self) -> pd.DataFrame | None:
        if self._orders is None or not self.recorded("service_events", ("rush",)):
            return None
        used = self._orders.assign(events=self._orders.rushed, minutes=0.0)
        beyond = self._orders.rushed * self.beyond("rush", used)
        return self._orders.assign(rushed=beyond, **{f"rushed{SUFFIX}": self._orders.rushed})

    def beyond(self, flag: str, used: pd.DataFrame) -> pd.Series[float]:
        """Return the share of what each account demanded that no agreement covers, as `beyond_agreed` does."""
        levels, days = self.served.levels, self.served.days
        mine = used[["customer_id", "events", "minutes"]]
        return beyond_agreed(mine, levels, days, self.policy.service, flag, self.window)

    def recorded(self, table: str, names: tuple[str, ...]) -> set[str]:
        """Return which columns of a table hold anything."""
        rows = self.checked.get(table)
        if rows is None:
            return set()
        counts = rows.aggregate(**{name: rows[name].count() for name in names}).to_pandas().iloc[0]
        return {name for name in names if counts[name]}

    @cached_property
    def measured(self) -> Measured:
        """The behaviours that are measured, with every account's rates."""
        return measured(self.sums, enough(self.sums, self.choices).to_numpy(dtype=bool), self.choices)

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """The judgement on difficulty: one row per account of the window."""
        return judge_difficulty(self.sums, self.measured, self.choices)

    @cached_property
    def behaviours(self) -> pd.DataFrame:
        """What each account's trouble is made of: `tables/behaviours`."""
        return contributions(self.sums, self.measured, self.accounts)

    @property
    def own_rates(self) -> pd.DataFrame:
        """Each account's own rates after shrinkage: customer_id, and a column a behaviour that is measured."""
        return wide(self.sums, self.measured)
