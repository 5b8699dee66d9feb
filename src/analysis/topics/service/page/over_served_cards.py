"""How many are over-served and under-served and what it costs, and the cards that say it by remedy."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.formats import agree, count, counted, in_a_sentence, money
from analysis.reporting.fragments import card
from analysis.reporting.known import flags, work_recorded
from analysis.reporting.markup import Html, element, join
from analysis.reporting.told import told_count, told_sum
from analysis.run import Run
from analysis.topics.service.words import ASK, REMEDIES, Remedy, by_remedy, service_title, typical

LISTED = 5


@dataclass(frozen=True)
class Judged:
    """The judgement on all accounts.

    Attributes
    ----------
    accounts, scored, over
        How many there are, were scored, and are over-served.
    cost, small
        What over-service costs at the over-served; and at the others, too small or too unsure to judge.
    by_peers
        How much of `cost` rests on like accounts alone.
    over_earning, over_losing, cost_earning, cost_losing
        The over-served on each side of break-even.
    promised, under, both
        How many have a promise; are under-served; are over-served too.
    measured
        Whether the margin of the over-served is known.
    """

    accounts: int
    scored: int
    over: int
    cost: float
    small: float
    by_peers: float
    over_earning: int
    over_losing: int
    cost_earning: float
    cost_losing: float
    promised: int
    under: int
    both: int
    measured: bool


def judged(run: Run) -> Judged:
    """Count and sum the judgement; what is a headline figure is read as such."""
    accounts = run.accounts
    over, under = flags(accounts["over_served"]), flags(accounts["under_served"])
    cost, margin = accounts["over_service_cost"].astype(float).fillna(0), accounts["net_margin"].astype(float)
    earning, losing = over & (margin >= 0), over & (margin < 0)
    peers = over & (accounts["over_served_by"].astype("string") == "peers").fillna(False).astype(bool)
    return Judged(
        accounts=len(accounts),
        scored=told_count(run, "over_served_scored"),
        over=told_count(run, "over_served"),
        cost=told_sum(run, "over_service"),
        small=float(cost[~over].sum()),
        by_peers=float(cost[peers].sum()),
        over_earning=int(earning.sum()),
        over_losing=int(losing.sum()),
        cost_earning=float(cost[earning].sum()),
        cost_losing=float(cost[losing].sum()),
        promised=told_count(run, "promised_to"),
        under=told_count(run, "under_served"),
        both=int((over & under).sum()),
        measured=bool(margin[over].notna().any()),
    )


def over_title(now: Judged, currency: str, period: str) -> str:
    """Say how many are over-served and what it costs, and how many are under-served."""
    if now.over:
        who = (
            "The one account scored" if now.scored == 1 else f"{count(now.over)} of {count(now.scored)} accounts scored"
        )
        lead = f"{who} {agree(now.over, 'is', 'are')} over-served: {money(now.cost, currency)} {period}"
    else:
        who = "The one account scored is not" if now.scored == 1 else f"None of {count(now.scored)} accounts scored is"
        lead = f"{who} over-served"
    if not now.promised:
        return lead
    if not now.under:
        return f"{lead}; no promise was missed by much"
    return f"{lead}; {count(now.under)} {agree(now.under, 'is', 'are')} under-served"


def nothing_judged(run: Run) -> str:
    """Say why no account could be judged."""
    if not len(run.accounts):
        return "No account was a customer in this window."
    if not work_recorded(run.accounts):
        return "It takes a log of the service work; this dataset has none, or none of it was for an account."
    takes = "It takes levels that were agreed or asked for, or enough like accounts to compare with."
    counts = run.accounts["not_scored"].dropna().astype(str).value_counts().sort_index()
    return " ".join([takes, *(f"{counted(int(n), 'account').capitalize()}: {why}." for why, n in counts.items())])


def remedy_cards(run: Run) -> list[Html]:
    """Set a card for each remedy: how many accounts, how much money, what they get against what they asked for."""
    over = run.accounts[flags(run.accounts["over_served"])]
    found = [_card(run, over, remedy) for remedy in (*REMEDIES, ASK)]
    return [made for made in [*found, _peer_card(run, over)] if made]


def _card(run: Run, over: pd.DataFrame, remedy: Remedy) -> Html:
    gaps, currency = by_remedy(run.service_gaps), run.policy.currency
    mine = gaps[gaps["customer_id"].isin(over["customer_id"]) & (gaps[remedy.column] > 0)]
    if mine.empty:
        return Html()
    sums = mine.groupby("attribute")[remedy.column].sum().sort_values(ascending=False, kind="stable")
    most = mine[mine["attribute"] == sums.index[0]]
    who, cost = counted(int(mine["customer_id"].nunique()), "account"), money(mine[remedy.column].sum(), currency)
    what = in_a_sentence(service_title(run, sums.index[0]))
    where = "Only" if len(sums) == 1 else "Mostly"
    at = int(most["customer_id"].nunique())
    middle = f"it gets {typical(run, most)}" if at == 1 else f"the middle one of {count(at)} gets {typical(run, most)}"
    words = f"{where} {what}, {money(sums.iloc[0], currency)}: {middle}."
    return card(f"{remedy.what}: {who}, {cost}", join(element("strong", remedy.do.capitalize()), f". {words}"), "over")


def _peer_card(run: Run, over: pd.DataFrame) -> Html:
    peers = over[(over["over_served_by"].astype("string") == "peers").fillna(False).astype(bool)]
    if peers.empty:
        return Html()
    who, cost = counted(len(peers), "account"), money(peers["over_service_cost"].sum(), run.policy.currency)
    gaps = run.service_gaps
    mine = gaps[gaps["customer_id"].isin(peers["customer_id"]) & (gaps["kind"] == "peer") & (gaps["over_cost"] > 0)]
    most = ""
    if len(mine):
        sums = mine.groupby("attribute")["over_cost"].sum().sort_values(ascending=False, kind="stable")
        middle = typical(run, mine[mine["attribute"] == sums.index[0]])
        most = f", mostly {in_a_sentence(service_title(run, sums.index[0]))}: the middle one gets {middle}"
    words = f"Nobody knows of a level for it; {agree(len(peers), 'it gets', 'they get')} more than like accounts{most}."
    return card(f"Mostly by like accounts: {who}, {cost}", join(element("strong", "Ask first"), f". {words}"), "over")
