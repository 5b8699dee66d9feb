"""The proposal written as TOML with its reasons; written again it keeps what a person changed and says what is new."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from analysis.errors import DataError, Example, Problem
from analysis.propose.draft import Draft

#: What was proposed last, beside the files: so it is known what a person changed since.
LAST = "proposed.json"
#: The keys that hold sections: deeper ones are values, though they may be written in braces.
SECTIONS = {"connections": 2, "tables": 3, "resources": 2, "activities": 2}


@dataclass
class Written:
    """What became of one file."""

    text: str
    new: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def laid_on(now: str | None, last: Mapping[str, Any], draft: Draft, head: str, place: Path) -> Written:
    """Return a file with the proposal laid on it: a person's lines stay, what was ours and is not any more goes.

    Parameters
    ----------
    now
        The file as it stands; None where there is none.
    last
        What was proposed last.
    draft, head
        What is proposed now, and the comment that a new file begins with.
    place
        The file, for an error.

    Raises
    ------
    DataError
        What is there is no TOML.
    """
    try:
        document = tomlkit.parse(now) if now is not None else tomlkit.document()
    except TOMLKitError as fault:
        mend = "Mend it, or move it away to have it proposed anew."
        raise DataError(
            [Problem(place.name, "", "not_toml", "this is no TOML", mend, examples=(Example(None, "", str(fault)),))]
        ) from None
    if now is None:
        for line in head.splitlines():
            document.add(tomlkit.comment(line))
        document.add(tomlkit.nl())
    written = Written("")
    _lay(document, draft.values, last, (), draft, written, now is not None)
    written.text = tomlkit.dumps(document)
    return written


def _is_section(path: tuple[str, ...]) -> bool:
    depth = SECTIONS.get(path[0], 1)
    return len(path) < depth or (len(path) == depth and (path[0] != "tables" or path[2] in ("columns", "values")))


def _lay(
    here: Any,
    new: Mapping[str, Any],
    last: Mapping[str, Any],
    path: tuple[str, ...],
    draft: Draft,
    into: Written,
    again: bool,
) -> None:
    for key in [key for key in here if key not in new and key in last and _plain(here[key]) == last[key]]:
        into.new.append(f"gone: {'.'.join((*path, key))}")
        del here[key]
    for key, value in new.items():
        at = (*path, key)
        name = ".".join(at)
        section = isinstance(value, dict) and _is_section(at)
        if key not in here:
            if key in last and again:
                into.kept.append(f"{name} is left out, as you did")
                continue
            _add(here, key, value, at, draft)
            if again:
                into.new.append(f"new: {name}")
        elif section and isinstance(here[key], dict):
            _lay(here[key], value, last.get(key, {}), at, draft, into, again)
        elif _plain(here[key]) != value:
            if key in last and _plain(here[key]) == last[key]:
                here[key] = _item(value)
                _tell(here[key], at, draft)
                into.new.append(f"changed: {name}, from {_short(last[key])} to {_short(value)}")
            else:
                into.kept.append(f"{name} stays {_short(_plain(here[key]))}, as you wrote; proposed: {_short(value)}")


def _add(here: Any, key: str, value: Any, path: tuple[str, ...], draft: Draft) -> None:
    if isinstance(value, dict) and _is_section(path):
        table = tomlkit.table(is_super_table=len(path) == 1)
        for name, inner in value.items():
            _add(table, name, inner, (*path, name), draft)
        if len(path) > 1:
            _tell(table, path, draft)
        here[key] = table
    else:
        here[key] = _item(value)
        _tell(here[key], path, draft)


def _tell(item: Any, path: tuple[str, ...], draft: Draft) -> None:
    if reason := draft.why.get(path):
        item.comment(one_line(reason))


def one_line(text: str) -> str:
    """Return a text as a comment can hold it: one line, and nothing that cannot be seen."""
    return re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in text)).strip()[:300]


def _item(value: Any) -> Any:
    if isinstance(value, dict):
        item = tomlkit.inline_table()
        for key, inner in value.items():
            item[key] = _item(inner)
        return item
    return tomlkit.item(value)


def _plain(value: Any) -> Any:
    return value.unwrap() if hasattr(value, "unwrap") else value


def _short(value: Any) -> str:
    return one_line(json.dumps(value, ensure_ascii=False))[:100]


def with_choices(text: str, choices: Mapping[str, Any]) -> str:
    """Return a file with values that a person gives on the command line, nested as in the file."""
    document = tomlkit.parse(text)
    _set(document, choices, ())
    return tomlkit.dumps(document)


def _set(here: Any, choices: Mapping[str, Any], path: tuple[str, ...]) -> None:
    for key, value in choices.items():
        at = (*path, key)
        if isinstance(value, dict) and (isinstance(here.get(key), dict) or _is_section(at)):
            if key not in here:
                here[key] = tomlkit.table()
            _set(here[key], value, at)
        else:
            here[key] = _item(value)
