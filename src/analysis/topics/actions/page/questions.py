"""What to find out next: the questions whose answers would change what is done, by what that adds."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, money, percent
from analysis.reporting import tables
from analysis.reporting.action_words import action_title, in_words, step_of, with_accounts
from analysis.reporting.fragments import paragraph, section
from analysis.reporting.links import linked
from analysis.reporting.markup import Child, Html, join, name, titled
from analysis.run import Run

LISTED = 10
ASKED = {
    "agrees": "Would it go along?",
    "wants": "Does it want the service that it has said nothing about?",
    "leaves": "Would it leave for what this mends, or for another reason?",
    "works": "Does the step work here? Try it with some accounts",
}


def what_to_find_out(run: Run) -> Html:
    """List the questions that are worth most, one account at a time and of all accounts; nothing without any."""
    rows, currency = run.table("questions"), run.policy.currency
    if rows.empty:
        return Html()
    rows = rows.sort_values(["value", "question", "action", "customer_id"], ascending=[False, True, True, True])
    each = with_accounts(run, rows[rows["customer_id"].notna()])
    each = each.sort_values(["value", "customer_id"], ascending=[False, True])
    parts = []
    if len(each):
        shown = [
            linked(run),
            tables.Column("To ask", lambda row: ASKED[str(row["question"])], number=False),
            tables.Column("Before", in_words(run), number=False),
            tables.share("Chance of a yes", "chance"),
            tables.change("Knowing adds", "value"),
        ]
        more = f"; {LISTED} of {count(len(each))}, tables/questions has all" if len(each) > LISTED else ""
        parts.append(tables.table(each.head(LISTED), shown, f"What to ask whom, {currency}{more}"))
    costed = rows[rows["question"] == "rate"]
    if len(costed):
        shown = [
            tables.Column("Resource", lambda row: name(titled(row["resource"])), number=False),
            tables.count("Accounts", "accounts"),
            tables.change("Knowing adds", "value"),
        ]
        parts.append(tables.table(costed.head(LISTED), shown, f"What an hour truly costs, {currency}"))
    every = rows[rows["question"] == "works"]
    if len(every):
        shown = [
            tables.Column("Step", lambda row: action_title(row["action"]), number=False),
            tables.count("Accounts", "accounts"),
            tables.change("Knowing adds", "value"),
        ]
        parts.append(tables.table(every.head(LISTED), shown, f"How well a step works here, {currency}"))
    note = paragraph(
        "What the best step adds with the answer known, over how it may turn out, less what it adds without: a "
        "question whose every answer leads to the same step is worth nothing.",
        kind="note",
    )
    return section("find-out", _title(run, rows), *parts, note, short="What to find out")


def _title(run: Run, rows: pd.DataFrame) -> Child:
    first, currency = rows.iloc[0], run.policy.currency
    worth = money(first["value"], currency)
    if first["question"] == "rate":
        what = str(first["resource"]).replace("_", " ")
        return join("Find out first what an hour of the ", name(what), f" truly costs: knowing it would add {worth}")
    if pd.isna(first["customer_id"]):
        accounts = int(first["accounts"])
        return (
            f"Find out first how well it works to {step_of(first['action'])}: knowing it would add {worth} with "
            f"{counted(accounts, 'account')}"
        )
    asked = int(rows["customer_id"].nunique())
    share = percent(first["chance"])
    return (
        f"{counted(asked, 'account').capitalize()} {agree(asked, 'is', 'are')} worth asking first; the answer that "
        f"matters most, a yes with a chance of {share}, would add {worth}"
    )
