"""How near the accounts are to the lines between the segments."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, percent
from analysis.reporting import tables
from analysis.reporting.fragments import paragraph, section
from analysis.reporting.labels import segment_title
from analysis.reporting.markup import Html
from analysis.reporting.run import Run

LISTED = 12
NEAR = 0.10
NEAR_MARGIN = 0.02
WORDS = (
    f"Near means: a running margin within {percent(NEAR_MARGIN)} of net revenue from zero, or a demand within "
    f"{percent(NEAR)} of the line. Which side such an account is on is not sure."
)


def near_a_line(run: Run) -> Html:
    """List the accounts that a small change would move to another segment."""
    close = near(run.accounts)
    if run.accounts["segment"].isna().all():
        return Html()
    if close.empty:
        return section("near", "No account lies near a line", paragraph(WORDS), short="Near a line")
    shown = [
        tables.account(),
        tables.Column("Segment", lambda row: segment_title(row["segment"]), number=False),
        tables.money("Running margin", "running_margin"),
        tables.share("Service demand", "service_demand"),
        tables.Column("Near the line of", lambda row: row["which"], number=False),
    ]
    them = agree(len(close), "it", "them")
    who = f"{counted(len(close), 'account')} {agree(len(close), 'lies', 'lie')}"
    title = f"{who} so near a line that little would move {them}"
    cut_to = f"; {LISTED} of {count(len(close))}" if len(close) > LISTED else ""
    listed = tables.table(close.head(LISTED), shown, f"Accounts near a line, most revenue first{cut_to}")
    return section("near", title, paragraph(WORDS), listed, short="Near a line")


def demand_line(accounts: pd.DataFrame) -> float | None:
    """Give the portfolio's own service demand: cost to serve without our failures over list revenue less returns."""
    revenue = float((accounts["list_revenue"] - accounts["returns"]).sum())
    cost = float((accounts["cost_to_serve"] - accounts["failure_cost"].astype(float).fillna(0)).sum())
    return cost / revenue if revenue > 0 else None


def near(accounts: pd.DataFrame) -> pd.DataFrame:
    """Find the accounts near a line, with the column ``which`` saying which one, most revenue first."""
    line = demand_line(accounts)
    placed = accounts[accounts["segment"].notna()]
    if line is None or placed.empty:
        return placed.iloc[:0].assign(which="")
    profit = placed["running_margin"].abs() <= NEAR_MARGIN * placed["net_revenue"].where(placed["net_revenue"] > 0)
    demand = ((placed["service_demand"] - line).abs() <= NEAR * line).fillna(False)
    which = pd.Series("demand", index=placed.index).mask(profit, "profit").mask(profit & demand, "both")
    close = placed.assign(which=which)[profit | demand]
    return close.sort_values(["net_revenue", "customer_id"], ascending=[False, True])
