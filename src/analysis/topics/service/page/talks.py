"""The talk about expectations: what to ask an account, what it has said, and how forgiving it is."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, counted, in_a_sentence, is_known, listed, money, month, some
from analysis.reporting.fragments import bullets, folded, paragraph, section
from analysis.reporting.links import called, to_page, with_names
from analysis.reporting.markup import Child, Html, element, join, name, plain
from analysis.reporting.next_steps import gone
from analysis.run import Run
from analysis.topics.service.words import level, service_title, unit

LISTED = 8
SAID = (
    ("must_do", "We must"),
    ("must_not", "We must not"),
    ("improve", "To improve"),
    ("satisfied_with", "Satisfied with"),
)
FORGIVING = {
    1: "one mistake and it is over",
    2: "little patience",
    3: "some patience",
    4: "forgiving",
    5: "very forgiving",
}


def talks(run: Run) -> Html:
    """Set the talks that the largest gaps call for."""
    steps = run.table("next_steps")
    held = steps["customer_id"][steps["rule"] == "ours_first"]  # nothing is asked of them now
    rows = run.expectations
    rows = rows[~rows["customer_id"].isin([*held, *gone(run)])]
    if rows.empty:
        return Html()
    weight = rows["over_cost"].astype(float).fillna(0).groupby(rows["customer_id"]).sum()
    told = run.accounts.set_index("customer_id")["over_service_cost"].astype(float).reindex(weight.index).fillna(0)
    # What each head tells, then what all its gaps come to.
    order = pd.DataFrame({"told": told, "weight": weight}).sort_values(["told", "weight"], ascending=False).index
    everyone = len(order)
    heard = int(rows.loc[rows["asked_on"].notna(), "customer_id"].nunique())
    title = f"{counted(everyone, 'account')} to talk with about what {agree(everyone, 'it expects', 'they expect')}"
    words = f"{_heard(heard, everyone)} answered a survey. "
    cut_to = f"Here the {LISTED} with most money at stake; tables/expectations has all." if everyone > LISTED else ""
    parts = [_talk(run, with_names(run, rows[rows["customer_id"] == who])) for who in order[:LISTED]]
    return section("talks", title, paragraph(words + cut_to), *parts, short="The talks")


def _heard(heard: int, everyone: int) -> str:
    if everyone == 1:
        return "It has" if heard else "It has not"
    if heard == everyone:
        return f"{'Both' if everyone == 2 else 'All'} of them have"
    return f"{some(heard).capitalize()} of them {agree(max(heard, 1), 'has', 'have')}"


def _talk(run: Run, rows: pd.DataFrame) -> Html:
    first = rows.iloc[0]
    who = called(run, first["name"], first["customer_id"])
    what = listed([in_a_sentence(service_title(run, code)) for code in rows["attribute"]])
    mine = run.accounts.loc[run.accounts["customer_id"] == first["customer_id"], "over_service_cost"]
    cost = float(mine.sum())
    stake = f", {money(cost, run.policy.currency)} beyond what is due" if cost > 0 else ""
    said = _said(first)
    return folded(
        join(who, f"{stake}: {what}"),
        bullets([name(words, longest=300) for words in questions(rows)], "plain"),
        bullets(_beyond(run, rows), "plain"),
        paragraph(join("What it has said", *said, by=""))
        if said
        else paragraph("It has not been asked yet.", kind="note"),
        to_page(run, first["name"], first["customer_id"]),
    )


def questions(rows: pd.DataFrame) -> list[str]:
    """List the questions of an account's gaps, each once, those that every talk has last."""
    lines = [line for block in rows["questions"].dropna() for line in str(block).split("\n") if line.strip()]
    every = [line for line in dict.fromkeys(lines) if lines.count(line) == len(rows)] if len(rows) > 1 else []
    return [line for line in dict.fromkeys(lines) if line not in every] + every


def _beyond(run: Run, rows: pd.DataFrame) -> list[Child]:
    some = rows[rows["beyond_any"].astype("boolean").fillna(False).astype(bool)]
    return [_beyond_any(run, row) for row in some.to_dict("records")]


def _beyond_any(run: Run, row: dict[str, object]) -> Child:
    what = in_a_sentence(service_title(run, row["attribute"]))
    most, per = level(row["most_delivered"]), unit(run, row["attribute"])
    words = f"It asks for more {what} than any account gets ({most}{' ' + per if per else ''} at most)"
    if is_known(row["cost_of_wanted"]):
        return f"{words}; at our rates that level would cost {money(row['cost_of_wanted'], run.policy.currency)}."
    return f"{words}."


def _said(row: pd.Series) -> list[Child]:
    parts: list[Child] = [
        join(element("strong", label), ": ", name(row[key], longest=200)) for key, label in SAID if plain(row[key])
    ]
    if is_known(row["forgiving"]):
        patience = FORGIVING.get(int(row["forgiving"]), "")
        parts.append(join(element("strong", "Patience"), f": {int(row['forgiving'])} of 5, {patience}"))
    if not parts:
        return []
    when = f" ({month(row['asked_on'])})" if not pd.isna(row["asked_on"]) else ""
    return [f"{when}: ", join(*parts, by="; "), "."]
