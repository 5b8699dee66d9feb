"""What share of what it acts on each step takes, as the record of all steps and their segments tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.policy import Assumptions, Steps
from analysis.statistics.ends import REACH
from analysis.topics.actions.judgement.accounts_differ import accounts_differ
from analysis.topics.actions.judgement.learnt_ranges import (
    Range,
    e_value,
    mean_and_spread,
    moved,
    one_share,
    row_of,
    used_now,
)
from analysis.topics.actions.judgement.like_controls import LEAST_DOUBT
from analysis.topics.actions.judgement.pooling import NOBODY_TELLS, Expected, Told, Unit, pooled
from analysis.topics.actions.judgement.segments_apart import Apart, segments_apart
from analysis.topics.actions.judgement.steps import STEPS
from analysis.topics.actions.judgement.track_record import KEPT, NOTHING, SHORT, SHOWS

if TYPE_CHECKING:
    import pandas as pd

WENT_ALONG = ("worked", "failed")
CERTAIN = "the policy states it as certain"
TOO_FEW = "too few accounts are like those that had it"
NOBODY = "none of those that went along can be measured"
FROM_OTHERS = "from what the other steps came to"


@dataclass(frozen=True)
class Tried:
    """What came of trials of a step: how many accounts had it, the share that went, and its standard error."""

    steps: int
    came: float
    error: float


@dataclass(frozen=True)
class _Effect:
    """What is known of one step's share: its record, that of each segment where they lie apart, and its trials'."""

    taken: pd.DataFrame
    own: Told
    apart: Apart | None
    segments: dict[str, Told]
    lot: int
    differ: float | None

    def units(self, action: str) -> dict[Unit, Told]:
        """Return the records to be pooled: of segments that lie apart each by itself."""
        if self.apart is None:
            return {(action, ""): self.own} if self.own.steps else {}
        return {(action, name): one for name, one in self.segments.items()}


def effects(
    record: pd.DataFrame, actions: Mapping[str, Assumptions], choices: Steps, tried: Mapping[str, Tried]
) -> list[dict[str, Any]]:
    """Return a row for the share of each step that was taken, or that others' records move, and of its segments."""
    if record.empty and not tried:
        return []
    open_ = [name for name in STEPS if name in SHOWS and mean_and_spread(actions[name].share)[1] > 0]
    telling = {name: _telling(record[record.action == name], actions[name]) for name in open_}
    columns = [name for name in choices.segments if name in record]
    apart = segments_apart({name: rows for name, rows in telling.items() if len(rows)}, columns)
    known = {
        name: _known(record[record.action == name], telling[name], apart.get(name), tried.get(name), actions[name])
        for name in open_
    }
    told = {unit: one for name, effect in known.items() for unit, one in effect.units(name).items()}
    wanted = [(name, segment) for name, effect in known.items() for segment in {"": None, **effect.segments}]
    spreads = {name: one.spread for name, one in apart.items()}
    spans = {name: mean_and_spread(actions[name].share) for name in open_}
    now = pooled(told, wanted, choices, spreads, {name: spread / mean for name, (mean, spread) in spans.items()})
    rows = []
    for name in STEPS:
        taken, span = record[record.action == name], actions[name].share
        if name in open_ and told:
            rows += _effect_rows(name, span, known[name], now)
        elif len(taken):
            why = _why_none(taken) if name in open_ or name not in SHOWS else CERTAIN
            rows.append(row_of(name, "share", span, why_not=why))
    return rows


def _known(
    taken: pd.DataFrame, telling: pd.DataFrame, apart: Apart | None, tried: Tried | None, assumed: Assumptions
) -> _Effect:
    own = _with_trial(_own_record(telling), tried, assumed)
    segments: dict[str, Told] = {}
    if apart is not None:
        segments = {str(name): _own_record(rows) for name, rows in telling.groupby(apart.by)}
        # What cannot be said to be of one segment, a trial too, is of the step as a whole.
        rest = _with_trial(_own_record(telling[telling[apart.by].isna()]), tried, assumed)
        segments |= {"": rest} if rest.steps else {}
    differ = float(telling.differ.iloc[0]) if len(telling) else None
    return _Effect(taken, own, apart, segments, tried.steps if tried else 0, differ)


def _effect_rows(name: str, span: Range, known: _Effect, now: Mapping[Unit, Expected]) -> list[dict[str, Any]]:
    """Return the rows of a step's share: of all accounts, and of each segment that its record tells apart."""
    own, lot, by = known.own, known.lot, known.apart.by if known.apart else ""
    apart = known.apart.spread if known.apart else 0.0
    first = _effect(name, span, own, now[name, ""], elsewhere=apart)
    first |= {"by_lot": lot, "differ": known.differ}
    if lot and lot == own.steps:  # nothing unseen goes with a lot
        first |= {"e_value": None, "e_value_low": None}
    if not own.steps and len(known.taken):
        first["why_not"] = f"{_why_none(known.taken)}; {FROM_OTHERS}"
    rows = [first]
    for segment, one in known.segments.items():
        if segment:
            row = _effect(name, span, one, now[name, segment], apart=apart)
            rows.append(row | {"by": by, "segment": segment})
    return rows


def _why_none(taken: pd.DataFrame) -> str:
    """Return why none of a step's record tells anything: where the reasons differ, the commonest."""
    told = taken.verdict.isin([KEPT, SHORT, NOTHING])
    words = taken.verdict.astype("object").mask(told & taken.came_low.isna(), TOO_FEW)
    words = words.mask(told & taken.came_low.notna(), NOBODY)
    return str(words.value_counts().sort_index().idxmax()).removeprefix("not measured: ")


def _telling(taken: pd.DataFrame, assumed: Assumptions) -> pd.DataFrame:
    """Return the steps that tell.

    `ratio` is what came of one that was promised, `weight` one over its variance, and `differ` how far accounts differ.
    """
    told = taken[taken.verdict.isin([KEPT, SHORT, NOTHING]) & taken.came_low.notna() & (taken.matter > 0)]
    if not one_share(assumed) and assumed.accepts[0] < 1.0:
        told = told[told.outcome.isin(WENT_ALONG)]
    promised = told.matter.astype("float64") * mean_and_spread(assumed.share)[0]
    chance = (told.came_high - told.came_low).astype("float64") / (2.0 * REACH)
    ratio, noise = told.came.astype("float64") / promised, (chance / promised) ** 2
    differ = accounts_differ(ratio.to_numpy(), noise.to_numpy())
    return told.assign(ratio=ratio, weight=1.0 / (noise + differ**2), differ=differ)


def _own_record(telling: pd.DataFrame) -> Told:
    """Return what the steps that tell come to together, each weighed by how sure it is."""
    if telling.empty:
        return NOBODY_TELLS
    total = float(telling.weight.sum())
    return Told(len(telling), float((telling.weight * telling.ratio).sum()) / total, total**-0.5)


def _with_trial(own: Told, tried: Tried | None, assumed: Assumptions) -> Told:
    """Return a step's record with what a trial of it came to, each weighed by how sure it is."""
    mean = mean_and_spread(assumed.share)[0]
    if tried is None or mean <= 0:
        return own
    came, error = tried.came / mean, max(tried.error / mean, LEAST_DOUBT)
    if not own.steps:
        return Told(tried.steps, came, error)
    weights = np.array([own.error, error]) ** -2.0
    both = float(weights @ [own.came, came] / weights.sum())
    return Told(own.steps + tried.steps, both, float(weights.sum() ** -0.5))


def _effect(
    action: str, span: Range, own: Told, expected: Expected, apart: float = 0.0, elsewhere: float = 0.0
) -> dict[str, Any]:
    """Return the row of a step's share: the surer the record, the less of the policy's range remains.

    Parameters
    ----------
    apart
        Of a segment, how far it may lie from the step's mean before any record.
    elsewhere
        How far a segment without a record may lie from the step's mean.
    """
    mean, spread = mean_and_spread(span)
    weight = expected.weight
    before, now = spread**2 + (mean * apart) ** 2, (mean * expected.error) ** 2
    wide = (1.0 - weight) * before + weight * now + (mean * elsewhere) ** 2
    told = {}
    if own.steps:
        told = {
            "e_value": e_value(mean * own.came),
            "e_value_low": e_value(mean * (own.came - REACH * own.error)),
            "record": mean * own.came,
            "record_low": mean * (own.came - REACH * own.error),
            "record_high": mean * (own.came + REACH * own.error),
        }
    why = "" if own.steps else FROM_OTHERS
    used = used_now(moved(span, max(mean * expected.came, 0.0), float(np.sqrt(wide))))
    return row_of(action, "share", span, steps=own.steps, weight=weight, why_not=why, **told, **used)
