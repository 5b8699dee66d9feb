"""What a figure or a table rests on: what was measured, what was modelled, what was assumed."""

from __future__ import annotations

from typing import Any, Literal

from analysis.formats import counted, is_known, listed, percent
from analysis.reporting.fragments import paragraph
from analysis.reporting.known import any_of, sales_recorded, work_recorded
from analysis.reporting.markup import Html, element, join
from analysis.reporting.ranges import sure
from analysis.run import Run

Part = Literal["sales", "goods", "work", "money", "ranges", "books", "capacity", "future"]
KINDS = ("Measured", "Modelled", "Assumed", "Not known")


def basis(run: Run, *parts: Part) -> Html:
    """Set the line beneath a figure or a table that says what it rests on.

    Parameters
    ----------
    run
        Whose shares of logged minutes and of assumed cost of goods are told.
    parts
        What goes into the figure: sales, goods, work, money (write-offs and financing), the costing's ranges, the
        books, capacity, the future (how long accounts stay, and the discount rate).
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
    return [("Measured", "sales")] if sales_recorded(run.accounts) else []


def _goods(run: Run) -> Told:
    if not sales_recorded(run.accounts):
        return []
    sold = run.accounts[any_of(run.accounts, ("list_revenue", "net_revenue"))]
    if sold["cogs"].isna().all():
        return [("Not known", "goods")]
    if sold["cogs"].isna().any():
        missing = counted(int(sold["cogs"].isna().sum()), "account")
        return [*_goods_of_the_known(run), ("Not known", f"goods of {missing}")]
    return _goods_of_the_known(run)


def _goods_of_the_known(run: Run) -> Told:
    assumed = _share(run, "cogs_assumed_share")
    if not assumed:
        return [("Measured", "goods")]
    known = [("Measured", f"{percent(1 - assumed)} of goods")] if assumed < 1 else []
    what = "goods" if assumed >= 1 else f"{percent(assumed)} of goods"
    share = run.policy.costs.cogs_share
    if share is None:
        return [*known, ("Modelled", f"{what}, at known ratios of cost to sales")]
    return [*known, ("Assumed", f"{what}, at {percent(share)} of sales")]


def _work(run: Run) -> Told:
    logged = logged_share(run)
    rates = ("Modelled", "rates")
    if not work_recorded(run.accounts) and run.resources.empty:
        return [("Not known", "the work of serving")]
    if logged is None:
        return [rates] if float(run.accounts["cost_to_serve"].sum()) else []
    if logged >= 0.9995:
        return [("Measured", "minutes"), rates]
    if logged < 0.0005:
        return [("Modelled", "minutes"), rates]
    told = f"{percent(1 - logged)} of minutes"
    return [("Measured", f"{percent(logged)} of minutes"), ("Modelled", told), rates]


def _money(run: Run) -> Told:
    told = [("Measured", "write-offs")] if float(run.accounts["write_offs"].sum()) else []
    if float(run.accounts["financing_cost"].sum()):
        told.append(("Assumed", f"{percent(run.policy.finance.receivables_rate)} a year for waiting"))
    return told


def _ranges(run: Run) -> Told:
    return [("Assumed", "cost ranges")] if sure(run) else []


def _books(run: Run) -> Told:
    return [("Measured", "the books")] if run.facts.get("books") else []


def _capacity(run: Run) -> Told:
    return [("Assumed", "practical capacity")]


def _future(run: Run) -> Told:
    model = (run.facts.get("value") or {}).get("model")
    if model in (None, "none"):
        return []
    rate = f"{percent(run.policy.finance.discount_rate)} a year on money to come"
    return [("Modelled", "how long accounts stay"), ("Assumed", rate), ("Assumed", "margins that stay as they are")]


_PARTS: dict[Part, Any] = {
    "sales": _sales,
    "goods": _goods,
    "work": _work,
    "money": _money,
    "ranges": _ranges,
    "books": _books,
    "capacity": _capacity,
    "future": _future,
}


def logged_share(run: Run) -> float | None:
    """Give the share of the working minutes that was logged; None where there was no work."""
    share = _share(run, "logged_minutes_share")
    whole = float(run.activities["minutes"].sum())
    return share if share is not None or whole <= 0 else float(run.activities["logged_minutes"].sum()) / whole


def _share(run: Run, key: str) -> float | None:
    share = (run.facts.get("measured") or {}).get(key)
    return float(share) if share is not None and is_known(share) else None
