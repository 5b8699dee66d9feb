"""Their columns and values as ours: what `columns`, `values`, `missing`, `date_format` and `one_per` say.

Ibis expressions on the embedded engine; what a cell said before it was read stays under `_raw_<column>`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import cache, reduce
from operator import add
from typing import TYPE_CHECKING, Any

from analysis.data.contract import Kind, Table
from analysis.data.moments import day_of, moment_of
from analysis.data.options import Made
from analysis.data.sources import Source
from analysis.errors import DataError, Problem

if TYPE_CHECKING:
    import ibis

RAW = "_raw_"
ROW, FILE = "_row", "_file"
_AMOUNT = "decimal(24, 6)"


def mapped(rows: ibis.Table, table: Table, source: Source, customers: ibis.Table | None = None) -> ibis.Table:
    """Return a source's rows with the columns and values of the contract.

    Parameters
    ----------
    rows
        As they were read, with `_row` and `_file`.
    table, source
        What they are rows of, and what `dataset.toml` says of it.
    customers
        The rows of `customers`, for columns that hold their names.

    Raises
    ------
    DataError
        Every column that is named and not there, at once.
    """
    if problems := list(_problems(rows, table, source)):
        raise DataError(problems)
    rows = _without_missing(rows, source)
    left_out = [_place_of(name, rows.columns) for name in source.leave_out]
    rows = _renamed(rows, source)
    for name, made in source.columns.items():
        if made.lookup and customers is not None:
            rows = _looked_up(rows, name, customers)
    rows = rows.drop(*(name for name in left_out if name in rows.columns and name not in source.columns))
    rows = _with_values(rows, source)
    return _one_per(rows, source) if source.one_per else rows


def _problems(rows: Any, table: Table, source: Source) -> Iterator[Problem]:
    theirs = [name for name in rows.columns if name not in (ROW, FILE)]
    # Without a header line the first row stands in its place: of a private table nothing of it is repeated.
    found = "" if table.name == "perceptions" else f"Columns found: {', '.join(theirs)}."
    yield from _unknown(table, source)
    for ours, said in source.columns.items():
        for name in said.names:
            if _place_of(name, theirs) is None:
                near = difflib.get_close_matches(name, theirs if found else [], 1)
                mend = f"{f'Is it `{near[0]}`?' if near else 'Correct the name.'} {found}".strip()
                yield Problem(table.name, ours, "missing_column", f"{source.place} has no column `{name}` for it", mend)
    known = {*(name.lower() for name in theirs), *source.columns}
    for name in (name for name in source.leave_out if _place_of(name, theirs) is None):
        message = f"`leave_out` names `{name}`, which {source.place} does not have"
        yield Problem(table.name, "", "missing_column", message, f"Leave it out of the list. {found}")
    for name in filter(None, (*source.values, source.one_per, source.order_by)):
        if name.lower() not in known:
            mend = f"Say in `columns` which of theirs it is. {found}"
            yield Problem(
                table.name, name, "missing_column", "`values` or `one_per` names a column that is not there", mend
            )


#: Its time equations may read columns of one's own.
_MORE_COLUMNS = "service_events"


def _unknown(table: Table, source: Source) -> Iterator[Problem]:
    """Yield the columns of `columns` and `values` that nothing would read: a slip of the pen would pass unseen."""
    named = {**dict.fromkeys(source.values, "values"), **dict.fromkeys(source.columns, "columns")}
    spare = [name for name in table.names if name not in named]
    for name, key in ((name, key) for name, key in named.items() if name not in table.names):
        near = difflib.get_close_matches(name, spare, 1, 0.8)
        if near or table.name != _MORE_COLUMNS:
            mend = f"Is it `{near[0]}`?" if near else f"Columns of {table.name}: {', '.join(table.names)}."
            message = f"`{key}` names a column that {table.name} does not have, so nothing would read it"
            yield Problem(table.name, name, "unknown_column", message, mend)


def _place_of(name: str, theirs: list[str]) -> str | None:
    """Return their column of a name: as it is written, else without regard to case and space at its ends."""
    if name in theirs:
        return name
    return next((other for other in theirs if other.strip().lower() == name.strip().lower()), None)


def _without_missing(rows: ibis.Table, source: Source) -> ibis.Table:
    if not source.missing:
        return rows
    texts = [name for name in rows.columns if name not in (ROW, FILE) and rows[name].type().is_string()]
    return rows.mutate(**{n: rows[n].strip().isin(source.missing).ifelse(None, rows[n]) for n in texts})


def _renamed(rows: ibis.Table, source: Source) -> ibis.Table:
    if not source.columns:
        return rows
    made: dict[str, Any] = {}
    for ours, said in source.columns.items():
        value, raw = _made(rows, said, source)
        made[ours] = value
        if raw is not None:
            made[f"{RAW}{ours}"] = raw
    # The engine takes `Name` and `name` for one: ours wins.
    taken = {name.lower() for name in made}
    return rows.select(*(name for name in rows.columns if name.lower() not in taken), **made)


def _made(rows: Any, made: Made, source: Source) -> tuple[Any, Any | None]:
    """Return a column made of theirs; and what its cells said, where that is another thing."""
    import ibis

    def theirs(name: str) -> Any:
        return rows[_place_of(name, rows.columns)]

    def text(name: str) -> Any:
        return theirs(name).cast("string").strip().nullif("")

    if made.source:
        return (theirs(made.source) if made.width is None else _as_wide(text(made.source), made.width)), None
    if made.constant:
        return ibis.literal(made.constant), None
    if made.row:
        number = rows[ROW].cast("string")
        return (rows[FILE] != "").ifelse(rows[FILE] + "-" + number, number), None
    if made.join:
        parts = [text(name) for name in made.join]
        joined = reduce(add, [ibis.literal(made.between) + part.fill_null("") for part in parts])
        return ibis.coalesce(*parts).notnull().ifelse(joined.substr(len(made.between)), None), None
    raw = reduce(add, [ibis.literal(" ") + text(name).fill_null("") for name in made.names]).strip().nullif("")
    if made.duration:
        return _minutes(text(made.duration)), raw
    if made.by_sign:
        amount = number_of(theirs(made.by_sign), source)
        return ibis.cases((amount < 0, "credit"), (amount >= 0, "sale"), else_=ibis.null("string")), None
    if made.times:
        numbers = [n if isinstance(n, float) else number_of(theirs(n), source).cast("float64") for n in made.times]
        filled = reduce(lambda a, b: a & b, (text(name).notnull() for name in made.names))
        return reduce(lambda a, b: a * b, numbers), filled.ifelse(raw, None)
    parts = [(1, name) for name in made.plus] + [(-1, name) for name in made.minus]
    summed = reduce(add, [sign * _or_nothing(theirs(name), text(name), source) for sign, name in parts])
    return raw.notnull().ifelse(summed, None), raw


def _or_nothing(value: Any, text: Any, source: Source) -> Any:
    """Return a number, 0 where the cell is empty; empty where it holds something else."""
    return text.isnull().ifelse(0, number_of(value, source))


def number_of(value: Any, source: Source) -> Any:
    """Return a cell as a decimal number; empty where it is none."""
    if value.type().is_string():
        value = with_point(value.strip().nullif(""), source)
    return value.try_cast(_AMOUNT)


def _as_wide(text: Any, width: int) -> Any:
    """Return ids of digits with zeros before them up to a width, and with none beyond it."""
    bare = text.re_replace("^0+", "")
    filled = (bare.length() < width).ifelse(bare.lpad(width, "0"), bare)
    return text.re_search(r"^\d+$").ifelse(filled, text)


def _minutes(text: Any) -> Any:
    """Return `h:mm` and `h:mm:ss` as minutes; any other number is taken for minutes already."""
    form = r"^(\d+):(\d{1,2})(?::(\d{1,2}))?$"
    hours, minutes, seconds = (text.re_extract(form, n).nullif("").try_cast("float64") for n in (1, 2, 3))
    return text.re_search(form).ifelse(hours * 60 + minutes + seconds.fill_null(0) / 60, text.try_cast("float64"))


def _looked_up(rows: Any, name: str, customers: Any) -> Any:
    """Return the rows with names of customers as their ids; a name of nobody, or of several, stays as it is."""
    named = customers.mutate(_name=_bare(customers.name))
    one = (
        named.filter(named["_name"] != "")
        .group_by("_name")
        .aggregate(_id=named.customer_id.min(), _several=named.customer_id.nunique())
    )
    one = one.filter(one["_several"] == 1)
    marked = rows.mutate(_name=_bare(rows[name].cast("string")))
    joined = marked.left_join(one, "_name")
    found = joined["_id"].coalesce(joined[name].cast("string"))
    return joined.select(*(c for c in rows.columns if c != name), **{name: found})


def _bare(text: Any) -> Any:
    return text.lower().re_replace(r"\s+", " ").strip()


def _with_values(rows: ibis.Table, source: Source) -> ibis.Table:
    changed = {}
    for name, values in source.values.items():
        column = rows[_place_of(name, rows.columns)]
        text = column.cast("string")
        known = {theirs.strip().lower(): ours for theirs, ours in values.items()}
        branches = [(text.fill_null("").strip().lower() == theirs, _word(ours)) for theirs, ours in known.items()]
        changed[name] = _cases(branches, text)
    if not changed:
        return rows
    taken = {name.lower() for name in changed}
    return rows.select(*(name for name in rows.columns if name.lower() not in taken), **changed)


def _cases(branches: list[tuple[Any, str]], otherwise: Any) -> Any:
    import ibis

    return ibis.cases(*branches, else_=otherwise).nullif("")


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _one_per(rows: Any, source: Source) -> Any:
    """Return one row for each value of a column; a row without it is none."""
    import ibis

    key = rows[source.one_per]
    order = [rows[FILE], rows[ROW]]
    if source.order_by:
        renamed = {made.source: ours for ours, made in source.columns.items() if made.source}
        by = rows[_place_of(source.order_by, rows.columns) or renamed[source.order_by]]
        number = by.try_cast("float64")
        order = [number, by.cast("string"), *order] if by.type().is_string() else [by, *order]
    if source.keep == "last":
        order = [one.desc() for one in order]
    numbered = rows.filter(key.cast("string").nullif("").notnull())
    window = ibis.window(group_by=source.one_per, order_by=order)
    numbered = numbered.mutate(_place=ibis.row_number().over(window))
    return numbered.filter(numbered["_place"] == 0).drop("_place")


def by_format(rows: ibis.Table, table: Table, source: Source) -> ibis.Table:
    """Return the rows with dates and times as their declared formats say; what they said stays under `_raw_`.

    Raises
    ------
    DataError
        No date of the table is written as text.
    """
    if not source.date_format:
        return rows
    times = [c for c in table.columns if c.kind in (Kind.DATE, Kind.TIMESTAMP) and c.name in rows.columns]
    texts = [c.name for c in times if rows[c.name].type().is_string()]
    if not texts:
        message = f"`date_format` cannot be honoured: {source.place} has no date that is written as text"
        raise DataError([Problem(table.name, "", "option_not_honoured", message, "Leave it out.")])
    rows = rows.mutate(**{f"{RAW}{name}": rows[name] for name in texts if f"{RAW}{name}" not in rows.columns})
    return rows.mutate(**{name: _moment(rows[name].strip().nullif(""), source) for name in texts})


def _moment(text: Any, source: Source) -> Any:
    import ibis

    plain, zoned = _parsers()
    with_zone = [form for form in source.date_format if "%z" in form or "%Z" in form]
    if with_zone:
        return ibis.coalesce(*(zoned(text, form) for form in with_zone))
    found = [plain(text, form) for form in source.date_format]
    # The engine reads `%Y` in 30.10.26 as the year 26.
    found = [
        (moment.year() >= 1000).ifelse(moment, None) if "%Y" in form else moment
        for moment, form in zip(found, source.date_format, strict=True)
    ]
    # A workbook's own dates are no text: they are read as ISO 8601, whatever else is declared.
    iso = [moment_of(text, None), day_of(text, None).cast("timestamp")] if source.kind == "xlsx" else []
    return ibis.coalesce(*found, *iso)


@cache
def _parsers() -> tuple[Any, Any]:
    """Return the engine's parser of a format without and with a zone: both give nothing where a text does not fit."""
    import ibis

    def parse(text: str, form: str) -> None:
        """Parse."""

    builtin = ibis.udf.scalar.builtin
    return tuple(
        builtin(parse, name="try_strptime", signature=(("string", "string"), given))
        for given in ("timestamp", "timestamp('UTC')")
    )


def stop_at_idle_marks(rows: ibis.Table, table: Table, source: Source) -> None:
    """Stop where a decimal mark is declared of a SELECT or of Parquet whose numbers are none that are written as text.

    Raises
    ------
    DataError
        Naming what is declared.
    """
    marks = {"decimal": source.decimal != ".", "thousands": source.thousands, "currency_mark": source.currency_mark}
    given = [f"`{name}`" for name, said in marks.items() if said]
    made = [one for one in source.columns.values() if one.plus or one.minus or one.times or one.by_sign]
    if not given or made or source.kind in ("csv", "xlsx"):
        return
    numbers = (Kind.MONEY, Kind.MINUTES, Kind.NUMBER, Kind.INTEGER)
    mine = [c.name for c in table.columns if c.kind in numbers and c.name in rows.columns]
    if not any(rows[name].type().is_string() for name in mine):
        message = f"{', '.join(given)} cannot be honoured: {source.place} has no number that is written as text"
        raise DataError([Problem(table.name, "", "option_not_honoured", message, "Leave it out.")])


def with_point(text: ibis.Column, source: Source) -> ibis.Column:
    """Return numbers with a decimal point and no thousands mark; empty where the marks are not as declared."""
    decimal, thousands = re.escape(source.decimal), re.escape(source.thousands)
    if source.currency_mark:
        text = text.replace(source.currency_mark, "").strip()
    text = text.re_replace(r"^([^-]*\d)-$", r"-\1")  # as SAP writes what is below 0
    text = text.re_replace(r"^[(]([^-]*\d)[)]$", r"-\1")  # as accountants do
    if source.decimal == "," and source.thousands != ".":
        text = text.contains(".").ifelse(None, text)
    if source.thousands:
        grouped = text.re_search(rf"^[+-]?\d{{1,3}}({thousands}\d{{3}})*({decimal}\d*)?$")
        text = (text.contains(source.thousands) & ~grouped).ifelse(None, text.replace(source.thousands, ""))
    return text.replace(",", ".") if source.decimal == "," else text
