"""Who gets less than was promised: as visible as who gets too much."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, in_a_sentence, listed
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.fragments import paragraph, section
from analysis.reporting.known import flags
from analysis.reporting.links import linked, with_names
from analysis.reporting.markup import Html
from analysis.run import Run
from analysis.topics.service.page.over_served_cards import judged
from analysis.topics.service.words import service, service_title, three_levels

LISTED = 10


def under_served(run: Run) -> Html:
    """List the promises that were missed by much, the largest share first."""
    now = judged(run)
    if not now.promised:
        return Html()
    key, short = "under-served", "Under-served"
    if not now.under:
        words = (
            f"{counted(now.promised, 'account').capitalize()} {agree(now.promised, 'has', 'have')} a promise to keep."
        )
        return section(key, "No promise was missed by much", paragraph(words), short=short)
    rows = short_gaps(run)
    earning = int((run.accounts.loc[flags(run.accounts["under_served"]), "net_margin"] >= 0).sum())
    verb, them = agree(now.under, "gets", "get"), "it" if earning == 1 else "these"
    title = f"{count(now.under)} of {counted(now.promised, 'account')} with a promise {verb} clearly less"
    shown = [
        linked(run), service(run), *three_levels(),
        tables.share("Missing", "missing"),
        tables.money("Net margin", "net_margin"),
    ]  # fmt: skip
    lead = []
    if len(rows):
        what = rows["attribute"].value_counts().head(2)
        named = listed([f"{in_a_sentence(service_title(run, code))} ({count(n)})" for code, n in what.items()])
        lead.append(f"Most often: {named}.")
    if earning:
        lead.append(f"{count(earning)} of them {agree(earning, 'earns', 'earn')} money: protect {them} first.")
    more = f"; {LISTED} of {count(len(rows))}" if len(rows) > LISTED else ""
    listing = tables.table(rows.head(LISTED), shown, f"Furthest below the promise first{more}")
    label = basis(run, "work")
    return section(key, title, paragraph(" ".join(lead)), listing, label, short=short)


def short_gaps(run: Run) -> pd.DataFrame:
    """Find the gaps that make an account under-served, with the share of the promise that is missing."""
    gaps = run.service_gaps
    rows = gaps[(gaps["kind"] == "under") & flags(gaps["material"])]
    due = rows["entitled"].fillna(rows["expected"]).astype(float)
    short = rows["short_of_agreed"].fillna(rows["short_of_wanted"]).astype(float)
    margins = run.accounts[["customer_id", "net_margin"]]
    rows = with_names(run, rows).assign(
        missing=(short / due.where(due > 0)).where(rows["attribute"] != "response_hours")
    )
    rows = rows.merge(margins, on="customer_id", how="left")
    return rows.sort_values(
        ["missing", "net_margin", "customer_id", "attribute"], ascending=[False, False, True, True]
    ).reset_index(drop=True)
