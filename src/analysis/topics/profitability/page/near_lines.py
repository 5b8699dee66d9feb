"""How near the accounts are to the lines between the segments: the chance that they belong on the other side."""

from __future__ import annotations

import pandas as pd

from analysis.formats import count, counted, percent
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.fragments import paragraph, section
from analysis.reporting.known import work_recorded
from analysis.reporting.labels import SEGMENTS, segment_title
from analysis.reporting.links import linked
from analysis.reporting.markup import Html
from analysis.reporting.ranges import sure, why_no_range
from analysis.run import Run

LISTED = 12


def near_a_line(run: Run) -> Html:
    """List the accounts that may well belong to another segment."""
    if run.accounts["segment"].isna().all() or not work_recorded(run.accounts):
        return Html()
    if sure(run) is None:
        return section("near", "How near the lines the accounts are", paragraph(why_no_range(run)), short="Near a line")
    close, least = near(run.accounts, run.policy.uncertainty.sure), percent(run.policy.uncertainty.sure)
    words = paragraph(
        f"An account is sure of its segment where at least {least} of the draws leave it there; each draw has its own "
        "line of demand."
    )
    if close.empty:
        return section("near", "Every account is sure of its segment", words, short="Near a line")
    shown = [
        linked(run),
        tables.Column("Segment", lambda row: segment_title(row["segment"]), number=False),
        tables.money("Running margin", "running_margin"),
        tables.share("Service demand", "service_demand"),
        tables.share("Other side of profit", "other_profit"),
        tables.share("Other side of demand", "other_demand"),
    ]
    title = f"{counted(len(close), 'account')} may well belong to another segment"
    cut_to = f"; {LISTED} of {count(len(close))}" if len(close) > LISTED else ""
    listed = tables.table(close.head(LISTED), shown, f"The chance of the other side, least sure first{cut_to}")
    return section("near", title, words, listed, basis(run, "work", "ranges"), short="Near a line")


def near(accounts: pd.DataFrame, sure_from: float) -> pd.DataFrame:
    """Find the accounts that are not sure of their segment, least sure first.

    Parameters
    ----------
    accounts
        With segment and the chance of each segment.
    sure_from
        The chance from which an account is sure of its segment.

    Returns
    -------
    pandas.DataFrame
        The accounts with ``own`` (the chance of the segment they are in), ``other_profit`` and ``other_demand`` (the
        chance of the other side of each line).
    """
    placed = accounts[accounts["segment"].notna()]
    chances = {segment.code: placed[f"p_{segment.code}"].astype(float) for segment in SEGMENTS}
    own, profit, demand = (pd.Series(float("nan"), index=placed.index) for _ in range(3))
    for mine in SEGMENTS:
        here = placed["segment"].astype("string") == mine.code
        across = [chances[other.code] for other in SEGMENTS if other.profitable != mine.profitable]
        along = [chances[other.code] for other in SEGMENTS if other.high_demand != mine.high_demand]
        own = own.mask(here, chances[mine.code])
        profit, demand = profit.mask(here, sum(across)), demand.mask(here, sum(along))
    close = placed.assign(own=own, other_profit=profit, other_demand=demand)[own < sure_from]
    return close.sort_values(["own", "customer_id"])
