"""How we deal with accounts: what we fail them with, how we talk with them, and who should talk next."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from analysis.data.contract import conform, empty
from analysis.judgement.our_failures import our_failures
from analysis.ledger.communication import after_projects, cases_by_account, people_met, reminders, time_spent
from analysis.ledger.halfway import halfway
from analysis.ledger.ratings import ratings_in_time
from analysis.ledger.who_knows import departments_met, said
from analysis.tables.conduct import Conduct

if TYPE_CHECKING:
    import pandas as pd

#: What is 0 where an account has none.
COUNTED = (
    *("cases", "people", "departments", "minutes_serving", "minutes_obtaining", "projects", "followed"),
    *("care_contacts", "sales_contacts", "reminders", "reminders_while_waiting"),
)


class Dealings:
    """Our dealings with the accounts of a window; each part is computed once, when asked for.

    Parameters
    ----------
    conduct
        How accounts and we treat each other, and how difficult that makes them.
    """

    def __init__(self, conduct: Conduct) -> None:
        self.conduct, self.ledger, self.checked = conduct, conduct.ledger, conduct.checked
        self.policy, self.window, self.choices = conduct.policy, conduct.window, conduct.choices

    @cached_property
    def our_failures(self) -> pd.DataFrame:
        """What we fail each account with: `tables/our_failures`."""
        sums = self.conduct.sums
        if self._projects is not None:
            after = self._projects.assign(dropped=self._projects.projects - self._projects.followed)
            sums = sums.merge(after[["customer_id", "projects", "dropped"]], on="customer_id", how="left")
        return our_failures(sums)

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
            self.conduct.cases is None
            or events is None
            or costing is None
            or not self.conduct.recorded("service_events", ("contact",))
        ):
            return None
        days = self.choices.after_project_days
        found: pd.DataFrame = after_projects(
            self.conduct.cases, events, costing, self.choices.dunning_activities, days, self.window
        ).to_pandas()
        return found

    @cached_property
    def communication(self) -> pd.DataFrame:
        """The relationship from the customer's side of the table: `tables/communication`."""
        found = self.conduct.listed[["customer_id"]]
        events, cases = self.ledger.events, self.conduct.cases
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
        if "dates_given_share" in found and not found.dates_given_share.fillna(0).any():
            found["dates_given_share"] = float("nan")  # no date is on record: not a promise withheld in every case
        if "projects" in found:
            found["contact_after_project"] = (found.followed == found.projects).where(found.projects > 0)
        if "reminders" in found:
            found["dunned_while_waiting"] = found.reminders_while_waiting > 0
        return conform(found, "communication")

    @property
    def _reminders(self) -> pd.DataFrame | None:
        if self.ledger.events is None or self.conduct.cases is None or not self._dunning:
            return None
        found: pd.DataFrame = reminders(self.ledger.events, self.conduct.cases, self._dunning).to_pandas()
        return found

    @property
    def halfway(self) -> pd.DataFrame:
        """What customers could do to meet us half way: `tables/halfway`."""
        events, costing = self.ledger.events, self.ledger.costing
        if events is None or costing is None:
            return empty("halfway")
        found = halfway(events, costing, self.ledger.rates)
        found = found[found.customer_id.isin(self.conduct.listed.customer_id)]
        if self.conduct.cases is not None:
            sums = self.conduct.case_sums
            used = sums.assign(events=sums.evening, minutes=sums.evening_minutes)
            beyond = self.conduct.beyond("after_hours", used).set_axis(used.customer_id)
            share = found.customer_id.map(beyond).astype("float64").fillna(1.0)
            found = found.assign(worth=found.worth.where(found.step != "office_hours", found.worth * share))
        return conform(found[found.worth > 0], "halfway")

    @property
    def _to_meet(self) -> Any:
        """The accounts to talk about: the difficult, and those that our failures made so (Ibis)."""
        import ibis

        flags = self.conduct.accounts[["difficult", "difficult_by_us"]].fillna(False).astype(bool)
        chosen = self.conduct.accounts[flags.any(axis=1)]
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
        choices = self.policy.perception
        recent = ratings_in_time(perceptions, self.window, choices.months)
        return conform(said(recent, self._to_meet, self.window.after, choices.shown_raters), "would_help")
