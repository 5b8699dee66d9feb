"""One next step for each account, decided once: every page, brief and list repeats it.

The rules, in this order; the first that holds decides:

1. `person`: a person's decision that still holds.
2. `left`, `not_known`: of an account that has left, or whose margin or stay is not known, nothing is asked.
3. `protect`: an account worth keeping first. What was promised to it and fell short is delivered before anything is
   asked of it, or talked about where delivering it would take more than it adds and nothing is asked; what we failed it
   with is mended first; one that is silent, or up for renewal, is talked to first. A step of the plan follows.
4. `ending`: parting, where the record shows the ladder was climbed, and a person approves.
5. `plan`: its steps in the plan, the best first.
6. `ours_first`: our failures cause the trouble, so only what mends them was weighed.
7. `no_hours`: the best step is sure to add, but the teams' hours are taken by steps that add more.
8. `not_sure`: the best step may lose as well as add. It is named, and not planned.
9. `nothing`: no step is expected to add anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.topics.actions.judgement.packages import AND, steps_of
from analysis.topics.actions.judgement.steps import STEPS

if TYPE_CHECKING:
    import pandas as pd

PERSON, LEFT, UNKNOWN, PROTECT, ENDING, PLAN, OURS, FULL, UNSURE, NOTHING = (
    *("person", "left", "not_known", "protect", "ending", "plan", "ours_first", "no_hours", "not_sure", "nothing"),
)
TEXTS = ("customer_id", "rule", "step", "steps", "planned", "quarter")
AMOUNTS = ("value", "value_low", "value_high", "cash", "hours", "freed_hours")
#: Accounts that are decided on together: as dictionaries, the steps of all take gigabytes.
AT_A_TIME = 2_000
#: How many steps are listed to be talked about first.
TALKS = 6


def asks(action: str) -> bool:
    """Return whether a step asks something of the account, or takes something from it.

    Examples
    --------
    >>> asks("reprice"), asks("mend_our_failures"), asks("none")
    (True, False, False)
    """
    return action == "terminate" or (action in STEPS and not STEPS[action].own)


def owed(gaps: pd.DataFrame) -> pd.Series[str]:
    """Return the accounts that got less of a service than was promised, and did not get all that they asked for.

    Parameters
    ----------
    gaps
        customer_id, delivered, expected, kind: `tables/service_gaps`.
    """
    return gaps.customer_id[(gaps.kind == "under") & ~(gaps.delivered >= gaps.expected)].drop_duplicates()


def next_steps(accounts: pd.DataFrame, plan: pd.DataFrame, weighed: pd.DataFrame) -> pd.DataFrame:
    """Return the next step of each account, and the rule that decided.

    Parameters
    ----------
    accounts
        One row per account: customer_id; left and weighable (flags); action, value, low, high (the best single step);
        person (a decided action, or empty); protect (to be protected first), short (of what was promised to it), failed
        (by us) and ours_first (flags).
    plan
        customer_id, action (a step or a package), quarter, value, low, high, cash, hours, freed_hours.
    weighed
        Every step that was weighed: customer_id, action, value, low, high, cash, hours, freed_hours.

    Returns
    -------
    DataFrame
        customer_id, rule, steps (joined by " + ", the first to be taken first), step (the first of them), planned,
        quarter, value, value_low, value_high (empty where we owe the step and only its cost is known), cash, hours,
        freed_hours.
    """
    import pandas as pd

    planned = {str(row["customer_id"]): row for row in plan.to_dict("records")}
    place = pd.Index(accounts.customer_id).get_indexer(weighed.customer_id)
    order, rows = place.argsort(kind="stable"), []
    for start in range(0, len(accounts), AT_A_TIME):
        first, last = np.searchsorted(place, [start, start + AT_A_TIME], sorter=order)
        mine = weighed.iloc[order[first:last]].to_dict("records")
        single = {(str(row["customer_id"]), str(row["action"])): row for row in mine}
        for row in accounts.iloc[start : start + AT_A_TIME].to_dict("records"):
            rows.append(tuple(_decided(row, planned.get(str(row["customer_id"])), single).values()))
    return pd.DataFrame(rows, columns=[*TEXTS, *AMOUNTS]).astype(dict.fromkeys(AMOUNTS, np.float64))


def _decided(
    row: Mapping[Any, Any],
    planned: Mapping[Any, Any] | None,
    single: Mapping[tuple[str, str], Mapping[Any, Any]],
) -> dict[str, Any]:
    own = str(row["customer_id"])
    rule = rule_of(row, planned is not None)
    steps = _steps(rule, row, planned, single)
    amounts: Mapping[Any, Any] = {}
    if rule == ENDING:
        amounts = row
    elif planned is None or set(steps_of(str(planned["action"]))) - set(steps):
        amounts = single.get((own, steps[0]), {}) if steps else {}
    else:
        amounts = planned
    in_plan = planned is not None and amounts is planned
    adds = not owed_at_a_loss(rule, amounts)
    return {
        "customer_id": own,
        "rule": rule,
        "step": steps[0] if steps else None,
        "steps": AND.join(steps) if steps else None,
        "planned": in_plan,
        "quarter": planned["quarter"] if in_plan and planned is not None else None,
        "value": amounts.get("value", np.nan) if adds else np.nan,
        "value_low": amounts.get("low", np.nan) if adds else np.nan,
        "value_high": amounts.get("high", np.nan) if adds else np.nan,
        **{name: amounts.get(name, np.nan) for name in ("cash", "hours", "freed_hours")},
    }


def owed_at_a_loss(rule: str, amounts: Mapping[Any, Any]) -> bool:
    """Return whether what we owe an account costs more than it is reckoned to bring: what it saves is not reckoned."""
    return rule == PROTECT and float(amounts.get("value", np.nan)) < 0


def rule_of(row: Mapping[Any, Any], planned: bool) -> str:
    """Return the rule that decides on an account, by the facts of its row."""
    action = row["action"]
    known = isinstance(action, str) and action != ""
    if _text(row.get("person")):
        return PERSON
    if row["left"]:
        return LEFT
    if not known:
        return UNKNOWN
    if row["protect"]:
        return PROTECT
    if action == "terminate":
        return ENDING
    if planned:
        return PLAN
    if row["ours_first"]:
        return OURS
    if action == "none":
        return NOTHING
    return FULL if float(row["low"]) > 0 else UNSURE


def _steps(
    rule: str,
    row: Mapping[Any, Any],
    planned: Mapping[Any, Any] | None,
    single: Mapping[tuple[str, str], Mapping[Any, Any]],
) -> tuple[str, ...]:
    if rule == PERSON:
        return (str(row["person"]),)
    if rule in (LEFT, UNKNOWN):
        return ()
    if rule == ENDING:
        return ("terminate",)
    in_plan = _best_first(str(row["customer_id"]), planned, single)
    if rule == PROTECT:
        first = _first_for(row, in_plan, single)
        return (first, *(step for step in in_plan if step != first))
    return in_plan or (str(row["action"]),)


def _first_for(
    row: Mapping[Any, Any], in_plan: tuple[str, ...], single: Mapping[tuple[str, str], Mapping[Any, Any]]
) -> str:
    """Return what comes first with an account worth keeping."""
    own = str(row["customer_id"])
    if row["short"] and (
        any(asks(step) for step in in_plan) or single.get((own, "restore_service"), {}).get("value", -1.0) >= 0
    ):
        return "restore_service"
    if "mend_our_failures" in (row["action"], *in_plan[:1]):
        return "mend_our_failures"
    if row["failed"] and single.get((own, "mend_our_failures"), {}).get("value", -1.0) >= 0:
        return "mend_our_failures"
    return "talk"


def _best_first(
    own: str, planned: Mapping[Any, Any] | None, single: Mapping[tuple[str, str], Mapping[Any, Any]]
) -> tuple[str, ...]:
    """Return the steps of the plan, what is ours to do first, then by what each would add alone."""
    if planned is None:
        return ()
    steps = steps_of(str(planned["action"]))

    def place(step: str) -> tuple[bool, float, str]:
        alone = single.get((own, step), {}).get("value", 0.0)
        return asks(step), -float(alone), step

    return tuple(sorted(steps, key=place))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def stakes(accounts: pd.DataFrame) -> pd.Series[float]:
    """Return the money at stake with each account: what its next step adds, what may leave with it, or what it loses.

    Parameters
    ----------
    accounts
        value (over the horizon), at_stake (within a year), net_margin (of the window): the largest counts.
    """
    parts = accounts[["value", "at_stake"]].assign(lost=-accounts.net_margin).fillna(0.0)
    return parts.max(axis=1).clip(lower=0.0)


def talks_first(found: pd.DataFrame, most: int = TALKS) -> pd.Series[bool]:
    """Return which accounts are to be talked to first: of the steps of the next quarter that ask, those that add most.

    Parameters
    ----------
    found
        customer_id, rule, steps, planned, quarter, value: as `next_steps` gives them.
    """
    asked = found.steps.fillna("none").map(lambda steps: any(asks(step) for step in steps_of(str(steps))))
    open_ = found[(found.rule == PLAN) & (found.quarter == 1) & asked]
    best = open_.sort_values(["value", "customer_id"], ascending=[False, True]).head(most)
    return found.customer_id.isin(best.customer_id)
