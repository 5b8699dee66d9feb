"""Why this step: the rule that decided, who takes it and by when, and what speaks against it, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis.formats import capital, counted, holds, is_known, is_nothing, listed, money, on, percent
from analysis.topics.actions.judgement.next_step import (
    ENDING,
    FULL,
    LEFT,
    NOTHING,
    OURS,
    PERSON,
    PLAN,
    PROTECT,
    UNKNOWN,
    UNSURE,
    asks,
)
from analysis.topics.actions.judgement.step_words import DOUBTS, Facts, failures_said, promises
from analysis.topics.actions.judgement.steps import STEPS
from analysis.topics.value.words import attention
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd

#: What a step is called where it was tried before.
TRIED = {
    "talk": "a talk",
    "educate": "educating",
    "mend_our_failures": "mending our failures",
    "restore_service": "delivering what was promised",
    "invest": "more service",
    "require_notice": "asking for notice",
    "order_terms": "larger orders",
    "payment_terms": "payment terms",
    "trim_frequency": "trimming",
    "change_offer": "another bundle",
    "change_channel": "the portal",
    "change_staff": "other staff",
    "charge_out_of_scope": "charging for work out of scope",
    "reprice": "a higher price",
    "change_tier": "a lower tier",
    "terminate": "parting",
}


@dataclass(frozen=True)
class Against:
    """What is known of one decision.

    Parameters
    ----------
    facts
        What is known of the account.
    decision
        The account's row of `next_steps`.
    first
        Its row of `tables/protect_first`, if it has one.
    person
        A person's decision on it, if any: by, reason, until.
    tried
        Its rows of `actions_taken`.
    ending
        Its row of `tables/endings`, if parting is proposed.
    window
        The window.
    """

    facts: Facts
    decision: Mapping[Any, Any]
    first: Mapping[Any, Any] | None
    person: Mapping[Any, Any] | None
    tried: list[Mapping[Any, Any]]
    ending: Mapping[Any, Any] | None
    window: Window

    @property
    def rule(self) -> str:
        """The rule that decided."""
        return str(self.decision["rule"])

    def worded(self, words: str) -> str:
        """Return the step's sentence as the rule that decided would have it said."""
        step = self.decision["step"]
        if self.rule == UNSURE and asks(str(step)):
            return f"{words}; it may lose as well as add, so ask before it is planned"
        if self.rule == PERSON and step == "none":
            return "Leave it as it is"
        if self.rule == FULL:
            return f"{words}; it waits for hours"
        if self.rule == OURS and step == "none":
            return (
                f"Leave it as it is: nothing is asked while we fail it ({failures_said(self.facts)}), and mending that "
                "for it alone would take more than it adds"
            )
        if self.rule != PROTECT or step != "talk" or self.first is None:
            return words
        _, *later = words.split("; then ", 1)
        return "; then ".join([self._talk(self.first), *later])

    def _talk(self, first: Mapping[Any, Any]) -> str:
        """Say what a talk with an account worth keeping is about."""
        parts = []
        if holds(first["renewal"]):
            parts.append(f"before its contract ends on {on(first['contract_ends'])}")
        if holds(first["silent"]) and is_known(first["silent_days"]):
            parts.append(f"after {counted(int(first['silent_days']), 'day')} without a contact")
        about = [words for words in (self._promised(first), self._failed(first)) if words]
        words = " ".join(["Talk to it", *parts] if parts else ["Talk to it"])
        return words + (f" about {'; and about '.join(about)}" if about else "")

    def _promised(self, first: Mapping[Any, Any]) -> str:
        told = promises(self.facts) if holds(first["under_served"]) else ""
        return f"what was promised and fell short, {told}: deliver it or agree on less" if told else ""

    def _failed(self, first: Mapping[Any, Any]) -> str:
        return f"what we failed it with: {failures_said(self.facts)}" if holds(first["failed_by_us"]) else ""


def because(of: Against) -> str:
    """Return the rule that decided, in words."""
    if of.rule == PERSON:
        by = of.person or {}
        who_, why, until = (by.get(name) for name in ("by", "reason", "until"))
        said = f"{who_} decided so" if isinstance(who_, str) and who_ else "A person decided so"
        said += f", until {on(until)}" if holds(until) else ""
        return said + (f": {why}" if isinstance(why, str) and why else "")
    if of.rule == UNKNOWN:
        return f"{_unknown(of.facts.row)} is not known: no step could be weighed"
    if of.rule == PROTECT and of.first is not None:
        return f"It is worth keeping first ({listed(attention(of.first))}), so nothing is asked of it before that"
    return _BECAUSE[of.rule]


def _unknown(row: Mapping[str, Any]) -> str:
    """Say which of the two that every step is weighed on is not known; either, where each is."""
    margin, stay = is_known(row.get("running_margin")), is_known(row.get("leaves_year"))
    if margin == stay:
        return "Its margin, or how long it stays,"
    return "How long it stays" if margin else "Its margin"


_BECAUSE = {
    LEFT: "It has left",
    PROTECT: "It is worth keeping first",
    ENDING: "Every earlier step was tried or refused, it lost money in two windows, and ending it gains",
    PLAN: "Of all steps under the hours that there are, the plan with it adds most",
    OURS: "Our own failures come first: nothing is asked of it before they are mended",
    FULL: "It adds, but other steps add more for the hours that there are: it waits",
    UNSURE: "Its best step may lose as well as add, so it is not planned",
    NOTHING: "No step is expected to add more than it takes",
}


def who(of: Against, steps: tuple[str, ...]) -> str | None:
    """Return who takes the steps: the account's manager, or the team, in their order."""
    assumed, manager = of.facts.policy.actions, of.facts.row.get("account_manager")
    teams = list(dict.fromkeys(assumed[step].team for step in steps if step in assumed))
    named = manager if isinstance(manager, str) and manager else ""
    said = [named if team == "account_managers" and named else team.replace("_", " ") for team in teams]
    words = ", then ".join(said)
    return capital(words) if words else None


def when(of: Against) -> pd.Timestamp | None:
    """Return by when: the end of the step's quarter; of an account up for renewal, before its contract ends."""
    import pandas as pd

    quarter = of.decision["quarter"]
    if of.rule == PROTECT:
        quarter = 1
    if not is_known(quarter):
        return None
    by = pd.Timestamp(of.window.after) + pd.DateOffset(months=3 * int(quarter)) - pd.Timedelta(days=1)
    ends = pd.Timestamp(of.first["contract_ends"]) if of.first is not None and holds(of.first["renewal"]) else by
    return min(by, ends)


def would_change(of: Against, steps: tuple[str, ...]) -> str | None:
    """Return what would change our mind about the steps."""
    if of.rule == OURS and steps == ("none",):
        return "once we fail it no more: what it could do is open to it then"
    return DOUBTS[steps[0]] if steps else None


def against(of: Against, steps: tuple[str, ...]) -> str | None:
    """Return what speaks against the steps, the gravest first; empty where nothing is known to."""
    row, facts = of.decision, of.facts
    currency = facts.policy.currency
    found = []
    if is_known(row["value_low"]) and float(row["value_low"]) < 0 and steps and steps != ("none",):
        found.append(f"it may take {money(-float(row['value_low']), currency)} as well as add")
    if of.rule == PROTECT and not is_known(row["value"]) and is_known(row["cash"]) and float(row["cash"]) < 0:
        found.append(f"it costs {money(-float(row['cash']), currency)}; what it saves is not reckoned")
    found += _tried(of, steps)
    found += _leaves(of, steps)
    brought = facts.known("referral_value")
    if any(asks(step) for step in steps) and brought > 0:
        found.append(f"it brought in accounts worth {money(brought, currency)}")
    if of.ending is not None and of.rule == ENDING and is_known(of.ending["at_risk_elsewhere"]):
        risk = float(of.ending["at_risk_elsewhere"])
        found += [f"{money(risk, currency)} is put at risk elsewhere"] if risk > 0 else []
    found += _in_cash(row, currency)
    words = "; ".join(found)
    return capital(words) if words else None


def _in_cash(row: Mapping[Any, Any], currency: str) -> list[str]:
    """Return how little of what the steps add is cash, where that is less than half."""
    if not (is_known(row["value"]) and is_known(row["cash"])) or float(row["value"]) <= 0:
        return []
    cash = float(row["cash"])
    if cash < 0 or is_nothing(cash):
        costs = "none of it is cash" if is_nothing(cash) else f"in cash it costs {money(-cash, currency)}"
        return [f"{costs}: what it adds is time set free"]
    if cash < 0.5 * float(row["value"]):
        return [f"only {money(cash, currency)} of it is cash, the rest is time set free"]
    return []


def _tried(of: Against, steps: tuple[str, ...]) -> list[str]:
    """Return what of the steps was tried before without success."""
    verbs = {"refused": "was refused", "failed": "failed"}
    mine = [row for row in of.tried if row["action"] in steps and row["outcome"] in verbs]
    last = {str(row["action"]): row for row in mine}
    return [f"{TRIED[name]} {verbs[str(row['outcome'])]} on {on(row['on'])}" for name, row in sorted(last.items())]


def _leaves(of: Against, steps: tuple[str, ...]) -> list[str]:
    """Return how much more easily the account leaves where it refuses, by the policy's assumption."""
    chance, assumed = of.facts.row.get("leaves_year"), of.facts.policy.actions
    pulls = [assumed[step].pull_refused[1] for step in steps if step in assumed and asks(step) and step in STEPS]
    if not is_known(chance) or not pulls or max(pulls) < 1.1:
        return []
    then = 1.0 - (1.0 - float(chance)) ** max(pulls)  # type: ignore[arg-type]
    return [f"if it minds, its chance of leaving within a year goes from {percent(chance)} to {percent(then)}"]
