"""The profitability report: from the portfolio to one account."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, is_known, money, per_window, percent
from analysis.reporting import tables
from analysis.reporting.books import to_the_books
from analysis.reporting.capacity import capacity
from analysis.reporting.drawing import draw
from analysis.reporting.figures import cost_groups
from analysis.reporting.figures.cost_groups import group_costs, plot_cost_groups
from analysis.reporting.figures.waterfall import STATEMENT, statement_steps
from analysis.reporting.findings import standing
from analysis.reporting.foot import eyebrow, foot
from analysis.reporting.fragments import masthead, section
from analysis.reporting.markup import Html
from analysis.reporting.one_account import one_account
from analysis.reporting.run import Run
from analysis.reporting.shared import whale_curve as whale
from analysis.reporting.waterfalls import waterfall

__all__ = [
    "capacity",
    "cost_to_serve",
    "extremes",
    "foot",
    "one_account",
    "opening",
    "statement",
    "to_the_books",
    "whale",
]

LISTED = 10
ADDED = [column for _, column, _ in STATEMENT]


def opening(run: Run) -> Html:
    """Say what the portfolio earns after all that it costs to serve."""
    now, currency = standing(run.accounts), run.policy.currency
    if not now.accounts:
        return masthead(eyebrow(run, "Profitability"), "No account was a customer in this window")
    verb = "earn" if now.total >= 0 else "lose"
    who = "The one account" if now.accounts == 1 else f"{count(now.accounts)} accounts"
    verb = f"{verb}s" if now.accounts == 1 else verb
    title = (
        f"{who} {verb} {money(abs(now.total), currency)} {per_window(run.window.months)} after the cost to serve them"
    )
    return masthead(eyebrow(run, "Profitability"), title, _lead(run, currency))


def statement(run: Run) -> Html:
    """Show the portfolio's statement, from list revenue to net margin."""
    total = run.accounts[[column for column in ADDED if column in run.accounts]].sum(min_count=1)
    steps = statement_steps(total)
    if not steps:
        return Html()
    figure = waterfall(steps, "statement-figure", run.policy.currency, "The portfolio's statement")
    return section("statement", _statement_title(total), figure, short="The statement")


def cost_to_serve(run: Run) -> Html:
    """Show which work the cost to serve goes to."""
    costs, currency = group_costs(run.accounts, run.groups), run.policy.currency
    if costs.empty:
        return section("cost-to-serve", "No service work was charged to an account", short="Cost to serve")
    whole = float(costs.sum())
    lead = f"{costs.index[0]} takes {percent(costs.iloc[0] / whole)} of the {money(whole, currency)} it costs to serve"
    alt = (
        "Bars of cost to serve by group: "
        + "; ".join(f"{label} {money(cost, currency)}" for label, cost in costs.items())
        + "."
    )
    figure = draw(
        lambda ax: plot_cost_groups(costs, currency, ax),
        name="cost-to-serve-bars",
        alt=alt,
        heights=(cost_groups.height(costs),) * 2,
    )
    return section(
        "cost-to-serve",
        lead if len(costs) > 1 else f"It costs {money(whole, currency)} to serve",
        figure,
        short="Cost to serve",
    )


def extremes(run: Run) -> Html:
    """List the accounts that lose most and those that earn most."""
    accounts, now, currency = run.accounts, standing(run.accounts), run.policy.currency
    if len(accounts) < 2:
        return Html()
    ranked = accounts.sort_values(["net_margin", "customer_id"], kind="stable")
    losers, earners = ranked[ranked["net_margin"] < 0].head(LISTED), ranked[ranked["net_margin"] > 0][::-1].head(LISTED)
    parts = [
        _ranking(losers, _ranked("cost", losers, currency), run),
        _ranking(earners, _ranked("earn", earners, currency), run),
    ]
    return section("extremes", _extremes_title(losers, now.lost, currency), *parts, short="Most and least")


def _lead(run: Run, currency: str) -> str:
    revenue, cost = float(run.accounts["net_revenue"].sum()), float(run.accounts["cost_to_serve"].sum())
    if revenue <= 0:
        return f"There were no sales in this window; serving the accounts took {money(cost, currency)}."
    margin = float(run.accounts["gross_margin"].sum())
    return (
        f"On {money(revenue, currency)} net revenue, {percent(margin / revenue)} stays after goods and freight; "
        f"serving the accounts takes {percent(cost / revenue)}."
    )


def _ranking(accounts: pd.DataFrame, caption: str, run: Run) -> Html:
    shown = [
        tables.account(),
        tables.money("Net revenue", "net_revenue"),
        tables.money("Gross margin", "gross_margin"),
        tables.money("Cost to serve", "cost_to_serve"),
        tables.share("of revenue", "cts_pct"),
        tables.money("Net margin", "net_margin"),
    ]
    if accounts["net_margin_low"].notna().any():
        shown.append(tables.span("Range", "net_margin_low", "net_margin_high"))
    return tables.table(accounts, shown, caption)


def _ranked(verb: str, accounts: pd.DataFrame, currency: str) -> str:
    if len(accounts) == 1:
        return f"The account that {verb}s most, {currency}"
    return f"The {count(len(accounts))} accounts that {verb} most, {currency}"


def _extremes_title(losers: pd.DataFrame, lost: float, currency: str) -> str:
    if losers.empty:
        return "No account costs more than it brings"
    share = float(-losers["net_margin"].sum())
    if share >= lost * 0.9995:
        who = agree(
            len(losers),
            "The account that costs more than it brings loses",
            "The accounts that cost more than they bring lose",
        )
        return f"{who} {money(lost, currency)}"
    return f"{count(len(losers))} accounts make up {percent(share / lost)} of the {money(lost, currency)} lost"


def _statement_title(total: pd.Series) -> str:
    listed, net = total.get("list_revenue"), total.get("net_margin")
    if listed is None or net is None or not (is_known(listed) and is_known(net)) or listed <= 0:
        return "From list revenue to net margin"
    kept = round(float(net) / float(listed) * 100)
    if kept == 0:
        return "What is sold at list price leaves nothing in the end"
    if kept < 0:
        return f"Every 100 sold at list price lose {-kept} in the end"
    return f"Of every 100 sold at list price, {kept} {agree(kept, 'stays', 'stay')} in the end"
