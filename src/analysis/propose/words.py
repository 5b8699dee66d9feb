"""What columns and values are called, in four languages; and the shapes of exports that are known."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from analysis.data.contract import INPUTS
from analysis.errors import DataError, Example, Problem
from analysis.settings import read_toml

_ID = {"id", "ids", "no", "nr", "num", "number", "nummer", "numero", "key", "code", "ref"}
_IDLE = {"de", "du", "des", "la", "le", "les", "der", "d", "l", "el", "eur", "usd", "chf", "gbp"}
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
#: How sure a name makes: the same, nearly the same, more than it.
SAME, NEARLY, WITHIN = 1.0, 0.75, 0.5


def tokens(text: str) -> tuple[str, ...]:
    """Return a name as words that compare: without case, accents, camel case, plurals and words that say nothing.

    Examples
    --------
    >>> tokens("Kunden-Nr."), tokens("CustomerKey"), tokens("Kundennummer"), tokens("Fälligkeit")
    (('kunden', 'id'), ('customer', 'id'), ('kunden', 'id'), ('faelligkeit',))
    """
    numbered = re.sub(r"\b[Nn][°º]", "no ", text)
    bare = spelled_out(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", numbered)).lower()
    found: list[str] = []
    for word in re.findall(r"[a-z]+|\d+", bare):
        if word in _ID or (word.endswith("s") and word[:-1] in _ID):
            found.append("id")
        elif (stem := re.sub(r"(nummer|number|numero|nr)$", "", word)) and stem != word:
            found += [stem, "id"]
        elif word not in _IDLE:
            found.append(re.sub(r"(?<=.{3})(?<!s)s$|(?<=.{5})en$", "", word))
    # `Code client` and `client code` are one.
    return tuple(sorted(found, key=lambda word: word == "id"))


def spelled_out(text: str) -> str:
    """Return a text without accents, umlauts as two letters."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).translate(_UMLAUTS))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def plain(text: str) -> str:
    """Return a name as `tokens` does, in one word."""
    return "".join(tokens(text))


@cache
def vocabulary() -> dict[str, Any]:
    """Return `words.toml`."""
    found: dict[str, Any] = tomllib.loads((files("analysis.propose") / "words.toml").read_text(encoding="utf-8"))
    return found


def _spelled(patterns: Iterable[str]) -> Iterator[str]:
    """Yield the patterns with each word that a {kind of word} stands for."""
    for pattern in patterns:
        kind = re.search(r"\{(\w+)\}", pattern)
        if kind:
            yield from (pattern.replace(kind[0], word) for word in vocabulary()["words"][kind[1]])
        else:
            yield pattern


@cache
def names_of(table: str, column: str) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Return what a column is called: each name in one word, with its rank (0: the likeliest) and its words."""
    patterns = [column.replace("_", " "), *vocabulary()["columns"].get(table, {}).get(column, ())]
    ranked: dict[str, tuple[int, tuple[str, ...]]] = {}
    for rank, pattern in enumerate(patterns):
        for name in _spelled([pattern]):
            ranked.setdefault(plain(name), (rank, tokens(name)))
    return ranked


def likeness(name: str, table: str, column: str) -> float:
    """Return how well a name of theirs fits a column of ours, from 0 to 1."""
    known, mine = names_of(table, column), plain(name)
    if not mine:
        return 0.0
    if mine in known:
        return SAME - 0.002 * min(known[mine][0], 40)
    if len(mine) > 4 and max((SequenceMatcher(None, mine, other).ratio() for other in known), default=0) >= 0.9:
        return NEARLY
    words = set(tokens(name))
    within = [w for one, (_, w) in known.items() if len(one) >= 5 and "id" not in w and set(w) < words and len(w) > 1]
    return WITHIN if within else 0.0


def file_speaks_for(stem: str, table: str) -> bool:
    """Return whether a file's name says that it holds a table."""
    mine = plain(stem)
    patterns = [table, *vocabulary()["files"].get(table, ())]
    return any(name in mine for name in map(plain, _spelled(patterns)) if len(name) > 2)


def meaning(table: str, column: str, values: Iterable[str]) -> dict[str, str]:
    """Return what values mean, ours for each of theirs that is known."""
    known = vocabulary()["values"].get(table, {}).get(column, {})
    ours = {plain(word): name for name, words in known.items() for word in (name, *words)}
    return {value: ours[plain(value)] for value in values if plain(value) in ours}


def flags(values: Iterable[str]) -> dict[str, bool]:
    """Return which of the values mean true and which false."""
    known = vocabulary()["values"]["flag"]
    yes, no = ({plain(word) or word for word in known[key]} for key in ("true", "false"))
    found = {value: plain(value) or value for value in values}
    return {value: word in yes for value, word in found.items() if word in yes | no}


def is_total(text: str) -> bool:
    """Return whether a line begins as one of totals does."""
    words = tokens(text)
    known = {tokens(word) for word in vocabulary()["totals"]["words"]}
    return any(words[: len(one)] == one for one in known if one)


@dataclass(frozen=True)
class Shape:
    """An export that is known by its headers."""

    name: str
    table: str
    headers: tuple[str, ...]
    columns: dict[str, list[Any]] = field(default_factory=dict)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    note: str = ""

    def fits(self, headers: Iterable[str]) -> bool:
        """Return whether all the headers by which it is known are there."""
        return {header.lower() for header in self.headers} <= {header.strip().lower() for header in headers}


def shapes(folder: Path | None = None) -> list[Shape]:
    """Return the shapes that are known: a person's own, then ours, those of most headers first.

    Raises
    ------
    DataError
        A file of a shape that cannot be used, with what is wrong in it.
    """
    own = sorted(folder.glob("*.toml")) if folder else []
    ours = sorted(p for p in (files("analysis.data") / "known").iterdir() if p.name.endswith(".toml"))  # type: ignore[type-var]
    found = [[_shape(Path(str(path))) for path in paths] for paths in (own, ours)]
    return [shape for some in found for shape in sorted(some, key=lambda s: -len(s.headers))]


def _shape(path: Path) -> Shape:
    content = read_toml(path, DataError)
    problems = []
    for key in ("name", "table", "headers", "columns"):
        if key not in content:
            problems.append(Problem(path.name, key, "missing_key", "this key is missing", "Add it."))
    table = content.get("table", "")
    if table and table not in INPUTS:
        known = ", ".join(INPUTS)
        problems.append(Problem(path.name, "table", "unknown_table", "no such table", f"Known: {known}."))
    elif table:
        for column in content.get("columns", {}):
            if column not in INPUTS[table].names:
                mend = f"Known: {', '.join(INPUTS[table].names)}."
                example = (Example(None, "", column),)
                problems.append(
                    Problem(path.name, "columns", "unknown_column", "no such column", mend, examples=example)
                )
    if problems:
        raise DataError(problems)
    columns = {ours: theirs if isinstance(theirs, list) else [theirs] for ours, theirs in content["columns"].items()}
    return Shape(
        content["name"], table, tuple(content["headers"]), columns, content.get("values", {}), content.get("note", "")
    )
