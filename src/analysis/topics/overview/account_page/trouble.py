"""The trouble with an account, theirs and ours, by the record's own counts; and how staff see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.formats import is_known, number, percent
from analysis.reporting.at_stake import text_of
from analysis.reporting.charts import Parts, two_parts
from analysis.reporting.fragments import bullets, paragraph, section
from analysis.reporting.markup import Child, Html, plain
from analysis.topics.difficulty.words import MORE_FROM, behaviour_title, points
from analysis.topics.overview.account_page.filing import File

BARS, FAILURES = 5, 4
#: Points of trouble from which a behaviour has a bar.
TOLD_FROM = 1.0


def trouble(file: File) -> Html:
    """Set what its trouble is made of, what we failed it with, and what staff feel where five or more rated."""
    row = file.account
    if not is_known(row.get("trouble")):
        return Html()
    rows = _made_of(file)
    parts = [
        Parts(behaviour_title(one["behaviour"]), _theirs(one), _whole(one) - _theirs(one), _said(one)) for one in rows
    ]
    words = "; ".join(
        f"{part.label}: {part.said}, {number(part.first, 0)} theirs, {number(part.second, 0)} ours" for part in parts
    )
    caption = "Violet: theirs; red outline: what our own failures led to. Points above what is usual here."
    figure = two_parts(parts, f"Trouble by behaviour. {words}.", caption) if parts else None
    ours: list[Child] = [f"{plain(one['sentence'])}." for one in _failed(file)]
    failed = [paragraph("What we did to it:"), bullets(ours, "plain")] if ours else []
    return section("trouble", _title(row, bool(parts)), figure, *failed, _staff(file), short="Trouble")


def _whole(row: Mapping[Any, Any]) -> float:
    return float(row["trouble_points"]) if is_known(row["trouble_points"]) else 0.0


def _theirs(row: Mapping[Any, Any]) -> float:
    return min(float(row["difficulty_points"]), _whole(row)) if is_known(row["difficulty_points"]) else _whole(row)


def _made_of(file: File) -> list[Mapping[Any, Any]]:
    rows = [row for row in file.rows("behaviours") if _whole(row) >= TOLD_FROM and plain(text_of(row["sentence"]))]
    return sorted(rows, key=lambda row: (-_whole(row), str(row["behaviour"])))[:BARS]


def _said(row: Mapping[Any, Any]) -> str:
    return f"{plain(row['sentence'])}{_usual(row)}"


def _usual(row: Mapping[Any, Any]) -> str:
    usual, of = row["rate_usual"], row["of"]
    if not is_known(usual):
        return ""
    if row["behaviour"] == "late_payment":
        return f"; usual {number(usual, 0)}"
    if row["behaviour"] == "out_of_scope" or not is_known(of):
        return f"; usual {percent(usual)}"
    expected = float(usual) * float(of)
    return (
        f"; usual {number(expected, 0)}" if expected >= 1 else "; usual none" if expected < 0.05 else "; usual under 1"
    )


def _failed(file: File) -> list[Mapping[Any, Any]]:
    """Return what we fail it with more often than usual, the worst against the usual first."""

    def more(row: Mapping[Any, Any]) -> float:
        known = all(is_known(row[key]) for key in ("count", "of", "rate_usual"))
        return float(row["count"]) - float(row["of"]) * float(row["rate_usual"]) if known else 0.0

    rows = [row for row in file.rows("our_failures") if plain(text_of(row["sentence"])) and more(row) >= MORE_FROM]
    return sorted(rows, key=lambda row: (-more(row), str(row["failure"])))[:FAILURES]


def _title(row: Mapping[Any, Any], told: bool) -> str:
    if not told:
        return "It is no more trouble than is usual here"
    share = row["difficulty_ours"]
    if not is_known(share):
        return f"Its trouble: {points(row['trouble'])} of 100"
    ours = float(share)
    whose = "None of the trouble is ours" if ours < 0.005 else f"{percent(round(ours, 2))} of the trouble is ours"
    return "All of the trouble is ours" if ours > 0.995 else whose


def _staff(file: File) -> Html | None:
    row = file.account
    seen = row.get("perceived_difficulty")
    if not is_known(seen):
        # Of a dataset in which staff rate nobody nothing is said.
        few = "Fewer than five people rated it, so staff's view is not shown."
        return paragraph(few, kind="note") if file.filing.rated else None
    how = {
        "unfairly_labelled": "Staff see it as harder than the record does",
        "quietly_difficult": "It is more trouble than staff say",
    }.get(text_of(row.get("perception")), "Staff see it as the record does")
    return paragraph(f"{how} ({points(seen)} against {points(row['trouble'])} of 100).", kind="note")
