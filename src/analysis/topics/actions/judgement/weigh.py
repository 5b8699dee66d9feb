"""Weigh every step for every account: its value with its range, cash apart from hours, and what speaks against it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.policy import Assumptions, Policy
from analysis.statistics.ends import HIGH, LOW
from analysis.topics.actions.judgement.effects import BLOCK_CELLS, Drawn, Stay, Worth, doubt, drawn, worth
from analysis.topics.actions.judgement.learning import Segmented
from analysis.topics.actions.judgement.situation import Floats, Situation
from analysis.topics.actions.judgement.steps import STEPS, Step

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Weighing:
    """The accounts, what is assumed of the steps and its draws, and what staying is worth.

    Parameters
    ----------
    shares
        By step, where segments are told apart: the place among `segments` of each account's, -1 for any other, and
        the draws of each segment, of which the shares are used.
    differ
        By step how far accounts differ in what it brings, over what is promised, where a record tells it.
    """

    situation: Situation
    stay: Stay
    draws: Mapping[str, Drawn]
    moved: Floats
    policy: Policy
    actions: Mapping[str, Assumptions]
    shares: Mapping[str, tuple[NDArray[np.intp], list[Drawn]]] = field(default_factory=dict)
    differ: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        situation: Situation,
        policy: Policy,
        actions: Mapping[str, Assumptions] | None = None,
        segments: Mapping[str, Segmented] | None = None,
        differ: Mapping[str, float] | None = None,
    ) -> Weighing:
        """Return the weighing of some accounts under a policy.

        Parameters
        ----------
        actions
            What is assumed of the steps; None: what the policy states.
        segments
            What is assumed instead with the accounts of some segments, by step.
        differ
            How far accounts differ in what a step brings, where a record tells it.
        """
        used = policy.actions if actions is None else actions
        draws = {name: drawn(name, assumed, policy.steps) for name, assumed in used.items()}
        shares = {name: _shares(situation, name, one, policy) for name, one in (segments or {}).items()}
        return cls(situation, Stay.of(situation), draws, doubt(policy.steps), policy, used, shares, differ or {})

    def worth(self, steps: tuple[Step, ...], rows: NDArray[np.intp]) -> Iterator[tuple[NDArray[np.intp], Worth]]:
        """Yield what steps add to the accounts at `rows`, in blocks: the rows, and their worth."""
        size = max(1, BLOCK_CELLS // self.policy.steps.draws)
        here = self.situation.of_numbers
        for start in range(0, len(rows), size):
            block = rows[start : start + size]
            yield block, self._worth(here, steps, block)

    def _worth(self, here: Situation, steps: tuple[Step, ...], block: NDArray[np.intp]) -> Worth:
        """Return what steps add to some accounts, each with the shares of its segment."""
        apart = [step.action for step in steps if step.action in self.shares]
        if not apart:
            return worth(here.of(block), Stay(self.stay.grid[block]), steps, self.draws, self.policy.steps, self.moved)
        shape = (len(block), self.policy.steps.draws)
        found = Worth(np.zeros(shape), np.zeros(shape), np.zeros(len(block)))
        segments = np.column_stack([self.shares[name][0][block] for name in apart])
        for places in np.unique(segments, axis=0):
            mine = np.flatnonzero((segments == places).all(axis=1))
            draws = {**self.draws, **{name: self._of_segment(name, at) for name, at in zip(apart, places, strict=True)}}
            part = block[mine]
            one = worth(here.of(part), Stay(self.stay.grid[part]), steps, draws, self.policy.steps, self.moved)
            found.value[mine], found.cash[mine], found.freed_hours[mine] = one.value, one.cash, one.freed_hours
        return found

    def _of_segment(self, name: str, at: int) -> Drawn:
        """Return a step's draws with the shares of one segment; all else is the step's."""
        if at < 0:
            return self.draws[name]
        own = self.shares[name][1][at]
        return replace(self.draws[name], share=own.share, share_refused=own.share_refused)

    def row(self, steps: tuple[Step, ...], rows: NDArray[np.intp]) -> pd.DataFrame:
        """Return one row per account at `rows`: `row`, value, low, high, p_gain, cash and freed_hours."""
        import pandas as pd

        parts = [_summary(block, found) for block, found in self.worth(steps, rows)]
        columns = ["row", "value", "low", "high", "p_gain", "cash", "freed_hours"]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns, dtype="float64")

    def hours(self, steps: tuple[Step, ...]) -> dict[str, float]:
        """Return the hours that steps take, by team."""
        found: dict[str, float] = {}
        for step in steps:
            assumed = self.actions[step.action]
            found[assumed.team] = found.get(assumed.team, 0.0) + assumed.hours
        return found

    def one_off_cost(self, steps: tuple[Step, ...]) -> float:
        """Return what steps cost once, in money: the mean of the draws."""
        return float(sum(self.draws[step.action].cost.mean() for step in steps))


def _shares(situation: Situation, name: str, of: Segmented, policy: Policy) -> tuple[NDArray[np.intp], list[Drawn]]:
    import pandas as pd

    places = pd.Index(list(of.assumed)).get_indexer(situation.accounts[of.by].astype("object"))
    return places.astype(np.intp), [drawn(name, assumed, policy.steps) for assumed in of.assumed.values()]


def _summary(block: NDArray[np.intp], found: Worth) -> pd.DataFrame:
    import pandas as pd

    draws = np.sort(found.value, axis=1)
    low, high = (draws[:, max(0, math.ceil(edge * draws.shape[1]) - 1)] for edge in (LOW, HIGH))
    return pd.DataFrame(
        {
            "row": block,
            "value": found.value.mean(axis=1),
            "low": low,
            "high": high,
            "p_gain": (found.value > 0).mean(axis=1),
            "cash": found.cash.mean(axis=1),
            "freed_hours": found.freed_hours,
        }
    )


def weigh(weighing: Weighing, why_not: Mapping[str, pd.Series[str]]) -> pd.DataFrame:
    """Return every step that has something to act on, weighed.

    Parameters
    ----------
    why_not
        For each step and account why it may not be taken; missing where there is no matter.

    Returns
    -------
    DataFrame
        row (of the situation), action, rung, team, value, low, high, p_gain, cash, hours, freed_hours, one_off_cost,
        why_not (empty text: it may be taken).
    """
    import pandas as pd

    parts = []
    for action, step in STEPS.items():
        rows = np.flatnonzero(why_not[action].notna())
        assumed = weighing.actions[action]
        part = weighing.row((step,), rows)
        facts = {"action": action, "rung": step.rung, "team": assumed.team, "hours": assumed.hours}
        facts |= {"one_off_cost": weighing.one_off_cost((step,))}
        parts.append(part.assign(**facts, why_not=why_not[action].iloc[rows].to_numpy()))
    everyone = pd.DataFrame({"row": np.arange(len(weighing.situation)), "action": "none", "rung": "reassess"})
    nothing = dict.fromkeys(["value", "low", "high", "p_gain", "cash", "hours", "freed_hours", "one_off_cost"], 0.0)
    found = pd.concat([everyone.assign(**nothing, team=None, why_not=""), *(p for p in parts if len(p))])
    return found.astype({"team": "str", "why_not": "str"}).reset_index(drop=True)
