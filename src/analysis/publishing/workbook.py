"""One workbook of a run's main tables: typed, filtered, frozen headers, and a sheet that explains every column.

No text of the data is ever a formula or a link: each cell is written with its kind, and texts as texts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.data.contract import OUTPUTS, Kind
from analysis.data.schema import Column
from analysis.formats import count, day
from analysis.reporting.at_stake import largest
from analysis.reporting.known import data_from
from analysis.run import Run

if TYPE_CHECKING:
    import pandas as pd

FILE = "workbook.xlsx"
#: The main tables, in the order in which a reader wants them; one that the contract does not name is left out.
TABLES = (
    *("next_steps", "figures", "accounts", "margin_by_month", "reasons", "service_gaps", "service_money", "cuts"),
    *("behaviours", "our_failures", "plan", "actions", "mutual_value", "lenses", "protect_first", "whale"),
    *("compared", "changes", "promises", "answers", "offers", "resources", "activities", "bridge", "rejected"),
)
#: Cells of a sheet beyond which only the accounts with most money at stake are in it: more is slow to open.
MOST_CELLS = 250_000
LONGEST_TEXT = 32_767
WIDEST = 46
_GROUP = "cts_"
_FORMATS = {
    Kind.MONEY: "#,##0.00;[Red]-#,##0.00",
    Kind.NUMBER: "#,##0.00##",
    Kind.MINUTES: "#,##0.0",
    Kind.INTEGER: "#,##0",
    Kind.DATE: "yyyy-mm-dd",
    Kind.TIMESTAMP: "yyyy-mm-dd hh:mm",
}


def write_workbook(run: Run, file: Path) -> None:
    """Write the workbook of a run; the same run gives the same bytes."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": False,
        "default_date_format": "yyyy-mm-dd",
    }
    book = xlsxwriter.Workbook(str(file), options)
    book.set_properties({"title": "Mutual Value", "created": datetime.combine(run.as_of, time())})
    styles = {kind: book.add_format({"num_format": pattern}) for kind, pattern in _FORMATS.items()}
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    cut, rows = {}, {}
    for name in TABLES:
        if name in OUTPUTS:
            frame = run.once(name)
            cut[name], rows[name] = _within(run, frame), len(frame)
            del frame
    _write_about(book, run, head, cut, rows)
    _write_columns(book, head, cut)
    for name, frame in cut.items():
        _write_table(book, name, frame, styles, head)
    book.close()


def _within(run: Run, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that a sheet has room for: those of the accounts with most money at stake."""
    most = max(MOST_CELLS // max(len(frame.columns), 1), 1)
    if len(frame) <= most:
        return frame
    if "customer_id" not in frame:
        return frame.take(range(most))  # `head` would hold on to the whole frame
    rank = {key: place for place, key in enumerate(largest(run, len(run.accounts)))}
    order = frame["customer_id"].map(rank).fillna(len(rank)).argsort(kind="stable")
    return frame.iloc[sorted(order[:most])]


def _write_about(book: Any, run: Run, head: Any, cut: dict[str, pd.DataFrame], rows: dict[str, int]) -> None:
    sheet = book.add_worksheet("About")
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 90)
    sheet.set_column(2, 2, 34)
    began = data_from(run)
    since = f"; the data begins on {day(began)}" if began else ""
    facts = [
        ("What", "The main tables of one run; all tables are in the run's folder, in tables/."),
        ("Window", f"{day(run.window.start)} to {day(run.window.end)}{since}"),
        ("Currency", str(run.policy.currency)),
        ("Run", str(run.facts.get("run_id") or "not published")),
        ("Empty cells", "Unknown: never 0, never false."),
    ]
    for line, (label, words) in enumerate(facts):
        _text(sheet, line, 0, label, head)
        _text(sheet, line, 1, words)
    first = len(facts) + 1
    for column, label in enumerate(("Sheet", "What it holds", "Rows")):
        _text(sheet, first, column, label, head)
    for line, name in enumerate(cut, start=first + 1):
        _text(sheet, line, 0, name)
        _text(sheet, line, 1, OUTPUTS[name].doc)
        _text(sheet, line, 2, _rows_in_words(len(cut[name]), rows[name], name))


def _rows_in_words(here: int, all_of_them: int, name: str) -> str:
    if here == all_of_them:
        return count(here)
    return f"{count(here)} of {count(all_of_them)}, most at stake; tables/{name}.csv has all"


def _write_columns(book: Any, head: Any, tables: dict[str, pd.DataFrame]) -> None:
    """Write the sheet that explains every column of every sheet."""
    sheet = book.add_worksheet("Columns")
    for column, (label, width) in enumerate((("Sheet", 18), ("Column", 26), ("Type", 14), ("Meaning", 110))):
        sheet.set_column(column, column, width)
        _text(sheet, 0, column, label, head)
    rows = [row for name, frame in tables.items() for row in _explained(name, frame)]
    for line, row in enumerate(rows, start=1):
        for column, words in enumerate(row):
            _text(sheet, line, column, words)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(rows), 3)


def _explained(name: str, frame: pd.DataFrame) -> Iterator[tuple[str, str, str, str]]:
    known = {column.name: column for column in OUTPUTS[name].columns}
    for label in frame.columns:
        column = known.get(label)
        if column is not None:
            yield name, label, column.kind.word, column.doc
        else:
            group = str(label).removeprefix(_GROUP).replace("_", " ")
            yield name, str(label), Kind.MONEY.word, f"part of cost_to_serve: {group}"


def _write_table(book: Any, name: str, frame: pd.DataFrame, styles: dict[Kind, Any], head: Any) -> None:
    sheet = book.add_worksheet(name)
    known = {column.name: column for column in OUTPUTS[name].columns}
    kinds = [_kind(known.get(label)) for label in frame.columns]
    for place, (label, kind) in enumerate(zip(frame.columns, kinds, strict=True)):
        sheet.set_column(place, place, _width(frame[label], str(label), kind))
    for place, label in enumerate(frame.columns):
        _text(sheet, 0, place, str(label), head)
    writers = [_writer(sheet, kind, styles.get(kind)) for kind in kinds]
    columns = [_values(frame[label], kind) for label, kind in zip(frame.columns, kinds, strict=True)]
    for line, row in enumerate(zip(*columns, strict=True), start=1):
        for place, (value, write) in enumerate(zip(row, writers, strict=True)):
            if value is not None:
                write(line, place, value)
    frozen = [label for label in frame.columns[:2] if label in ("customer_id", "name")]
    sheet.freeze_panes(1, len(frozen))
    if len(frame.columns):
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)


def _kind(column: Column | None) -> Kind:
    return Kind.MONEY if column is None else column.kind


def _width(values: pd.Series[Any], label: str, kind: Kind) -> int:
    if kind != Kind.TEXT:
        return min(max(len(label) * 2 // 3, 12), 20)
    longest = max((len(str(value)) for value in values.head(500) if isinstance(value, str)), default=0)
    return min(max(longest, len(label), 10) + 1, WIDEST)


def _values(column: pd.Series[Any], kind: Kind) -> list[Any]:
    """Return a column's values as plain Python ones; what is unknown is None."""
    import pandas as pd

    unknown = column.isna()
    plain = pd.to_datetime(column).dt.to_pydatetime() if kind in (Kind.DATE, Kind.TIMESTAMP) else column
    return [None if empty else value for value, empty in zip(plain, unknown, strict=True)]


def _writer(sheet: Any, kind: Kind, style: Any) -> Callable[[int, int, Any], None]:
    """Return what writes a value of a kind into a cell."""

    def number(line: int, place: int, value: Any) -> None:
        if math.isinf(value):
            _text(sheet, line, place, "unlimited" if value > 0 else "-unlimited")
        else:
            sheet.write_number(line, place, float(value), style)

    def boolean(line: int, place: int, value: Any) -> None:
        sheet.write_boolean(line, place, bool(value))

    def moment(line: int, place: int, value: Any) -> None:
        sheet.write_datetime(line, place, value, style)

    def words(line: int, place: int, value: Any) -> None:
        _text(sheet, line, place, str(value))

    others = {Kind.TEXT: words, Kind.BOOLEAN: boolean, Kind.DATE: moment, Kind.TIMESTAMP: moment}
    return others.get(kind, number)


def _text(sheet: Any, line: int, place: int, words: str, style: Any = None) -> None:
    """Write a text as a text, whatever it begins with, without what a workbook cannot hold."""
    clean = words.encode("utf-8", "replace").decode().replace("\ufffe", "").replace("\uffff", "")
    sheet.write_string(line, place, clean[:LONGEST_TEXT], style)
