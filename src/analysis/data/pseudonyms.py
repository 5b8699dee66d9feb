"""Take the names of those who rated accounts out of the data, the moment their table is typed.

From here on no row, no error and no output can show who rated: raters are R0001 and so on, and a rater's name in any
text of the table, or in the place of a number, a day or an account, is hidden.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from analysis.data.contract import Kind, Table
from analysis.data.reading import RAW

if TYPE_CHECKING:
    import ibis

#: The table whose raters must never be known.
PRIVATE = "perceptions"
HIDDEN = "(not shown: it might be a name)"
COLLEAGUE = "(a colleague)"
_PER_PATTERN = 400
_LETTER = r"\pL\pN"
_BETWEEN_PARTS = r"[\s.,;@_'\u2019-]+"


def pseudonyms(names: Iterable[str]) -> dict[str, str]:
    """Return a pseudonym for each name: R0001 and so on, in the order of their SHA-256, salted with all the names.

    The same names get the same pseudonyms whatever their order; one name more or less deals them anew, so that no
    rater can be followed from run to run, and no name can be told from a pseudonym alone.

    Examples
    --------
    >>> sorted(pseudonyms(["Ann", "Bo"]).values())
    ['R0001', 'R0002']
    """
    known = sorted(set(names))
    salt = hashlib.sha256("\0".join(known).encode()).hexdigest()
    order = sorted(known, key=lambda name: hashlib.sha256(f"{salt}{name}".encode()).hexdigest())
    return {name: f"R{place:04d}" for place, name in enumerate(order, 1)}


def without_names(rows: ibis.Table, table: Table, customers: ibis.Table) -> ibis.Table:
    """Return the typed rows of `perceptions` with pseudonyms for raters, and without their names anywhere else.

    Parameters
    ----------
    rows
        Typed, with each raw value under `_raw_<column>` (Ibis).
    table
        The contract's table.
    customers
        The typed rows of `customers`: a `customer_id` that is not among them might be a name and is hidden.
    """
    if f"{RAW}rater" in rows.columns:
        pairs = rows.filter(rows.rater.notnull()).select("rater", "department").distinct().to_pandas()
        rows = _renamed(rows, pseudonyms(pairs.rater)) if len(pairs) else rows
        # A team that rates under its department's name is no person: its name may stay where it is.
        people = pairs.rater[pairs.rater != pairs.department].drop_duplicates()
        rows = rows.mutate(**_without(rows, table, sorted(people), set(pairs.department.dropna())))
    return _known_accounts(rows.mutate(**_hidden(rows, table)), customers)


def _renamed(rows: ibis.Table, pseudonym: dict[str, str]) -> ibis.Table:
    import ibis

    key = ibis.memtable(
        {"_name": list(pseudonym), "_pseudonym": list(pseudonym.values())},
        schema={"_name": "string", "_pseudonym": "string"},
    )
    joined = rows.left_join(key, rows.rater == key["_name"])
    return joined.mutate(rater=joined["_pseudonym"], **{f"{RAW}rater": joined["_pseudonym"]}).select(*rows.columns)


def _hidden(rows: ibis.Table, table: Table) -> dict[str, Any]:
    """Return the raw values of numbers and days, hidden where they are none: a name may have slipped into them."""
    found = {}
    for column in table.columns:
        raw = f"{RAW}{column.name}"
        if column.kind is not Kind.TEXT and raw in rows.columns and rows[raw].type().is_string():
            wrong = rows[column.name].isnull() & (rows[raw].strip() != "")
            found[raw] = wrong.ifelse(HIDDEN, rows[raw])
    return found


def _without(rows: ibis.Table, table: Table, names: Sequence[str], departments: Collection[str]) -> dict[str, Any]:
    """Return every text of the table, raw and typed, with each rater's name in it masked."""
    patterns = list(_patterns(names, departments))
    texts = [c.name for c in table.columns if c.kind is Kind.TEXT and c.name not in ("rater", "customer_id")]
    there = [name for text in texts for name in (text, f"{RAW}{text}") if name in rows.columns]
    return {name: _masked(rows[name].cast("string"), patterns) for name in there} if patterns else {}


def _patterns(names: Sequence[str], departments: Collection[str]) -> Iterator[str]:
    """Yield regular expressions of the names in any case, and of their parts where these begin with a capital."""
    whole = [name for name in names if any(letter.isalpha() for letter in name)]
    split = (part for name in whole for part in re.split(_BETWEEN_PARTS, name))
    parts = {part for part in split if len(part) > 2 and part[0].isupper() and part not in departments}
    for options, words in (("i", sorted(whole, key=len, reverse=True)), ("", sorted(parts, key=len, reverse=True))):
        for start in range(0, len(words), _PER_PATTERN):
            among = "|".join(re.escape(word) for word in words[start : start + _PER_PATTERN])
            yield rf"(?{options}:(^|[^{_LETTER}])(?:{among})($|[^{_LETTER}]))"


def _masked(text: ibis.Column, patterns: Sequence[str]) -> ibis.Column:
    # Twice: two names with one space between them share it, and a match takes it away from the next.
    return reduce(lambda done, p: done.re_replace(p, rf"\1{COLLEAGUE}\2"), [*patterns, *patterns], text)


def _known_accounts(rows: ibis.Table, customers: ibis.Table) -> ibis.Table:
    """Return the rows with every `customer_id` hidden that is no account's."""
    raw = f"{RAW}customer_id"
    known = customers.select(_known=customers.customer_id).distinct()
    joined = rows.left_join(known, rows.customer_id == known["_known"])
    strange = joined.customer_id.notnull() & joined["_known"].isnull()
    hidden = {name: strange.ifelse(HIDDEN, joined[name].cast("string")) for name in ("customer_id", raw)}
    return joined.mutate(**hidden).select(*rows.columns)
