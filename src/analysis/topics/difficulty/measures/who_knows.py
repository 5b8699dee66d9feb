"""Who should be in the room: which departments dealt with an account, and what each of them knows of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from analysis.ledger.costing import Costing

if TYPE_CHECKING:
    import ibis
    import pandas as pd


def departments_met(events: ibis.Table, costing: Costing, dunning: Iterable[str], accounts: ibis.Table) -> pd.DataFrame:
    """Return the work of each department for the accounts given, the most first.

    Parameters
    ----------
    events
        The window's events, minutes settled.
    dunning
        Activities that remind of a payment.
    accounts
        customer_id (Ibis).

    Returns
    -------
    DataFrame
        customer_id, department, pieces, cases, minutes, rushes, evenings, beyond (beyond the agreement), amends and
        reminders: pieces of work of each kind.
    """
    mending = [name for name, activity in costing.activities.items() if activity.demand == "failure"]
    rows = events.filter(events.department.notnull()).semi_join(accounts, "customer_id")
    kinds = {
        "rushes": rows.rush.fill_null(False),
        "evenings": rows.after_hours.fill_null(False) & rows.requested.fill_null(True),
        "beyond": (~rows.in_scope).fill_null(False),
        "amends": rows.activity.isin(mending) if mending else rows.activity.isnull(),
        "reminders": rows.activity.isin(list(dunning)) if dunning else rows.activity.isnull(),
    }
    summed = rows.group_by("customer_id", "department").aggregate(
        pieces=rows.count(),
        cases=rows.case_id.nunique(),
        minutes=rows.minutes.sum().cast("float64"),
        **{name: holds.sum() for name, holds in kinds.items()},
    )
    frame: pd.DataFrame = summed.to_pandas()
    by = ["customer_id", "minutes", "department"]
    return frame.sort_values(by, ascending=[True, False, True], ignore_index=True)


def said(perceptions: ibis.Table, accounts: ibis.Table, after: date, least: int) -> pd.DataFrame:
    """Return what staff say would help with the accounts given, and what they are willing to do; nobody is named.

    Parameters
    ----------
    perceptions
        The contract's table, its raters pseudonyms.
    accounts
        customer_id (Ibis).
    after
        The day after the last one whose words count.
    least
        People who rated an account, below whom nothing is told of what they said. Where the table names nobody at all,
        each rating counts as one person.

    Returns
    -------
    DataFrame
        customer_id, topic (`would_help` or `willing_to`), words, times; what is said most comes first.
    """
    import pandas as pd

    known = perceptions.filter(perceptions.rated_on < after)
    mine = known.semi_join(accounts, "customer_id")
    people = mine.group_by("customer_id").aggregate(named=mine.rater.nunique(), every=mine.count())
    named = known.rater.count() > 0
    people = people.mutate(people=named.as_scalar().ifelse(people.named, people.every))
    mine = mine.semi_join(people.filter(people.people >= least), "customer_id")
    parts = []
    for topic in ("would_help", "willing_to"):
        rows = mine.filter(mine[topic].strip() != "")
        words = rows.group_by("customer_id", words=rows[topic].strip()).aggregate(times=rows.count())
        parts.append(words.to_pandas().assign(topic=topic))
    found = pd.concat(parts, ignore_index=True)
    by = ["customer_id", "topic", "times", "words"]
    return found.sort_values(by, ascending=[True, True, False, True], ignore_index=True)
