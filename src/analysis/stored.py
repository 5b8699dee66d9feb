"""The tables that a finished run or backtest left in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def stored_table(folder: Path | None, name: str) -> pd.DataFrame | None:
    """Return a table of a run's folder as it was written; None without a folder, or where it has no such table."""
    import pandas as pd

    file = folder / "tables" / f"{name}.parquet" if folder else None
    return pd.read_parquet(file) if file is not None and file.is_file() else None
