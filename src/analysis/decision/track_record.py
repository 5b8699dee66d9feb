"""What earlier steps promised, against what came of them: a score that nobody keeps is decoration.

Before and after are the same number of days on either side of the step. What everybody else's figure did in the same
days is taken off, so that a quiet season is not counted as success. One account's figures are few: a verdict on one
step says little, those of many together say something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.ledger.before_after import LATE, before_and_after, by_day
from analysis.policy import Assumptions
from analysis.window import Window

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

#: What shows that a step came to something: the drivers whose cost should fall.
SHOWS = {
    "mend_our_failures": ("failure",),
    "educate": ("other_service",),
    "require_notice": ("rush", "after_hours"),
    "order_terms": ("order_size",),
    "payment_terms": (LATE,),
    "trim_frequency": ("other_service", "unrequested"),
    "change_offer": ("other_service",),
    "change_channel": ("other_service", "order_size"),
    "change_staff": ("other_service",),
    "change_tier": ("other_service", "after_hours"),
}
MOST_DAYS, LEAST_DAYS = 182, 90
NOT_MEASURED = "not measured: nothing that is recorded would show it"
TOO_EARLY = "not measurable yet"
NO_BEFORE = "not measured: the data does not reach back far enough"
NOTHING_BEFORE = "there was nothing to act on"
KEPT, SHORT, NOTHING = "kept", "short", "nothing came"
#: From these shares of what was promised on, what came is so called.
KEPT_FROM, SHORT_FROM = 0.75, 0.25


def questions(taken: pd.DataFrame, begins: date | None, window: Window) -> pd.DataFrame:
    """Return each step that was taken with the days to compare on either side, and why it cannot be where it cannot.

    Parameters
    ----------
    taken
        customer_id, action, on, outcome, cost: up to the as-of day.
    begins
        The first day of the data.
    """
    import pandas as pd

    rows = taken.assign(on=pd.to_datetime(taken.on)).reset_index(drop=True)
    since = (pd.Timestamp(window.after) - rows.on).dt.days
    back = (rows.on - pd.Timestamp(begins or window.start)).dt.days
    days = np.minimum(np.minimum(since, back), MOST_DAYS)
    shown = rows.action.isin(list(SHOWS))
    why = np.select([~shown, since < LEAST_DAYS, back < LEAST_DAYS], [NOT_MEASURED, TOO_EARLY, NO_BEFORE], "")
    rows = rows.assign(days=days.clip(lower=0), verdict=pd.Series(why, dtype="str"), place=np.arange(len(rows)))
    span = pd.to_timedelta(rows.days, unit="D")
    return rows.assign(first=rows.on - span, last=rows.on + span - pd.Timedelta(days=1))


def measured(asked: pd.DataFrame, dated: Any) -> pd.DataFrame:
    """Return the questions that can be answered with before, after, and everybody's before and after, in the days.

    Parameters
    ----------
    dated
        customer_id, day, driver, cost (Ibis), of all the data.
    """
    import ibis

    open_ = asked[asked.verdict == ""]
    parts = open_.assign(driver=open_.action.map(SHOWS)).explode("driver")
    parts = parts[["place", "customer_id", "driver", "first", "on", "last"]].astype({"driver": "str"})
    for name in ("first", "on", "last"):
        parts[name] = parts[name].dt.date
    schema = {"place": "int64", "customer_id": "string", "driver": "string"}
    columns = {name: parts[name].tolist() for name in parts}
    table = ibis.memtable(columns, schema={**schema, **dict.fromkeys(("first", "on", "last"), "date")})
    found = before_and_after(dated, table).to_pandas()
    every = _everybody(parts, by_day(dated).to_pandas())
    return open_.merge(found, on="place", how="left").merge(every, on="place", how="left").fillna(_NONE)


_NONE = {"before": 0.0, "after": 0.0, "all_before": 0.0, "all_after": 0.0}


def _everybody(parts: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Return place, all_before and all_after: what the same days cost with all accounts."""
    import pandas as pd

    days = days.assign(day=pd.to_datetime(days.day)).sort_values(["driver", "day"])
    sums = {driver: (part.day.to_numpy(), np.r_[0.0, part.cost.cumsum()]) for driver, part in days.groupby("driver")}
    frame = parts.assign(all_before=0.0, all_after=0.0)
    ends = [pd.to_datetime(parts["first"]), pd.to_datetime(parts["on"]), pd.to_datetime(parts["last"])]
    for driver, (stamps, running) in sums.items():
        mine = (parts.driver == driver).to_numpy()
        first, on = (running[np.searchsorted(stamps, end[mine].to_numpy())] for end in ends[:2])
        last = running[np.searchsorted(stamps, ends[2][mine].to_numpy(), side="right")]
        frame.loc[mine, "all_before"], frame.loc[mine, "all_after"] = on - first, last - on
    return frame.groupby("place", as_index=False)[["all_before", "all_after"]].sum()


def expected_share(assumed: Assumptions) -> float:
    """Return the share of what a step acts on that it was expected to take, refusals counted."""
    share, refused, accepts = assumed.share[1], assumed.share_refused[1], assumed.accepts[1]
    return accepts * share + (1.0 - accepts) * refused


def track_record(asked: pd.DataFrame, found: pd.DataFrame, shares: dict[str, float]) -> pd.DataFrame:
    """Return `tables/track_record`, in amounts a year.

    Parameters
    ----------
    asked, found
        As `questions` and `measured` give them.
    shares
        What each step was expected to take of what it acts on.
    """
    year = 365.0 / found.days.where(found.days > 0)
    others_before, others_after = found.all_before - found.before, found.all_after - found.after
    trend = (others_after / others_before.where(others_before > 0)).fillna(1.0)
    amounts = found.assign(
        before=found.before * year,
        after=found.after * year,
        others=found.before * trend * year,
        promised=found.before * found.action.map(shares) * year,
        came=(found.before * trend - found.after) * year,
        months=found.days / (365.25 / 12),
    )
    kept, short = (amounts.came >= share * amounts.promised for share in (KEPT_FROM, SHORT_FROM))
    amounts["verdict"] = np.select([amounts.before <= 0, kept, short], [NOTHING_BEFORE, KEPT, SHORT], NOTHING)
    names = ["place", "before", "after", "others", "promised", "came", "months", "verdict"]
    every = asked.merge(amounts[names], on="place", how="left", suffixes=("", "_found"))
    every["verdict"] = every.verdict_found.fillna(every.verdict)
    return every.sort_values(["customer_id", "on", "action"], ignore_index=True)
