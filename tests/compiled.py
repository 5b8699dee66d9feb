"""Questions that are asked of the engine again and again are put into SQL once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ibis.backends.duckdb import Backend


@contextmanager
def compiled_once() -> Iterator[None]:
    """Remember what each question to the engine is in SQL: shapes ask the same ones, of tables of the same names."""
    patch, known, compile_now = pytest.MonkeyPatch(), {}, Backend.compile

    def compile_(self: Backend, expr: Any, /, *, limit: Any = None, params: Any = None, pretty: bool = False) -> str:
        key = (id(self), expr.op(), limit)
        if key not in known:
            known[key] = compile_now(self, expr, limit=limit, params=params, pretty=pretty)
        return known[key]

    patch.setattr(Backend, "compile", compile_)
    try:
        yield
    finally:
        patch.undo()
