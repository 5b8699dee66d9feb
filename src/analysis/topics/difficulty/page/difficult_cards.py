"""A talk with each difficult account: what it is made of, what each side could do, and who should be in the room."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, capital, count, counted, is_known, money, number, percent
from analysis.reporting.fragments import bullets, folded, paragraph, section
from analysis.reporting.links import called, to_page
from analysis.reporting.markup import Child, Html, element, join, name, plain
from analysis.reporting.next_steps import gone
from analysis.run import Run
from analysis.topics.difficulty.words import (
    QUESTIONS,
    difficult,
    failures_of,
    in_words,
    knows,
    made_of,
    points,
    step_in_words,
)
from analysis.topics.service.page.talks import FORGIVING

LISTED, FRONT, SAID = 8, 3, 4
ALWAYS = "What must we do to never lose your business, and what must we not do?"


def talks_to_hold(run: Run) -> Html:
    """Set a card for each of the most difficult accounts that are still here."""
    rows = difficult(run)
    rows = rows[~rows["customer_id"].isin(gone(run))]
    if rows.empty:
        return Html()
    mine = run.halfway[run.halfway["customer_id"].isin(rows["customer_id"])]
    worth = float(mine["worth"].sum())
    stake = f": up to {money(worth, run.policy.currency)} if they met us half way" if worth > 0 else ""
    title = f"{counted(len(rows), 'talk').capitalize()} to hold{stake}"
    words = paragraph(
        "What each could do to meet us half way, and what we must stop doing to it. An amount is what the work that it "
        "concerns cost in this window: the most that it would save; work of a service that has a level is in it, "
        "though no trouble. " + (f"Here the {LISTED} most difficult." if len(rows) > LISTED else "")
    )
    return section(
        "talks", title, words, *(_talk(run, row) for row in rows.head(LISTED).to_dict("records")), short="Talks"
    )


def _talk(run: Run, row: dict[object, object]) -> Html:
    who, currency = row["customer_id"], run.policy.currency
    behaviours = made_of(run.behaviours, who)
    head = join(called(run, row["name"], who), f": {in_words(behaviours.head(2)).lower() or 'a little of everything'}")
    return folded(
        head,
        _list("What it is made of", [_points(entry) for entry in behaviours.to_dict("records")]),
        _list("What it could do", [step_in_words(entry, currency) for entry in _of(run.halfway, who)]),
        _list(
            "What we must stop doing to it", [f"{plain(s)}." for s in failures_of(run.our_failures, who)["sentence"]]
        ),
        _list("What staff say", _said_by_staff(run, who)),
        _list("What it has said", _said_by_customer(run, who)),
        _list("In the room", _room(run, who)),
        _list(
            "To ask", [*(QUESTIONS[str(code)] for code in behaviours["behaviour"] if str(code) in QUESTIONS), ALWAYS]
        ),
        to_page(run, row["name"], who),
    )


def _of(table: pd.DataFrame, customer_id: object) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = table[table["customer_id"] == customer_id].to_dict("records")
    return rows


def _list(title: str, items: list[Child]) -> Html:
    return join(paragraph(element("strong", title)), bullets(items, "plain")) if items else Html()


def _points(row: dict[str, object]) -> Child:
    sentence = plain(row["sentence"])
    usual = _usual(row)
    # Where all followed on our failures, and some counts all the same, the reader wonders why.
    why = ", as fewer follow elsewhere on as many failures of ours" if ", all after" in sentence else ""
    return f"{capital(sentence)}{usual}: {points(row['difficulty_points'])} of its points{why}."


def _usual(row: dict[str, object]) -> str:
    """Say what is usual here: in days, as so many in a hundred of the minutes, or as one in so many."""
    rate = float(str(row["rate_usual"]))
    if not is_known(rate):
        return ""
    if row["behaviour"] == "late_payment":
        return f"; usual here {count(round(rate))} {agree(round(rate), 'day', 'days')}"
    if row["behaviour"] == "out_of_scope":
        return f", {percent(row['rate'])} of its minutes; usual here {percent(rate)}"
    if rate <= 0:
        return "; usual here none"
    return f"; usual here 1 in {number(1 / rate, 0)}" if rate < 0.5 else f"; usual here {percent(rate)}"


def _said_by_staff(run: Run, customer_id: object) -> list[Child]:
    lead = {"would_help": "Would help", "willing_to": "Somebody is willing to"}
    rows = run.would_help[run.would_help["customer_id"] == customer_id]
    found: list[Child] = []
    for topic, words in lead.items():
        for row in rows[rows["topic"] == topic].head(SAID).to_dict("records"):
            times = int(row["times"])
            found.append(join(f"{words}: ", name(row["words"], longest=160), f" ({times} times)" if times > 1 else ""))
    return found


def _said_by_customer(run: Run, customer_id: object) -> list[Child]:
    said = run.expectations[run.expectations["customer_id"] == customer_id].head(1).to_dict("records")
    found: list[Child] = []
    for row in said:
        for column, lead in (("must_do", "We must"), ("must_not", "We must not"), ("satisfied_with", "Satisfied with")):
            if plain(row[column]):
                found.append(join(f"{lead}: ", name(row[column], longest=160)))
        if not pd.isna(row["forgiving"]):
            found.append(f"Patience: {FORGIVING.get(int(row['forgiving']), '')}")
    return found


def _room(run: Run, customer_id: object) -> list[Child]:
    return [join(name(row["department"]), f": {knows(row)}.") for row in _of(run.who_knows, customer_id)]
