"""Who would change under another policy, in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.exploring.words import heading, is_amount, writer
from analysis.formats import amount, number

_COUNTED = ("over_served", "under_served", "difficult")
COLUMNS = ["customer_id", "name", "what", "before", "after", "because"]
_FLAGS = {"true": "yes", "false": "no"}


def moved(compared: pd.DataFrame) -> pd.DataFrame:
    """Return who is judged otherwise, in words.

    Parameters
    ----------
    compared
        As `Portfolio.compare` gives it.

    Returns
    -------
    DataFrame
        customer_id, name, `what` is judged, `before`, `after`, and `because`: the figure that it rests on, and the key.

    Examples
    --------
    >>> one = {"customer_id": "007", "name": "Alder", "judgement": "over_served", "before": "false", "after": "true",
    ...        "figure": "over_service_cost", "figure_before": 5.0, "figure_after": 5.0, "why": "the line moved"}
    >>> moved(pd.DataFrame([one])).values.tolist()
    [['007', 'Alder', 'Over-served', 'no', 'yes', 'cost of over-service 5; the line moved']]
    """
    rows = compared.to_dict("records")
    return compared.assign(
        what=[heading(row["judgement"]) for row in rows],
        before=[_said(row, "before") for row in rows],
        after=[_said(row, "after") for row in rows],
        because=[_because(row) for row in rows],
    )[COLUMNS]


def counts(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Count who is judged what, before and after: `what`, `before`, `after` and the `difference`."""
    rows = [(heading(column), _is(before[column], True), _is(after[column], True)) for column in _COUNTED]
    word = writer("segment", before["segment"])
    for code in sorted({*before["segment"].dropna(), *after["segment"].dropna()}):
        rows.append((word(code), _is(before["segment"], code), _is(after["segment"], code)))
    found = pd.DataFrame(rows, columns=["what", "before", "after"])
    return found.assign(difference=found["after"] - found["before"])


def _said(row: dict[Any, Any], when: str) -> str:
    value = str(row[when])
    return _FLAGS.get(value) or (writer("segment", pd.Series([value]))(value) if _is_code(row, value) else value)


def _is_code(row: dict[Any, Any], value: str) -> bool:
    return bool(row["judgement"] == "segment" and "_" in value)


def _because(row: dict[Any, Any]) -> str:
    """Say the figure that decides, what it was where the policy changes it, too, and which key moved."""
    say = amount if is_amount(str(row["figure"])) else number
    now, then = say(row["figure_after"]), say(row["figure_before"])
    words = heading(row["figure"]).lower()
    figure = f"{words} {now}" if now == then else f"{words} {now}, was {then}"
    return f"{figure}; {row['why']}" if row["why"] else figure


def _is(values: pd.Series[Any], wanted: object) -> int:
    return int((values == wanted).fillna(False).sum())
