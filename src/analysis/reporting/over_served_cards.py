"""How many are over-served and under-served and what it costs, and the cards that say it by remedy."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.formats import agree, count, counted, listed, money, per_window
from analysis.reporting import tables
from analysis.reporting.archetypes import by_archetype
from analysis.reporting.fragments import card, columns, paragraph, section
from analysis.reporting.known import work_recorded
from analysis.reporting.labels import attribute_title, in_a_sentence
from analysis.reporting.markup import Html, element, join, name
from analysis.reporting.run import Run
from analysis.reporting.served_words import ASK, REMEDIES, Remedy, by_remedy, flags, typical
from analysis.reporting.service_demand import ready_in_words

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


def judged(accounts: pd.DataFrame) -> Judged:
    """Count and sum the judgement."""
    over, under = flags(accounts["over_served"]), flags(accounts["under_served"])
    cost, margin = accounts["over_service_cost"].astype(float).fillna(0), accounts["net_margin"].astype(float)
    earning, losing = over & (margin >= 0), over & (margin < 0)
    peers = over & (accounts["over_served_by"].astype("string") == "peers").fillna(False).astype(bool)
    return Judged(
        accounts=len(accounts),
        scored=int(accounts["over_served"].notna().sum()),
        over=int(over.sum()),
        cost=float(cost[over].sum()),
        small=float(cost[~over].sum()),
        by_peers=float(cost[peers].sum()),
        over_earning=int(earning.sum()),
        over_losing=int(losing.sum()),
        cost_earning=float(cost[earning].sum()),
        cost_losing=float(cost[losing].sum()),
        promised=int(accounts["under_served"].notna().sum()),
        under=int(under.sum()),
        both=int((over & under).sum()),
        measured=bool(margin[over].notna().any()),
    )


def over_title(now: Judged, currency: str, months: int) -> str:
    """Say how many are over-served and what it costs, and how many are under-served."""
    if now.over:
        who = (
            "The one account scored" if now.scored == 1 else f"{count(now.over)} of {count(now.scored)} accounts scored"
        )
        lead = f"{who} {agree(now.over, 'is', 'are')} over-served: {money(now.cost, currency)} {per_window(months)}"
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


def over_served_section(run: Run) -> Html:
    """Set the executive page's section on the over-served: cards by remedy and the top accounts."""
    now, currency = judged(run.accounts), run.policy.currency
    if not now.scored:
        return Html()
    key, short = "over-served", "Over-served"
    if not now.over:
        return section(key, over_title(now, currency, run.window.months), paragraph(_link_to()), short=short)
    over = run.accounts[flags(run.accounts["over_served"])]
    ranked = over.sort_values(["over_service_cost", "customer_id"], ascending=[False, True]).head(LISTED)
    shown = [
        tables.account(),
        tables.change("Over-service", "over_service_cost"),
        tables.Column("Mostly", lambda row: _mostly(run, row["customer_id"]), number=False),
    ]
    more = f"; {LISTED} of {count(now.over)}" if now.over > LISTED else ""
    listing = tables.table(ranked, shown, f"The costliest, {currency}{more}")
    ready = [f"{ready_in_words(row, run)}." for row in run.offers.to_dict("records")]
    words = paragraph(join(*[name(sentence, longest=200) for sentence in ready], _link_to(), by=" "))
    kinds = by_archetype(run, "over_served")
    return section(key, _cards_title(run, now), columns(join(*remedy_cards(run)), listing), kinds, words, short=short)


def _cards_title(run: Run, now: Judged) -> str:
    gaps, currency = run.service_gaps, run.policy.currency
    over = run.accounts.loc[flags(run.accounts["over_served"]), "customer_id"]
    mine = gaps[gaps["customer_id"].isin(over) & (gaps["over_cost"] > 0)]
    sums = mine.groupby("attribute")["over_cost"].sum().sort_values(ascending=False)
    cost = money(now.cost, currency)
    if sums.empty or now.cost <= 0:
        return f"Over-served: {counted(now.over, 'account')}, {cost}"
    two = sums.head(2)
    share = round(float(two.sum()) / now.cost * 100)
    what = listed([in_a_sentence(attribute_title(code)) for code in two.index])
    return f"Over-served: {what} {agree(len(two), 'makes', 'make')} up {share}% of the {cost}"


def _card(run: Run, over: pd.DataFrame, remedy: Remedy) -> Html:
    gaps, currency = by_remedy(run.service_gaps), run.policy.currency
    mine = gaps[gaps["customer_id"].isin(over["customer_id"]) & (gaps[remedy.column] > 0)]
    if mine.empty:
        return Html()
    sums = mine.groupby("attribute")[remedy.column].sum().sort_values(ascending=False, kind="stable")
    most = mine[mine["attribute"] == sums.index[0]]
    who, cost = counted(int(mine["customer_id"].nunique()), "account"), money(mine[remedy.column].sum(), currency)
    what = in_a_sentence(attribute_title(sums.index[0]))
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
        most = f", mostly {typical(run, mine[mine['attribute'] == sums.index[0]])}"
    words = f"Nobody knows of a level for it; {agree(len(peers), 'it gets', 'they get')} more than like accounts{most}."
    return card(f"Mostly by like accounts: {who}, {cost}", join(element("strong", "Ask first"), f". {words}"), "over")


def _mostly(run: Run, customer_id: object) -> str:
    gaps = run.service_gaps
    mine = gaps[(gaps["customer_id"] == customer_id) & (gaps["over_cost"] > 0)]
    if mine.empty:
        return ""
    return typical(run, mine.sort_values("over_cost", ascending=False).iloc[[0]])


def _link_to() -> Html:
    return element("a", "Every list, with what to ask", href="over_served.html")
