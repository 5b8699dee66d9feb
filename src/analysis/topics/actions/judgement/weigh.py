"""Weigh every step for every account: its value with its range, cash apart from hours, and what speaks against it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.policy import Assumptions, Policy
from analysis.statistics.ends import HIGH, LOW
from analysis.topics.actions.judgement.effects import BLOCK_CELLS, Drawn, Stay, Worth, doubt, drawn, worth
from analysis.topics.actions.judgement.situation import Floats, Situation
from analysis.topics.actions.judgement.steps import STEPS, Step

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Weighing:
    """The accounts, what is assumed of the steps and its draws, and what staying is worth."""

    situation: Situation
    stay: Stay
    draws: Mapping[str, Drawn]
    moved: Floats
    policy: Policy
    actions: Mapping[str, Assumptions]

    @classmethod
    def of(cls, situation: Situation, policy: Policy, actions: Mapping[str, Assumptions] | None = None) -> Weighing:
        """Return the weighing of some accounts under a policy.

        Parameters
        ----------
        actions
            What is assumed of the steps; None: what the policy states.
        """
        used = policy.actions if actions is None else actions
        draws = {name: drawn(name, assumed, policy.steps) for name, assumed in used.items()}
        return cls(situation, Stay.of(situation), draws, doubt(policy.steps), policy, used)

    def worth(self, steps: tuple[Step, ...], rows: NDArray[np.intp]) -> Iterator[tuple[NDArray[np.intp], Worth]]:
        """Yield what steps add to the accounts at `rows`, in blocks: the rows, and their worth."""
        size = max(1, BLOCK_CELLS // self.policy.steps.draws)
        here = self.situation.of_numbers
        for start in range(0, len(rows), size):
            block = rows[start : start + size]
            stay = Stay(self.stay.grid[block])
            yield block, worth(here.of(block), stay, steps, self.draws, self.policy.steps, self.moved)

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
