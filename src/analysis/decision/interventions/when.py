"""Where a step may be taken: what there is to act on, what comes first, and what was tried already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.decision.interventions.recost import weights
from analysis.decision.interventions.situation import Bools, Floats, Situation
from analysis.decision.interventions.steps import STEPS, Step
from analysis.judgement.excess import OURS_FROM
from analysis.policy import Policy

if TYPE_CHECKING:
    import pandas as pd

OURS_FIRST = "what our own failures cause comes first"
TRIED = "it was taken, or refused, not long ago"
NOT_CONSIDERED = "the policy does not consider it"
#: The least share of net revenue, or of cost, that a pool has to be for a step to be worth a row.
LEAST = 0.0005


def flag(accounts: pd.DataFrame, name: str) -> Bools:
    """Return a judgement as true or false; one that was not made is false."""
    return accounts[name].fillna(False).to_numpy(dtype=np.bool_)


def number(accounts: pd.DataFrame, name: str) -> Floats:
    """Return a column with what is not measured as 0."""
    return np.nan_to_num(accounts[name].to_numpy(dtype=np.float64, na_value=np.nan))


def ours_first(accounts: pd.DataFrame, policy: Policy) -> Bools:
    """Return whether our failures cause the trouble: nothing is asked of the account before they are mended.

    Half its trouble or more is ours and that trouble is material, or our failures cause the policy's share of its cost
    to serve. Never of an account that is truly difficult: its trouble is mostly its own, and one answer is given.
    """
    trouble = number(accounts, "trouble") >= policy.steps.material_trouble
    blamed = (number(accounts, "difficulty_ours") >= OURS_FROM) & trouble
    serve = number(accounts, "cost_to_serve")
    share = np.divide(number(accounts, "failure_cost"), serve, out=np.zeros(len(serve)), where=serve > 0)
    return np.asarray((blamed | (share >= policy.steps.own_failures)) & ~flag(accounts, "difficult"))


def has_matter(step: Step, situation: Situation) -> Bools:
    """Return whether there is something for the step to act on."""
    rows = situation.accounts
    loses = situation.margin < 0
    if step.action == "talk":
        judged = flag(rows, "over_served") | flag(rows, "under_served") | flag(rows, "difficult")
        return np.asarray(judged | loses | (number(rows, "failure_cost") > 0))
    if step.action == "invest":
        return np.asarray(~loses & ~flag(rows, "over_served") & ~flag(rows, "difficult") & ~flag(rows, "first_year"))
    amount = sum((np.abs(situation.pools[name].cost) for name in weights(step)), np.zeros(len(situation)))
    scale = np.maximum(number(rows, "net_revenue"), number(rows, "cost_to_serve"))
    there = (amount > 0) & (amount >= LEAST * scale)
    if step.action == "restore_service":
        return np.asarray(there & flag(rows, "under_served"))
    if step.action == "change_tier":
        return np.asarray(there & loses)
    if step.action == "reprice":  # of sales that came back there is no price to raise
        return np.asarray(there & (number(rows, "net_revenue") > 0))
    return np.asarray(there)


def why_not(situation: Situation, recent: pd.DataFrame, policy: Policy) -> dict[str, pd.Series[str]]:
    """Return, for each step, why it may not be taken now: empty text where it may, missing where there is no matter.

    Parameters
    ----------
    recent
        customer_id, action: what was taken or refused not long ago.
    """
    import pandas as pd

    first, ids = ours_first(situation.accounts, policy), situation.accounts.customer_id
    found = {}
    for action, step in STEPS.items():
        tried = ids.isin(recent.customer_id[recent.action == action]).to_numpy()
        reasons = [not policy.actions[action].considered, first & (not step.own), tried]
        shape = [np.broadcast_to(reason, len(ids)) for reason in reasons]
        words = np.select(shape, [NOT_CONSIDERED, OURS_FIRST, TRIED], "")
        found[action] = pd.Series(words, dtype="str").where(has_matter(step, situation))
    return found
