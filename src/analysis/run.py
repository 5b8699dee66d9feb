"""What a run offers, computed or read: each table of the contract as an attribute of its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any

from analysis.data.contract import OUTPUTS
from analysis.errors import UsageError
from analysis.policy import Policy
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd


class Run:
    """A run: its tables, each an attribute of its name that is made once, when asked for, and its facts.

    `Portfolio` computes one, `FinishedRun` reads one.

    Attributes
    ----------
    as_of
        The window's last day.
    window
        The window that it covers.
    policy
        The policy in force.
    """

    as_of: date
    window: Window
    policy: Policy

    if TYPE_CHECKING:

        @property
        def facts(self) -> Mapping[str, Any]:
            """What `run.json` says."""

        def __getattr__(self, name: str) -> pd.DataFrame:
            """Return a table of the contract."""

    def _table(self, name: str) -> pd.DataFrame:
        raise NotImplementedError

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the contract by name.

        Raises
        ------
        UsageError
            There is no such table.
        """
        if name not in OUTPUTS:
            near = get_close_matches(str(name), OUTPUTS, 3)
            known = f"Is it {' or '.join(near)}?" if near else f"Known: {', '.join(OUTPUTS)}."
            raise UsageError(f"There is no table {name!r}. {known}")
        made = self._made_tables
        if name not in made:
            made[name] = self._table(name)
        return made[name]

    def once(self, name: str) -> pd.DataFrame:
        """Return a table that is looked at once: it is not held on to, unless it is already."""
        return self._made_tables[name] if name in self._made_tables else self._table(name)

    @cached_property
    def _made_tables(self) -> dict[str, pd.DataFrame]:
        return {}

    @property
    def last_year(self) -> pd.DataFrame:
        """The same window a year before; empty where the data does not reach back."""
        return self.table("accounts_last_year")

    @cached_property
    def groups(self) -> dict[str, str]:
        """The costing's groups: the column `cts_<group>` with its readable name."""
        columns = [name for name in self.table("accounts").columns if name.startswith("cts_") and name != "cts_pct"]
        return {name: name.removeprefix("cts_").replace("_", " ") for name in columns}


def _offered(name: str, doc: str) -> Any:
    def of(self: Run) -> pd.DataFrame:
        return self.table(name)

    of.__name__, of.__doc__ = name, doc
    return property(of)


def _offer(names: Iterable[str]) -> None:
    for name in names:
        setattr(Run, name, _offered(name, OUTPUTS[name].doc))


_offer(OUTPUTS)
