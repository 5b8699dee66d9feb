"""The contract in words: the table of columns that the documentation shows."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.data.contract.inputs import INPUTS
from analysis.data.contract.outputs import BACKTEST, OUTPUTS
from analysis.data.schema import Column, RowRule, Table

_HEAD = """# Tables and columns

Written from `analysis.data.contract` by `mutual-value contract`; do not edit it by hand.
A column in *italics* may be absent or empty. Empty means unknown, never 0 and never false.
"""


def describe() -> str:
    """Return the whole contract as Markdown."""
    parts = [_HEAD, "## What goes in\n", *map(_section, INPUTS.values())]
    parts += ["## What comes out\n", *map(_section, OUTPUTS.values())]
    parts += ["## What comes out of a backtest\n", *map(_section, BACKTEST.values())]
    return "\n".join(parts)


def _section(table: Table) -> str:
    lines = [
        f"### {table.name}\n",
        f"{table.doc}\n",
        "| column | type | meaning | rules |",
        "| --- | --- | --- | --- |",
    ]
    lines += [_row(column) for column in table.columns]
    rules = dict.fromkeys(f"- `{rule.code}` ({_costs(rule)}): {rule.message}. {rule.mend}" for rule in table.rules)
    return "\n".join([*lines, *(["", "A row breaks the contract where", "", *rules] if rules else []), ""])


def _costs(rule: RowRule) -> str:
    """Say what a broken rule costs."""
    return rule.severity if rule.severity == "warning" else f"{rule.severity}, costs the {rule.costs}"


def _row(column: Column) -> str:
    name = f"`{column.name}`" if column.required else f"*`{column.name}`*"
    return f"| {name} | {column.kind.word} | {column.doc.replace('|', '/')} | {', '.join(_rules(column))} |"


def _rules(column: Column) -> Iterable[str]:
    if column.unique:
        yield "unique"
    if column.references:
        yield f"known in `{column.references}`" + (" (else a warning)" if column.unknown == "warning" else "")
    if column.values:
        yield "one of " + ", ".join(f"`{value}`" for value in column.values)
    if column.minimum is not None and column.maximum is not None:
        yield f"{column.minimum:,.15g} to {column.maximum:,.15g}"
    elif column.minimum is not None:
        yield f"{column.minimum:,.15g} or more"
    elif column.maximum is not None:
        yield f"{column.maximum:,.15g} or less"
    if column.unlimited:
        yield "`inf` is unlimited"
