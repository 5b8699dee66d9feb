"""How we deal with accounts: what we fail them with, how we talk with them, and who should talk next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.data.checks import Checked
from analysis.data.contract import conform, empty
from analysis.ledger.ledger import Ledger
from analysis.policy import Policy
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.difficulty.judgement.our_failures import our_failures as failed_with
from analysis.topics.difficulty.measures.communication import after_projects, cases_by_account, people_met, time_spent
from analysis.topics.difficulty.measures.communication import reminders as reminders_sent
from analysis.topics.difficulty.measures.halfway import halfway as steps_halfway
from analysis.topics.difficulty.measures.ratings import ratings_in_time
from analysis.topics.difficulty.measures.who_knows import departments_met, said
from analysis.topics.difficulty.tables import Agreed
from analysis.window import Window

if TYPE_CHECKING:
    import ibis
    import pandas as pd

#: What is 0 where an account has none.
COUNTED = (
    *("cases", "people", "departments", "minutes_serving", "minutes_obtaining", "projects", "followed"),
    *("care_contacts", "sales_contacts", "reminders", "reminders_while_waiting"),
)


@CATALOGUE.part("difficulty.dunning_activities", "difficulty.after_project_days")
def projects(
    cases_judged: ibis.Table | None, ledger: Ledger, checked: Checked, policy: Policy, window: Window
) -> pd.DataFrame | None:
    """Return what came after each account's projects; None where no contact, no case or no work is recorded."""
    events, costing, choices = ledger.events, ledger.costing, policy.difficulty
    if cases_judged is None or events is None or costing is None:
        return None
    if not checked.says("service_events", "contact"):
        return None
    found: pd.DataFrame = after_projects(
        cases_judged, events, costing, choices.dunning_activities, choices.after_project_days, window
    ).to_pandas()
    return found


@CATALOGUE.table()
def our_failures(conduct: pd.DataFrame, projects: pd.DataFrame | None) -> pd.DataFrame:
    """Return what we fail each account with."""
    if projects is not None:
        after = projects.assign(dropped=projects.projects - projects.followed)
        conduct = conduct.merge(after[["customer_id", "projects", "dropped"]], on="customer_id", how="left")
    return failed_with(conduct)


@CATALOGUE.part("difficulty.dunning_activities")
def dunning(ledger: Ledger, policy: Policy) -> list[str]:
    """Return the costing's activities that remind of a payment."""
    known = ledger.costing.activities if ledger.costing else {}
    return [name for name in policy.difficulty.dunning_activities if name in known]


@CATALOGUE.part()
def reminders(ledger: Ledger, cases_judged: ibis.Table | None, dunning: list[str]) -> pd.DataFrame | None:
    """Return the reminders of a payment, those sent while a case waited apart; None where none can be told."""
    if ledger.events is None or cases_judged is None or not dunning:
        return None
    found: pd.DataFrame = reminders_sent(ledger.events, cases_judged, dunning).to_pandas()
    return found


@CATALOGUE.table()
def communication(
    listed: pd.DataFrame,
    ledger: Ledger,
    cases_judged: ibis.Table | None,
    projects: pd.DataFrame | None,
    reminders: pd.DataFrame | None,
) -> pd.DataFrame:
    """Return the relationship from the customer's side of the table."""
    found = listed
    parts = [
        None if cases_judged is None else cases_by_account(cases_judged).to_pandas(),
        None if ledger.events is None else people_met(ledger.events).to_pandas(),
        None if ledger.work is None else time_spent(ledger.work).to_pandas(),
        projects,
        reminders,
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


@CATALOGUE.table()
def halfway(ledger: Ledger, listed: pd.DataFrame, case_sums: pd.DataFrame | None, agreed: Agreed) -> pd.DataFrame:
    """Return what customers could do to meet us half way."""
    if ledger.events is None or ledger.costing is None:
        return empty("halfway")
    found = steps_halfway(ledger.events, ledger.costing, ledger.rates)
    found = found[found.customer_id.isin(listed.customer_id)]
    if case_sums is not None:
        used = case_sums.assign(events=case_sums.evening, minutes=case_sums.evening_minutes)
        beyond = agreed.beyond("after_hours", used).set_axis(used.customer_id)
        share = found.customer_id.map(beyond).astype("float64").fillna(1.0)
        found = found.assign(worth=found.worth.where(found.step != "office_hours", found.worth * share))
    return conform(found[found.worth > 0], "halfway")


@CATALOGUE.part()
def to_meet(difficulty_judgement: pd.DataFrame) -> ibis.Table:
    """Return the accounts to talk about: the difficult, and those that our failures made so (Ibis)."""
    import ibis

    flags = difficulty_judgement[["difficult", "difficult_by_us"]].fillna(False).astype(bool)
    chosen = difficulty_judgement[flags.any(axis=1)]
    return ibis.memtable(chosen[["customer_id"]], schema={"customer_id": "string"})


@CATALOGUE.table()
def who_knows(ledger: Ledger, dunning: list[str], to_meet: ibis.Table) -> pd.DataFrame:
    """Return who should be in the room."""
    if ledger.events is None or ledger.costing is None:
        return empty("who_knows")
    return conform(departments_met(ledger.events, ledger.costing, dunning, to_meet), "who_knows")


@CATALOGUE.table("perception.months", "perception.shown_raters")
def would_help(checked: Checked, to_meet: ibis.Table, policy: Policy, window: Window) -> pd.DataFrame:
    """Return what staff say would help."""
    perceptions = checked.get("perceptions")
    if perceptions is None:
        return empty("would_help")
    recent = ratings_in_time(perceptions, window, policy.perception.months)
    return conform(said(recent, to_meet, window.after, policy.perception.shown_raters), "would_help")
