"""From an account's name to its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd

from analysis.reporting.addresses import address
from analysis.reporting.at_stake import largest
from analysis.reporting.markup import Html, element, name
from analysis.reporting.tables import Column
from analysis.run import Run

#: How many accounts have a page of their own in a run, those with most money at stake first.
IN_A_RUN = 300
_PAGES: WeakKeyDictionary[Run, dict[str, str]] = WeakKeyDictionary()


def to_pages(run: Run) -> dict[str, str]:
    """Return the address of the page of each account that has one; found once for a run."""
    if run not in _PAGES:
        _PAGES[run] = {key: address(key) for key in largest(run, IN_A_RUN)}
    return _PAGES[run]


def links(run: Run) -> Callable[..., Html]:
    """Return what writes an account's name (its name, its id), leading to its page where a run makes one.

    For pages in the run's own folder.
    """
    pages = to_pages(run)

    def written(label: object, key: object, *, longest: int = 60) -> Html:
        words = name(label, key, longest=longest)
        return element("a", words, href=pages[str(key)]) if str(key) in pages else words

    return written


def to_page(run: Run, label: object, key: object) -> Html:
    """Return a line that leads to an account's page, for a part whose heading opens it; nothing where there is none."""
    return element("p", "Its page: ", links(run)(label, key)) if str(key) in to_pages(run) else Html()


def linked(run: Run, heading: str = "Account", *, label: str = "name", key: str = "customer_id") -> Column:
    """Show the name of a row's account, leading to its page."""
    write = links(run)
    return Column(heading, lambda row: write(row.get(label), row[key]), number=False)


def with_names(run: Run, rows: pd.DataFrame) -> pd.DataFrame:
    """Put the accounts' names to rows that have their ids."""
    names: Any = run.accounts.set_index("customer_id")["name"]
    return rows.assign(name=rows["customer_id"].map(names))
