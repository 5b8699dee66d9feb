"""Who should meet about which account, with what staff say would help; and what people decided otherwise."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.formats import agree, count, counted, day, some, the_next
from analysis.reporting import tables
from analysis.reporting.fragments import bullets, folded, paragraph, section
from analysis.reporting.links import called, linked, to_page
from analysis.reporting.markup import Child, Html, element, join, name, plain
from analysis.reporting.next_steps import gone
from analysis.run import Run
from analysis.topics.perception.words import JUDGEMENTS, STATES, value_in_words, why_in_words

LISTED, MOST = 10, 50


def meetings_to_hold(run: Run) -> Html:
    """Set a card for each account to be talked about: why, who should be there, and what would help."""
    rows = run.table("meetings").merge(run.accounts[["customer_id", "name", "net_margin"]], on="customer_id")
    rows = rows[~rows["customer_id"].isin(gone(run))]
    if rows.empty:
        return Html()
    rows = rows.assign(stake=rows["net_margin"].astype(float).abs().fillna(0))
    rows = rows.sort_values(["stake", "customer_id"], ascending=[False, True])
    title = f"{counted(len(rows), 'account')} to meet about, those with most at stake first"
    words = paragraph(
        "Who works for the account should hear what the record says; who has the feeling should say why. What staff "
        f"said is shown only where {count(run.policy.perception.shown_raters)} people or more rated."
    )
    cards = [_meeting(run, row) for row in rows.to_dict("records")]
    rest = folded(the_next(len(cards[LISTED:MOST])), *cards[LISTED:MOST]) if cards[LISTED:] else None
    return section("meetings", title, words, *cards[:LISTED], rest, short="Who should meet")


def decided_otherwise(run: Run) -> Html:
    """List what people decided otherwise, with their reason, and what was computed."""
    rows = run.table("overridden").merge(run.accounts[["customer_id", "name"]], on="customer_id", how="left")
    if rows.empty:
        return Html()
    holding = int((rows["state"] == "in_force").sum())
    title = f"{counted(len(rows), 'decision').capitalize()} by people, of which {some(holding)} still "
    title += agree(holding, "holds", "hold")
    shown = [
        linked(run),
        tables.Column("Judgement", lambda row: JUDGEMENTS.get(row["judgement"], plain(row["judgement"])), number=False),
        tables.Column("Computed", lambda row: name(value_in_words(row["computed"])), number=False),
        tables.Column("Decided", lambda row: name(value_in_words(row["value"])), number=False),
        tables.words("Why", "reason"),
        tables.words("By", "by"),
        tables.Column("Until", _until, number=False),
    ]
    return section(
        "decided", title, tables.table(rows.head(MOST), shown, "What people decided"), short="Decided otherwise"
    )


def _until(row: tables.Row) -> Child:
    return f"{day(pd.Timestamp(row['until']).date())}, {STATES[row['state']]}"


def _meeting(run: Run, row: dict[Any, Any]) -> Html:
    head = join(called(run, row["name"], row["customer_id"]), f": {why_in_words(row['why'])}")
    praise = plain(row["praise"])
    when = f" ({day(pd.Timestamp(row['praised_on']).date())})" if praise else ""
    facts: list[Child] = [
        _fact("Works for it", row["departments"]),
        _fact("Owns the relationship", row["account_manager"]),
        _fact("Liked less, or more, than most by", row["held_by"]),
        join(_fact("It is satisfied with", praise), when) if praise else None,
    ]
    return folded(
        head,
        bullets([fact for fact in facts if fact], "plain"),
        _said("What staff say of how hard it is", row["because"]),
        _said("Staff say that this would help", row["would_help"]),
        _said("Somebody is willing to", row["willing_to"]),
        to_page(run, row["name"], row["customer_id"]),
    )


def _fact(label: str, value: object) -> Html:
    return join(element("strong", label), ": ", name(value, longest=300)) if plain(value) else Html()


def _said(title: str, lines: object) -> Html:
    if not plain(lines):
        return Html()
    items: list[Child] = [name(line, longest=200) for line in str(lines).split("\n") if plain(line)]
    return join(paragraph(element("strong", title)), bullets(items, "plain"))
