"""What earlier steps promised, against what came of them: a score that nobody keeps is decoration.

Before and after are the same number of days on either side of the step. What like accounts' figures did in the same
days is taken off (`like_controls`), so that neither a quiet season nor a bad spell that ends by itself is counted as
success. One account's figures are few: a verdict on one step says little, those of many together say something.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.policy import Assumptions
from analysis.statistics.ends import REACH
from analysis.topics.actions.judgement.like_controls import OVER_SERVICE, Bools, Daily, compared
from analysis.topics.actions.measures.before_after import LATE
from analysis.window import MONTH_DAYS, Window

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
    "trim_frequency": (OVER_SERVICE, "unrequested"),
    "change_offer": (OVER_SERVICE,),
    "change_channel": ("other_service@hand", "order_size@hand", "rush@hand"),
    "change_staff": ("other_service",),
    "change_tier": ("other_service", "after_hours"),
}
MOST_DAYS, LEAST_DAYS = 182, 90
NOT_MEASURED = "not measured: nothing that is recorded would show it"
TOO_EARLY = "not measurable yet"
NO_BEFORE = "not measured: the data does not reach back far enough"
MOST_TOLD = 1_000
TOO_MANY = f"not measured: only the {MOST_TOLD:,} latest are"
NOT_THERE = "not measured: it was no customer on all of the days"
NOTHING_BEFORE = "there was nothing to act on"
KEPT, SHORT, NOTHING = "kept", "short", "nothing came"
#: From these shares of what was promised on, what came is so called.
KEPT_FROM, SHORT_FROM = 0.75, 0.25


def questions(taken: pd.DataFrame, customers: pd.DataFrame, begins: date | None, window: Window) -> pd.DataFrame:
    """Return each step that was taken with the days to compare on either side, and why it cannot be where it cannot.

    Parameters
    ----------
    taken
        customer_id, action, on, outcome, cost: up to the as-of day.
    customers
        customer_id, since, ended.
    begins
        The first day of the data.
    """
    import pandas as pd

    rows = taken.assign(on=pd.to_datetime(taken.on)).reset_index(drop=True)
    since = (pd.Timestamp(window.after) - rows.on).dt.days
    back = (rows.on - pd.Timestamp(begins or window.start)).dt.days
    days = np.minimum(np.minimum(since, back), MOST_DAYS)
    shown = rows.action.isin(list(SHOWS))
    span = pd.to_timedelta(days.clip(lower=0), unit="D")
    rows = rows.assign(days=days.clip(lower=0), first=rows.on - span, last=rows.on + span - pd.Timedelta(days=1))
    here = rows[["customer_id"]].merge(customers, on="customer_id", how="left")
    came, went = pd.to_datetime(here.since), pd.to_datetime(here.ended)
    away = (came > rows["first"]) | (went < rows["last"])
    reasons = [~shown, since < LEAST_DAYS, back < LEAST_DAYS, away]
    why = np.select(reasons, [NOT_MEASURED, TOO_EARLY, NO_BEFORE, NOT_THERE], "")
    rows = rows.assign(verdict=pd.Series(why, dtype="str"), place=np.arange(len(rows)))
    early = rows[rows.verdict == ""].sort_values(["on", "customer_id", "action"], ascending=[False, True, True])
    return rows.assign(verdict=rows.verdict.mask(rows.index.isin(early.index[MOST_TOLD:]), TOO_MANY))


def due_a_day(gaps: pd.DataFrame, days: pd.Series[float]) -> dict[str, dict[str, float]]:
    """Return, by account and service, what the level due costs a day; the usual service where no level is known.

    Parameters
    ----------
    gaps
        `tables/service_gaps`; a service that an account got nothing of is costed as it is elsewhere.
    days
        Of the window, as a customer, by account.
    """
    level = gaps[["entitled", "expected"]].min(axis=1).fillna(gaps.peer_level)
    units = gaps.delivered * gaps.periods
    each = gaps.cost.groupby(gaps.attribute).sum() / units.groupby(gaps.attribute).sum().replace(0, np.nan)
    own = (gaps.cost / units.where(units > 0)).fillna(gaps.attribute.map(each).astype("float64"))
    a_day = level * gaps.periods * own / gaps.customer_id.map(days).astype("float64")
    known = gaps[["customer_id", "attribute"]].assign(a_day=a_day)[gaps.cost.notna() & np.isfinite(a_day)]
    found: dict[str, dict[str, float]] = {}
    for account, service, cost in zip(known.customer_id, known.attribute, known.a_day, strict=True):
        found.setdefault(account, {})[service] = cost
    return found


def measured(asked: pd.DataFrame, daily: Daily, due: Mapping[str, dict[str, float]]) -> pd.DataFrame:
    """Return the questions that can be answered, with before, after, others, doubt, like and matter, in the days.

    Parameters
    ----------
    due
        As `due_a_day` gives it.
    """
    import pandas as pd

    open_ = asked[asked.verdict == ""].assign(after=lambda rows: rows["last"] + pd.Timedelta(days=1))
    found = [
        asdict(
            compared(daily, row, SHOWS[str(row.action)], due.get(str(row.customer_id), {}), _busy(daily, row, asked))
        )
        for row in open_.itertuples()
    ]
    return open_.drop(columns="after").assign(**pd.DataFrame(found, index=open_.index, columns=[*_FOUND]))


_FOUND = ("before", "after", "others", "doubt", "like", "matter")


def _busy(daily: Daily, question: Any, asked: pd.DataFrame) -> Bools:
    """Return the accounts with a step in the days, which tell nothing of what comes without one."""
    inside = (asked.on >= question.first) & (asked.on < question.after)
    return daily.accounts.customer_id.isin(asked.customer_id[inside]).to_numpy(dtype=np.bool_)


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
    came = found.others - found.after
    amounts = found.assign(
        **{name: found[name] * year for name in ("before", "after", "others", "matter")},
        promised=found.matter * found.action.map(shares) * year,
        came=came * year,
        came_low=(came - REACH * found.doubt) * year,
        came_high=(came + REACH * found.doubt) * year,
        months=found.days / MONTH_DAYS,
    )
    kept, short = (amounts.came >= share * amounts.promised for share in (KEPT_FROM, SHORT_FROM))
    amounts["verdict"] = np.select([amounts.matter <= 0, kept, short], [NOTHING_BEFORE, KEPT, SHORT], NOTHING)
    names = ["place", "before", "after", "others", "matter", "promised", "came", "came_low", "came_high", "like"]
    every = asked.merge(amounts[[*names, "months", "verdict"]], on="place", how="left", suffixes=("", "_found"))
    every["verdict"] = every.verdict_found.fillna(every.verdict)
    return every.sort_values(["customer_id", "on", "action"], ignore_index=True)
