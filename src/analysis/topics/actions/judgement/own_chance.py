"""How far what a plan brings may lie from what is assumed by chance alone: each account answers, and is, for itself.

What is assumed of a step is drawn once for all accounts that get it. Beside that, an account goes along or does not,
and a step brings with one more and with another less than with accounts of its kind. With a few dozen accounts that
does not even out: a range of the whole that leaves it out is one of what we assume, and not of what will come.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.topics.actions.judgement.accounts_differ import RULE
from analysis.topics.actions.judgement.effects import evenly_normal
from analysis.topics.actions.judgement.packages import steps_of
from analysis.topics.actions.judgement.situation import Floats
from analysis.topics.actions.judgement.steps import STEPS, Step
from analysis.topics.actions.judgement.weigh import Weighing

if TYPE_CHECKING:
    import pandas as pd

Rows = NDArray[np.intp]


def own_chance(rows: pd.DataFrame, weighing: Weighing) -> tuple[Floats, Floats]:
    """Return draws of how far value and cash of some rows of a plan lie from what is expected, by chance alone.

    Parameters
    ----------
    rows
        row (of the situation), action, value, value_then.
    """
    squares = np.zeros(2)
    for action, part in rows.groupby("action"):
        steps = tuple(STEPS[name] for name in steps_of(str(action)))
        places = part.row.to_numpy(dtype=np.intp)
        wait = (part.value_then / part.value).to_numpy(dtype=np.float64)
        squares += ((wait[:, None] ** 2) * _squares(weighing, steps, places)).sum(axis=0)
    value, cash = (np.sqrt(one) * evenly_normal("accounts", weighing.policy.steps) for one in squares)
    return value, cash


def _squares(weighing: Weighing, steps: tuple[Step, ...], rows: Rows) -> Floats:
    """Return accounts x value and cash: the variance of what steps bring, around what is expected of each account."""
    found = np.zeros((len(rows), 2))
    for step in steps:
        found += (weighing.differ.get(step.action, RULE) * _expected(weighing, (step,), rows)) ** 2
        agrees = _agrees(weighing, step, rows)
        if not (agrees < 1.0).any():
            continue
        yes, no = (_expected(_sure(weighing, step, answer), steps, rows) for answer in (1.0, 0.0))
        found += (agrees * (1.0 - agrees))[:, None] * (yes - no) ** 2
    return found


def _expected(weighing: Weighing, steps: tuple[Step, ...], rows: Rows) -> Floats:
    blocks = [
        np.column_stack([one.value.mean(axis=1), one.cash.mean(axis=1)]) for _, one in weighing.worth(steps, rows)
    ]
    return np.concatenate(blocks) if blocks else np.zeros((0, 2))


def _agrees(weighing: Weighing, step: Step, rows: Rows) -> Floats:
    """Return the chance that each account goes along, or does not mind."""
    here, accepts = weighing.situation, float(weighing.draws[step.action].accepts.mean())
    if step.minded_by == "wanting":
        return np.asarray((1.0 - here.wanting[rows]) * accepts)
    if accepts >= 1.0:
        return np.ones(len(rows))
    return np.asarray(np.where(here.content[rows], 1.0, weighing.policy.steps.discontent) * accepts)


def _sure(weighing: Weighing, step: Step, answer: float) -> Weighing:
    """Return the weighing where every account's answer to a step is known, and the same."""
    here, drawn = weighing.situation, weighing.draws[step.action]
    if step.minded_by == "wanting":
        known = replace(here, wanting=np.zeros(len(here)))
    else:
        known = replace(here, content=np.ones(len(here), dtype=np.bool_))
    sure = replace(drawn, accepts=np.full(len(drawn.accepts), answer))
    return replace(weighing, situation=known, draws={**weighing.draws, step.action: sure})
