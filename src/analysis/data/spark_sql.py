"""Ibis on Spark: what it leaves unsaid there, or says otherwise than the embedded engine does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from string import whitespace
from typing import TYPE_CHECKING, Any

import pandas as pd
from ibis.backends.duckdb.converter import DuckDBPandasData
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.common.exceptions import UnsupportedOperationError

from analysis.clock import FLAG, MOMENT, NUMBER, TEXT, functions
from analysis.data.spark import unwarned

with unwarned():
    from ibis.backends.pyspark import Backend

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa


#: The functions that expressions may name beside Ibis' own.
OWN = ("timezone", "earliest_instant", "latest_instant", "seconds_passed")


class SparkCompiler(PySparkCompiler):
    """Ibis' words for Spark, and ours."""

    __slots__ = ()

    def visit_ExtractMicrosecond(self, op: Any, *, arg: Any) -> Any:
        """Return the microseconds of a moment's second."""
        second = self.f.anon.date_part("SECOND", arg)
        return self.cast(second * 1_000_000 % 1_000_000, op.dtype)

    def visit_Strip(self, op: Any, *, arg: Any) -> Any:
        r"""Return a text without white space around it: Spark takes the \v and \f that Ibis writes for letters."""
        return self.f.anon.btrim(arg, self.f.concat(*(self.f.anon.char(ord(space)) for space in whitespace)))

    def visit_RegexReplace(self, op: Any, *, arg: Any, pattern: Any, replacement: Any) -> Any:
        r"""Return a text with what fits replaced: a group that Ibis names as \1 is $1 to Spark, and \1 a mere 1."""
        return self.f.regexp_replace(arg, pattern, re.sub(r"\\(\d)", r"$\1", op.replacement.value))

    def visit_Hash(self, op: Any, *, arg: Any) -> Any:
        """Return a hash of 64 bits, not of 32."""
        return self.f.anon.xxhash64(arg)

    def visit_BitXor(self, op: Any, *, arg: Any, where: Any) -> Any:
        """Return the exclusive or of integers."""
        return self.agg.bit_xor(arg, where=where)

    def visit_ScalarUDF(self, op: Any, **kwargs: Any) -> Any:
        """Return what Spark says for the embedded engine's own functions (`clock`); instants are moments in UTC."""
        if op.__func_name__ not in OWN:
            raise UnsupportedOperationError(f"Spark has no {op.__func_name__}.")
        if op.__func_name__ != "timezone":
            return self.f.anon[op.__func_name__](*kwargs.values())
        zone, moment = kwargs.values()
        if op.dtype.timezone:
            return self.f.anon.meant_instant(zone, moment)
        return self.f.anon.convert_timezone("UTC", zone, moment)


class SparkBackend(Backend):
    """Spark, asked and answered by way of Arrow, its answers made frames as the embedded engine's are."""

    compiler = SparkCompiler()

    def rows(self, table: ibis.Table) -> Any:
        """Return a table as Spark's, not computed yet."""
        self._run_pre_execute_hooks(table)
        return self._session.sql(self.compile(table))

    def to_pyarrow(self, expr: Any, /, *, params: Any = None, limit: Any = None, **_: Any) -> pa.Table:
        """Return a table's rows: Ibis' own way leads past `answer`."""
        self._run_pre_execute_hooks(expr)
        return self.answer(self.compile(expr.as_table(), params=params, limit=limit))

    def answer(self, sql: str) -> pa.Table:
        """Return what comes to this machine."""
        return self._session.sql(sql).toArrow()

    def execute(self, expr: Any, /, *, params: Any = None, limit: Any = None, **_: Any) -> Any:
        """Return what an expression comes to, in pandas."""
        table = expr.as_table()
        self._run_pre_execute_hooks(expr)
        found = self.answer(self.compile(table, params=params, limit=limit))
        columns = {
            name: column.to_pylist() if column.null_count else column.to_pandas()
            for name, column in zip(found.column_names, found.columns, strict=True)
        }
        return expr.__pandas_result__(DuckDBPandasData.convert_table(pd.DataFrame(columns), table.schema()))

    def handed(self, rows: pa.Table) -> Any:
        """Return rows of this machine as Spark's."""
        with unwarned():
            return self._session.createDataFrame(rows)

    def _register_in_memory_table(self, op: Any) -> None:
        self.handed(op.data.to_pyarrow(op.schema)).createOrReplaceTempView(op.name)


#: The instant, in UTC, of what a clock shows: the later one where it shows it twice. Spark gives the earlier.
_FIRST = "convert_timezone(zone, 'UTC', local)"
_LAST = "convert_timezone(zone, 'UTC', local + INTERVAL '3' HOUR) - INTERVAL '3' HOUR"
_LATER = "CASE WHEN convert_timezone('UTC', zone, last) = local THEN last ELSE first END"
#: What Spark says for the words of `clock.functions`.
_CLOCK = (
    "meant_instant(zone, {})",
    "convert_timezone('UTC', zone, {})",
    "unix_micros(CAST({} AS TIMESTAMP_LTZ))",
    "(CAST(date_part('SECOND', {}) * 1000000 AS BIGINT) % 1000)",
)
_TYPES = {TEXT: "STRING", MOMENT: "TIMESTAMP_NTZ", NUMBER: NUMBER, FLAG: FLAG}


def _functions() -> Iterator[str]:
    """Yield the statements that give Spark the clock's functions."""
    of_local = {"zone": TEXT, "local": MOMENT}
    later = ("later_instant", {**of_local, "first": MOMENT, "last": MOMENT}, MOMENT, _LATER)
    meant = ("meant_instant", of_local, MOMENT, f"later_instant(zone, local, {_FIRST}, {_LAST})")
    for name, parameters, found, body in (later, meant, *functions(*_CLOCK)):
        given = ", ".join(f"{parameter} {_TYPES[kind]}" for parameter, kind in parameters.items())
        yield f"CREATE OR REPLACE TEMPORARY FUNCTION {name}({given}) RETURNS {_TYPES.get(found, found)} RETURN {body}"


def connect(session: Any, settings: Mapping[str, str]) -> SparkBackend:
    """Return Ibis on a session of Spark, with these of its settings."""
    found = SparkBackend()
    found.register_options()
    found.do_connect(session, **settings)
    for statement in _functions():
        session.sql(statement)
    return found
