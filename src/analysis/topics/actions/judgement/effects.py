"""What steps add over the horizon: the changed margin for as long as the account then stays, against no step.

value = E[(margin + gain) x annuity(hazard x pull)] - margin x annuity(hazard) - one-off cost, over the chance that the
account goes along. Assumptions are drawn from their ranges, shared by all accounts: if prices meet more resistance than
thought, they do so everywhere. So are the costs' ranges: where work is dearer than stated, margins are lower and
savings higher.

The margin is at full cost. Of an account that loses money it is at avoidable cost, since that is all that would go with
it: no step is worth more for driving an account away than ending it would be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from zlib import crc32

import numpy as np

from analysis.policy import Assumptions, Steps
from analysis.topics.actions.judgement.recost import MONEY, gains, left_of
from analysis.topics.actions.judgement.situation import Floats, Situation
from analysis.topics.actions.judgement.steps import Step
from analysis.topics.value.judgement.annuity import annuity

FIELDS = ("share", "share_refused", "accepts", "pull", "pull_refused", "cost")
#: The pulls at which an account's annuity is worked out, an eighth of an octave apart; between them it is interpolated.
_STEP = np.log(2) / 8
_GRID = np.exp(_STEP * np.arange(-24, 25))
_ONE = 24
BLOCK_CELLS = 1_000_000


@dataclass(frozen=True)
class Drawn:
    """Draws of one step's assumptions: one number per draw."""

    share: Floats
    share_refused: Floats
    accepts: Floats
    pull: Floats
    pull_refused: Floats
    cost: Floats


def triangular(span: tuple[float, ...], even: Floats) -> Floats:
    """Return the quantiles of a triangular distribution, from its low, likely and high value.

    Examples
    --------
    >>> import numpy as np
    >>> triangular((0.0, 1.0, 2.0), np.array([0.0, 0.5, 1.0]))
    array([0., 1., 2.])
    """
    from scipy.stats import triang

    low, mode, high = span
    if high <= low:
        return np.full(len(even), float(mode))
    return np.asarray(triang.ppf(even, (mode - low) / (high - low), loc=low, scale=high - low))


def _even(name: str, choices: Steps) -> Floats:
    """Return as many numbers as draws, spread evenly over 0 to 1 and shuffled; the same name gives the same."""
    random = np.random.Generator(np.random.PCG64([choices.seed, crc32(name.encode())]))
    return (random.permutation(choices.draws) + 0.5) / choices.draws


def drawn(action: str, assumed: Assumptions, choices: Steps) -> Drawn:
    """Return the draws of a step's assumptions."""
    return Drawn(**{name: triangular(getattr(assumed, name), _even(f"{action}.{name}", choices)) for name in FIELDS})


def doubt(choices: Steps) -> Floats:
    """Return draws of a standard normal: how far the costs' ranges move all margins."""
    return evenly_normal("costs", choices)


def evenly_normal(name: str, choices: Steps) -> Floats:
    """Return as many draws of a standard normal as wanted, spread evenly and shuffled; the same name gives the same."""
    from scipy.stats import norm

    found: Floats = norm.ppf(_even(name, choices))
    return found


@dataclass(frozen=True)
class Stay:
    """What one a month is worth to each account, by what multiplies its chance of leaving."""

    grid: Floats

    @classmethod
    def of(cls, situation: Situation) -> Stay:
        """Return what one a month is worth to the accounts of a situation."""
        columns = [annuity(situation.hazards, situation.discount_rate, float(pull)) for pull in _GRID]
        return cls(np.column_stack(columns) if len(situation) else np.zeros((0, len(_GRID))))

    @property
    def now(self) -> Floats:
        """As things are."""
        found: Floats = self.grid[:, _ONE]
        return found

    def at(self, pull: Floats) -> Floats:
        """Return accounts x draws: the annuity at other pulls, between the grid's by a straight line.

        Parameters
        ----------
        pull
            One number per draw, for all accounts; or accounts x draws.
        """
        place = np.clip(np.log(pull) / _STEP + _ONE, 0.0, len(_GRID) - 1.000001)
        below = np.floor(place + 1e-9).astype(np.intp)
        part = np.maximum(place - below, 0.0)
        if pull.ndim == 1:
            draws, weights = np.arange(len(pull)), np.zeros((len(_GRID), len(pull)))
            weights[below, draws], weights[below + 1, draws] = 1.0 - part, part
            return np.asarray(self.grid @ weights)
        rows = np.arange(len(self.grid))[:, None]
        low, high = self.grid[rows, below], self.grid[rows, below + 1]
        return np.asarray(low + part * (high - low))


@dataclass(frozen=True)
class Worth:
    """What steps add over the horizon, accounts x draws: at full cost, in cash; and hours freed in a year (mean)."""

    value: Floats
    cash: Floats
    freed_hours: Floats


def worth(
    situation: Situation,
    stay: Stay,
    steps: tuple[Step, ...],
    draws: Mapping[str, Drawn],
    choices: Steps,
    moved: Floats,
) -> Worth:
    """Return what steps taken together add to each account's discounted margin.

    Parameters
    ----------
    situation, stay
        The accounts, and what their staying is worth.
    steps
        One step, or some that go together.
    draws
        Of each step's assumptions.
    choices
        How steps are weighed.
    moved
        Draws of how far the costs' ranges move all margins, in standard errors.
    """
    spread = situation.doubt[:, None] * moved
    margin, cash_margin = situation.staying_margin[:, None] + spread, situation.cash_margin[:, None] + spread
    once = sum((draws[step.action].cost for step in steps), np.zeros(choices.draws))
    now = stay.now[:, None]
    value, cash = -margin * now - once, -cash_margin * now - once
    freed, months, pools = np.zeros(len(situation)), situation.months[:, None], situation.ahead
    dearer = np.maximum(1.0 - situation.cost_doubt[:, None] * moved, 0.0)
    for agreed in product((True, False), repeat=len(steps)):
        each = list(zip(steps, agreed, strict=True))
        chance = _chance(situation, each, draws, choices)
        if not chance.any():
            continue
        left = left_of([(step, _share(draws[step.action], yes)) for step, yes in each])
        paid = left_of([(step, _share(draws[step.action], yes)) for step, yes in each if step.brings_money])
        stays = chance * stay.at(_pull(situation, each, draws, choices))
        work = {name: kept for name, kept in left.items() if name not in paid and name not in MONEY}
        fixed = gains(pools, {name: kept for name, kept in left.items() if name not in work}, "cost")
        value += stays * (margin + (gains(pools, work, "cost") * dearer + fixed) / months)
        cash += stays * (cash_margin + (gains(pools, work, "cash") * dearer + fixed) / months)
        freed += (chance * gains(pools, work, "minutes") / months).mean(axis=1)
    return Worth(value, cash, freed * 12 / 60)


def _share(of: Drawn, agreed: bool) -> Floats:
    return of.share if agreed else of.share_refused


def _chance(situation: Situation, each: list[tuple[Step, bool]], draws: Mapping[str, Drawn], choices: Steps) -> Floats:
    """Return accounts x draws: the chance that the account takes the steps just so."""
    chance = np.ones((len(situation), choices.draws))
    for step, agreed in each:
        agrees = _agrees(situation, step, draws[step.action], choices)
        chance = chance * (agrees if agreed else 1.0 - agrees)
    return chance


def _agrees(situation: Situation, step: Step, of: Drawn, choices: Steps) -> Floats:
    """Return the chance that an account goes along; nobody who is not asked can refuse."""
    if step.minded_by == "wanting":
        return np.asarray((1.0 - situation.wanting)[:, None] * of.accepts)
    if (of.accepts >= 1.0).all():
        return np.ones((len(situation), 1))
    mood = np.where(situation.content, 1.0, choices.discontent)
    return np.asarray(mood[:, None] * of.accepts)


def _pull(situation: Situation, each: list[tuple[Step, bool]], draws: Mapping[str, Drawn], choices: Steps) -> Floats:
    pull = np.ones(choices.draws)
    for step, agreed in each:
        of = draws[step.action]
        factor = of.pull if agreed else of.pull_refused
        if step.grows_with == "failures":
            span = choices.marked_failures - choices.usual_failures
            grown = np.maximum(situation.failed - choices.usual_failures, 0.0) / max(span, 0.01)
            pull = pull * factor ** np.minimum(grown, 4.0)[:, None]
        else:
            pull = pull * factor
    return pull
