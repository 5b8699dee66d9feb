"""From an account's name to its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd

from analysis.reporting.addresses import address
from analysis.reporting.at_stake import largest
from analysis.reporting.markup import LONGEST_NAME, Html, cut, element, name, plain
from analysis.reporting.tables import Column
from analysis.run import Run

#: How many accounts have a page of their own in a run, those with most money at stake first.
IN_A_RUN = 300
#: Of an id that stands beside a name, the most that is shown.
LONGEST_ID = 24
_PAGES: WeakKeyDictionary[Run, dict[str, str]] = WeakKeyDictionary()
_SHARING: WeakKeyDictionary[Run, frozenset[str]] = WeakKeyDictionary()


def to_pages(run: Run) -> dict[str, str]:
    """Return the address of the page of each account that has one; found once for a run."""
    if run not in _PAGES:
        _PAGES[run] = {key: address(key) for key in largest(run, IN_A_RUN)}
    return _PAGES[run]


def sharing(run: Run) -> frozenset[str]:
    """Return the ids of the accounts whose name another account has, too, of this window or of last year's.

    Found once for a run.
    """
    if run not in _SHARING:
        known = _known(run)
        names = known["name"].map(lambda label: plain(label).casefold())
        shared = known["customer_id"][(names != "") & names.duplicated(keep=False)]
        _SHARING[run] = frozenset(shared.astype("str"))
    return _SHARING[run]


def called(run: Run, label: object, key: object, *, longest: int = LONGEST_NAME) -> Html:
    """Write an account's name; with its id where another account has the same name."""
    own = cut(plain(key), LONGEST_ID)
    if str(key) not in sharing(run) or not plain(label):
        return name(label, key, longest=longest)
    return name(f"{cut(plain(label), max(longest - len(own) - 3, 12))} ({own})", longest=longest + len(own))


def links(run: Run) -> Callable[..., Html]:
    """Return what writes an account's name (its name, its id), leading to its page where a run makes one.

    For pages in the run's own folder.
    """
    pages = to_pages(run)

    def written(label: object, key: object, *, longest: int = 60) -> Html:
        words = called(run, label, key, longest=longest)
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
    names: Any = _known(run).set_index("customer_id")["name"]
    return rows.assign(name=rows["customer_id"].map(names))


def _known(run: Run) -> pd.DataFrame:
    """Return customer_id and name of the accounts of this window, and of those of last year's that are gone."""
    here, then = (frame[["customer_id", "name"]] for frame in (run.accounts, run.table("accounts_last_year")))
    gone = then[~then["customer_id"].isin(here["customer_id"])]
    return pd.concat([here, gone], ignore_index=True) if len(gone) else here
