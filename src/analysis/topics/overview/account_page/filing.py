"""The tables of a run, filed by account: read once, so that a page for each of many accounts is quick."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from analysis.reporting.at_stake import next_steps
from analysis.run import Run
from analysis.topics.overview.account_page.like import LikeAccounts

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[Any, Any]


class Filing:
    """What a run knows of some of its accounts.

    Parameters
    ----------
    run
        The run.
    ids
        The accounts to file.
    read
        What gives a table of the run; None: the run, which holds on to it.
    """

    def __init__(self, run: Run, ids: Iterable[str], read: Callable[[str], pd.DataFrame] | None = None) -> None:
        self.run, self.ids, self._read = run, list(dict.fromkeys(ids)), read or run.table
        self._filed: dict[str, dict[Any, list[Row]]] = {}

    @cached_property
    def rated(self) -> bool:
        """Whether staff's view of any account is known."""
        return bool(self.run.accounts["perceived_difficulty"].notna().any())

    @cached_property
    def like(self) -> LikeAccounts:
        """What like accounts have, line by line of the statement."""
        return LikeAccounts(self.run)

    def rows(self, table: str, customer_id: str) -> list[Row]:
        """Return an account's rows of a table, in the table's order."""
        if table not in self._filed:
            frame = next_steps(self.run) if table == "next_steps" else self._read(table)
            mine = frame[frame["customer_id"].isin(self.ids)]
            filed: dict[Any, list[Row]] = {}
            for row in mine.to_dict("records"):
                filed.setdefault(row["customer_id"], []).append(row)
            self._filed[table] = filed
        return self._filed[table].get(customer_id, [])

    def row(self, table: str, customer_id: str) -> Row:
        """Return an account's first row of a table; an empty one where it has none."""
        rows = self.rows(table, customer_id)
        return rows[0] if rows else {}


class File:
    """What is filed of one account."""

    def __init__(self, filing: Filing, customer_id: str) -> None:
        self.filing, self.customer_id, self.run = filing, customer_id, filing.run
        self.account = filing.row("accounts", customer_id)
        self.currency = str(self.run.policy.currency)

    def rows(self, table: str) -> list[Row]:
        """Return the account's rows of a table."""
        return self.filing.rows(table, self.customer_id)

    def row(self, table: str) -> Row:
        """Return the account's first row of a table; an empty one where it has none."""
        return self.filing.row(table, self.customer_id)

    @cached_property
    def step(self) -> Row:
        """The next step."""
        return self.row("next_steps")

    @property
    def has_left(self) -> bool:
        """Whether it is no customer any more: there is nobody to talk with, and nothing to end."""
        return bool(self.step.get("rule") == "left")
