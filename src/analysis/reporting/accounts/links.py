"""From an account's name to its page."""

from __future__ import annotations

from analysis.reporting.accounts.addresses import address
from analysis.reporting.accounts.next_step import largest
from analysis.reporting.markup import Child, element, name
from analysis.reporting.run import Run
from analysis.reporting.tables import Column, Row

#: How many accounts have a page of their own in a run, those with most money at stake first.
IN_A_RUN = 300


def linked(run: Run, heading: str = "Account") -> Column:
    """Show an account's name, leading to its page where a run makes one; for a page in the run's own folder."""
    pages = set(largest(run, IN_A_RUN))

    def show(row: Row) -> Child:
        key = str(row["customer_id"])
        words = name(row.get("name"), key)
        return element("a", words, href=address(key)) if key in pages else words

    return Column(heading, show, number=False)
