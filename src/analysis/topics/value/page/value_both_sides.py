"""Both sides of the table: what each account is worth to us against what it gets for its money."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, listed, money, percent
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.drawing import draw
from analysis.reporting.fragments import folded, paragraph, section
from analysis.reporting.links import linked, with_names
from analysis.reporting.markup import Html, element, join
from analysis.run import Run
from analysis.topics.value.figures.quadrants import QUADRANTS, plot_quadrants, quadrant_totals

LISTED = 8
POINTS = {
    "value_to_customer": "Gets",
    "wants_met": "Wants met",
    "promises_kept": "Promises kept",
    "price": "Price",
    "satisfaction": "Satisfaction",
    "wanted_share": "Service it wants",
}
#: Which fields are listed, and in which order: by what we would lose, or by what it costs us.
SHOWN = (("we_gain", False), ("they_gain", True), ("neither_gains", True))


def two_by_two(run: Run) -> Html:
    """Show the four fields of value to us against value to the account, and who is in them."""
    rows, currency = run.mutual_value, run.policy.currency
    placed = rows[rows["quadrant"].notna()]
    if placed.empty:
        return Html()
    totals = quadrant_totals(placed)
    spoken = [f"{q.title.lower()}: {counted(int(totals['accounts'][q.code]), 'account')}" for q in QUADRANTS]
    figure = draw(
        lambda ax: plot_quadrants(placed, currency, ax),
        name="two-by-two",
        alt=f"Four fields, value to us upwards and what the account gets to the right. {listed(spoken).capitalize()}.",
        heights=(420, 420),
        caption="What an account gets: wants met by importance, promises kept, price against list and like accounts, "
        "satisfaction, and how much of its service it wants. The line between less and more is the middle account's.",
    )
    lists = [_members(run, placed, code, rising=rising) for code, rising in SHOWN]
    label = basis(run, "sales", "goods", "work", "money", "future")
    return section("both-sides", _title(totals), figure, *lists, _left_out(run, rows), label, short="Both sides")


def _title(totals: pd.DataFrame) -> str:
    whole, both = int(totals["accounts"].sum()), int(totals["accounts"]["both_gain"])
    if not both:
        return f"Of {counted(whole, 'account')} none is a gain for both sides"
    verb = agree(both, "is a gain", "are a gain")
    title = f"{counted(both, 'account')} of {count(whole)} {verb} for both sides"
    ours = int(totals["accounts"]["we_gain"])
    return title + (
        f"; {count(ours)} {agree(ours, 'earns', 'earn')} us money and {agree(ours, 'gets', 'get')} less" * bool(ours)
    )


def _members(run: Run, placed: pd.DataFrame, code: str, *, rising: bool) -> Html:
    quadrant = next(quadrant for quadrant in QUADRANTS if quadrant.code == code)
    rows = placed[placed["quadrant"] == code]
    rows = rows.sort_values(["value_to_us", "customer_id"], ascending=[rising, True])
    if rows.empty:
        return Html()
    shown = [
        linked(run),
        tables.money("Worth to us", "value_to_us"),
        *(tables.count(words, name) for name, words in POINTS.items()),
    ]
    who = join(element("strong", quadrant.title), f": {quadrant.meaning}. {run.policy.currency}; points of 100.")
    top = with_names(run, rows.head(LISTED)).astype(dict.fromkeys(POINTS, "float64")).round(dict.fromkeys(POINTS, 0))
    return folded(f"{quadrant.title}: {counted(len(rows), 'account')}", tables.table(top, shown, who))


def _left_out(run: Run, rows: pd.DataFrame) -> Html:
    outside = rows["value_to_customer"].isna()
    unknown = int(outside.sum())
    if not unknown:
        return Html()
    verb = agree(unknown, "is", "are")
    share = percent(unknown / len(rows))
    words = f"{counted(unknown, 'account')} ({share}) {verb} in no field: too little is known of what "
    worth = float(rows.loc[outside, "value_to_us"].astype("float64").sum())
    ours = f" To us {agree(unknown, 'it is', 'they are')} worth {money(worth, run.policy.currency)}." if worth else ""
    return paragraph(words + agree(unknown, "it gets.", "they get.") + ours, kind="note")
