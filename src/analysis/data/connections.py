"""Databases to read from: the SELECT runs there, and what it gives goes into the engine once. Nothing is written there.

SQLite and DuckDB are files, opened to be read only. Postgres gives Arrow by its ADBC driver, in a transaction that can
only read. Any other that Ibis knows is read by Ibis, where its driver is installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import pyarrow as pa

#: So many rows are held at once.
BATCH = 50_000
FILES = ("sqlite", "duckdb")
POSTGRES = ("postgres", "postgresql")
AWAY = "See that the database runs and that address, user and password are right; where it is down, run again later."
#: Schemes with what must be installed for them.
EXTRAS = {"postgres": 'pip install "mutual-value[postgres]"', "postgresql": 'pip install "mutual-value[postgres]"'}


class ConnectionFault(Exception):
    """A database that cannot be read, with the way out; `away`: it may be back later, with nothing changed here."""

    def __init__(self, message: str, mend: str, *, away: bool = False) -> None:
        super().__init__(message)
        self.mend, self.away = mend, away


@dataclass(frozen=True, repr=False)
class Connection:
    """A database by its address; the address may hold a secret, so it is never shown."""

    name: str
    url: str
    folder: Path

    def __repr__(self) -> str:
        return f"Connection({self.name!r})"

    @property
    def scheme(self) -> str:
        """What kind of database it is."""
        return self.url.partition("://")[0].lower()

    @property
    def file(self) -> Path:
        """Where the file of a SQLite or DuckDB database lies: an absolute path, or one from the dataset's folder."""
        rest = self.url.partition("://")[2].partition("?")[0]
        absolute = Path(rest)
        return absolute if absolute.is_absolute() and absolute.exists() else self.folder / rest.lstrip("/")

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        """Yield what a SELECT gives, some rows at a time.

        Raises
        ------
        ConnectionFault
            The database cannot be reached, or the SELECT fails there.
        """
        select = f"SELECT * FROM (\n{sql.strip().rstrip(';')}\n) AS of_ours"  # noqa: S608
        if self.scheme in FILES and not self.file.is_file():
            raise ConnectionFault(f"no database lies at {self.file.name}", "Correct `url`; it starts at this folder.")
        try:
            yield from self._reader()(select)
        except ImportError as fault:
            install = EXTRAS.get(self.scheme, f'pip install "ibis-framework[{self.scheme}]"')
            raise ConnectionFault(f"the driver for {self.scheme} is not installed ({fault.name})", install) from None
        except ConnectionFault:
            raise
        except Exception as fault:  # each driver has a tree of errors of its own
            away = _is_away(fault)
            mend = AWAY if away else "See that its user may read, and that the SELECT runs there."
            raise ConnectionFault(" ".join(str(fault).split())[:1000], mend, away=away) from None

    def _reader(self) -> Any:
        if self.scheme == "sqlite":
            return self._sqlite
        if self.scheme == "duckdb":
            return self._duckdb
        return self._postgres if self.scheme in POSTGRES else self._by_ibis

    def _sqlite(self, select: str) -> Iterator[pa.RecordBatch]:
        """Yield rows as text: a column of SQLite holds what it likes."""
        import sqlite3

        import pyarrow as pa

        with closing(sqlite3.connect(f"{self.file.resolve().as_uri()}?mode=ro", uri=True)) as database:
            cursor = database.execute(select)
            schema = pa.schema([(column[0], pa.string()) for column in cursor.description])
            while True:
                rows = cursor.fetchmany(BATCH)
                columns = [list(map(_text, column)) for column in zip(*rows, strict=True)] or [[] for _ in schema]
                yield pa.record_batch([pa.array(c, pa.string()) for c in columns], schema=schema)
                if len(rows) < BATCH:
                    return

    def _duckdb(self, select: str) -> Iterator[pa.RecordBatch]:
        import duckdb

        with closing(duckdb.connect(str(self.file), read_only=True)) as database:
            yield from database.sql(select).to_arrow_reader(BATCH)

    def _postgres(self, select: str) -> Iterator[pa.RecordBatch]:
        from adbc_driver_postgresql import dbapi

        with dbapi.connect(self.url, autocommit=True) as database, database.cursor() as cursor:
            cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
            cursor.execute(select)
            yield from cursor.fetch_record_batch()

    def _by_ibis(self, select: str) -> Iterator[pa.RecordBatch]:
        import ibis

        database = ibis.connect(self.url)
        try:
            yield from database.sql(select).to_pyarrow_batches(chunk_size=BATCH)
        finally:
            database.disconnect()


def _is_away(fault: BaseException) -> bool:
    """Return whether a database did not let us in, went away or is busy, rather than refused what was asked."""
    import sqlite3

    if isinstance(fault, sqlite3.Error):  # its OperationalError is also a SELECT that fails
        return fault.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    if type(fault).__module__.startswith("adbc_driver_manager"):
        return type(fault).__name__ == "OperationalError"
    return isinstance(fault, ConnectionError | TimeoutError)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return repr(value) if isinstance(value, float) else str(value)


def has_a_written_secret(url: str) -> bool:
    """Return whether an address holds a password as it is written, other than by the environment.

    Examples
    --------
    >>> has_a_written_secret("postgres://reader:hunter2@host/erp"), has_a_written_secret("postgres://r:${PW}@host/erp")
    (True, False)
    """
    password = re.search(r"://[^/@]*?:([^/]*)@", url)
    stated = (
        password[1] if password else next(iter(re.findall(r"[?&]password=([^&]*)", urlsplit(url).query and url)), "")
    )
    return bool(stated) and not re.fullmatch(r"(\$\{\w+\})+", stated)
