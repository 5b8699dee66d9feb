"""One account on a page: its statement, and what the statement means in words."""

from __future__ import annotations

import pandas as pd

from analysis.formats import counted, hours, is_known, money
from analysis.reporting.figures.waterfall import statement_steps
from analysis.reporting.fragments import paragraph, section
from analysis.reporting.labels import segment_title
from analysis.reporting.markup import Html, join, name
from analysis.reporting.run import Run
from analysis.reporting.waterfalls import waterfall


def one_account(run: Run, customer_id: str = "") -> Html:
    """Show the statement of one account: the one that loses most, unless another is named."""
    accounts, currency = run.accounts, run.policy.currency
    ranked = accounts.sort_values(["net_margin", "customer_id"], kind="stable")
    chosen = ranked[ranked["customer_id"] == customer_id] if customer_id else ranked
    if chosen.empty:
        return Html()
    row = chosen.iloc[0]
    title = join("One account: ", name(row["name"], row["customer_id"]), f" {_verdict(row, currency)}")
    figure = waterfall(statement_steps(row), "one-account-figure", currency, "The account's statement")
    return section("one-account", title, figure, paragraph(_in_words(row, currency)), short="One account")


def _verdict(row: pd.Series, currency: str) -> str:
    margin = float(row["net_margin"])
    if round(margin) == 0:
        return "neither earns nor costs"
    return f"earns {money(margin, currency)}" if margin > 0 else f"costs {money(-margin, currency)} more than it brings"


def _in_words(row: pd.Series, currency: str) -> str:
    work = counted(int(row["events"]), "piece") if is_known(row["events"]) else ""
    parts = [f"Segment: {segment_title(row['segment']).lower()}."]
    if work and is_known(row["service_minutes"]):
        parts.append(f"Served with {work} of work, {hours(row['service_minutes'])}.")
    if is_known(row["failure_cost"]) and row["failure_cost"] > 0:
        parts.append(f"{money(row['failure_cost'], currency)} of that mended what went wrong on our side.")
    if is_known(row["gain_if_ended"]) and round(row["gain_if_ended"]):
        gain = row["gain_if_ended"]
        what = f"{'gain' if gain > 0 else 'lose'} {money(abs(gain), currency)}"
        parts.append(f"Ending it would {what}, counting only the cost known to go with it.")
    return " ".join(parts)
