"""A trial that was drawn by an earlier run, once the record says that its step was taken: what came of it.

It stays as it was drawn. Every pair is looked at in the same days: the quarters before the one of the two that goes
first had the step, and a quarter from then. What those that wait did is taken off (a difference in differences of drawn
parts), and what is left is divided by how many more went along in the part that goes first (Bloom, Evaluation Review
8(2), 1984): so that it is what the step does where it is taken, however many were left out or refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.topics.actions.judgement.acted_on import ActedOn, acted_on
from analysis.topics.actions.judgement.like_controls import Daily, Floats
from analysis.topics.actions.judgement.trials import DAYS, LEAST_PAIRS, NOW, PROPOSED, WRONG

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pandas as pd

RUNNING, READ, LAPSED = "running", "read", "lapsed"
#: Days from the draw in which the first step has to be taken; days that a trial is kept in view after its draw.
BEGINS_WITHIN, IN_VIEW = 92, 550
#: At least so many more of those that go first than of those that wait had the step, or it is another trial.
AS_DRAWN = 0.5
WORKS, NOT_SEEN, WORSE = "works", "not_seen", "worse"
NOT_AS_DRAWN = "it was not run as drawn: too many of those that wait had the step, or too few of the others"
TOO_FEW_LEFT = f"fewer than {LEAST_PAIRS} of its pairs were customers on all of the days"
NOTHING_THERE = "there was nothing for it to act on"


def in_view(trials: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return the trials of an earlier run that are still to be run, read or shown."""
    import pandas as pd

    days = (pd.Timestamp(as_of) - pd.to_datetime(trials.drawn_on)).dt.days
    return trials[trials.state.isin([PROPOSED, RUNNING, READ]) & (days > 0) & (days <= IN_VIEW)]


def taken_in(members: pd.DataFrame, taken: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts of trials with the day that each first had the step since the draw, and how it answered.

    Parameters
    ----------
    members
        `tables/trial_accounts`, with `action` and `drawn_on`.
    taken
        customer_id, action, on, outcome.
    """
    import pandas as pd

    rows = members.drop(columns=["taken_on", "outcome"], errors="ignore")
    found = rows[["trial", "customer_id", "action", "drawn_on"]].merge(taken, on=["customer_id", "action"])
    found = found[pd.to_datetime(found.on) > pd.to_datetime(found.drawn_on)].sort_values(["on", "customer_id"])
    first = found.drop_duplicates(["trial", "customer_id"]).rename(columns={"on": "taken_on"})
    rows = rows.merge(first[["trial", "customer_id", "taken_on", "outcome"]], on=["trial", "customer_id"], how="left")
    return rows.assign(taken_on=pd.to_datetime(rows.taken_on))


def read(trial: Any, members: pd.DataFrame, daily: Daily | None, due: Mapping[str, Any], after: date) -> dict[str, Any]:
    """Return what is known of a trial now: its state, and once it can be read what came.

    Parameters
    ----------
    trial
        Its row of the earlier run.
    members
        Its accounts, as `taken_in` gives them.
    daily
        Their days; None where nothing is recorded that shows the step.
    due
        By account and service what the level due costs a day.
    after
        The day after the as-of day.
    """
    import pandas as pd

    end = pd.Timestamp(after)
    had = members.taken_on[(members.part == NOW) & members.taken_on.notna()]
    if had.empty:
        late = (end - pd.Timestamp(trial.drawn_on)).days > BEGINS_WITHIN
        return {"state": LAPSED if late else PROPOSED}
    begun = had.min()
    in_time = had[had <= begun + pd.Timedelta(days=BEGINS_WITHIN)]
    ends = in_time.max() + pd.Timedelta(days=DAYS)
    known = {"begun": begun, "reads_on": ends - pd.Timedelta(days=1), "had_it": len(in_time)}
    if ends > end:
        return {"state": RUNNING, **known}
    days = members.assign(on=_days_of(members, in_time))
    return {"state": READ, **known, **_came(trial, days, daily, due)}


def _days_of(members: pd.DataFrame, in_time: pd.Series[Any]) -> pd.Series[Any]:
    """Return the day of each account's pair: when the one that goes first had the step, else the middle such day."""
    import pandas as pd

    first = members.loc[in_time.index].set_index("pair").taken_on
    middle = pd.Timestamp(in_time.sort_values().iloc[(len(in_time) - 1) // 2])
    return pd.to_datetime(members.pair.map(first)).fillna(middle)


def _came(trial: Any, members: pd.DataFrame, daily: Daily | None, due: Mapping[str, Any]) -> dict[str, Any]:
    from scipy.stats import t

    rows = _measured(trial, members, daily, due)
    pairs = rows.groupby("pair").there.transform("all") & (rows.groupby("pair").there.transform("size") == 2)
    rows = rows[pairs]
    now, wait = rows[rows.part == NOW], rows[rows.part != NOW]
    if len(now) < LEAST_PAIRS:
        return {"why_not": TOO_FEW_LEFT}
    more = float(now.had.mean() - wait.had.mean())
    if more < AS_DRAWN:
        return {"why_not": NOT_AS_DRAWN, "waited_not": int(wait.had.sum())}
    agreed = float(now.agreed.mean() - wait.agreed.mean())
    trend = wait.after.sum() / wait.before.sum() if wait.before.sum() > 0 else 1.0
    acts_on = float(trend * now.matter.sum()) * agreed
    if acts_on <= 0:
        return {"why_not": NOTHING_THERE, "waited_not": int(wait.had.sum())}
    came = trend * now.before.sum() - now.after.sum()
    error = np.sqrt(_square(now) + (now.before.sum() / max(wait.before.sum(), 1e-9)) ** 2 * _square(wait))
    reach = float(t.ppf(1.0 - WRONG, len(rows) - 2)) * error
    low, share, high = (float((came + edge) / acts_on) for edge in (-reach, 0.0, reach))
    verdict = WORKS if low > 0 else WORSE if high < 0 else NOT_SEEN
    return {
        "came": share, "came_low": low, "came_high": high, "verdict": verdict, "pairs_told": len(now),
        "waited_not": int(wait.had.sum()), "why_not": "",
    }  # fmt: skip


def _measured(trial: Any, members: pd.DataFrame, daily: Daily | None, due: Mapping[str, Any]) -> pd.DataFrame:
    """Return before, after, matter and there of each account in the days of its pair, and whether it had the step."""
    import pandas as pd

    quarter, found = pd.Timedelta(days=DAYS), []
    for on, rows in members.groupby("on"):
        if daily is None:
            break
        places = pd.Index(daily.accounts.customer_id).get_indexer(rows.customer_id)
        # Which services it gets beyond its level is told of the year before the draw, as it was when it was drawn.
        drawn = pd.Timestamp(trial.drawn_on) + pd.Timedelta(days=1)
        acted: ActedOn = acted_on(daily, str(trial.action), due, drawn - pd.Timedelta(days=365), drawn)
        back = int(trial.quarters_before)
        before, after = acted.cost(on - back * quarter, on) / back, acted.cost(on, on + quarter)
        beyond, there = acted.beyond(before, DAYS), daily.there(on - back * quarter, on + quarter)
        facts = {"before": before, "after": after, "matter": beyond, "there": there}
        found.append(rows.assign(**{name: one[places] for name, one in facts.items()}))
    every = pd.concat(found) if found else members.head(0).assign(before=0.0, after=0.0, matter=0.0, there=False)
    had = every.taken_on.notna() & (every.taken_on < every.on + quarter)
    return every.assign(had=had, agreed=had & (every.outcome.astype("object") != "refused"))


def _square(rows: pd.DataFrame) -> Floats:
    """Return how far chance moves what some accounts' days after came to, over their days before."""
    off = rows.after - rows.after.sum() / max(float(rows.before.sum()), 1e-9) * rows.before
    return np.asarray((off**2).sum() * len(rows) / (len(rows) - 1))
