"""What a table of the contract is made of: columns, their kinds and the rules between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from analysis.errors import Severity

#: What a broken rule costs: the row, or only the cell, which is emptied while the row is kept.
Cost = Literal["row", "cell"]


class Kind(StrEnum):
    """The kind of a column, with the type that it has in the engine."""

    TEXT = "string"
    NUMBER = "float64"
    INTEGER = "int64"
    MONEY = "decimal(18, 4)"
    MINUTES = "decimal(18, 6)"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"

    @property
    def word(self) -> str:
        """The kind in a word that a user of spreadsheets knows."""
        return _WORDS[self]


_WORDS = {
    Kind.TEXT: "text",
    Kind.NUMBER: "number",
    Kind.INTEGER: "whole number",
    Kind.MONEY: "amount",
    Kind.MINUTES: "minutes",
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "timestamp",
}


@dataclass(frozen=True)
class Column:
    """A column: its name, kind, meaning and the rules that each of its values keeps.

    `references` names the table whose key each value must be found in; `unknown` says whether
    a value that is not there rejects the row (`error`) or is only told (`warning`).
    """

    name: str
    kind: Kind
    doc: str
    required: bool = True
    unique: bool = False
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unlimited: bool = False
    references: str = ""
    unknown: Severity = "error"


@dataclass(frozen=True)
class RowRule:
    """A rule between columns: `breaks` is true of a row (an Ibis table expression) that breaks it.

    `missing` names columns one of which must be filled: where one of them could not be read, that is told, not this.
    """

    code: str
    column: str
    message: str
    mend: str
    breaks: Callable[[Any], Any]
    severity: Severity = "error"
    costs: Cost = "row"
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of the contract; `key` is the column that names a row to a person."""

    name: str
    doc: str
    columns: tuple[Column, ...]
    rules: tuple[RowRule, ...] = ()
    key: str = "customer_id"

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> list[str]:
        """The columns' names, in the contract's order."""
        return [column.name for column in self.columns]

    @property
    def required(self) -> list[str]:
        """The names of the columns that must be there and filled."""
        return [column.name for column in self.columns if column.required]


def text(name: str, doc: str, **rules: Any) -> Column:
    """Return a text column; as an id it is never trimmed, cast or taken for missing."""
    return Column(name, Kind.TEXT, doc, **rules)


def number(name: str, doc: str, **rules: Any) -> Column:
    """Return a column of numbers."""
    return Column(name, Kind.NUMBER, doc, **rules)


def integer(name: str, doc: str, **rules: Any) -> Column:
    """Return a column of whole numbers."""
    return Column(name, Kind.INTEGER, doc, **rules)


def money(name: str, doc: str, **rules: Any) -> Column:
    """Return a column of amounts, in the policy's currency, to four decimals."""
    return Column(name, Kind.MONEY, doc, **rules)


def minutes(name: str, doc: str, **rules: Any) -> Column:
    """Return a column of minutes, to six decimals."""
    return Column(name, Kind.MINUTES, doc, **rules)


def flag(name: str, doc: str, **rules: Any) -> Column:
    """Return a column of `true` and `false`."""
    return Column(name, Kind.BOOLEAN, doc, **rules)


def day(name: str, doc: str, **rules: Any) -> Column:
    """Return a column of dates (ISO 8601)."""
    return Column(name, Kind.DATE, doc, **rules)


def moment(name: str, doc: str, **rules: Any) -> Column:
    """Return a column of timestamps (ISO 8601)."""
    return Column(name, Kind.TIMESTAMP, doc, **rules)
