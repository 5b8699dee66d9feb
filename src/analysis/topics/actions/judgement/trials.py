"""Try it small: which accounts should have a step now and which a quarter later, so that one can tell what it does.

Accounts that are alike in what the step acts on make a pair; a lot says which of the two goes first, and the other
waits. What those that wait do in the same days is what would have come anyway: by design, not by likeness. How many are
needed follows from how far such accounts' quarters differ without a step, counted on the portfolio's own past quarters:
the fewest with which four such trials in five would show what is assumed (Cohen, Statistical Power Analysis, 1988).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.policy import Assumptions
from analysis.topics.actions.judgement.acted_on import ActedOn
from analysis.topics.actions.judgement.learnt_ranges import mean_and_spread, one_share
from analysis.topics.actions.judgement.like_controls import Floats

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

#: Days of a quarter; the past quarters that are looked at, and those that the one after is set beside, at most.
DAYS, QUARTERS, BEFORE = 91, 9, 4
#: Fewer pairs tell nothing of chance; of more accounts those with most for the step to act on are looked at.
LEAST_PAIRS, MOST_ACCOUNTS = 2, 100
#: The chance of seeing something where nothing came, and of seeing what is assumed.
WRONG, SEEN = 0.05, 0.8
NOW, WAIT = "now", "wait"
STAGGERED, BY_LOT, NONE = "staggered", "by_lot", "none"
PROPOSED = "proposed"
NOT_SHOWN = "nothing that is recorded would show what it changes"
ANSWERS = f"{NOT_SHOWN}; how many agree, the answers of those who are asked will tell"
TOO_FEW = f"fewer than {2 * LEAST_PAIRS} accounts with anything for it to act on could have it"
TOO_SHORT = "the data does not reach back two quarters"
NOT_ENOUGH = "chance moves so few accounts by more than what is assumed"


@dataclass(frozen=True)
class Noise:
    """What some accounts' quarters were without a step.

    Parameters
    ----------
    matter
        By account what the step acts on in a quarter, the mean of the last ones; empty where none is known.
    variance
        By account how far chance moves a quarter from what those before it and all accounts' change would lead one to
        expect: the mean square.
    before
        How many quarters those are.
    """

    matter: Floats
    variance: Floats
    before: int


def noise(acted: ActedOn, begins: Any, after: Any, steps: pd.DataFrame) -> Noise | None:
    """Return what accounts' quarters were without a step; None where the data has not two of them.

    Parameters
    ----------
    begins, after
        The first day of the data, and the day after its last.
    steps
        customer_id and on of the steps that were taken: such a quarter is not one without.
    """
    import pandas as pd

    count = min((after - begins).days // DAYS, QUARTERS)
    if count < 2:
        return None
    edges = [after - pd.Timedelta(days=DAYS * back) for back in range(count + 1)]
    cost = np.array([acted.cost(first, last) for last, first in pairwise(edges)])
    there = np.array([_there(acted, first, last, steps) for last, first in pairwise(edges)])
    matter = np.array([acted.beyond(one, DAYS) for one in cost])
    back = min(BEFORE, count - 1)
    off = []
    for place in range(count - back):
        earlier = slice(place + 1, place + 1 + back)
        off.append(_apart(cost[earlier].mean(axis=0), cost[place], there[place] & there[earlier].all(axis=0)) ** 2)
    return Noise(_mean(np.where(there, matter, np.nan)[:back]), _mean(np.array(off)), back)


def _there(acted: ActedOn, first: Any, after: Any, steps: pd.DataFrame) -> Any:
    busy = steps.customer_id[(steps.on >= first) & (steps.on < after)]
    return acted.daily.there(first, after) & ~acted.daily.accounts.customer_id.isin(busy).to_numpy()


def _apart(before: Floats, after: Floats, there: Any) -> Floats:
    """Return how far each account's quarter lay from what all accounts' change would lead one to expect."""
    stood = before[there].sum()
    trend = after[there].sum() / stood if stood > 0 else 1.0
    return np.where(there, after - trend * before, np.nan)


def _mean(rows: Floats) -> Floats:
    known = ~np.isnan(rows)
    count = known.sum(axis=0)
    return np.where(count > 0, np.where(known, rows, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan)


@dataclass(frozen=True)
class Design:
    """How many pairs, and what they would show: shares of what the step acts on."""

    pairs: int
    could_see: float
    power: float


def designed(matter: Floats, variance: Floats, share: float, accepts: float) -> Design:
    """Return the fewest pairs of accounts, those with most first, that would show what is assumed.

    Where not all of them would, the number that shows most. A trial tells the share as the change of those that go
    first against that of those that wait, over what the step acts on; half the accounts are in either part.

    Parameters
    ----------
    matter, variance
        As `Noise` has them, the largest matter first.
    share, accepts
        What is assumed to go of what it acts on, and how many accounts agree.

    Examples
    --------
    Four accounts of 100 that chance moves by 10: the share is known to 2 x 20 / 400, of two degrees of freedom.

    >>> found = designed(np.full(4, 100.0), np.full(4, 100.0), 0.9, 1.0)
    >>> found.pairs, round(found.could_see, 2)
    (2, 0.4)
    """
    from scipy.stats import nct, t

    best, told = Design(0, np.inf, 0.0), (0, 0.0, 0.0)
    for pairs in range(LEAST_PAIRS, len(matter) // 2 + 1):
        some, free = slice(0, 2 * pairs), 2 * pairs - 2
        error = 2.0 * np.sqrt(variance[some].sum()) / (matter[some].sum() * accepts)
        line = float(t.ppf(1.0 - WRONG, free))
        could_see = (line + float(t.ppf(SEEN, free))) * error
        if could_see < best.could_see:
            best, told = Design(pairs, float(could_see), 1.0), (free, line, error)
        if could_see <= share:
            break
    free, line, error = told
    return replace(best, power=float(nct.sf(line, free, share / error))) if error > 0 else best


def drawn_by_lot(matter: Floats, seed: int) -> list[str]:
    """Return the part of each account: neighbours in what the step acts on are a pair, and a lot parts them.

    The lot falls on a pair's place in that order: neither names nor the order of rows have a part in it.
    """
    first = np.random.default_rng([seed, 19]).random(len(matter) // 2) < 0.5
    return [part for one in first for part in ((NOW, WAIT) if one else (WAIT, NOW))]


def trial(action: str, pool: pd.DataFrame, told: Noise | None, assumed: Assumptions, seed: int) -> dict[str, Any]:
    """Return a trial of a step: its facts as `tables/trials` has them, and `members`.

    Parameters
    ----------
    pool
        The accounts that could have it: customer_id, value, planned (the plan has it), waiting (what a quarter's
        waiting costs), in the order of `told`.
    told
        What their quarters were; None: the data does not reach back far enough.
    """
    share, accepts = mean_and_spread(assumed.share)[0], mean_and_spread(assumed.accepts)[0]
    asked = 1.0 if one_share(assumed) else accepts
    none = {"action": action, "kind": NONE, "expected": share, "members": pool.head(0)}
    if told is None:
        return none | {"why_not": TOO_SHORT}
    rows = pool.assign(matter=told.matter, variance=told.variance)
    rows = rows[(rows.matter > 0) & rows.variance.notna()]
    rows = rows.sort_values(["matter", "value", "customer_id"], ascending=[False, False, True])
    if len(rows) < 2 * LEAST_PAIRS or share * asked <= 0:
        return none | {"why_not": TOO_FEW}
    found, rows = _of_the_plan_if_enough(rows, share, asked)
    members = rows.head(2 * found.pairs).assign(pair=np.arange(2 * found.pairs) // 2 + 1)
    members = members.assign(part=drawn_by_lot(members.matter.to_numpy(), seed))
    return none | {
        "kind": STAGGERED if members.planned.all() else BY_LOT,
        "state": PROPOSED,
        "accounts": len(members),
        "quarters_before": told.before,
        "could_see": found.could_see,
        "power": found.power,
        "waiting_costs": float(members.waiting[members.part == WAIT].sum()),
        "hours": assumed.hours * found.pairs,
        "why_not": "" if found.could_see <= share else NOT_ENOUGH,
        "members": members,
    }


def _of_the_plan_if_enough(rows: pd.DataFrame, share: float, asked: float) -> tuple[Design, pd.DataFrame]:
    """Return the design of the accounts for which the plan has the step, where they tell; else that of all."""
    for some in (rows[rows.planned], rows):
        found = designed(some.matter.to_numpy(np.float64), some.variance.to_numpy(np.float64), share, asked)
        if found.could_see <= share:
            break
    return found, some


def name_of(action: str, day: date) -> str:
    """Return a trial's name: its step and the day that it was drawn.

    Examples
    --------
    >>> from datetime import date
    >>> name_of("educate", date(2026, 10, 31))
    'educate 2026-10-31'
    """
    return f"{action} {day:%Y-%m-%d}"
