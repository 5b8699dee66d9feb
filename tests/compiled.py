"""Questions that are asked of the engine again and again are put into SQL once a process.

A third of a small test's time is Ibis writing the SQL of questions that every dataset is asked. What it writes hangs on
the expression alone: on operations, names and types, not on the connection or on rows. So it is remembered by these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from ibis.backends.duckdb import Backend
from ibis.common.grounds import Concrete
from ibis.expr.operations import InMemoryTable

#: Each operation that was ever asked, with its arguments, by a number; and the SQL of those that are whole questions.
_NUMBERS: dict[Any, int] = {}
_WRITTEN: dict[Any, str] = {}


class _Question:
    """An expression, by what its SQL hangs on; the names of tables in memory, which are new each time, stand apart."""

    def __init__(self, expr: Any, limit: Any) -> None:
        self.in_memory: list[str] = []
        self._seen: dict[int, int] = {}
        self.key = type(expr), self._of(expr.op()), limit

    def _of(self, value: Any) -> Any:
        """Return what stands for a value: the same for two values of which the same SQL is written."""
        if isinstance(value, Concrete):
            if id(value) not in self._seen:
                made = type(value), *map(self._of, self._arguments(value))
                self._seen[id(value)] = _NUMBERS.setdefault(made, len(_NUMBERS))
            return "number", self._seen[id(value)]
        if isinstance(value, tuple):
            return tuple(map(self._of, value))
        if isinstance(value, Backend):
            return "the connection"
        if not isinstance(value, str) and isinstance(value, Mapping):
            return tuple((key, self._of(item)) for key, item in value.items())
        return type(value), value

    def _arguments(self, value: Concrete) -> tuple[Any, ...]:
        if not isinstance(value, InMemoryTable):
            return value.__args__
        if value.name not in self.in_memory:
            self.in_memory.append(value.name)
        return self.in_memory.index(value.name), value.schema

    def without_names(self, sql: str) -> str:
        """Return SQL with a mark for each name of a table in memory."""
        for place, name in enumerate(self.in_memory):
            sql = sql.replace(name, f"\0{place}\0")
        return sql

    def with_names(self, sql: str) -> str:
        """Return SQL with the names for the marks."""
        for place, name in enumerate(self.in_memory):
            sql = sql.replace(f"\0{place}\0", name)
        return sql


@contextmanager
def compiled_once() -> Iterator[None]:
    """Remember what each question is in SQL."""
    patch, compile_now = pytest.MonkeyPatch(), Backend.compile

    def compile_(self: Backend, expr: Any, /, *, limit: Any = None, params: Any = None, pretty: bool = False) -> str:
        if params or pretty:
            return compile_now(self, expr, limit=limit, params=params, pretty=pretty)
        question = _Question(expr, limit)
        if question.key not in _WRITTEN:
            _WRITTEN[question.key] = question.without_names(compile_now(self, expr, limit=limit))
        return question.with_names(_WRITTEN[question.key])

    patch.setattr(Backend, "compile", compile_)
    try:
        yield
    finally:
        patch.undo()
