"""What is known of an account at the start of a month that may tell whether it leaves in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from analysis.topics.value.judgement.history import History, months_back
from analysis.window import MONTH_DAYS

if TYPE_CHECKING:
    import ibis
    import pandas as pd
    from numpy import bool_, float32, float64, int64
    from numpy.typing import NDArray

    Floats32 = NDArray[float32]
    Floats = NDArray[float64]
    Ints = NDArray[int64]
    Bools = NDArray[bool_]

YEAR, RECENT, BEFORE = 12, 6, 24
#: Answers and cases of an average account that each account's own are shrunk by.
ANSWERS, CASES = 2.0, 4.0
#: A change of the discount beyond which more of it tells nothing more.
MOST_CHANGE = 0.15
#: Months as a customer beyond which more of them tell nothing more.
OLDEST = 240
#: The month of the history in which a contract without an end runs out.
NEVER = 10**6
SIGNS = ("satisfaction", "failures", "discount_lost", "contract", "contract_ends")


@dataclass(frozen=True)
class Standing:
    """The accounts' places in time, in months counted from the first of the history (may be negative).

    Attributes
    ----------
    since
        The month in which each became a customer; NaN: not known.
    ended
        The month in which it ended; NaN: still here on the as-of day.
    """

    since: Floats
    ended: Floats

    @property
    def left(self) -> Bools:
        """Whether each account has left."""
        import numpy as np

        return ~np.isnan(self.ended)

    def age(self, month: int) -> Ints:
        """Return each account's month as a customer at a month of the history, counted from 1.

        Where the first day is not known it is the middle one's of those there whose is known.
        """
        import numpy as np

        ages = np.where(self.since <= month, month - self.since + 1.0, np.nan)
        known = ages[~np.isnan(ages)]
        usual = float(np.median(known)) if len(known) else float(month + 1)
        return np.clip(np.where(np.isnan(ages), usual, ages), 1, OLDEST).astype("int64")


def standing(customers: pd.DataFrame, months: int) -> Standing:
    """Return where accounts stand in time.

    Parameters
    ----------
    customers
        since_back and ended_back, as `months_back` counts them; an end after the as-of day is none.
    months
        Of the history.
    """
    import numpy as np

    since, ended = (customers[name].astype("float64").to_numpy() for name in ("since_back", "ended_back"))
    ended = np.where(ended >= 0, ended, np.nan)
    return Standing(months - 1.0 - since, months - 1.0 - ended)


def days_back(customers: ibis.Table, after: date) -> ibis.Table:
    """Return customer_id, since_back and ended_back of the input's accounts (Ibis)."""
    return customers.select(
        "customer_id", since_back=months_back(customers.since, after), ended_back=months_back(customers.ended, after)
    )


@dataclass(frozen=True)
class Terms:
    """The contracts: whose (by place), the months in which each starts and ends, and its length in months.

    One without an end ends in the month `NEVER`.
    """

    account: Ints
    starts: Ints
    ends: Ints
    length: Ints

    def at(self, month: int, accounts: int) -> tuple[Bools, Bools]:
        """Return whether each account has a contract in a month of the history, and whether one runs out in it."""
        import numpy as np

        has, ends = np.zeros(accounts, dtype="bool"), np.zeros(accounts, dtype="bool")
        has[self.account[(self.starts <= month) & (self.ends >= month)]] = True
        ends[self.account[self.ends == month]] = True
        return has, ends

    def runs_out(self, month: int, months: int, accounts: int) -> Bools:
        """Return accounts x months from a month on: whether a contract runs out, if each is renewed for as long."""
        import numpy as np

        found = np.zeros((accounts, months), dtype="bool")
        live = (self.starts <= month) & (self.ends >= month)
        term = np.maximum(self.length, 1)[live]
        for ahead in range(months):
            beyond = month + ahead - self.ends[live]
            found[self.account[live][(beyond >= 0) & (beyond % term == 0)], ahead] = True
        return found


def terms(contracts: ibis.Table, customers: pd.Series[str], after: date, months: int) -> Terms:
    """Return the contracts of some accounts, known on the as-of day.

    Parameters
    ----------
    contracts
        The input table (Ibis), or None.
    customers
        The accounts, whose places count.
    after, months
        The day after the as-of day, and the months of the history.
    """
    import numpy as np
    import pandas as pd

    if contracts is None:
        none = np.zeros(0, dtype="int64")
        return Terms(none, none, none, none)
    days = contracts.ends.delta(contracts.starts, unit="day") + 1
    rows = contracts.select(
        "customer_id",
        starts=months_back(contracts.starts, after),
        ends=months_back(contracts.ends, after),
        length=(days / MONTH_DAYS).round(),
    ).to_pandas()
    place = pd.Series(range(len(customers)), index=pd.Index(customers))
    rows = rows.assign(account=rows.customer_id.map(place)).dropna(subset=["account", "starts"])
    last = months - 1
    rows = rows.assign(starts=last - rows.starts, ends=(last - rows.ends).fillna(NEVER), length=rows.length.fillna(1))
    kinds = dict.fromkeys(("account", "starts", "ends", "length"), "int64")
    rows = rows.astype(kinds).sort_values(["account", "starts", "ends"], ascending=[True, False, False])
    return Terms(*(rows[name].to_numpy() for name in kinds))


def signs(seen: History, contracts: Terms, means: dict[str, float], month: int) -> Floats32:
    """Return accounts x `SIGNS` as they stand at the start of a month (0: the first; `seen.months`: the as-of day).

    Parameters
    ----------
    seen
        The accounts' history.
    contracts
        Their contracts.
    means
        What the portfolio's answers, cases and discounts say on average (`usual`), for those who have said little.
    """
    import numpy as np

    accounts = len(next(iter(seen.counts.values())))

    def of(name: str, first: int = 1, last: int = YEAR) -> Floats32:
        return seen.between(name, month - last, month - first + 1)

    satisfaction = (of("satisfaction") + ANSWERS * means["satisfaction"]) / (of("answers") + ANSWERS)
    failures = (of("failed") + CASES * means["failed"]) / (of("cases") + CASES)
    now = _ratio(of("discount", 1, RECENT), of("listed", 1, RECENT))
    then = _ratio(of("discount", RECENT + 1, BEFORE), of("listed", RECENT + 1, BEFORE))
    lost = np.nan_to_num(np.clip(then - now, -MOST_CHANGE, MOST_CHANGE))
    has, ends = contracts.at(month, accounts)
    return np.column_stack([satisfaction, failures, lost, has, ends]).astype("float32")


def usual(seen: History) -> dict[str, float]:
    """Return the portfolio's mean satisfaction and share of failed cases."""
    total = {name: float(values.sum(dtype="float64")) for name, values in seen.counts.items()}
    return {
        "satisfaction": total["satisfaction"] / total["answers"] if total["answers"] else 0.0,
        "failed": total["failed"] / total["cases"] if total["cases"] else 0.0,
    }


def _ratio(part: Floats32, whole: Floats32) -> Floats32:
    import numpy as np

    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)
