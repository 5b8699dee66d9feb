"""The run before this one: what its folder says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.data.contract import OUTPUTS, empty
from analysis.stored import stored_table
from analysis.tables.catalogue import CATALOGUE

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LastRun:
    """The run before this one; without one it has no accounts and says nothing of itself."""

    folder: Path | None

    @cached_property
    def told(self) -> Mapping[str, Any]:
        """What it says of itself."""
        if self.folder is None:
            return {}
        found: dict[str, Any] = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
        return found

    @property
    def ends(self) -> date:
        """Its as-of day.

        Raises
        ------
        ValueError
            There is no such run.
        """
        return date.fromisoformat(self.folder.name[:10] if self.folder else "")

    def table(self, name: str) -> pd.DataFrame:
        """Return one of its tables; empty where it has none."""
        found = stored_table(self.folder, name)
        if found is None:
            return empty(name)
        # A run of an earlier version may lack what came later: that is not known of it.
        return found.assign(**{column: None for column in OUTPUTS[name].names if column not in found})


@CATALOGUE.part()
def run_before(last_run: Path | None) -> LastRun:
    """Return the run before this one."""
    return LastRun(last_run)
