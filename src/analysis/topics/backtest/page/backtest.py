"""The backtest's page: how well what was judged on past days held, beside what would have cost nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from analysis.formats import agree, count, counted, day, is_known, number, percent, word
from analysis.reporting import tables
from analysis.reporting.foot import rows_read
from analysis.reporting.fragments import Tile, bullets, masthead, pairs, paragraph, section, tiles
from analysis.reporting.markup import Child, Html, element, join, name, plain, spoken
from analysis.topics.backtest.page.backtest_held import leaving, lifetimes, losses, segments
from analysis.topics.backtest.words import Replayed, overall, score_words, verdict

__all__ = ["day_by_day", "every_score", "foot", "leaving", "lifetimes", "losses", "opening", "segments", "the_past"]

#: Heading, subject and measure of what is shown of each day, and how it is written.
DAILY: tuple[tuple[str, str, str, Callable[[Any], str]], ...] = (
    ("Same segment", "segment", "kept", percent),
    ("Brier score of a loss", "p_unprofitable", "brier", lambda value: number(value, 3)),
    ("Rank correlation", "lifetime", "rank correlation", lambda value: number(value, 2)),
    ("Total margin off by", "lifetime", "total off by", lambda value: percent(value, signed=True)),
    ("Log loss of leaving", "hazard", "log loss", lambda value: number(value, 3)),
)
TREATMENTS = {"as_now": "as it stands now", "left_out": "left out"}


def opening(b: Replayed) -> Html:
    """Say how many days were replayed, and which judgements beat what would have cost nothing."""
    ahead, known = b.policy.backtest.ahead_months, b.policy.window.months
    span = f"{counted(len(b.days), 'day')}, {day(b.days[0])} to {day(b.days[-1])}"
    over = f"Backtest, {day(b.days[0]) if len(b.days) == 1 else span}"
    if b.scores.empty:
        return masthead(over, "Nothing could be held against what came", _nothing(b))
    lead = (
        f"Each day was judged with only what was known then, from the {word(known)} months before it, and held against "
        f"the {word(ahead)} {agree(ahead, 'month', 'months')} after it."
    )
    return join(masthead(over, _title(b), lead), tiles(_tiles(b)))


def every_score(b: Replayed) -> Html:
    """List every score beside its naive one."""
    rows = b.scores[b.scores["as_of"].isna()]
    if rows.empty:
        return Html()
    shown = [
        tables.Column("Judgement", lambda row: score_words(row), number=False),
        tables.Column("Ours", lambda row: number(row["ours"], 3)),
        tables.Column("Naive", lambda row: number(row["theirs"], 3)),
        tables.Column("The naive one", lambda row: name(row["naive"]), number=False),
        tables.Column("Better by", _better),
        tables.Column("So it is", lambda row: verdict(row), number=False),
    ]
    note = paragraph(
        f"In brackets the interval that holds with a chance of {percent(b.policy.backtest.sure)}: accounts are weighed "
        "anew as wholes, with all their days, since windows of replayed days overlap and an account's rows hang "
        "together. Better is more of a share kept or a correlation, and less of any other score.",
        kind="note",
    )
    table = tables.table(rows, shown, f"All {counted(len(b.days), 'day')} together")
    return section("scores", "Every score, beside one that costs nothing", table, note, short="Scores")


def day_by_day(b: Replayed) -> Html:
    """List the scores of each replayed day."""
    rows = b.scores[b.scores["as_of"].notna()]
    if rows.empty or len(b.days) < 2:
        return Html()
    days = pd.DataFrame([{"as_of": found, "rows": part} for found, part in rows.groupby("as_of", sort=True)])
    shown = [
        tables.Column("Day", lambda row: day(row["as_of"].date()), number=False),
        *(_of_day(*what) for what in DAILY),
    ]
    words = paragraph("The windows of neighbouring days overlap, so these lines are not independent of each other.")
    return section("days", "Day by day", words, tables.table(days, shown, "By replayed day"), short="Day by day")


def the_past(b: Replayed) -> Html:
    """List what could not be rolled back."""
    rows = b.not_rolled_back.fillna("")
    if rows.empty:
        return Html()
    grouped = rows.groupby(["table", "treatment", "why"], sort=False)
    lines = [_kept(str(table), str(done), str(why), part["column"]) for (table, done, why), part in grouped]
    words = paragraph(
        "Rows of a later day were dropped, later dates emptied, and what has no date used only of cases resolved and "
        "invoices paid by then. These could not be rolled back:"
    )
    return section("the-past", "What the past could not be told of", words, bullets(lines, "plain"), short="The past")


def foot(b: Replayed) -> Html:
    """Say what the backtest was made from."""
    read, rejected = rows_read(b.facts)
    items: list[tuple[Child, Child]] = [
        ("Days replayed", f"{count(len(b.days))}, {_steps(b.every)}" if len(b.days) > 1 else day(b.days[0])),
        ("Rows read", f"{count(read)}, {count(rejected)} rejected"),
        ("Currency", plain(b.policy.currency)),
        ("Code version", plain(b.facts.get("code_version")) or "unknown"),
        ("Run", plain(b.facts.get("run_id")) or "not published"),
    ]
    missing: list[Child] = [_left_out(item) for item in b.facts.get("left_out", [])]
    head = element("h2", "What this was made from", id="made-from", data_short="Made from")
    return element(
        "div",
        section("not-scored", "Not scored", bullets(missing, "plain"), short="Not scored") if missing else None,
        element("section", head, pairs(items), class_="foot"),
    )


def _title(b: Replayed) -> str:
    told = [verdict(row) for row in b.scores[b.scores["as_of"].isna()].to_dict("records")]
    firm = [one for one in told if one in ("better", "worse", "not clearly better")]
    if not firm:
        return "Too little came to say whether the judgements hold"
    better, worse = told.count("better"), told.count("worse")
    who = f"{count(better)} of {counted(len(firm), 'score')} {agree(better, 'beats', 'beat')}"
    head = f"{who if better else 'None of the scores clearly beats'} what would have cost nothing"
    return f"{head}; {count(worse)} {agree(worse, 'is', 'are')} worse" if worse else head


def _tiles(b: Replayed) -> list[Tile]:
    kept, loss = overall(b.scores, "segment", "kept"), overall(b.scores, "p_unprofitable", "brier")
    rank, off = overall(b.scores, "lifetime", "rank correlation"), overall(b.scores, "hazard", "leavers off by")
    found = []
    if kept is not None:
        note = f"in the most common one: {percent(kept['theirs'])}"
        found.append(Tile("Same segment after", percent(kept["ours"]), note))
    if loss is not None:
        note = f"the usual share of losses: {number(loss['theirs'], 3)}; less is better"
        found.append(Tile("Brier score of a loss", number(loss["ours"], 3), note))
    if rank is not None and is_known(rank["ours"]):
        note = f"last window's margin: {number(rank['theirs'], 2)}; 1 is perfect"
        found.append(Tile("Order of margins", number(rank["ours"], 2), note))
    if off is not None:
        left = int(off["events"])
        found.append(Tile("Departures", f"{count(left)} came", f"{count(left * (1 + float(off['ours'])))} expected"))
    return found


def _better(row: tables.Row) -> str:
    words = number(row["better"], 3)
    known = is_known(row["better_low"])
    return f"{words} ({number(row['better_low'], 3)} to {number(row['better_high'], 3)})" if known else words


def _of_day(heading: str, subject: str, measure: str, written: Callable[[Any], str]) -> tables.Column:
    """Show one score of each day."""

    def show(row: tables.Row) -> Child:
        score = overall(row["rows"].assign(as_of=pd.NaT), subject, measure)
        return written(score["ours"]) if score is not None else "not scored"

    return tables.Column(heading, show)


def _kept(table: str, treatment: str, why: str, columns: pd.Series[str]) -> Child:
    """Say what is done about columns that cannot be rolled back."""
    names = ", ".join(spoken(column) for column in columns if column)
    what = f"{spoken(table)}: {names}" if names else spoken(table)
    return join(
        element("strong", name(what, longest=200)),
        f", {TREATMENTS[treatment]}: ",
        name(why.replace("`", "").replace("_", " "), longest=200),
    )


def _steps(every: int) -> str:
    return "every month" if every == 1 else f"every {word(every)} months"


def _nothing(b: Replayed) -> str:
    whys = [plain(item["why"]).replace("`", "") for item in b.facts.get("left_out", [])]
    return f"{'; '.join(whys).capitalize()}." if whys else "No account was a customer on a replayed day."


def _left_out(item: Mapping[str, Any]) -> Child:
    why = plain(item.get("why")).replace("`", "")
    return join(element("strong", name(spoken(item.get("what")))), ": ", name(why, longest=300))
