"""The profitability report: from the portfolio to one account."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, capital, counted, in_turn, is_known, money, money_span, percent
from analysis.reporting.basis import basis
from analysis.reporting.drawing import draw
from analysis.reporting.foot import eyebrow
from analysis.reporting.foot import foot as three_lines
from analysis.reporting.fragments import masthead, paragraph, section
from analysis.reporting.known import any_of, measured, outside_in_words, period, sales_recorded, work_recorded
from analysis.reporting.markup import Html
from analysis.reporting.ranges import sure
from analysis.reporting.told import told_sum
from analysis.run import Run
from analysis.topics.profitability.figures import cost_groups
from analysis.topics.profitability.figures.cost_groups import group_costs, plot_cost_groups
from analysis.topics.profitability.figures.waterfall import STATEMENT, statement_steps
from analysis.topics.profitability.page.books import bridge_in_lines as books
from analysis.topics.profitability.page.capacity import capacity, capacity_by_month
from analysis.topics.profitability.page.causes import why
from analysis.topics.profitability.page.endings import both_margins, if_ended
from analysis.topics.profitability.page.extremes import extremes
from analysis.topics.profitability.page.findings import standing
from analysis.topics.profitability.page.from_the_files import from_the_files
from analysis.topics.profitability.page.how_sure import how_sure, sensitive_accounts
from analysis.topics.profitability.page.logs import logs_against_model, no_accounts_work
from analysis.topics.profitability.page.losses_within import losses_within
from analysis.topics.profitability.page.map_and_whale import account_map
from analysis.topics.profitability.page.map_and_whale import whale_curve as whale
from analysis.topics.profitability.page.next_year import next_year
from analysis.topics.profitability.page.one_account import one_account
from analysis.topics.profitability.page.waiting import waiting_for_money
from analysis.topics.profitability.page.waterfalls import waterfall
from analysis.topics.profitability.page.what_it_changes import what_it_changes
from analysis.topics.profitability.page.wrong_rates import wrong_rates

__all__ = [
    "account_map",
    "books",
    "both_margins",
    "capacity",
    "capacity_by_month",
    "cost_to_serve",
    "extremes",
    "foot",
    "from_the_files",
    "how_sure",
    "if_ended",
    "logs_against_model",
    "losses_within",
    "next_year",
    "no_accounts_work",
    "one_account",
    "opening",
    "sensitive_accounts",
    "statement",
    "waiting_for_money",
    "whale",
    "what_it_changes",
    "why",
    "wrong_rates",
]

#: What the page is made of.
TABLES = (
    *("accounts", "bridge", "capacity", "figures", "forecast", "forecast_fit", "losses_within", "next_steps"),
    *("reasons", "resources", "sensitivity", "ties", "uncertainty", "whale"),
)

ADDED = [column for _, column, _ in STATEMENT]


def foot(run: Run) -> Html:
    """Set the foot, with the tables that the page is made of."""
    return three_lines(run, tables=TABLES)


def opening(run: Run) -> Html:
    """Say what the portfolio earns after all that it costs to serve, and how sure that is."""
    now = standing(run)
    if not now.accounts:
        return masthead(eyebrow(run, "Profitability"), "No account was a customer in this window")
    if not now.measured:
        title = f"What {counted(now.accounts, 'account')} {agree(now.accounts, 'earns', 'earn')} is not known"
        return masthead(eyebrow(run, "Profitability"), title, _lead(run, run.policy.currency))
    lead = in_turn(_lead(run, run.policy.currency), outside_in_words(run))
    return masthead(eyebrow(run, "Profitability"), _opening_title(run), lead)


def statement(run: Run) -> Html:
    """Show the portfolio's statement, from list revenue to net margin."""
    whole = measured(run.accounts) if run.accounts["net_margin"].notna().any() else run.accounts
    known = [column for column in ADDED if column in whole and whole[column].notna().all()]
    total = whole[known].sum(min_count=1)
    steps = statement_steps(total)
    if len(steps) < 2:  # a total of nothing
        return Html()
    figure = waterfall(steps, "statement-figure", run.policy.currency, "The portfolio's statement")
    label = basis(run, "sales", "goods", "work", "money")
    left_out = outside_in_words(run)
    note = paragraph(left_out, kind="note") if left_out and len(whole) < len(run.accounts) else None
    return section(
        "statement",
        _statement_title(total, served=work_recorded(run.accounts)),
        figure,
        note,
        label,
        short="The statement",
    )


def cost_to_serve(run: Run) -> Html:
    """Show which work the cost to serve goes to."""
    costs, currency = group_costs(run.accounts, run.groups), run.policy.currency
    if costs.empty:
        title = "No service work was charged to an account"
        if not work_recorded(run.accounts):
            title = "What it costs to serve the accounts is not known: no work is recorded"
        return section("cost-to-serve", title, short="Cost to serve")
    whole = told_sum(run, "cost_to_serve")
    lead = f"{costs.index[0]} takes {percent(costs.iloc[0] / whole)} of the {money(whole, currency)} it costs to serve"
    lines = "; ".join(f"{label} {money(cost, currency)}" for label, cost in costs.items())
    figure = draw(
        lambda ax: plot_cost_groups(costs, currency, ax),
        name="cost-to-serve-bars",
        alt=f"Bars of cost to serve by group: {lines}.",
        heights=(cost_groups.height(costs),) * 2,
    )
    title = lead if len(costs) > 1 else f"It costs {money(whole, currency)} to serve"
    return section("cost-to-serve", title, figure, basis(run, "work"), short="Cost to serve")


def _opening_title(run: Run) -> str:
    now, currency, found = standing(run), run.policy.currency, sure(run)
    one, when = now.measured == 1, period(run)
    active = now.measured - now.idle if 0 < now.idle < now.measured else now.measured
    who = "the one account" if one else counted(active, "account")
    who += " with sales or work" if active < now.measured else ""
    one = active == 1
    who += " whose margin is known" if now.unmeasured else ""
    if now.idle == now.measured:
        return f"{capital(who)} had neither sales nor work in this window"
    if found and found.open:
        span, verb = money_span(found.low, found.high, currency), "earns or loses" if one else "earn or lose"
        return f"Whether {who} {verb} money is open: {span} {when} after the cost to serve"
    verb = ("earn" if now.total >= 0 else "lose") + ("s" if one else "")
    amount, them = money(abs(now.total), currency), agree(now.measured, "it", "them")
    told = f"{capital(who)} {verb} {amount} {when}"
    if now.served is None:
        return f"{told} before the work of serving {them}, which is not recorded"
    return f"{told} after the cost to serve {them}"


def _lead(run: Run, currency: str) -> str:
    known = measured(run.accounts)
    known = known if len(known) else run.accounts
    revenue, cost = float(known["net_revenue"].sum()), float(known["cost_to_serve"].sum())
    served = work_recorded(run.accounts)
    if run.accounts["net_revenue"].isna().all():
        return f"Sales are not recorded; {'what serving took is below' if served else 'no work is recorded either'}."
    if revenue <= 0 and sales_recorded(run.accounts):
        return "None of the sales in this window are of an account whose margin is known."
    if revenue <= 0:
        took = f"serving the accounts took {money(cost, currency)}" if served else "no work is recorded"
        return f"There are no sales in this window; {took}."
    margin = float(known["gross_margin"].sum(min_count=1))
    after = "goods and freight" if any_of(known, ("freight",)).any() else "goods"
    stays = f"{percent(margin / revenue)} stays after {after}" if is_known(margin) else "what stays is not known"
    takes = f"serving the accounts takes {percent(cost / revenue)}" if served else "the work of serving is not recorded"
    words = f"On {money(revenue, currency)} net revenue, {stays}; {takes}."
    found = sure(run)
    return f"{words} Over the cost ranges: {money_span(found.low, found.high, currency)}." if found else words


def _statement_title(total: pd.Series, *, served: bool = True) -> str:
    listed, net = total.get("list_revenue"), total.get("net_margin")
    if listed is None or net is None or not (is_known(listed) and is_known(net)) or listed <= 0:
        return "From list revenue to net margin"
    kept = round(float(net) / float(listed) * 100)
    sold = "sold at list price" if "discounts" in total else "sold"  # without discounts list prices are not known
    if kept == 0:
        return f"What is {sold} leaves next to nothing in the end"
    if kept < 0:
        return f"Every 100 {sold} lose {-kept} in the end"
    words = f"Of every 100 {sold}, {kept} {agree(kept, 'stays', 'stay')}"
    return f"{words} in the end" if served else f"{words} before the work of serving, which is not recorded"
