"""What is remembered of a question is the SQL that Ibis writes for it: on another connection, of other rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ibis
import pytest
from ibis.backends.duckdb import Backend

from tests import compiled


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_WRITTEN", {})
    monkeypatch.setattr(compiled, "_NUMBERS", {})


def questions(con: Backend, rates: tuple[float, ...], least: Any = 5, kind: str = "int64") -> Iterator[Any]:
    """Yield questions of every sort: joins, windows, tables in memory, values, and what differs in a word or a type."""
    lines = con.create_table("lines", schema={"who": "string", "amount": kind}, overwrite=True)
    rows = ibis.memtable({"who": ["a"] * len(rates), "rate": list(rates)})
    other = ibis.memtable({"who": ["b"] * len(rates), "rate": list(rates)})
    yield lines.filter(lines.amount > least)
    yield lines.filter(lines.amount > least).amount.sum()
    yield lines.join(rows, "who").join(other, "who", rname="{name}_other")
    yield lines.join(rows, "who").join(rows, "who", rname="{name}_other")
    yield lines.mutate(place=ibis.row_number().over(group_by="who", order_by="amount"))
    yield lines.group_by("who").aggregate(costs=lines.amount.sum(), parts=lines.count())


def test_the_same_questions_of_other_rows_are_put_into_the_same_sql_as_anew() -> None:
    first, second = ibis.duckdb.connect(), ibis.duckdb.connect()
    for expr in questions(first, (0.1,)):
        first.compile(expr)
    known = len(compiled._WRITTEN)

    remembered = [(second.compile(expr), fresh(second, expr)) for expr in questions(second, (0.2, 0.3))]

    assert len(compiled._WRITTEN) == known == len(remembered)
    assert [sql for sql, _ in remembered] == [anew for _, anew in remembered]


@pytest.mark.parametrize("other", [{"least": 6}, {"least": 5.0}, {"kind": "float64"}])
def test_another_value_or_type_is_another_question(other: dict[str, Any]) -> None:
    con = ibis.duckdb.connect()
    first = next(questions(con, (0.1,)))
    con.compile(first)
    second = next(questions(con, (0.1,), **other))

    assert con.compile(second) == fresh(con, second)
    assert con.compile(second, limit=1) == fresh(con, second.limit(1))
    assert len(compiled._WRITTEN) == 3


def fresh(con: Backend, expr: Any) -> str:
    """Return what Ibis writes now."""
    return con.compiler.to_sqlglot(expr).sql(dialect=con.dialect, copy=False)
