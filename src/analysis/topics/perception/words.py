"""What the tables of perception are called on a page, and what stands behind a name in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.formats import agree, count, in_a_sentence, is_known, some
from analysis.reporting.markup import plain
from analysis.reporting.told import told_count
from analysis.run import Run
from analysis.topics.difficulty.words import failures_of, in_words, made_of, points
from analysis.topics.perception.judgement.perception import QUIET, UNFAIR

WHY = {
    UNFAIR: "It has a bad name that its record does not bear out",
    QUIET: "It is more trouble than its name says",
    "liked_but_losing": "It is liked and loses money",
    "disliked_but_earning": "It is not liked and earns money",
}
JUDGEMENTS = {
    "segment": "Segment",
    "over_served": "Over-served",
    "under_served": "Under-served",
    "difficult": "Difficult",
    "perception": "Its name",
    "over_served_archetype": "Kind of over-served",
    "difficult_archetype": "Kind of difficult",
    "action": "Next step",
}
STATES = {
    "in_force": "holds",
    "expired": "is over",
    "outdone": "a later one holds",
    "refused": "refused: half of its trouble is ours",
    "not_in_window": "no such account in the window",
}
_IN_WORDS = {"none": "leave it as it is", "true": "yes", "false": "no"}


def named(run: Run, perception: str) -> pd.DataFrame:
    """Give the accounts of a perception that nobody decided otherwise, with what they bring; the most of it first."""
    rows = run.table("reputations")
    rows = rows[rows["perception"] == perception]
    known = run.accounts.loc[run.accounts["perception"] == perception, ["customer_id", "name", "net_margin"]]
    rows = rows.merge(known, on="customer_id")
    return rows.sort_values(["net_margin", "customer_id"], ascending=[False, True], ignore_index=True)


def counts_of_names(run: Run) -> tuple[int, int]:
    """Count the undeserved bad names, and the accounts that are harder than anybody says."""
    return told_count(run, "undeserved_bad_names"), told_count(run, "quietly_difficult")


def judged(run: Run) -> int:
    """Count the accounts that are judged."""
    return told_count(run, "rated_by_staff")


def gap_in_words(row: dict[Any, Any]) -> str:
    """Say where staff see an account against its record, with the range of the gap.

    Examples
    --------
    >>> gap_in_words({"trouble": 24.9, "perceived_difficulty": 71.2, "perception_gap": 46.3,
    ...               "perception_gap_low": 27.0, "perception_gap_high": 65.4})
    'seen at 71, the record says 25; the gap is 27 to 65 points'
    >>> gap_in_words({"trouble": 24.9, "perceived_difficulty": None})
    'the record says 25; too few people rated it for a figure'
    """
    if not is_known(row["perceived_difficulty"]):
        return f"the record says {points(row['trouble'])}; too few people rated it for a figure"
    ends = sorted(abs(float(row[f"perception_gap_{end}"])) for end in ("low", "high"))
    return (
        f"seen at {points(row['perceived_difficulty'])}, the record says {points(row['trouble'])}; "
        f"the gap is {points(ends[0])} to {points(ends[1])} points"
    )


def evidence(run: Run, row: dict[Any, Any]) -> str:
    """Say what the record holds: what the account does, and what we fail it with more often than usual."""
    told = []
    behaviours = in_words(made_of(run.behaviours, row["customer_id"]).head(2))
    if behaviours:
        told.append(f"{behaviours}.")
    elif row["perception"] == UNFAIR:
        told.append("No behaviour of its own stands out.")
    ours = failures_of(run.our_failures, row["customer_id"])["sentence"].head(2)
    return " ".join([*told, *(f"{plain(sentence)}." for sentence in ours)])


def period_in_words(row: dict[Any, Any]) -> str:
    """Say which bad time that is over may explain a bad name; nothing where there is none.

    Examples
    --------
    >>> period_in_words({"bad_period": "the bad spring of 2026: March to May", "bad_period_cases": 12,
    ...                  "bad_period_bad": 8, "bad_period_cases_since": 20, "bad_period_bad_since": 1})
    'Probably the bad spring of 2026: March to May. Caused by us or late: 8 of 12 cases then, 1 of 20 since.'
    """
    if not plain(row["bad_period"]):
        return ""
    then = f"{count(row['bad_period_bad'])} of {count(row['bad_period_cases'])}"
    since = f"{some(int(row['bad_period_bad_since']))} of {count(row['bad_period_cases_since'])}"
    cases = agree(int(row["bad_period_cases"]), "case", "cases")
    return f"Probably {plain(row['bad_period'])}. Caused by us or late: {then} {cases} then, {since} since."


def why_in_words(codes: object) -> str:
    """Say why an account should be talked about.

    Examples
    --------
    >>> why_in_words("liked_but_losing")
    'it is liked and loses money'
    """
    told = [WHY[code] for code in str(codes).split("\n") if code in WHY]
    return ", and ".join(in_a_sentence(words) for words in told)


def value_in_words(value: object) -> str:
    """Write a judgement's value as one would say it.

    Examples
    --------
    >>> value_in_words("true"), value_in_words("mend_our_failures"), value_in_words(None)
    ('yes', 'mend our failures', 'not judged')
    >>> value_in_words("none")  # the step that asks for nothing
    'leave it as it is'
    """
    written = plain(value)
    return _IN_WORDS.get(written, written.replace("_", " ")) or "not judged"
