"""The output tables: every column of a run's `tables/`, typed, whether filled or not."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from analysis.data.schema import Kind, Table
from analysis.topics.actions import columns as actions
from analysis.topics.archetypes import columns as archetypes
from analysis.topics.backtest import columns as backtest
from analysis.topics.difficulty import columns as difficulty
from analysis.topics.overview import columns as overview
from analysis.topics.perception import columns as perception
from analysis.topics.profitability import columns as profitability
from analysis.topics.sellers import columns as sellers
from analysis.topics.service import columns as service
from analysis.topics.value import columns as value

if TYPE_CHECKING:
    import pandas as pd

_DTYPES = {
    Kind.TEXT: "str",
    Kind.NUMBER: "float64",
    Kind.MONEY: "float64",
    Kind.MINUTES: "float64",
    Kind.INTEGER: "Int64",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "datetime64[us]",
    Kind.TIMESTAMP: "datetime64[us]",
}

OUTPUTS: dict[str, Table] = {
    table.name: table
    for table in (
        *overview.TABLES,
        *profitability.TABLES,
        *service.TABLES,
        *difficulty.TABLES,
        *perception.TABLES,
        *archetypes.TABLES,
        *value.TABLES,
        *actions.TABLES,
        *sellers.TABLES,
    )
}

#: The tables of a backtest: they are no part of a run.
BACKTEST: dict[str, Table] = {table.name: table for table in backtest.TABLES}


def conform(frame: pd.DataFrame, table: str, extra: Iterable[str] = (), after: str = "") -> pd.DataFrame:
    """Return the frame with the contract's columns, in order and typed; what is missing is empty.

    Parameters
    ----------
    frame
        Any of the table's columns, and those of `extra`.
    table
        A name of `OUTPUTS` or of `BACKTEST`.
    extra
        Columns of the frame to keep that the contract does not name one by one (`cts_<group>`).
    after
        The column that `extra` follows; at the end where empty.
    """
    import pandas as pd

    columns = {
        column.name: frame[column.name].astype(_DTYPES[column.kind])
        if column.name in frame
        else pd.Series(index=frame.index, dtype=_DTYPES[column.kind])
        for column in (OUTPUTS.get(table) or BACKTEST[table]).columns
    }
    names = list(columns)
    at = names.index(after) + 1 if after else len(names)
    columns |= {name: frame[name] for name in extra}
    ordered = [*names[:at], *extra, *names[at:]]
    return pd.DataFrame({name: columns[name] for name in ordered}).reset_index(drop=True)


def empty(table: str) -> pd.DataFrame:
    """Return the table without rows, typed."""
    return _without_rows(table).copy()


@cache
def _without_rows(table: str) -> pd.DataFrame:
    import pandas as pd

    return conform(pd.DataFrame(), table)
