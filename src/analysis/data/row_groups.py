"""What the statistics in a Parquet file say of all its rows, so that no row has to be looked at for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any


def plain_columns(files: Iterable[Path]) -> frozenset[str]:
    """Return the columns of Parquet files that have no empty text and no day or moment outside of the years 1 to 9999.

    Only those of which every row group in every file says so by its least and greatest value; floating-point numbers
    never do, since statistics leave out `nan`.
    """
    import pyarrow.parquet as pq

    found = [_plain_columns(pq.read_metadata(file)) for file in files]
    return frozenset.intersection(*found) if found else frozenset()


def _plain_columns(file: Any) -> frozenset[str]:
    groups = [file.row_group(number) for number in range(file.num_row_groups)]
    places = {file.schema.column(place).path: place for place in range(file.num_columns)}
    return frozenset(
        name for name, place in places.items() if all(_is_plain(group.column(place).statistics) for group in groups)
    )


def _is_plain(known: Any) -> bool:
    if known is None:
        return False
    if not known.has_min_max:
        return bool(known.has_null_count and known.num_values == 0)
    try:
        least, greatest = known.min, known.max
    except (OverflowError, ValueError):  # a moment that Python cannot hold
        return False
    if isinstance(least, str):
        return least != ""
    return isinstance(least, date | datetime) and isinstance(greatest, date | datetime)
