"""What to find out next: what knowing an answer would add, since another step would then be taken.

The value of perfect information (Raiffa & Schlaifer, Applied Statistical Decision Theory, 1961): what the best step
adds with the answer known, over how the answer may turn out, less what the best step adds without it. A question whose
every answer leads to the same step is worth nothing, however little is known. Hours are not counted: what knowing adds
is of an account by itself, as if there were hours for its best step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.decision.facing import WANTED_UNASKED
from analysis.decision.interventions.effects import Drawn
from analysis.decision.interventions.situation import Floats
from analysis.decision.interventions.steps import STEPS
from analysis.decision.weigh import Weighing

if TYPE_CHECKING:
    import pandas as pd

Rows = NDArray[np.intp]
AGREES, WANTS, WORKS = "agrees", "wants", "works"
TRIM = "trim_frequency"
#: An answer that would add less than this share of what the account's best step adds is not worth a question.
LEAST = 0.01
#: Accounts with most to gain of which questions are looked for.
MOST_ASKED = 2_000


def worth_knowing(without: Floats, other: Floats, answers: list[tuple[Floats, Floats]]) -> Floats:
    """Return what knowing an answer adds, by account.

    Parameters
    ----------
    without
        What the step adds where the answer is not known.
    other
        What the best other step adds: at least 0, since nothing may be done.
    answers
        For each answer its chance, and what the step adds where it is so.

    Examples
    --------
    A step that adds 100 where the account agrees and costs 60 where it does not, at even odds, adds 20 unasked and 50
    once one has asked:

    >>> half = np.array([0.5])
    >>> worth_knowing(np.array([20.0]), np.array([0.0]), [(half, np.array([100.0])), (half, np.array([-60.0]))])
    array([30.])
    """
    known = sum((chance * np.maximum(other, adds) for chance, adds in answers), np.zeros(len(without)))
    return np.asarray(np.maximum(known - np.maximum(other, without), 0.0))


def questions(weighing: Weighing, weighed: pd.DataFrame) -> pd.DataFrame:
    """Return `tables/questions`: what is worth asking, the most first; empty `row` where it is asked of no one account.

    Parameters
    ----------
    weighed
        As `weigh` gives it.
    """
    import pandas as pd

    open_ = weighed[weighed.why_not == ""]
    most = open_.groupby("row").high.max().sort_values(ascending=False, kind="stable").index[:MOST_ASKED]
    open_ = open_[open_.row.isin(most)]
    found = [part for action, rows in open_.groupby("action") if action in STEPS for part in _of(weighing, open_, rows)]
    columns = ["row", "question", "action", "chance", "without", "value", "accounts"]
    if not found:
        return pd.DataFrame(columns=columns)
    every = pd.concat(found, ignore_index=True)[columns]
    every = every[(every.value > 0) & (every.value >= LEAST * every.without)]
    return every.sort_values(
        ["value", "question", "action", "row"], ascending=[False, True, True, True], ignore_index=True
    )


def _of(weighing: Weighing, open_: pd.DataFrame, rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield what could be asked about one step."""
    action, mine = str(rows.action.iloc[0]), rows.row.to_numpy(dtype=np.intp)
    others = open_[open_.action != action].groupby("row").value.max()
    other = np.maximum(others.reindex(mine).fillna(0.0).to_numpy(dtype=np.float64), 0.0)
    value = rows.value.to_numpy(dtype=np.float64)
    if STEPS[action].minded_by == "asked" and weighing.draws[action].accepts.mean() < 1.0:
        yield _agrees(weighing, action, mine, value, other)
    if action == TRIM:
        yield _wants(weighing, mine, value, other)
    yield _works(weighing, action, mine, value, other)


def _frame(question: str, action: str, rows: Rows, chance: Floats, without: Floats, value: Floats) -> pd.DataFrame:
    import pandas as pd

    facts = {"question": question, "action": action, "accounts": 1}
    return pd.DataFrame({"row": rows, "chance": chance, "without": without, "value": value}).assign(**facts)


def _agrees(weighing: Weighing, action: str, rows: Rows, value: Floats, other: Floats) -> pd.DataFrame:
    """Return what it is worth to know whether each account would go along."""
    here = weighing.situation
    mood = np.where(here.content[rows], 1.0, weighing.policy.steps.discontent)
    chance = np.clip(weighing.draws[action].accepts.mean() * mood, 0.0, 1.0)
    yes, no = (_value(_with(weighing, action, accepts), action, rows) for accepts in (1.0, 0.0))
    known = worth_knowing(value, other, [(chance, yes), (1.0 - chance, no)])
    return _frame(AGREES, action, rows, chance, np.maximum(value, other), known)


def _wants(weighing: Weighing, rows: Rows, value: Floats, other: Floats) -> pd.DataFrame:
    """Return what it is worth to know whether each account wants the service that it has said nothing about."""
    here = weighing.situation
    cost = here.accounts[["cost_to_ask", "over_service_cost"]].fillna(0.0).to_numpy(dtype=np.float64)
    asked = np.divide(cost[:, 0], cost[:, 1], out=np.zeros(len(cost)), where=cost[:, 1] > 0)
    some = asked[rows] > 0
    rows, value, other = rows[some], value[some], other[some]
    ends = [here.wanting + (end - WANTED_UNASKED) * asked for end in (1.0, 0.0)]
    yes, no = (_value(_wanting(weighing, np.clip(end, 0.0, 1.0)), TRIM, rows) for end in ends)
    chance = np.full(len(rows), WANTED_UNASKED)
    known = worth_knowing(value, other, [(chance, yes), (1.0 - chance, no)])
    return _frame(WANTS, TRIM, rows, chance, np.maximum(value, other), known)


def _works(weighing: Weighing, action: str, rows: Rows, value: Floats, other: Floats) -> pd.DataFrame:
    """Return what it is worth to know how well a step works here: one answer for all accounts that could have it."""
    draws = np.concatenate([found.value for _, found in weighing.worth((STEPS[action],), rows)])
    gains = np.maximum(draws, other[:, None]).mean(axis=1) - np.maximum(value, other)
    known, better = float(np.maximum(gains, 0.0).sum()), (draws > other[:, None]).mean(axis=1)
    without = float(np.maximum(value, other).sum())
    one = _frame(WORKS, action, np.array([-1]), better.mean(keepdims=True), np.array([without]), np.array([known]))
    return one.assign(accounts=len(rows))


def _value(weighing: Weighing, action: str, rows: Rows) -> Floats:
    found: Floats = weighing.row((STEPS[action],), rows).value.to_numpy(dtype=np.float64)
    return found


def _with(weighing: Weighing, action: str, accepts: float) -> Weighing:
    sure: Drawn = replace(weighing.draws[action], accepts=np.full(weighing.policy.steps.draws, accepts))
    return replace(weighing, draws={**weighing.draws, action: sure})


def _wanting(weighing: Weighing, wanting: Floats) -> Weighing:
    return replace(weighing, situation=replace(weighing.situation, wanting=wanting))
