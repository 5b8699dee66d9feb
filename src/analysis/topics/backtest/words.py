"""Scores in words: better, worse, or not to be told apart from what would have cost nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

import pandas as pd

from analysis.formats import agree, is_known, number, word

#: Rows, and times that it happened, below which a score says nothing.
FEW_ROWS, FEW_EVENTS = 30, 10
SUBJECTS = {
    "segment": "Segments",
    "p_unprofitable": "Chance of a loss",
    "lifetime": "Margin ahead",
    "forecast": "Margin to come",
    "hazard": "Chance of leaving",
}
MEASURES = {"kept": "share kept", "kappa": "agreement beyond chance", "brier": "Brier score"}


class Replayed(Protocol):
    """A backtest as `analysis.topics.backtest.judgement.backtest.Backtest` offers it."""

    days: list[date]
    every: int
    policy: Any
    facts: Mapping[str, Any]
    replays: pd.DataFrame
    scores: pd.DataFrame
    transitions: pd.DataFrame
    reliability: pd.DataFrame
    not_rolled_back: pd.DataFrame


def overall(scores: pd.DataFrame, subject: str, measure: str) -> Mapping[Any, Any] | None:
    """Return the score of all days together; None where there is none."""
    rows = scores[scores["as_of"].isna() & (scores["subject"] == subject) & (scores["measure"] == measure)]
    return None if rows.empty else rows.to_dict("records")[0]


def verdict(score: Mapping[Any, Any]) -> str:
    """Say whether a score beats the naive one, or cannot be told apart from it.

    Examples
    --------
    >>> verdict({"rows": 400, "events": 90, "better": 0.08, "better_low": 0.05, "better_high": 0.11})
    'better'
    >>> verdict({"rows": 400, "events": 90, "better": 0.01, "better_low": -0.02, "better_high": 0.04})
    'not clearly better'
    >>> verdict({"rows": 400, "events": 4, "better": 0.08, "better_low": 0.05, "better_high": 0.11})
    'too few to say'
    """
    if score["rows"] < FEW_ROWS or (is_known(score["events"]) and score["events"] < FEW_EVENTS):
        return "too few to say"
    if not is_known(score["better_low"]):
        return "without an interval"
    if score["better_low"] > 0:
        return "better"
    return "worse" if score["better_high"] < 0 else "not clearly better"


def apart(score: Mapping[Any, Any]) -> str:
    """Say by how much, with its interval, where there is one."""
    if not is_known(score["better_low"]):
        return ""
    ends = f"{number(score['better_low'], 3)} to {number(score['better_high'], 3)}"
    return f" (by {number(score['better'], 3)}, interval {ends})"


def score_words(score: Mapping[Any, Any]) -> str:
    """Write what a score is of and how it is measured.

    Examples
    --------
    >>> score_words({"subject": "hazard", "measure": "log loss"})
    'Chance of leaving: log loss'
    """
    measure = str(score["measure"])
    return f"{SUBJECTS[str(score['subject'])]}: {MEASURES.get(measure, measure)}"


def months_after(b: Replayed) -> str:
    """Write the months that each day was held against."""
    months = b.policy.backtest.ahead_months
    return f"{word(months)} {agree(months, 'month', 'months')} after"
