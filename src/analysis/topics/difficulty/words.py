"""What the tables of difficulty are called on a page, and what an account's trouble is made of in words."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, capital, count, counted, is_known, listed, money, number
from analysis.reporting.known import flags
from analysis.reporting.markup import plain, spoken, titled
from analysis.reporting.told import told_count
from analysis.run import Run

BEHAVIOURS = {
    "short_notice": "Short notice",
    "rush_orders": "Rush orders",
    "out_of_scope": "Work beyond the agreement",
    "after_hours": "After hours",
    "escalations": "Escalations",
    "reopenings": "Reopenings",
    "disputes": "Disputes",
    "late_payment": "Late payment",
    "dissatisfied": "Dissatisfaction",
}
STEPS = {
    "notice": ("Two days' notice", "done in a rush"),
    "office_hours": ("Asking within office hours", "after hours, beyond what was agreed"),
    "one_list": ("All requests in one list, agreed on beforehand", "beyond the agreement"),
    "portal": ("The portal instead of the phone", "by phone"),
}
QUESTIONS = {
    "short_notice": "What would let you tell us two days ahead?",
    "rush_orders": "Which orders must be there the same day, and what is that worth to you?",
    "out_of_scope": "Which of the extra work do you count on, so that we can put it into the agreement?",
    "after_hours": "What happens in your evenings that cannot wait for the morning?",
    "escalations": "Whom should you reach before it has to go above our heads?",
    "reopenings": "How do we agree on what done means before we start?",
    "disputes": "What is it in our invoices that does not fit your orders?",
    "late_payment": "What does an invoice need so that you can pay it on its day?",
    "dissatisfied": "You were often not content: what had you hoped for?",
}
#: The kinds of work that a department knows an account by: column, one, many.
KNOWN_BY = (
    ("rushes", "rush", "rushes"),
    ("evenings", "evening", "evenings"),
    ("beyond", "piece of work beyond the agreement", "pieces of work beyond the agreement"),
    ("amends", "failure to mend", "failures to mend"),
    ("reminders", "reminder", "reminders"),
)
#: Points of difficulty from which a behaviour is told, and how many are.
TOLD_FROM, TOLD = 3.0, 4
#: How many times more than usual we failed an account, from which it is told.
MORE_FROM = 0.5


def behaviour_title(code: object) -> str:
    """Give a behaviour's readable title.

    Examples
    --------
    >>> behaviour_title("out_of_scope")
    'Work beyond the agreement'
    """
    return BEHAVIOURS.get(str(code)) or titled(code)


def difficult(run: Run) -> pd.DataFrame:
    """Give the difficult accounts, the most difficult first."""
    chosen = run.accounts[flags(run.accounts["difficult"])]
    return chosen.sort_values(["difficulty", "customer_id"], ascending=[False, True])


def line(run: Run) -> float | None:
    """Give the least difficulty of an account that stands apart; None where none does."""
    found = difficult(run)["difficulty"]
    return float(found.min()) if len(found) else None


def by_our_failures(run: Run) -> pd.DataFrame:
    """Give the accounts whose trouble is as large, and for half or more our own doing; the most of it first."""
    chosen = run.accounts[flags(run.accounts["difficult_by_us"])]
    return chosen.sort_values(["trouble", "customer_id"], ascending=[False, True])


def scored(run: Run) -> int:
    """Count the accounts that are scored."""
    return told_count(run, "difficulty_scored")


def made_of(behaviours: pd.DataFrame, customer_id: object) -> pd.DataFrame:
    """Give the behaviours that make an account difficult, the weightiest first."""
    mine = behaviours[(behaviours["customer_id"] == customer_id) & behaviours["sentence"].notna()]
    mine = mine[mine["difficulty_points"] >= TOLD_FROM]
    return mine.sort_values(["difficulty_points", "behaviour"], ascending=[False, True]).head(TOLD)


def in_words(rows: pd.DataFrame) -> str:
    """Say the behaviours in one sentence; nothing where there is none.

    Examples
    --------
    >>> in_words(pd.DataFrame({"sentence": ["escalated 4 of 10 cases", "disputed 2 of 8 invoices"]}))
    'Escalated 4 of 10 cases and disputed 2 of 8 invoices'
    >>> in_words(pd.DataFrame({"sentence": ["escalated 4 of 10 cases, one of them late", "disputed 2 of 8 invoices"]}))
    'Escalated 4 of 10 cases, one of them late; disputed 2 of 8 invoices'
    """
    told = [plain(sentence) for sentence in rows["sentence"]]
    words = "; ".join(told) if any("," in sentence for sentence in told) else listed(told)
    return capital(words)


def failures_of(failures: pd.DataFrame, customer_id: object) -> pd.DataFrame:
    """Give what we fail an account with more often than usual, the worst against the usual first."""
    mine = failures[(failures["customer_id"] == customer_id) & failures["sentence"].notna()]
    mine = mine.assign(more=mine["count"] - mine["of"] * mine["rate_usual"])
    mine = mine[mine["more"] >= MORE_FROM]
    return mine.sort_values(["more", "failure"], ascending=[False, True]).head(TOLD)


def step_in_words(row: dict[str, object], currency: str) -> str:
    """Say what a customer could do and what it is worth."""
    what, concerned = STEPS.get(str(row["step"])) or (titled(row["step"], 60), "")
    worth = f"{what}: up to {money(row['worth'], currency)}"
    if not is_known(row["pieces"]) or not concerned:
        return f"{worth}."
    pieces = counted(int(row["pieces"]), "piece")  # type: ignore[call-overload]
    return f"{worth} (in this window {pieces} of work {concerned})."


def knows(row: dict[str, object]) -> str:
    """Say what a department knows of an account."""
    cases = int(row["cases"]) if is_known(row["cases"]) else 0  # type: ignore[call-overload]
    on = f" on {counted(cases, 'case')}" if cases else ""
    pieces = int(row["pieces"]) if is_known(row["pieces"]) else 0  # type: ignore[call-overload]
    words = f"{counted(pieces, 'piece')} of work{on}"
    seen = [
        f"{count(row[column])} {agree(int(row[column]), one, many)}"  # type: ignore[call-overload]
        for column, one, many in KNOWN_BY
        if is_known(row[column]) and row[column] != 0
    ]
    return f"{words}: {listed(seen)}" if seen else words


def points(value: object) -> str:
    """Write a score of 0 to 100; nothing where there is none."""
    return number(value, 0) if is_known(value) else ""


def most_common(behaviours: pd.DataFrame, customers: pd.Series) -> list[tuple[str, int]]:
    """Count the accounts by the behaviour that weighs most with each, the most common first."""
    mine = behaviours[behaviours["customer_id"].isin(customers) & behaviours["difficulty_points"].notna()]
    if mine.empty:
        return []
    ranked = mine.sort_values(["customer_id", "difficulty_points", "behaviour"], ascending=[True, False, True])
    first = ranked.drop_duplicates("customer_id")["behaviour"].value_counts()
    order = sorted(first.items(), key=lambda item: (-item[1], str(item[0])))
    return [(spoken(behaviour_title(code).lower()), int(times)) for code, times in order]
