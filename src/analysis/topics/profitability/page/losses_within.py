"""Losses inside good accounts: orders that lose money, and dear cases, of accounts that earn it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.formats import agree, count, counted, money
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.fragments import paragraph, section
from analysis.reporting.links import linked
from analysis.reporting.markup import Html, name
from analysis.run import Run

LISTED = 6


def losses_within(run: Run) -> Html:
    """Show the orders that lose money inside accounts that earn it, and those accounts' dearest cases."""
    found = run.facts.get("losses_within")
    if not found and run.losses_within.empty:
        return Html()
    currency = run.policy.currency
    title = orders_in_words(found) if found else "The dearest cases of accounts that earn money"
    return section(
        "losses-within", title, paragraph(_note(found, currency)) if found else None,
        _table(run, "order", "The worst orders of accounts that earn money"),
        _table(run, "case", "The dearest cases of accounts that earn money"),
        basis(run, "sales", "goods", "work"), short="Inside good accounts",
    )  # fmt: skip


def orders_in_words(found: Mapping[str, Any]) -> str:
    """Say how many of the orders that lose money are of accounts that earn it.

    Examples
    --------
    >>> orders_in_words({"loss_making_orders": 20, "of_accounts_that_earn": 14})
    '14 of the 20 orders that lose money are of accounts that earn money'
    """
    lost, good = int(found["loss_making_orders"]), int(found["of_accounts_that_earn"])
    unknown = int(found.get("margin_unknown") or 0)
    if unknown and unknown == int(found.get("orders") or 0):
        return "Which orders lose money is not known"
    if not lost and unknown:
        return "No order whose margin is known loses money after the work on it"
    if not lost:
        return "No order loses money after the work on it" if found.get("work", True) else "No order loses money"
    if lost == 1:
        return f"The one order that loses money is of an account that {'earns' if good else 'loses'} money"
    if not good:
        return f"None of the {count(lost)} orders that lose money is of an account that earns money"
    if good == lost:
        return f"All {count(lost)} orders that lose money are of accounts that earn money"
    verb = agree(good, "is of an account that earns money", "are of accounts that earn money")
    return f"{count(good)} of the {count(lost)} orders that lose money {verb}"


def _note(found: Mapping[str, Any], currency: str) -> str:
    lost, inside = float(found["lost_on_orders"]), float(found["lost_of_accounts_that_earn"])
    orders = int(found["orders"])
    unknown = int(found.get("margin_unknown") or 0)
    if unknown:
        known = f"The margin of {count(unknown)} of {counted(orders, 'order')} is not known."
        if unknown == orders:
            return known
        orders -= unknown
        return f"{known} {_note({**found, 'orders': orders, 'margin_unknown': 0}, currency)}"
    if not found["loss_making_orders"]:
        return f"There {agree(orders, 'is', 'are')} {count(orders)} in this window."
    inner = f", {money(inside, currency)} of it inside accounts that earn" if found["of_accounts_that_earn"] else ""
    words = f"Of {counted(orders, 'order')} in this window, those that lose money lose {money(lost, currency)}{inner}."
    if not found.get("work", True):
        return f"{words} An order loses where its gross margin is below nothing; the work on it is not recorded."
    return f"{words} An order loses where its gross margin does not pay for the work on it."


def _table(run: Run, kind: str, caption: str) -> Html:
    rows = run.losses_within[run.losses_within["kind"] == kind]
    if rows.empty:
        return Html()
    worst = rows.sort_values(["margin", "customer_id", "id"], kind="stable").head(LISTED)
    names = run.accounts.loc[run.accounts["customer_id"].isin(worst["customer_id"]), ["customer_id", "name"]]
    worst = worst.merge(names, on="customer_id", how="left")
    shown = [linked(run), tables.Column(kind.capitalize(), lambda row: name(row["id"], longest=24), number=False)]
    if kind == "order":
        shown += [tables.money("Net revenue", "net_revenue"), tables.money("Gross margin", "gross_margin")]
    shown.append(tables.money("Work on it", "work_cost"))
    if kind == "order":
        shown.append(tables.money("Margin", "margin"))
    return tables.table(pd.DataFrame(worst), shown, f"{caption}, {run.policy.currency}")
