"""Whether our own failures come first: nothing is asked of an account before they are mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.policy import Policy
from analysis.statistics.arrays import Bools, flag, number
from analysis.statistics.excess import OURS_FROM

if TYPE_CHECKING:
    import pandas as pd


def ours_first(accounts: pd.DataFrame, policy: Policy) -> Bools:
    """Return whether our failures cause the trouble: nothing is asked of the account before they are mended.

    Half its trouble or more is ours and that trouble is material, or our failures cause the policy's share of its cost
    to serve. Never of an account that is truly difficult: its trouble is mostly its own, and one answer is given.
    """
    trouble = number(accounts, "trouble") >= policy.steps.material_trouble
    blamed = (number(accounts, "difficulty_ours") >= OURS_FROM) & trouble
    serve = number(accounts, "cost_to_serve")
    share = np.divide(number(accounts, "failure_cost"), serve, out=np.zeros(len(serve)), where=serve > 0)
    return np.asarray((blamed | (share >= policy.steps.own_failures)) & ~flag(accounts, "difficult"))
