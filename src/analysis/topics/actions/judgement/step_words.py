"""A step in words that a person could act on: it names the service, the quantity and the level.

Every amount is of the window, told a year where the window is one. What an account may answer, or how much of it comes,
is an assumption of the policy: a level that rests on one is said as "towards".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.formats import (
    as_one,
    capital,
    count,
    counted,
    day,
    holds,
    in_a_sentence,
    is_known,
    money,
    number,
    per_window,
    percent,
)
from analysis.policy import Policy

if TYPE_CHECKING:
    import pandas as pd

#: How many services, or failures, a sentence names.
NAMED = 2
#: A discount of so many times the usual one, or more, is set beside it.
MANY_TIMES = 2.0
#: From this share on, an amount is all of another; what is rounded away is not missed.
ALL_OF_IT = 0.995
PERIODS = {"month": "a month", "quarter": "a quarter", "year": "a year"}
#: What a failure of ours is called where it is to be mended; others are said in the record's own sentence.
MEND = {
    "missed_promises": "dates that we missed",
    "slow_answers": "slow answers",
    "no_date": "cases without a date",
    "silent_gaps": "cases left without a word",
    "wrong_invoices": "wrong invoices",
    "handoffs": "cases passed from hand to hand",
    "reopened_by_us": "cases reopened after a failure of ours",
    "escalated_by_us": "cases escalated after a failure of ours",
}


@dataclass(frozen=True)
class Said:
    """A step in words, with the level that it names.

    Parameters
    ----------
    words
        The sentence, without its full stop.
    attribute, level_now, level_then, per
        The service or the thing that is changed, from which level to which, and what the level is per; empty or not a
        number where a step has no level.
    short
        The service, the quantity and the level alone: what is said where the step follows another; empty: `words`.
    brief
        What is said where the step leads and room is short: its first service with the reason; empty: `words`.
    """

    words: str
    attribute: str = ""
    level_now: float = math.nan
    level_then: float = math.nan
    per: str = ""
    short: str = ""
    brief: str = ""


@dataclass(frozen=True)
class Facts:
    """What is known of one account when a step is put into words.

    Parameters
    ----------
    row
        The account's statement and judgements; `unasked_cost`: work that nobody asked for, of services without a level
        that was agreed or is wanted; `to_charge_cost`: work out of scope, without what our failures caused and what is
        beyond the level due.
    gaps
        Its rows of `tables/service_gaps`, with `mostly`: the activity that makes most of a service that none measures.
    failures
        Its rows of `tables/our_failures`.
    work
        Pieces of work by driver, and `by_hand`: those that the portal could take.
    policy, months
        The policy, and the window's length.
    begins
        The day on which the data begins, where that is after the window's first month.
    usual_discount
        The portfolio's discounts, as a share of its list price.
    """

    row: Mapping[str, Any]
    gaps: list[Mapping[str, Any]]
    failures: list[Mapping[str, Any]]
    work: Mapping[str, float]
    policy: Policy
    months: int
    begins: date | None = None
    usual_discount: float = math.nan

    @property
    def is_part(self) -> bool:
        """Whether its amounts are not a whole window's: it came in the window, or the data begins late in it."""
        return holds(self.row.get("first_year")) or self.begins is not None

    @property
    def per(self) -> str:
        """What an amount of the window is per."""
        if self.begins is not None:
            return f"since {day(self.begins)}"
        return "so far" if self.is_part else per_window(self.months)

    def money(self, amount: float) -> str:
        """Write an amount of the window."""
        return f"{money(amount, self.policy.currency)} {self.per}"

    def on_top(self, amount: float, of: str) -> str:
        """Write what is to come on top of an amount of the window: of a part of one on what there was `of` it."""
        return f"{money(amount, self.policy.currency)} {f'on {of} {self.per}' if self.is_part else self.per}"

    def known(self, column: str) -> float:
        """Return a number of the account; 0 where it is not known."""
        value: Any = self.row.get(column)
        return float(value) if is_known(value) else 0.0

    def share(self, action: str) -> float:
        """Return the likely share of what a step acts on that goes."""
        return float(self.policy.actions[action].share[1])


def service_title(code: object) -> str:
    """Give a service attribute's name at the start of a sentence.

    Examples
    --------
    >>> service_title("site_visits"), service_title("after_hours_minutes"), service_title("other_service")
    ('Site visits', 'After-hours minutes', 'Minutes of other service')
    """
    known = {
        "after_hours_minutes": "After-hours minutes",
        "other_service": "Minutes of other service",
        "response_hours": "Hours to an answer",
    }
    return known.get(str(code)) or capital(_in_words(code))


def _in_words(code: object) -> str:
    return " ".join(str(code).replace("_", " ").split())


def level(value: object) -> str:
    """Write a level.

    Examples
    --------
    >>> level(2.25), level(float("inf")), level(27.0)
    ('2.25', 'unlimited', '27')
    """
    if isinstance(value, float) and math.isinf(value):
        return "unlimited"
    return number(value, 2 if abs(float(value)) < 10 else 0)  # type: ignore[arg-type]


def period_of(policy: Policy, attribute: object) -> str:
    """Say what a level of an attribute is per; a month where no attribute of the policy measures it."""
    chosen = policy.service.get(str(attribute))
    if chosen is None:
        return "a month"
    return "" if chosen.measure == "response_hours" else PERIODS[chosen.period]


def trimmed(gap: Mapping[str, Any], policy: Policy) -> Said:
    """Say to which level a service goes back, and what the account has agreed to and wants.

    It goes back to the level due, the lower of both; what was agreed beyond what it asked for is traded, and what it
    wants beyond what was agreed is offered at a price.

    Examples
    --------
    >>> gap = dict(attribute="account_reviews", delivered=27.0, entitled=4.0, expected=3.0, over_units=24.0)
    >>> trimmed(gap, Policy()).words
    'Account reviews from 27 to 3 a year, as they asked; trade the 4 agreed'
    >>> trimmed({"attribute": "onsite_minutes", "delivered": 400.0, "over_units": 399.7}, Policy()).short
    'Onsite minutes from 400 to next to none a month'
    """
    agreed, asked, got = gap.get("entitled"), gap.get("expected"), float(gap["delivered"])
    per, title = period_of(policy, gap["attribute"]), service_title(gap["attribute"])
    if isinstance(mostly := gap.get("mostly"), str) and mostly:
        title += f" (mostly {_in_words(mostly)})"
    promised = is_known(agreed) or agreed == math.inf
    if is_known(asked) and not (promised and float(agreed) <= float(asked)):  # type: ignore[arg-type]
        then = float(asked)  # type: ignore[arg-type]
        why = "as they asked" + (f"; {_trade(agreed)}" if promised else "")
    elif is_known(agreed):
        then, why = float(agreed), "as agreed" + _beside_agreed(gap)  # type: ignore[arg-type]
    else:
        then, why = max(0.0, got - float(gap["over_units"])), "as like accounts get; ask first what they need"
    stated = is_known(agreed) or is_known(asked)
    left = "next to none" if 0 < then < max(got / 100, 0.05) else level(then) if stated or not then else _rounded(then)
    short = f"{title} from {level(got)} to {left}" + (f" {per}" if per else "")
    return Said(f"{short}, {why}", str(gap["attribute"]), got, then, per, short=short)


def _rounded(then: float) -> str:
    """Write a level that is learnt from others: to no more digits than it is known."""
    return number(then, 0 if then >= 3 else 1)


def _trade(agreed: object) -> str:
    return "trade what is agreed without limit" if agreed == math.inf else f"trade the {level(agreed)} agreed"


def _beside_agreed(gap: Mapping[str, Any]) -> str:
    asked, wish, agreed = gap.get("expected"), str(gap.get("wish") or ""), float(gap["entitled"])
    if asked == math.inf or (is_known(asked) and float(asked) > agreed):  # type: ignore[arg-type]
        return f"; they want {level(asked)}: offer the rest at a price"
    if is_known(asked):
        return " and as they asked"
    if wish in ("more", "as_now"):
        return "; they want " + ("more" if wish == "more" else "it as it is") + ": offer the rest at a price"
    return "; they want less" if wish == "less" else "; ask first whether they want the rest"


def beyond_due(f: Facts) -> list[Mapping[str, Any]]:
    """Return the services that an account gets beyond the level due, the costliest first."""
    over = [gap for gap in f.gaps if is_known(gap["over_cost"]) and float(gap["over_cost"]) > 0]
    return sorted(over, key=lambda gap: (-float(gap["over_cost"]), str(gap["attribute"])))


def _trim(f: Facts, action: str = "trim_frequency") -> Said:
    if over := beyond_due(f):
        parts = [trimmed(gap, f.policy) for gap in over[:NAMED]]
        least = float(over[0]["over_cost"]) / 4
        parts = parts[: 2 if len(over) > 1 and float(over[1]["over_cost"]) >= least else 1]
        return together(parts)
    pieces, cost = round(f.work.get("unrequested", 0.0)), f.known("unasked_cost")
    if pieces and cost > 0 and cost >= f.known("unrequested_cost") * ALL_OF_IT:
        short = f"Stop the {counted(pieces, 'piece')} of work that nobody asked for"
        return Said(f"{short}, {f.money(cost)}", "unrequested", pieces, 0.0, f.per, short=short)
    if cost > 0:
        return Said(f"Stop the work that was neither asked for nor agreed, {f.money(cost)}", "unrequested")
    # Where neither levels nor who asked are known, what can be named is how much everyday work there is.
    if round(f.work.get("other_service", 0.0)):
        return _towards(f, action, "other_service", "pieces of everyday work", f.work["other_service"])
    return Said(f"Less everyday service than now, which takes {f.money(f.known('cost_to_serve'))}", "other_service")


def together(parts: list[Said]) -> Said:
    """Return the parts of one step as one: all in full, all in short, or the first in full and the others in short.

    Examples
    --------
    >>> parts = [Said("Visits from 4 to 1 a year, as agreed", short="Visits from 4 to 1 a year"), Said("Prices up")]
    >>> together(parts).words, together(parts).short, together(parts).brief
    ('Visits from 4 to 1 a year, as agreed; prices up', 'Visits from 4 to 1 a year and prices up', \
'Visits from 4 to 1 a year, as agreed; prices up')
    """
    first, *others = parts
    shorts = [part.short or part.words for part in others]
    return replace(
        first,
        words=as_one([part.words for part in parts]),
        short=as_one([first.short or first.words, *shorts], " and "),
        brief=as_one([first.words, *shorts]),
    )


def led_by(lead: str, found: Said) -> Said:
    """Return a step with words before it."""

    def led(words: str) -> str:
        return f"{lead}{in_a_sentence(words)}" if words else ""

    return replace(found, words=led(found.words), short=led(found.short), brief=led(found.brief))


def _offer(f: Facts) -> Said:
    lead, goods, paid = "Offer another bundle: ", f.known("cogs"), f.known("net_revenue")
    if beyond_due(f) or not 0 < goods <= paid:
        return led_by(lead, _trim(f, "change_offer"))
    short = f"{lead}goods that cost less than {percent(goods / paid)} of what it pays"
    return Said(f"{short}, {f.money(goods)}{'' if f.is_part else ' now'}", "product_mix", short=short)


def _reprice(f: Facts) -> Said:
    share, revenue = f.share("reprice"), f.known("net_revenue")
    given = f.known("discounts") / f.known("list_revenue") if f.known("list_revenue") > 0 else 0.0
    at = f"; discounts take {percent(given)} of the list price" if given >= 0.005 else ""
    if at and given >= MANY_TIMES * f.usual_discount:
        at += f", usual here {percent(f.usual_discount)}: it is a first step"
    short = f"Prices up by {percent(share)}"
    return Said(f"{short}, {f.on_top(share * revenue, 'what it bought')}{at}", "price", short=short)


def _charge(f: Facts) -> Said:
    pieces, cost = round(f.work.get("out_of_scope", 0.0)), f.known("to_charge_cost")
    # What our failures caused is not charged, and what is beyond the level due is trimmed: the rest is no whole pieces.
    pieces = pieces if cost >= f.known("out_of_scope_cost") * ALL_OF_IT else 0
    what = f"{counted(pieces, 'piece')} of work" if pieces else "work"
    short = f"Charge the {what} outside the agreement"
    now, then = (float(pieces), 0.0) if pieces else (math.nan, math.nan)
    return Said(f"{short}, {f.money(cost)}", "out_of_scope", now, then, short=short)


def _towards(f: Facts, action: str, code: str, what: str, pieces: float) -> Said:
    """Say that something becomes less by the policy's likely share; of a few, by parts of one."""
    now = round(pieces)
    left = now * (1.0 - f.share(action))
    then = float(round(left) if round(left) < now else round(left, 1))
    if f.is_part:
        words = f"{what} from {count(now)} {f.per} towards {_few(then)} in the same time"
    else:
        words = f"{what} from {count(now)} towards {_few(then)} {f.per}"
    return Said(words, code, float(now), then, f.per)


def _few(then: float) -> str:
    return count(then) if then.is_integer() else number(then, 1)


def _notice(f: Facts) -> Said:
    rush, late = f.work.get("rush", 0.0), f.work.get("after_hours", 0.0)
    if round(max(rush, late)) == 0:
        return Said("Ask for notice before rushes and evenings")
    most = ("rush", "rush work", rush) if rush >= late else ("after_hours", "work after hours", late)
    said = _towards(f, "require_notice", most[0], most[1], most[2])
    return replace(said, words=f"Ask for notice: {said.words}")


def _orders(f: Facts) -> Said:
    orders = f.known("orders")
    if orders < 1:
        return Said("Agree on fewer, larger orders")
    each = money(f.known("net_revenue") / orders, f.policy.currency)
    said = _towards(f, "order_terms", "orders", "orders", orders)
    short = f"Fewer, larger orders: {said.words}"
    return replace(said, words=f"{short}, now of {each} each", short=short)


def _payment(f: Facts) -> Said:
    days = f.work.get("days_late", math.nan)
    late = f"they pay {counted(round(days), 'day')} late; " if is_known(days) and round(days) > 0 else ""
    cost = f.known("financing_cost") + f.known("write_offs")
    lead = "Payment on the day that it is due"
    words = f"{lead}: {late}waiting and write-offs cost {f.money(cost)}"
    if not late:
        return Said(words, "payment", short=lead)
    short = f"{lead}: {late.removesuffix('; ')}"
    return Said(words, "payment", float(round(days)), 0.0, "days late", short=short)


def _channel(f: Facts) -> Said:
    pieces = f.work.get("by_hand", 0.0)
    if round(pieces) == 0:
        return Said("Move what people do by phone and e-mail to the portal")
    said = _towards(f, "change_channel", "by_hand", "phone, e-mail and chat", pieces)
    return replace(said, words=f"Move to the portal: {said.words}")


def _educate(f: Facts) -> Said:
    pieces, back = f.work.get("other_service", 0.0), f.known("returns")
    if round(pieces) == 0:
        return Said(f"Show how to order what fits: {_fewer_returns(f, back)}", "returns")
    said = _towards(f, "educate", "other_service", "pieces of everyday service", pieces)
    more = f"; {_fewer_returns(f, back)}" if back > 0 else ""
    short = f"Show how to order and ask with less effort: {said.words}"
    return replace(said, words=f"{short}{more}", short=short)


def _fewer_returns(f: Facts, back: float) -> str:
    """Say how far what comes back is to fall, by the policy's likely share."""
    left = money(back * (1.0 - f.share("educate")), f.policy.currency)
    if f.is_part:
        return f"returns and credits from {f.money(back)} towards {left} in the same time"
    return f"returns and credits from {money(back, f.policy.currency)} towards {left} {f.per}"


def failed(f: Facts) -> list[Mapping[str, Any]]:
    """Return what we failed an account with most often by the record's own counts."""
    seen = [row for row in f.failures if is_known(row["recorded"]) and float(row["recorded"]) >= 1]
    seen = [row for row in seen if str(row["failure"]) in MEND]
    return sorted(seen, key=lambda row: (-float(row["recorded"]), str(row["failure"])))[:NAMED]


def failures_said(f: Facts) -> str:
    """Say what we failed an account with, with the record's own counts; else what it cost."""
    parts = [f"{MEND[str(row['failure'])]} in {count(row['recorded'])} of {count(row['of'])}" for row in failed(f)]
    return " and ".join(parts) or f"work of {f.money(f.known('failure_cost'))} to make good"


def _mend(f: Facts) -> Said:
    # Of an account whose trouble is mostly its own we do not say that ours comes first.
    lead = "Mend our own failures" + ("" if holds(f.row.get("difficult")) else " first")
    words, seen = f"{lead}: {failures_said(f)}", failed(f)
    if not seen:
        return Said(words)
    first, now = seen[0], float(seen[0]["recorded"])
    then = float(round(now * (1.0 - f.share("mend_our_failures"))))
    return Said(words, str(first["failure"]), now, then, f.per)


def _restore(f: Facts) -> Said:
    parts = [_restored(gap, f.policy) for gap in fell_short(f)]
    if not parts:
        return Said("Deliver what was promised")
    return led_by("Deliver what was promised: ", together(parts))


def fell_short(f: Facts) -> list[Mapping[str, Any]]:
    """Return the services in which an account got least of what was promised to it, or of what it asked for."""
    short = [gap for gap in f.gaps if gap["kind"] in ("under", "unwanted") and _shortfall(gap) > 0]
    short = [gap for gap in short if _promised(gap, f.policy)]
    short = [gap for gap in short if not content(gap)] or short
    short = sorted(short, key=lambda gap: (not holds(gap["material"]), -_shortfall(gap), str(gap["attribute"])))
    return short[: NAMED if len(short) > 1 and holds(short[1]["material"]) else 1]


def _promised(gap: Mapping[str, Any], policy: Policy) -> bool:
    chosen = policy.service.get(str(gap["attribute"]))
    return chosen is None or chosen.level_is == "promise"


def content(gap: Mapping[str, Any]) -> bool:
    """Return whether an account gets of a service all that it asked for, if less than what was agreed.

    Examples
    --------
    >>> content({"delivered": 2.0, "expected": 1.0}), content({"delivered": 2.0, "expected": float("nan")})
    (True, False)
    """
    return is_known(gap["expected"]) and float(gap["delivered"]) >= float(gap["expected"])


def promises(f: Facts) -> str:
    """Say what was promised and fell short, as the matter of a talk; nothing where no level tells."""
    parts = []
    for gap in fell_short(f):
        agreed = is_known(gap["short_of_agreed"]) and float(gap["short_of_agreed"]) > 0
        promised, per = gap["entitled"] if agreed else gap["expected"], period_of(f.policy, gap["attribute"])
        words = f"{in_a_sentence(service_title(gap['attribute']))} {level(gap['delivered'])} of {level(promised)}"
        asked = f", of which they asked for {level(gap['expected'])}" if content(gap) else ""
        parts.append(words + (f" {per}" if per else "") + asked)
    return " and ".join(parts)


def _restored(gap: Mapping[str, Any], policy: Policy) -> Said:
    agreed = is_known(gap["short_of_agreed"]) and float(gap["short_of_agreed"]) > 0
    then, per = gap["entitled"] if agreed else gap["expected"], period_of(policy, gap["attribute"])
    span = f" {per}" if per else ""
    short = f"{in_a_sentence(service_title(gap['attribute']))} from {level(gap['delivered'])} to {level(then)}{span}"
    asked: Any = gap.get("expected")
    why = ", as agreed" if agreed else ", as they asked"
    if agreed and is_known(asked) and float(asked) < float(then):
        why += f", or agree on the {level(asked)} that they asked for"
    return Said(short + why, str(gap["attribute"]), float(gap["delivered"]), float(then), per, short=short)


def _shortfall(gap: Mapping[str, Any]) -> float:
    """Return the share of the promised level that it did not get."""
    for short, promised in (("short_of_agreed", "entitled"), ("short_of_wanted", "expected")):
        if is_known(gap[short]) and float(gap[short]) > 0 and is_known(gap[promised]) and float(gap[promised]) > 0:
            return float(gap[short]) / float(gap[promised])
    return 0.0


def _invest(f: Facts) -> Said:
    share = f.share("invest")
    more = f.on_top(share * f.known("cost_to_serve"), "what serving it took")
    return Said(f"Give about {percent(share)} more service, {more}: ask which they would value", "cost_to_serve")


def _costs(f: Facts, lost: float) -> str:
    """Say that an account costs more than it brings; of a part of a window, that it did so far."""
    if f.is_part:
        return f"{f.per} it cost {money(lost, f.policy.currency)} more than it brought"
    return f"it costs {f.money(lost)} more than it brings"


def _talk(f: Facts) -> Said:
    lost = f.known("net_margin")
    why = ""
    if holds(f.row.get("difficult")):
        why = ": it is difficult, and no step is sure to help"
    if lost < 0:
        why = f": {_costs(f, -lost)}, and no step is sure to mend it"
    return Said(f"Talk about what each side expects{why}")


def _staff(f: Facts) -> Said:
    minutes = f.known("service_minutes")
    return Said(f"Have staff at a lower rate do its {number(minutes / 60, 0)} hours of work", "service_minutes")


def _tier(f: Facts) -> Said:
    takes = f.known("cts_pct")
    share = f": serving it takes {percent(takes)} of what it pays" if takes > 0 else ""
    return Said(f"A lower tier of service{share}")


def _terminate(f: Facts) -> Said:
    months = counted(f.policy.ending.notice_months, "month")
    gain = f.known("gain_if_ended")
    worth = f": that would {'have gained' if f.is_part else 'gain'} {f.money(gain)}" if gain > 0 else ""
    return Said(f"Part ways with {months}' notice, once a person approves{worth}")


def _none(f: Facts) -> Said:
    margin = f.row.get("net_margin")
    if not is_known(margin):
        return Said("Leave it as it is")
    if float(margin) < 0:  # type: ignore[arg-type]
        lost = _costs(f, -float(margin))  # type: ignore[arg-type]
        return Said(f"Leave it as it is: {lost}, and no step would add more than it takes")
    return Said("Leave it as it is: no step would add more than it takes")


WORDS: dict[str, Callable[[Facts], Said]] = {
    "none": _none,
    "talk": _talk,
    "educate": _educate,
    "mend_our_failures": _mend,
    "restore_service": _restore,
    "invest": _invest,
    "require_notice": _notice,
    "order_terms": _orders,
    "payment_terms": _payment,
    "trim_frequency": _trim,
    "change_offer": _offer,
    "change_channel": _channel,
    "change_staff": _staff,
    "charge_out_of_scope": _charge,
    "reprice": _reprice,
    "change_tier": _tier,
    "terminate": _terminate,
}


def said(steps: tuple[str, ...], facts: Facts) -> Said:
    """Return steps in one sentence, in their order, in full and in brief; the level is that of the first."""
    parts = [WORDS[step](facts) for step in steps]
    first, *others = parts
    return replace(
        first,
        words=as_one([part.words for part in parts], "; then "),
        brief=as_one([first.brief or first.words, *(part.short or part.words for part in others)], "; then "),
    )


def weighed_in_words(step: str, facts: Facts) -> str:
    """Return a step that was weighed, chosen or not, in words: what the rule that decides would add is left out."""
    return OPEN.get(step) or said((step,), facts).brief


#: Accounts whose facts are made together.
AT_A_TIME = 2_000
#: What says no more of one account than of another while it is only one of the choices.
OPEN = {"none": "Leave it as it is", "talk": "Talk about what each side expects"}
#: What would change our mind about a step.
DOUBTS = {
    "none": "a step that its own record shows to work",
    "talk": "what it says: the talk decides on the next step",
    "educate": "if those who ask are new each time, so that nothing is learnt",
    "mend_our_failures": "if its own record shows that the causes lie elsewhere",
    "restore_service": "if it says that it does not need what was promised",
    "invest": "if it names nothing that it would value more of",
    "require_notice": "if its own customers give it no notice either",
    "order_terms": "if it cannot hold stock",
    "payment_terms": "if our own invoices were wrong or late",
    "trim_frequency": "if it values what goes: ask first which of it helped",
    "change_offer": "if it values what goes: ask first which of it helped",
    "change_channel": "if what it asks needs a person",
    "change_staff": "if it counts on the people whom it knows",
    "charge_out_of_scope": "if it shows that the work was within what was agreed",
    "reprice": "if it has another offer near our present price",
    "change_tier": "if it needs what the lower tier leaves out",
    "terminate": "if an earlier step was not really tried",
}


class FactsOf:
    """The facts of each account, made for some accounts at a time: as dictionaries, those of all take gigabytes.

    They are asked for in the order of `customer_id`, or slowly.

    Parameters
    ----------
    rows
        The statement and judgements, a row an account.
    gaps, failures
        `tables/service_gaps` and `tables/our_failures`.
    work
        customer_id, driver, events: what `Facts` has as `work`.
    """

    def __init__(
        self,
        rows: pd.DataFrame,
        gaps: pd.DataFrame,
        failures: pd.DataFrame,
        work: pd.DataFrame,
        policy: Policy,
        months: int,
        begins: date | None = None,
    ) -> None:
        import pandas as pd

        self._ids = pd.Index(rows["customer_id"].astype(str)).sort_values()
        self._parts = [self._placed(frame) for frame in (rows, gaps, failures, work)]
        self._of_all = (policy, months, begins, _usual_discount(rows))
        self._made: dict[str, Facts] = {}

    def _placed(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.intp], NDArray[np.intp]]:
        """Return a frame, its rows in the order of the accounts, and each one's account; it is not copied for that."""
        place = self._ids.get_indexer(frame["customer_id"].astype(str))
        order = place.argsort(kind="stable")
        return frame, order, place[order]

    def __getitem__(self, customer_id: str) -> Facts:
        if customer_id not in self._made:
            self._made = self._from(int(self._ids.get_loc(customer_id)))
        return self._made[customer_id]

    def _from(self, first: int) -> dict[str, Facts]:
        """Return the facts of the accounts from a place on."""
        accounts, gaps, failures, work = (
            frame_rows(frame.iloc[order[slice(*np.searchsorted(place, [first, first + AT_A_TIME]))]])
            for frame, order, place in self._parts
        )
        done = {name: {str(row["driver"]): float(row["events"]) for row in work.get(name, [])} for name in accounts}
        return {
            name: Facts(row, gaps.get(name, []), failures.get(name, []), done[name], *self._of_all)
            for name, (row,) in accounts.items()
        }


def _usual_discount(rows: pd.DataFrame) -> float:
    """Return the discounts of all accounts over their list price; not a number where there is none."""
    if "list_revenue" not in rows or not (listed := float(rows["list_revenue"].sum())) > 0:
        return math.nan
    return float(rows["discounts"].sum()) / listed


def frame_rows(frame: pd.DataFrame) -> dict[str, list[Mapping[str, Any]]]:
    """Return a table's rows by account."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in frame.to_dict("records"):
        found.setdefault(str(row["customer_id"]), []).append(row)
    return found
