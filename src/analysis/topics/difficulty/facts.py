"""What a run says of its judgement on difficulty: what it could not see, what it learnt, and what it had to assume."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from analysis.formats import counted
from analysis.statistics.unseen import e_value_of
from analysis.topics.difficulty.judgement.behaviours import BEHAVIOURS
from analysis.topics.difficulty.measures.case_facts import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

    from analysis.tables.computed import Computed

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


def difficulty_left_out(of: Computed) -> Iterator[tuple[str, str]]:
    """Yield what of difficulty is not judged, of whom, and why."""
    checked, seen = of.checked, set(of.behaviours.behaviour)
    if "cases" not in checked:
        yield "How accounts bring their cases, and where we failed them", "the dataset has no `cases`"
    if "invoices" not in checked:
        yield "Late payment and disputes", "the dataset has no `invoices`"
    for behaviour in BEHAVIOURS:
        table = "invoices" if behaviour.name in PAID else "cases"
        if behaviour.name not in seen and table in checked:
            yield SILENT[behaviour.name]
    for why, count in of.difficulty_judgement.difficulty_not_scored.value_counts().sort_index().items():
        yield f"Difficulty of {counted(count, 'account')}", str(why)
    yield from _talk_left_out(of)


def _talk_left_out(of: Computed) -> Iterator[tuple[str, str]]:
    talk: pd.DataFrame = of.communication
    if "cases" in of.checked and talk.longest_silence_days.isna().all():
        yield "Silent gaps", "the dataset has no `case_updates`"
    if talk.reminders.isna().all():
        yield (
            "Reminders sent while a complaint was open",
            "no activity of the costing is a reminder, or there are no cases",
        )


def difficulty_learnt(of: Computed) -> dict[str, Any] | None:
    """Return what the portfolio taught about our failures, as plain values; None without cases.

    `failed_cases` counts the cases that we failed; `contradicted` those that we recorded against the customer though
    the record shows a failure of ours; `adds` what a failure adds to each outcome's chance, over the chance without,
    with the E-value of the two: how strongly something unseen would have to go with both to explain it away.
    """
    lifts, sums = of.failure_lifts, of.conduct
    if lifts is None:
        return None
    means = lifts.groupby("outcome")[["lift", "without"]].mean()
    adds = {name: _adds(float(means.lift[name]), float(means.without[name])) for name in OUTCOMES}
    return {
        "cases": int(sums.cases.sum()),
        "failed_cases": round(float(sums.failed.sum()), 1),
        "contradicted": int(sums.blamed.sum()),
        "adds": adds,
    }


def _adds(lift: float, without: float) -> dict[str, float | None]:
    unseen = e_value_of((without + lift) / without) if without > 0 else float("nan")
    return {"adds": _rounded(lift), "without": _rounded(without), "e_value": _rounded(unseen)}


def _rounded(value: float) -> float | None:
    return None if value != value else round(float(value), 4)


def difficulty_assumptions(of: Computed) -> Iterator[str]:
    """Yield what the judgement on difficulty takes for granted."""
    if of.failure_lifts is not None and of.failure_lifts.lift.isna().any():
        yield "Too few failures of ours are on record to learn from: what followed one counts as our doing."
