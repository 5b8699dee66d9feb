"""Where a dataset comes from: a folder of files, or `dataset.toml` naming a file, a glob or a SELECT per table.

Nothing is guessed: a CSV file is UTF-8 with commas and decimal points unless `dataset.toml` says otherwise.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from analysis.data.contract import INPUTS
from analysis.errors import DataError, Example, Problem, UsageError
from analysis.settings import Settings, read_toml, validate

SUFFIXES = (".csv", ".parquet")
_VARIABLE = re.compile(r"\$\{(\w+)\}")


#: What only a CSV file needs to be told.
CSV_ONLY = {"encoding", "delimiter", "decimal", "thousands"}


class TableSource(Settings):
    """One table of `dataset.toml`: a path or a glob, or a SELECT; and what cannot be seen from a CSV file."""

    path: str | None = Field(None, description="a file, a folder of Parquet parts or a glob")
    sql: str | None = Field(None, description="a SELECT on the embedded engine, or on `connection`")
    connection: str | None = Field(None, description="a connection that `sql` runs on")
    encoding: str = Field("utf-8", description="of a CSV file")
    delimiter: str = Field(",", min_length=1, max_length=1, description="of a CSV file")
    decimal: str = Field(".", pattern=r"^[.,]$", description="decimal mark of a CSV file")
    thousands: str = Field("", max_length=1, description="thousands mark of a CSV file")

    @model_validator(mode="after")
    def _path_or_sql(self) -> TableSource:
        if (self.path is None) == (self.sql is None):
            raise ValueError("give either `path` or `sql`")
        if self.thousands == self.decimal:
            raise ValueError("`thousands` and `decimal` cannot be the same mark")
        if given := sorted(self.model_fields_set & CSV_ONLY):
            self._only_of_a_csv_file(", ".join(f"`{name}`" for name in given))
        return self

    def _only_of_a_csv_file(self, options: str) -> None:
        if self.sql is not None:
            raise ValueError(
                f"{options} cannot be honoured beside `sql`: the SELECT reads for itself. "
                "Say it there, as in read_csv('c.csv', encoding='latin-1'), or name the file with `path`"
            )
        if (self.path or "").lower().endswith(".parquet"):
            raise ValueError(f"{options} cannot be honoured for a Parquet file, which says it itself. Leave it out")


class DatasetFile(Settings):
    """`dataset.toml`."""

    connections: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="databases to read from, by name; this version reads files only"
    )
    tables: dict[str, TableSource] = Field(default_factory=dict, description="where each table comes from")
    trusted: bool = Field(
        False, description="let `sql` read files beyond the dataset's own, load extensions and reach addresses"
    )


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
    written: str = ""
    filled: tuple[tuple[str, str], ...] = ()

    def masked(self, message: str) -> str:
        """Return a message without what `sql` took from the environment."""
        for name, value in self.filled:
            message = message.replace(value, f"${{{name}}}") if value else message
        return message

    @property
    def kind(self) -> str:
        """`csv`, `parquet` or `sql`."""
        return "sql" if self.sql else self.files[0].suffix.lower().lstrip(".")


@dataclass(frozen=True)
class Dataset:
    """A dataset on disk: its folder, where each of its tables comes from, and files that are no table.

    `trusted`: its SELECTs may reach beyond its own files, as its owner says.
    """

    folder: Path
    sources: dict[str, Source]
    strangers: tuple[str, ...] = ()
    trusted: bool = False

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
        Nothing lies at any of these places.
    """
    given = Path(data).expanduser()
    homes = [Path.cwd(), *Path.cwd().parents, Path(__file__).resolve().parents[3]]
    candidates = [given] if given.is_absolute() else [home / given for home in homes]
    for candidate in candidates:
        if candidate.exists():
            return candidate.resolve()
    raise UsageError(f"There is no dataset at {data}. Give a folder with one file per table, or a dataset.toml.")


def open_dataset(data: str | Path) -> Dataset:
    """Return the dataset of a folder or a `dataset.toml`.

    Raises
    ------
    UsageError
        Nothing lies there.
    DataError
        Every unknown table, missing file or connection, at once.
    """
    path = find_dataset(data)
    named = path / "dataset.toml" if path.is_dir() else path
    if named.suffix == ".toml" and named.exists():
        return _from_file(named)
    if not path.is_dir():
        raise UsageError(f"{path} is neither a folder nor a dataset.toml.")
    return _from_folder(path)


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
    strangers = (p.name for p in sorted(folder.iterdir()) if p.suffix.lower() in SUFFIXES and p.stem not in INPUTS)
    return Dataset(folder, found, tuple(strangers))


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
    sources = {}
    for table, source in content.tables.items():
        if table not in INPUTS:
            known = ", ".join(INPUTS)
            problems.append(Problem(file.name, f"tables.{table}", "unknown_table", "no such table", f"Known: {known}."))
            continue
        found = _resolve(table, source, file, problems)
        if found:
            sources[table] = found
    if problems:
        raise DataError(problems)
    return Dataset(file.parent.resolve(), sources, trusted=content.trusted)


def _resolve(table: str, source: TableSource, file: Path, problems: list[Problem]) -> Source | None:
    place = f"tables.{table}"
    if source.connection is not None:
        problems.append(
            Problem(
                file.name,
                f"{place}.connection",
                "no_connections_yet",
                "this version reads files and the embedded engine, no other database yet",
                "Export the table to Parquet and name it with `path`.",
                examples=(Example(None, "", source.connection),),
            )
        )
        return None
    texts = {
        key: _fill(value, file, f"{place}.{key}", problems)
        for key in ("path", "sql")
        if (value := getattr(source, key))
    }
    if "sql" in texts:
        names = dict.fromkeys(_VARIABLE.findall(source.sql or ""))
        filled = tuple((name, os.environ.get(name, "")) for name in names)
        return Source(table, sql=texts["sql"], written=source.sql or "", filled=filled)
    files = _files(file.parent.resolve() / texts["path"])
    if not files or any(found.suffix.lower() not in SUFFIXES for found in files):
        wrong = next((f.name for f in files if f.suffix.lower() not in SUFFIXES), "")
        message = f"{wrong} is neither .csv nor .parquet" if wrong else "no file lies there"
        problems.append(
            Problem(
                file.name,
                f"{place}.path",
                "missing_file",
                message,
                "Correct the path.",
                examples=(Example(None, "", source.path or ""),),
            )
        )
        return None
    given = ", ".join(sorted(source.model_fields_set & CSV_ONLY))
    if given and any(found.suffix.lower() == ".parquet" for found in files):
        message = f"{given} cannot be honoured for Parquet files"
        problems.append(Problem(file.name, place, "option_not_honoured", message, "Leave it out."))
        return None
    return Source(
        table,
        files,
        encoding=source.encoding,
        delimiter=source.delimiter,
        decimal=source.decimal,
        thousands=source.thousands,
    )


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
