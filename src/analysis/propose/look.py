"""How a file is written: its encoding, delimiter, the line of its header, and lines at its end that are no rows."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.data.as_written import cells_of
from analysis.data.connections import Connection, ConnectionFault
from analysis.data.sources import Source, kind_of
from analysis.errors import DataError, Problem
from analysis.propose.words import is_total

DELIMITERS = (",", ";", "\t", "|")
#: Files that are databases, with the scheme of their address.
DATABASES = {".db": "sqlite", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".duckdb": "duckdb"}
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' "
    "ORDER BY name",
    "duckdb": "SELECT table_name AS name, nullif(table_schema, 'main') AS schema FROM information_schema.tables "
    "ORDER BY table_schema, table_name",
}
#: So much of a file's beginning and end is looked at.
BEGINNING, END = 400_000, 100_000
MOST_ABOVE, MOST_BELOW = 30, 12
Row = Sequence[str]


@dataclass(frozen=True)
class Look:
    """How one file or sheet is written, with the reason of what is not as usual."""

    file: Path
    said: dict[str, Any] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Its name for people: the file, and of several in it the table or the sheet."""
        if sql := self.said.get("sql"):
            table = sql.partition("FROM ")[2].replace('"', "")
            return f"{self.file.name}, table {table}"
        sheet = self.said.get("sheet")
        return f"{self.file.name}, sheet {sheet}" if sheet else self.file.name

    def source(self, table: str = "export") -> Source:
        """Return it as a source of a dataset."""
        sheet = self.said.get("sheet", [])
        sheets = (sheet,) if isinstance(sheet, str) else tuple(sheet)
        return Source(table, (self.file,), **{**self.said, "sheet": sheets})


def look_at(file: Path) -> list[Look]:
    """Return how a file is written; of a workbook each sheet that has a table in it.

    Raises
    ------
    DataError
        It is a workbook that cannot be read.
    """
    kind = kind_of(file)
    if file.suffix.lower() in DATABASES:
        return _tables(file)
    if kind == "xlsx":
        return _sheets(file)
    return [_text(file) if kind == "csv" else Look(file)]


def is_export(file: Path) -> bool:
    """Return whether a file is of a kind that is looked at."""
    return bool(kind_of(file)) or file.suffix.lower() in DATABASES


def _tables(file: Path) -> list[Look]:
    """Return the tables and views of a database file, each as a SELECT."""
    scheme = DATABASES[file.suffix.lower()]
    name = re.sub(r"[^a-z0-9]+", "_", file.stem.lower()).strip("_") or "database"
    connection = Connection(name, f"{scheme}://{file}", file.parent)
    try:
        found = [row for batch in connection.batches(_TABLES[scheme]) for row in batch.to_pylist()]
    except ConnectionFault as fault:
        raise DataError([Problem(file.name, "", "unreadable", f"it is no database: {fault}", fault.mend)]) from None
    paths = [[row[part] for part in ("schema", "name") if row.get(part)] for row in found]
    quoted = [".".join('"' + part.replace('"', '""') + '"' for part in path) for path in paths]
    return [Look(file, {"sql": f"SELECT * FROM {table}", "connection": connection}) for table in quoted]  # noqa: S608


def _text(file: Path) -> Look:
    encoding, why = _encoding(file)
    first = _decoded(file, encoding, 0, BEGINNING)
    lines = first.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:300]
    delimiter = _delimiter(lines)
    rows = [*csv.reader(lines, delimiter=delimiter)] if "\0" not in first else []
    header = _header(rows)
    end = _decoded(file, encoding, max(0, file.stat().st_size - END), END)
    tail = end.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    last = [*csv.reader(tail[1:] if len(end) < len(first) or file.stat().st_size > END else tail, delimiter=delimiter)]
    footer = _footer(last, rows[header:])
    said: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    if encoding != "utf-8":
        said["encoding"], reasons["encoding"] = encoding, why
    if delimiter != ",":
        said["delimiter"], reasons["delimiter"] = delimiter, "most lines have as many fields by it"
    return Look(file, said | _edges(header, footer, reasons), reasons)


def _edges(header: int, footer: int, reasons: dict[str, str]) -> dict[str, int]:
    said = {}
    if header > 1:
        said["header_row"], reasons["header_row"] = header, f"{header - 1} above it: titles, or blank"
    if footer:
        said["skip_footer"], reasons["skip_footer"] = footer, "at the end: totals or notes"
    return said


def _encoding(file: Path) -> tuple[str, str]:
    with file.open("rb") as stream:
        begin = stream.read(4096)
    if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", "its first bytes say so"
    if begin.count(b"\0") > len(begin) / 4:
        return ("utf-16-le" if begin[1:2] == b"\0" else "utf-16-be"), "every other byte is none"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as fault:
        byte = fault.object[fault.start]
        told = f"? it is not UTF-8 (byte 0x{byte:02X}); this is what Windows writes in Western Europe"
        return ("cp1252" if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else "latin-1"), told
    return "utf-8", ""


def _decoded(file: Path, encoding: str, start: int, size: int) -> str:
    with file.open("rb") as stream:
        stream.seek(start - start % 2)
        found = stream.read(size)
    name = "utf-16-le" if encoding == "utf-16" and found[:2] != codecs.BOM_UTF16_BE and start else encoding
    return found.decode(name, errors="replace").lstrip("\ufeff")


def _delimiter(lines: Sequence[str]) -> str:
    def fit(mark: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in csv.reader([line for line in lines if line.strip()], delimiter=mark))
        width, times = max(((w, n) for w, n in widths.items() if w > 1), key=lambda one: one[1], default=(1, 0))
        return (times / max(1, sum(widths.values())), width)

    try:
        fits = {mark: fit(mark) for mark in DELIMITERS}
    except csv.Error:
        return ","
    best = max(DELIMITERS, key=lambda mark: fits[mark])
    return best if fits[best][0] > 0 else ","


def _header(rows: Sequence[Row]) -> int:
    """Return the line of the header, from 1: the first whose cells are filled as those below it, and are names."""
    usual = _usual(rows)
    for place, row in enumerate(rows[:MOST_ABOVE]):
        filled = [cell.strip() for cell in row if cell.strip()]
        names = [cell for cell in filled if not any(c.isdigit() for c in cell) or any(c.isalpha() for c in cell)]
        if (
            len(filled) >= max(2, 0.7 * usual)
            and len(names) >= 0.9 * len(filled)
            # A whole line of names is a header, though some of them stand there several times.
            and (len(set(filled)) >= 0.8 * len(filled) or len(filled) == len(row))
        ):
            return place + 1
    return 1


def _usual(rows: Sequence[Row]) -> float:
    """Return how many cells of a row are filled, as a rule."""
    counts = sorted(sum(bool(cell.strip()) for cell in row) for row in rows if any(cell.strip() for cell in row))
    return counts[len(counts) // 2] if counts else 0


def _footer(last: Sequence[Row], rows: Sequence[Row]) -> int:
    """Return how many filled rows at the end are none: they begin as totals do, or have hardly a cell filled."""
    usual, found = _usual(rows), 0
    filled_rows = [row for row in last if any(cell.strip() for cell in row)]
    for row in reversed(filled_rows[-MOST_BELOW:]):
        filled = [cell.strip() for cell in row if cell.strip()]
        key_is_empty = not row[0].strip() and usual > 2 and len(filled) <= usual / 2
        if (
            not (is_total(filled[0]) and len(filled) < max(2, usual))
            and not (len(filled) == 1 < usual - 1)
            and not key_is_empty
        ):
            break
        found += 1
    return found if found < len(filled_rows) else 0


def _sheets(file: Path) -> list[Look]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(str(file)) as book:
            names = book.sheet_names
    except (CalamineError, OSError):
        cells_of(Source("export", (file,)), file)  # it tells what is wrong
        raise
    looks = []
    for number, name in enumerate(names):
        cells = cells_of(Source(file.name, (file,), sheet=(name,)), file)
        rows = [["" if cell is None else str(cell) for cell in row] for row in cells]
        if _usual(rows) < 2 or len(rows) < 2:
            continue
        header = _header(rows[:300])
        reasons: dict[str, str] = {}
        said: dict[str, Any] = {"sheet": name} if number or len(names) > 1 else {}
        looks.append(Look(file, said | _edges(header, _footer(rows[-50:], rows[header:]), reasons), reasons))
    return looks
