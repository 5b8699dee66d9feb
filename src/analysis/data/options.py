"""What `dataset.toml` may say of one table: where it lies, how it is written, and which of its columns are which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from analysis.settings import Settings

#: Which kinds of source can honour an option; one that is not here is honoured by all.
HONOURED_BY = {
    "encoding": ("csv",),
    "delimiter": ("csv",),
    "sheet": ("xlsx",),
    "header_row": ("csv", "xlsx"),
    "skip_footer": ("csv", "xlsx"),
}
_WAY_OUT = {
    "csv": "A CSV file has no sheets: leave it out",
    "xlsx": "A workbook says it itself: leave it out",
    "parquet": "A Parquet file says it itself: leave it out",
    "sql": "The SELECT reads for itself: say it there, as in read_csv('c.csv', encoding='latin-1'), or name the file "
    "with `path`",
}


def dishonoured(given: Iterable[str], kind: str) -> str:
    """Return a sentence on the options that a kind of source cannot honour, with the way out; empty without any."""
    wrong = sorted(name for name in given if kind not in HONOURED_BY.get(name, (kind,)))
    where = "beside `sql`" if kind == "sql" else {"csv": "for a CSV file", "xlsx": "for a workbook"}.get(kind, "")
    names = ", ".join(f"`{name}`" for name in wrong)
    return f"{names} cannot be honoured {where or 'for a Parquet file'}. {_WAY_OUT[kind]}" if wrong else ""


class Made(Settings):
    """A column that is made of theirs, where none of theirs holds it as it is."""

    model_config = ConfigDict(populate_by_name=True)

    source: str | None = Field(None, alias="from", description="one column, as it is")
    constant: str | None = Field(None, description="the same in every row, as `sale`")
    join: list[str] = Field(default_factory=list, description="columns, joined as text")
    between: str = Field("-", description="what stands between joined columns")
    plus: list[str] = Field(default_factory=list, description="columns of numbers that are added; empty counts as 0")
    minus: list[str] = Field(default_factory=list, description="columns of numbers that are taken away")
    times: list[str | float] = Field(default_factory=list, description="columns and numbers that are multiplied")
    duration: str | None = Field(None, description="a column of h:mm or h:mm:ss, as minutes")
    by_sign: str | None = Field(None, description="a column of amounts: `sale` from 0 on, `credit` below it")
    row: bool = Field(False, description="the file's name and the number of the row: a key where they have none")
    width: int | None = Field(
        None, ge=1, description="of an id of digits: as many, with zeros before it (6: 000007); 1: no zeros before it"
    )
    lookup: Literal["name"] | None = Field(
        None, description="`name`: the column holds names of `customers`, each with one account; it becomes that id"
    )

    @model_validator(mode="before")
    @classmethod
    def _a_name_is_a_column(cls, value: Any) -> Any:
        return {"from": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_way(self) -> Made:
        ways = [self.source, self.constant, self.join, self.plus or self.minus, self.times, self.duration, self.by_sign]
        if sum(bool(way) for way in (*ways, self.row)) != 1:
            raise ValueError(
                "say one way to make it: `from`, `constant`, `join`, `plus` and `minus`, `times`, `duration`, "
                "`by_sign` or `row`"
            )
        return self

    @property
    def names(self) -> list[str]:
        """The columns of theirs that it is made of."""
        one = [name for name in (self.source, self.duration, self.by_sign) if name]
        return [*one, *self.join, *self.plus, *self.minus, *(n for n in self.times if isinstance(n, str))]


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Texts = Annotated[list[str], BeforeValidator(_as_list)]


class TableSource(Settings):
    """One table of `dataset.toml`: a path or a glob, or a SELECT; and what cannot be seen from a file."""

    path: str | None = Field(None, description="a file (.csv, .txt, .xlsx, .parquet), a folder of Parquet or a glob")
    sql: str | None = Field(None, description="a SELECT on the embedded engine, or on `connection`")
    connection: str | None = Field(None, description="a connection that `sql` runs on")
    encoding: str = Field("utf-8", description="of a CSV file, such as cp1252 or utf-16")
    delimiter: str = Field(",", min_length=1, max_length=1, description="of a CSV file")
    decimal: str = Field(".", pattern=r"^[.,]$", description="decimal mark of numbers written as text")
    thousands: str = Field("", max_length=1, description="thousands mark of numbers written as text")
    currency_mark: str = Field("", max_length=3, description="what stands beside amounts written as text: `$`, `EUR`")
    sheet: Texts = Field(
        default_factory=list,
        description="of a workbook; of several, as a list or by `*` (`2026-*`), the rows are read as one; "
        "not set: its first",
    )
    header_row: int = Field(1, ge=1, description="the line that names the columns; those above it are not read")
    skip_footer: int = Field(0, ge=0, description="so many filled lines at the end are no rows, such as a total")
    date_format: Texts = Field(
        default_factory=list,
        description="of dates and times written as text, as `%d.%m.%Y %H:%M`; of several the first that fits; "
        "not set: ISO 8601",
    )
    missing: list[str] = Field(default_factory=list, description="texts that mean empty, as `?`")
    columns: dict[str, Made] = Field(
        default_factory=dict,
        description="ours = theirs; or ours = { join = [...] }, made of theirs; of a name that is there "
        "several times the second is `Name (2)`",
    )
    values: dict[str, dict[str, str | bool | int | float]] = Field(
        default_factory=dict, description="by column of ours: theirs = ours; a value that is not named stays as it is"
    )
    leave_out: list[str] = Field(default_factory=list, description="columns of theirs that are not read")
    one_per: str | None = Field(
        None, description="a column of ours, of which one row for each value counts: customers out of their invoices"
    )
    keep: Literal["first", "last"] = Field("first", description="which of the rows of one `one_per` counts")

    order_by: str | None = Field(
        None, description="a column of theirs that says which row is first; not set: as they stand in the file"
    )

    @model_validator(mode="after")
    def _can_be_read(self) -> TableSource:
        if (self.path is None) == (self.sql is None):
            raise ValueError("give either `path` or `sql`")
        if self.connection is not None and self.sql is None:
            raise ValueError("`connection` needs `sql`: the SELECT that runs on it")
        if self.thousands == self.decimal:
            raise ValueError("`thousands` and `decimal` cannot be the same mark")
        if self.sql is not None and (wrong := dishonoured(self.model_fields_set, "sql")):
            raise ValueError(wrong)
        if {"keep", "order_by"} & self.model_fields_set and not self.one_per:
            raise ValueError("`keep` and `order_by` say which row counts, so they need `one_per`")
        if problems := list(self._unknown_formats()):
            raise ValueError("; ".join(problems))
        return self

    def _unknown_formats(self) -> Iterator[str]:
        for form in self.date_format:
            wrong = [part[0] for part in form.split("%")[1:] if not part or part[0] not in "aAbBdfgHIjmMnpSyYzZ-"]
            if "%" not in form or wrong or form.endswith("%"):
                yield f"`date_format` {form!r} is none: write it as %d.%m.%Y or %Y-%m-%d %H:%M:%S"


class ConnectionSettings(Settings):
    """A database to read from. A user that can only read is enough; nothing is ever written there."""

    url: str = Field(
        pattern=r"^[a-z][a-z0-9+]*://.+",
        description="sqlite://erp.db or duckdb://erp.duckdb (from this folder), "
        "postgres://reader:${ERP_PASSWORD}@host/erp; a secret is taken from the environment, never written",
    )


class DatasetFile(Settings):
    """`dataset.toml`."""

    connections: dict[str, ConnectionSettings] = Field(
        default_factory=dict, description="databases to read from, by name"
    )
    tables: dict[str, TableSource] = Field(default_factory=dict, description="where each table comes from")
    trusted: bool = Field(
        False, description="let `sql` read files beyond the dataset's own, load extensions and reach addresses"
    )
