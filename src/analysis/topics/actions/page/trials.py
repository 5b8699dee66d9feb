"""Try it small: the trials that would tell what a step does, those that run, and what came of those that were read."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, counted, day, is_nothing, money, percent
from analysis.reporting import tables
from analysis.reporting.action_words import action_title, step_of, with_accounts
from analysis.reporting.fragments import folded, paragraph, section
from analysis.reporting.links import linked
from analysis.reporting.markup import Child, Html
from analysis.run import Run

#: Trials whose accounts are listed.
LISTED = 3
PARTS = {"now": "now", "wait": "a quarter later"}


def try_it_small(run: Run) -> Html:
    """Show the trials; nothing where no step has anything at stake."""
    rows, currency = run.table("trials"), run.policy.currency
    if rows.empty:
        return Html()
    drawn, none = rows[rows["kind"] != "none"], rows[rows["kind"] == "none"]
    parts = []
    if len(drawn):
        shown = [
            tables.Column("Step", lambda row: action_title(row["action"]), number=False),
            tables.change("At stake", "at_stake"),
            tables.count("Accounts", "accounts"),
            tables.share("Assumed to go", "expected"),
            tables.Column("It would show", _could_see),
            tables.change("Waiting costs", "waiting_costs"),
            tables.Column("Where it stands", _stands, number=False),
        ]
        parts.append(tables.table(drawn, shown, f"Trials, those with most at stake first, {currency}"))
        parts += [_accounts(run, row) for row in drawn.head(LISTED).to_dict("records")]
    if len(none):
        shown = [
            tables.Column("Step", lambda row: action_title(row["action"]), number=False),
            tables.change("At stake", "at_stake"),
            tables.count("Accounts", "could_have"),
            tables.Column("Why no trial", lambda row: str(row["why_not"]), number=False),
        ]
        parts.append(folded("Steps without a trial", tables.table(none, shown, f"Why none is drawn, {currency}")))
    note = paragraph(
        "Accounts that are alike in what the step acts on make a pair; a lot says which of them has it now; what the "
        "other does in that quarter is what would have come anyway. It would show: the least share that four "
        "such trials in five tell from chance, by how far these accounts' own past quarters lay apart. A trial stays "
        "as it was drawn, and is read once actions_taken has its steps and a quarter has passed; runs have to lie in "
        "one folder for that.",
        kind="note",
    )
    return section("try-it-small", _title(drawn, none, currency), *parts, note, short="Try it small")


def _title(drawn: pd.DataFrame, none: pd.DataFrame, currency: str) -> str:
    read = drawn[drawn["came"].notna()]
    if len(read):
        return _came(read.iloc[0])
    if drawn.empty:
        return f"No trial would tell in a quarter what {counted(len(none), 'step')} with anything at stake would do"
    first = drawn.iloc[0]
    half = counted(int(first["accounts"]) // 2, "account")
    if first["state"] == "running":
        return f"A trial is running: to {step_of(first['action'])}; it can be read from {_day(first['reads_on'])} on"
    if first["why_not"]:
        return (
            f"A trial with {half} now and as many later could show to {step_of(first['action'])} only if "
            f"{percent(first['could_see'])} went; assumed is {percent(first['expected'])}"
        )
    waiting = float(first["waiting_costs"])
    costs = f", and costs {money(waiting, currency)}" if waiting > 0 and not is_nothing(waiting) else ""
    return (
        f"To {step_of(first['action'])} with {half} now and as many a quarter later would tell whether it works: it "
        f"would show {percent(first['could_see'])}, where {percent(first['expected'])} is assumed{costs}"
    )


def _came(row: pd.Series) -> str:
    """Say what a trial came to."""
    span = f"{percent(row['came_low'])} to {percent(row['came_high'])}"
    words = {
        "works": "works",
        "not_seen": "has not been seen to work",
        "worse": "makes it worse",
    }[str(row["verdict"])]
    return (
        f"Tried by lot with {counted(int(row['pairs_told']), 'pair')}: to {step_of(row['action'])} {words}; "
        f"{percent(row['came'])} of what it acts on went ({span}), where {percent(row['expected'])} was assumed"
    )


def _stands(row: tables.Row) -> Child:
    if row["state"] == "read":
        return str(row["why_not"]) if pd.isna(row["came"]) else _came(pd.Series(row))
    if row["state"] == "running":
        had = int(row["had_it"])
        return f"{counted(had, 'account')} {agree(had, 'has', 'have')} it; to be read on {_day(row['reads_on'])}"
    drawn = f"drawn on {_day(row['drawn_on'])}"
    return f"{drawn}; {row['why_not']}" if row["why_not"] else drawn


def _day(value: object) -> str:
    return day(pd.Timestamp(str(value)).date())


def _accounts(run: Run, row: tables.Row) -> Html:
    rows = run.table("trial_accounts")
    rows = with_accounts(run, rows[rows["trial"] == row["trial"]])
    shown = [
        linked(run),
        tables.count("Pair", "pair"),
        tables.Column("When", lambda one: PARTS[str(one["part"])], number=False),
        tables.change("Acts on", "matter"),
        tables.change("Would add", "value"),
    ]
    if rows["taken_on"].notna().any():
        had = tables.Column(
            "Had it", lambda one: "" if pd.isna(one["taken_on"]) else _day(one["taken_on"]), number=False
        )
        shown.append(had)
    caption = f"What the step acts on in a quarter, and what it would add over the horizon, {run.policy.currency}"
    return folded(f"{action_title(row['action'])}: who when", tables.table(rows, shown, caption))


def _could_see(row: tables.Row) -> str:
    """Tell the least share that would show; no step can do more than all."""
    return "no share" if row["could_see"] > 1 else percent(row["could_see"])
