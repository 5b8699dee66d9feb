"""The segments report: profit by service demand, who is where, and how near the lines."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.formats import agree, count, counted, in_turn, is_known, is_nothing, listed, money, percent, some
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.drawing import draw
from analysis.reporting.foot import eyebrow
from analysis.reporting.foot import foot as three_lines
from analysis.reporting.fragments import masthead, paragraph, section
from analysis.reporting.known import idle, outside_in_words, work_recorded
from analysis.reporting.labels import SEGMENTS, Segment, segment_meaning
from analysis.reporting.links import linked
from analysis.reporting.markup import Html, element, join, name
from analysis.reporting.told import told_count, told_sum
from analysis.run import Run
from analysis.topics.profitability.figures.segments import plot_segments, segment_totals
from analysis.topics.profitability.judgement.segments import demand_line
from analysis.topics.profitability.page.near_lines import near_a_line
from analysis.topics.profitability.page.since import since

__all__ = ["first_year", "foot", "near_a_line", "opening", "since", "the_four", "the_lines", "who_is_where"]

#: What the page is made of.
TABLES = ("accounts", "changes", "compared", "figures", "next_steps")

LISTED = 8


def foot(run: Run) -> Html:
    """Set the foot, with the tables that the page is made of."""
    return three_lines(run, tables=TABLES)


def opening(run: Run) -> Html:
    """Say how the portfolio parts into the segments."""
    totals = segment_totals(run.accounts)
    placed = int(totals["accounts"].sum())
    if not placed:
        return masthead(
            eyebrow(run, "Segments"),
            "No account could be placed",
            "Placing an account takes sales to set its service against.",
        )
    if not work_recorded(run.accounts):
        return masthead(
            eyebrow(run, "Segments"),
            "Which accounts take much service is not known: no work is recorded",
            "An account is placed by what it earns and by the service that it takes. Who earns is on the page of "
            "profitability.",
        )
    lead = (
        "Profit is the margin before the cost of winning the account. Demand is the cost to serve without our own "
        "failures, set against revenue at list price."
    )
    return masthead(
        eyebrow(run, "Segments"),
        _opening_title(placed, run),
        in_turn(lead, outside_in_words(run)),
    )


def the_four(run: Run) -> Html:
    """Show the four segments as fields with their accounts and money."""
    if not work_recorded(run.accounts):
        return Html()
    accounts = run.accounts[~idle(run.accounts)]
    totals, currency = segment_totals(accounts), run.policy.currency
    if not totals["accounts"].sum():
        return Html()
    fields = " ".join(
        f"{segment.title}: {counted(int(line['accounts']), 'account')}, {money(line['running_margin'], currency)}."
        for segment, line in zip(SEGMENTS, totals.to_dict("records"), strict=True)
    )
    alt = f"Four fields, profit upwards and service demand to the right, each with its running margin. {fields}"
    figure = draw(lambda ax: plot_segments(accounts, currency, ax), name="fields", alt=alt, heights=(400, 390))
    label = basis(run, "sales", "goods", "work", "money")
    rest = len(run.accounts) - len(accounts)
    note = f"{counted(rest, 'account')} with neither sales nor work {agree(rest, 'is', 'are')} in no field."
    left_out = paragraph(note, kind="note") if rest else None
    return section("the-four", _four_title(totals), figure, left_out, label, short="The four segments")


def who_is_where(run: Run) -> Html:
    """List the accounts with most money in each segment."""
    parts = [_members(run, segment) for segment in SEGMENTS] if work_recorded(run.accounts) else []
    if not any(parts):
        return Html()
    return section("who", "Who is where", *parts, basis(run, "sales", "goods", "work", "money"), short="Who is where")


def first_year(run: Run) -> Html:
    """Tell the accounts in their first year apart: what winning them cost is not yet earned back."""
    young = run.accounts[run.accounts["first_year"].astype("boolean").fillna(False).astype(bool)]
    if young.empty or len(young) == len(run.accounts):  # all new: the data begin with the window
        return Html()
    currency, costing = run.policy.currency, young["net_margin"] < 0
    verb = f"{agree(len(young), 'is in its', 'are in their')} first year"
    if run.window.months > 12:
        verb = "began within the window"
    known = int(young["net_margin"].notna().sum())
    below = f"{'all' if costing.all() else some(int(costing.sum()))} of them below"
    if len(young) == 1:
        below = "below" if costing.any() else "above"
    title = f"{counted(len(young), 'account')} {verb}, {below} break-even"
    if known < len(young):
        known_of = f", {some(int(costing.sum()))} of the {count(known)} whose margin is known below break-even"
        title = f"{counted(len(young), 'account')} {verb}{known_of if known else '; what they earn is not known'}"
    cost = float(young["cost_to_obtain"].astype(float).fillna(0).sum())
    words = f"Winning {agree(len(young), 'it', 'them')} cost {money(cost, currency)} in this window."
    if is_nothing(cost):
        words = f"What winning {agree(len(young), 'it', 'them')} cost is not recorded in this window."
    turned = int((costing & (young["running_margin"] >= 0)).sum())
    if turned:
        words += f" Without that, {count(turned)} of {count(len(young))} would be above break-even after all: judge "
        words += f"{agree(len(young), 'it', 'them')} on a full year."
    label = basis(run, "sales", "goods", "work", "money")
    return section("first-year", title, paragraph(words), _young(run, young), label, short="First year")


def the_lines(run: Run) -> Html:
    """Say how the lines between the segments are drawn."""
    choices, currency = run.policy.segments, run.policy.currency
    lines = demand_lines(run.accounts, within_size_bands=choices.within_size_bands)
    if not lines or not work_recorded(run.accounts):
        return Html()
    least = "zero" if not choices.profit_threshold else money(choices.profit_threshold, currency)
    profit = f"Profitable means: the margin before the cost of winning the account reaches {least}."
    demand = (
        "Much service means: the cost to serve, without our own failures, takes more of revenue at list price than "
    )
    if choices.within_size_bands:
        told = listed([f"{percent(line)} for {size or 'accounts without a size'}" for size, line in lines.items()])
        title = "The line between little and much service is drawn within each size"
        whose = f"it does among accounts of the same size: {told}."
    else:
        title = f"The line between little and much service runs at {percent(lines[''])} of list revenue"
        whose = f"the portfolio's own {percent(lines[''])}."
    return section("lines", title, paragraph(name(f"{demand}{whose} {profit}", longest=900)), short="The lines")


def demand_lines(accounts: pd.DataFrame, *, within_size_bands: bool) -> dict[str, float]:
    """Give the line of service demand by size band, or one under an empty name; what cannot be drawn is left out."""
    bands = accounts["size"].fillna("").astype(str) if within_size_bands else pd.Series("", index=accounts.index)
    lines = {str(band): demand_line(rows) for band, rows in accounts.groupby(bands)}
    return {band: line for band, line in lines.items() if is_known(line)}


def _opening_title(placed: int, run: Run) -> str:
    number, currency = told_count(run, "costly_segment"), run.policy.currency
    margin = abs(told_sum(run, "costly_segment_margin"))
    if run.policy.segments.profit_threshold:
        verb = agree(number, "takes much service and stays", "take much service and stay")
        return f"{some(number).capitalize()} of {counted(placed, 'account')} {verb} below the margin asked for"
    if not number and placed == 1:
        return "The one account that could be placed does not both lose money and take much service"
    if not number:
        return "No account both loses money and takes much service"
    verb = agree(number, "takes much service and loses", "take much service and lose")
    if placed == 1:
        return f"The one account that could be placed {verb} {money(margin, currency)}"
    before = "before the cost of winning them" if run.accounts["cost_to_obtain"].gt(0).any() else ""
    return f"{count(number)} of {counted(placed, 'account')} {verb} {money(margin, currency)} {before}".rstrip()


def _four_title(totals: pd.DataFrame) -> str:
    best: Any = totals.T["profitable_low_demand"]
    number = int(best["accounts"])
    if not number:
        return "No account earns money while taking little service"
    share = f" and {agree(number, 'brings', 'bring')} {percent(best['revenue_share'])} of net revenue"
    lead = f"{counted(number, 'account')} {agree(number, 'earns', 'earn')} money while taking little service"
    return lead + (share if is_known(best["revenue_share"]) else "")


def _young(run: Run, young: pd.DataFrame) -> Html:
    shown = [
        linked(run),
        tables.money("Running margin", "running_margin"),
        tables.money("Cost to win", "cost_to_obtain"),
        tables.money("Net margin", "net_margin"),
    ]
    ranked = young.sort_values(["net_margin", "customer_id"]).head(LISTED)
    more = f"; {LISTED} of {count(len(young))}" if len(young) > LISTED else ""
    return tables.table(ranked, shown, f"The new accounts, lowest net margin first, {run.policy.currency}{more}")


def _members(run: Run, segment: Segment) -> Html:
    placed = (run.accounts["segment"].astype("string") == segment.code).fillna(False).astype(bool)
    accounts = run.accounts[placed & ~idle(run.accounts)]
    if accounts.empty:
        return Html()
    order = accounts["running_margin"].abs().sort_values(ascending=False, kind="stable").index
    more = f"; the {LISTED} with most at stake" if len(accounts) > LISTED else ""
    meaning = segment_meaning(segment, run.policy.segments, len(accounts))
    who = f"{counted(len(accounts), 'account')} that {meaning}{more}"
    shown = [
        linked(run),
        tables.money("Net revenue", "net_revenue"),
        tables.money("Cost to serve", "cost_to_serve"),
        tables.share("Service demand", "service_demand"),
        tables.money("Running margin", "running_margin"),
    ]
    caption = join(element("strong", segment.title), f": {who}. Amounts in {run.policy.currency}.")
    return tables.table(accounts.loc[order].head(LISTED), shown, caption)
