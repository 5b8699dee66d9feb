"""Tables as HTML: a caption, scoped headings, and cards instead of a table on a phone."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis import formats
from analysis.reporting.marks import interval_mark
from analysis.reporting.markup import Child, Html, element, join, name, plain

Row = dict[Hashable, Any]


@dataclass(frozen=True)
class Column:
    """A column: its heading, what it shows of a row, whether it is a number, and whether a phone sets it by the name.

    Only a brief table is set so.
    """

    heading: str
    show: Callable[[Row], Child]
    number: bool = True
    beside: bool = False


def table(frame: pd.DataFrame, columns: list[Column], caption: Child, *, empty: str = "", brief: bool = False) -> Html:
    """Set a table whose first column names the row; a sentence where it has no rows.

    Parameters
    ----------
    frame
        The rows, in the order in which they are to be read.
    columns
        What to show of each; the first one becomes the row's heading.
    caption
        What the table shows.
    empty
        The sentence to say where there are no rows; nothing is shown without it.
    brief
        Whether it is one of the few lists of the overview, which a phone shows without the names of the columns.
    """
    if frame.empty:
        return element("p", empty, class_="note") if empty else Html()
    head = element("tr", [_heading(column) for column in columns], role="row")
    rows = [_row(row, columns) for row in frame.to_dict("records")]
    return element(
        "table",
        element("caption", caption),
        element("thead", head, role="rowgroup"),
        element("tbody", rows, role="rowgroup"),
        role="table",
        class_="brief" if brief else None,
    )


def account(heading: str = "Account") -> Column:
    """Show an account's name, or its id where it has none."""
    return Column(heading, lambda row: name(row.get("name"), row.get("customer_id")), number=False)


def money(heading: str, column: str) -> Column:
    """Show an amount of money."""
    return Column(heading, lambda row: _toned(row[column], formats.amount(row[column])))


def change(heading: str, column: str) -> Column:
    """Show an amount that may lie either side of zero without being a gain or a loss."""
    return Column(heading, lambda row: _or_dash(row[column], formats.amount(row[column])))


def share(heading: str, column: str) -> Column:
    """Show a share."""
    return Column(heading, lambda row: _or_dash(row[column], formats.percent(row[column])))


def count(heading: str, column: str) -> Column:
    """Show a whole number."""
    return Column(heading, lambda row: _or_dash(row[column], formats.count(row[column])))


def interval(heading: str, frame: pd.DataFrame, low: str, middle: str, high: str) -> Column:
    """Show a range of money as a mark, drawn to one scale for all rows of the frame, with its ends in numbers."""
    ends = frame[[low, middle, high]].astype(float)
    scale = (min(0.0, float(ends.min().min())), max(0.0, float(ends.max().max())))

    def show(row: Row) -> Child:
        words = formats.money_range(row[low], row[high])
        if not words:
            return _dash()
        return join(interval_mark(float(row[low]), float(row[middle]), float(row[high]), scale), element("span", words))

    return Column(heading, show)


def place(heading: str, low: str, high: str) -> Column:
    """Show a range of ranks."""

    def show(row: Row) -> Child:
        if not (formats.is_known(row[low]) and formats.is_known(row[high])):
            return _dash()
        first, last = formats.count(row[low]), formats.count(row[high])
        return first if first == last else f"{first} to {last}"

    return Column(heading, show)


def words(heading: str, column: str) -> Column:
    """Show text from the data."""
    return Column(heading, lambda row: name(row[column]) if plain(row[column]) else _dash(), number=False)


def _heading(column: Column) -> Html:
    return element("th", column.heading, scope="col", role="columnheader", class_="n" if column.number else None)


def _row(row: Row, columns: list[Column]) -> Html:
    first, *others = columns
    cells = [element("th", first.show(row), scope="row", role="rowheader")]
    cells += [
        element("td", column.show(row), role="cell", class_=_kind(column), data_label=column.heading)
        for column in others
    ]
    return element("tr", cells, role="row")


def _kind(column: Column) -> str:
    return ("n" if column.number else "t") + (" beside" if column.beside else "")


def _toned(value: object, shown: str) -> Child:
    if not formats.is_known(value):
        return _dash()
    return element("span", shown, class_="cost") if float(value) < 0 else shown  # type: ignore[arg-type]


def _or_dash(value: object, shown: str) -> Child:
    return shown if formats.is_known(value) else _dash()


def _dash() -> Html:
    return element("span", "\N{EN DASH}", title=formats.NOT_MEASURED, aria_label=formats.NOT_MEASURED, role="img")
