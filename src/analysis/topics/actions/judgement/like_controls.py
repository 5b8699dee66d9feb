"""What would have come anyway: the same days of accounts that stood as the one with the step did, and had no step.

A step is taken where a figure is bad, and a bad figure gets better by itself (regression to the mean: Galton, 1886);
the season and the portfolio move it too. So what came is a difference in differences against matched controls: the
accounts whose own figure in the days before was nearest, none above or below by more than a factor of two (Stuart,
Statistical Science 25(1), 2010). How far their changes lie apart is how far chance alone moves one account.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: As many like accounts as are looked at; with fewer than the least, nothing is told of chance.
MOST_LIKE, LEAST_LIKE = 20, 5
#: No like account's days before were above or below the account's own by more than this factor.
APART = 2.0
#: No change that would have come anyway is known to less than this share of it.
LEAST_DOUBT = 0.05
OVER_SERVICE, HAND = "over_service", "@hand"
_NEVER_OVER = ("failure", "obtaining")


@dataclass(frozen=True)
class Compared:
    """One account's days before and after, and what the days after would have been without the step.

    Parameters
    ----------
    before, after
        What it cost.
    others
        What the days after would have been, had it changed as like accounts did; with too few of them, as all others.
    doubt
        The standard error of that; empty where too few accounts are like it.
    like
        How many were.
    matter
        The part of `others` that the step acts on: all of it, or what lies beyond the level due.
    """

    before: float
    after: float
    others: float
    doubt: float
    like: int
    matter: float


@dataclass(frozen=True)
class Daily:
    """What steps act on, by account and day.

    Parameters
    ----------
    accounts
        The accounts, with the day since when and the day until when each is a customer.
    rows
        account (its place), day, kind (its place) and cost, sorted by day.
    kinds
        driver, attribute and by_hand of each kind.
    """

    accounts: pd.DataFrame
    rows: pd.DataFrame
    kinds: pd.DataFrame

    @classmethod
    def of(cls, found: pd.DataFrame, customers: pd.DataFrame) -> Daily:
        """Return the days of some accounts.

        Parameters
        ----------
        found
            customer_id, day, driver, attribute, by_hand, cost.
        customers
            customer_id, since, ended of the same accounts.
        """
        import pandas as pd

        names = ["driver", "attribute", "by_hand"]
        places = pd.Series(np.arange(len(customers)), customers.customer_id)
        numbers = found.groupby(names, sort=True).ngroup()
        rows = found.assign(account=places.reindex(found.customer_id).to_numpy(), kind=numbers)
        rows = rows.assign(day=pd.to_datetime(rows.day)).sort_values(["day", "account", "kind"], ignore_index=True)
        kinds = rows[[*names, "kind"]].drop_duplicates("kind").sort_values("kind", ignore_index=True)
        span = customers.assign(**{name: pd.to_datetime(customers[name]) for name in ("since", "ended")})
        return cls(span.reset_index(drop=True), rows[["account", "day", "kind", "cost"]], kinds[names])

    def only(self, accounts: Collection[str]) -> Daily:
        """Return the days of some of the accounts, in their order here."""
        import pandas as pd

        mine = self.accounts.customer_id.isin(accounts).to_numpy()
        places = pd.Series(np.cumsum(mine) - 1)
        rows = self.rows[mine[self.rows.account.to_numpy(dtype=np.intp)]]
        rows = rows.assign(account=places.iloc[rows.account].to_numpy()).reset_index(drop=True)
        return Daily(self.accounts[mine].reset_index(drop=True), rows, self.kinds)

    def showing(self, drivers: Collection[str], due: Collection[str]) -> Bools:
        """Return which kinds show what a step does.

        Parameters
        ----------
        drivers
            Of the work; one that ends with `@hand` is of what people do. `over_service` is the work of the services
            of which a level is known, whoever asked for it.
        due
            These services.
        """
        kinds = self.kinds
        found = kinds.driver.isin([name for name in drivers if not name.endswith(HAND)])
        hands = [name.removesuffix(HAND) for name in drivers if name.endswith(HAND)]
        found |= kinds.driver.isin(hands) & kinds.by_hand.astype(bool)
        if OVER_SERVICE in drivers:
            found |= kinds.attribute.isin(list(due)) & ~kinds.driver.isin(_NEVER_OVER)
        return np.asarray(found, dtype=np.bool_)

    def between(self, showing: Bools, first: Any, after: Any) -> Floats:
        """Return what the kinds cost each account from the first day to before another."""
        lowest, highest = self.rows.day.searchsorted([first, after])
        part = self.rows.iloc[lowest:highest]
        mine = showing[part.kind.to_numpy()] if len(showing) else np.zeros(0, dtype=np.bool_)
        return np.bincount(part.account[mine], weights=part.cost[mine], minlength=len(self.accounts)).astype(np.float64)

    def there(self, first: Any, after: Any) -> Bools:
        """Return which accounts were customers on all of the days."""
        since, ended = self.accounts.since, self.accounts.ended
        return np.asarray((since.isna() | (since <= first)) & (ended.isna() | (ended >= after)), dtype=np.bool_)


def nearest(before: Floats, mine: int, open_: Bools) -> NDArray[np.intp]:
    """Return the accounts whose days before were nearest to an account's own, at most a factor of two from it.

    Examples
    --------
    >>> nearest(np.array([100.0, 90.0, 40.0, 130.0, 0.0]), 0, np.array([False, True, True, True, True]))
    array([1, 3])
    """
    some = open_ & (before > 0)
    apart = np.full(len(before), np.inf)
    apart[some] = np.abs(np.log(before[some] / before[mine]))
    # Whoever is as near as the last of them is one of them: none is left out for its name.
    farthest = np.sort(apart)[:MOST_LIKE][-1]
    return np.flatnonzero(apart <= min(farthest, np.log(APART)))


def compared(daily: Daily, question: Any, drivers: Collection[str], due: dict[str, float], busy: Bools) -> Compared:
    """Return one step's days before and after against like accounts.

    Parameters
    ----------
    question
        customer_id; first, on, after: the days from `first` to before `on`, and from `on` to before `after`.
    drivers
        What shows the step.
    due
        By service what the level due costs this account a day, where a level is known.
    busy
        The accounts with steps of their own in the days.
    """
    mine = int(np.flatnonzero(daily.accounts.customer_id == question.customer_id)[0])
    beyond = _beyond(daily, question, mine, due) if OVER_SERVICE in drivers else {}
    showing = daily.showing(drivers, beyond)
    before = daily.between(showing, question.first, question.on)
    after = daily.between(showing, question.on, question.after)
    open_ = daily.there(question.first, question.after) & ~busy
    open_[mine] = False
    like = nearest(before, mine, open_) if before[mine] > 0 else np.zeros(0, dtype=np.intp)
    enough = len(like) >= LEAST_LIKE
    these = like if enough else np.flatnonzero(open_)
    stood = fsum(before[these])
    trend = fsum(after[these]) / stood if stood > 0 else 1.0
    others = float(before[mine]) * trend
    doubt = _doubt(before[like], after[like], float(before[mine]), trend) if enough else float("nan")
    due_then = fsum(min(cost * trend, level) for cost, level in beyond.values())
    return Compared(float(before[mine]), float(after[mine]), others, doubt, len(like), others - due_then)


def _beyond(daily: Daily, question: Any, mine: int, due: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Return the services of which an account got more than its level: what they cost, and what the level costs."""
    days, found = (question.on - question.first).days, {}
    for service, a_day in due.items():
        cost = daily.between(daily.showing([OVER_SERVICE], [service]), question.first, question.on)[mine]
        if cost > a_day * days:
            found[service] = (float(cost), a_day * days)
    return found


def _doubt(before: Floats, after: Floats, mine: float, trend: float) -> float:
    """Return how far chance alone moves an account from what its like would lead one to expect."""
    apart = (after / before - trend) * mine
    spread = float(np.sqrt(fsum(apart**2) / (len(apart) - 1)))
    return max(spread, LEAST_DOUBT * trend * mine) * float(np.sqrt(1.0 + 1.0 / len(apart)))
