"""Sections that more than one report shows: the map and the whale curve."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, number
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.drawing import HALF, draw
from analysis.reporting.fragments import folded, paragraph, section
from analysis.reporting.known import flags
from analysis.reporting.links import linked, to_pages
from analysis.reporting.markup import Html, element, join
from analysis.reporting.ranges import sure
from analysis.reporting.told import told
from analysis.run import Run
from analysis.topics.profitability.figures.account_map import MOST_POINTS, Places, place_accounts, plot_map
from analysis.topics.profitability.figures.whale import plot_whale
from analysis.topics.profitability.page.findings import map_title, standing, top_of_the_curve, whale_title

#: How high the two figures are on a page of their own, and on one that is to fit two screens.
HEIGHT, LOW = (440, 330), (300, 250)
CURVE = 185
ON_THE_MAP = 10
#: Where no account's costs below gross margin take more of its net revenue, there is nothing to draw them against.
NO_COSTS = 0.0005
LOST = 5


def account_map(run: Run, *, brief: bool = False) -> Html:
    """Show every account by gross margin against all costs below it; the ten that matter have their names beside them.

    `brief`: without its basis, and without the named ones as a table.
    """
    places, title, currency = place_accounts(run.accounts), map_title(run.accounts), run.policy.currency
    if places.points.empty:
        return section("map", title, paragraph("The map shows margins as shares of net revenue."), short="Map")
    if places.points["costs"].abs().max() < NO_COSTS:
        words = "The map needs costs below gross margin, and none is known. The accounts that matter most instead:"
        table = _as_table(run, places.points, that_matter(run)[: LOST if brief else ON_THE_MAP])
        return section("map", title, paragraph(words), table, short="Map")
    alt = (
        f"Scatter of {counted(len(places.points), 'account')}: gross margin upwards, all costs below it to the right, "
        f"both as shares of net revenue. Below the diagonal an account costs more than it brings. {title}."
    )
    named = that_matter(run)
    figure = draw(
        lambda ax: plot_map(run.accounts, currency, named=named, links=to_pages(run), ax=ax),
        name="map-figure", alt=alt, heights=LOW if brief else HEIGHT, width=HALF,
        caption=_map_caption(run.accounts, places),
    )  # fmt: skip
    if brief:
        return section("map", title, figure, short="Map")
    listed = folded("The named ones as a table", _as_table(run, places.points, named))
    return section("map", title, figure, listed, basis(run, "sales", "goods", "work", "money"), short="Map")


def that_matter(run: Run) -> list[str]:
    """Return the ten accounts that matter most: to be talked to first, to be protected first, and those that lose most.

    Those with most at stake of each kind come first.
    """
    rows = run.table("next_steps").sort_values(["stake", "customer_id"], ascending=[False, True])
    kinds = [rows[flags(rows["talk_first"])].head(5), rows[flags(rows["protect_first"])].head(3)]
    lost = run.accounts.sort_values(["net_margin", "customer_id"])
    kinds.append(lost[lost["net_margin"] < 0].head(ON_THE_MAP))
    found = dict.fromkeys(str(key) for part in kinds for key in part["customer_id"])
    return [*found][:ON_THE_MAP]


def _as_table(run: Run, points: pd.DataFrame, named: list[str]) -> Html:
    """Set the accounts that are named on the map with what it shows of them: for paper, and for who cannot see it."""
    rows = points[points["customer_id"].isin(named)].sort_values(["net_margin", "customer_id"])
    below = [tables.share("Costs below it", "costs")] if points["costs"].abs().max() >= NO_COSTS else []
    shown = [
        linked(run),
        tables.money("Net revenue", "net_revenue"),
        tables.share("Gross margin", "gross"),
        *below,
        tables.money("Net margin", "net_margin"),
    ]
    return tables.table(rows, shown, f"The accounts that matter most, {run.policy.currency}; shares of net revenue")


def whale_curve(run: Run, *, brief: bool = False) -> Html:
    """Show what the accounts earn together, from the most to the least profitable; `brief`: without its basis."""
    if run.whale.empty:
        return Html()
    currency, top = run.policy.currency, top_of_the_curve(standing(run))
    if not (top.accounts or top.others):  # nothing to add up
        return Html()
    title = whale_title(run.whale, currency, top)
    alt = f"Whale curve: the accounts' net margin added up from the most to the least profitable. {title}."
    notes = [] if brief else ["The curve climbs as long as accounts earn and falls where they cost."]
    if not brief and top.shares_mean_something:
        index = number(told(run, "stobachoff_index"), 2)
        notes.append(f"Stobachoff index {index}: 0 where all earn the same, towards 1 the more hangs on few.")
    if sure(run):
        notes.append("Band: 5% to 95% over the cost ranges.")
    if not top.shares_mean_something:
        far = "below zero" if top.total < 0 else "not far enough above zero for shares of it to mean anything"
        notes.append(f"The total is {far}, so it is in money.")
    figure = draw(
        lambda ax: plot_whale(run.whale, currency, ax),
        name="whale-figure", alt=alt, heights=(LOW[0], CURVE) if brief else HEIGHT, width=HALF,
        caption=" ".join(notes) or None,
    )  # fmt: skip
    label = None if brief else basis(run, "sales", "goods", "work", "money", "ranges")
    return section("whale", title, figure, label, short="Whale curve")


def _map_caption(accounts: pd.DataFrame, places: Places) -> Html:
    notes = ["Size: net revenue."]
    if places.outside:
        verb = agree(places.outside, "lies", "lie")
        notes.append(f"{count(places.outside)} beyond the frame {verb} at its edge.")
    if places.sampled:
        notes.append(f"Of the smaller accounts {count(MOST_POINTS)} are drawn, by chance; the sums hold all.")
    if places.without_sales:
        verb = agree(places.without_sales, "is", "are")
        notes.append(f"{count(places.without_sales)} without sales {verb} not on it.")
    if places.unknown:
        verb = agree(places.unknown, "is", "are")
        notes.append(f"{counted(places.unknown, 'account')} whose margin is not known {verb} not on it.")
    return join(_key(accounts), " ".join(notes), by=" ")


def _key(accounts: pd.DataFrame) -> Html:
    judged = (("over_served", "over", "over-served"), ("difficult", "difficult", "difficult"))
    items = [element("li", words, class_=tone) for column, tone, words in judged if flags(accounts[column]).any()]
    return element("ul", items, element("li", "others", class_="others"), class_="key") if items else Html()
