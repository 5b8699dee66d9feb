"""The foot of every report: what it was made from, what is not in it, and which choices were in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.formats import count, counted, day, money, number, some, span
from analysis.reporting.fragments import bullets, pairs, paragraph, section
from analysis.reporting.known import data_from
from analysis.reporting.markup import Child, Html, cut, element, join, name, plain, spoken
from analysis.run import Run

METHOD = "method.html"


def foot(run: Run, *, method: str = METHOD, tables: Sequence[str] = ()) -> Html:
    """Set the foot: what was read and the run, and where the figures come from; the page adds a third line.

    Parameters
    ----------
    method
        The address of the page on method; empty where the page lies in a folder of its own.
    tables
        The tables that the page is made of: each is linked.
    """
    facts = run.facts
    read, rejected = rows_read(facts)
    left = len(facts.get("left_out", []))
    more = f", and {counted(left, 'thing')} left out" if left else ""
    where = element("a", "Method", href=method) if method else "the page on method"
    made = f"{day(run.window.start)} to {day(run.window.end)}; run {plain(facts.get('run_id'))[:8] or 'not published'}"
    code = plain(facts.get("code_version")) or "unknown"
    lines: list[Child] = [
        f"{counted(len(run.accounts), 'account').capitalize()}; {counted(read, 'row')} read, {some(rejected)} "
        f"rejected; amounts in {plain(run.policy.currency)}. {made}, code {code}.",
        join(f"What this rests on{more}: ", where, ". ", _made_of(tables)),
    ]
    return element("div", [paragraph(line) for line in lines], class_="foot")


def _made_of(tables: Sequence[str]) -> Html:
    files = [element("a", spoken(table), href=f"tables/{table}.csv") for table in tables]
    return join("Tables: ", join(*files, by=", "), ".") if files else Html()


def missing(run: Run) -> Html:
    """List what is not in the report for want of data or of a judgement."""
    items = [_left_out(item) for item in run.facts.get("left_out", [])]
    if not items:
        return Html()
    return section("not-in-this-report", "Not in this report yet", bullets(items, "plain"), short="Missing")


def made_from(run: Run) -> Html:
    """Say what the report was made from."""
    facts = run.facts
    read, rejected = rows_read(facts)
    items: list[tuple[Child, Child]] = [
        ("As of", day(run.as_of)),
        ("Window", f"{day(run.window.start)} to {day(run.window.end)}"),
        ("Accounts", count(len(run.accounts))),
        ("Rows read", f"{count(read)}, {some(rejected)} rejected"),
        ("Currency", plain(run.policy.currency)),
        ("Code version", plain(facts.get("code_version")) or "unknown"),
        ("Run", plain(facts.get("run_id")) or "not published"),
    ]
    return element(
        "section",
        element("h2", "What this was made from", id="made-from", data_short="Made from"),
        pairs(items),
        _assumed(facts, plain(run.policy.currency)),
        _assumptions(facts),
        _policy(facts.get("policy", {})),
        class_="foot",
    )


def rows_read(facts: Mapping[str, Any]) -> tuple[int, int]:
    """Sum the rows read and the rows rejected over the inputs."""
    inputs = facts.get("inputs", [])
    return sum(int(item.get("rows") or 0) for item in inputs), sum(int(item.get("rejected") or 0) for item in inputs)


def eyebrow(run: Run, what: str) -> str:
    """Say above the title what the page is about and for which window."""
    first = data_from(run)
    since = f"; the data begins on {day(first)}" if first else ""
    return f"{what}, {span(run.window.months, run.window.end)}{since}"


def _left_out(item: Mapping[str, Any] | str) -> Child:
    if isinstance(item, str):
        return name(item, longest=300)
    what, why = readable(item.get("what")), plain(item.get("why"))
    return join(element("strong", name(what)), [": ", name(why.replace("`", ""), longest=300)] if why else None)


def _assumed(facts: Mapping[str, Any], currency: str) -> Html:
    """List how much money rests on an assumption, the most first."""
    rows = facts.get("assumed") or []
    amounts = [element("strong", f"{money(row['amount'], currency)} {row['base']}") for row in rows]
    items: list[Child] = [
        join(amount, ": ", readable_words(row["what"]), ".") for amount, row in zip(amounts, rows, strict=True)
    ]
    return join(paragraph("Assumed, by amount:"), bullets(items, "plain")) if items else Html()


def readable_words(words: object) -> Html:
    """Write the words of a fact without the marks of code."""
    return name(plain(words).replace("`", ""), longest=200)


def _assumptions(facts: Mapping[str, Any]) -> Html:
    items: list[Child] = [name(words, longest=300) for words in facts.get("assumptions", [])]
    return join(paragraph("Assumed:"), bullets(items, "plain")) if items else Html()


def _policy(policy: Mapping[str, Any]) -> Html:
    choices = flattened(policy)
    if not choices:
        return Html()
    shown: list[tuple[Child, Child]] = [(readable(key), name(_value(value), longest=90)) for key, value in choices]
    return element(
        "details",
        element("summary", f"The policy in force: {counted(len(choices), 'choice')}"),
        pairs(shown, "facts small"),
    )


def flattened(nested: Mapping[str, Any], above: str = "") -> list[tuple[str, Any]]:
    """Write nested choices as a flat list of dotted names and values.

    Examples
    --------
    >>> flattened({"currency": "EUR", "window": {"months": 12}})
    [('currency', 'EUR'), ('window.months', 12)]
    """
    flat: list[tuple[str, Any]] = []
    for key, value in nested.items():
        path = f"{above}.{key}" if above else str(key)
        flat += flattened(value, path) if isinstance(value, Mapping) and value else [(path, value)]
    return flat


def readable(key: object) -> str:
    """Write a dotted or underscored name as words.

    Examples
    --------
    >>> readable("window.months"), readable("over_served")
    ('window: months', 'over served')
    """
    return cut(spoken(key).replace(".", ": "), 80)


def _value(value: Any) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return "not set"
    if value == "inf":
        return "without limit"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return "without limit" if value == float("inf") else number(value, 4)
    if isinstance(value, Mapping):
        return "none"
    if isinstance(value, (list, tuple, set)):
        return ", ".join(_value(item) for item in value) or "empty"
    return plain(value) or "empty"


def reasons_rejected(rejected: pd.DataFrame) -> list[str]:
    """Count the rejected rows by table and rule, most first."""
    if rejected.empty:
        return []
    keys = [column for column in ("table", "reason") if column in rejected]
    counts = rejected.groupby(keys, dropna=False).size().sort_values(ascending=False)
    return [
        f"{': '.join(spoken(part) for part in _tuple(key))} ({count(rows)})" for key, rows in counts.head(8).items()
    ]


def _tuple(key: Any) -> tuple[Any, ...]:
    return key if isinstance(key, tuple) else (key,)
