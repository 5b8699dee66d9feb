"""Hold a dataset against the contract: list every problem at once, set aside the rows that break a rule.

The engine counts; Python only sees the counts, the first examples and the rejected rows.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from analysis.data.contract import INPUTS, Column, Table, conform, empty
from analysis.data.doubts import near_values, nearly_ids, take_placeholders_out
from analysis.data.pseudonyms import HIDDEN, PRIVATE, without_names
from analysis.data.reading import FILE, RAW, ROW, Engine, read, typed
from analysis.data.rules import Rule, rules_of
from analysis.data.sources import Dataset, Source
from analysis.data.stand_ins import Placed
from analysis.errors import DataError, Example, Problem

if TYPE_CHECKING:
    import pandas as pd

EXAMPLES = 5


@dataclass
class CheckedTable:
    """A table's accepted rows, and what became of the others."""

    table: Table
    source: Source
    rows: Any
    accepted: Any
    read: int = 0
    rejected: int = 0
    problems: list[Problem] = field(default_factory=list)
    broken: list[tuple[Rule, Any]] = field(default_factory=list)
    bad_lines: list[pd.DataFrame] = field(default_factory=list)
    #: The columns that the source has, known to the contract or not.
    given: list[str] = field(default_factory=list)
    #: The rows with every column of the source, known to the contract or not.
    raw: Any = None
    #: The table that this one is made of, where the dataset has none: it was not read.
    made_of: str = ""
    #: The accepted rows as they were stated, where others stand in for them.
    stated: Any = None


@dataclass
class Checked:
    """A dataset after its check: accepted rows by table (Ibis expressions) and every problem found."""

    tables: dict[str, CheckedTable]
    problems: list[Problem]
    #: What became of payments that name no invoice; None without payments.
    placed: Placed | None = None
    #: What credit notes take away of invoices, as `credits_of` gives it; None where nothing was credited.
    credits: Any | None = None

    def __contains__(self, table: str) -> bool:
        return table in self.tables

    def __getitem__(self, table: str) -> Any:
        return self.tables[table].accepted

    def get(self, table: str) -> Any | None:
        """Return a table's accepted rows; None where the dataset does not have it."""
        return self.tables[table].accepted if table in self.tables else None

    @property
    def is_empty(self) -> bool:
        """Whether no account is left."""
        return self.tables["customers"].read == self.tables["customers"].rejected

    @property
    def errors(self) -> list[Problem]:
        """The problems that reject rows or stop a run."""
        return [problem for problem in self.problems if problem.severity == "error"]

    @property
    def warnings(self) -> list[Problem]:
        """The problems that are told and leave the rows as they are."""
        return [problem for problem in self.problems if problem.severity == "warning"]

    def counts(self) -> list[dict[str, Any]]:
        """Return rows read, accepted and rejected by table."""
        return [
            {"table": name, "rows": t.read, "accepted": t.read - t.rejected, "rejected": t.rejected}
            for name, t in self.tables.items()
            if not t.made_of
        ]

    def too_many(self, share: float) -> list[Problem]:
        """Return a problem for each table of which more than the share was rejected (one row is always borne)."""
        return [
            Problem(
                name,
                "",
                "too_many_rejected",
                f"{t.rejected:,} of {t.read:,} rows break the contract, more than the policy bears ({share:.1%})",
                "Mend them, or raise checks.rejected_share in the policy.",
            )
            for name, t in self.tables.items()
            if t.rejected > max(1, share * t.read)
        ]

    def rejected(self) -> pd.DataFrame:
        """Return every rejected row, once for each rule that it breaks, as `tables/rejected`."""
        import pandas as pd

        frames = [_listing(t, rule, rows) for t in self.tables.values() for rule, rows in t.broken if rule.rejects]
        frames += [
            bad.assign(table=name, rule="broken_line")
            for name, t in self.tables.items()
            for bad in t.bad_lines
            if len(bad)
        ]
        if not frames:
            return empty("rejected")
        listed = pd.concat([conform(frame, "rejected") for frame in frames])
        return listed.sort_values(["table", "file", "row", "rule"], ignore_index=True)


def check(engine: Engine, dataset: Dataset, contract: Mapping[str, Table] = INPUTS) -> Checked:
    """Read every table of a dataset and hold it against the contract.

    Parameters
    ----------
    engine, dataset
        Where it is read to, and from.
    contract
        The input tables; with the costing and the policy at hand, as they narrow them.

    Raises
    ------
    DataError
        A required table or column is missing or a source cannot be read; all such are told at once.
    """
    problems = list(_missing_tables(dataset))
    tables: dict[str, CheckedTable] = {}
    for name in (name for name in contract if name in dataset.sources):
        try:
            tables[name] = _open(engine, contract[name], dataset.sources[name])
        except DataError as fault:
            problems += [replace(p, examples=()) if name == PRIVATE else p for p in fault.problems]
    problems += [p for t in tables.values() for p in _missing_columns(t)]
    if problems:
        raise DataError(problems)
    take_placeholders_out(engine, tables)
    if PRIVATE in tables:
        _take_names_out(engine, tables[PRIVATE], tables["customers"])
    checked = Checked(tables, [])
    for table in tables.values():
        _check_table(table, checked)
        checked.problems += table.problems
    checked.problems += nearly_ids(checked)
    if checked.is_empty:
        checked.problems.append(Problem("customers", "", "no_accounts", "no account is left", "Add at least one row."))
    return checked


def _missing_tables(dataset: Dataset) -> Iterator[Problem]:
    known = f"Looked in {dataset.folder}."
    if "customers" not in dataset.sources:
        yield Problem("customers", "", "missing_table", "this table is missing", f"Add customers.csv. {known}")
    if not {"transactions", "invoices", "service_events", "cases"} & set(dataset.sources):
        yield Problem(
            "transactions",
            "",
            "missing_table",
            "there is neither `transactions` nor `invoices` nor `service_events` nor `cases`",
            f"Add at least one of them. {known}",
        )


def _open(engine: Engine, table: Table, source: Source) -> CheckedTable:
    import pandas as pd

    raw, bad = read(engine, source)
    if table.name == PRIVATE:
        bad = [lines.assign(value=HIDDEN) for lines in bad]
    rows = typed(engine, raw, table, source)
    count = sum(map(len, bad))
    problems = [_broken_lines(table, pd.concat(bad))] if count else []
    given = [name for name in raw.columns if name not in (ROW, FILE)]
    return CheckedTable(table, source, rows, rows, count, count, problems=problems, bad_lines=bad, given=given, raw=raw)


def _take_names_out(engine: Engine, opened: CheckedTable, customers: CheckedTable) -> None:
    rows = without_names(opened.rows, opened.table, customers.rows)
    opened.rows = opened.accepted = engine.keep(f"{PRIVATE}_without_names", rows)


def _missing_columns(opened: CheckedTable) -> Iterator[Problem]:
    others = [name for name in opened.given if name not in opened.table.names]
    found = f" Columns found: {', '.join(others) or 'no others'}." if opened.table.name != PRIVATE else ""
    for name in (name for name in opened.table.names if name not in opened.given):
        same = [other for other in others if other.lower() == name.lower()]
        if name not in opened.table.required and not same:
            continue
        # Without a header line the first row stands in its place: of a private table nothing of it is repeated.
        near = same or (difflib.get_close_matches(name, others, 1, 0.6) if found else [])
        hint = f"Is it `{near[0]}`? Rename it." if near else f"Add it.{found}"
        yield Problem(opened.table.name, name, "missing_column", "this column is missing", hint)


def _check_table(opened: CheckedTable, checked: Checked) -> None:
    rows = opened.rows
    rules = list(rules_of(opened.table, rows))
    keys = [column for column in opened.table.columns if column.unique]
    counted = {f"r{n}": rule.breaks.fill_null(False).sum().fill_null(0) for n, rule in enumerate(rules)}
    counted |= {f"k{n}": rows[key.name].count() - rows[key.name].nunique() for n, key in enumerate(keys)}
    counts = rows.aggregate(rows=rows.count(), **counted).to_pandas().iloc[0]
    opened.read += int(counts["rows"])
    broken = [(rule, rows.filter(rule.breaks), int(counts[f"r{n}"])) for n, rule in enumerate(rules)]
    broken += [(_duplicate(key), _repeats(rows, key), int(counts[f"k{n}"])) for n, key in enumerate(keys)]
    broken += [found for column in opened.table.columns if (found := _unknown(opened, column, checked))]
    broken = [found for found in broken if found[2]]
    opened.broken = [(rule, found) for rule, found, _ in broken]
    opened.problems += [_problem(opened, rule, found, count) for rule, found, count in broken]
    opened.accepted = _accept(opened)


def _duplicate(key: Column) -> Rule:
    return Rule("duplicate", key.name, "this key is there more than once", "Keep one row; the first one counts.", None)


def _repeats(rows: Any, key: Column) -> Any:
    """Return the rows whose key an earlier row has."""
    import ibis

    window = ibis.window(group_by=key.name, order_by=[FILE, ROW])
    numbered = rows.filter(rows[key.name].notnull()).mutate(_earlier=ibis.row_number().over(window))
    return numbered.filter(numbered._earlier > 0).drop("_earlier")


def _unknown(opened: CheckedTable, column: Column, checked: Checked) -> tuple[Rule, Any, int] | None:
    """Return the rows whose reference is not among the accepted rows of the table referred to."""
    if not column.references or f"{RAW}{column.name}" not in opened.rows.columns:
        return None
    if column.references not in checked:
        if column.unknown == "warning":
            return None
        known = opened.rows.limit(0).select(column.name)
    elif column.references == opened.table.name:
        known = opened.rows.select(opened.table.key).rename({column.name: opened.table.key})
    else:
        parent = checked.tables[column.references]
        known = parent.accepted.select(parent.table.key).rename({column.name: parent.table.key})
    filled = opened.rows.filter(opened.rows[column.name].notnull())
    found = filled.anti_join(known, column.name)
    rule = Rule(
        f"unknown_{column.references.removesuffix('s')}",
        column.name,
        f"this is not in `{column.references}`",
        f"Add it to `{column.references}`, or correct it.{near_values(found, column.name, known[column.name])}",
        None,
        column.unknown,
    )
    return rule, found, int(found.count().to_pandas())


def _problem(opened: CheckedTable, rule: Rule, found: Any, count: int) -> Problem:
    first = _shown(opened, rule, found).order_by(["file", "row"]).limit(EXAMPLES).to_pandas()
    examples = tuple(
        Example(
            int(row.row),
            _short(row.key) if row.file == "" else f"{row.file}, {_short(row.key)}",
            _short(row.value) or "empty",
        )
        for row in first.itertuples()
    )
    mend = rule.mend
    if rule.code == "unknown_value":
        mend += near_values(found, rule.column, opened.table[rule.column].values)
    return Problem(opened.table.name, rule.column, rule.code, rule.message, mend, rule.severity, count, examples)


def _short(value: Any) -> str:
    if value is None or value != value:
        return ""
    line = " ".join(str(value).split())
    return line if len(line) <= 80 else line[:79] + "…"


def _shown(opened: CheckedTable, rule: Rule, found: Any) -> Any:
    """Return row, file, key and raw value of the rows found, as text."""
    raw = f"{RAW}{rule.column}"
    value = found[raw] if raw in found.columns else found[rule.column]
    return found.select(
        row=found[ROW],
        file=found[FILE],
        key=found[opened.table.key],
        value=value.cast("string"),
    )


def _listing(opened: CheckedTable, rule: Rule, found: Any) -> pd.DataFrame:
    frame = _shown(opened, rule, found).to_pandas()
    return frame.assign(table=opened.table.name, column=rule.column, rule=rule.code, reason=rule.message)


def _broken_lines(table: Table, bad: pd.DataFrame) -> Problem:
    first = [
        Example(int(line.row), _short(line.reason), _short(line.value)) for line in bad.head(EXAMPLES).itertuples()
    ]
    mend = (
        "Quote fields that hold the delimiter, a quote or a line break; declare encoding and delimiter in dataset.toml."
    )
    return Problem(table.name, "", "broken_line", "these lines are no rows", mend, count=len(bad), examples=first)


def _accept(opened: CheckedTable) -> Any:
    """Return the rows that break no rule; where none is broken, simply the rows."""
    rows = opened.rows
    rejecting = [(rule, found) for rule, found in opened.broken if rule.rejects]
    if rejecting:
        own = [rule.breaks.fill_null(False) for rule, _ in rejecting if rule.breaks is not None]
        kept = rows.filter(~reduce(or_, own)) if own else rows
        for rule, found in rejecting:
            if rule.breaks is None:
                kept = kept.anti_join(found.select(FILE, ROW), [FILE, ROW])
        opened.rejected = opened.read - int(kept.count().to_pandas())
        rows = kept
    return rows.drop(*(name for name in rows.columns if name.startswith(RAW)))


def stop_at(checked: Checked, share: float) -> None:
    """Stop where more was rejected than the policy bears, or where no account is left.

    Raises
    ------
    DataError
        With every problem found, the cause last.
    """
    causes = checked.too_many(share)
    if causes or checked.is_empty:
        raise DataError([*checked.errors, *causes])
