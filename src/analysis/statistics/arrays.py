"""Columns of accounts as arrays, where what is not known counts as nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def flag(accounts: pd.DataFrame, name: str) -> Bools:
    """Return a judgement as true or false; one that was not made is false."""
    return accounts[name].fillna(False).to_numpy(dtype=np.bool_)


def number(accounts: pd.DataFrame, name: str) -> Floats:
    """Return a column with what is not measured as 0."""
    return np.nan_to_num(accounts[name].to_numpy(dtype=np.float64, na_value=np.nan))
