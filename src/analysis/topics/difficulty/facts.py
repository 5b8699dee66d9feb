"""What a run says of its judgement on difficulty: what it could not see, what it learnt, and what it had to assume."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from analysis.data.checks import Checked
from analysis.formats import counted
from analysis.statistics.unseen import e_value_of
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.difficulty.judgement.behaviours import BEHAVIOURS
from analysis.topics.difficulty.measures.case_facts import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

#: Why a behaviour is not measured where its table is there.
SILENT = {
    "short_notice": ("Short notice", "no case says when it was needed, and no work on a case was a rush"),
    "rush_orders": ("Rush orders", "no work on an order says whether it was a rush"),
    "out_of_scope": ("Work beyond the agreement", "no work on a case says whether it was within what was agreed"),
    "after_hours": ("Demands after hours", "no work on a case says whether it was done after hours"),
    "escalations": ("Escalations", "no case says whether it was escalated"),
    "reopenings": ("Reopenings", "no case says whether it was reopened"),
    "disputes": ("Disputes", "no invoice was due in the window"),
    "late_payment": ("Late payment", "no invoice was due in the window"),
    "dissatisfied": ("Dissatisfaction", "no case says how satisfied the customer was"),
}
PAID = ("disputes", "late_payment")


@CATALOGUE.part()
def difficulty_left_out(
    checked: Checked, behaviours: pd.DataFrame, difficulty_judgement: pd.DataFrame, communication: pd.DataFrame
) -> list[tuple[str, str]]:
    """Return what of difficulty is not judged, of whom, and why."""
    seen, not_scored = set(behaviours.behaviour), difficulty_judgement.difficulty_not_scored
    return [*_left_out(checked, seen, not_scored), *_talk_left_out(checked, communication)]


def _left_out(checked: Checked, seen: set[str], not_scored: pd.Series[str]) -> Iterator[tuple[str, str]]:
    if "cases" not in checked:
        yield "How accounts bring their cases, and where we failed them", "the dataset has no `cases`"
    if "invoices" not in checked:
        yield "Late payment and disputes", "the dataset has no `invoices`"
    for behaviour in BEHAVIOURS:
        table = "invoices" if behaviour.name in PAID else "cases"
        if behaviour.name not in seen and table in checked:
            yield SILENT[behaviour.name]
    for why, count in not_scored.value_counts().sort_index().items():
        yield f"Difficulty of {counted(count, 'account')}", str(why)


def _talk_left_out(checked: Checked, talk: pd.DataFrame) -> Iterator[tuple[str, str]]:
    if "cases" in checked and talk.longest_silence_days.isna().all():
        yield "Silent gaps", "the dataset has no `case_updates`"
    if talk.reminders.isna().all():
        yield (
            "Reminders sent while a complaint was open",
            "no activity of the costing is a reminder, or there are no cases",
        )


@CATALOGUE.part()
def difficulty_learnt(failure_lifts: pd.DataFrame | None, conduct: pd.DataFrame) -> dict[str, Any] | None:
    """Return what the portfolio taught about our failures, as plain values; None without cases.

    `failed_cases` counts the cases that we failed; `contradicted` those that we recorded against the customer though
    the record shows a failure of ours; `adds` what a failure adds to each outcome's chance, over the chance without,
    with the E-value of the two: how strongly something unseen would have to go with both to explain it away.
    """
    if failure_lifts is None:
        return None
    means = failure_lifts.groupby("outcome")[["lift", "without"]].mean()
    adds = {name: _adds(float(means.lift[name]), float(means.without[name])) for name in OUTCOMES}
    return {
        "cases": int(conduct.cases.sum()),
        "failed_cases": round(float(conduct.failed.sum()), 1),
        "contradicted": int(conduct.blamed.sum()),
        "adds": adds,
    }


def _adds(lift: float, without: float) -> dict[str, float | None]:
    unseen = e_value_of((without + lift) / without) if without > 0 else float("nan")
    return {"adds": _rounded(lift), "without": _rounded(without), "e_value": _rounded(unseen)}


def _rounded(value: float) -> float | None:
    return None if value != value else round(float(value), 4)


@CATALOGUE.part()
def difficulty_assumptions(failure_lifts: pd.DataFrame | None) -> list[str]:
    """Return what the judgement on difficulty takes for granted."""
    if failure_lifts is None or failure_lifts.lift.notna().all():
        return []
    return ["Too few failures of ours are on record to learn from: what followed one counts as our doing."]
