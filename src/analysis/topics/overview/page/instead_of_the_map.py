"""What stands where map and curve would: of a few accounts each by itself; where no margin is known, who takes most."""

from __future__ import annotations

import pandas as pd

from analysis.formats import count, money, percent, word
from analysis.reporting import tables
from analysis.reporting.fragments import section
from analysis.reporting.known import period, work_recorded
from analysis.reporting.links import linked
from analysis.reporting.markup import Html
from analysis.run import Run

MOST = 10
#: Of fewer accounts neither a map nor a curve shows a pattern.
FEW = 5


def one_by_one(run: Run) -> Html:
    """Show each of a few accounts with its figures."""
    rows = run.accounts.sort_values(["net_margin", "customer_id"], ascending=[False, True])
    amounts = {
        "Net revenue": "net_revenue",
        "Gross margin": "gross_margin",
        "Cost to serve": "cost_to_serve",
        "Net margin": "net_margin",
    }
    known = {label: name for label, name in amounts.items() if rows[name].notna().any()}
    if not work_recorded(run.accounts):
        known.pop("Cost to serve", None)
    if not known:
        return Html()
    shown = [linked(run), *(tables.money(label, name) for label, name in known.items())]
    title = "The one account" if len(rows) == 1 else f"The {word(len(rows))} accounts, one by one"
    listed = tables.table(rows, shown, f"{run.policy.currency}, {period(run)}")
    return section("map", title, listed, short="One by one")


def instead_of_the_map(run: Run) -> Html:
    """Show the ten accounts that take most work, or bring most cases where no work is recorded; else nothing."""
    return _most_work(run) if work_recorded(run.accounts) else _most_cases(run)


def _most_work(run: Run) -> Html:
    currency, rows = run.policy.currency, run.accounts
    whole, top = float(rows["cost_to_serve"].sum()), _top(rows, "cost_to_serve")
    if whole <= 0:
        return Html()
    shown = [
        linked(run),
        tables.money("Cost to serve", "cost_to_serve"),
        *([tables.money("Net revenue", "net_revenue")] if rows["net_revenue"].notna().any() else []),
    ]
    share = percent(float(top["cost_to_serve"].sum()) / whole)
    title = f"{_who(top, rows, 'take')} {share} of the {money(whole, currency)} it costs to serve"
    return section("map", title, tables.table(top, shown, f"Most work first, {currency}"), short="Most work")


def _most_cases(run: Run) -> Html:
    cases = run.table("communication")[["customer_id", "cases", "dates_given_share", "dates_kept_share"]]
    rows = run.accounts[["customer_id", "name"]].merge(cases, on="customer_id")
    whole, top = float(rows["cases"].sum()), _top(rows, "cases")
    if whole <= 0:
        return Html()
    kept = [tables.share("Dates kept", "dates_kept_share")] if rows["dates_kept_share"].notna().any() else []
    shown = [linked(run), tables.Column("Cases", lambda row: count(row["cases"])), *kept]
    title = f"{_who(top, rows, 'bring')} {percent(float(top['cases'].sum()) / whole)} of the {count(whole)} cases"
    return section("map", title, tables.table(top, shown, "Most cases first"), short="Most cases")


def _top(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    known = rows[rows[column].fillna(0) > 0]
    return known.sort_values([column, "customer_id"], ascending=[False, True]).head(MOST)


def _who(top: pd.DataFrame, rows: pd.DataFrame, do: str) -> str:
    if len(top) == 1:
        return f"One account {do}s"
    return f"{word(len(top)).capitalize()} of {count(len(rows))} accounts {do}"
