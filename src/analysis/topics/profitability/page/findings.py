"""Sentences that say what the tables show, with their numbers, and with care where there is little to go on."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.formats import agree, count, counted, is_known, is_nothing, money, percent
from analysis.reporting.fragments import strong
from analysis.reporting.known import idle, work_recorded
from analysis.reporting.markup import Html, join, text
from analysis.reporting.next_steps import gone
from analysis.reporting.told import told, told_count, told_sum
from analysis.run import Run
from analysis.topics.profitability.figures.whale import Peak, peak

FEW = 5


@dataclass(frozen=True)
class Standing:
    """How the accounts stand: how many earn and cost, and how much.

    Attributes
    ----------
    accounts, unmeasured
        How many there are, and of how many the margin is not known.
    earning, costing
        How many bring more than they cost, and cost more than they bring.
    total, earned, lost
        The net margin of all, of those that earn, and of those that cost (0 or more).
    ended
        What ending those that cost would add (above 0) or take (below 0); None where not measured.
    first_year, ours
        How many of those that cost are in their first year; would earn without the work that our failures caused.
    idle
        How many of those whose margin is known have nothing at all in the window: no sale, no work, no cost.
    served
        What serving all of them cost; None where no work is recorded.
    gone
        How many of those that cost have left already.
    sold, sold_unmeasured
        The net revenue of all accounts, and of those whose margin is not known.
    """

    accounts: int
    unmeasured: int
    earning: int
    costing: int
    total: float
    earned: float
    lost: float
    ended: float | None
    first_year: int
    ours: int | None
    idle: int = 0
    served: float | None = None
    gone: int = 0
    sold: float = 0.0
    sold_unmeasured: float = 0.0

    @property
    def nothing_known(self) -> bool:
        """Whether no margin is known, or only those of accounts that bought and took nothing."""
        return self.unmeasured > 0 and self.measured == self.idle

    @property
    def little_known(self) -> bool:
        """Whether of the lesser part of what was sold the margin is known: the others' may turn all that it tells."""
        return 2 * self.sold_unmeasured > self.sold > 0

    @property
    def measured(self) -> int:
        """Of how many accounts the margin is known."""
        return self.accounts - self.unmeasured


def standing(run: Run) -> Standing:
    """Give what the headline figures say of the accounts on each side of break-even."""
    accounts, ours = run.accounts, told(run, "losing_by_our_failures")
    margin, sold = (accounts[name].astype("float64") for name in ("net_margin", "net_revenue"))
    losing = margin < 0
    return Standing(
        accounts=told_count(run, "accounts"),
        unmeasured=told_count(run, "accounts") - told_count(run, "margin_known"),
        earning=told_count(run, "earning_accounts"),
        costing=told_count(run, "losing_accounts"),
        total=told_sum(run, "net_margin"),
        earned=told_sum(run, "earned"),
        lost=told_sum(run, "losing_accounts_cost"),
        ended=told(run, "ending_them_adds"),
        first_year=told_count(run, "losing_first_year"),
        ours=round(ours) if ours is not None else None,
        idle=int((idle(accounts) & accounts["net_margin"].notna()).sum()),
        served=told(run, "cost_to_serve"),
        gone=int((losing & accounts["customer_id"].isin(gone(run))).sum()),
        sold=float(sold.sum()),
        sold_unmeasured=float(sold[margin.isna()].sum()),
    )


def top_of_the_curve(now: Standing) -> Peak:
    """Give where the whale curve is highest, by the headline figures."""
    return Peak(now.earning, now.earned, now.costing, now.lost, now.total)


def headline(now: Standing, currency: str, period: str, *, sales: bool = True) -> Html:
    """Say the first sentence of the executive page; `period`: what an amount is per, as `known.period` writes it."""
    if not now.accounts:
        return Html("No account was a customer in this window.")
    if now.nothing_known:
        return text(_not_known(now, currency, period))
    told = _told(now, currency, period, sales=sales)
    return join(_not_known(now, currency, period), told, by=" ") if now.little_known else told


def _not_known(now: Standing, currency: str, period: str) -> str:
    """Say of how many accounts the margin is not known, and for want of what."""
    lead = f"The margin of {counted(now.unmeasured, 'account')} is not known"
    sold = f"{money(now.sold_unmeasured, currency)} net revenue {period}"
    goods = f"for too much of {agree(now.unmeasured, 'its', 'their')} {sold} no cost of goods is recorded"
    why = goods if now.sold_unmeasured > 0 else "no sales are recorded"
    served = f"; serving {agree(now.accounts, 'it', 'them')} took {money(now.served, currency)}" if now.served else ""
    return f"{lead}: {why}{served if now.nothing_known else ''}."


def _told(now: Standing, currency: str, period: str, *, sales: bool) -> Html:
    """Say how the accounts whose margin is known stand."""
    if not sales:
        if now.served is None:
            return text(f"No sales and no work of {counted(now.accounts, 'account')} are recorded in this window.")
        lost = money(now.lost, currency)
        return text(f"No sales in this window; serving {counted(now.accounts, 'account')} cost {lost}.")
    if now.accounts == 1:
        return _one_account(now, currency, period)
    known = " whose margin is known" if now.unmeasured else ""
    if not now.costing:
        return text(_none_costs(now, known, currency, period))
    verb = agree(now.costing, "costs more than it brings", "cost more than they bring")
    first = f"{_who_costs(now, known)} {verb}: {money(now.lost, currency)} {period}{_unserved(now)}."
    return join(strong(first, "cost"), if_ended(now, currency), by=" ")


def _who_costs(now: Standing, known: str) -> str:
    if now.measured == 1:
        return f"The one account{known}"
    everyone = now.costing == now.measured
    who = _all_accounts(now.measured) if everyone else f"{count(now.costing)} of {count(now.measured)} accounts"
    return f"{who}{known}"


def _all_accounts(many: int) -> str:
    return "Both accounts" if many == 2 else f"All {count(many)} accounts"


def _none_costs(now: Standing, known: str, currency: str, period: str) -> str:
    """Say that no account costs more than it brings, without counting those with nothing at all among them."""
    active = now.measured - now.idle
    if not active:
        who = f"The one account{known} has" if now.measured == 1 else f"{_all_accounts(now.measured)}{known} have"
        return f"{who} neither sales nor work in this window."
    everyone = _all_accounts(active) if active > 1 else "The one account"
    busy = f"{' with sales or work' if now.idle else ''}{known}"
    verb = agree(active, "brings at least what it costs", "bring at least what they cost")
    return f"{everyone}{busy} {verb}: {money(now.total, currency)} {period}{_unserved(now)}."


def _unserved(now: Standing) -> str:
    """Say that the work is not in it, where none is recorded."""
    return "" if now.served is not None else ", before the work of serving them, which is not recorded"


def if_ended(now: Standing, currency: str) -> str:
    """Say what ending the accounts that cost would change, or nothing where that is not measured."""
    if now.ended is None or not now.costing:
        return ""
    them = agree(now.costing, "it", "them")
    if is_nothing(now.ended):
        return f"Ending {them} would change nothing."
    if now.ended < 0:
        return f"Ending {them} would lose {money(-now.ended, currency)} more."
    return f"Ending {them} would gain {money(now.ended, currency)}."


def why_ended(now: Standing) -> str:
    """Say what the sentence about ending accounts leaves out, and how many are ended already."""
    if now.ended is None or not now.costing or is_nothing(now.ended):
        return ""
    left = f"; {_who_left(now)} left already." if now.gone else "."
    if now.ended < 0:
        their, them = agree(now.costing, "its", "their"), agree(now.costing, "it", "them")
        return f"Of {their} cost only what is known to go with {them} counts as saved by ending{left}"
    return f"What ending adds is before exit costs{left}"


def _who_left(now: Standing) -> str:
    if now.gone == now.costing:
        return agree(now.costing, "it has", "all of them have")
    return f"{count(now.gone)} of the {count(now.costing)} {agree(now.gone, 'has', 'have')}"


def map_title(accounts: pd.DataFrame) -> str:
    """Say what the map shows: of the accounts below break-even, what brought them there."""
    sold = accounts[accounts["net_revenue"] > 0]
    below = sold[sold["net_margin"] < 0]
    if sold.empty:
        known = accounts["net_revenue"].notna().any()
        return "No account had sales in this window" if known else "Sales are not recorded, so there is no map"
    if len(sold) < FEW:
        return f"{counted(len(sold), 'account').capitalize()} with sales: too few for a pattern"
    known = int(sold["net_margin"].notna().sum())
    if not known:
        return f"Where the {count(len(sold))} accounts with sales lie is not known: no margin is"
    if below.empty:
        who = "accounts with sales" if known == len(sold) else "accounts with sales whose margin is known"
        served = "" if work_recorded(accounts) else ", before the work of serving them"
        if known == 1:
            return f"The one {who.replace('accounts', 'account', 1)} does not lie below break-even"
        return f"None of the {count(known)} {who} lies below break-even{served}"
    where = (
        "below break-even" if len(below) == int((accounts["net_margin"] < 0).sum()) else "with sales below break-even"
    )
    over = int(below["over_served"].astype("boolean").fillna(False).sum())
    if over and 3 * over >= len(below):  # of a few of many it would hide what brought the others there
        verb = agree(over, "gets more service than it pays", "get more service than they pay")
        return f"{_of(over, len(below))} {where} {verb} for or want{agree(over, 's', '')}"
    deep = int((below["gross_margin"] < 0).sum())
    if 2 * deep >= len(below):
        return f"{_of(deep, len(below))} {where} {agree(deep, 'loses', 'lose')} money before any cost to serve"
    kept = int((below["gross_margin"] > 0).sum())
    if not kept:
        return f"{counted(len(below), 'account').capitalize()} {agree(len(below), 'lies', 'lie')} {where}"
    verb = agree(kept, "earns a gross margin and loses", "earn a gross margin and lose")
    return f"{_of(kept, len(below))} {where} {verb} it to the costs that follow"


def whale_title(whale: pd.DataFrame, currency: str, top: Peak | None = None) -> str:
    """Say what the whale curve shows; `top`: where it is highest, where that is known already."""
    top = top or peak(whale)
    if not len(whale):
        return "No account in this window"
    if not top.others and not top.accounts:
        return "No account whose margin is known earns or costs anything"
    if not top.others:
        return f"No account gives back what the others earn: {money(top.total, currency)} in all"
    if not top.accounts:
        who = "the one that costs loses" if top.others == 1 else "together they cost"
        return f"No account earns; {who} {money(top.given_back, currency)}"
    lead = "The one account that earns brings" if top.accounts == 1 else f"The best {count(top.accounts)} accounts earn"
    others = "the one that costs" if top.others == 1 else f"the {count(top.others)} that cost"
    if top.total < 0:  # nobody gives back more than there is
        lost = f"{others} {agree(top.others, 'loses', 'lose')} {money(top.given_back, currency)}"
        return f"{lead} {money(top.earned, currency)}; {lost}"
    rest = f"{others} {agree(top.others, 'gives', 'give')}"
    if top.in_shares:
        earned, lost = percent(top.earned / top.total), percent(top.given_back / top.total)
        return f"{lead} {earned} of the margin; {rest} {lost} of it back"
    return f"{lead} {money(top.earned, currency)}; {rest} {money(top.given_back, currency)} back"


def change(now: object, before: object, currency: str) -> str:
    """Say how an amount stands against a year ago; nothing where that is unknown."""
    if not (is_known(now) and is_known(before)):
        return ""
    here, there = float(now), float(before)  # type: ignore[arg-type]
    difference = here - there
    if there > 0 and here > 0 and abs(difference) / there <= 1:
        if abs(difference) / there < 0.0005:
            return "as a year ago"
        return f"{percent(abs(difference) / there)} {'above' if difference > 0 else 'below'} a year ago"
    return f"{money(there, currency)} a year ago"


def _one_account(now: Standing, currency: str, period: str) -> Html:
    if now.idle:
        return text("The one account has neither sales nor work in this window.")
    if not now.costing:
        after = " after all it costs" if now.served is not None else _unserved(now).replace("them", "it")
        return text(f"The one account brings {money(now.total, currency)} {period}{after}.")
    first = f"The one account costs {money(now.lost, currency)} {period} more than it brings."
    return join(strong(first, "cost"), if_ended(now, currency), by=" ")


def _of(part: int, whole: int) -> str:
    """Say which part of the accounts is meant."""
    if whole == 1:
        return "The one account"
    return f"All {count(whole)} accounts" if part == whole else f"{count(part)} of the {count(whole)} accounts"
