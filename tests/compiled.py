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


def _numbered(value: Any, seen: dict[int, Any]) -> Any:
    """Return what stands for a value: the same for two values of which the same SQL is written."""
    if isinstance(value, Backend):
        return "the connection"
    if isinstance(value, tuple):
        return tuple(_numbered(item, seen) for item in value)
    if isinstance(value, Mapping):
        return tuple((key, _numbered(item, seen)) for key, item in value.items())
    if not isinstance(value, Concrete):
        return type(value), value
    if id(value) not in seen:
        # The rows of a table in memory are not in the SQL, and its name is its own.
        args = (value.name, value.schema) if isinstance(value, InMemoryTable) else value.__args__
        made = (type(value), tuple(_numbered(item, seen) for item in args))
        seen[id(value)] = _NUMBERS.setdefault(made, len(_NUMBERS))
    return "number", seen[id(value)]


@contextmanager
def compiled_once() -> Iterator[None]:
    """Remember what each question is in SQL."""
    patch, compile_now = pytest.MonkeyPatch(), Backend.compile

    def compile_(self: Backend, expr: Any, /, *, limit: Any = None, params: Any = None, pretty: bool = False) -> str:
        if params or pretty:
            return compile_now(self, expr, limit=limit, params=params, pretty=pretty)
        key = (type(expr), _numbered(expr.op(), {}), limit)
        if key not in _WRITTEN:
            _WRITTEN[key] = compile_now(self, expr, limit=limit)
        return _WRITTEN[key]

    patch.setattr(Backend, "compile", compile_)
    try:
        yield
    finally:
        patch.undo()
