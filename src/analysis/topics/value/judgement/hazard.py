"""The chance, month by month, that an account leaves: a discrete-time hazard where leaving is seen.

One row per account and month of the history that it was there at the start of: left in it, or not. The anchor is the
shifted-beta-geometric's chance at that tenure, fitted to those same months (so that accounts that were there before
the history began bias nothing); what is known of the account moves it in log-odds (Singer & Willett, "It's About
Time", Journal of Educational Statistics 18(2), 1993), only as far as the endings bear. With few endings the anchor
stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.statistics.ends import HIGH, LOW
from analysis.topics.value.judgement.logistic import Logistic, own_places
from analysis.topics.value.judgement.sbg import ShiftedBetaGeometric
from analysis.topics.value.judgement.signs import OLDEST, SIGNS, Standing, Terms, signs, usual

if TYPE_CHECKING:
    import pandas as pd
    from numpy import bool_, float64, int64
    from numpy.typing import NDArray

    from analysis.topics.value.judgement.history import History

    Floats = NDArray[float64]
    Ints = NDArray[int64]
    Bools = NDArray[bool_]

#: No chance of leaving in a month is taken to be beyond these.
LEAST, MOST = 0.0002, 0.5
#: Of a sign, all of which are shares, points of five or yes and no: what differs by less is the rounding of amounts.
LEAST_SPREAD = 0.001
FOLDS = 5
_RUNS_OUT = SIGNS.index("contract_ends")


@dataclass(frozen=True)
class Months:
    """The months at risk, a row each: the account's place, its month as a customer, its signs, and whether it left."""

    account: Ints
    age: Ints
    signs: Floats
    left: Floats

    def of(self, mask: Bools) -> Months:
        """Return some of the rows."""
        return Months(self.account[mask], self.age[mask], self.signs[mask], self.left[mask])


def months_at_risk(seen: History, placed: Standing, contracts: Terms) -> Months:
    """Return the months at risk of the accounts of a history."""
    import numpy as np

    means, parts = usual(seen), []
    for month in range(seen.months):
        at = np.flatnonzero(~(placed.since > month) & ~(placed.ended < month))
        said = signs(seen, contracts, means, month)[at].astype("float64")
        parts.append(Months(at, placed.age(month)[at], said, (placed.ended == month)[at].astype("float64")))
    return Months(
        np.concatenate([part.account for part in parts]),
        np.concatenate([part.age for part in parts]),
        np.concatenate([part.signs for part in parts]),
        np.concatenate([part.left for part in parts]),
    )


@dataclass(frozen=True)
class HazardModel:
    """The fitted chances of leaving in a month.

    Attributes
    ----------
    anchor
        The chance by tenure alone.
    centre, spread
        Of each sign over the months at risk; a sign that never differs, but for rounding, has spread 0 and counts for
        nothing.
    logistic
        What the signs move; None where the endings are too few to tell.
    draws
        Coefficients of the bootstrap, draws x (1 + signs).
    """

    anchor: ShiftedBetaGeometric
    centre: Floats
    spread: Floats
    logistic: Logistic | None
    draws: Floats

    @classmethod
    def fit(cls, months: Months, minimum: int, prior: float, draws: int = 0, seed: int = 1) -> HazardModel:
        """Return the model of some months at risk.

        Parameters
        ----------
        months
            The months at risk.
        minimum
            Endings below which the anchor stands alone.
        prior
            The standard deviation of the prior of a sign's coefficient, per standard deviation of the sign.
        draws, seed
            Of the bootstrap over accounts.
        """
        import numpy as np

        anchor = anchored(months)
        centre, spread = months.signs.mean(axis=0), months.signs.std(axis=0)
        spread = np.where(spread < LEAST_SPREAD, 0.0, spread)
        plain = cls(anchor, centre, spread, None, np.zeros((0, len(SIGNS) + 1)))
        if months.left.sum() < minimum:
            return replace(plain, draws=_levels(float(months.left.sum()), draws, seed))
        rows, offset = plain.standard(months.signs), plain.offset(months.age)
        logistic = Logistic.fit(rows, months.left, offset, prior)
        drawn = logistic.drawn(rows, months.left, offset, months.account, draws, seed) if draws else plain.draws
        return replace(plain, logistic=logistic, draws=drawn)

    def standard(self, said: Floats) -> Floats:
        """Return signs as distances from the mean, in standard deviations."""
        import numpy as np

        return np.asarray(np.divide(said - self.centre, self.spread, out=np.zeros_like(said), where=self.spread > 0))

    def offset(self, age: Ints) -> Floats:
        """Return the anchor's log-odds at a month as a customer."""
        import numpy as np

        chance = self.anchor.hazard(np.minimum(age, OLDEST))
        return np.asarray(np.log(chance / (1.0 - chance)))

    def shift(self, said: Floats, coefficients: Floats | None = None) -> Floats:
        """Return by how much the signs move each row's log-odds from the anchor's."""
        import numpy as np

        weights = self._coefficients if coefficients is None else coefficients
        return np.zeros(len(said)) if weights is None else weights[0] + self.standard(said) @ weights[1:]

    def chance(self, said: Floats, age: Ints) -> Floats:
        """Return the chance of leaving in a month, given signs and month as a customer."""
        return _within(self.offset(age) + self.shift(said))

    @property
    def _coefficients(self) -> Floats | None:
        return self.logistic.coefficients if self.logistic else None


def _within(log_odds: Floats) -> Floats:
    """Return log-odds as chances that are neither none nor certainty."""
    import numpy as np

    return np.clip(1.0 / (1.0 + np.exp(-log_odds)), LEAST, MOST)


def _levels(endings: float, draws: int, seed: int) -> Floats:
    """Return draws in which only the level moves, as a count of so many endings may (Jeffreys' gamma)."""
    import numpy as np

    found = np.zeros((draws, len(SIGNS) + 1))
    found[:, 0] = np.log(np.random.default_rng(seed).gamma(endings + 0.5, size=draws) / (endings + 0.5))
    return found


def anchored(months: Months) -> ShiftedBetaGeometric:
    """Return the chance of leaving by tenure alone.

    Half an ending is spread over all months, so that none seen is not taken for none possible.
    """
    import numpy as np

    at_risk = np.bincount(months.age - 1, minlength=OLDEST).astype("float64")
    lost = np.bincount(months.age - 1, weights=months.left, minlength=OLDEST)
    return ShiftedBetaGeometric.fit(at_risk, lost + 0.5 * at_risk / max(at_risk.sum(), 1.0))


@dataclass(frozen=True)
class Ahead:
    """The accounts on the as-of day, ready to be looked ahead for: signs, month as a customer, contracts running out.

    `runs_out` has accounts x months of the horizon.
    """

    signs: Floats
    age: Ints
    runs_out: Floats

    def hazards(self, model: HazardModel, coefficients: Floats | None = None) -> Floats:
        """Return accounts x months: the chance that an account still here leaves in the month.

        An account's signs stay as they are; it grows older, and its contracts run out when they do.
        """
        import numpy as np

        calm, ending = self.signs.copy(), self.signs.copy()
        calm[:, _RUNS_OUT], ending[:, _RUNS_OUT] = 0.0, 1.0
        moved, more = model.shift(calm, coefficients), model.shift(ending[:1], coefficients)
        more = more - model.shift(calm[:1], coefficients)
        # A month of all accounts lies together: that is how it is written, and read.
        found = np.empty(self.runs_out.shape, order="F")
        # The first month as a customer is its month 1; none is before it.
        by_age = model.offset(np.maximum(np.arange(OLDEST + 1), 1))
        for month in range(self.runs_out.shape[1]):
            offset = by_age[np.minimum(self.age + month, OLDEST)]
            found[:, month] = _within(offset + moved + more * self.runs_out[:, month])
        return found

    def drawn(self, model: HazardModel) -> Iterator[Floats]:
        """Yield the hazards of each draw of the bootstrap."""
        for coefficients in model.draws:
            yield self.hazards(model, coefficients)


def ahead(seen: History, placed: Standing, contracts: Terms, means: dict[str, float], horizon: int) -> Ahead:
    """Return the accounts of a history as they stand on the as-of day."""
    import numpy as np

    now = seen.months
    said = signs(seen, contracts, means, now).astype("float64")
    runs_out = np.asfortranarray(contracts.runs_out(now, horizon, len(said)), dtype="float64")
    return Ahead(said, placed.age(now), runs_out)


def calibration(months: Months, minimum: int, prior: float) -> pd.DataFrame:
    """Return how the chances told compare with what happened, each told by a model that has not seen the account.

    Columns: fifth (1: least likely to leave), months, expected and actual endings.
    """
    import numpy as np
    import pandas as pd

    told = np.zeros(len(months.left))
    fold = _places(months)[months.account] % FOLDS
    for number in range(FOLDS):
        model = HazardModel.fit(months.of(fold != number), minimum, prior)
        held = months.of(fold == number)
        told[fold == number] = model.chance(held.signs, held.age)
    order = np.argsort(np.lexsort((months.left, told)), kind="stable")
    fifths = pd.DataFrame({"fifth": order * FOLDS // max(len(told), 1) + 1, "expected": told, "actual": months.left})
    return fifths.groupby("fifth", as_index=False).agg(
        months=("actual", "size"), expected=("expected", "sum"), actual=("actual", "sum")
    )


def _places(months: Months) -> Ints:
    """Return each account's place by what is known of its months, so that no fold hangs on how accounts are named."""
    import numpy as np

    of = np.column_stack([np.ones(len(months.left)), months.left, months.age, months.signs])
    sums = np.column_stack([np.bincount(months.account, weights=part) for part in of.T])
    return own_places(sums.astype("float64"))


def what_moves(model: HazardModel) -> pd.DataFrame:
    """Return sign, step (a standard deviation), and the factor on the odds of leaving for a step more, with its range.

    Without rows where no sign moves anything.
    """
    import numpy as np
    import pandas as pd

    columns = ["sign", "step", "factor", "low", "high"]
    if model.logistic is None:
        return pd.DataFrame(columns=columns)
    drawn = model.draws if len(model.draws) else model.logistic.coefficients[None, :]
    low, high = np.exp(np.quantile(drawn, [LOW, HIGH], axis=0))
    factor = np.exp(model.logistic.coefficients)
    cells = [SIGNS, model.spread, factor[1:], low[1:], high[1:]]
    rows = pd.DataFrame(dict(zip(columns, cells, strict=True)))
    return rows[model.spread > 0].reset_index(drop=True)
