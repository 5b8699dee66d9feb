"""Steps that go together: for an account, two or three of its best, with nothing saved twice."""

from __future__ import annotations

from itertools import combinations
from math import fsum
from typing import TYPE_CHECKING

import numpy as np

from analysis.topics.actions.judgement.steps import STEPS, may_go_together
from analysis.topics.actions.judgement.weigh import Weighing

if TYPE_CHECKING:
    import pandas as pd

MOST = 3
AND = " + "


def steps_of(package: str) -> tuple[str, ...]:
    """Return the steps of a package by its name.

    Examples
    --------
    >>> steps_of("payment_terms + require_notice")
    ('payment_terms', 'require_notice')
    """
    return tuple(package.split(AND))


def packages(weighing: Weighing, weighed: pd.DataFrame) -> pd.DataFrame:
    """Return, for the accounts with most to gain, the best package of two or three of its three best steps.

    Parameters
    ----------
    weighed
        As `weigh` gives it.

    Returns
    -------
    DataFrame
        row, action (its steps, joined by " + "), value, low, high, p_gain, cash, hours, freed_hours, one_off_cost and
        `single`: what the best step alone would add. Only packages that add more than that.
    """
    import pandas as pd

    best = _best_steps(weighed, weighing.policy.steps.packages)
    parts = []
    for names, rows in _sets(best).items():
        steps = tuple(STEPS[name] for name in names)
        facts = {"hours": fsum(weighing.hours(steps).values()), "one_off_cost": weighing.one_off_cost(steps)}
        parts.append(weighing.row(steps, rows).assign(action=AND.join(names), **facts))
    if not parts:
        return pd.DataFrame()
    found = pd.concat(parts, ignore_index=True).sort_values(["row", "value", "action"], ascending=[True, False, True])
    found = found.drop_duplicates("row").merge(best.groupby("row", as_index=False).value.max(), on="row")
    found = found.rename(columns={"value_x": "value", "value_y": "single"})
    return found[found.value > found.single].reset_index(drop=True)


def _best_steps(weighed: pd.DataFrame, accounts: int) -> pd.DataFrame:
    """Return the three best steps of each of the accounts with most to gain; a talk goes with any step as it is."""
    some = weighed[(weighed.why_not == "") & (weighed.value > 0) & (weighed.action != "talk")]
    some = some.sort_values(["row", "value", "action"], ascending=[True, False, True])
    some = some[some.groupby("row").cumcount() < MOST]
    most = some.groupby("row").value.max().sort_values(ascending=False, kind="stable").index[:accounts]
    return some[some.row.isin(most)]


def _sets(best: pd.DataFrame) -> dict[tuple[str, ...], np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Return the accounts of each set of steps that go together."""
    found: dict[tuple[str, ...], np.ndarray[tuple[int], np.dtype[np.intp]]] = {}
    taken = best.pivot_table(index="row", columns="action", values="value", aggfunc="first").notna()
    for size in (2, MOST):
        for names in combinations(sorted(taken.columns), size):
            rows = taken.index[taken[list(names)].all(axis=1)].to_numpy(dtype=np.intp)
            if len(rows) and may_go_together(tuple(STEPS[name] for name in names)):
                found[names] = rows
    return found
