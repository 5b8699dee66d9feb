"""How we talk with accounts, seen from the customer's side of the table: on the engine, one row per account."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from analysis.ledger.costing import Costing
from analysis.window import Window

if TYPE_CHECKING:
    import ibis

COMPLAINT, PROJECT = "complaint", "project"


def cases_by_account(cases: ibis.Table) -> ibis.Table:
    """Return how each account's cases were answered.

    Columns: customer_id, cases, dates_given_share, dates_kept_share (of those whose first date has passed or that were
    done), first_response_hours (median), longest_silence_days, handoffs_per_case (mean), people_per_case and
    departments_per_case (means over the cases with logged work).
    """
    judged = cases.missed.notnull()
    kept = (judged & ~cases.missed).fill_null(False)
    return cases.group_by("customer_id").aggregate(
        cases=cases.count(),
        dates_given_share=_share(cases.dated.sum(), cases.count()),
        dates_kept_share=_share(kept.sum(), judged.sum()),
        first_response_hours=cases.answer_hours.median(),
        longest_silence_days=cases.silence_days.max(),
        handoffs_per_case=cases.hands.mean(),
        people_per_case=cases.people.mean(),
        departments_per_case=cases.departments.mean(),
    )


def _share(part: ibis.Scalar, whole: ibis.Scalar) -> ibis.Scalar:
    return part.cast("float64") / whole.cast("float64").nullif(0.0)


def people_met(events: ibis.Table) -> ibis.Table:
    """Return customer_id, people and departments that the account met; internal work is no meeting."""
    met = events.filter(events.customer_id.notnull(), events.contact.fill_null("in") != "none")
    return met.group_by("customer_id").aggregate(people=met.worker.nunique(), departments=met.department.nunique())


def time_spent(work: ibis.Table) -> ibis.Table:
    """Return customer_id, minutes_serving and minutes_obtaining (winning new business)."""
    mine = work.filter(work.assigned)
    minutes = mine.minutes.cast("float64")
    return mine.group_by("customer_id").aggregate(
        minutes_serving=minutes.sum(where=mine.serves).fill_null(0.0),
        minutes_obtaining=minutes.sum(where=~mine.serves).fill_null(0.0),
    )


def after_projects(
    cases: ibis.Table, events: ibis.Table, costing: Costing, no_contact: Iterable[str], days: int, window: Window
) -> ibis.Table:
    """Return whether anybody was in touch after a project closed, and what about.

    Parameters
    ----------
    no_contact
        Activities that are no care: reminders of a payment.
    days
        After the close within which somebody should have been; a project that closed later than so many days before
        the window's end is left out, unless somebody was.

    Returns
    -------
    Table
        customer_id, projects (closed), followed (with any contact of ours), care_contacts and sales_contacts (those
        with purpose `obtain`).
    """
    import ibis

    selling = [name for name, activity in costing.activities.items() if activity.purpose == "obtain"]
    amends = [name for name, activity in costing.activities.items() if activity.demand == "failure"]
    none_of_it = [*no_contact, *amends]
    ours = events.filter(events.contact == "out")
    ours = ours.filter(~ours.activity.isin(none_of_it)) if none_of_it else ours
    closed = cases.filter(cases.kind == PROJECT, cases.closed_at.notnull())
    closed = closed.select("case_id", "customer_id", "closed_at")
    pairs = closed.inner_join(ours.select("customer_id", "activity", moment="at"), "customer_id")
    since = pairs.moment.epoch_seconds() - pairs.closed_at.epoch_seconds()
    near = pairs.filter(since > 0, since <= days * 86_400)
    # Ibis gives `isin` of no value the type of no value, which cannot be negated.
    sells = near.activity.isin(selling) if selling else ibis.literal(False)
    marked = near.mutate(sells=sells)
    counts = marked.group_by("case_id").aggregate(care=(~marked.sells).sum(), sales=marked.sells.sum())
    rows = closed.left_join(counts, "case_id").drop("case_id_right")
    rows = rows.mutate(care=rows.care.fill_null(0), sales=rows.sales.fill_null(0))
    over = rows.closed_at < ibis.literal(window.after - timedelta(days=days)).cast("timestamp")
    rows = rows.filter(over | (rows.care + rows.sales > 0))
    return rows.group_by("customer_id").aggregate(
        projects=rows.count(),
        followed=(rows.care + rows.sales > 0).sum(),
        care_contacts=rows.care.sum(),
        sales_contacts=rows.sales.sum(),
    )


def reminders(events: ibis.Table, cases: ibis.Table, dunning: Iterable[str]) -> ibis.Table:
    """Return customer_id, reminders of a payment, and `reminders_while_waiting`: while a complaint of its was open."""
    sent = events.filter(events.activity.isin([*dunning]), events.customer_id.notnull())
    sent = sent.select("event_id", "customer_id", moment="at")
    complaints = cases.filter(cases.kind == COMPLAINT).select("customer_id", "opened_at", "closed_at")
    pairs = sent.inner_join(complaints, "customer_id")
    waiting = pairs.filter(pairs.opened_at <= pairs.moment, (pairs.closed_at > pairs.moment) | pairs.closed_at.isnull())
    marked = sent.mutate(waiting=sent.event_id.isin(waiting.event_id))
    return marked.group_by("customer_id").aggregate(
        reminders=marked.count(), reminders_while_waiting=marked.waiting.sum()
    )
