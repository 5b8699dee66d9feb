"""What the steps are assumed to change, once the record of earlier steps has been heard.

Every step starts from the policy's range. Its own record speaks by what came over what was promised, step by step, each
weighed by how far chance alone moves it (`like_controls`) and by how far accounts differ; the steps' records are drawn
together, since rules of thumb that fail with one step are less to be trusted with another (a linear mixed model with
known variances; Gelman & Hill, 2007, ch. 12). How often accounts went along is counted (beta-binomial). A step without
a record, in a firm without one, keeps the policy's range as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.policy import Assumptions, Steps
from analysis.statistics.ends import REACH
from analysis.statistics.unseen import e_value_of
from analysis.topics.actions.judgement.like_controls import LEAST_DOUBT
from analysis.topics.actions.judgement.steps import STEPS
from analysis.topics.actions.judgement.track_record import KEPT, NOTHING, SHORT, SHOWS

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Range = tuple[float, ...]
#: How far accounts differ in what a step brings, over what was promised.
ACCOUNTS_DIFFER = 0.5
#: Of what a step acts on at least so much is taken to be left, where its E-value is told.
LEAST_LEFT = 0.01
WENT_ALONG, REFUSED = ("worked", "failed"), "refused"
CERTAIN = "the policy states it as certain"
TOO_FEW = "too few accounts are like those that had it"
NOBODY = "none of those that went along can be measured"
FROM_OTHERS = "from what the other steps came to"
NO_ANSWER = "no answer is recorded"


@dataclass(frozen=True)
class Learnt:
    """What is assumed now: `table` sets it beside the policy's ranges and the record, `actions` is to be used."""

    table: pd.DataFrame
    actions: dict[str, Assumptions]


@dataclass(frozen=True)
class Tried:
    """What came of trials of a step: how many accounts had it, the share that went, and its standard error."""

    steps: int
    came: float
    error: float


def mean_and_spread(span: Range) -> tuple[float, float]:
    """Return the mean and the standard deviation of a triangular distribution.

    Examples
    --------
    >>> mean_and_spread((0.0, 0.5, 1.0))
    (0.5, 0.2041241452319315)
    """
    low, mode, high = span
    squares = low**2 + mode**2 + high**2 - low * mode - low * high - mode * high
    return (low + mode + high) / 3.0, float(np.sqrt(max(squares, 0.0) / 18.0))


def moved(span: Range, mean: float, spread: float) -> Range:
    """Return a range of the same shape about another mean with another spread, within 0 and 1.

    Examples
    --------
    >>> moved((0.2, 0.4, 0.6), 0.2, mean_and_spread((0.2, 0.4, 0.6))[1] / 2)
    (0.1, 0.2, 0.3)
    """
    was, wide = mean_and_spread(span)
    low, high = (float(np.clip(mean + (edge - was) * spread / wide, 0.0, 1.0)) for edge in (span[0], span[2]))
    # The mean of a triangular distribution is that of its three points: what the ends lose, the middle makes up for.
    likely = float(np.clip(3.0 * mean - low - high, low, high))
    return tuple(round(edge, 6) for edge in (low, likely, high))


def e_value(share: float) -> float:
    """Return how strongly something unseen would have to go with both a step and what came, to explain it away.

    The E-value of a risk ratio, 1 less the share that went: as a ratio of chances; 1: nothing is needed. VanderWeele &
    Ding, "Sensitivity Analysis in Observational Research", Annals of Internal Medicine 167(4), 2017.

    Examples
    --------
    Their example: a ratio of 3.9 needs one of 7.26; so does its inverse.

    >>> round(e_value(1 - 1 / 3.9), 2), e_value(0.0)
    (7.26, 1.0)
    """
    return e_value_of(1.0 / max(1.0 - share, LEAST_LEFT))


def learnt(
    record: pd.DataFrame,
    actions: Mapping[str, Assumptions],
    moods: pd.Series[float],
    choices: Steps,
    tried: Mapping[str, Tried] | None = None,
) -> Learnt:
    """Return what is assumed of each step now.

    Parameters
    ----------
    record
        `tables/track_record`.
    actions
        The policy's assumptions.
    moods
        By account the factor on its chance to go along, where it is not 1.
    tried
        By step what a trial came to; its accounts' own records then tell nothing more.
    """
    import pandas as pd

    found = _effects(record, actions, choices, tried or {}) + _acceptances(record, actions, moods)
    names = ["action", "assumption", "low", "likely", "high", "steps", "record", "record_low", "record_high", "weight"]
    names += ["by_lot"]
    used_now = ["used_low", "used_likely", "used_high", "e_value", "e_value_low", "why_not"]
    table = pd.DataFrame(found, columns=[*names, *used_now])
    used = dict(actions)
    for row in table[table.weight > 0].itertuples():
        name, span = str(row.action), (row.used_low, row.used_likely, row.used_high)
        same = row.assumption == "share" and one_share(actions[name])
        update = dict.fromkeys(["share", "share_refused"] if same else [str(row.assumption)], span)
        used[name] = used[name].model_copy(update=update)
    return Learnt(table.sort_values(["action", "assumption"], ignore_index=True), used)


def one_share(assumed: Assumptions) -> bool:
    """Return whether the step takes the same whether the account agrees or not."""
    return assumed.share == assumed.share_refused


def _row(action: str, assumption: str, span: Range, **found: Any) -> dict[str, Any]:
    names = dict(zip(("low", "likely", "high"), span, strict=True))
    used = {f"used_{name}": value for name, value in names.items()}
    return {
        "action": action,
        "assumption": assumption,
        **names,
        "steps": 0,
        "by_lot": 0,
        "weight": 0.0,
        "why_not": "",
        **used,
        **found,
    }


def _used(span: Range) -> dict[str, float]:
    return dict(zip(("used_low", "used_likely", "used_high"), span, strict=True))


def _effects(
    record: pd.DataFrame, actions: Mapping[str, Assumptions], choices: Steps, tried: Mapping[str, Tried]
) -> list[dict[str, Any]]:
    """Return a row for the share of each step that was taken, or that others' records move."""
    open_ = [name for name in STEPS if name in SHOWS and mean_and_spread(actions[name].share)[1] > 0]
    own = {name: _own_record(record[record.action == name], actions[name]) for name in open_}
    own = {name: _with_trial(found, tried.get(name), actions[name]) for name, found in own.items()}
    ratio, error = pooled({name: found[1:] for name, found in own.items() if found[0]}, open_, choices)
    rows = []
    for name in STEPS:
        taken, span = record[record.action == name], actions[name].share
        if name in open_ and any(found[0] for found in own.values()):
            lot = tried[name].steps if name in tried else 0
            rows.append(_effect(name, span, own[name], (ratio[name], error[name]), choices.doubt) | {"by_lot": lot})
            if lot and lot == own[name][0]:  # nothing unseen goes with a lot
                rows[-1] |= {"e_value": None, "e_value_low": None}
            if not own[name][0] and len(taken):
                rows[-1]["why_not"] = f"{_why_none(taken)}; {FROM_OTHERS}"
        elif len(taken):
            why = _why_none(taken) if name in open_ or name not in SHOWS else CERTAIN
            rows.append(_row(name, "share", span, why_not=why))
    return rows


def _why_none(taken: pd.DataFrame) -> str:
    """Return why none of a step's record tells anything: where the reasons differ, the commonest."""
    told = taken.verdict.isin([KEPT, SHORT, NOTHING])
    words = taken.verdict.astype("object").mask(told & taken.came_low.isna(), TOO_FEW)
    words = words.mask(told & taken.came_low.notna(), NOBODY)
    return str(words.value_counts().sort_index().idxmax()).removeprefix("not measured: ")


def _own_record(taken: pd.DataFrame, assumed: Assumptions) -> tuple[int, float, float]:
    """Return how many steps tell, what came of one that was promised, and its standard error."""
    told = taken[taken.verdict.isin([KEPT, SHORT, NOTHING]) & taken.came_low.notna() & (taken.matter > 0)]
    if not one_share(assumed) and assumed.accepts[0] < 1.0:
        told = told[told.outcome.isin(WENT_ALONG)]
    if told.empty:
        return 0, float("nan"), float("inf")
    promised = told.matter.to_numpy(dtype=np.float64) * mean_and_spread(assumed.share)[0]
    chance = ((told.came_high - told.came_low) / (2.0 * REACH)).to_numpy(dtype=np.float64)
    weight = 1.0 / (chance**2 + (ACCOUNTS_DIFFER * promised) ** 2)
    total = float((weight * promised**2).sum())
    return len(told), float((weight * promised * told.came.to_numpy(dtype=np.float64)).sum() / total), total**-0.5


def _with_trial(own: tuple[int, float, float], tried: Tried | None, assumed: Assumptions) -> tuple[int, float, float]:
    """Return a step's record with what a trial of it came to, each weighed by how sure it is."""
    mean = mean_and_spread(assumed.share)[0]
    if tried is None or mean <= 0:
        return own
    came, error = tried.came / mean, max(tried.error / mean, LEAST_DOUBT)
    if not own[0]:
        return tried.steps, came, error
    weights = np.array([own[2], error]) ** -2.0
    both = float(weights @ [own[1], came] / weights.sum())
    return own[0] + tried.steps, both, float(weights.sum() ** -0.5)


def pooled(
    own: Mapping[str, tuple[float, float]], steps: list[str], choices: Steps
) -> tuple[dict[str, float], dict[str, float]]:
    """Return what is to be expected of what each step promises, and the standard error, from all records together.

    Parameters
    ----------
    own
        By step what came over what was promised, and its standard error.
    steps
        The steps wanted.
    choices
        `doubt` is how far a rule of thumb may be off before any record; `doubt_shared` the part that all steps share.
    """
    shared = choices.doubt**2 * choices.doubt_shared
    prior = np.full((len(steps), len(steps)), shared) + np.eye(len(steps)) * (choices.doubt**2 - shared)
    at = [steps.index(name) for name in own]
    came, error = (np.array([own[name][place] for name in own], dtype=np.float64) for place in (0, 1))
    gain = prior[:, at] @ np.linalg.inv(prior[np.ix_(at, at)] + np.diag(error**2)) if at else np.zeros((len(steps), 0))
    mean = 1.0 + gain @ (came - 1.0)
    spread = np.sqrt(np.maximum(np.diag(prior - gain @ prior[at]), 0.0))
    return dict(zip(steps, mean.tolist(), strict=True)), dict(zip(steps, spread.tolist(), strict=True))


def _effect(
    action: str, span: Range, own: tuple[int, float, float], expected: tuple[float, float], doubt: float
) -> dict[str, Any]:
    """Return the row of a step's share: the surer the record, the less of the policy's range remains."""
    mean, spread = mean_and_spread(span)
    weight = 1.0 - (expected[1] / doubt) ** 2
    wide = np.sqrt((1.0 - weight) * (spread**2 + weight * (mean * doubt) ** 2))
    steps, came, error = own
    told = {}
    if steps:
        told = {
            "e_value": e_value(mean * came),
            "e_value_low": e_value(mean * (came - REACH * error)),
            "record": mean * came,
            "record_low": mean * (came - REACH * error),
            "record_high": mean * (came + REACH * error),
        }
    why = "" if steps else FROM_OTHERS
    used = _used(moved(span, max(mean * expected[0], 0.0), float(wide)))
    return _row(action, "share", span, steps=steps, weight=weight, why_not=why, **told, **used)


def _acceptances(
    record: pd.DataFrame, actions: Mapping[str, Assumptions], moods: pd.Series[float]
) -> list[dict[str, Any]]:
    """Return a row for how often accounts go along with each step that was taken."""
    rows = []
    for name, step in STEPS.items():
        taken, span = record[record.action == name], actions[name].accepts
        if taken.empty or step.minded_by != "asked" or span[2] <= 0:
            continue
        told = taken[taken.outcome.isin([*WENT_ALONG, REFUSED])]
        if mean_and_spread(span)[1] <= 0 or told.empty:
            why = CERTAIN if len(told) else NO_ANSWER
            rows.append(_row(name, "accepts", span, steps=len(told), why_not=why))
            continue
        mood = moods.reindex(told.customer_id).fillna(1.0).to_numpy(dtype=np.float64)
        rows.append(_acceptance(name, span, told.outcome.isin(WENT_ALONG).to_numpy(), mood))
    return rows


def _acceptance(action: str, span: Range, agreed: NDArray[np.bool_], mood: Floats) -> dict[str, Any]:
    """Return the row of a step's acceptance: the policy's range is worth as many answers as it is narrow."""
    mean, spread = mean_and_spread(span)
    answers = mean * (1.0 - mean) / spread**2 - 1.0
    grid = (np.arange(400) + 0.5) / 400
    prior = (mean * answers - 1.0) * np.log(grid) + ((1.0 - mean) * answers - 1.0) * np.log1p(-grid)
    each = np.log(np.where(agreed[:, None], mood[:, None] * grid, 1.0 - mood[:, None] * grid)).sum(axis=0)
    now, its_spread = _moments(grid, prior + each)
    told, error = _moments(grid, each)
    used = moved(span, now, its_spread)
    return _row(
        action, "accepts", span, steps=len(agreed), record=float(agreed.sum() / mood.sum()),
        record_low=max(told - REACH * error, 0.0), record_high=min(told + REACH * error, 1.0),
        weight=len(agreed) / (len(agreed) + answers), **_used(used),
    )  # fmt: skip


def _moments(grid: Floats, logs: Floats) -> tuple[float, float]:
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    mean = float(weight @ grid)
    return mean, float(np.sqrt(weight @ (grid - mean) ** 2))
