"""What if an assumption were another: a step weighed again, for some accounts or for those that it is proposed for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import UsageError
from analysis.policy import Assumptions, Policy
from analysis.settings import merge
from analysis.topics.actions.judgement.effects import FIELDS, drawn
from analysis.topics.actions.judgement.steps import STEPS
from analysis.topics.actions.judgement.weigh import Weighing

if TYPE_CHECKING:
    import pandas as pd

Rows = NDArray[np.intp]


def assumed(actions: Mapping[str, Assumptions], action: str, changed: Mapping[str, Any]) -> Assumptions:
    """Return a step's assumptions with some of them changed.

    Raises
    ------
    UsageError
        There is no such step, or none that is weighed so.
    PolicyError
        An assumption that there is not, or of the wrong kind.
    """
    if action not in STEPS:
        raise UsageError(f"There is no step {action!r} to try. Known: {', '.join(STEPS)}.")
    stated = {name: list(value) if isinstance(value, tuple) else value for name, value in actions[action]}
    return Policy.read(None, {"actions": {action: merge(stated, changed)}}).actions[action]


def weighed_again(weighing: Weighing, action: str, rows: Rows, assumptions: Assumptions) -> pd.DataFrame:
    """Return what a step would add under other assumptions, beside what it adds as assumed now.

    Parameters
    ----------
    rows
        The accounts, by their place in the situation.

    Returns
    -------
    DataFrame
        customer_id, value, low, high, p_gain, cash, freed_hours, and `as_stated`: the value under the policy's
        ranges, as the record of earlier steps leaves them.
    """
    step = (STEPS[action],)
    found = _under(weighing, action, assumptions).row(step, rows).assign(as_stated=weighing.row(step, rows).value)
    found.insert(0, "customer_id", weighing.situation.accounts.customer_id.to_numpy()[found.row.astype(int)])
    return found.drop(columns="row")


def assumption_effects(weighing: Weighing, rows_of: Mapping[str, Rows]) -> pd.DataFrame:
    """Return `tables/what_ifs`: what the ends of each assumption's range would change, all others as stated.

    Parameters
    ----------
    rows_of
        The accounts that each step is recommended for, by their place in the situation.
    """
    import pandas as pd

    found = []
    for action, rows in sorted(rows_of.items()):
        stated = weighing.actions[action]
        value = weighing.row((STEPS[action],), rows).value.sum()
        for name in FIELDS:
            low, likely, high = getattr(stated, name)
            if high <= low:
                continue
            ends = [_total(weighing, action, rows, name, end) for end in (low, high)]
            facts = {"action": action, "assumption": name, "accounts": len(rows), "value": value}
            facts |= {"low": low, "likely": likely, "high": high, "value_at_low": ends[0], "value_at_high": ends[1]}
            found.append(facts)
    return pd.DataFrame(found)


def _total(weighing: Weighing, action: str, rows: Rows, name: str, end: float) -> float:
    changed = weighing.actions[action].model_copy(update={name: (end, end, end)})
    return float(_under(weighing, action, changed).row((STEPS[action],), rows).value.sum())


def _under(weighing: Weighing, action: str, assumptions: Assumptions) -> Weighing:
    """Return the weighing with other assumptions of one step; another share is that of all its segments."""
    now, draws = weighing.actions[action], drawn(action, assumptions, weighing.policy.steps)
    same = (assumptions.share, assumptions.share_refused) == (now.share, now.share_refused)
    shares = {name: one for name, one in weighing.shares.items() if same or name != action}
    return replace(weighing, draws={**weighing.draws, action: draws}, shares=shares)
