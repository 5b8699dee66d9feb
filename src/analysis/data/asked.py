"""Small answers of the engine as Python's own values.

Ibis makes a frame of every answer, which takes several times as long as the engine does for a count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis


def rows_of(table: ibis.Table) -> list[tuple[Any, ...]]:
    """Return the rows of a small answer, each a tuple; what is empty is None."""
    engine: Any = table.get_backend()
    if engine.name != "duckdb":
        return [tuple(row.values()) for row in table.to_pyarrow().to_pylist()]
    engine._run_pre_execute_hooks(table)
    found: list[tuple[Any, ...]] = engine.con.execute(engine.compile(table)).fetchall()
    return found


def row_of(table: ibis.Table) -> dict[str, Any]:
    """Return the one row of an aggregate, by the names of its columns."""
    [values] = rows_of(table)
    return dict(zip(table.columns, values, strict=True))


def length_of(table: ibis.Table) -> int:
    """Return how many rows there are."""
    [(count,)] = rows_of(table.aggregate(rows=table.count()))
    return int(count)
