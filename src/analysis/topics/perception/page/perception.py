"""The report on perception: names that the record does not bear out, who sees whom how, and who should meet."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, in_turn, is_known, listed, money, some, the_next, word
from analysis.reporting import tables
from analysis.reporting.drawing import draw
from analysis.reporting.foot import eyebrow
from analysis.reporting.foot import foot as three_lines
from analysis.reporting.fragments import Tile, folded, masthead, paragraph, section, tiles
from analysis.reporting.links import linked
from analysis.reporting.markup import Child, Html, cut, join, plain
from analysis.run import Run
from analysis.topics.difficulty.words import points
from analysis.topics.perception.figures import departments as departments_figure
from analysis.topics.perception.figures import name_and_record as names_figure
from analysis.topics.perception.figures.departments import plot_departments
from analysis.topics.perception.figures.name_and_record import plot_name_and_record
from analysis.topics.perception.judgement.perception import QUIET, UNFAIR
from analysis.topics.perception.page.perception_cards import decided_otherwise, meetings_to_hold
from analysis.topics.perception.words import counts_of_names, evidence, gap_in_words, judged, named, period_in_words

__all__ = [
    "by_department",
    "decided_otherwise",
    "foot",
    "meetings_to_hold",
    "name_and_record",
    "opening",
    "quietly_difficult",
    "unfairly_labelled",
    "views",
]

#: What the page is made of.
TABLES = (
    *("accounts", "behaviours", "departments", "figures", "meetings", "next_steps", "our_failures", "overridden"),
    *("reputations", "views"),
)

DRAWN, LISTED, MOST = 8, 8, 50


def foot(run: Run) -> Html:
    """Set the foot, with the tables that the page is made of."""
    return three_lines(run, tables=TABLES)


def opening(run: Run) -> Html:
    """Say how many names the record does not bear out, either way."""
    over, known = eyebrow(run, "Perception: the name and the record"), judged(run)
    if not known:
        lead = "It takes staff's ratings, from enough people, of accounts whose trouble the record tells."
        return masthead(over, "What staff think cannot be set against the record", lead)
    lead = (
        "Staff's ratings, corrected for how hard each rater and department judges everybody, beside all the trouble in "
        "the record, whoever caused it. A name counts as wrong only where the gap is wider than its own noise. "
        "Nobody can tell who rated."
    )
    few, least = _on_few(run), word(run.policy.perception.shown_raters)
    if few:
        who = counted(few, "undeserved name").capitalize()
        lead += f" {who} {agree(few, 'rests', 'rest')} on the word of fewer than {least} people."
    return join(masthead(over, headline(run), lead), tiles(_tiles(run)))


def _on_few(run: Run) -> int:
    """Return how many of the undeserved names rest on so few raters that no figure of them is shown."""
    return int(named(run, UNFAIR)["perceived_difficulty"].isna().sum())


def headline(run: Run) -> str:
    """Say how many have a name that the record does not bear out, and which way."""
    unfair, quiet, known = *counts_of_names(run), judged(run)
    if known == 1:
        found = "is borne out by" if not unfair + quiet else "is not what is in"
        return f"The name of the one account judged {found} the record"
    if not unfair + quiet:
        return f"The names of all {count(known)} accounts judged are borne out by the record"
    lead = (
        f"{some(unfair).capitalize()} of {count(known)} accounts {agree(unfair, 'has', 'have')} an undeserved bad name"
    )
    return f"{lead}; {some(quiet)} {agree(quiet, 'is', 'are')} harder than anybody says"


def name_and_record(run: Run) -> Html:
    """Draw where staff see the accounts whose name is wrong, and where their record stands."""
    both = [named(run, code) for code in (UNFAIR, QUIET)]
    shown = [rows[rows["perceived_difficulty"].notna()].head(DRAWN) for rows in both]
    rows = pd.concat(shown)
    if rows.empty:
        return Html()
    ways = zip(shown, ("far above", "far below"), strict=True)
    told = [f"{counted(len(part), 'account')} {way} {agree(len(part), 'its', 'their')} record" for part, way in ways]
    title = f"Staff see {listed([words for words, part in zip(told, shown, strict=True) if len(part)])}"
    alt = (
        f"A line for each of {counted(len(rows), 'account')} from its record to where staff see it, on a scale of 0 to "
        f"100. {title}."
    )
    figure = draw(
        lambda ax: plot_name_and_record(rows, ax),
        name="name-and-record", alt=alt, heights=(names_figure.height(rows),) * 2,
        caption="Full dot: the record. Ring: staff's view. Of each kind those that bring most; accounts that fewer "
        f"than {count(run.policy.perception.shown_raters)} people rated are not drawn.",
    )  # fmt: skip
    return section("name-and-record", title, figure, short="The name and the record")


def unfairly_labelled(run: Run) -> Html:
    """List the accounts with a bad name that the record does not bear out, and the bad time that may explain it."""
    rows = named(run, UNFAIR)
    if rows.empty:
        return Html()
    past = int(rows["bad_period"].notna().sum())
    unfair, _ = counts_of_names(run)
    title = f"{counted(unfair, 'bad name').capitalize()} that the record does not bear out{_at_stake(rows, run)}"
    words = "A good customer lost to a bad name is the dearest mistake. "
    if past:
        words += f"Behind {count(past)} of them stands a bad time that is over; it was ours."
    elif (rows["cases"].fillna(0) > 0).any():
        words += "The months of their cases show no bad time that is over behind them."
    else:
        words += "Without cases of theirs it cannot be told whether a bad time stands behind them."
    return section("unfair", title, paragraph(words), _listing(run, rows), short="Undeserved bad names")


def quietly_difficult(run: Run) -> Html:
    """List the accounts that are more trouble than their name says."""
    rows = named(run, QUIET)
    if rows.empty:
        return Html()
    _, quiet = counts_of_names(run)
    verb = agree(quiet, "is more trouble than its name says", "are more trouble than their names say")
    words = "Nobody complains of them, so nobody helps who has the work. Whose doing the trouble is stands beside it."
    body = _listing(run, rows)
    return section("quiet", f"{counted(quiet, 'account')} {verb}", paragraph(words), body, short="Quietly difficult")


def by_department(run: Run) -> Html:
    """Draw how departments see the accounts that they rate, against the record."""
    rows = run.table("departments")
    shown = rows[rows["perception_gap"].notna()]
    if shown.empty:
        return Html()
    ranked = shown.sort_values(["perception_gap", "department"], ascending=[False, True], ignore_index=True)
    title = _department_title(ranked)
    alt = f"For each of {counted(len(ranked), 'department')} the mean gap to the record, with its range. {title}."
    figure = draw(
        lambda ax: plot_departments(ranked, ax),
        name="departments", alt=alt, heights=(departments_figure.height(ranked),) * 2,
        caption="The line is the range that so few raters allow; where it crosses nothing, the department sees its "
        "accounts as the record does.",
    )  # fmt: skip
    least, hidden = run.policy.perception.shown_raters, len(rows) - len(shown)
    note = (
        f"{counted(hidden, 'department').capitalize()} {agree(hidden, 'is', 'are')} not shown: with fewer than "
        f"{count(least)} raters, or it would give away one that has."
        if hidden
        else None
    )
    note = paragraph(note, kind="note") if note else None
    return section("departments", title, figure, note, short="By department")


def views(run: Run) -> Html:
    """List who is liked but loses money, and who is not liked but earns it, with the departments that feel so."""
    rows = run.table("views").merge(run.accounts[["customer_id", "name"]], on="customer_id")
    liked, disliked = (rows[rows["pattern"] == code] for code in ("liked_but_losing", "disliked_but_earning"))
    if rows.empty:
        return Html()
    currency = run.policy.currency
    title = (
        f"Where feelings and money part: {counted(len(liked), 'account')} {agree(len(liked), 'is', 'are')} liked "
        f"and {agree(len(liked), 'loses', 'lose')} money, {some(len(disliked))} {agree(len(disliked), 'is', 'are')} "
        f"not liked and {agree(len(disliked), 'earns', 'earn')} it"
    )
    words = "Liked and disliked mean: surely more, or less, than most. Only what five people or more feel is told."
    parts = [
        _felt(run, liked, f"Liked, but losing money; {currency}"),
        _felt(run, disliked, f"Not liked, but earning money; {currency}"),
    ]
    return section("views", title, paragraph(words), *parts, short="Feelings and money")


def _tiles(run: Run) -> list[Tile]:
    unfair, known = named(run, UNFAIR), judged(run)
    bad, hidden = counts_of_names(run)
    found = [Tile("Undeserved bad names", counted(bad, "account"), f"of {count(known)} judged")]
    if len(unfair) and unfair["net_margin"].notna().any():
        found.append(Tile("They bring", money(unfair["net_margin"].sum(), run.policy.currency), "net margin", "earn"))
    found.append(Tile("Quietly difficult", counted(hidden, "account"), f"of {count(known)} judged", "difficult"))
    facts = run.facts.get("perception") or {}
    if facts.get("ratings"):
        found.append(Tile("Ratings that count", count(facts["ratings"]), f"of {counted(facts['rated'], 'account')}"))
    return found


def _at_stake(rows: pd.DataFrame, run: Run) -> str:
    """Say what the accounts bring, where that is known and they bring something."""
    margin = rows["net_margin"].astype(float)
    if not margin.notna().any() or margin.sum() <= 0:
        return ""
    return f", on {agree(len(rows), 'an account', 'accounts')} that {agree(len(rows), 'brings', 'bring')} " + money(
        margin.sum(), run.policy.currency
    )


def _listing(run: Run, rows: pd.DataFrame) -> Html:
    def told(row: tables.Row) -> Child:
        words = [gap_in_words(row).capitalize() + ".", evidence(run, row), period_in_words(row)]
        return in_turn(*words)

    def ours(row: tables.Row) -> Child:
        return f"{points(100 * float(row['difficulty_ours']))}%" if is_known(row["difficulty_ours"]) else ""

    shown = [
        linked(run),
        tables.Column("The name and the record", told, number=False),
        tables.Column("Trouble that is ours", ours),
        tables.money("Net margin", "net_margin"),
    ]
    caption = f"Those that bring most first; net margin in {run.policy.currency}"
    rest = rows.iloc[LISTED : LISTED + MOST]
    more = folded(the_next(len(rest)), tables.table(rest, shown, caption)) if len(rest) else None
    return join(tables.table(rows.head(LISTED), shown, caption), more)


def _department_title(ranked: pd.DataFrame) -> str:
    surely = ranked[(ranked["perception_gap_low"] > 0) | (ranked["perception_gap_high"] < 0)]
    if surely.empty:
        return f"No department of {count(len(ranked))} surely sees its accounts otherwise than the record does"
    first = surely.loc[surely["perception_gap"].abs().idxmax()]
    way = "harder" if first["perception_gap"] > 0 else "easier"
    size = points(abs(float(first["perception_gap"])))
    return f"{cut(plain(first['department']), 40)} sees its accounts {size} points {way} than the record"


def _felt(run: Run, rows: pd.DataFrame, caption: str) -> Html:
    shown = [
        linked(run),
        tables.money("Net margin", "net_margin"),
        tables.words("Felt so by", "held_by"),
    ]
    return tables.table(rows.head(LISTED), shown, caption)
