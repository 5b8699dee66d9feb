"""Cost an account again as a step would leave it: exact, from the volumes of its drivers.

Cost is linear in minutes and rates, so that a share of a driver's volume that goes takes the same share of its cost:
doing it on the events gives the same amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from analysis.topics.actions.judgement.situation import Floats, Pool, Situation
from analysis.topics.actions.judgement.steps import Step


def weights(step: Step) -> dict[str, float]:
    """Return the pools that a step acts on, each with its weight; a driver's name stands for all of its work."""
    found = {}
    for name, weight in step.pools.items():
        found[name] = weight
        if not name.endswith("@hand") and name not in MONEY:
            found[f"{name}@hand"] = weight
    return found


MONEY = ("late", "write_offs", "freight", "returned", "goods", "net_revenue", "shortfall", "more_service")


def left_of(steps: Iterable[tuple[Step, Floats]]) -> dict[str, Floats]:
    """Return what steps leave of each pool, 0 to 1, for shares that go (one number per draw).

    A later step takes its share of what an earlier one left: nothing is saved twice.
    """
    left: dict[str, Floats] = {}
    for step, share in steps:
        for pool, weight in weights(step).items():
            left[pool] = left.get(pool, np.ones_like(share)) * (1.0 - weight * share)
    return left


def gains(pools: Mapping[str, Pool], left: Mapping[str, Floats], measure: str) -> Floats:
    """Return accounts x draws: what the window's amount would have been less, in total."""
    names = sorted(left)
    if not names:
        return np.zeros((1, 1))
    amounts = np.column_stack([getattr(pools[name], measure) for name in names])
    return np.asarray(amounts @ np.array([1.0 - left[name] for name in names]))


def saved(situation: Situation, steps: Iterable[tuple[Step, float]], measure: str = "cost") -> Floats:
    """Return what steps with stated shares would have changed of the window's margin, per account.

    Examples
    --------
    A share of 0.5 of failure work that cost 800 is 400; `mend_our_failures` and `change_channel` together never save
    the same minute twice.
    """
    left = left_of([(step, np.array([share])) for step, share in steps])
    found: Floats = np.broadcast_to(gains(situation.pools, left, measure), (len(situation), 1))[:, 0]
    return found
