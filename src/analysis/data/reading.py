"""Read a source into the engine and give its columns the contract's types.

Every table is an Ibis expression on DuckDB; nothing of a big table enters Python.
"""

from __future__ import annotations

import codecs
import csv
import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from functools import cache, reduce
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.clock import in_zone, marked, utc_of
from analysis.data.contract import Column, Kind, Table
from analysis.data.moments import bounded, day_of, moment_of, names_among, utc_of_text, zone_in
from analysis.data.sources import Source
from analysis.errors import DataError, Example, Problem

if TYPE_CHECKING:
    import pandas as pd

RAW = "_raw_"
ROW, FILE, UTC = "_row", "_file", "_utc_"
#: A table of so many rows is kept as often as that saves time.
FEW_ROWS = 250_000
#: The tables between whose moments hours are counted: theirs say which of two equal hours of the clock they are of.
TIMED = ("cases", "case_updates")


@dataclass
class Engine:
    """The embedded engine of one run, with a scratch folder that goes when it is closed."""

    folder: Path
    timezone: str = "UTC"
    con: Any = field(init=False)
    scratch: Path = field(init=False)
    _tidy: Callable[[], object] = field(init=False)
    _scope: str = field(init=False, default="")
    _kept: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        import ibis

        self.scratch = Path(tempfile.mkdtemp(prefix="mutual-value-"))
        self.con = ibis.duckdb.connect(
            self.scratch / "engine.duckdb", temp_directory=str(self.scratch), file_search_path=str(self.folder)
        )
        self.con.settings["timezone"] = self.timezone
        # Runs once: when closed, when no table needs the connection any more, or at the latest when Python ends.
        self._tidy = weakref.finalize(self.con, shutil.rmtree, self.scratch, ignore_errors=True)

    def close(self) -> None:
        """Let go of the connection and its scratch folder."""
        self.con.disconnect()
        self._tidy()

    def frame(self, table: Any) -> pd.DataFrame:
        """Return a table as a pandas frame, by way of Arrow: a third of the time that Ibis takes for wide ones."""
        self.con._run_pre_execute_hooks(table)
        relation = self.con.con.sql(self.con.compile(table))
        found: pd.DataFrame = relation.to_arrow_table().to_pandas()
        return found

    def keep(self, name: str, table: Any) -> Any:
        """Return the table computed once and kept in the engine's memory, which spills to the scratch folder."""
        # Ibis would write the rows twice and say five statements to replace a table.
        self.con._run_pre_execute_hooks(table)
        place, schema = f"{self._scope}{name}", table.schema()
        query = f"SELECT {', '.join(_typed_columns(schema))} FROM ({self.con.compile(table)})"  # noqa: S608 - what Ibis wrote
        self.con.con.execute(f'CREATE OR REPLACE TEMP TABLE "{place}" AS {query}').fetchall()
        self._kept.append(place)
        return _kept_table(self.con, place, schema)

    def keep_small(self, name: str, table: Any, rows: int) -> Any:
        """Return a table of few rows as kept, one of many as it is: a question asked anew each time.

        Much is asked of the same rows. What they were made by - a parse, a join - is then said and done once; of many
        rows, what is kept would take the memory that a question about a few of their columns does not.
        """
        return self.keep(name, table) if rows <= FEW_ROWS else table

    @contextmanager
    def scoped(self, name: str) -> Iterator[Engine]:
        """Give the same engine with names of its own for what it keeps, which goes at the end."""
        inner = copy(self)
        inner._scope, inner._kept = f"{self._scope}{name}_", []
        try:
            yield inner
        finally:
            for kept in dict.fromkeys(inner._kept):
                self.con.drop_table(kept, database=("temp", "main"), force=True)


def _typed_columns(schema: Any) -> Iterator[str]:
    """Yield each column cast to its type, as SQL: what the engine sums, it sums to a wider one."""
    for name, dtype in schema.items():
        column = '"{}"'.format(name.replace('"', '""'))
        yield f"CAST({column} AS {_type(dtype)}) AS {column}"


@cache
def _type(dtype: Any) -> str:
    from ibis.backends.sql.datatypes import DuckDBType

    return str(DuckDBType.to_string(dtype))


def _kept_table(con: Any, name: str, schema: Any) -> Any:
    import ibis.expr.operations as ops

    place = ops.Namespace(catalog="temp", database="main")
    return ops.DatabaseTable(name, schema=schema, source=con, namespace=place).to_expr()


def read(engine: Engine, source: Source) -> tuple[Any, list[pd.DataFrame]]:
    """Return a source's rows as they are, with `_row` and `_file`, and its lines that are no rows.

    The latter are frames of `row`, `file`, `value` and `reason`: too many or too few fields, a broken quote or a
    wrong byte.

    Raises
    ------
    DataError
        The source cannot be read at all: no header, a wrong encoding, a SELECT that fails.
    """
    import duckdb

    try:
        if source.kind == "csv":
            return _read_csv(engine, source)
        return (_read_sql if source.kind == "sql" else _read_parquet)(engine, source), []
    except duckdb.Error as fault:
        message = source.masked(str(fault).splitlines()[0])
        place = source.files[0].name if source.files else "the SELECT of dataset.toml"
        mixed = "Save it again as CSV with one kind of line end: it seems to mix those of Windows and Unix."
        mend = mixed if "state machine" in message else "Mend it, then run again."
        raise DataError([_unreadable(source.table, f"{place} cannot be read", mend, message)]) from None


def _unreadable(table: str, message: str, mend: str, value: str = "") -> Problem:
    return Problem(table, "", "unreadable", message, mend, examples=(Example(None, "", value),) if value else ())


def _read_sql(engine: Engine, source: Source) -> Any:
    import ibis

    engine.con.con.sql(source.sql).create_view(f"sql_{source.table}")
    rows = engine.con.table(f"sql_{source.table}")
    return engine.keep(f"raw_{source.table}", rows.mutate(**{ROW: ibis.row_number() + 1, FILE: ibis.literal("")}))


def contents(engine: Engine, source: Source) -> str:
    """Return a digest of the rows that a SELECT gave, whatever their order: its files are not known."""
    rows = engine.con.table(f"raw_{source.table}")
    values = [rows[name].cast("string").fill_null("\0") + "\x1f" for name in rows.columns if name != ROW]
    digest = reduce(add, values).hash()
    sums = rows.aggregate(rows=rows.count(), xor=digest.bit_xor(), total=(digest % 2**31).sum()).to_pandas()
    return "-".join(str(int(value)) for value in sums.iloc[0])


def _read_parquet(engine: Engine, source: Source) -> Any:
    import ibis
    import pyarrow.parquet as pq

    files = [str(file) for file in source.files]
    many = len(files) > 1
    rows = engine.con.read_parquet(
        files, table_name=f"raw_{source.table}", file_row_number=True, union_by_name=many, filename=many
    )
    for file in source.files:
        # The engine would name the second one anew, in silence.
        _stop_at_twins(source, file, pq.read_schema(file).names)
    name = rows.filename.re_extract(r"([^/\\]+)$", 1) if many else ibis.literal("")
    return rows.mutate(**{ROW: rows.file_row_number + 1, FILE: name}).drop(
        "file_row_number", *(["filename"] if many else [])
    )


def _read_csv(engine: Engine, source: Source) -> tuple[Any, list[pd.DataFrame]]:
    import ibis

    parts, bad = [], []
    for number, file in enumerate(source.files):
        name = f"raw_{source.table}_{number}"
        path = _as_utf8(engine, source, file)
        columns = dict.fromkeys(_header(source, path, file), "VARCHAR")
        lines = engine.con.read_csv(
            str(path),
            table_name=f"{name}_lines",
            columns=columns,
            auto_detect=False,
            header=True,
            delim=source.delimiter,
            quote='"',
            escape='"',
            max_line_size=20_000_000,
            store_rejects=True,
            rejects_table=f"{name}_bad",
            rejects_scan=f"{name}_scan",
        )
        numbered = lines.mutate(
            **{ROW: ibis.row_number() + 2, FILE: ibis.literal(file.name if len(source.files) > 1 else "")}
        )
        kept = engine.keep(name, numbered)
        bad.append(_bad_lines(engine, file.name if len(source.files) > 1 else "", f"{name}_bad"))
        parts.append(_counting(kept, bad[-1]) if len(bad[-1]) else kept)
    if len({tuple(part.columns) for part in parts}) > 1:
        names = list(dict.fromkeys(column for part in parts for column in part.columns))
        parts = [p.select([p[n] if n in p.columns else ibis.null("string").name(n) for n in names]) for p in parts]
    return (ibis.union(*parts) if len(parts) > 1 else parts[0]), bad


def _counting(rows: Any, bad: pd.DataFrame) -> Any:
    """Return the rows with `_row` counting the lines that are no rows, too."""
    import ibis

    counted = bad.assign(first=bad.row - bad.index, skipped=bad.index + 1)
    marks = ibis.memtable(counted.groupby("first", as_index=False).skipped.max())
    joined = rows.asof_join(marks, rows[ROW] >= marks["first"])
    return joined.mutate(**{ROW: joined[ROW] + joined.skipped.fill_null(0)}).select(*rows.columns)


def _bad_lines(engine: Engine, file: str, table: str) -> pd.DataFrame:
    bad = engine.con.table(table).to_pandas().drop_duplicates("line").sort_values("line", ignore_index=True)
    bad = bad.rename(columns={"line": "row", "csv_line": "value", "error_message": "reason"})
    bad["value"] = bad["value"].str.slice(0, 1000)
    return bad[["row", "value", "reason"]].assign(file=file)


def _as_utf8(engine: Engine, source: Source, file: Path) -> Path:
    """Return the file, or a copy of it in UTF-8 where another encoding is declared."""
    try:
        encoding = codecs.lookup(source.encoding).name
    except LookupError:
        mend = "Use a name such as cp1252, latin-1 or utf-16."
        raise DataError([_unreadable(source.table, "this encoding is unknown", mend, source.encoding)]) from None
    if encoding in ("utf-8", "ascii", "utf-8-sig"):
        return file
    copy = engine.scratch / f"{source.table}-{file.name}"
    try:
        with file.open(encoding=encoding, newline="") as old, copy.open("w", encoding="utf-8", newline="") as new:
            shutil.copyfileobj(old, new)
    except UnicodeError as fault:
        message = f"{file.name} is not {source.encoding}"
        raise DataError(
            [_unreadable(source.table, message, "Declare its encoding in dataset.toml.", str(fault)[:200])]
        ) from None
    return copy


def _header(source: Source, path: Path, file: Path) -> list[str]:
    """Return the names in a CSV file's first line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            names = next(csv.reader(stream, delimiter=source.delimiter), [])
    except UnicodeDecodeError as fault:
        mend = 'Declare its encoding in dataset.toml, as in encoding = "cp1252".'
        raise DataError([_unreadable(source.table, f"{file.name} is not UTF-8", mend, str(fault)[:200])]) from None
    if not any(names):
        raise DataError([_unreadable(source.table, f"{file.name} has no header line", "Name its columns in line 1.")])
    if any("\0" in name for name in names):
        mend = "Save it again as text; declare its encoding in dataset.toml where that is UTF-16."
        raise DataError([_unreadable(source.table, f"{file.name} has NUL bytes in its header line", mend)])
    names = [name.strip() or f"column {place}" for place, name in enumerate(names, 1)]
    _stop_at_twins(source, file, names)
    return names


def _stop_at_twins(source: Source, file: Path, names: list[str]) -> None:
    lower = [name.lower() for name in names]
    twice = sorted({name for name in names if lower.count(name.lower()) > 1})
    if twice:
        mend = "Name each column once."
        raise DataError([_unreadable(source.table, f"{file.name} names a column twice", mend, ", ".join(twice))])


def typed(engine: Engine, rows: Any, table: Table, source: Source) -> Any:
    """Return the rows with every column of the contract, typed.

    A value that is not of its type is empty, and stands under `_raw_<column>` as it was read. A column that is not
    there is empty; columns that the contract does not know are left out.
    """
    import ibis

    known = {c.name: c for c in table.columns}
    rows, zoned = _with_instants(engine, rows, table)
    typed_columns = {
        name: convert(rows[name], column, source, zoned.get(name))
        if name in rows.columns
        else ibis.null(column.kind.value)
        for name, column in known.items()
    }
    raw = {f"{RAW}{name}": rows[name] for name in known if name in rows.columns}
    return rows.select(ROW, FILE, **typed_columns, **raw)


def _with_instants(engine: Engine, rows: Any, table: Table) -> tuple[Any, dict[str, Any]]:
    """Return the rows, and of each column in which moments have a zone what the clock of the policy's zone shows.

    Such columns are rare, so they are kept once: what follows is then an expression of a column, not of a parse.
    """
    times = [c.name for c in table.columns if c.kind in (Kind.DATE, Kind.TIMESTAMP) and c.name in rows.columns]
    utc = {f"{UTC}{name}": found for name in times if (found := _instants(rows[name])) is not None}
    if not utc:
        return rows, {}
    kept = engine.keep(f"instants_{table.name}", rows.mutate(**utc))
    shown = marked if table.name in TIMED else in_zone
    return kept, {name.removeprefix(UTC): shown(kept[name], engine.timezone) for name in utc}


def _instants(value: Any) -> Any | None:
    """Return a column's instants in UTC; None where none of its values names a zone."""
    given = value.type()
    if given.is_timestamp() and given.timezone:
        return utc_of(value)
    if not given.is_string():
        return None
    text = value.strip()
    zones = zone_in(text).name("zone").as_table().distinct().to_pandas().zone.dropna()
    return utc_of_text(text, names_among(zones)) if len(zones) else None


def convert(value: Any, column: Column, source: Source, moment: Any | None) -> Any:
    """Return a raw column as its contract's kind; empty where it cannot be."""
    import ibis.expr.datatypes as dt

    given = value.type()
    if column.kind is Kind.TEXT:
        text = value if given.is_string() else value.cast("string")
        return text if source.kind == "csv" else text.nullif("")
    if column.kind is Kind.BOOLEAN:
        return value if given.is_boolean() else _boolean(value.cast("string").strip().lower())
    if given.is_string():
        return _parse(value.strip().nullif(""), column, source, moment)
    if moment is not None:
        return bounded(moment if column.kind is Kind.TIMESTAMP else moment.date())
    if given.copy(nullable=True) == dt.dtype(column.kind.value) and not given.is_floating():
        return bounded(value) if column.kind in (Kind.DATE, Kind.TIMESTAMP) else value
    if column.kind in (Kind.NUMBER, Kind.INTEGER):
        return _finite(value.try_cast("float64"), column)
    if given.is_boolean():
        return value.cast("string").try_cast("float64").nullif(0).nullif(1).try_cast(column.kind.value)
    cast = value.try_cast(column.kind.value)
    return bounded(cast) if column.kind in (Kind.DATE, Kind.TIMESTAMP) else cast


def _boolean(word: Any) -> Any:
    import ibis

    return ibis.cases((word == "true", True), (word == "false", False), else_=ibis.null("boolean"))


def _parse(text: Any, column: Column, source: Source, moment: Any | None) -> Any:
    if column.kind is Kind.DATE:
        return day_of(text, moment)
    if column.kind is Kind.TIMESTAMP:
        return moment_of(text, moment)
    text = _with_point(text, source)
    if column.kind in (Kind.NUMBER, Kind.INTEGER):
        return _finite(text.try_cast("float64"), column)
    return text.try_cast(column.kind.value)


def _with_point(text: Any, source: Source) -> Any:
    """Return numbers with a decimal point and no thousands mark; empty where the marks are not as declared."""
    decimal, thousands = re.escape(source.decimal), re.escape(source.thousands)
    if source.decimal == "," and source.thousands != ".":
        text = text.contains(".").ifelse(None, text)
    if source.thousands:
        grouped = text.re_search(rf"^[+-]?\d{{1,3}}({thousands}\d{{3}})*({decimal}\d*)?$")
        text = (text.contains(source.thousands) & ~grouped).ifelse(None, text.replace(source.thousands, ""))
    return text.replace(",", ".") if source.decimal == "," else text


def _finite(value: Any, column: Column) -> Any:
    """Return numbers without `nan`, without `inf` where it has no meaning, and whole where they must be."""
    wrong = value.isnan() if column.unlimited else value.isnan() | value.isinf()
    if column.kind is Kind.INTEGER:
        # Not by rounding: the engine would cast what it rounds, and fail at 1e300.
        wrong = wrong | (value % 1 != 0)
    return wrong.ifelse(None, value).try_cast(column.kind.value)
