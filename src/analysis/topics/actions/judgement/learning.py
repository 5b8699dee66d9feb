"""What the steps are assumed to change, once the record of earlier steps has been heard.

Every step starts from the policy's range. Its own record speaks by what came over what was promised, step by step, each
weighed by how far chance alone moves it (`like_controls`) and by how far accounts differ (`accounts_differ`). The
records of all steps are drawn together, since rules of thumb that fail with one step are less to be trusted with
another, and say whether a step's range holds or is amiss (`pooling`); those of its segments are drawn apart, where a
long record tells them apart (`segments_apart`). How often accounts went along is counted against a mixture of two
betas, the policy's range and one that gives way to the answers (Schmidli et al., "Robust Meta-Analytic-Predictive
Priors in Clinical Trials with Historical Control Information", Biometrics 70(4), 2014). A step without a record, in a
firm without one, keeps the policy's range as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.policy import Assumptions, Steps
from analysis.statistics.ends import REACH
from analysis.topics.actions.judgement.learnt_ranges import Range, mean_and_spread, moved, one_share, row_of, used_now
from analysis.topics.actions.judgement.pooling import AMISS
from analysis.topics.actions.judgement.shares_learnt import CERTAIN, WENT_ALONG, Tried, effects
from analysis.topics.actions.judgement.steps import STEPS

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
REFUSED = "refused"
NO_ANSWER = "no answer is recorded"
#: Shares that are weighed between none and all.
GRID = 400


@dataclass(frozen=True)
class Segmented:
    """What is assumed of a step in the segments that its record tells apart: `by` is the column that makes them."""

    by: str
    assumed: dict[str, Assumptions]


@dataclass(frozen=True)
class Learnt:
    """What is assumed now.

    Parameters
    ----------
    table
        Sets it beside the policy's ranges and the record.
    actions
        Is to be used.
    segments
        Is to be used instead with the accounts of these segments, by step.
    differ
        How far accounts differ in what a step brings, over what is promised, where its record tells.
    """

    table: pd.DataFrame
    actions: dict[str, Assumptions]
    segments: dict[str, Segmented]
    differ: dict[str, float]


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
        `tables/track_record`, with the segments of each account (`with_segments`) where they are to be told apart.
    actions
        The policy's assumptions.
    moods
        By account the factor on its chance to go along, where it is not 1.
    tried
        By step what a trial came to; its accounts' own records then tell nothing more.
    """
    import pandas as pd

    found = effects(record, actions, choices, tried or {}) + _acceptances(record, actions, moods, choices.doubt)
    names = ["action", "by", "segment", "assumption", "low", "likely", "high", "steps", "record", "record_low"]
    names += ["record_high", "weight", "by_lot", "differ"]
    used_now = ["used_low", "used_likely", "used_high", "e_value", "e_value_low", "why_not"]
    table = pd.DataFrame(found, columns=[*names, *used_now])
    table = table.sort_values(["action", "assumption", "segment"], ignore_index=True, na_position="first")
    used, segments = dict(actions), {}
    for row in table[(table.weight > 0) & table.segment.isna()].itertuples():
        used[str(row.action)] = _assuming(used[str(row.action)], row)
    for name, rows in table[table.segment.notna()].groupby("action"):
        mine = {str(row.segment): _assuming(used[str(name)], row) for row in rows.itertuples()}
        segments[str(name)] = Segmented(str(rows.by.iloc[0]), mine)
    told = table[table.segment.isna() & table.differ.notna()]
    differ = dict(zip(told.action.astype(str), told.differ.astype("float64"), strict=True))
    return Learnt(table, used, segments, differ)


def _assuming(assumed: Assumptions, row: Any) -> Assumptions:
    """Return a step's assumptions with the range that a row of the table says is used now."""
    same = row.assumption == "share" and one_share(assumed)
    names = ["share", "share_refused"] if same else [str(row.assumption)]
    return assumed.model_copy(update=dict.fromkeys(names, (row.used_low, row.used_likely, row.used_high)))


def _acceptances(
    record: pd.DataFrame, actions: Mapping[str, Assumptions], moods: pd.Series[float], doubt: float
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
            rows.append(row_of(name, "accepts", span, steps=len(told), why_not=why))
            continue
        mood = moods.reindex(told.customer_id).fillna(1.0).to_numpy(dtype=np.float64)
        rows.append(_acceptance(name, span, told.outcome.isin(WENT_ALONG).to_numpy(), mood, doubt))
    return rows


def _acceptance(action: str, span: Range, agreed: NDArray[np.bool_], mood: Floats, doubt: float) -> dict[str, Any]:
    """Return the row of a step's acceptance.

    The policy's range is worth as many answers as its width says, unless it does not hold here: then as many as a rule
    of thumb is sure. The answers say which of the two is the likelier; a short record that the range would make now
    and then leaves it as it is, and a record that it would hardly ever make moves it.
    """
    from scipy.special import logsumexp, softmax

    mean, spread = mean_and_spread(span)
    worth = np.array([_worth_answers(mean, spread), _worth_answers(mean, max(spread, mean * doubt))])
    grid = (np.arange(GRID) + 0.5) / GRID
    each = np.log(np.where(agreed[:, None], mood[:, None] * grid, 1.0 - mood[:, None] * grid)).sum(axis=0)
    prior = np.outer(mean * worth - 1.0, np.log(grid)) + np.outer((1.0 - mean) * worth - 1.0, np.log1p(-grid))
    prior -= logsumexp(prior, axis=1, keepdims=True)
    holds = softmax(np.log([1.0 - AMISS, AMISS]) + logsumexp(prior + each, axis=1))
    now = float(holds @ (softmax(prior + each, axis=1) @ grid))
    told, error = _moments(grid, each)
    weight = float(holds @ (len(agreed) / (len(agreed) + worth)))
    wide = np.sqrt((1.0 - weight) * (spread**2 + weight * (mean * doubt) ** 2))
    used = moved(span, now, float(wide))
    return row_of(
        action, "accepts", span, steps=len(agreed), record=float(agreed.sum() / mood.sum()),
        record_low=max(told - REACH * error, 0.0), record_high=min(told + REACH * error, 1.0),
        weight=weight, **used_now(used),
    )  # fmt: skip


def _worth_answers(mean: float, spread: float) -> float:
    """Return how many answers a beta distribution is worth; no fewer than leave it with one peak.

    Examples
    --------
    >>> round(_worth_answers(0.5, 0.25), 6), round(_worth_answers(0.8, 0.5), 6)
    (3.0, 5.0)
    """
    return max(mean * (1.0 - mean) / spread**2 - 1.0, 1.0 / min(mean, 1.0 - mean))


def _moments(grid: Floats, logs: Floats) -> tuple[float, float]:
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    mean = float(weight @ grid)
    return mean, float(np.sqrt(weight @ (grid - mean) ** 2))
