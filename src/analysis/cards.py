"""How a portfolio and an account show themselves in a notebook: text of the data is always escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

from analysis.data.contract import INPUTS, OUTPUTS
from analysis.formats import count, money

if TYPE_CHECKING:
    import pandas as pd

    from analysis.portfolio import Portfolio

_LEFT = "text-align:left;vertical-align:top;white-space:pre-line"


def card(title: str, facts: Mapping[str, str], lists: Mapping[str, str]) -> str:
    """Return a title, a few facts, and a list of what there is with a line each, as HTML."""
    told = "".join(_row(name, value) for name, value in facts.items())
    there = "".join(_row(f".{name}", doc) for name, doc in lists.items())
    more = f"<details><summary>{len(lists)} frames</summary><table>{there}</table></details>" if lists else ""
    return f"<div><strong>{escape(title)}</strong><table>{told}</table>{more}</div>"


def _row(name: str, value: str) -> str:
    return f'<tr><th style="{_LEFT}">{escape(name)}</th><td style="{_LEFT}">{escape(value)}</td></tr>'


def portfolio_card(p: Portfolio) -> str:
    """Return what a portfolio is: its window, the rows that it rests on, its totals and what is missing."""
    from analysis.reporting.known import work_recorded

    accounts, currency = p.table("accounts") if p.is_read else p.computed.statement, p.policy.currency
    margin = accounts.net_margin
    losing = int((margin < 0).sum())
    facts = {
        "Window": f"{p.window.start} to {p.window.end} ({p.window.months} months)",
        "Accounts": count(len(accounts)),
        "Net revenue": money(accounts.net_revenue.sum(min_count=1), currency),
        "Cost to serve": money(accounts.cost_to_serve.sum(min_count=1) if work_recorded(accounts) else None, currency),
        "Net margin": money(margin.sum(min_count=1), currency),
        "Cost more than they bring": f"{count(losing)} of {count(int(margin.notna().sum()))} whose margin is known",
    }
    if p.is_read:
        rows, missing = (
            p.facts.get("inputs", []),
            [f"{one['what']}: {one['why']}" for one in p.facts.get("left_out", [])],
        )
    else:
        checked = p.opened.checked
        rows, missing = checked.counts(), [f"`{name}`" for name in INPUTS if name not in checked]
    facts["Rows"] = ", ".join(f"{one['table']} {count(one['accepted'])}" for one in rows)
    if missing:
        facts["Missing"] = "\n".join(missing) if p.is_read else ", ".join(missing)
    return card("Portfolio", facts, {name: table.doc for name, table in OUTPUTS.items()})


class Tables:
    """The tables of a portfolio, each an attribute; shows the list of them with a line each."""

    def __init__(self, p: Portfolio) -> None:
        self._p = p

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._p.table(name)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self._p.table(name)

    def __iter__(self) -> Iterable[str]:
        return iter(OUTPUTS)

    def __dir__(self) -> Iterable[str]:
        return OUTPUTS

    def __repr__(self) -> str:
        return "\n".join(f"{name}: {table.doc}" for name, table in OUTPUTS.items())

    def _repr_html_(self) -> str:
        rows = "".join(_row(name, table.doc) for name, table in OUTPUTS.items())
        return f"<table>{rows}</table>"
