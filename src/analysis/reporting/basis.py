"""What a figure or a table rests on: what was measured, what was modelled, what was assumed."""

from __future__ import annotations

from typing import Any, Literal

from analysis.formats import is_known, listed, percent
from analysis.reporting.fragments import paragraph
from analysis.reporting.markup import Html, element, join
from analysis.reporting.ranges import sure
from analysis.reporting.run import Run

Part = Literal["sales", "goods", "work", "money", "ranges", "books", "capacity"]
KINDS = ("Measured", "Modelled", "Assumed")


def basis(run: Run, *parts: Part) -> Html:
    """Set the line beneath a figure or a table that says what it rests on.

    Parameters
    ----------
    run
        Whose shares of logged minutes and of assumed cost of goods are told.
    parts
        What goes into the figure: sales, goods, work, money (write-offs and financing), the costing's ranges, the
        books, capacity.
    """
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for part in parts:
        for kind, words in _PARTS[part](run):
            if words not in found[kind]:
                found[kind].append(words)
    told = [join(element("strong", kind), ": ", listed(words), ".") for kind, words in found.items() if words]
    return paragraph(join(*told, by=" "), kind="basis") if told else Html()


Told = list[tuple[str, str]]


def _sales(run: Run) -> Told:
    return [("Measured", "sales")]


def _goods(run: Run) -> Told:
    assumed = _share(run, "cogs_assumed_share")
    if not assumed:
        return [("Measured", "cost of goods")]
    known = [("Measured", f"{percent(1 - assumed)} of the cost of goods")] if assumed < 1 else []
    what = "cost of goods" if assumed >= 1 else f"{percent(assumed)} of the cost of goods"
    return [*known, ("Assumed", f"{what}, at {percent(run.policy.costs.cogs_share)} of sales")]


def _work(run: Run) -> Told:
    logged = _share(run, "logged_minutes_share")
    rates = ("Modelled", "what a minute costs")
    if logged is None:
        return [rates] if float(run.accounts["cost_to_serve"].sum()) else []
    if logged >= 0.9995:
        return [("Measured", "the minutes"), rates]
    if logged < 0.0005:
        return [("Modelled", "the minutes"), rates]
    told = f"{percent(1 - logged)} of the minutes"
    return [("Measured", f"{percent(logged)} of the minutes"), ("Modelled", told), rates]


def _money(run: Run) -> Told:
    told = [("Measured", "write-offs")] if float(run.accounts["write_offs"].sum()) else []
    if float(run.accounts["financing_cost"].sum()):
        told.append(("Assumed", f"{percent(run.policy.finance.receivables_rate)} a year on money not yet received"))
    return told


def _ranges(run: Run) -> Told:
    return [("Assumed", "the ranges that the costing states")] if sure(run) else []


def _books(run: Run) -> Told:
    return [("Measured", "the books")] if run.facts.get("books") else []


def _capacity(run: Run) -> Told:
    return [("Assumed", "the practical capacity that the costing states")]


_PARTS: dict[Part, Any] = {
    "sales": _sales,
    "goods": _goods,
    "work": _work,
    "money": _money,
    "ranges": _ranges,
    "books": _books,
    "capacity": _capacity,
}


def _share(run: Run, key: str) -> float | None:
    share = (run.facts.get("measured") or {}).get(key)
    return float(share) if share is not None and is_known(share) else None
