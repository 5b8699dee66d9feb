"""Read a source into the engine and give its columns the contract's types.

Every table is an Ibis expression on DuckDB; nothing of a big table enters Python.
"""

from __future__ import annotations

import csv
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import chdir, contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cache, reduce
from itertools import count, islice
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from analysis.clock import functions, in_zone, marked, utc_of
from analysis.data.as_written import as_written, sheets_of
from analysis.data.asked import row_of
from analysis.data.connections import Connection, ConnectionFault
from analysis.data.contract import INPUTS, Column, Kind, Table
from analysis.data.mapping import FILE, RAW, ROW, by_format, stop_at_idle_marks, with_point
from analysis.data.moments import bounded, day_of, moment_of, names_among, utc_of_text, zone_in
from analysis.data.row_groups import plain_columns
from analysis.data.sources import Dataset, Source, names_apart, unreadable
from analysis.errors import UNREACHABLE, DataError

if TYPE_CHECKING:
    import ibis
    import pandas as pd

__all__ = ["FILE", "RAW", "ROW", "Engine", "read", "typed"]
UTC = "_utc_"
#: What keeps a SELECT of dataset.toml to the dataset's files; the last one locks the others.
CONFINED = (
    "enable_external_access = false",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "allow_community_extensions = false",
    "python_enable_replacements = false",
    "lock_configuration = true",
)
#: What the embedded engine says for the words of `clock.functions`.
_CLOCK = (
    "timezone('UTC', timezone(zone, {}))",
    "timezone(zone, timezone('UTC', {}))",
    "epoch_us({})",
    "(microsecond({}) % 1000)",
)
#: A table of so many rows is kept as often as that saves time.
FEW_ROWS = 250_000
#: Numbers for the names of engines that are apart.
_APART = count()
#: The tables between whose moments hours are counted: theirs say which of two equal hours of the clock they are of.
TIMED = ("cases", "case_updates")


@dataclass
class Engine:
    """The embedded engine of one run, with a scratch folder that goes when it is closed.

    Attributes
    ----------
    packages
        What a run tells the version of, beside what every run rests on.
    """

    packages: ClassVar[tuple[str, ...]] = ()
    folder: Path
    timezone: str = "UTC"
    con: Any = field(init=False)
    scratch: Path = field(init=False)
    _tidy: Callable[[], object] = field(init=False)
    _scope: str = field(init=False, default="")
    _kept: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        import ibis

        # Ibis would merge the selects of a question before it says it, which the engine does by itself, and quicker.
        ibis.options.sql.fuse_selects = False
        self.scratch = Path(tempfile.mkdtemp(prefix="mutual-value-"))
        self.con = ibis.duckdb.connect(
            self.scratch / "engine.duckdb", temp_directory=str(self.scratch), file_search_path=str(self.folder)
        )
        self.con.settings["timezone"] = self.timezone
        for name, parameters, _, body in functions(*_CLOCK):
            self.con.con.execute(f"CREATE TEMP MACRO {name}({', '.join(parameters)}) AS ({body})")
        # Runs once: when closed, when no table needs the connection any more, or at the latest when Python ends.
        self._tidy = weakref.finalize(self.con, shutil.rmtree, self.scratch, ignore_errors=True)

    def confine(self, dataset: Dataset) -> None:
        """Let the engine read the dataset's folders and files and nothing else, load nothing and reach nothing.

        The engine's own settings see to it, and are locked, so that no SELECT can set them back.
        """
        if dataset.trusted:
            return
        places = (self.folder, self.scratch, *_named_folders(dataset))
        folders = [f"{place.resolve().as_posix()}/" for place in places]
        files = [file.resolve().as_posix() for source in dataset.sources.values() for file in source.files]
        self.con.con.execute(f"SET allowed_directories = [{_literals(folders)}]")
        self.con.con.execute(f"SET allowed_paths = [{_literals(files)}]")
        for setting in CONFINED:
            self.con.con.execute(f"SET {setting}")

    def close(self) -> None:
        """Let go of the connection and its scratch folder."""
        self.con.disconnect()
        self._tidy()

    def frame(self, table: ibis.Table) -> pd.DataFrame:
        """Return a table as a pandas frame, by way of Arrow: a third of the time that Ibis takes for wide ones."""
        self.con._run_pre_execute_hooks(table)
        relation = self.con.con.sql(self.con.compile(table))
        found: pd.DataFrame = relation.to_arrow_table().to_pandas()
        return found

    def keep(self, name: str, table: ibis.Table) -> ibis.Table:
        """Return the table computed once and kept in the engine's memory, which spills to the scratch folder."""
        # Ibis would write the rows twice and say five statements to replace a table.
        self.con._run_pre_execute_hooks(table)
        place, schema = f"{self._scope}{name}", table.schema()
        query = f"SELECT {', '.join(_typed_columns(schema))} FROM ({self.con.compile(table)})"  # noqa: S608 - what Ibis wrote
        self.con.con.execute(f'CREATE OR REPLACE TEMP TABLE "{place}" AS {query}').fetchall()
        self._kept.append(place)
        return kept_table(self.con, place, schema)

    def keep_small(self, name: str, table: ibis.Table, rows: int) -> ibis.Table:
        """Return a table of few rows as kept, one of many as it is: a question asked anew each time.

        Much is asked of the same rows. What they were made by - a parse, a join - is then said and done once; of many
        rows, what is kept would take the memory that a question about a few of their columns does not.
        """
        return self.keep(name, table) if rows <= FEW_ROWS else table

    @contextmanager
    def scoped(self, name: str) -> Iterator[Engine]:
        """Give the same engine with names of its own for what it keeps, which goes at the end."""
        inner = self._with_names(name)
        try:
            yield inner
        finally:
            for kept in dict.fromkeys(inner._kept):
                self._drop(kept)

    def apart(self) -> Engine:
        """Return the same engine with names of its own for what it keeps: what is kept so far stays as it is."""
        return self._with_names(f"apart_{next(_APART)}")

    def _drop(self, name: str) -> None:
        self.con.drop_table(name, database=("temp", "main"), force=True)

    def read(self, source: Source) -> tuple[Any, list[pd.DataFrame]]:
        """Return a source's rows as they are, and its lines that are no rows: see `read`."""
        return read(self, source)

    def plain_columns(self, source: Source) -> frozenset[str]:
        """Return the columns of a source that are known to need no look at each row: see `row_groups`."""
        if source.kind != "parquet" or source.has_other_values:
            return frozenset()
        return plain_columns(source.files)

    def contents(self, source: Source) -> str:
        """Return a digest of the rows that a SELECT gave, whatever their order: its files are not known."""
        rows = self.con.table(f"raw_{source.table}")
        values = [rows[name].cast("string").fill_null("\0") + "\x1f" for name in rows.columns if name != ROW]
        digest = reduce(add, values).hash()
        sums = rows.aggregate(rows=rows.count(), xor=digest.bit_xor(), total=(digest % 2**31).sum()).to_pandas()
        return "-".join(str(int(value)) for value in sums.iloc[0])

    def _with_names(self, name: str) -> Engine:
        inner = copy(self)
        inner._scope, inner._kept = f"{self._scope}{name}_", []
        return inner


def _named_folders(dataset: Dataset) -> list[Path]:
    """Return the folders that SELECTs take from the environment: whoever runs it has named them.

    What every process has does not count as named: the home folder, what is above it, hidden ones and where we are.
    """
    named = {value: name for source in dataset.sources.values() for name, value in source.filled}
    found = {Path(value).resolve() for value, name in named.items() if value and name not in {"PWD", "OLDPWD"}}
    home = Path.home().resolve()
    private = {place for place in found if home.is_relative_to(place) or _is_hidden(place, home)}
    return sorted(place for place in found - private if place.is_dir())


def _is_hidden(place: Path, home: Path) -> bool:
    return place.is_relative_to(home) and any(part.startswith(".") for part in place.relative_to(home).parts)


def _literals(texts: Iterable[str]) -> str:
    """Return texts as a list of literals in SQL."""
    return ", ".join("'" + text.replace("'", "''") + "'" for text in texts)


def _typed_columns(schema: Any) -> Iterator[str]:
    """Yield each column cast to its type, as SQL: what the engine sums, it sums to a wider one."""
    for name, dtype in schema.items():
        column = '"{}"'.format(name.replace('"', '""'))
        yield f"CAST({column} AS {_type(dtype)}) AS {column}"


@cache
def _type(dtype: Any) -> str:
    from ibis.backends.sql.datatypes import DuckDBType

    return str(DuckDBType.to_string(dtype))


def kept_table(con: Any, name: str, schema: Any) -> ibis.Table:
    """Return a temporary table of the engine's connection, without a question about it (Ibis)."""
    import ibis.expr.operations as ops

    place = ops.Namespace(catalog="temp", database="main")
    return ops.DatabaseTable(name, schema=schema, source=con, namespace=place).to_expr()


#: What the engine says, by words of it, and the way out where it names none that leads anywhere here.
_WAYS_OUT = {
    "state machine": "Save it again as CSV with one kind of line end: it seems to mix those of Windows and Unix.",
    "not support the encoding": "A SELECT knows encoding='utf-8', 'utf-16' and 'latin-1', and loads no extension: "
    "write 'latin-1' for what Windows writes in Western Europe, save the file as UTF-8, or name it with `path` and "
    "`encoding`.",
    "extension": "A SELECT loads no extension of the engine: of a workbook name the file with `path` and `sheet`, or "
    "save the sheet as CSV and read that with read_csv.",
}


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
        if source.kind in ("csv", "xlsx"):
            return _read_csv(engine, source)
        return (_read_sql if source.kind == "sql" else _read_parquet)(engine, source), []
    except duckdb.Error as fault:
        message = source.masked(" ".join(str(fault).split())[:1000])
        mend = next((way for words, way in _WAYS_OUT.items() if words in message), "Mend it, then run again.")
        if isinstance(fault, duckdb.PermissionException):
            mend = (
                "A SELECT may read the folder of its dataset.toml, what lies in it, and folders that it takes from the "
                "environment (${NAME}). Put the file there; or write `trusted = true` at the top of dataset.toml, if "
                "you know everybody who can write to that."
            )
        raise DataError([unreadable(source.table, f"{source.place} cannot be read", mend, message)]) from None


def _read_sql(engine: Engine, source: Source) -> Any:
    import duckdb
    import ibis

    if source.connection is not None:
        rows = _fetched(engine, source, source.connection)
        return engine.keep(f"raw_{source.table}", rows.mutate(**{ROW: ibis.row_number() + 1, FILE: ibis.literal("")}))
    statements = engine.con.con.extract_statements(source.sql)
    if [one.type for one in statements] != [duckdb.StatementType.SELECT]:
        mend = "Write one SELECT in dataset.toml, with WITH before it where you need steps."
        raise DataError([unreadable(source.table, "its `sql` is not one SELECT", mend)])
    # Paths start at the file's folder; the engine asks the system where a path leads before it lets it pass.
    with chdir(engine.folder):
        engine.con.con.sql(source.sql).create_view(f"sql_{source.table}")
        rows = engine.con.table(f"sql_{source.table}")
        return engine.keep(f"raw_{source.table}", rows.mutate(**{ROW: ibis.row_number() + 1, FILE: ibis.literal("")}))


def _fetched(engine: Engine, source: Source, connection: Connection) -> Any:
    """Return what a SELECT gives on another database, in the engine."""
    import pyarrow as pa

    name, into = f"fetched_{source.table}", engine.con.con
    try:
        for number, batch in enumerate(connection.batches(source.sql)):
            stop_at_twins(source, Path(connection.name), batch.schema.names)
            into.register("fetched_part", pa.Table.from_batches([batch]))
            verb = f"CREATE TEMP TABLE {name} AS" if number == 0 else f"INSERT INTO {name}"
            into.execute(f"{verb} SELECT * FROM fetched_part")  # noqa: S608
            into.unregister("fetched_part")
    except ConnectionFault as fault:
        message = source.masked(str(fault))
        problem = unreadable(source.table, f"{source.place} cannot be read", fault.mend, message)
        raise DataError([replace(problem, rule=UNREACHABLE) if fault.away else problem]) from None
    return engine.con.table(name, database=("temp", "main"))


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
        stop_at_twins(source, file, pq.read_schema(file).names)
    name = _name_of_part(rows.filename, source) if many else ibis.literal("")
    return rows.mutate(**{ROW: rows.file_row_number + 1, FILE: name}).drop(
        "file_row_number", *(["filename"] if many else [])
    )


def _name_of_part(path: Any, source: Source) -> Any:
    """Return what `names_apart` calls each file, of its path (Ibis)."""
    called = names_apart(source.files)
    if all(name == file.name for file, name in called.items()):
        return path.re_extract(r"([^/\\]+)$", 1)
    file, name = next(iter(called.items()))
    return path.substr(len(str(file)) - len(name)).replace("\\", "/")


def _read_csv(engine: Engine, source: Source) -> tuple[Any, list[pd.DataFrame]]:
    import ibis

    parts, bad = [], []
    for number, (of, file, place) in enumerate(_places(source)):
        name = f"raw_{source.table}_{number}"
        text = as_written(engine.scratch, of, file, number)
        columns = dict.fromkeys(_header(source, text.path, file, text.delimiter), "VARCHAR")
        lines = engine.con.read_csv(
            str(text.path),
            table_name=f"{name}_lines",
            columns=columns,
            auto_detect=False,
            header=True,
            delim=text.delimiter,
            quote='"',
            escape='"',
            max_line_size=20_000_000,
            store_rejects=True,
            rejects_table=f"{name}_bad",
            rejects_scan=f"{name}_scan",
        )
        numbered = lines.mutate(**{ROW: ibis.row_number() + 2 + text.above, FILE: ibis.literal(place)})
        # A line of nothing but delimiters is as blank as an empty one.
        filled = ibis.coalesce(*(numbered[column].strip().nullif("") for column in columns)).notnull()
        kept = engine.keep(name, numbered.filter(filled))
        bad.append(_bad_lines(engine, place, f"{name}_bad", text.above))
        parts.append(_counting(kept, bad[-1]) if len(bad[-1]) else kept)
    if len({tuple(part.columns) for part in parts}) > 1:
        names = list(dict.fromkeys(column for part in parts for column in part.columns))
        parts = [p.select([p[n] if n in p.columns else ibis.null("string").name(n) for n in names]) for p in parts]
    return (ibis.union(*parts) if len(parts) > 1 else parts[0]), bad


def _places(source: Source) -> list[tuple[Source, Path, str]]:
    """Return what is read one by one: each file, or each sheet of it, with its name where there are several."""
    found, called = [], names_apart(source.files)
    for file in source.files:
        sheets = sheets_of(source, file) if source.kind == "xlsx" else []
        several = [(replace(source, sheet=(sheet,)), file, f"{called[file]}, sheet {sheet}") for sheet in sheets]
        found += several if len(several) > 1 else [(source, file, called[file])]
    return found if len(found) > 1 else [(of, file, "") for of, file, _ in found]


def _counting(rows: Any, bad: pd.DataFrame) -> Any:
    """Return the rows with `_row` counting the lines that are no rows, too."""
    import ibis

    counted = bad.assign(first=bad.row - bad.index, skipped=bad.index + 1)
    marks = ibis.memtable(counted.groupby("first", as_index=False).skipped.max())
    joined = rows.asof_join(marks, rows[ROW] >= marks["first"])
    return joined.mutate(**{ROW: joined[ROW] + joined.skipped.fill_null(0)}).select(*rows.columns)


def _bad_lines(engine: Engine, file: str, table: str, above: int) -> pd.DataFrame:
    import pandas as pd

    if not engine.con.con.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchall():  # noqa: S608
        return pd.DataFrame(columns=["row", "value", "reason", "file"])
    bad = engine.con.table(table).to_pandas().drop_duplicates("line").sort_values("line", ignore_index=True)
    bad = bad.rename(columns={"line": "row", "csv_line": "value", "error_message": "reason"})
    bad["value"], bad["row"] = bad["value"].str.strip("\r\n").str.slice(0, 1000), bad["row"] + above
    return bad[["row", "value", "reason"]].assign(file=file)


def _header(source: Source, path: Path, file: Path, delimiter: str) -> list[str]:
    """Return the names in a CSV file's first line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            names = next(csv.reader(stream, delimiter=delimiter), [])
    except csv.Error as fault:
        mend = "Save it again as CSV."
        raise DataError(
            [unreadable(source.table, f"the header of {file.name} cannot be read", mend, str(fault))]
        ) from None
    except UnicodeDecodeError as fault:
        mend = 'Declare its encoding in dataset.toml, as in encoding = "cp1252".'
        raise DataError([unreadable(source.table, f"{file.name} is not UTF-8", mend, str(fault)[:200])]) from None
    if not any(names):
        mend = f"Name its columns in line {source.header_row}, or say in `header_row` which line does."
        raise DataError([unreadable(source.table, f"{file.name} has no header line", mend)])
    if any("\0" in name for name in names):
        mend = "Save it again as text; declare its encoding in dataset.toml where that is UTF-16."
        raise DataError([unreadable(source.table, f"{file.name} has NUL bytes in its header line", mend)])
    if hint := _other_delimiter(names, delimiter):
        raise DataError([unreadable(source.table, f"{file.name} has one column by its delimiter", hint, names[0][:80])])
    if hint := _other_header(source, path, names, delimiter):
        raise DataError(
            [unreadable(source.table, f"line {source.header_row} of {file.name} names no column", hint, names[0][:80])]
        )
    names = [name.strip() or f"column {place}" for place, name in enumerate(names, 1)]
    if source.columns or source.table not in INPUTS:
        names = _numbered(names)
    stop_at_twins(source, file, names)
    return names


def _numbered(names: list[str]) -> list[str]:
    """Return the names, those that an export has several times with their number, as in `Comment (2)`."""
    lower = [name.lower() for name in names]
    return [
        f"{name} ({lower[: place + 1].count(lower[place])})" if lower.count(lower[place]) > 1 else name
        for place, name in enumerate(names)
    ]


def _other_delimiter(names: list[str], delimiter: str) -> str:
    """Return the way out where the header is one name by this delimiter and several by another; empty elsewhere."""
    if len([name for name in names if name]) > 1:
        return ""
    marks = [mark for mark in (";", "\t", "|", ",") if mark != delimiter and names[0].count(mark) > 1]
    written = {"\t": "\\t"}
    return f'Declare it in dataset.toml: delimiter = "{written.get(marks[0], marks[0])}".' if marks else ""


def _other_header(source: Source, path: Path, names: list[str], delimiter: str) -> str:
    """Return the way out where the first line names none of the columns and one further down does; else empty."""
    if source.table not in INPUTS:
        return ""
    theirs = {name for made in source.columns.values() for name in made.names}
    wanted = theirs or set(INPUTS[source.table].required)
    if wanted & {name.strip() for name in names}:
        return ""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = csv.reader(stream, delimiter=delimiter)
        for row in islice(lines, 30):
            if len(wanted & {name.strip() for name in row}) >= min(2, len(wanted)):
                return f"Declare it in dataset.toml: header_row = {lines.line_num + source.header_row - 1}."
    return ""


def stop_at_twins(source: Source, file: Path, names: list[str]) -> None:
    """Stop where two columns have one name, as the engine sees it.

    Raises
    ------
    DataError
        It names them.
    """
    lower = [name.lower() for name in names]
    twice = sorted({name for name in names if lower.count(name.lower()) > 1})
    if twice:
        mend = "Name each column once."
        raise DataError([unreadable(source.table, f"{file.name} names a column twice", mend, ", ".join(twice))])


def typed(engine: Engine, rows: ibis.Table, table: Table, source: Source) -> ibis.Table:
    """Return the rows with every column of the contract, typed.

    A value that is not of its type is empty, and stands under `_raw_<column>` as it was read. A column that is not
    there is empty; columns that the contract does not know are left out.
    """
    import ibis

    known = {c.name: c for c in table.columns}
    stop_at_idle_marks(rows, table, source)
    rows = by_format(rows, table, source)
    rows, zoned = _with_instants(engine, rows, table)
    plain = engine.plain_columns(source)
    typed_columns = {
        name: convert(rows[name], column, source, zoned.get(name), plain=name in plain)
        if name in rows.columns
        else ibis.null(column.kind.value)
        for name, column in known.items()
    }
    raw = {
        f"{RAW}{name}": rows[f"{RAW}{name}" if f"{RAW}{name}" in rows.columns else name]
        for name in known
        if name in rows.columns
    }
    return rows.select(ROW, FILE, **typed_columns, **raw)


def _with_instants(engine: Engine, rows: ibis.Table, table: Table) -> tuple[Any, dict[str, Any]]:
    """Return the rows, and of each column in which moments have a zone what the clock of the policy's zone shows.

    Such columns are rare, so they are kept once: what follows is then an expression of a column, not of a parse.
    """
    times = [c.name for c in table.columns if c.kind in (Kind.DATE, Kind.TIMESTAMP) and c.name in rows.columns]
    utc = {f"{UTC}{name}": instants for name, instants in _instants(rows, times).items()}
    if not utc:
        return rows, {}
    kept = engine.keep(f"instants_{table.name}", rows.mutate(**utc))
    shown = marked if table.name in TIMED else in_zone
    return kept, {name.removeprefix(UTC): shown(kept[name], engine.timezone) for name in utc}


def _instants(rows: ibis.Table, times: Iterable[str]) -> dict[str, ibis.Column]:
    """Return the instants in UTC of each of these columns of which any value names a zone."""
    given = {name: rows[name].type() for name in times}
    found = {name: utc_of(rows[name]) for name, kind in given.items() if kind.is_timestamp() and kind.timezone}
    texts = {name: rows[name].strip() for name, kind in given.items() if kind.is_string()}
    written = {name: zone_in(text).collect(distinct=True) for name, text in texts.items()}
    zones = row_of(rows.aggregate(**written)) if written else {}
    return found | {name: utc_of_text(texts[name], names_among(sorted(zones[name]))) for name in texts if zones[name]}


def convert(
    value: ibis.Column, column: Column, source: Source, moment: ibis.Column | None, *, plain: bool = False
) -> ibis.Column:
    """Return a raw column as its contract's kind; empty where it cannot be, or where a text is.

    A column that is known to be `plain` has no such text, and no moment that is beyond the calendar.
    """
    import ibis.expr.datatypes as dt

    given = value.type()
    if column.kind is Kind.TEXT:
        text = value if given.is_string() else value.cast("string")
        return text if plain or source.kind in ("csv", "xlsx") else text.nullif("")
    if column.kind is Kind.BOOLEAN:
        return value if given.is_boolean() else _boolean(value.cast("string").strip().lower())
    if given.is_string():
        return _parse(value.strip().nullif(""), column, source, moment)
    if moment is not None:
        return bounded(moment if column.kind is Kind.TIMESTAMP else moment.date())
    within = column.kind not in (Kind.DATE, Kind.TIMESTAMP) or plain
    if given.copy(nullable=True) == dt.dtype(column.kind.value) and not given.is_floating():
        return value if within else bounded(value)
    if column.kind in (Kind.NUMBER, Kind.INTEGER) and given.is_integer():
        return value.try_cast(column.kind.value)
    if column.kind in (Kind.NUMBER, Kind.INTEGER):
        return _finite(value.try_cast("float64"), column)
    if given.is_boolean():
        return value.cast("string").try_cast("float64").nullif(0).nullif(1).try_cast(column.kind.value)
    cast = value.try_cast(column.kind.value)
    return cast if within else bounded(cast)


def _boolean(word: ibis.Column) -> ibis.Column:
    import ibis

    return ibis.cases((word == "true", True), (word == "false", False), else_=ibis.null("boolean"))


def _parse(text: ibis.Column, column: Column, source: Source, moment: ibis.Column | None) -> ibis.Column:
    if column.kind is Kind.DATE:
        return day_of(text, moment)
    if column.kind is Kind.TIMESTAMP:
        return moment_of(text, moment)
    text = with_point(text, source)
    if column.kind in (Kind.NUMBER, Kind.INTEGER):
        return _finite(text.try_cast("float64"), column)
    return text.try_cast(column.kind.value)


def _finite(value: ibis.Column, column: Column) -> ibis.Column:
    """Return numbers without `nan`, without `inf` where it has no meaning, and whole where they must be."""
    wrong = value.isnan() if column.unlimited else value.isnan() | value.isinf()
    if column.kind is Kind.INTEGER:
        # Not by rounding: the engine would cast what it rounds, and fail at 1e300.
        wrong = wrong | (value % 1 != 0)
    return wrong.ifelse(None, value).try_cast(column.kind.value)
