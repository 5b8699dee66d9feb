"""The contract's rules, as expressions that are true of a row that breaks them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from analysis.data.contract import Column, Kind, Table
from analysis.data.reading import RAW
from analysis.errors import Severity

_EXAMPLES = {
    Kind.NUMBER: "a number such as 12.5",
    Kind.INTEGER: "a whole number such as 3",
    Kind.MONEY: "an amount such as 1234.50",
    Kind.MINUTES: "minutes such as 12.5",
    Kind.BOOLEAN: "`true` or `false`",
    Kind.DATE: "a date such as 2026-10-31",
    Kind.TIMESTAMP: "a timestamp such as 2026-10-31T09:30:00",
    Kind.TEXT: "text",
}


@dataclass(frozen=True)
class Rule:
    """A rule of one table: where it looks, what it says of a row that breaks it, and how to mend it."""

    code: str
    column: str
    message: str
    mend: str
    breaks: Any
    severity: Severity = "error"

    @property
    def rejects(self) -> bool:
        """Whether a row that breaks it is rejected."""
        return self.severity == "error"


def rules_of(table: Table, rows: Any) -> Iterator[Rule]:
    """Yield the rules that can be told from a row alone.

    Parameters
    ----------
    table
        A table of the contract.
    rows
        Its rows, typed, with each raw value under `_raw_<column>`.
    """
    wrong_type = []
    for column in table.columns:
        if f"{RAW}{column.name}" in rows.columns:
            for rule in _column_rules(column, rows):
                wrong_type += [rule.breaks] if rule.code == "wrong_type" else []
                yield rule
    # A value that could not be read is told as such; what it is empty for is not told again.
    readable = ~reduce(or_, wrong_type) if wrong_type else True
    for between in table.rules:
        breaks = between.breaks(rows) & readable
        yield Rule(between.code, between.column, between.message, between.mend, breaks, between.severity)


def _column_rules(column: Column, rows: Any) -> Iterator[Rule]:
    value, raw = rows[column.name], rows[f"{RAW}{column.name}"]
    filled = raw.notnull() & (raw.strip() != "") if raw.type().is_string() else raw.notnull()
    if column.required:
        empty = value.isnull() if column.kind is Kind.TEXT else ~filled
        yield Rule("empty", column.name, "this must not be empty", "Fill it, or leave the row out.", empty)
    if column.kind is not Kind.TEXT:
        yield Rule("wrong_type", column.name, *_wrong_type(column), filled & value.isnull())
    if column.values:
        known = ", ".join(column.values)
        yield Rule(
            "unknown_value", column.name, "this value is unknown", f"Use one of {known}.", value.notin(column.values)
        )
    if column.minimum is not None:
        bound = f"{column.minimum:,.15g}"
        yield Rule("too_low", column.name, f"this is below {bound}", f"Write {bound} or more.", value < column.minimum)
    if column.maximum is not None:
        bound = f"{column.maximum:,.15g}"
        yield Rule("too_high", column.name, f"this is above {bound}", f"Write {bound} or less.", value > column.maximum)


def _wrong_type(column: Column) -> tuple[str, str]:
    if column.kind in (Kind.MONEY, Kind.MINUTES, Kind.NUMBER):
        extra = "; declare a decimal comma in dataset.toml"
    else:
        extra = ""
    return f"this is not {_article(column.kind.word)}", f"Write {_EXAMPLES[column.kind]}{extra}."


def _article(word: str) -> str:
    if word in ("minutes", "true or false"):
        return word
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"
