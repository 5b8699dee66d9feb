"""A finished run: its tables and facts are read, and nothing is computed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.data.contract import OUTPUTS, conform
from analysis.errors import UsageError
from analysis.facts import policy_of
from analysis.folders import finished
from analysis.policy import Policy
from analysis.run import Run
from analysis.settings import merge
from analysis.stored import stored_table
from analysis.window import Window, parse_day

if TYPE_CHECKING:
    import pandas as pd


class FinishedRun(Run):
    """The tables and facts of a run, from its folder.

    Parameters
    ----------
    folder
        The run's folder, as `reports/2026-10-31`: a relative one is looked for from the working directory upwards.

    Raises
    ------
    UsageError
        It is no run's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = finished(folder)
        if "as_of" not in self.facts:
            raise UsageError(f"{self.folder} is a backtest, no run: notebooks/backtest.ipynb reads it.")
        self.as_of = parse_day(self.facts["as_of"])
        self.policy = policy_of(dict(self.facts))
        self.window = Window.until(self.as_of, self.policy.window.months)

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What its `run.json` says."""
        found: dict[str, Any] = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
        return found

    def stop_unless_of(self, as_of: str | date | None, policy: Mapping[str, Any] | Policy | None) -> None:
        """Stop where another day or another policy is asked for than that of the run.

        Raises
        ------
        UsageError
            Saying which run it is.
        """
        here = self.policy.in_force()
        asked = policy if isinstance(policy, Policy) else Policy.read(None, merge(here, policy or {}))
        if asked != self.policy or (as_of and parse_day(as_of) != self.as_of):
            raise UsageError(f"{self.folder} is a run of {self.as_of} under a policy of its own; leave `tables` empty.")

    def _table(self, name: str) -> pd.DataFrame:
        found = stored_table(self.folder, name)
        if found is None:
            made = self.facts.get("code_version", "another version")
            raise UsageError(
                f"{self.folder} has no table {name}: it is of version {made}. Run it again with this version."
            )
        return _with_what_came_since(found, name)


def _with_what_came_since(found: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a run's table with the columns that it lacks, as one of an earlier version may: there nothing is known."""
    import pandas as pd

    lacking = [column for column in OUTPUTS[name].names if column not in found]
    if not lacking:
        return found
    empty = conform(pd.DataFrame(index=found.index), name)
    return found.assign(**{column: empty[column].array for column in lacking})
