"""How long accounts stay where nobody tells that it leaves: from their purchases, by BG/NBD."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from analysis.topics.value.judgement.bg_nbd import BetaGeometricNBD
from analysis.topics.value.judgement.logistic import in_own_order
from analysis.window import MONTH_DAYS

if TYPE_CHECKING:
    import pandas as pd
    from numpy import float64
    from numpy.typing import NDArray

    Floats = NDArray[float64]

WEEK = 7.0
WEEKS_A_MONTH = MONTH_DAYS / WEEK
#: Customers that the model is fitted on at most, and times that it is fitted again for the range.
FITTED, REFITTED = 20_000, 20
#: Customers who came again below which a model of purchases says nothing: one purchase tells not when another is due.
FEWEST = 20
#: Share of the bootstrap's models that may lie at their bound before the data is taken not to tell who stops.
BOUNDED = 0.1
#: The chance of a silence as long as a customer's, were it still one, below which the model does not speak of it.
SILENCE = 0.05


def purchases(lines: Any, after: date) -> pd.DataFrame:
    """Return each customer's days with a sale, in weeks: customer_id, frequency, recency and age, as BG/NBD takes them.

    Parameters
    ----------
    lines
        The input's transactions (Ibis).
    after
        The day after the as-of day: what is dated on it or later is not known yet.
    """
    import ibis

    sales = lines.filter(lines.kind == "sale", lines["date"] < after)
    sales = sales.filter(sales.customer_id.notnull())
    found = sales.group_by("customer_id").aggregate(
        days=sales["date"].nunique(), first=sales["date"].min(), last=sales["date"].max()
    )
    rows = found.select(
        "customer_id",
        frequency=(found.days - 1).cast("float64"),
        recency=found["last"].delta(found["first"], unit="day") / WEEK,
        age=ibis.date(after).delta(found["first"], unit="day") / WEEK,
    )
    frame: pd.DataFrame = rows.order_by("customer_id").to_pandas()
    return frame


@dataclass(frozen=True)
class PurchaseModel:
    """BG/NBD of a portfolio's purchases, with the models of its bootstrap."""

    model: BetaGeometricNBD
    again: tuple[BetaGeometricNBD, ...]

    @classmethod
    def fit(cls, rows: pd.DataFrame, draws: int, seed: int) -> PurchaseModel:
        """Return the model of customers' purchases, and of so many draws of the customers (`REFITTED` at most)."""
        import numpy as np

        rng = np.random.default_rng(seed)
        some = in_own_order(rows.to_numpy(dtype="float64"))[np.sort(rng.permutation(len(rows))[:FITTED])]
        picks = (rng.integers(0, len(some), len(some)) for _ in range(min(draws, REFITTED)))
        return cls(BetaGeometricNBD.fit(*some.T), tuple(BetaGeometricNBD.fit(*some[pick].T) for pick in picks))

    @property
    def tells(self) -> bool:
        """Whether the purchases tell who stops: somebody did by the model, and in nearly all of the draws too."""
        edge = sum(model.at_its_bound for model in self.again)
        return not self.model.at_its_bound and edge <= BOUNDED * len(self.again)

    def hazards(self, rows: pd.DataFrame, horizon: int) -> Floats:
        """Return customers x months: the chance of leaving in a month; the first holds that it has left already.

        NaN for who bought once and has been silent for longer than the model knows of customers: to it everybody who
        never came again is still one, however long ago that was.
        """
        return self._told(rows, hazards(self.model, rows, horizon))

    def _told(self, rows: pd.DataFrame, found: Floats) -> Floats:
        import numpy as np

        silence = (self.model.alpha / (self.model.alpha + rows.age.to_numpy())) ** self.model.r
        beyond = (rows.frequency.to_numpy() == 0) & (silence < SILENCE)
        return np.where(beyond[:, None], np.nan, found)

    def drawn(self, rows: pd.DataFrame, horizon: int) -> Iterator[Floats]:
        """Yield the hazards by each model of the bootstrap."""
        for model in self.again:
            yield self._told(rows, hazards(model, rows, horizon))


def hazards(model: BetaGeometricNBD, rows: pd.DataFrame, horizon: int) -> Floats:
    """Return what share of each customer's purchases, at the rate of one that is alive, falls away month by month."""
    import numpy as np

    x, t_x, age = rows[["frequency", "recency", "age"]].to_numpy(dtype="float64").T[:, :, None]
    ends = np.arange(horizon + 1)[None, :] * WEEKS_A_MONTH
    bought = np.diff(model.conditional_expected_purchases(ends, x, t_x, age), axis=1)
    alive = (model.r + x) / (model.alpha + age) * WEEKS_A_MONTH
    stays = np.minimum.accumulate(np.clip(bought / alive, 1e-9, 1.0), axis=1)
    before = np.column_stack([np.ones(len(stays)), stays[:, :-1]])
    return np.asarray(1.0 - stays / before)
