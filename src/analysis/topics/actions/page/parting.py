"""Parting with accounts: what would be gained, what stands against it, and what a decent ending needs."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, capital, count, counted, money, some
from analysis.reporting import tables
from analysis.reporting.action_words import rungs_said, with_accounts
from analysis.reporting.fragments import bullets, folded, paragraph, section
from analysis.reporting.links import linked, links
from analysis.reporting.markup import Child, Html, join, plain
from analysis.reporting.next_steps import Words, sentences
from analysis.reporting.said import said
from analysis.run import Run

LISTED = 10


def parting(run: Run) -> Html:
    """Show the ladder of every account that loses money: who may be parted with, and why the others may not."""
    rows = with_accounts(run, run.table("endings"))
    if rows.empty:
        return Html()
    advised = run.accounts[["customer_id", "action"]].rename(columns={"action": "advised"})
    rows = rows.merge(advised, on="customer_id", how="left")
    gains = rows[rows["value"] > 0].sort_values(["value", "customer_id"], ascending=[False, True])
    proposed = gains[gains["proposed"].fillna(False).astype(bool)]
    return section(
        "parting", _title(run, rows, gains, proposed), _rule(),
        _proposals(run, proposed), _candidates(run, gains), _why_not(rows), short="Parting",
    )  # fmt: skip


def _title(run: Run, rows: pd.DataFrame, gains: pd.DataFrame, proposed: pd.DataFrame) -> str:
    """Say of how many ending adds something: of those still here, by running margin, over the horizon."""
    currency = run.policy.currency
    ahead = f"over {run.policy.finance.horizon_months} months"
    lose = f"Of {counted(len(rows), 'account')} still here that {agree(len(rows), 'loses', 'lose')} money"
    if run.accounts["cost_to_obtain"].gt(0).any():
        lose += f" even before the cost of winning {agree(len(rows), 'it', 'them')}"
    if gains.empty:
        return f"{lose}, ending {agree(len(rows), 'it', 'any')} would take more than it adds"
    add = f"{lose}, ending {some(len(gains))} would add something {ahead} ({money(gains['value'].sum(), currency)})"
    if proposed.empty:
        return f"{add}; none may be proposed"
    return f"{add}; {count(len(proposed))} may be proposed, and a person decides"


def _rule() -> Html:
    return paragraph(
        "An ending is proposed only where the record shows that every earlier rung was tried or refused, the account "
        "lost money in two windows, ending it gains at avoidable cost after exit costs and what is put at risk "
        "elsewhere, that holds over most of the range, it is not protected, and our own failures are not the cause. "
        "Freed time counts as money only where the costing names a use for it.",
        kind="note",
    )


def _proposals(run: Run, proposed: pd.DataFrame) -> Html:
    write = links(run)
    items: list[Child] = [
        join(write(row.name_, row.customer_id), f": {plain(row.needs)}. Tried: {rungs_said(row.rungs_tried)}.")
        for row in proposed.rename(columns={"name": "name_"}).itertuples()
    ]
    return bullets(items, "plain")


def _candidates(run: Run, gains: pd.DataFrame) -> Html:
    known = sentences(run)
    shown = [
        linked(run),
        tables.change("Ending it adds", "value"),
        tables.interval("Range", gains, "low", "value", "high"),
        tables.change("At risk elsewhere", "at_risk_elsewhere"),
        tables.Column("Tried", lambda row: rungs_said(row["rungs_tried"]), number=False),
        tables.Column("Still to try", lambda row: rungs_said(row["rungs_left"]), number=False),
        tables.Column("Instead", lambda row: _instead(row, known), number=False),
    ]
    more = f"; {LISTED} of {count(len(gains))}" if len(gains) > LISTED else ""
    return tables.table(gains.head(LISTED), shown, f"Where ending would add, {run.policy.currency}{more}")


def _instead(row: tables.Row, known: Words) -> Child:
    return "a person decides" if row["advised"] == "terminate" else said(known.get(str(row["customer_id"])))


def _why_not(rows: pd.DataFrame) -> Html:
    """Count what stands against ending, each reason once for each account that it holds for."""
    reasons = rows["why_not"].dropna().astype(str).str.split("; ").explode()
    counts = reasons[reasons != ""].value_counts()
    items: list[Child] = [f"{capital(words)}: {counted(int(n), 'account')}." for words, n in counts.items()]
    return folded("What stands against ending, and how often", bullets(items, "plain")) if items else Html()
