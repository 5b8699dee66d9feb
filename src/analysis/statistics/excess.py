"""What lies above this portfolio's own normal: of what accounts do, of what we fail them with, and what of it is ours.

Each behaviour is as far out as it is rare among ordinary accounts, and an account as the root of its squares' sum
(`standing_apart`). Who is ordinary and what is normal are found in turns: first by behaviour alone, then without
those that stand apart; all accounts tell what is normal where the records speak for nobody far above (`anybody`). Our
failures are measured in the same way, by the same accounts. What accounts do in answer to failures (escalate,
dispute, hold back payment) is ours as far as we failed the account by more than is normal, spread for spread: where
our failures lie as far out as the trouble that can follow from them, all of that trouble is ours. Or count for count,
where that is more: so much of what lies above the usual as more failures than usual would make.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.anybody import anybody_far_above
from analysis.statistics.chance import chance_sums, together
from analysis.statistics.shrinkage import Evidence, Floats, Normal, fit, surprises
from analysis.statistics.standing_apart import (
    ORDINARY,
    SPREAD,
    Apart,
    distance,
    heights,
    squares,
    stand_apart,
    summed,
    weights,
)

Flags = NDArray[np.bool_]

#: From this share of ours on, no account is called difficult, by nobody, quietly or otherwise; ours comes first.
OURS_FROM = 0.5
#: A failure within one spread of the usual is what every account meets with.
WITHIN_USUAL = 1.0
#: How many spreads farther out than the middle account fill 63% of the scale.
FILLS = 3.5
#: The share of ordinary accounts allowed among those that stand apart while it is learnt what is normal and whom we
#: fail. Where a person allows another, the line moves alone: who is difficult with fewer false ones is so with more.
ALLOWED = 0.1
#: At a first look at most this share of accounts may be far above in a behaviour without widening what is normal in it.
AT_FIRST_APART = 0.25
#: We may fail so many of the accounts far more than the others, and at most half: what we do to most is the usual.
FAILED_AT_MOST = (1 / 4, 1 / 3, 1 / 2)
_ROUNDS = 4
_MOST = 100.0 - 1e-9


def scale(excess: Floats) -> Floats:
    """Return the excess on the scale of 0 to 100."""
    return np.asarray(100.0 * -np.expm1(-np.maximum(excess, 0.0) / FILLS))


def unscale(points: Floats) -> Floats:
    """Return the excess that makes so many points."""
    return np.asarray(-FILLS * np.log1p(-np.minimum(points, _MOST) / 100.0))


def above_usual(out: Floats, usual: Flags) -> Floats:
    """Return how much farther out than the mean of the usual ones accounts lie, in their spread.

    Alike accounts' spread is taken as no less than half of what chance alone makes.
    """
    least = SPREAD / 2.0
    mean, sd = (float(out[usual].mean()), float(out[usual].std())) if usual.any() else (0.0, least)
    return np.asarray((out - mean) / max(sd, least))


@dataclass(frozen=True)
class Excess:
    """How far out every account lies, and what stands apart.

    Attributes
    ----------
    normals, heights, parts
        By behaviour; the parts are the weighted squares of its surprises.
    apart
        Who stands apart, among the accounts judged, in their order.
    judged
        Which accounts those are.
    chance
        How often chance alone makes such sums of squares, as `chance_sums`.
    """

    normals: list[Normal]
    heights: list[Floats]
    parts: list[Floats]
    apart: Apart
    judged: Flags
    chance: Floats

    @cached_property
    def flag(self) -> Flags:
        """Whether each account stands apart; false where it is not judged."""
        return self.spread_out(self.apart.flag.astype(np.float64)) > 0

    @cached_property
    def calm(self) -> Flags:
        """Whether each account lies where ordinary ones do; false where it is not judged."""
        return self.spread_out(self.apart.calm.astype(np.float64)) > 0

    @cached_property
    def out(self) -> Floats:
        """How far out each account lies, in spreads."""
        return distance(self.parts, len(self.judged))

    @property
    def above_usual(self) -> Floats:
        """How far each account lies above the mean of those that do not stand apart, in their spread."""
        return above_usual(self.out, self.judged & ~self.flag)

    def spread_out(self, values: Floats, empty: float = 0.0) -> Floats:
        """Return values of the accounts judged as values of all."""
        found = np.full(len(self.judged), empty)
        found[self.judged] = values
        return found


def failures_above_normal(evidence: Sequence[Evidence], judged: Flags) -> Excess:
    """Return how far above normal we fail each account.

    Those that we fail most may be so many that they hide each other: what is normal is as wide as they lie, and few or
    none stand apart. Where the records speak for them all the same, that share of the accounts is left out at a first
    look, and it holds if it finds more than twice as many.
    """
    found = _failures_in_turns(evidence, judged)
    for far_share in FAILED_AT_MOST:
        if anybody_far_above(evidence, judged, far_share, ALLOWED):
            looked = _failures_in_turns(evidence, judged, far_share)
            if looked.flag.sum() > 2 * found.flag.sum():
                return looked
    return found


def _failures_in_turns(evidence: Sequence[Evidence], judged: Flags, far_share: float = 0.0) -> Excess:
    """Return the failures; at most that share of the accounts is no measure of what is normal, and it is followed."""
    habits, ordinary = [""] * len(evidence), np.ones(len(judged), dtype=np.bool_)
    surely = min(ORDINARY, 1.0 - far_share)
    for turn in range(_ROUNDS):
        first = 0.0 if turn else far_share
        found = _measured(evidence, habits, ordinary, judged, first, surely=surely)
        ordinary = found.calm
        if far_share:
            surely = min(ORDINARY, 1.0 - min(far_share, float(found.apart.flag.mean())))
    return found


def _measured(
    evidence: Sequence[Evidence],
    habits: Sequence[str],
    ordinary: Flags,
    judged: Flags,
    far_share: float = 0.0,
    *,
    among_all: bool = False,
    surely: float = ORDINARY,
) -> Excess:
    normals = [fit(e, ordinary, far_share) for e in evidence]
    found = [surprises(e, normal) for e, normal in zip(evidence, normals, strict=True)]
    counts = weights(habits)
    parts = [squares(each, weight) for each, weight in zip(found, counts, strict=True)]
    # At a first look the most demanding are among the ordinary, and would make behaviours go together.
    shared = 0.0 if far_share else together(evidence, normals, habits, ordinary & judged)
    chance = chance_sums(evidence, normals, counts, judged, shared)
    out = distance(parts, len(judged))[judged]
    apart = stand_apart(out, chance, ALLOWED, among_all=among_all, ordinary=surely)
    return Excess(normals, [heights(each) for each in found], parts, apart, judged, chance)


@dataclass(frozen=True)
class Trouble:
    """The trouble above normal.

    Attributes
    ----------
    above
        The behaviours, as `Excess`; its `apart` is of the customer's own part.
    ours
        By behaviour, the share of each account's excess that our failures explain.
    share
        Of the sum of squares.
    excess
        How much farther out than the middle account each lies, and `middle`: how far out that one is.
    """

    above: Excess
    ours: list[Floats]
    share: Floats
    excess: Floats
    middle: float


def trouble_above_normal(
    evidence: Sequence[Evidence],
    habits: Sequence[str],
    reactions: Sequence[bool],
    on_cases: Sequence[Floats],
    failures: Excess,
    false_share: float,
) -> Trouble:
    """Return how far each account's trouble lies above normal, and how much of that is ours.

    Parameters
    ----------
    evidence, habits, reactions, on_cases
        By behaviour: what the records say, the habit that it comes of ("": one of its own), whether it may answer a
        failure of ours, and the share of what lies above the usual that more failed cases than usual would make.
    failures
        How far above normal we fail each account.
    """
    judged = failures.judged
    # Where nobody is difficult, all who are called so are false: so often may alike accounts be taken for others.
    if not anybody_far_above(evidence, failures.calm & judged, AT_FIRST_APART, ALLOWED):
        above = _measured(evidence, habits, failures.calm, judged, among_all=True)
        return _divided(above, reactions, on_cases, failures, false_share, among_all=True)
    above = _measured(evidence, habits, failures.calm, judged, AT_FIRST_APART)
    for _ in range(_ROUNDS):
        above = _measured(evidence, habits, failures.calm & above.calm, judged)
    return _divided(above, reactions, on_cases, failures, false_share)


def _divided(
    above: Excess,
    reactions: Sequence[bool],
    on_cases: Sequence[Floats],
    failures: Excess,
    false_share: float,
    *,
    among_all: bool = False,
) -> Trouble:
    """Return the trouble with our share of it, and who stands apart by the rest."""
    parts = above.parts
    explained = _explained(parts, reactions, failures, above)
    ours = [
        np.maximum(explained, mine) if reaction else np.zeros_like(explained)
        for reaction, mine in zip(reactions, on_cases, strict=True)
    ]
    whole = above.out
    every = summed(parts, len(whole))
    of_ours = summed([part * mine for part, mine in zip(parts, ours, strict=True)], len(whole))
    share = np.divide(of_ours, every, out=np.zeros_like(whole), where=every > 0)
    middle = float(np.median(whole[above.judged])) if above.judged.any() else 0.0
    excess = np.maximum(whole - middle, 0.0)
    own = np.where(whole > middle, middle + unscale(scale(excess) * (1.0 - share)), whole)
    # Those that we made so are not weighed among the others: they are nobody's measure, and are never called difficult.
    asked = above.judged & (share < OURS_FROM)
    # What our failures explain of ordinary accounts is not in the sums that chance makes either.
    usual = above.calm & failures.calm
    left = float(own[usual].sum() / whole[usual].sum()) if whole[usual].any() else 1.0
    apart = stand_apart(own[asked], above.chance, false_share, left, among_all=among_all)
    return Trouble(Excess(above.normals, above.heights, parts, apart, asked, above.chance), ours, share, excess, middle)


def _explained(parts: list[Floats], reactions: Sequence[bool], failures: Excess, above: Excess) -> Floats:
    """Return the share of each account's reactions that failures above normal explain, spread for spread."""
    answers = [part for part, reaction in zip(parts, reactions, strict=True) if reaction]
    if not answers or not failures.parts:
        return np.zeros(len(above.judged))
    usual = above.judged & ~above.flag & ~failures.flag
    out = above_usual(distance(answers, len(usual)), usual)
    failed = np.maximum(failures.above_usual - WITHIN_USUAL, 0.0)
    share = np.minimum(1.0, failed / np.maximum(out, 1e-9))
    return np.asarray(np.where(failed > 0, share, 0.0))
