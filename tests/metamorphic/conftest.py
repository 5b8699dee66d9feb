"""A world for the relations that must hold whatever the truth: the sample, written anew with changes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis import Portfolio

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
AS_OF = "2026-10-31"
Tables = dict[str, pd.DataFrame]
#: Fewer draws than the defaults: no relation hangs on their number.
FAST = {"uncertainty": {"draws": 200, "rank_draws": 100}, "value": {"draws": 20}, "steps": {"draws": 40}}


def read(folder: Path) -> Tables:
    """Return a dataset's tables as text, as they are written."""
    return {file.stem: pd.read_csv(file, dtype="str", keep_default_na=False) for file in sorted(folder.glob("*.csv"))}


@pytest.fixture(scope="session")
def world() -> Tables:
    """Return the sample's tables."""
    return read(SAMPLE)


@pytest.fixture(scope="session")
def accounts_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., pd.DataFrame]:
    """Return a function that writes tables and gives the accounts table of them, by customer_id."""

    def judged(tables: Tables, as_of: str = AS_OF, costing: Callable[[str], str] = str) -> pd.DataFrame:
        place = tmp_path_factory.mktemp("changed")
        for name, rows in tables.items():
            rows.to_csv(place / f"{name}.csv", index=False)
        shutil.copy(SAMPLE / "policy.toml", place)
        place.joinpath("costing.toml").write_text(costing((SAMPLE / "costing.toml").read_text("utf-8")), "utf-8")
        return Portfolio(place, as_of, FAST).table("accounts").set_index("customer_id").sort_index()

    return judged


@pytest.fixture(scope="session")
def before(world: Tables, accounts_of: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """Return the accounts of the world as it is."""
    return accounts_of(world)
