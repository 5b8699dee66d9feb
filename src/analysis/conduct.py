"""How accounts and we treat each other: behaviours, our failures and whose trouble it is, from the ledger."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from analysis.data.contract import conform, empty
from analysis.judgement.agreed import beyond_agreed
from analysis.judgement.behaviours import SUMS, Measured, contributions, measured, wide
from analysis.judgement.difficulty import judge_difficulty, made_by_us
from analysis.judgement.our_failures import our_failures
from analysis.judgement.whose_trouble import FOLDS, failure_chances, lifts, ours_of
from analysis.ledger.case_facts import case_facts
from analysis.ledger.case_sums import patterns, sums_by_account, with_chances, with_patterns
from analysis.ledger.communication import after_projects, cases_by_account, people_met, reminders, time_spent
from analysis.ledger.halfway import halfway
from analysis.ledger.payment_conduct import payment_conduct
from analysis.ledger.rush_orders import rush_orders
from analysis.ledger.who_knows import departments_met, said
from analysis.served import Served

if TYPE_CHECKING:
    import pandas as pd

#: What is 0 where an account has none.
COUNTED = (
    *("cases", "people", "departments", "minutes_serving", "minutes_obtaining", "projects", "followed"),
    *("care_contacts", "sales_contacts", "reminders", "reminders_while_waiting"),
)
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
    def _listed(self) -> pd.DataFrame:
        """The accounts of the window, each in a fold."""
        listed = self.ledger.accounts[["customer_id"]]
        return listed.assign(fold=range(len(listed))).assign(fold=lambda rows: rows.fold % FOLDS)

    @cached_property
    def cases(self) -> Any | None:
        """The window's cases with the chance that we failed each (kept in the engine); None without cases."""
        import ibis

        cases = self.checked.get("cases")
        if cases is None:
            return None
        schema = {"customer_id": "string", "fold": "int64"}
        folds = ibis.memtable(self._listed, schema=schema)
        facts = case_facts(
            cases,
            self.checked.get("case_updates"),
            self.ledger.events,
            self._agreed_answers,
            self.ledger.costing,
            self.choices,
            self.window,
        )
        name = f"{self.window.end:%Y%m%d}_{self.window.months}"
        kept = self.ledger.engine.keep(f"case_facts_{name}", with_patterns(facts, folds))
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
        invoices = self.checked.get("invoices")
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
        """What a failure of ours adds to each outcome, by fold; None without cases."""
        return None if self.cases is None else lifts(self._case_sums, self.choices.least_causes)

    @cached_property
    def _case_sums(self) -> pd.DataFrame:
        return sums_by_account(self.cases)

    @cached_property
    def sums(self) -> pd.DataFrame:
        """Everything that is counted of an account: one row per account of the window; empty where not measured."""
        found = self._listed[["customer_id"]]
        parts = [self._of_cases, self._of_orders, self._payments, self._projects]
        for part in parts:
            if part is not None:
                found = found.merge(part, on="customer_id", how="left")
        columns = dict.fromkeys([*found.columns, *SUMS])
        found = found.reindex(columns=list(columns))
        for name, table in (("cases", "cases"), ("invoices", "invoices")):
            found[name] = found[name].fillna(0.0) if table in self.checked else found[name]
        return found.assign(
            disputed=found.rejected + self.choices.open_dispute * found.open_disputes + found.upheld,
            disputed_ours=found.upheld,
        )

    @property
    def _of_cases(self) -> pd.DataFrame | None:
        """The sums of the cases: what was agreed left out, what our failures explain told apart."""
        if self.cases is None or self.lifts is None:
            return None
        known = self._recorded("service_events", ("after_hours", "in_scope", "rush", "case_id"))
        on_cases = "case_id" in known
        rows = ours_of(self._case_sums, self.lifts)
        noticed = bool(self._recorded("cases", ("needed_by",))) or (on_cases and "rush" in known)
        shares = {
            "short_notice": self._beyond("rush", rows.assign(events=rows.short_notice, minutes=0.0)),
            "after_hours": self._beyond("after_hours", rows.assign(events=rows.evening, minutes=rows.evening_minutes)),
        }
        rows = rows.assign(**{name: rows[name] * share for name, share in shares.items()})
        unknown = {
            "short_notice": not noticed,
            "out_of_scope": not (on_cases and "in_scope" in known),
            "after_hours": not (on_cases and "after_hours" in known),
        }
        return rows.assign(**{name: float("nan") for name, missing in unknown.items() if missing})

    @property
    def _of_orders(self) -> pd.DataFrame | None:
        if self._orders is None or not {"rush", "order_id"} <= self._recorded("service_events", ("rush", "order_id")):
            return None
        used = self._orders.assign(events=self._orders.rushed, minutes=0.0)
        return self._orders.assign(rushed=self._orders.rushed * self._beyond("rush", used))

    def _beyond(self, flag: str, used: pd.DataFrame) -> pd.Series[float]:
        levels, days = self.served.levels, self.served.days
        mine = used[["customer_id", "events", "minutes"]]
        return beyond_agreed(mine, levels, days, self.policy.service, flag, self.window)

    def _recorded(self, table: str, names: tuple[str, ...]) -> set[str]:
        """Return which columns of a table hold anything."""
        rows = self.checked.get(table)
        if rows is None:
            return set()
        counts = rows.aggregate(**{name: rows[name].count() for name in names}).to_pandas().iloc[0]
        return {name for name in names if counts[name]}

    @cached_property
    def measured(self) -> Measured:
        """The behaviours that are measured, with every account's rates."""
        return measured(self.sums)

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """The judgement on difficulty: one row per account of the window."""
        return judge_difficulty(self.sums, self.measured, self.choices)

    @cached_property
    def behaviours(self) -> pd.DataFrame:
        """What each account's trouble is made of: `tables/behaviours`."""
        return contributions(self.sums, self.measured, self.accounts, self.choices)

    @property
    def own_rates(self) -> pd.DataFrame:
        """Each account's own rates after shrinkage: customer_id, and a column a behaviour that is measured."""
        return wide(self.sums, self.measured)

    @cached_property
    def our_failures(self) -> pd.DataFrame:
        """What we fail each account with: `tables/our_failures`."""
        dropped = self.sums.projects - self.sums.followed
        return our_failures(self.sums.assign(dropped=dropped))

    @property
    def _dunning(self) -> list[str]:
        """The costing's activities that remind of a payment."""
        known = self.ledger.costing.activities if self.ledger.costing else {}
        return [name for name in self.choices.dunning_activities if name in known]

    @cached_property
    def _projects(self) -> pd.DataFrame | None:
        """What came after each account's projects; None without cases and events, or where no contact is recorded."""
        events, costing = self.ledger.events, self.ledger.costing
        if (
            self.cases is None
            or events is None
            or costing is None
            or not self._recorded("service_events", ("contact",))
        ):
            return None
        days = self.choices.after_project_days
        found: pd.DataFrame = after_projects(
            self.cases, events, costing, self.choices.dunning_activities, days, self.window
        ).to_pandas()
        return found

    @cached_property
    def communication(self) -> pd.DataFrame:
        """The relationship from the customer's side of the table: `tables/communication`."""
        found = self._listed[["customer_id"]]
        events, cases = self.ledger.events, self.cases
        parts = [
            None if cases is None else cases_by_account(cases).to_pandas(),
            None if events is None else people_met(events).to_pandas(),
            None if self.ledger.work is None else time_spent(self.ledger.work).to_pandas(),
            self._projects,
            self._reminders,
        ]
        for part in parts:
            if part is not None:
                found = found.merge(part, on="customer_id", how="left")
        found = found.assign(**{name: found[name].fillna(0) for name in COUNTED if name in found})
        if "projects" in found:
            found["contact_after_project"] = (found.followed == found.projects).where(found.projects > 0)
        if "reminders" in found:
            found["dunned_while_waiting"] = found.reminders_while_waiting > 0
        return conform(found, "communication")

    @property
    def _reminders(self) -> pd.DataFrame | None:
        if self.ledger.events is None or self.cases is None or not self._dunning:
            return None
        found: pd.DataFrame = reminders(self.ledger.events, self.cases, self._dunning).to_pandas()
        return found

    @property
    def halfway(self) -> pd.DataFrame:
        """What customers could do to meet us half way: `tables/halfway`."""
        events, costing = self.ledger.events, self.ledger.costing
        if events is None or costing is None:
            return empty("halfway")
        found = halfway(events, costing, self.ledger.rates)
        found = found[found.customer_id.isin(self._listed.customer_id)]
        if self.cases is not None:
            used = self._case_sums.assign(events=self._case_sums.evening, minutes=self._case_sums.evening_minutes)
            share = found.customer_id.map(self._beyond("after_hours", used).set_axis(used.customer_id)).fillna(1.0)
            found = found.assign(worth=found.worth.where(found.step != "office_hours", found.worth * share))
        return conform(found[found.worth > 0], "halfway")

    @property
    def _to_meet(self) -> Any:
        """The accounts to talk about: the difficult, and those that our failures made so (Ibis)."""
        import ibis

        difficult = self.accounts.difficult.fillna(False).astype(bool)
        chosen = self.accounts[difficult | made_by_us(self.accounts, self.choices)]
        return ibis.memtable(chosen[["customer_id"]], schema={"customer_id": "string"})

    @property
    def who_knows(self) -> pd.DataFrame:
        """Who should be in the room: `tables/who_knows`."""
        events, costing = self.ledger.events, self.ledger.costing
        if events is None or costing is None:
            return empty("who_knows")
        return conform(departments_met(events, costing, self._dunning, self._to_meet), "who_knows")

    @property
    def would_help(self) -> pd.DataFrame:
        """What staff say would help: `tables/would_help`."""
        perceptions = self.checked.get("perceptions")
        if perceptions is None:
            return empty("would_help")
        return conform(
            said(perceptions, self._to_meet, self.window.after, self.policy.perception.shown_raters), "would_help"
        )
