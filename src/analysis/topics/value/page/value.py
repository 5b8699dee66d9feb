"""The value report: what the relationships are worth, to us and to the accounts, and which are worth an effort."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.formats import agree, capital, count, counted, in_turn, money, money_range, number, percent
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.drawing import draw
from analysis.reporting.foot import eyebrow
from analysis.reporting.foot import foot as three_lines
from analysis.reporting.fragments import Tile, folded, masthead, paragraph, section, tiles
from analysis.reporting.known import too_low, work_recorded
from analysis.reporting.links import linked
from analysis.reporting.markup import Html, join
from analysis.reporting.told import told, told_range
from analysis.run import Run
from analysis.topics.value.figures.staying import plot_staying, spoken
from analysis.topics.value.page.value_both_sides import two_by_two
from analysis.topics.value.page.value_lenses import three_lenses
from analysis.topics.value.page.value_network import network
from analysis.topics.value.page.value_rescue import at_risk, protect_first

__all__ = [
    "at_risk",
    "foot",
    "how_long_they_stay",
    "network",
    "opening",
    "protect_first",
    "three_lenses",
    "two_by_two",
    "who_carries_it",
]

#: What the page is made of.
TABLES = (
    *("accounts", "figures", "lenses", "mutual_value", "next_steps", "protect_first", "referrals", "rescue"),
    *("staying_fit", "staying_signs", "word_of_mouth"),
)

LISTED, CARRIERS = 10, 10
#: What each sign is called, and the step that its effect is told for.
SIGNS = {
    "satisfaction": ("a point more of satisfaction (of 5)", 1.0),
    "failures": ("ten in a hundred more of its cases that we fail on", 0.1),
    "discount_lost": ("a hundredth of list price less discount", 0.01),
    "contract": ("having a contract", 1.0),
    "contract_ends": ("a contract that runs out in the month", 1.0),
}
MODELS = {
    "signs": "How long accounts stay is learnt from {endings} in {months} of history: by how long each has been here "
    "and by what is known of it.",
    "tenure": "Only {endings} {are} in the {months} of history, so how long accounts stay is told by how long they "
    "have been here, and by nothing else.",
    "purchases": "Nobody records that an account leaves, so how long each stays is told from how often it buys and how "
    "long ago it last did.",
}


def foot(run: Run) -> Html:
    """Set the foot, with the tables that the page is made of."""
    return three_lines(run, tables=TABLES)


def opening(run: Run) -> Html:
    """Say what the book is worth, with its range, and who carries it."""
    currency = run.policy.currency
    above = eyebrow(run, "Value")
    if _alive(run).empty:
        return masthead(above, "What accounts are worth cannot be told", _why(run))
    ahead = f"{run.policy.finance.horizon_months} months"
    title = f"The accounts are worth {money(told(run, 'worth_ahead'), currency)} over the next {ahead}"
    reach = money_range(*told_range(run, "worth_ahead"))
    if reach:
        title += f" ({reach})"
    served = (
        "after the cost of serving it"
        if work_recorded(run.accounts)
        else ("before the cost of serving it, which is not recorded")
    )
    lead = (
        f"What each earns in a month (running margin), {served}, for as long as it is likely to stay, in today's "
        "money. An account that loses money is not worth more for staying longer."
    )
    lead = in_turn(lead, too_low(run, "What each earns in a month is"))
    return join(masthead(above, title, lead), tiles(_tiles(run)))


def who_carries_it(run: Run) -> Html:
    """List the accounts worth most, and those that are worth less than nothing."""
    rows, currency = _alive(run), run.policy.currency
    if rows.empty:
        return Html()
    ranked = rows.sort_values(["clv", "customer_id"], ascending=[False, True])
    shown = [
        linked(run),
        tables.money("Value", "clv"),
        tables.interval("Range", ranked, "clv_low", "clv", "clv_high"),
        tables.money("Margin a month", "margin_month"),
        tables.share("May leave in a year", "leaves_year"),
    ]
    below = ranked[ranked["clv"] < 0].iloc[::-1]
    worth = ranked[ranked["clv"] > 0]
    listed = tables.table(worth.head(LISTED), shown, f"Worth most, {currency}") if len(worth) else None
    others = tables.table(below.head(LISTED), shown, f"Worth less than nothing, {currency}")
    note = paragraph(
        "The range holds 90% of the draws: how long it stays, what few months leave open of its margin, and the cost "
        "ranges.",
        kind="note",
    )
    more = folded(_below_words(below, currency), others) if len(below) else None
    label = basis(run, "sales", "goods", "work", "money", "ranges", "future")
    return section("who", _carried(ranked), listed, more, note, label, short="Who carries it")


def how_long_they_stay(run: Run) -> Html:
    """Say what the lifetimes rest on, what moves them, and how chances told compared with what happened."""
    told = run.facts.get("value") or {}
    words = MODELS.get(str(told.get("model")), "")
    if not words:
        return Html()
    endings, months = counted(int(told["endings"]), "ending"), counted(int(told["months"]), "month")
    are = agree(int(told["endings"]), "is", "are")
    parts = [paragraph(words.format(endings=endings, months=months, are=are)), _moves(run), _fit(run)]
    return section("staying", _stay_title(run), *parts, short="How long they stay")


def _alive(run: Run) -> pd.DataFrame:
    """Give the accounts that are still here and have a value; none where only margins of nothing sold are known."""
    rows = run.accounts
    here = rows[rows["clv"].notna() & (rows["leaves_year"] < 1)]
    return here if here["clv"].any() else here.iloc[:0]


def _why(run: Run) -> str:
    for item in run.facts.get("left_out", []):
        if item["what"] == "Value over the lifetime":
            why = str(item["why"])
            return f"{capital(why)}."
    return "There is no account whose margin and whose leaving can be told."


def _tiles(run: Run) -> list[Tile]:
    rows, currency = _alive(run), run.policy.currency
    below = rows[rows["clv"] < 0]
    ahead = run.policy.finance.horizon_months
    found = [
        Tile(
            "Worth something",
            count(int((rows["clv"] > 0).sum())),
            f"of {counted(len(rows), 'account')} still here whose value is known",
            "earn",
        ),
        Tile(
            "Worth less than nothing",
            count(len(below)) if len(below) else "no account",
            f"{money(below['clv'].sum(), currency)} over {ahead} months, at full cost"
            if len(below)
            else "at full cost",
            "cost" if len(below) else "",
        ),
        Tile(
            "Likely to leave in a year", number(rows["leaves_year"].sum(), 0), f"of {count(len(rows))}, as things are"
        ),
    ]
    fees = rows["contract_value"]
    if fees.notna().any():
        found.append(Tile("What accounting sees", money(fees.sum(), currency), _fees_note(rows)))
    return found


def _fees_note(rows: pd.DataFrame) -> str:
    open_ended = int(rows["open_ended"].fillna(False).sum()) if "open_ended" in rows else 0
    words = "fees that remain of contracts"
    who = f"{counted(open_ended, 'account')} {agree(open_ended, 'has one', 'have one')}"
    return f"{words}; {who} without an end, which fixes none" if open_ended else words


def _carried(ranked: pd.DataFrame) -> str:
    earn = ranked[ranked["clv"] > 0]
    if earn.empty:
        return "No account is worth more than it costs"
    if len(earn) <= CARRIERS:
        verb = agree(len(earn), "is", "are")
        return f"{counted(len(earn), 'account')} {verb} worth more than {agree(len(earn), 'it costs', 'they cost')}"
    share = float(earn["clv"].head(CARRIERS).sum()) / float(earn["clv"].sum())
    return f"{count(CARRIERS)} of {count(len(ranked))} accounts carry {percent(share)} of all that is worth something"


def _below_words(below: pd.DataFrame, currency: str) -> str:
    verb = agree(len(below), "is", "are")
    return f"{counted(len(below), 'account')} {verb} worth less than nothing: {money(below['clv'].sum(), currency)}"


def _stay_title(run: Run) -> str:
    rows = _alive(run)
    if rows.empty:
        return "How long accounts stay"
    usual = float(rows["leaves_year"].median())
    return f"The middle account has a chance of {percent(usual)} of leaving within a year"


def _moves(run: Run) -> Html:
    signs = run.staying_signs
    known = signs[signs["sign"].isin(list(SIGNS))]
    if known.empty:
        return Html()
    rows = known.assign(**{name: [_per_unit(row, name) for row in known.to_dict("records")] for name in _ENDS})
    shown = [
        tables.Column("What is known", lambda row: SIGNS[row["sign"]][0], number=False),
        tables.Column("Chance of leaving, times", lambda row: number(row["factor"], 2)),
        tables.Column("90% of draws", lambda row: f"{number(row['low'], 2)} to {number(row['high'], 2)}"),
    ]
    return tables.table(rows, shown, "What moves the chance of leaving in a month (its odds)")


_ENDS = ("factor", "low", "high")


def _per_unit(row: dict[Any, Any], name: str) -> float:
    """Give a factor for a step that means something, from the one for a standard deviation."""
    step = float(row["step"])
    return float(row[name]) ** (SIGNS[row["sign"]][1] / step) if step > 0 else 1.0


def _fit(run: Run) -> Html:
    fit = run.staying_fit
    if fit.empty:
        return Html()
    return draw(
        lambda ax: plot_staying(fit, ax),
        name="staying-fit",
        alt=f"Endings told beforehand against endings seen, by fifths of the months at risk: {spoken(fit)}.",
        heights=(300, 280),
        caption="Each account is told by a model that has not seen it. Every fifth holds as many months of accounts; "
        f"{count(int(fit['months'].sum()))} in all.",
    )
