"""Find an account by its id or its name, as a person types it."""

from __future__ import annotations

from difflib import get_close_matches

import pandas as pd

from analysis.errors import UsageError
from analysis.formats import count
from analysis.reporting.at_stake import largest
from analysis.reporting.markup import cut, plain
from analysis.run import Run

TOLD = 5


def find(run: Run, wanted: str) -> str:
    """Return the id of the account meant: by its id, its whole name, or a part of its name that only one has.

    Nothing wanted is the account with most money at stake.

    Raises
    ------
    UsageError
        There is none, or several; with the nearest.
    """
    accounts = run.accounts
    if accounts.empty:
        raise UsageError("There is no account in this window.")
    if not wanted:
        return largest(run, 1)[0]
    if not isinstance(wanted, str):
        raise UsageError(f"An account is meant by its id or its name, as text, not by {wanted!r}.")
    ids = accounts["customer_id"].astype("str")
    if (ids == wanted).any():
        return wanted
    alike = ids[ids.str.casefold() == wanted.strip().casefold()]
    if len(alike) == 1:
        return str(alike.iloc[0])
    names = accounts["name"].map(lambda value: plain(value).casefold())
    words = plain(wanted).casefold()
    for found in (
        accounts[names == words],
        accounts[names.str.contains(words, regex=False)] if words else accounts[:0],
    ):
        if len(found) == 1:
            return str(found["customer_id"].iloc[0])
        if len(found) > 1:
            raise UsageError(f"{count(len(found))} accounts fit {wanted!r}: {_listed(found)}. Give the id of one.")
    near = [_is_near(words, name) or _is_near(words, key.casefold()) for name, key in zip(names, ids, strict=True)]
    nearest = accounts[near]
    hint = f" Nearest: {_listed(nearest)}." if len(nearest) else " Ids and names are in tables/accounts.csv."
    raise UsageError(f"No account of this window has the id or the name {wanted!r}.{hint}")


def _is_near(words: str, name: str) -> bool:
    """Whether a name, or a word of it, is nearly what was typed."""
    return bool(words) and bool(get_close_matches(words, [name, *name.split()], n=1, cutoff=0.8))


def _listed(found: pd.DataFrame) -> str:
    rows = found.head(TOLD).to_dict("records")
    told = "; ".join(f"{row['customer_id']} ({cut(plain(row['name']), 40)})" for row in rows)
    return f"{told}; and more" if len(found) > TOLD else told
