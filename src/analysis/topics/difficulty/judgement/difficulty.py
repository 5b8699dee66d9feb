"""How difficult an account is: its trouble above normal, the share that our own failures explain, and what is its own.

difficulty = trouble x (1 - difficulty_ours). Whose difficulty stands apart is found from the portfolio itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.statistics.ends import REACH
from analysis.statistics.excess import OURS_FROM, scale, unscale
from analysis.statistics.shrinkage import Floats
from analysis.statistics.standing_apart import SPREAD
from analysis.topics.difficulty.judgement.behaviours import Measured
from analysis.topics.difficulty.policy import Difficulty

if TYPE_CHECKING:
    import pandas as pd


def judge_difficulty(sums: pd.DataFrame, found: Measured, choices: Difficulty) -> pd.DataFrame:
    """Return the judgement: one row per account.

    Parameters
    ----------
    sums
        customer_id, cases and invoices of every account of the window; empty where the dataset has none.
    found
        The behaviours that are measured, over the same accounts.

    Returns
    -------
    DataFrame
        customer_id, trouble, difficulty_ours, difficulty, difficulty_low, difficulty_high (5% and 95% points, given how
        far chance moves an account), p_difficult (one less the share of ordinary accounts among those with as much
        trouble of their own or more), difficult, difficult_by_us (it would stand apart, but for our failures, which
        explain half or more) and difficulty_not_scored.
    """
    why = not_scored(sums, found, choices)
    judged = sums[["customer_id"]].assign(**_numbers(len(sums), found))
    names = [name for name in judged if name != "customer_id"]
    flags = ["difficult", "difficult_by_us"]
    judged[flags] = judged[flags].astype("boolean")
    judged[names] = judged[names].where(why.isna())
    return judged.assign(difficulty_not_scored=why)


def _numbers(size: int, found: Measured) -> dict[str, Floats]:
    if found.trouble is None:
        return dict.fromkeys((*NUMBERS, "difficult", "difficult_by_us"), np.zeros(size))
    trouble = found.trouble
    apart = trouble.above.apart
    whole = scale(trouble.excess)
    theirs = whole * (1.0 - trouble.share)
    low, high = _range(theirs)
    line = scale(np.array([apart.line - trouble.middle]))[0]
    by_us = (whole >= line) & (trouble.share >= OURS_FROM)
    return {
        "trouble": whole,
        "difficulty_ours": trouble.share,
        "difficulty": theirs,
        "difficulty_low": low,
        "difficulty_high": high,
        "p_difficult": trouble.above.spread_out(apart.chance),
        "difficult": trouble.above.flag & (trouble.share < OURS_FROM),
        "difficult_by_us": by_us,
    }


NUMBERS = ("trouble", "difficulty_ours", "difficulty", "difficulty_low", "difficulty_high", "p_difficult")


def _range(difficulty: Floats) -> tuple[Floats, Floats]:
    """Return how far the difficulty may be from the true one: how far out one lies is known to its chance error."""
    reach = REACH * CHANCE
    middle = unscale(difficulty)
    return scale(middle - reach), scale(middle + reach)


#: The part of the spread that is chance: half of the variance, in an account with as much record as nature's spread.
CHANCE = float(SPREAD * np.sqrt(0.5))


def not_scored(sums: pd.DataFrame, found: Measured, choices: Difficulty) -> pd.Series[str]:
    """Return why an account is not scored; empty where it is."""
    import pandas as pd

    why = pd.Series(
        f"fewer than {choices.cases} cases and fewer than {choices.invoices} invoices that were due",
        index=sums.index,
        dtype="str",
    )
    cases, invoices = (sums[name].astype("float64").fillna(0.0) for name in ("cases", "invoices"))
    why = why.mask((cases == 0) & (invoices == 0), "no cases and no invoices in the window")
    scored = enough(sums, choices)
    return why.mask(scored) if found.rates else why.mask(scored, "the records show none of the behaviours")


def enough(sums: pd.DataFrame, choices: Difficulty) -> pd.Series[bool]:
    """Return which accounts have cases or invoices enough to be scored."""
    cases, invoices = (sums[name].astype("float64").fillna(0.0) for name in ("cases", "invoices"))
    found: pd.Series[bool] = (cases >= choices.cases) | (invoices >= choices.invoices)
    return found
