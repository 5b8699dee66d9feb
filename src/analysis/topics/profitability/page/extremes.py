"""The accounts that lose most and those that earn most, with how sure that is."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, money, percent
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.fragments import section
from analysis.reporting.known import work_recorded
from analysis.reporting.links import linked
from analysis.reporting.markup import Html
from analysis.reporting.ranges import sure
from analysis.run import Run
from analysis.topics.profitability.page.findings import standing
from analysis.topics.profitability.page.how_sure import verdict

LISTED = 10


def extremes(run: Run) -> Html:
    """List the accounts that lose most and those that earn most."""
    accounts, now, currency = run.accounts, standing(run), run.policy.currency
    if now.measured < 2 or now.nothing_known:
        return Html()
    losers = accounts[accounts["net_margin"] < 0].nsmallest(LISTED, "net_margin")
    earners = accounts[accounts["net_margin"] > 0].nlargest(LISTED, "net_margin")
    parts = [
        _ranking(losers, _ranked("cost", losers, currency), run, ranked=False),
        _ranking(earners, _ranked("earn", earners, currency), run, ranked=True),
    ]
    label = basis(run, "sales", "goods", "work", "money", "ranges")
    return section(
        "extremes",
        _title(losers, now.lost, currency, served=now.served is not None, unmeasured=now.unmeasured),
        *parts,
        label,
        short="Most and least",
    )


def _ranking(accounts: pd.DataFrame, caption: str, run: Run, *, ranked: bool) -> Html:
    shown = [
        linked(run),
        tables.money("Net revenue", "net_revenue"),
        tables.money("Gross margin", "gross_margin"),
        tables.money("Net margin", "net_margin"),
    ]
    if work_recorded(run.accounts):
        shown[3:3] = [tables.money("Cost to serve", "cost_to_serve"), tables.share("of revenue", "cts_pct")]
    if len(accounts) and sure(run):
        shown.append(tables.interval("Range", accounts, "net_margin_low", "net_margin", "net_margin_high"))
        if ranked:
            shown.append(tables.place("Place", "rank_low", "rank_high"))
        else:
            sign = tables.Column("Sign", lambda row: verdict(pd.Series(row)), number=False)
            shown.append(sign)
    return tables.table(accounts, shown, caption)


def _ranked(verb: str, accounts: pd.DataFrame, currency: str) -> str:
    if len(accounts) == 1:
        return f"The account that {verb}s most, {currency}"
    return f"The {count(len(accounts))} accounts that {verb} most, {currency}"


def _title(losers: pd.DataFrame, lost: float, currency: str, *, served: bool = True, unmeasured: int = 0) -> str:
    if losers.empty:
        known = " whose margin is known" if unmeasured else ""
        return f"No account{known} costs more than it brings{'' if served else ', before the work of serving it'}"
    share = float(-losers["net_margin"].sum())
    if share >= lost * 0.9995:
        who = agree(
            len(losers),
            "The account that costs more than it brings loses",
            "The accounts that cost more than they bring lose",
        )
        return f"{who} {money(lost, currency)}"
    return f"{count(len(losers))} accounts make up {percent(share / lost)} of the {money(lost, currency)} lost"
