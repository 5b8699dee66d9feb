"""Where a dataset comes from: a folder of files, or `dataset.toml` naming a file, a glob or a SELECT per table.

Nothing is guessed: a CSV file is UTF-8 with commas and decimal points unless `dataset.toml` says otherwise.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from analysis.data.connections import Connection, has_a_written_secret
from analysis.data.contract import INPUTS
from analysis.data.options import DatasetFile, Made, TableSource, dishonoured
from analysis.errors import DataError, Example, Problem, UsageError
from analysis.folders import places, shown, stop_at_letters
from analysis.settings import read_toml, validate

#: What a folder's tables are written as, and what `dataset.toml` may name: each suffix with its kind.
SUFFIXES = (".csv", ".parquet")
KINDS = {".csv": "csv", ".txt": "csv", ".tsv": "csv", ".parquet": "parquet", ".xlsx": "xlsx", ".xlsm": "xlsx"}
MEND_PIPE = "Write what comes from it into a file first."
_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Source:
    """Where one table comes from, with its files found; `sql` is `written` with the environment `filled` in."""

    table: str
    files: tuple[Path, ...] = ()
    sql: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    currency_mark: str = ""
    sheet: tuple[str, ...] = ()
    header_row: int = 1
    skip_footer: int = 0
    date_format: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    columns: dict[str, Made] = field(default_factory=dict)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    one_per: str | None = None
    keep: str = "first"
    order_by: str | None = None
    written: str = ""
    filled: tuple[tuple[str, str], ...] = ()
    connection: Connection | None = None

    def masked(self, message: str) -> str:
        """Return a message without what `sql` took from the environment."""
        for name, value in self.filled:
            message = message.replace(value, f"${{{name}}}") if value else message
        return message

    @property
    def kind(self) -> str:
        """`csv`, `xlsx`, `parquet` or `sql`."""
        return "sql" if self.sql else kind_of(self.files[0])

    @property
    def has_other_values(self) -> bool:
        """Whether dataset.toml makes the table's columns or values of what the files say."""
        return bool(self.columns or self.values or self.missing)

    @property
    def place(self) -> str:
        """Its file or SELECT, as an error names it."""
        return self.files[0].name if self.files else self._select

    @property
    def _select(self) -> str:
        on = f" on the connection {self.connection.name}" if self.connection else ""
        return f"the SELECT of dataset.toml{on}"


def kind_of(file: Path) -> str:
    """Return the kind of a file by its name; empty where it is none that is read."""
    return KINDS.get(file.suffix.lower(), "")


@dataclass(frozen=True)
class Dataset:
    """A dataset on disk: its folder, where each of its tables comes from, and files that are no table.

    `trusted`: its SELECTs may reach beyond its own files, as its owner says. `file`: what names its tables; empty
    where they are the files of its folder.
    """

    folder: Path
    sources: dict[str, Source]
    strangers: tuple[str, ...] = ()
    trusted: bool = False
    file: str = ""

    @property
    def costing(self) -> Path:
        """Where its costing lies."""
        return self.folder / "costing.toml"

    @property
    def policy(self) -> Path | None:
        """Where its policy lies, if it has one."""
        path = self.folder / "policy.toml"
        return path if path.exists() else None


def find_dataset(data: str | Path) -> Path:
    """Return the dataset's path: as given, else from a folder above the working directory or the project's own.

    So a notebook finds `data/sample` from wherever it was started.

    Raises
    ------
    UsageError
        Nothing lies at any of these places, or one may not be looked at.
    """
    closed = None
    for candidate in places(data):
        try:
            if candidate.exists():
                return candidate.resolve()
        except PermissionError:
            closed = closed or candidate
        except OSError:  # a name that is too long is none that lies there
            continue
    if closed:
        raise _not_ours(closed)
    raise UsageError(f"There is no dataset at {data}. Give a folder with one file per table, or a dataset.toml.")


def open_dataset(data: str | Path) -> Dataset:
    """Return the dataset of a folder or a `dataset.toml`.

    Raises
    ------
    UsageError
        Nothing lies there, or it may not be read.
    DataError
        Every unknown table, missing file or connection, or every file that may not be read, at once.
    """
    path = find_dataset(data)
    stop_at_letters(path)
    if not _may_read(path):
        raise _not_ours(path)
    named = path / "dataset.toml" if path.is_dir() else path
    if named.suffix == ".toml" and named.exists():
        return _stop_where_closed(_from_file(named))
    if not path.is_dir():
        raise UsageError(
            f"{path} is neither a folder nor a dataset.toml. Have a dataset proposed for an export: "
            f"mutual-value propose {quoted(path)} --out my-data"
        )
    return _stop_where_closed(_from_folder(path))


def _may_read(path: Path) -> bool:
    return os.access(path, os.R_OK | os.X_OK if path.is_dir() else os.R_OK)


def _not_ours(path: Path) -> UsageError:
    return UsageError(f"{path} may not be read by the user that this runs as. Let that user read it and what is in it.")


def _stop_where_closed(dataset: Dataset) -> Dataset:
    """Stop at all files that cannot be read, at once: who runs it at night is often not who tried it by day."""
    files = [(table, file) for table, source in dataset.sources.items() for file in source.files]
    for _, file in files:
        stop_at_letters(file)
    problems = [
        Problem(table, "", "closed", f"{file} may not be read by the user that this runs as", "Let that user read it.")
        for table, file in files
        if not _may_read(file)
    ]
    problems += [
        Problem(table, "", "no_file", f"{file} is a pipe or a device, and a table is read more than once", MEND_PIPE)
        for table, file in files
        if not file.is_file()
    ]
    if problems:
        raise DataError(problems)
    return dataset


def quoted(path: Path) -> str:
    """Write a path as a command line takes it, on Windows, too.

    Examples
    --------
    >>> quoted(Path("exports")), quoted(Path("our exports"))
    ('exports', '"our exports"')
    """
    return f'"{path}"' if " " in str(path) else str(path)


def _from_folder(folder: Path) -> Dataset:
    found: dict[str, Source] = {}
    problems = []
    for table in INPUTS:
        places = [p for p in (*(folder / f"{table}{s}" for s in SUFFIXES), folder / table) if p.exists()]
        if len(places) > 1:
            names = " and ".join(place.name for place in places)
            problems.append(Problem(table, "", "two_sources", f"there are both {names}", "Leave one of them."))
        elif places and (files := _files(places[0])):
            found[table] = Source(table, files)
        elif places:
            mend = "Put its parts there, rename the folder, or name the files in dataset.toml."
            problems.append(Problem(table, "", "no_parts", f"no .parquet file lies in the folder {table}", mend))
    if problems:
        raise DataError(problems)
    strangers = (
        shown(p.name) for p in sorted(folder.iterdir()) if p.suffix.lower() in SUFFIXES and p.stem not in INPUTS
    )
    return Dataset(folder, found, tuple(strangers))


def names_apart(files: Collection[Path]) -> dict[Path, str]:
    """Return what each file is called among the others: its name, or where several share one, its place below them all.

    Examples
    --------
    >>> list(names_apart([Path("lines/a.csv"), Path("lines/b.csv")]).values())
    ['a.csv', 'b.csv']
    >>> list(names_apart([Path("lines/2025/a.csv"), Path("lines/2026/a.csv")]).values())
    ['2025/a.csv', '2026/a.csv']
    """
    if len({file.name for file in files}) == len(files):
        return {file: file.name for file in files}
    above = os.path.commonpath([file.parent for file in files])
    return {file: file.relative_to(above).as_posix() for file in files}


def _files(place: Path) -> tuple[Path, ...]:
    """Return the files of a path: itself, the Parquet parts of a folder, or what a glob matches."""
    if place.is_dir():
        return tuple(sorted(place.rglob("*.parquet")))
    if place.exists():
        return (place,)
    root = Path(place.anchor or ".")
    pattern = str(place.relative_to(root)) if place.anchor else str(place)
    return tuple(sorted(p for p in root.glob(pattern) if p.is_file())) if any(c in pattern for c in "*?[") else ()


def _from_file(file: Path) -> Dataset:
    content = validate(DatasetFile, read_toml(file, DataError), file.name, DataError)
    problems: list[Problem] = []
    connections = _connections(content, file, problems)
    secrets = _secrets(connection.url for connection in content.connections.values())
    sources = {}
    for table, source in content.tables.items():
        if table not in INPUTS:
            known = ", ".join(INPUTS)
            problems.append(Problem(file.name, f"tables.{table}", "unknown_table", "no such table", f"Known: {known}."))
            continue
        found = _resolve(table, source, file, connections, problems)
        if found:
            sources[table] = replace(found, filled=(*found.filled, *secrets)) if found.connection else found
    if problems:
        raise DataError(problems)
    return Dataset(file.parent.resolve(), sources, trusted=content.trusted, file=file.name)


def _resolve(
    table: str, source: TableSource, file: Path, connections: Mapping[str, Connection], problems: list[Problem]
) -> Source | None:
    place = f"tables.{table}"
    if source.connection is not None and source.connection not in connections:
        known = f"Known here: {', '.join(connections) or 'none'}."
        problems.append(
            Problem(
                file.name,
                f"{place}.connection",
                "unknown_connection",
                "there is no such connection",
                f"Add [connections.{source.connection}] with its url. {known}",
                examples=(Example(None, "", source.connection),),
            )
        )
        return None
    connection = connections.get(source.connection or "")
    texts = {
        key: _fill(value, file, f"{place}.{key}", problems)
        for key in ("path", "sql")
        if (value := getattr(source, key))
    }
    said = {name: getattr(source, name) for name in _SAID}
    said |= {name: tuple(getattr(source, name)) for name in ("date_format", "missing", "sheet")}
    said["leave_out"] = tuple(source.leave_out)
    if "sql" in texts:
        names = dict.fromkeys(_VARIABLE.findall(source.sql or ""))
        filled = tuple((name, os.environ.get(name, "")) for name in names)
        return Source(table, sql=texts["sql"], written=source.sql or "", filled=filled, connection=connection, **said)
    files = _files(file.parent.resolve() / texts["path"])
    if wrong := _wrong_files(files, source):
        problems.append(
            Problem(file.name, f"{place}.{wrong[0]}", *wrong[1:], examples=(Example(None, "", source.path or ""),))
        )
        return None
    return Source(table, files, **said)


#: What `dataset.toml` says of a table that reading follows as it stands there.
_SAID = (
    *("encoding", "delimiter", "decimal", "thousands", "currency_mark", "header_row", "skip_footer"),
    *("columns", "values", "one_per", "keep", "order_by"),
)


def _wrong_files(files: tuple[Path, ...], source: TableSource) -> tuple[str, str, str, str] | None:
    """Return key, rule, message and way out of what is wrong with the files of a path; None where nothing is."""
    kinds: list[str] = []
    if not files:
        kind = kind_of(Path(source.path or ""))
        if not (kind and dishonoured(source.model_fields_set, kind)):
            return "path", "missing_file", "no file lies there", "Correct the path."
        kinds = [kind]
    if other := next((f.name for f in files if not kind_of(f)), ""):
        old = other.lower().endswith((".xls", ".xlsb", ".ods"))
        mend = "Save it as .xlsx in your spreadsheet program." if old else "Correct the path."
        return "path", "missing_file", f"{other} is neither {', '.join(list(KINDS)[:-1])} nor .xlsm", mend
    kinds = sorted({kind_of(f) for f in files}) or kinds
    if len(kinds) > 1:
        return "path", "mixed_files", f"files of several kinds lie there ({', '.join(kinds)})", "Name one kind."
    if dishonour := dishonoured(source.model_fields_set, kinds[0]):
        message, mend = dishonour.split(". ", 1)
        return "path", "option_not_honoured", message, f"{mend}."
    return None


def _connections(content: DatasetFile, file: Path, problems: list[Problem]) -> dict[str, Connection]:
    found = {}
    for name, stated in content.connections.items():
        place = f"connections.{name}.url"
        if has_a_written_secret(stated.url):
            mend = "Write ${NAME} in its place, and set it: export NAME=..."
            problems.append(Problem(file.name, place, "written_secret", "a password is written in the file", mend))
        found[name] = Connection(name, _fill(stated.url, file, place, problems), file.parent.resolve())
    return found


def _secrets(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Return what the texts take from the environment, by name."""
    names = dict.fromkeys(name for text in texts for name in _VARIABLE.findall(text))
    return [(name, os.environ.get(name, "")) for name in names]


def _fill(text: str, file: Path, place: str, problems: list[Problem]) -> str:
    """Return the text with each ${NAME} taken from the environment."""
    for name in dict.fromkeys(_VARIABLE.findall(text)):
        if name not in os.environ:
            problems.append(
                Problem(
                    file.name,
                    place,
                    "unset_variable",
                    f"the environment variable {name} is not set",
                    f"Set it: export {name}=...",
                )
            )
    return _VARIABLE.sub(lambda match: os.environ.get(match[1], ""), text)


def fingerprints(source: Source) -> Iterator[dict[str, Any]]:
    """Yield name, size and SHA-256 of each of a source's files; of a SELECT, that of its text as it is written."""
    if source.sql:
        yield {"sql": hashlib.sha256(source.written.encode()).hexdigest()}
    for file in source.files:
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        yield {"file": file.name, "bytes": file.stat().st_size, "sha256": digest}


def unreadable(table: str, message: str, mend: str, value: str = "") -> Problem:
    """Return the problem of a table that cannot be read."""
    return Problem(table, "", "unreadable", message, mend, examples=(Example(None, "", value),) if value else ())
