"""One account on a page: its statement, what ending it would change, and why it earns what it does."""

from __future__ import annotations

import pandas as pd

from analysis.formats import counted, hours, is_known, money, money_span
from analysis.reporting.basis import basis
from analysis.reporting.fragments import bullets, paragraph, section, subsection
from analysis.reporting.known import idle, work_recorded
from analysis.reporting.labels import segment_title
from analysis.reporting.links import links
from analysis.reporting.markup import Child, Html, join
from analysis.reporting.ranges import sure
from analysis.run import Run
from analysis.topics.profitability.figures.waterfall import statement_steps
from analysis.topics.profitability.page.causes import why_one
from analysis.topics.profitability.page.endings import ending_one
from analysis.topics.profitability.page.how_sure import tipping_in_words, verdict_in_words
from analysis.topics.profitability.page.waterfalls import waterfall


def one_account(run: Run, customer_id: str = "") -> Html:
    """Show one account: the one that loses most, unless another is named."""
    known = run.accounts[run.accounts["net_margin"].notna()]
    if not customer_id:
        known = known[~idle(known)]
    ranked = known.sort_values(["net_margin", "customer_id"], kind="stable")
    chosen = ranked[ranked["customer_id"] == customer_id] if customer_id else ranked
    if chosen.empty:
        return Html()
    row, currency = chosen.iloc[0], run.policy.currency
    title = join("One account: ", links(run)(row["name"], row["customer_id"]), f" {_earns(row, currency)}")
    figure = waterfall(statement_steps(row), "one-account-figure", currency, "The account's statement")
    ending = ending_one(row, currency)
    return section(
        "one-account", title, figure, basis(run, "sales", "goods", "work", "money"),
        paragraph(_in_words(row, currency, served=work_recorded(run.accounts))),
        paragraph(*_sure(run, row)) if sure(run) else None,
        subsection("What ending it would really change", bullets(ending, "plain")) if ending else None,
        subsection("Why it earns what it does", *why_one(run, str(row["customer_id"]))),
        basis(run, "sales", "goods", "work", "money"),
        short="One account",
    )  # fmt: skip


def _earns(row: pd.Series, currency: str) -> str:
    margin = float(row["net_margin"])
    if round(margin) == 0:
        return "neither earns nor costs"
    return f"earns {money(margin, currency)}" if margin > 0 else f"costs {money(-margin, currency)} more than it brings"


def _in_words(row: pd.Series, currency: str, *, served: bool) -> str:
    work = counted(int(row["events"]), "piece") if is_known(row["events"]) and served else ""
    parts = [f"Segment: {segment_title(row['segment']).lower()}."] if served else ["Work for it is not recorded."]
    if is_known(row["avoidable_margin"]):
        full, kept = money(row["net_margin"], currency), money(row["avoidable_margin"], currency)
        parts.append(f"Margin at full cost: {full}; at avoidable cost: {kept}.")
    if work and is_known(row["service_minutes"]):
        parts.append(f"Served with {work} of work, {hours(row['service_minutes'])}.")
    if is_known(row["failure_cost"]) and row["failure_cost"] > 0:
        parts.append(f"{money(row['failure_cost'], currency)} of that mended what went wrong on our side.")
    if is_known(row["disputed"]) and row["disputed"] > 0:
        parts.append(f"It disputes {money(row['disputed'], currency)}.")
    return " ".join(parts)


def _sure(run: Run, row: pd.Series) -> list[Child]:
    """Say how sure the account's margin is, and which rate it hangs on."""
    span = money_span(row["net_margin_low"], row["net_margin_high"], run.policy.currency)
    if not span:
        return []
    words: list[Child] = [f"Over the cost ranges: {span}; {verdict_in_words(row)}. "]
    if is_known(row["tipping_change"]):
        return [*words, "It turns at ", tipping_in_words(row), "."]
    return [*words, "No fall of any one rate would make it earn."] if row["net_margin"] < 0 else words
