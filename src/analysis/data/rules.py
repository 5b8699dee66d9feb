"""The contract's rules, as expressions that are true of a row that breaks them."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from analysis.data.contract import BEYOND_ANY, Column, Cost, Kind, RowRule, Table
from analysis.data.reading import RAW
from analysis.errors import Severity

if TYPE_CHECKING:
    import ibis

FLAG = "_broken_"
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
    """A rule of one table: where it looks, what it says of a row that breaks it, and how to mend it.

    `breaks` is true of a row that breaks it, `told` of one of which it is said; None for both where it takes more than
    the row to know.
    """

    code: str
    column: str
    message: str
    mend: str
    breaks: Any
    severity: Severity = "error"
    costs: Cost = "row"
    told: Any = None

    @property
    def rejects(self) -> bool:
        """Whether what breaks it is not used: the row, or the cell."""
        return self.severity == "error"

    @property
    def empties(self) -> bool:
        """Whether what breaks it costs the cell alone."""
        return self.rejects and self.costs == "cell"

    @property
    def rejects_rows(self) -> bool:
        """Whether a row that breaks it is rejected."""
        return self.rejects and self.costs == "row"


@dataclass(frozen=True)
class Judged:
    """A table's rows with the cells emptied that break a rule, and its rules, bound to these rows."""

    rows: Any
    rules: list[Rule]

    def emptied(self) -> dict[str, Any]:
        """Return, for each column of which cells may be emptied, whether a row's was."""
        found: dict[str, list[Any]] = {}
        for rule in self.rules:
            if rule.empties:
                found.setdefault(rule.column, []).append(rule.breaks)
        return {name: reduce(or_, breaks) for name, breaks in found.items()}


def judged(table: Table, rows: ibis.Table, only: Container[tuple[str, str]] | None = None) -> Judged:
    """Hold each row alone against the rules.

    Parameters
    ----------
    table
        A table of the contract.
    rows
        Its rows, typed, with each raw value under `_raw_<column>`.
    only
        The (column, code) of the rules to hold them against; None for all. Rules that nothing breaks need not be asked
        again whenever the rows are read.
    """
    there = [column for column in table.columns if f"{RAW}{column.name}" in rows.columns]
    alone = [rule for column in there for rule in _column_rules(column, rows)]
    first = _emptied(rows, [rule for rule in alone if only is None or (rule.column, rule.code) in only])
    wanted = [rule for rule in table.rules if only is None or (rule.column, rule.code) in only]
    # What is emptied for its order is emptied before amounts are summed; both see what could be read alone.
    given = {column.name for column in there}
    cells = [rule for rule in wanted if rule.costs == "cell" and rule.column in given]
    second = _emptied(first.rows, [_bound(rule, first) for rule in cells])
    both = Judged(second.rows, [*(_moved(rule, second.rows) for rule in first.rules), *second.rules])
    third = _emptied(both.rows, [_bound(rule, both) for rule in wanted if rule.costs == "row"])
    return Judged(third.rows, [*(_moved(rule, third.rows) for rule in both.rules), *third.rules])


def _bound(rule: RowRule, so_far: Judged) -> Rule:
    breaks = rule.breaks(so_far.rows).fill_null(False)
    # A value that could not be read is told as such; what it is empty for is not told again.
    emptied = [flag for column, flag in so_far.emptied().items() if column in rule.missing]
    told = breaks & ~reduce(or_, emptied) if emptied else breaks
    return Rule(rule.code, rule.column, rule.message, rule.mend, breaks, rule.severity, rule.costs, told)


def _emptied(rows: ibis.Table, rules: list[Rule]) -> Judged:
    """Return the rows with a column for each rule and the cells emptied that break one."""
    if not rules:
        return Judged(rows, [])
    cells = {name: broken.ifelse(None, rows[name]) for name, broken in Judged(rows, rules).emptied().items()}
    flags = {_flag("breaks", rule): rule.breaks for rule in rules}
    flags |= {_flag("told", rule): rule.told for rule in rules if rule.told is not rule.breaks}
    marked = rows.mutate(**cells, **flags)
    return Judged(marked, [_moved(rule, marked) for rule in rules])


def _flag(what: str, rule: Rule) -> str:
    return f"{FLAG}{what}_{rule.column}_{rule.code}"


def _moved(rule: Rule, rows: ibis.Table) -> Rule:
    """Return the rule bound to rows that have its columns."""
    breaks = rows[_flag("breaks", rule)]
    return replace(rule, breaks=breaks, told=breaks if rule.told is rule.breaks else rows[_flag("told", rule)])


def filled(raw: ibis.Column) -> ibis.Column:
    """Return whether a raw value is there at all."""
    return raw.notnull() & (raw.strip() != "") if raw.type().is_string() else raw.notnull()


def _column_rules(column: Column, rows: Any) -> Iterator[Rule]:
    for code, message, mend, breaks in _breaches(column, rows[column.name], filled(rows[f"{RAW}{column.name}"])):
        broken = breaks.fill_null(False)
        yield Rule(code, column.name, message, mend, broken, costs="row" if column.required else "cell", told=broken)


def _breaches(column: Column, value: Any, there: Any) -> Iterator[tuple[str, str, str, Any]]:
    """Yield code, message, way out and expression of what can be wrong with a value."""
    if column.required:
        empty = value.isnull() if column.kind is Kind.TEXT else ~there
        yield "empty", "this must not be empty", "Fill it, or leave the row out.", empty
    if column.kind is not Kind.TEXT:
        yield "wrong_type", *_wrong_type(column), there & value.isnull()
    if column.values:
        mend = f"Use one of {', '.join(column.values)}; or say in dataset.toml which is which (values)."
        yield "unknown_value", "this value is unknown", mend, value.notin(column.values)
    lowest, highest = _bounds(column)
    if lowest is not None:
        bound = f"{lowest:,.15g}"
        yield "too_low", f"this is below {bound}", f"Write {bound} or more.", value < lowest
    if highest is not None:
        bound = f"{highest:,.15g}"
        yield "too_high", f"this is above {bound}", f"Write {bound} or less.", value > highest


def _bounds(column: Column) -> tuple[float | None, float | None]:
    """Return the least and the greatest value of a column: the contract's, else those that no number passes."""
    if column.kind not in (Kind.MONEY, Kind.MINUTES, Kind.NUMBER, Kind.INTEGER) or column.unlimited:
        return column.minimum, column.maximum
    return (
        -BEYOND_ANY if column.minimum is None else column.minimum,
        BEYOND_ANY if column.maximum is None else column.maximum,
    )


def _wrong_type(column: Column) -> tuple[str, str]:
    if column.kind in (Kind.MONEY, Kind.MINUTES, Kind.NUMBER):
        most = f", {BEYOND_ANY:,.0f} at most" if column.kind is Kind.MONEY else ""
        extra = f"{most}; declare a decimal comma in dataset.toml"
    elif column.kind in (Kind.DATE, Kind.TIMESTAMP):
        extra = "; declare another form in dataset.toml (date_format)"
    else:
        extra = "; declare other words in dataset.toml (values)" if column.kind is Kind.BOOLEAN else ""
    return f"this is not {_article(column.kind.word)}", f"Write {_EXAMPLES[column.kind]}{extra}."


def _article(word: str) -> str:
    if word in ("minutes", "true or false"):
        return word
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"
