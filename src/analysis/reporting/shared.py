"""Sections that more than one report shows: the map, the whale curve, the bridge to the books."""

from __future__ import annotations

import pandas as pd

from analysis.reporting.drawing import HALF, draw
from analysis.reporting.figures.account_map import Places, place_accounts, plot_map
from analysis.reporting.figures.bridge import bridge_steps, plot_bridge
from analysis.reporting.figures.waterfall import height
from analysis.reporting.figures.whale import peak, plot_whale
from analysis.reporting.findings import bridge_gap, map_title, whale_title
from analysis.reporting.formats import agree, counted, money, percent
from analysis.reporting.fragments import paragraph, section
from analysis.reporting.markup import Html, element, join
from analysis.reporting.run import Run


def account_map(run: Run) -> Html:
    """Show every account by gross margin against all costs below it."""
    places, title, currency = place_accounts(run.accounts), map_title(run.accounts), run.policy.currency
    alt = (
        f"Scatter of {counted(len(places.points), 'account')}: gross margin upwards, all costs below it to the right, "
        f"both as shares of net revenue. Below the diagonal an account costs more than it brings. {title}."
    )
    figure = draw(
        lambda ax: plot_map(run.accounts, currency, ax=ax),
        name="map-figure", alt=alt, heights=(440, 330), width=HALF, caption=_map_caption(run.accounts, places),
    )  # fmt: skip
    return section("map", title, figure, short="The map")


def whale_curve(run: Run) -> Html:
    """Show what the accounts earn together, from the most to the least profitable."""
    title, currency = whale_title(run.whale, run.policy.currency), run.policy.currency
    alt = f"Whale curve: the accounts' net margin added up from the most to the least profitable. {title}."
    caption = "The curve climbs as long as accounts earn and falls where they cost."
    if not peak(run.whale).in_shares:
        caption += " The total is not far enough above zero for shares of it to mean anything, so it is in money."
    figure = draw(
        lambda ax: plot_whale(run.whale, currency, ax),
        name="whale-figure", alt=alt, heights=(440, 330), width=HALF, caption=caption,
    )  # fmt: skip
    return section("whale", title, figure, short="The whale curve")


def to_the_books(run: Run) -> Html:
    """Tie the accounts' margin to the operating profit of the books, or say that there are none to tie it to."""
    gap, currency = bridge_gap(run.bridge), run.policy.currency
    if gap is None:
        words = (
            "The costing names no books for this window, so the accounts' margin is not tied to an operating profit."
        )
        return section("books", "Not tied to the books", paragraph(words), short="The books")
    steps = bridge_steps(run.bridge)
    lines = "; ".join(f"{step.label} {money(step.amount, currency)}" for step in steps)
    tall = height(steps)
    figure = draw(
        lambda ax: plot_bridge(run.bridge, currency, ax),
        name="bridge-figure", alt=f"Waterfall from the accounts to the books. {lines}.", heights=(tall, tall),
    )  # fmt: skip
    return section("books", _books_title(run.bridge, gap, currency), figure, short="The books")


def _map_caption(accounts: pd.DataFrame, places: Places) -> Html:
    notes = ["Size: net revenue."]
    if places.outside:
        verb = agree(places.outside, "is", "are")
        notes.append(f"{counted(places.outside, 'account')} beyond the frame {verb} drawn at its edge.")
    if places.without_sales:
        verb = agree(places.without_sales, "is", "are")
        notes.append(f"{counted(places.without_sales, 'account')} without sales {verb} not on the map.")
    return join(_key(accounts), " ".join(notes), by=" ")


def _key(accounts: pd.DataFrame) -> Html:
    judged = (("over_served", "over", "over-served"), ("difficult", "difficult", "difficult"))
    items = [element("li", words, class_=tone) for column, tone, words in judged if accounts[column].notna().any()]
    return element("ul", items, element("li", "others", class_="others"), class_="key") if items else Html()


def _books_title(bridge: pd.DataFrame, gap: float, currency: str) -> str:
    profit = float(bridge.set_index("line")["amount"].astype(float)["operating_profit"])
    what = "profit" if profit >= 0 else "loss"
    lead = f"The accounts' margin leads to the operating {what} of {money(abs(profit), currency)}"
    return f"{lead} without a gap" if gap < 0.0005 else f"{lead}, but for {percent(gap)} of it"
