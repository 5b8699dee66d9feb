"""What held: segments, chances of a loss, lifetimes and leaving, each in a section of the backtest's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.formats import count, counted, is_known, number, percent
from analysis.reporting import tables
from analysis.reporting.drawing import HALF, draw
from analysis.reporting.fragments import bullets, folded, paragraph, section
from analysis.reporting.labels import segment_title
from analysis.reporting.markup import Child, Html
from analysis.topics.backtest.figures.reliability import FEW, plot_reliability
from analysis.topics.backtest.words import FEW_EVENTS, FEW_ROWS, Replayed, apart, months_after, overall, verdict
from analysis.topics.profitability.figures import expected as expected_figure
from analysis.topics.profitability.figures.expected import margin_groups, plot_expected
from analysis.topics.profitability.figures.transitions import plot_transitions

Score = Mapping[Any, Any]
#: A chance from which a loss is as good as certain, and a total's error up to which it is as expected.
CERTAIN, CLOSE = 0.95, 0.02


def segments(b: Replayed) -> Html:
    """Show how many accounts were in the same segment after."""
    kept, kappa = overall(b.scores, "segment", "kept"), overall(b.scores, "segment", "kappa")
    if kept is None:
        return Html()
    title = f"{percent(kept['ours'])} of accounts were in the same segment in the {months_after(b)}"
    if kept["rows"] < FEW_ROWS:
        title = f"Too few accounts were placed in a segment twice to say how segments hold ({count(kept['rows'])})"
    alt = f"A table of shares: from the segment on the day to that in the months after. {title}."
    figure = draw(
        lambda ax: plot_transitions(b.transitions, ax), name="transitions", alt=alt, heights=(330, 300),
        caption="Down: the segment on the day. Across: the segment in the months after. Shares of each line.",
    )  # fmt: skip
    words = f"Had every account been put in the most common segment, {percent(kept['theirs'])} would have been right."
    words += _verdict(kept)
    if kappa is not None and is_known(kappa["ours"]):
        words += f" Of what chance does not get right anyway, {percent(kappa['ours'])} was (Cohen's kappa)."
    shown = [
        tables.Column("From", lambda row: segment_title(row["segment"]), number=False),
        tables.Column("To", lambda row: segment_title(row["next_segment"]), number=False),
        tables.count("Accounts by day", "rows"),
        tables.share("Share", "share"),
    ]
    numbers = folded("The same in numbers", tables.table(b.transitions, shown, "From segment to segment"))
    return section("segments", title, figure, paragraph(words), numbers, short="Segments")


def losses(b: Replayed) -> Html:
    """Show whether accounts lost money as often as was told."""
    score = overall(b.scores, "p_unprofitable", "brier")
    if score is None:
        return Html()
    groups = b.reliability[b.reliability["subject"] == "p_unprofitable"]
    title = _losses_title(b, score, groups)
    words = (
        "The chance is that of a loss in its own window, over the range of the costs. It says nothing of what a "
        "customer may do next, so as a forecast it is too sure of itself at both ends."
    )
    beside = f"Beside the window's share of loss-makers for all, it is {verdict(score)}{apart(score)}."
    sign = overall(b.scores[b.scores["naive"] == "the sign of the window's margin"], "p_unprofitable", "brier")
    if sign is not None:
        beside += f" Beside the bare sign of the window's margin, it is {verdict(sign)}{apart(sign)}."
    figure = _reliability_figure(groups, "loss", title)
    return section("losses", title, figure, paragraph(words), paragraph(beside), _numbers(groups), short="Losses")


def _losses_title(b: Replayed, score: Score, groups: pd.DataFrame) -> str:
    if score["rows"] < FEW_ROWS:
        return f"Too few rows to say whether chances of a loss come true ({count(score['rows'])})"
    firm = groups[groups["rows"] >= FEW]
    if firm.empty:
        return f"{count(score['events'])} of {counted(int(score['rows']), 'row')} lost money in the {months_after(b)}"
    most = firm.iloc[-1]
    came = f"{percent(most['happened'])} lost money in the {months_after(b)}"
    told = "as good as certain" if most["told"] >= CERTAIN else f"told to be {percent(most['told'])} likely"
    return f"Where a loss was {told}, {came}"


def lifetimes(b: Replayed) -> Html:
    """Show the margin that was expected beside the margin that came."""
    error = overall(b.scores, "lifetime", "absolute error, as a share of what came")
    if error is None:
        return Html()
    currency, groups = b.policy.currency, margin_groups(b.replays)
    off = overall(b.scores, "lifetime", "total off by")
    title = _lifetimes_title(error, off)
    alt = f"For {counted(len(groups), 'group')} of accounts the mean margin expected beside what came. {title}."
    figure = draw(
        lambda ax: plot_expected(groups, currency, ax), name="expected", alt=alt,
        heights=(expected_figure.height(groups),) * 2,
        caption=f"Groups of about the same expectation, lowest first. Diamond: expected. Dot: came. Means, {currency}.",
    )  # fmt: skip
    return section("lifetimes", title, figure, bullets(_lifetime_lines(b, error, off)), short="Lifetimes")


def _lifetimes_title(error: Score, off: Score | None) -> str:
    if error["rows"] < FEW_ROWS:
        return f"Too few margins to set beside what came ({count(error['rows'])})"
    if off is None:
        return "Margin expected beside margin that came"
    if abs(off["ours"]) < CLOSE:
        return f"The lifetimes expected as much margin as came, within {percent(CLOSE)}"
    way = "more" if off["ours"] > 0 else "less"
    return f"The lifetimes expected {percent(abs(off['ours']))} {way} margin than came"


def _lifetime_lines(b: Replayed, error: Score, off: Score | None) -> list[Child]:
    rank, last = overall(b.scores, "lifetime", "rank correlation"), "with last window's margin"
    lines: list[Child] = []
    if rank is not None and is_known(rank["ours"]):
        lines.append(f"Order: a rank correlation of {number(rank['ours'], 2)}; {last}, {number(rank['theirs'], 2)}.")
    sizes = f"{percent(error['ours'])} of what came, account by account; {last}, {percent(error['theirs'])}"
    lines.append(f"Size: off by {sizes}. That is {verdict(error)}{apart(error)}.")
    if off is not None:
        ours, theirs = (percent(off[name], signed=True) for name in ("ours", "theirs"))
        lines.append(f"Total: {ours}; {last}, {theirs}.")
    return lines


def leaving(b: Replayed) -> Html:
    """Show whether accounts left as often as was told."""
    score, off = overall(b.scores, "hazard", "log loss"), overall(b.scores, "hazard", "leavers off by")
    if score is None:
        return Html()
    groups = b.reliability[b.reliability["subject"] == "hazard"]
    left = int(score["events"])
    came = f"{counted(left, 'departure')} came in the {months_after(b)}".capitalize()
    title = f"{came}: too few to say whether the chances hold"
    if left >= FEW_EVENTS and off is not None:
        title = f"{count(left * (1 + float(off['ours'])))} departures were expected, {count(left)} came"
    words = f"Beside one chance for all, as often as accounts left in the window, it is {verdict(score)}{apart(score)}."
    figure = _reliability_figure(groups, "leaving", title)
    counts = "An account that left counts once for every replayed day that it left within."
    return section("leaving", title, figure, paragraph(words), paragraph(counts), _numbers(groups), short="Leaving")


def _reliability_figure(groups: pd.DataFrame, key: str, title: str) -> Html:
    alt = f"{counted(len(groups), 'group')} of rows by the chance told, against the share in which it came. {title}."
    return draw(
        lambda ax: plot_reliability(groups, ax), name=f"{key}-reliability", alt=alt, heights=(400, 330), width=HALF,
        caption=f"On the dashed line the chances were right. The bar is the interval; hollow: fewer than {FEW} rows.",
    )  # fmt: skip


def _numbers(groups: pd.DataFrame) -> Html:
    shown = [
        tables.Column("Chance told", _told, number=False),
        tables.share("Mean", "told"),
        tables.share("Came", "happened"),
        tables.count("Rows", "rows"),
        tables.count("Accounts", "accounts"),
        tables.count("Times", "events"),
    ]
    return folded("The same in numbers", tables.table(groups, shown, "Chances told, and how often it came"))


def _told(row: tables.Row) -> str:
    low, high = percent(row["lowest"]), percent(row["highest"])
    return low if low == high else f"{low} to {high}"


def _verdict(score: Score) -> str:
    return f" Beside that, ours is {verdict(score)}{apart(score)}."
