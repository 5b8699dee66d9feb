"""From the files to the page: the totals of the systems that exported them, followed to the accounts' own."""

from __future__ import annotations

import pandas as pd

from analysis.formats import MINUS, agree, amount, capital, counted, listed, money
from analysis.reporting import tables
from analysis.reporting.fragments import folded, paragraph, section
from analysis.reporting.markup import Child, Html
from analysis.run import Run

WHAT = {"revenue": "Revenue", "cogs": "Cost of goods", "work": "Work", "invoices": "Invoices"}
_NOTHING = ("rejected", "outside", "nobody")


def from_the_files(run: Run) -> Html:
    """Follow each total from the files to the accounts: what was read, what was left out and why, what is counted."""
    ties = run.ties
    # Of what nobody recorded there is no way to follow.
    ties = ties[ties["what"].isin(ties.loc[ties["amount"].fillna(0.0) != 0, "what"])]
    if ties.empty:
        return Html()
    found = [_tie(ties[ties["what"] == what], words) for what, words in WHAT.items() if (ties["what"] == what).any()]
    return section("from-the-files", _title(ties), paragraph(_lead(ties)), *found, short="From the files")


def _title(ties: pd.DataFrame) -> str:
    open_ = ties.loc[ties["line"] == "difference", "what"]
    if len(open_):
        names = listed([WHAT[what].lower() for what in open_])
        return f"What was read leads to what is counted, but for {names}"
    whats = [words.lower() for what, words in WHAT.items() if (ties["what"] == what).any()]
    return f"{capital(listed(whats))} {agree(len(whats), 'leads', 'lead')} from the files to this page"


def _lead(ties: pd.DataFrame) -> str:
    left = ties[ties["line"].isin(_NOTHING) & (ties["rows"].fillna(0) < 0)]
    if left.empty:
        return "Every row that was read counts for an account in this window."
    return "What was read, less each thing that was left out: the sums of your own systems lead to these."


def _tie(tie: pd.DataFrame, words: str) -> Html:
    unit = str(tie["unit"].iloc[0])
    kept = ~(tie["line"].isin(_NOTHING) & (tie["rows"].fillna(0) == 0) & (tie["amount"].abs() < 0.005))
    shown = [
        tables.Column("Step", lambda row: str(row["label"]), number=False),
        tables.count("Rows", "rows"),
        tables.Column(f"Amount, {unit}", _amount),
    ]
    first, last = tie["amount"].iloc[0], tie["amount"].iloc[-1]
    read, counts = (f"{amount(each)} {unit}" if unit == "minutes" else money(each, unit) for each in (first, last))
    caption = f"{words}: {read} read, {counts} counted"
    return folded(f"{words}: {counted(int(tie['rows'].iloc[0]), 'row')} read", tables.table(tie[kept], shown, caption))


def _amount(row: tables.Row) -> Child:
    """Show every digit: it is held against the total of another system."""
    return f"{MINUS if row['amount'] < 0 else ''}{abs(row['amount']):,.2f}"
