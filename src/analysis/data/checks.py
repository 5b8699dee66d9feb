"""Hold a dataset against the contract: list every problem at once, set aside the rows and cells that break a rule.

The engine counts; Python only sees the counts, the first examples and the rejected rows.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from analysis.data.asked import length_of, row_of, rows_of
from analysis.data.contract import INPUTS, RECORDS, Column, Kind, Table, amount_of, conform, empty
from analysis.data.doubts import near_values, nearly_ids, placeholder_keys, take_placeholders_out
from analysis.data.mapping import mapped
from analysis.data.moments import not_before
from analysis.data.pseudonyms import HIDDEN, PRIVATE, without_names
from analysis.data.reading import FILE, RAW, ROW, Engine, typed
from analysis.data.rules import FLAG, Judged, Rule, filled, judged
from analysis.data.sources import Dataset, Source
from analysis.data.stand_ins import Placed
from analysis.errors import DataError, Example, Problem
from analysis.formats import counted

if TYPE_CHECKING:
    import ibis
    import pandas as pd

EXAMPLES = 5
#: A column that so many cells, and more than this share of the filled ones, are bad in is written in some other way.
FEW, MOST = 10, 0.5


@dataclass
class CheckedTable:
    """A table's accepted rows, and what became of the others."""

    table: Table
    source: Source
    rows: Any
    accepted: Any
    read: int = 0
    rejected: int = 0
    #: The cells that count as empty in accepted rows, and what the rejected rows amount to; None without amounts.
    emptied: int = 0
    rejected_amount: float | None = None
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
    #: The place (`_file`, `_row`) of each accepted row; None where every row is accepted.
    kept: Any = None


@dataclass
class Checked:
    """A dataset after its check: accepted rows by table (Ibis expressions) and every problem found."""

    tables: dict[str, CheckedTable]
    problems: list[Problem]
    #: What became of payments that name no invoice; None without payments.
    placed: Placed | None = None
    #: What credit notes take away of invoices, as `credits_of` gives it; None where nothing was credited.
    credits: Any | None = None
    #: The first and the last day of tables that were asked for them, with the rows that they are of.
    spans: dict[str, Any] = field(default_factory=dict, repr=False)

    def __contains__(self, table: str) -> bool:
        return table in self.tables

    def __getitem__(self, table: str) -> ibis.Table:
        return self.tables[table].accepted

    def get(self, table: str) -> ibis.Table | None:
        """Return a table's accepted rows; None where the dataset does not have it."""
        return self.tables[table].accepted if table in self.tables else None

    def says(self, table: str, *columns: str) -> set[str]:
        """Return which of these columns of a table hold anything: one without a value is as good as none."""
        rows = self.get(table)
        if rows is None:
            return set()
        counts = row_of(rows.aggregate(**{name: rows[name].count() for name in columns}))
        return {name for name in columns if counts[name]}

    def length(self, *names: str) -> int:
        """Return how many rows were read of these tables, of those that the dataset has."""
        there = [self.tables[name] for name in names if name in self.tables]
        return sum(self.tables[t.made_of].read if t.made_of else t.read for t in there)

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

    @property
    def stopping(self) -> list[Problem]:
        """The columns that would be emptied for the most part: nothing can be told without them, in silence."""
        return [problem for problem in self.problems if problem.rule == "unreadable_column"]

    def counts(self) -> list[dict[str, Any]]:
        """Return rows read, accepted and rejected by table, the cells emptied and what the rejected rows amount to."""
        return [
            {
                "table": name,
                "rows": t.read,
                "accepted": t.read - t.rejected,
                "rejected": t.rejected,
                "emptied_cells": t.emptied,
                "rejected_amount": t.rejected_amount,
            }
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
        """Return every rejected row and emptied cell, once for each rule that it breaks, as `tables/rejected`."""
        import pandas as pd

        frames = [_listing(t, rule, rows) for t in self.tables.values() for rule, rows in t.broken if rule.rejects]
        frames += [
            bad.assign(table=name, rule="broken_line", lost="row")
            for name, t in self.tables.items()
            for bad in t.bad_lines
            if len(bad)
        ]
        if not frames:
            return empty("rejected")
        listed = pd.concat([conform(frame, "rejected") for frame in frames])
        return listed.sort_values(["table", "file", "row", "rule"], ignore_index=True)


def check(
    engine: Engine,
    dataset: Dataset,
    contract: Mapping[str, Table] = INPUTS,
    told: Callable[[str], None] | None = None,
) -> Checked:
    """Read every table of a dataset and hold it against the contract.

    Parameters
    ----------
    engine, dataset
        Where it is read to, and from.
    contract
        The input tables; with the costing and the policy at hand, as they narrow them.
    told
        What hears of each table when it was read.

    Raises
    ------
    DataError
        A required table or column is missing or a source cannot be read; all such are told at once.
    """
    problems = list(_missing_tables(dataset))
    tables: dict[str, CheckedTable] = {}
    for name in (name for name in contract if name in dataset.sources):
        try:
            known = tables["customers"].rows if "customers" in tables else None
            tables[name] = _open(engine, contract[name], dataset.sources[name], known)
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
        _check_table(engine, table, checked)
        checked.problems += table.problems
        if told:
            told(f"{table.table.name}: {table.read:,} rows read")
    checked.problems += [*nearly_ids(checked), *placeholder_keys(checked)]
    if checked.is_empty:
        checked.problems.append(Problem("customers", "", "no_accounts", "no account is left", "Add at least one row."))
    return checked


def _missing_tables(dataset: Dataset) -> Iterator[Problem]:
    way = "Add customers.csv."
    known = f"Looked in {dataset.folder}."
    if dataset.file:
        way = 'Add [tables.customers] with its path, such as path = "customers.csv", or its sql.'
        known = f"Only what {dataset.file} names is read."
    if "customers" not in dataset.sources:
        yield Problem("customers", "", "missing_table", "this table is missing", f"{way} {known}")
    if not set(RECORDS) & set(dataset.sources):
        yield Problem(
            "transactions",
            "",
            "missing_table",
            "there is neither `transactions` nor `invoices` nor `service_events` nor `cases`",
            f"Add at least one of them. {known}",
        )


def _open(engine: Engine, table: Table, source: Source, customers: ibis.Table | None = None) -> CheckedTable:
    import pandas as pd

    raw, bad = engine.read(source)
    raw = mapped(raw, table, source, customers)
    if table.name == PRIVATE:
        bad = [lines.assign(value=HIDDEN) for lines in bad]
    rows = typed(engine, raw, table, source)
    if table.name == "cases":
        ends = ("first_response_at", "resolved_at")
        rows = rows.mutate(**{name: not_before(rows.opened_at, rows[name]) for name in ends})
    rows = engine.keep_small(f"typed_{table.name}", rows, length_of(raw))
    count = sum(map(len, bad))
    problems = [_broken_lines(table, pd.concat(bad))] if count else []
    given = [name for name in raw.columns if name not in (ROW, FILE) and not name.startswith(RAW)]
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
        hint = f"Add it.{found}"
        if near:
            named = f'`{name} = "{near[0]}"` among the `columns` of [tables.{opened.table.name}] in dataset.toml'
            left = f'; or leave it out there: leave_out = ["{near[0]}"]' if name not in opened.table.required else ""
            hint = f"Is it `{near[0]}`? Rename it, or write {named}{left}."
        yield Problem(opened.table.name, name, "missing_column", "this column is missing", hint)


def _check_table(engine: Engine, opened: CheckedTable, checked: Checked) -> None:
    counts, rules = _count(opened)
    opened.read += int(counts["rows"])
    if not opened.read and opened.table.name in RECORDS and checked.tables["customers"].read:
        opened.problems.append(_no_rows(opened.table.name))
    broken = {(rule.column, rule.code) for n, rule in enumerate(rules) if counts[f"r{n}"]}
    found = judged(opened.table, opened.rows, broken)
    lost = _count_lost(found) if broken else {}
    listed = [(rule, found.rows.filter(rule.told), int(lost[f"t{n}"])) for n, rule in enumerate(found.rules)]
    keys = [column for column in opened.table.columns if column.unique]
    listed += [(_duplicate(key), _repeats(opened.rows, key), int(counts[f"k{key.name}"])) for key in keys]
    listed += [unknown for column in opened.table.columns if (unknown := _unknown(opened, column, checked))]
    listed = [one for one in listed if one[2]]
    opened.broken = [(rule, rows) for rule, rows, _ in listed]
    opened.problems += [_problem(opened, rule, rows, count) for rule, rows, count in listed]
    opened.problems += _unreadable_columns(opened, lost)
    opened.rejected_amount = None if amount_of(opened.rows, opened.table.name) is None else 0.0
    opened.accepted = engine.keep_small(f"accepted_{opened.table.name}", _accept(opened, found), opened.read)


def _no_rows(table: str) -> Problem:
    message = "this table has no rows: what it would tell counts as none, not as unknown"
    mend = "Fill it, or take it out: what needs it is then left out, and that is said."
    return Problem(table, "", "no_rows", message, mend, "warning")


def _count(opened: CheckedTable) -> tuple[dict[str, Any], list[Rule]]:
    """Count, in one scan, the rows, what breaks each rule (`r0`, ...) and the keys that are there again."""
    found = judged(opened.table, opened.rows)
    wanted = {"rows": found.rows.count()}
    wanted |= {f"r{n}": rule.breaks.sum() for n, rule in enumerate(found.rules)}
    for key in (column.name for column in opened.table.columns if column.unique):
        wanted |= {f"k{key}": found.rows[key].count() - found.rows[key].nunique()}
    counts = row_of(found.rows.aggregate(**wanted))
    return {name: count or 0 for name, count in counts.items()}, found.rules


def _count_lost(found: Judged) -> dict[str, Any]:
    """Count, where rules are broken, what is told of each (`t0`, ...), and each column's emptied and filled cells."""
    wanted = {f"t{n}": rule.told.sum() for n, rule in enumerate(found.rules)}
    for name, emptied in found.emptied().items():
        wanted |= {f"e{name}": emptied.sum(), f"f{name}": filled(found.rows[f"{RAW}{name}"]).sum()}
    return row_of(found.rows.aggregate(**wanted))


def _unreadable_columns(opened: CheckedTable, counts: Mapping[str, Any]) -> Iterator[Problem]:
    for column in opened.table.columns:
        bad, there = int(counts.get(f"e{column.name}", 0)), int(counts.get(f"f{column.name}", 0))
        if bad >= FEW and bad > MOST * there:
            yield Problem(
                opened.table.name,
                column.name,
                "unreadable_column",
                f"{bad:,} of its {there:,} filled cells are bad; the column as good as whole would count as empty",
                f"Mend it, declare how it is written in dataset.toml (such as {_declared(column)}), "
                "or leave the column out.",
            )


def _declared(column: Column) -> str:
    """Return the option of `dataset.toml` that most often mends a column of its kind."""
    return 'date_format = "%d.%m.%Y"' if column.kind in (Kind.DATE, Kind.TIMESTAMP) else 'decimal = ","'


def _duplicate(key: Column) -> Rule:
    mend = f'Keep one row, or state one_per = "{key.name}" in dataset.toml: the first one counts.'
    return Rule("duplicate", key.name, "this key is there more than once", mend, None)


def _repeats(rows: ibis.Table, key: Column) -> ibis.Table:
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
    count = length_of(found)
    if not count:
        return None
    rule = Rule(
        f"unknown_{column.references.removesuffix('s')}",
        column.name,
        f"this is not in `{column.references}`",
        f"Add it to `{column.references}`, or correct it.{near_values(found, column.name, known[column.name])}",
        None,
        column.unknown,
    )
    return rule, found, count


def _problem(opened: CheckedTable, rule: Rule, found: Any, count: int) -> Problem:
    first = rows_of(_shown(opened, rule, found).order_by(["file", "row"]).limit(EXAMPLES))
    examples = tuple(
        Example(int(row), _short(key) if file == "" else f"{file}, {_short(key)}", _short(value) or "empty")
        for row, file, key, value in first
    )
    mend = _as_declared(opened, rule) or rule.mend
    if rule.code == "unknown_value":
        mend += near_values(found, rule.column, opened.table[rule.column].values)
    kind = opened.table[rule.column].kind if rule.code == "wrong_type" else None
    if kind in (Kind.DATE, Kind.TIMESTAMP) and opened.table.name != PRIVATE:
        mend += _day_numbers(examples)
    return Problem(opened.table.name, rule.column, rule.code, rule.message, mend, rule.severity, count, examples)


#: Numbers that spreadsheets keep the days of 1954 to 2099 as: days since 30 December 1899.
_FIRST_DAY, _LAST_DAY = 20_000, 73_050


def _day_numbers(examples: Iterable[Example]) -> str:
    """Return the way out where a value is a day as spreadsheets keep it; empty elsewhere."""
    for example in examples:
        whole = example.value.partition(".")[0]
        if whole.isascii() and whole.isdigit() and _FIRST_DAY <= int(whole) <= _LAST_DAY:
            day = date(1899, 12, 30) + timedelta(days=int(whole))
            return (
                f" {example.value} is what a spreadsheet keeps {day} as: give its cells the format of dates and export "
                f"again, or count them in a SELECT: DATE '1899-12-30' + {whole}."
            )
    return ""


def _as_declared(opened: CheckedTable, rule: Rule) -> str:
    """Return the way out where `dataset.toml` says how a column is written or made; empty where it says nothing."""
    source = opened.source
    made = source.columns.get(rule.column)
    if rule.code == "empty" and made and made.by_sign:
        return f"The sign of `{made.by_sign}` tells it: mend the amount there."
    if rule.code != "wrong_type":
        return ""
    kind = opened.table[rule.column].kind
    if kind in (Kind.DATE, Kind.TIMESTAMP):
        formats = ", ".join(source.date_format)
        return f"dataset.toml declares {formats}: write it so, or add its format there." if formats else ""
    marks = {"decimal": source.decimal, "thousands": source.thousands, "currency_mark": source.currency_mark}
    if kind is Kind.BOOLEAN or marks == {"decimal": ".", "thousands": "", "currency_mark": ""}:
        return ""
    declared = ", ".join(f'{name} = "{mark}"' for name, mark in marks.items() if mark)
    return f"dataset.toml declares {declared}: write it so, or correct that."


def _short(value: Any) -> str:
    if value is None or value != value:
        return ""
    line = " ".join(str(value).split())
    return line if len(line) <= 80 else line[:79] + "…"


def _shown(opened: CheckedTable, rule: Rule, found: Any, **more: Any) -> Any:
    """Return row, file, key and raw value of the rows found, as text, and whatever more is asked of them."""
    raw = f"{RAW}{rule.column}"
    value = found[raw] if raw in found.columns else found[rule.column]
    return found.select(
        row=found[ROW],
        file=found[FILE],
        key=found[opened.table.key],
        value=value.cast("string"),
        **more,
    )


def _listing(opened: CheckedTable, rule: Rule, found: Any) -> pd.DataFrame:
    import ibis

    lost: Any = ibis.literal("row")
    if rule.empties:
        lost = ibis.literal("cell")
        if opened.kept is not None:
            joined = found.left_join(opened.kept.mutate(_kept=True), [FILE, ROW])
            found = joined.select(*found.columns, "_kept")
            lost = found["_kept"].notnull().ifelse("cell", "row")
    amount = amount_of(found, opened.table.name)
    # A decimal becomes a float here, not in the engine: a tenth stays a tenth.
    shown = _shown(opened, rule, found, lost=lost, amount=ibis.null("float64") if amount is None else amount)
    frame = shown.to_pandas()
    frame["amount"] = frame["amount"].astype("float64").where(frame["lost"] == "row")
    return frame.assign(table=opened.table.name, column=rule.column, rule=rule.code, reason=rule.message)


def _broken_lines(table: Table, bad: pd.DataFrame) -> Problem:
    first = [
        Example(int(line.row), _short(line.reason), _short(line.value)) for line in bad.head(EXAMPLES).itertuples()
    ]
    mend = (
        "Quote fields that hold the delimiter, a quote or a line break; declare encoding and delimiter in dataset.toml."
    )
    return Problem(table.name, "", "broken_line", "these lines are no rows", mend, count=len(bad), examples=first)


def _accept(opened: CheckedTable, found: Judged) -> ibis.Table:
    """Return the rows that break no rule, bad cells emptied; where none is broken, simply the rows."""
    rows = kept = found.rows
    own = [rule.breaks for rule in found.rules if rule.rejects_rows]
    beyond = [broken for rule, broken in opened.broken if rule.rejects_rows and rule.breaks is None]
    if own:
        kept = kept.filter(~reduce(or_, own))
    for broken in beyond:
        kept = kept.anti_join(broken.select(FILE, ROW), [FILE, ROW])
    if own or beyond:
        opened.kept = kept.select(FILE, ROW)
    if own or beyond or found.emptied():
        _weigh(opened, found, rows, kept)
    return kept.drop(*(name for name in kept.columns if name.startswith((RAW, FLAG))))


def _weigh(opened: CheckedTable, found: Judged, rows: Any, kept: Any) -> None:
    """Count the rejected rows and emptied cells, and sum what the former amount to, each row once."""
    wanted = {"rows": kept.count()}
    for column in found.emptied():
        broken = [kept[rule.breaks.get_name()] for rule in found.rules if rule.empties and rule.column == column]
        wanted[f"e{column}"] = reduce(or_, broken).sum().fill_null(0)
    whole, left = amount_of(rows, opened.table.name), amount_of(kept, opened.table.name)
    if whole is not None and left is not None:
        wanted["amount"] = left.sum().fill_null(0)
        total = row_of(rows.aggregate(amount=whole.sum().fill_null(0)))["amount"]
    sums = row_of(kept.aggregate(**wanted))
    opened.rejected = opened.read - int(sums["rows"])
    opened.emptied = sum(int(value) for name, value in sums.items() if name.startswith("e"))
    if "amount" in wanted:
        opened.rejected_amount = float(total - sums["amount"])


def left_out_in_words(checked: Checked) -> str:
    """Say how many rows of which tables are left out, and how many cells emptied; nothing where all are taken."""
    tables = {name: t for name, t in checked.tables.items() if not t.made_of}
    rows = [f"{t.rejected:,} of {t.read:,} rows of {name}" for name, t in tables.items() if t.rejected]
    cells = [f"{counted(t.emptied, 'cell')} of {name}" for name, t in tables.items() if t.emptied]
    parts = [("left out", rows), ("emptied", cells)]
    said = "; ".join(f"{verb}, as they break a rule: {', '.join(some)}" for verb, some in parts if some)
    return f"{said}; tables/rejected says why" if said else ""


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
