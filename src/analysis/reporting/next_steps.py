"""The one next step of each account, as every page says it: read from `tables/next_steps`, never decided again."""

from __future__ import annotations

from analysis.reporting import tables
from analysis.reporting.markup import plain
from analysis.reporting.said import said
from analysis.run import Run


def sentences(run: Run) -> dict[str, str]:
    """Return the words of each account's next step."""
    return _words(run, "sentence")


def in_short(run: Run) -> dict[str, str]:
    """Return the words of each account's next step, where room is short."""
    return _words(run, "in_short")


def _words(run: Run, column: str) -> dict[str, str]:
    rows = run.table("next_steps")
    return dict(zip(rows["customer_id"].astype(str), rows[column].map(plain), strict=True))


def column(run: Run, heading: str = "Next step") -> tables.Column:
    """Show the next step of a row's account in words."""
    known = sentences(run)
    return tables.Column(heading, lambda row: said(known.get(str(row["customer_id"]))), number=False)
