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

from analysis.topics.actions.judgement.effects import Drawn
from analysis.topics.actions.judgement.facing import WANTED_UNASKED
from analysis.topics.actions.judgement.situation import Floats
from analysis.topics.actions.judgement.steps import STEPS
from analysis.topics.actions.judgement.weigh import Weighing

if TYPE_CHECKING:
    import pandas as pd

Rows = NDArray[np.intp]
AGREES, WANTS, WORKS, LEAVES, RATE = "agrees", "wants", "works", "leaves", "rate"
TRIM = "trim_frequency"
#: An answer that would add less than this share of what the account's best step adds is not worth a question.
LEAST = 0.01
#: Accounts with most to gain of which questions are looked for.
MOST_ASKED = 2_000
#: Of these so many are looked at for what a rate would change.
MOST_COSTED = 500
#: Equally likely answers to what a rate truly is, as parts of its range: a triangle about what is stated.
ANSWERS = 21
COLUMNS = ["row", "question", "action", "resource", "chance", "without", "value", "accounts"]


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


def questions(weighing: Weighing, weighed: pd.DataFrame, rates: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return `tables/questions`: what is worth asking, the most first; empty `row` where it is asked of no one account.

    Parameters
    ----------
    weighed
        As `weigh` gives it.
    rates
        One row per account of the situation, one column per resource: by how much a month of it would cost more, at
        the upper end of the range of the resource's rate. None: no rate has a range.
    """
    import pandas as pd

    open_ = weighed[weighed.why_not == ""]
    most = open_.groupby("row").high.max().sort_values(ascending=False, kind="stable").index[:MOST_ASKED]
    open_ = open_[open_.row.isin(most)]
    found = [part for action, rows in open_.groupby("action") if action in STEPS for part in _of(weighing, open_, rows)]
    if rates is not None and len(open_):
        found.append(_rates(weighing, open_[open_.row.isin(most[:MOST_COSTED])], rates))
    if not found:
        return pd.DataFrame(columns=COLUMNS)
    every = pd.concat(found, ignore_index=True).reindex(columns=COLUMNS)
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
    if STEPS[action].own and weighing.draws[action].pull.mean() < 1.0:
        yield _leaves(weighing, action, mine, value, other)
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


def _leaves(weighing: Weighing, action: str, rows: Rows, value: Floats, other: Floats) -> pd.DataFrame:
    """Return what it is worth to know why each account may leave: for what the step mends, or for another reason.

    If for that, the step holds it as well as is assumed at best; if not, not at all; at such odds as make up the mean.
    """
    drawn = weighing.draws[action]
    best = float(min(weighing.actions[action].pull[0], drawn.pull.min()))
    odds = float(np.clip((1.0 - drawn.pull.mean()) / (1.0 - best), 0.0, 1.0))
    ends = [replace(drawn, pull=np.full(len(drawn.pull), end)) for end in (best, 1.0)]
    yes, no = (_value(replace(weighing, draws={**weighing.draws, action: end}), action, rows) for end in ends)
    chance = np.full(len(rows), odds)
    known = worth_knowing(odds * yes + (1.0 - odds) * no, other, [(chance, yes), (1.0 - chance, no)])
    return _frame(LEAVES, action, rows, chance, np.maximum(value, other), known)


def _rates(weighing: Weighing, open_: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """Return what it is worth to know each resource's rate: one answer for all accounts that it serves.

    What a step adds is a straight line in an account's margin and in what its work costs, so that three passes tell
    every rate: as stated, with 1 a month less margin, and with work twice as dear.
    """
    import pandas as pd

    some = open_[open_.action.isin(list(STEPS))]
    place = some.row.to_numpy(dtype=np.intp)
    here = weighing.situation
    none, one = np.zeros(len(here)), np.ones(len(here))
    up = replace(weighing, moved=np.full(weighing.policy.steps.draws, -1.0))
    stated, poorer, dearer = (
        _values(replace(up, situation=replace(here, doubt=margin, cost_doubt=cost)), some)
        for margin, cost in ((none, none), (one, none), (none, one))
    )
    work = here.accounts[["cost_to_serve", "cost_to_obtain"]].astype("float64").fillna(0.0).sum(axis=1).to_numpy()
    a_month = (work / np.maximum(here.months, 1.0))[place]
    answers = _triangle()
    found = []
    for resource in rates:
        more = rates[resource].to_numpy(dtype=np.float64)[place]
        share = np.divide(more, a_month, out=np.zeros(len(more)), where=a_month > 0)
        line = (poorer - stated) * more + (dearer - stated) * share
        adds = pd.DataFrame(stated[:, None] + line[:, None] * answers[None, :]).groupby(place).max().clip(lower=0.0)
        blind = pd.Series(stated).groupby(place).max().clip(lower=0.0)
        knowing = (adds.mean(axis=1) - blind).clip(lower=0.0)
        found.append(
            {"row": -1, "question": RATE, "resource": resource, "without": float(blind.sum()),
             "value": float(knowing.sum()), "accounts": int((rates[resource].to_numpy()[blind.index] > 0).sum())}
        )  # fmt: skip
    return pd.DataFrame(found, columns=COLUMNS)


def _triangle() -> Floats:
    """Return equally likely points of a triangle on -1 to 1."""
    from scipy.stats import triang

    found: Floats = triang.ppf((np.arange(ANSWERS) + 0.5) / ANSWERS, 0.5, loc=-1.0, scale=2.0)
    return found


def _values(weighing: Weighing, rows: pd.DataFrame) -> Floats:
    """Return what each row's step adds."""
    found = np.zeros(len(rows))
    for action, places in rows.groupby("action").indices.items():
        found[places] = _value(weighing, str(action), rows.row.to_numpy(dtype=np.intp)[places])
    return found


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
