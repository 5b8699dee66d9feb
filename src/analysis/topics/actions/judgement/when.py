"""Where a step may be taken: what there is to act on, what comes first, and what was tried already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.policy import Policy
from analysis.statistics.arrays import flag, number
from analysis.topics.actions.judgement.recost import weights
from analysis.topics.actions.judgement.situation import Bools, Situation
from analysis.topics.actions.judgement.steps import STEPS, Step
from analysis.topics.difficulty.judgement.ours_first import ours_first

if TYPE_CHECKING:
    import pandas as pd

OURS_FIRST = "what our own failures cause comes first"
TRIED = "it was taken, or refused, not long ago"
NOT_CONSIDERED = "the policy does not consider it"
#: The least share of net revenue, or of cost, that a pool has to be for a step to be worth a row.
LEAST = 0.0005


def has_matter(step: Step, situation: Situation) -> Bools:
    """Return whether there is something for the step to act on."""
    rows = situation.accounts
    loses = situation.margin < 0
    if step.action == "talk":
        judged = flag(rows, "over_served") | flag(rows, "under_served") | flag(rows, "difficult")
        return np.asarray(judged | loses | (number(rows, "failure_cost") > 0))
    amount = sum((np.abs(situation.pools[name].cost) for name in weights(step)), np.zeros(len(situation)))
    scale = np.maximum(number(rows, "net_revenue"), number(rows, "cost_to_serve"))
    there = (amount > 0) & (amount >= LEAST * scale)
    if step.action == "invest":  # what more would cost is known by what is given: of no service recorded it is not
        judged = flag(rows, "over_served") | flag(rows, "difficult") | flag(rows, "first_year")
        return np.asarray(there & ~loses & ~judged)
    if step.action == "restore_service":
        return np.asarray(there & flag(rows, "under_served"))
    if step.action == "trim_frequency":  # ordinary service is no waste, though nobody asked for each piece of it
        return np.asarray(there & (flag(rows, "over_served") | _never_compared(rows)))
    if step.action == "change_tier":
        return np.asarray(there & loses)
    if step.action == "reprice":  # of sales that came back there is no price to raise
        return np.asarray(there & (number(rows, "net_revenue") > 0))
    return np.asarray(there)


def _never_compared(rows: pd.DataFrame) -> Bools:
    """Return where no level is known and like accounts are too few: who asked for the work is all that tells."""
    return np.asarray(rows["over_service_cost"].isna()) if "over_service_cost" in rows else np.ones(len(rows), bool)


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
