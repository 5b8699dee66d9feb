"""What staff believe of an account, on the scale of its trouble, and where the record does not bear it out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from analysis.policy import Perception
from analysis.statistics.crossed_effects import Effects, crossed_effects
from analysis.statistics.excess import OURS_FROM

if TYPE_CHECKING:
    import pandas as pd

FAIR, UNFAIR, QUIET = "fair", "unfairly_labelled", "quietly_difficult"
#: Points of trouble that a step of the rating is worth where the ratings or the record do not differ at all.
STEP = 25.0
#: Views that differ by no more steps than this are alike; what is left is the arithmetic's.
ALIKE = 1e-6
#: From a median absolute deviation to a standard deviation.
MAD = 1.4826
COLUMNS = ["perceived_difficulty", "perception_gap", "perception"]
TOO_FEW_RATINGS = "there are too few ratings to tell hard raters from hard accounts"


def raters_by(ratings: pd.DataFrame, by: str) -> pd.Series[int]:
    """Return how many people stand behind the ratings of each account or department.

    A rating without a name adds nobody where others are named, since it may be one of theirs; where the table names
    nobody at all, each rating counts as one person.
    """
    if ratings.rater.notna().any():
        counted: pd.Series[int] = ratings.groupby(by).rater.nunique()
        return counted
    every: pd.Series[int] = ratings.groupby(by).size()
    return every


def _noise(rows: pd.DataFrame, step: float) -> pd.Series[float]:
    """Return the noise of each gap: that of its ratings, and what else sets ratings and record apart.

    The latter is told from the middle half of the gaps, since most accounts are rated fairly (median absolute
    deviation; Hampel 1974, Journal of the American Statistical Association 69).
    """
    of_ratings = step**2 * rows.variance
    spread = MAD * float(rows.perception_gap.abs().median()) if rows.perception_gap.notna().any() else 0.0
    rest = max(0.0, spread**2 - float(of_ratings.median()))
    found: pd.Series[float] = np.sqrt(of_ratings + rest)
    return found


@dataclass(frozen=True)
class Perceived:
    """Staff's view of the accounts that are rated and whose trouble is known.

    Parameters
    ----------
    ratings
        customer_id, department, rater, difficulty, as `ledger.ratings.ratings` gives them.
    accounts
        customer_id, trouble and difficulty_ours, our failures' share of it; empty where it is not scored. `cases?`:
        how many it had in the window, where they are recorded. `difficult?`: whether its trouble stands apart; without
        it the gap alone tells.
    policy
        Which gaps count.
    """

    ratings: pd.DataFrame
    accounts: pd.DataFrame
    policy: Perception

    @property
    def enough(self) -> bool:
        """Whether there are ratings enough to tell hard raters from hard accounts."""
        return len(self.ratings) >= self.policy.ratings

    @cached_property
    def effects(self) -> Effects:
        """The ratings, corrected for who rated."""
        return crossed_effects(self.ratings, "difficulty")

    @cached_property
    def _rated(self) -> pd.DataFrame:
        raters = raters_by(self.ratings, "customer_id").rename("raters").reset_index()
        rows = self.effects.accounts.merge(raters, on="customer_id")
        record = self.accounts.reindex(columns=["customer_id", "trouble", "difficulty_ours", "cases", "difficult"])
        return rows.merge(record, on="customer_id")

    @cached_property
    def spread(self) -> float:
        """The standard deviation of trouble among the rated accounts; 0 where it does not differ."""
        known = self._rated.trouble.dropna()
        return float(known.std()) if len(known) > 1 else 0.0

    @cached_property
    def step(self) -> float:
        """What a step of the rating is worth in trouble: the accounts' spread in the one over that in the other.

        So neither scale's own units count (the reduced major axis, which has errors on both sides).
        """
        felt = self._rated["view"][self._rated.trouble.notna()].std()
        return self.spread / float(felt) if felt > ALIKE and self.spread > 0 else STEP

    @cached_property
    def level(self) -> float:
        """What is taken off ratings on the scale, so that the middle account is rated as its record says."""
        off = self.step * self._rated["view"] - self._rated.trouble
        return float(off.median()) if off.notna().any() else 0.0

    @cached_property
    def judged(self) -> pd.DataFrame:
        """Every rated account with its view, its gap and the judgement, whether they may be shown or not.

        Columns: customer_id, raters, perceived_difficulty (0 to 100), perception_gap, noise (of the gap, one standard
        deviation), reach (how far the gap may be from the true one at the policy's chance), shown, bare (a bad name on
        the word of few, and no case to set it against), perception.
        """
        from scipy.stats import norm

        rows, policy = self._rated, self.policy
        rows = rows.assign(perceived_difficulty=(self.step * rows["view"] - self.level).clip(0, 100))
        rows["perception_gap"] = rows.perceived_difficulty - rows.trouble
        rows["noise"] = _noise(rows, self.step)
        rows["reach"] = float(norm.ppf(policy.sure)) * rows.noise
        known = rows.trouble.notna() & (rows.raters >= policy.judged_raters)
        rows["shown"] = rows.raters >= policy.shown_raters
        # A record without a single case does not outweigh the word of few: such a name is not judged.
        names = self._names(rows)
        rows["bare"] = known & (rows.cases == 0) & ~rows.shown & (names == UNFAIR)
        rows["perception"] = names.where(known & ~rows.bare)
        return rows.drop(columns=["view", "variance", "trouble", "difficulty_ours", "cases", "difficult"])

    def _names(self, rows: pd.DataFrame) -> pd.Series[str]:
        import pandas as pd

        needed = np.maximum(self.policy.spreads * self.spread, rows.reach)
        high, low = rows.perception_gap >= needed, rows.perception_gap <= -needed
        low &= ~(rows.difficulty_ours >= OURS_FROM)
        # Of trouble that chance makes of ordinary accounts nobody is quietly difficult, and a difficult one's bad name
        # is borne out.
        apart = rows.difficult.astype("boolean")
        high, low = high & ~apart.fillna(False), low & apart.fillna(True)
        return pd.Series(np.select([high, low], [UNFAIR, QUIET], FAIR), rows.index, dtype="str")

    @cached_property
    def shown(self) -> pd.DataFrame:
        """The judgement as outputs may hold it: customer_id and `COLUMNS`; figures only where enough people rated."""
        import pandas as pd

        if not self.enough:
            return pd.DataFrame(columns=["customer_id", *COLUMNS])
        rows = self.judged
        figures = {name: rows[name].where(rows.shown) for name in COLUMNS[:2]}
        return rows.assign(**figures)[["customer_id", *COLUMNS]]
