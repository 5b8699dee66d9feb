"""The one next step of each account, as every page says it: read from `tables/next_steps`, never decided again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from analysis.reporting import tables
from analysis.reporting.markup import plain
from analysis.reporting.said import said
from analysis.run import Run


class Words(Mapping[str, str]):
    """What is told of each account, its text made fit for a page where it is asked for: a page asks for few of many."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def __getitem__(self, customer_id: str) -> str:
        return plain(self._texts[customer_id])

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def sentences(run: Run) -> Words:
    """Return the words of each account's next step."""
    return _words(run, "sentence")


def in_short(run: Run) -> Words:
    """Return the words of each account's next step, where room is short."""
    return _words(run, "in_short")


def _words(run: Run, column: str) -> Words:
    rows = run.table("next_steps")
    return Words(dict(zip(rows["customer_id"].astype(str), rows[column], strict=True)))


def gone(run: Run) -> pd.Series[str]:
    """Return the accounts that have left: there is nobody to talk with any more."""
    rows = run.table("next_steps")
    return rows["customer_id"][rows["rule"] == "left"]


def column(run: Run, heading: str = "Next step") -> tables.Column:
    """Show the next step of a row's account in words."""
    known = sentences(run)
    return tables.Column(heading, lambda row: said(known.get(str(row["customer_id"]))), number=False)
