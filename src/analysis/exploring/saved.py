"""What was found, written into `policy.toml` for the next run: with who and why, and the difference shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from difflib import unified_diff
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import ParseError
from tomlkit.items import AbstractTable

from analysis.errors import UsageError
from analysis.folders import write_whole
from analysis.policy import Policy


def with_choices(text: str, choices: Mapping[str, Mapping[str, Any]], who: str, why: str, on: date) -> str:
    """Return the text of a policy with other choices, each under a comment; all else stays as it is written.

    Parameters
    ----------
    text
        Of `policy.toml`; empty: there is none yet.
    choices
        By topic and key.
    who, why
        Said in the comment.
    on
        The day of the change.

    Examples
    --------
    >>> print(with_choices("", {"over_service": {"share": 0.05}}, "Ann", "as agreed in May", date(2026, 11, 26)))
    [over_service]
    # 2026-11-26, Ann: as agreed in May
    share = 0.05
    <BLANKLINE>
    """
    document = tomlkit.parse(text)
    comment = f"{on.isoformat()}, {_line(who)}: {_line(why)}"
    for topic, keys in choices.items():
        if topic not in document:
            document[topic] = tomlkit.table()
        table = document[topic]
        if not isinstance(table, AbstractTable):
            raise UsageError(f"{topic} is no table in policy.toml: write it as [{topic}], then save again.")
        for key, value in keys.items():
            _set(table, key, value, comment)
    return tomlkit.dumps(document)


def difference(before: str, after: str) -> str:
    """Show what a text gains and loses, line by line."""
    return "\n".join(unified_diff(before.splitlines(), after.splitlines(), "before", "after", lineterm="", n=2))


def save(file: Path, choices: Mapping[str, Mapping[str, Any]], who: str, why: str, on: date | None = None) -> str:
    """Write the choices into the policy's file, whole or not at all, and return the difference.

    Raises
    ------
    UsageError
        Nothing was changed, or nobody says who and why.
    PolicyError
        The file would not be a policy; it stays as it was.
    """
    if not any(choices.values()):
        raise UsageError("Nothing was changed: move a slider first.")
    if not (who.strip() and why.strip()):
        raise UsageError("Say who changes the policy and why: whoever reads it in a year will ask.")
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    try:
        after = with_choices(before, choices, who, why, on or date.today())
    except ParseError as fault:
        raise UsageError(f"{file} is not TOML: {fault}. Mend it first.") from fault
    new = file.with_name(f"{file.name}.new")
    new.write_text(after, encoding="utf-8")
    try:
        Policy.read(new)
    finally:
        new.unlink(missing_ok=True)
    write_whole(file, after)
    return difference(before, after)


def _set(table: AbstractTable, key: str, value: Any, comment: str) -> None:
    """Set a key with its comment above it; one that is there keeps its place, with the comment behind it."""
    if key in table:
        table[key] = value
        table[key].comment(comment)
        return
    table.add(tomlkit.comment(comment))
    table.add(key, value)


def _line(words: str) -> str:
    """Return words as one line without marks that would end a comment."""
    return re.sub(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+", " ", words).strip()
