"""What is left of each account's time with us, by the model that the data can carry.

Where leaving is seen (`ended`, or contracts): a discrete-time hazard. Where it is not, but purchases are: BG/NBD.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal

from analysis.ledger.working_time import WorkingTime
from analysis.policy import Value
from analysis.statistics.ends import HIGH, LOW
from analysis.topics.value.judgement.annuity import annuity
from analysis.topics.value.judgement.hazard import Ahead, HazardModel, Months, ahead, calibration, months_at_risk
from analysis.topics.value.judgement.history import history
from analysis.topics.value.judgement.logistic import own_places
from analysis.topics.value.judgement.purchases import FEWEST, PurchaseModel, purchases
from analysis.topics.value.judgement.signs import BEFORE, days_back, standing, terms, usual

if TYPE_CHECKING:
    import pandas as pd
    from numpy import bool_, float64, int64
    from numpy.typing import NDArray

    Floats = NDArray[float64]
    Bools = NDArray[bool_]
    Ints = NDArray[int64]

#: Accounts that the chance of leaving is learnt from at most; for the others it is only told.
FITTED = 20_000
#: Months of history that it is learnt from at most.
LONGEST = 60
Model = Literal["signs", "tenure", "purchases", "none"]


@dataclass(frozen=True)
class Staying:
    """How long accounts stay.

    Attributes
    ----------
    model
        What it rests on: `signs` (the hazard moved by what is known of each), `tenure` (the anchor alone), `purchases`
        (BG/NBD), or `none`.
    hazards
        Accounts x months ahead, 1 for one that has left; NaN where nothing tells.
    left
        Whether each has left.
    endings
        Seen in the history that it was learnt from.
    hazard_model, at_risk
        The hazard and the months that it was learnt from, where it is the model.
    draws
        Makes the hazards of each draw of the bootstrap.
    """

    model: Model
    hazards: Floats
    left: Bools
    endings: int = 0
    hazard_model: HazardModel | None = None
    at_risk: Months | None = None
    draws: Callable[[], Iterator[Floats]] | None = None

    def until(self, horizon: int) -> Staying:
        """Return the same for no more than so many months ahead."""
        draws = self.draws
        some = None if draws is None else lambda: (found[:, :horizon] for found in draws())
        return replace(self, hazards=self.hazards[:, :horizon], draws=some)

    def drawn(self) -> Iterator[Floats]:
        """Yield the hazards of each draw of the bootstrap; none where nothing tells."""
        import numpy as np

        for found in self.draws() if self.draws else ():
            yield np.where(self.left[:, None], 1.0, found)


@dataclass(frozen=True)
class Lifetimes:
    """The lifetimes of accounts known on an as-of day; learnt once, when asked for.

    Parameters
    ----------
    checked
        The input tables.
    customers
        The accounts, in the order of every result.
    after
        The day after the as-of day.
    first
        The first day that the data speaks of; None: it has no dates.
    policy
        The choices about value.
    horizon
        Months ahead.
    time
        How it is told whether a promised date was missed.
    """

    checked: Any
    customers: pd.Series[str]
    after: date
    first: date | None
    policy: Value
    horizon: int
    time: WorkingTime

    @cached_property
    def _days(self) -> pd.DataFrame:
        found: pd.DataFrame = days_back(self.checked["customers"], self.after).order_by("customer_id").to_pandas()
        return found

    @property
    def months(self) -> int:
        """Months of history that the chance of leaving is learnt from."""
        if self.first is None:
            return 0
        months = (self.after.year - self.first.year) * 12 + self.after.month - self.first.month
        return max(0, min(LONGEST, months))

    @cached_property
    def _mine(self) -> pd.DataFrame:
        return self.customers.to_frame("customer_id").merge(self._days, on="customer_id", how="left")

    @cached_property
    def staying(self) -> Staying:
        """How long each account stays, by the model that the data can carry."""
        left = standing(self._mine, 0).left
        seen = bool((self._days.ended_back >= 0).any()) or self.checked.get("contracts") is not None
        if seen and self.months and not self.customers.empty:
            return self._by_hazard(left)
        lines = self.checked.get("transactions")
        rows = None if lines is None else purchases(lines, self.after)
        if rows is not None and (rows.frequency > 0).sum() >= FEWEST:
            return self._by_purchases(rows, left)
        return Staying("none", self._settled(None, left), left)

    def _settled(self, found: Floats | None, left: Bools) -> Floats:
        import numpy as np

        hazards = np.full((len(self.customers), self.horizon), np.nan) if found is None else found
        return np.where(left[:, None], 1.0, hazards)

    def _by_hazard(self, left: Bools) -> Staying:
        months, policy = self._at_risk(), self.policy
        model = HazardModel.fit(months, policy.minimum_endings, policy.prior, policy.draws, policy.seed)
        now = self._ahead(self._mine, min(self.months, BEFORE))
        return Staying(
            "signs" if model.logistic else "tenure",
            self._settled(now.hazards(model), left),
            left,
            int(months.left.sum()),
            model,
            months,
            partial(now.drawn, model),
        )

    def _at_risk(self) -> Months:
        import numpy as np

        some = np.sort(np.random.default_rng(self.policy.seed).permutation(len(self._days))[:FITTED])
        rows = self._days.iloc[some].reset_index(drop=True)
        seen = history(self.checked, rows.customer_id, self.after, self.months, self.time)
        agreed = terms(self.checked.get("contracts"), rows.customer_id, self.after, self.months)
        return months_at_risk(seen, standing(rows, self.months), agreed)

    def _ahead(self, rows: pd.DataFrame, months: int) -> Ahead:
        seen = history(self.checked, rows.customer_id, self.after, months, self.time)
        agreed = terms(self.checked.get("contracts"), rows.customer_id, self.after, months)
        return ahead(seen, standing(rows, months), agreed, usual(seen), self.horizon)

    def _by_purchases(self, rows: pd.DataFrame, left: Bools) -> Staying:
        columns = ["frequency", "recency", "age"]
        model = PurchaseModel.fit(rows[columns], self.policy.draws, self.policy.seed)
        if not model.tells:
            return Staying("none", self._settled(None, left), left)
        mine = self.customers.to_frame("customer_id").merge(rows, on="customer_id", how="left")[columns]
        hazards = self._settled(model.hazards(mine, self.horizon), left)
        return Staying("purchases", hazards, left, draws=partial(model.drawn, mine, self.horizon))

    def calibration(self) -> pd.DataFrame | None:
        """Return how the chances told compare with what happened; None where no signs move them."""
        staying = self.staying
        if staying.model != "signs" or staying.at_risk is None:
            return None
        return calibration(staying.at_risk, self.policy.minimum_endings, self.policy.prior)


@dataclass(frozen=True)
class Worth:
    """The value of accounts, with its range, and that of the book.

    Attributes
    ----------
    accounts
        clv, clv_avoidable, clv_low, clv_high.
    book
        clv, low and high of all accounts together that are known; NaN where that is none of those still here, and low
        and high without draws.
    """

    accounts: pd.DataFrame
    book: dict[str, float]


def worth(staying: Staying, margin: pd.DataFrame, cost_spread: pd.Series[float], rate: float, seed: int) -> Worth:
    """Return the value of the margin ahead: margin a month x the present value of one a month.

    The range comes from the bootstrap of the hazard, from what few months leave open of the margin, and from the
    costing's ranges, which move all accounts' cost together.

    Parameters
    ----------
    staying
        How long accounts stay.
    margin
        full, avoidable and spread a month, in the same order.
    cost_spread
        The standard deviation that the costing's ranges give the margin of a month.
    rate
        The discount rate, a year.
    """
    import numpy as np
    import pandas as pd

    months = annuity(staying.hazards, rate)
    found = pd.DataFrame({"clv": margin.full * months, "clv_avoidable": margin.avoidable * months})
    rng, drawn, place = np.random.default_rng(seed), [], _places(margin)
    for hazards in staying.drawn():
        own = margin.spread.to_numpy() * rng.standard_normal(len(margin))[place]
        shared = cost_spread.fillna(0.0).to_numpy() * rng.standard_normal()
        drawn.append(((margin.full.to_numpy() + own + shared) * annuity(hazards, rate)).astype("float32"))
    gone = {"clv": 0.0, "clv_avoidable": 0.0, "clv_low": 0.0, "clv_high": 0.0}
    low = high = np.full(len(found), np.nan)
    if drawn:
        low, high = np.quantile(np.array(drawn), [LOW, HIGH], axis=0)
    known = bool(found.clv.notna()[~staying.left].any()) or bool(staying.left.all())
    totals = [float(np.nansum(draw, dtype="float64")) for draw in drawn] if known else []
    accounts = found.assign(clv_low=low, clv_high=high)
    accounts = accounts.mask(pd.Series(staying.left), pd.DataFrame(gone, index=accounts.index))
    ends = np.quantile(totals, [LOW, HIGH]) if totals else np.full(2, np.nan)
    clv = float(accounts.clv.sum()) if known else np.nan
    return Worth(accounts, {"clv": clv, "low": float(ends[0]), "high": float(ends[1])})


def _places(margin: pd.DataFrame) -> Ints:
    """Return each account's place by its margin, so that what is drawn for it hangs neither on its id nor its row."""
    import numpy as np

    return own_places(np.nan_to_num(margin[["full", "avoidable", "spread"]].to_numpy(dtype="float64")))
