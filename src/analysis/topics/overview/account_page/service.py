"""Service delivered against agreed and wanted: a line for each attribute, and the largest gap in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from analysis.formats import amount, counted, in_a_sentence, is_known, number
from analysis.reporting.at_stake import text_of
from analysis.reporting.charts import Levels, levels
from analysis.reporting.fragments import section
from analysis.reporting.markup import Child, Html, plain
from analysis.topics.overview.account_page.filing import File
from analysis.topics.overview.account_page.flags import is_true
from analysis.topics.service.words import WISHES, level, service_title, unit

LINES = 8
Row = Mapping[Any, Any]


def service(file: File) -> Html:
    """Set what it gets, what was agreed and what it wants, the dearest gap first."""
    rows = _stated(file)
    if not rows:
        return Html()
    shown = rows[:LINES]
    lines = [
        Levels(
            _label(file, row), _finite(row["delivered"]), _finite(row["entitled"]), _finite(row["expected"]), _said(row)
        )
        for row in shown
    ]
    words = "; ".join(f"{_label(file, row)}: {_in_words(row)}" for row in shown)
    more = f" {counted(len(rows) - LINES, 'more line')} in tables/service_gaps." if len(rows) > LINES else ""
    caption = f"Dot: delivered; square: agreed; diamond: wanted. Amounts in {file.currency}.{more}"
    return section(
        "service", _title(file, rows), levels(lines, f"Levels of service. {words}.", caption), short="Service"
    )


def _stated(file: File) -> list[Row]:
    """Return the rows with a level that was agreed or wanted, the dearest gap first, then promises not met."""
    rows = [row for row in file.rows("service_gaps") if row["kind"] != "peer"]
    return sorted(rows, key=lambda row: (-_cost(row), row["kind"] != "under", str(row["attribute"])))


def _cost(row: Row) -> float:
    return float(row["over_cost"]) if is_known(row["over_cost"]) else 0.0


def _finite(value: Any) -> float | None:
    return float(value) if is_known(value) else None


def _label(file: File, row: Row) -> str:
    per = unit(file.run, row["attribute"])
    title = plain(service_title(file.run, row["attribute"]))
    return f"{title} {per}" if per and len(title) + len(per) < 24 else title


def _said(row: Row) -> str:
    if _cost(row) > 0 and round(_cost(row)) > 0:
        return f"{amount(row['over_cost'])} beyond"
    if row["kind"] == "under":
        return (
            "less than agreed"
            if is_known(row["short_of_agreed"]) and row["short_of_agreed"] > 0
            else "less than wanted"
        )
    return "unlimited" if isinstance(row["entitled"], float) and math.isinf(row["entitled"]) else "as due"


def _in_words(row: Row) -> str:
    parts = [f"{level(row['delivered']) or 'not known'} delivered"]
    parts += [f"{level(row['entitled'])} agreed"] if level(row["entitled"]) else []
    parts += [f"{level(row['expected'])} wanted"] if level(row["expected"]) else []
    wish = WISHES.get(text_of(row.get("wish")))
    return ", ".join([*parts, *([f"wants {wish}"] if wish else [])])


def _title(file: File, rows: list[Row]) -> str:
    first = rows[0]
    what = in_a_sentence(plain(service_title(file.run, first["attribute"])))
    if is_true(first["material"]) and _cost(first) > 0:
        for column, words in (("entitled", "agreed"), ("expected", "wanted")):
            due, got = _finite(first[column]), _finite(first["delivered"])
            if due and got and got / due >= 1.5:
                times = number(got / due, 0 if got / due >= 3 else 1)
                return f"It gets {times} times the {what} that {_verb(what)} {words}"
        return f"It gets more {what} than is due"
    short = sum(row["kind"] == "under" for row in rows)
    if short:
        return f"It gets less than was agreed or wanted in {short} of {counted(len(rows), 'service')}"
    beyond = sum(round(_cost(row)) > 0 for row in rows)
    if beyond:
        return f"It gets somewhat more than is due in {beyond} of {counted(len(rows), 'service')}"
    return "It gets what is due"


def _verb(what: str) -> str:
    return "were" if what.endswith("s") else "was"


def gap_in_words(file: File) -> list[Child]:
    """Say the largest material gap in a sentence; nothing where there is none."""
    rows = [row for row in _stated(file) if is_true(row["material"]) and _cost(row) > 0]
    if not rows:
        return []
    row = rows[0]
    what = in_a_sentence(plain(service_title(file.run, row["attribute"])))
    per = unit(file.run, row["attribute"])
    against = [f"{level(row[column])} {'are' if level(row[column]) != '1' else 'is'} {word}"
               for column, word in (("entitled", "agreed"), ("expected", "wanted")) if level(row[column])]  # fmt: skip
    due = f" where {' and '.join(against)}" if against else ""
    return [f"It gets {level(row['delivered'])} {what}{' ' + per if per else ''}{due}."]
