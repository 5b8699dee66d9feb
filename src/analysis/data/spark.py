"""The engine on Spark, for data that has outgrown one machine: the same expressions, and the same tables to the cent.

Parquet is read where it lies, and so are Spark's own tables, by a SELECT. Whatever else a dataset may hold - CSV,
workbooks, other databases - is read here, and must be small. What is asked comes back as sums; nothing of the size of
the events ever does.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from analysis.data.reading import FEW_ROWS, FILE, ROW, Engine, stop_at_twins
from analysis.data.sources import names_apart, unreadable
from analysis.errors import DataError, UsageError

if TYPE_CHECKING:
    import ibis
    import pandas as pd

    from analysis.data.sources import Dataset, Source

#: What Spark has to be like for its answers to be the embedded engine's.
SETTINGS = {
    "spark.sql.ansi.enabled": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "true",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}


@contextmanager
def unwarned() -> Iterator[None]:
    """Let pyspark not warn of pandas 3, which has no part in what passes between it and us: that is Arrow's."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        yield


def _name_of_part(files: Sequence[Path]) -> str:
    """Return what `names_apart` calls each file, as an expression of Spark's SQL."""
    if all(name == file.name for file, name in names_apart(files).items()):
        return "_metadata.file_name"
    above = os.path.commonpath([file.parent for file in files]).replace("\\", "\\\\").replace("'", "\\'")
    path = "coalesce(try_url_decode(replace(_metadata.file_path, '+', '%2B')), _metadata.file_path)"
    return f"substring_index({path}, '{above}/', -1)"


@dataclass
class SparkEngine(Engine):
    """Spark in the place of the embedded engine: which one, and how large, is Spark's own configuration to say.

    Raises
    ------
    UsageError
        There is no pyspark, or it finds no Java.
    """

    packages: ClassVar[tuple[str, ...]] = ("pyspark",)

    def __post_init__(self) -> None:
        from analysis.data.spark_sql import connect

        self.scratch = Path(tempfile.mkdtemp(prefix="mutual-value-"))
        self.con = connect(session().newSession(), SETTINGS)
        self._tidy = weakref.finalize(self.con, shutil.rmtree, self.scratch, ignore_errors=True)

    def confine(self, dataset: Dataset) -> None:
        """Stop at a SELECT that nobody vouches for: Spark has no settings that would keep it to the dataset.

        Raises
        ------
        DataError
            A table comes from a SELECT, and dataset.toml does not say `trusted = true`.
        """
        mend = "Write `trusted = true` at the top of dataset.toml, if you know everybody who can write to that."
        selects = [source for source in dataset.sources.values() if source.sql and source.connection is None]
        if selects and not dataset.trusted:
            message = "on Spark nothing keeps a SELECT to the dataset's folders"
            raise DataError([unreadable(source.table, message, mend) for source in selects])

    def close(self) -> None:
        """Let go of what was kept; Spark itself ends with the process."""
        for name in dict.fromkeys(self._kept):
            self._drop(name)
        self._tidy()

    def frame(self, table: ibis.Table) -> pd.DataFrame:
        """Return a table as a pandas frame, by way of Arrow."""
        found: pd.DataFrame = self.con.to_pyarrow(table).to_pandas()
        return found

    def keep(self, name: str, table: ibis.Table) -> ibis.Table:
        """Return the table computed once and kept by Spark's executors."""
        rows = self.con.rows(table).localCheckpoint(eager=True)
        return self._view(f"{self._scope}{name}", rows)

    def read(self, source: Source) -> tuple[Any, list[pd.DataFrame]]:
        """Return a source's rows as they are and its lines that are no rows, as the embedded engine does.

        Raises
        ------
        DataError
            The source cannot be read, or is no Parquet and too large to pass through this machine.
        """
        from pyspark.errors import PySparkException

        if source.date_format:
            mend = "Leave it out, and have dates typed in Parquet or written as 2026-10-31."
            raise DataError([unreadable(source.table, "`date_format` is not known to Spark", mend)])
        try:
            if source.kind == "parquet":
                return self._parquet(source), []
            if source.kind == "sql" and source.connection is None:
                return self._select(source), []
        except PySparkException as fault:
            message = source.masked(" ".join(str(fault).split())[:1000])
            mend = "Mend it, then run again."
            if "NANOS" in message:
                mend = "Write its moments in microseconds, which is what Spark knows."
            raise DataError(
                [unreadable(source.table, f"{source.place} cannot be read by Spark", mend, message)]
            ) from None
        return self._small(source)

    def _parquet(self, source: Source) -> ibis.Table:
        import pyarrow.parquet as pq

        files = [str(file) for file in source.files]
        many = len(files) > 1
        for file in source.files:
            stop_at_twins(source, file, pq.read_schema(file).names)
        reader = self.con._session.read.option("mergeSchema", many)
        if many:
            reader = reader.option("basePath", os.path.commonpath([file.parent for file in source.files]))
        name = _name_of_part(source.files) if many else "''"
        rows = reader.parquet(*files)
        rows = rows.selectExpr("*", f"_metadata.row_index + 1 AS {ROW}", f"{name} AS {FILE}")
        return self._view(f"raw_{source.table}", rows)

    def _select(self, source: Source) -> ibis.Table:
        rows = self.con._session.sql(source.sql)
        stop_at_twins(source, Path("dataset.toml"), rows.columns)
        # Spark's rows have no order: each has a number of its own, but not that of its place.
        rows = rows.selectExpr("*", f"monotonically_increasing_id() + 1 AS {ROW}", f"'' AS {FILE}")
        return self._view(f"raw_{source.table}", rows.localCheckpoint(eager=True))

    def _small(self, source: Source) -> tuple[ibis.Table, list[pd.DataFrame]]:
        """Return the rows of a small table that the embedded engine reads."""
        embedded = Engine(self.folder, self.timezone)
        try:
            rows, bad = embedded.read(source)
            number = int(rows.count().to_pandas())
            if number > FEW_ROWS:
                message = (
                    f"{source.place} has {number:,} rows: Spark does not read such files, and is handed {FEW_ROWS:,}"
                )
                mend = "Write it as Parquet, or name one of Spark's tables."
                raise DataError([unreadable(source.table, message, mend)])
            schema, content = rows.schema(), rows.to_pyarrow()
        finally:
            embedded.close()
        there = self.con.handed(content)
        return self._view(f"raw_{source.table}", there).cast(schema), bad

    def _drop(self, name: str) -> None:
        self.con._session.catalog.dropTempView(name)

    def _view(self, name: str, rows: Any) -> ibis.Table:
        """Return Spark's rows under a name, their instants (`TIMESTAMP`) as moments in UTC that say so."""
        from ibis.expr import datatypes, operations

        instants = [column for column, kind in rows.dtypes if kind == "timestamp"]
        rows = rows.withColumns({column: rows[column].cast("timestamp_ntz") for column in instants})
        rows.createOrReplaceTempView(name)
        self._kept.append(name)
        schema = dict(self.con.table(name).schema()) | dict.fromkeys(instants, datatypes.Timestamp("UTC"))
        found: ibis.Table = operations.DatabaseTable(
            name, schema=schema, source=self.con, namespace=operations.Namespace()
        ).to_expr()
        return found


@cache
def session() -> Any:
    """Return the process's Spark: as it is configured, on all cores of this machine where nothing is.

    Raises
    ------
    UsageError
        There is no pyspark, or Spark does not start.
    """
    try:
        with unwarned():
            from pyspark import SparkConf, SparkContext
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError("The engine `spark` needs pyspark and Java 17: pip install 'mutual-value[spark]'") from None
    if "SPARK_REMOTE" in os.environ:
        raise UsageError("Spark Connect cannot keep what is asked often: name a master instead of SPARK_REMOTE.")
    try:
        with unwarned():
            # What is configured is known to Java alone, and only once that runs.
            SparkContext._ensure_initialized()
            stated, builder = SparkConf(), SparkSession.builder.appName("mutual-value")
            if (stated.get("spark.master") or "local").startswith("local"):
                alone = {"spark.sql.shuffle.partitions": str(os.cpu_count() or 1), "spark.ui.enabled": "false"}
                for key, value in alone.items():
                    builder = builder if stated.contains(key) else builder.config(key, value)
            found = builder.getOrCreate()
    except PySparkException as fault:
        raise UsageError(f"Spark does not start: {' '.join(str(fault).split())[:500]}") from None
    found.sparkContext.setLogLevel("ERROR")
    return found
