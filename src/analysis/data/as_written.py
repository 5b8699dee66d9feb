"""A text file or a sheet of a workbook as the engine reads it: UTF-8, its header in the first line, no footer.

A file that is so already is read where it lies; of any other a copy is made in the scratch folder. So is one with blank
lines, which the engine would pass over and count the rows after them too low.
"""

from __future__ import annotations

import codecs
import csv
import mmap
import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from analysis.data.sources import Source, unreadable
from analysis.errors import DataError

_BLANK = re.compile(rb"\n[ \t\r]*\n")


@dataclass(frozen=True)
class AsWritten:
    """Where the text lies, its delimiter, and how many lines of the file stand above its header."""

    path: Path
    delimiter: str
    above: int


def as_written(scratch: Path, source: Source, file: Path, number: int = 0) -> AsWritten:
    """Return where a file can be read from its header on.

    Raises
    ------
    DataError
        Its encoding is unknown or another one, it is no workbook, or it has no such sheet.
    """
    above = source.header_row - 1
    copy = scratch / f"{source.table}-{number}-{file.stem}.csv"
    if source.kind == "xlsx":
        _write(copy, _without(_sheet(source, file), above, source.skip_footer))
        return AsWritten(copy, ",", above)
    encoding = _codec(source)
    whole = encoding in ("utf-8", "ascii", "utf-8-sig") and not above and not source.skip_footer
    if whole and not _has_blank_lines(file):
        return AsWritten(file, source.delimiter, 0)
    # A wrong byte of a file that needs no other encoding is the engine's to tell, line by line.
    wrong = "surrogateescape" if whole else "strict"
    try:
        with (
            file.open(
                encoding="utf-8-sig" if encoding in ("utf-8", "ascii") else encoding, newline="", errors=wrong
            ) as old,
            copy.open("w", encoding="utf-8", newline="", errors=wrong) as new,
        ):
            new.writelines(_counted(_without(old, above, source.skip_footer), source.delimiter))
    except UnicodeError as fault:
        message, mend = f"{file.name} is not {source.encoding}", "Declare its encoding in dataset.toml."
        raise DataError([unreadable(source.table, message, mend, str(fault)[:200])]) from None
    return AsWritten(copy, source.delimiter, above)


def _codec(source: Source) -> str:
    try:
        return codecs.lookup(source.encoding).name
    except LookupError:
        mend = "Use a name such as cp1252, latin-1 or utf-16."
        raise DataError([unreadable(source.table, "this encoding is unknown", mend, source.encoding)]) from None


def _has_blank_lines(file: Path) -> bool:
    with file.open("rb") as stream:
        if not stream.seek(0, 2):
            return False
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            last = content[-256:].rpartition(b"\n")[2]
            return _BLANK.search(content) is not None or (last != b"" and not last.strip())


def _counted(lines: Iterable[str], delimiter: str) -> Iterator[str]:
    """Yield the lines, each blank one between rows as a row of empty cells: one that counts and says nothing."""
    header, names, quoted = "", 0, False
    for line in lines:
        if names and not quoted and not line.strip():
            yield (delimiter * (names - 1) or '" "') + line[len(line.rstrip("\r\n")) :]
            continue
        quoted ^= line.count('"') % 2 == 1
        if not names:
            header += line
            names = 0 if quoted else max(1, len(next(csv.reader(header.splitlines(True), delimiter=delimiter), [])))
        yield line


def _without(lines: Iterable[Any], above: int, footer: int) -> Iterator[Any]:
    """Yield the lines without the first ones and without the last filled ones, and blank ones after these."""
    held: deque[Any] = deque()
    filled = 0
    for number, line in enumerate(lines):
        if number < above:
            continue
        held.append(line)
        filled += _is_filled(line)
        while filled > footer and (footer or held):
            first = held.popleft()
            filled -= _is_filled(first)
            yield first
    if not footer:
        yield from held


def _is_filled(line: Any) -> bool:
    return any(line) if isinstance(line, list) else bool(line.strip(" \t\r\n;,|"))


def _write(copy: Path, rows: Iterable[list[str]]) -> None:
    with copy.open("w", encoding="utf-8", newline="") as new:
        # Every cell in quotes, or a row of one empty cell would be a blank line, which has no number.
        csv.writer(new, lineterminator="\n").writerows([row if any(row) else [*row[:-1], " "] for row in rows])


def _sheet(source: Source, file: Path) -> Iterator[list[str]]:
    """Yield the rows of a sheet from the first line on, each cell as text."""
    for row in cells_of(source, file):
        yield [_text(cell, source.decimal) for cell in row]


def sheets_of(source: Source, file: Path) -> list[str]:
    """Return the sheets of a workbook that a source names, each once, by name or by a pattern; else its first.

    Raises
    ------
    DataError
        It is no workbook, it is locked with a password, or a name or pattern fits no sheet.
    """
    with _opened(source, file) as book:
        return _chosen(source, file, book.sheet_names)


def _chosen(source: Source, file: Path, names: list[str]) -> list[str]:
    chosen = []
    for wanted in source.sheet or names[:1] or ("",):
        # No name of a sheet has a `*`, `?` or `[` in it: Excel allows none.
        fits = [wanted] if wanted in names else [name for name in names if fnmatchcase(name, wanted)]
        if not fits:
            found = ", ".join(names) or "none"
            message, mend = f"{file.name} has no such sheet", f"Its sheets: {found}."
            raise DataError([unreadable(source.table, message, mend, wanted)])
        chosen += fits
    return list(dict.fromkeys(chosen))


def cells_of(source: Source, file: Path) -> list[list[Any]]:
    """Return the cells of a source's first sheet: of a formula, what the program that saved it had found.

    What stands in cells that are merged downwards holds for each of their rows, as it does for who reads the sheet.

    Raises
    ------
    DataError
        It is no workbook, it is locked with a password, or it has no such sheet.
    """
    with _opened(source, file) as book:
        sheet = book.get_sheet_by_name(_chosen(source, file, book.sheet_names)[0])
        cells: list[list[Any]] = sheet.to_python(skip_empty_area=False)
        for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
            for row in range(top + 1, min(bottom + 1, len(cells))):
                cells[row][left] = cells[top][left]
        return cells


@contextmanager
def _opened(source: Source, file: Path) -> Iterator[Any]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        with CalamineWorkbook.from_path(str(file)) as book:
            yield book
    except PasswordError:
        message, mend = f"{file.name} is locked with a password", "Save it without one."
        raise DataError([unreadable(source.table, message, mend)]) from None
    except (CalamineError, OSError) as fault:
        mend = "Open it in your spreadsheet program and save it as .xlsx again, or export it as CSV."
        raise DataError([unreadable(source.table, f"{file.name} is no workbook", mend, str(fault)[:200])]) from None


def _text(cell: Any, decimal: str) -> str:
    """Return a cell as text: whole numbers without a point, so that ids stay ids; dates in ISO 8601."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell).replace(".", decimal)
    if isinstance(cell, datetime):
        return cell.isoformat(sep="T", timespec="seconds") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(cell)
