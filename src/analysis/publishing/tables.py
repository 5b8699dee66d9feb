"""Write a run's tables: Parquet as they are, CSV for spreadsheets."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.data.contract import OUTPUTS
from analysis.facts import PARTS

if TYPE_CHECKING:
    import pandas as pd

    from analysis.portfolio import Portfolio

#: A spreadsheet takes a cell that begins with one of these for a formula (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
#: Rows that are made ready for a spreadsheet at a time.
ROWS_AT_A_TIME = 50_000


def write_and_let_go(p: Portfolio, folder: Path) -> None:
    """Write every table of the contract, each as soon as it is computed, and hold none that nothing more is made of.

    From then on the portfolio reads its tables from the folder, and has the parts that its facts rest on.
    """

    def take(name: str, frame: pd.DataFrame) -> None:
        write_table(frame, folder, name)
        give_back()

    p.computed.each(OUTPUTS, PARTS, take, partial(read_table, folder))


def give_back() -> None:
    """Give the system back what libraries hold of memory that is free, where they have a way to."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        with suppress(AttributeError):  # there are other C libraries than glibc
            ctypes.CDLL(None).malloc_trim(0)


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Return one table as it was written."""
    import pandas as pd

    return pd.read_parquet(folder / f"{name}.parquet")


def write_table(frame: pd.DataFrame, folder: Path, name: str) -> None:
    """Write one table as Parquet and CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(folder / f"{name}.parquet", index=False)
    with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
        for start in range(0, max(len(frame), 1), ROWS_AT_A_TIME):
            for_spreadsheets(frame.iloc[start : start + ROWS_AT_A_TIME]).to_csv(
                file, index=False, header=start == 0, lineterminator="\n", date_format="%Y-%m-%d"
            )


def for_spreadsheets(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with text that no spreadsheet takes for a formula, and `true` and `false` as in the input.

    Examples
    --------
    >>> import pandas as pd
    >>> for_spreadsheets(pd.DataFrame({"name": ["=1+1", "Ada"]})).name.tolist()
    ["'=1+1", 'Ada']
    """
    import pandas as pd

    def clean(column: Any) -> Any:
        if pd.api.types.is_bool_dtype(column.dtype):
            return column.map({True: "true", False: "false"}).astype("object")
        if pd.api.types.is_string_dtype(column.dtype):
            risky = column.str.startswith(FORMULA_STARTS, na=False)
            return column.where(~risky, "'" + column) if risky.any() else column
        return column

    return pd.DataFrame({name: clean(frame[name]) for name in frame.columns}, index=frame.index)
