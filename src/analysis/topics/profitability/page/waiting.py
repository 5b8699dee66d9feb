"""Waiting for money: what was written off, what financing cost, and what is disputed."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, is_known, is_nothing, money, percent
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.fragments import paragraph, section
from analysis.reporting.links import linked
from analysis.reporting.markup import Html
from analysis.run import Run

LISTED = 8


def waiting_for_money(run: Run) -> Html:
    """Show what waiting for money costs, and the accounts that cost most by it."""
    accounts, currency = run.accounts, run.policy.currency
    if accounts["disputed"].isna().all() and not _costs(accounts).any():
        return Html()
    written, financing = float(accounts["write_offs"].sum()), float(accounts["financing_cost"].sum())
    if is_nothing(written + financing):
        return section("waiting", "Waiting for money costs next to nothing", short="Waiting for money")
    cost = _costs(accounts)
    order = cost.sort_values(ascending=False, kind="stable").index
    top = accounts.assign(waiting=cost).loc[order].head(LISTED)
    top = top[top["waiting"] > 0]
    shown = [
        linked(run),
        tables.money("Write-offs", "write_offs"),
        tables.money("Financing", "financing_cost"),
        tables.money("Together", "waiting"),
        tables.Column("of revenue", lambda row: _share(row["waiting"], row["net_revenue"])),
        tables.money("Disputed", "disputed"),
    ]
    who = "The account" if len(top) == 1 else f"The {count(len(top))} accounts"
    caption = f"{who} that {agree(len(top), 'costs', 'cost')} most by it, {currency}"
    return section(
        "waiting", _title(written, financing, currency), paragraph(_note(run, currency)),
        tables.table(top, shown, caption), basis(run, "money"), short="Waiting for money",
    )  # fmt: skip


def _costs(accounts: pd.DataFrame) -> pd.Series:
    return accounts["write_offs"].astype(float).fillna(0) + accounts["financing_cost"].astype(float).fillna(0)


def _title(written: float, financing: float, currency: str) -> str:
    whole = money(written + financing, currency)
    if is_nothing(written):
        return f"Waiting for money costs {whole}; no write-off is recorded"
    return f"Waiting for money costs {whole}, {money(written, currency)} of it written off"


def _note(run: Run, currency: str) -> str:
    rate = run.policy.finance.receivables_rate
    words = f"Money not yet received is carried day by day at {percent(rate)} a year."
    disputed = run.accounts["disputed"].astype(float)
    hit = int((disputed > 0).sum())
    if hit:
        verb = agree(hit, "disputes", "dispute")
        words += f" {counted(hit, 'account').capitalize()} {verb} {money(disputed.sum(), currency)} of the invoices."
    elif disputed.notna().any():
        words += " No dispute is recorded."
    return words


def _share(part: object, whole: object) -> str:
    if not is_known(part) or not is_known(whole) or float(whole) <= 0:  # type: ignore[arg-type]
        return ""
    return percent(float(part) / float(whole))  # type: ignore[arg-type]
