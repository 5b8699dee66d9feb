"""Worlds for the relations that must hold whatever the truth: a dataset's tables, written anew with changes.

The sample is always there; a world of others (`MUTUAL_VALUE_STRANGERS`, the folder that has `clean-1/data` in it) and
AdventureWorks' resellers (`MUTUAL_VALUE_REAL_DATA`, as in tests/examples) are tried where they are.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pytest

from analysis import Portfolio

ROOT = Path(__file__).resolve().parents[2]
Tables = dict[str, pd.DataFrame]
IDS = ("customer_id", "parent_id", "referred_by")


@dataclass(frozen=True)
class World:
    """A dataset's tables as text, its settings, and the day that it is looked at."""

    tables: Tables
    costing: str
    policy: str
    as_of: str

    def having(self, **tables: pd.DataFrame) -> World:
        """Return the world with other tables in the place of its own."""
        return replace(self, tables={**self.tables, **tables})

    def table(self, name: str, *columns: str) -> pd.DataFrame:
        """Return a table; the test is skipped where this world does not have it, with these columns."""
        if name not in self.tables or not set(columns) <= set(self.tables[name]):
            pytest.skip(f"this world has no {name} with {', '.join(columns) or 'rows'}")
        return self.tables[name]

    def of(self, number: int) -> World:
        """Return a world of so many of its accounts, evenly taken, with all that is theirs."""
        ids = self.tables["customers"].customer_id
        kept = {*ids.iloc[:: max(1, len(ids) // number)], ""}
        tables = {name: rows[rows.customer_id.isin(kept)] if "customer_id" in rows else rows
                  for name, rows in self.tables.items()}  # fmt: skip
        for name, parent, key in (("case_updates", "cases", "case_id"), ("payments", "invoices", "invoice_id")):
            if name in tables and key in tables[name]:
                known = {*tables[parent][key], ""}
                tables[name] = tables[name][tables[name][key].isin(known)]
        others = [name for name in ("parent_id", "referred_by") if name in tables["customers"]]
        rows = tables["customers"]
        tables["customers"] = rows.assign(**{name: rows[name].where(rows[name].isin(kept), "") for name in others})
        return replace(self, tables=tables)


def as_text(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows as a CSV has them; a column that says nothing is left out."""
    found = rows.astype("object").where(rows.notna(), "").map(str)
    found = found.replace({"True": "true", "False": "false", "NaT": ""})
    return found[[name for name in found if not name.startswith("_") and (found[name] != "").any()]]


def opened(folder: Path, as_of: str) -> World:
    """Return a world from a dataset of any source, as its check accepts it."""
    portfolio = Portfolio(folder, as_of)
    checked = portfolio.opened.checked
    tables = {name: as_text(table.accepted.to_pandas()) for name, table in checked.tables.items() if not table.made_of}
    settings = [(folder / name).read_text("utf-8") for name in ("costing.toml", "policy.toml")]
    portfolio.opened.engine.close()
    return World(tables, *settings, as_of)


def sample() -> World:
    """Return the project's sample."""
    folder = ROOT / "data" / "sample"
    tables = {f.stem: pd.read_csv(f, dtype="str", keep_default_na=False) for f in sorted(folder.glob("*.csv"))}
    settings = [(folder / name).read_text("utf-8") for name in ("costing.toml", "policy.toml")]
    return World(tables, *settings, "2026-10-31")


def stranger() -> World:
    """Return the first of the worlds of others."""
    folder = Path(os.environ.get("MUTUAL_VALUE_STRANGERS", "")) / "clean-1" / "data"
    if "MUTUAL_VALUE_STRANGERS" not in os.environ or not folder.is_dir():
        pytest.skip("MUTUAL_VALUE_STRANGERS names no folder with clean-1/data: worlds that others made")
    return opened(folder, "2026-10-31")


def real() -> World:
    """Return AdventureWorks' resellers."""
    if "MUTUAL_VALUE_REAL_DATA" not in os.environ:
        pytest.skip("MUTUAL_VALUE_REAL_DATA is unset: it names the folder with adventureworks/*.parquet")
    return opened(ROOT / "examples" / "adventureworks", "2013-11-30")


WORLDS = {"sample": sample, "stranger": stranger, "real": real}
