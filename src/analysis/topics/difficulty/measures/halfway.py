"""What a customer could do to meet us half way, and what the work that it concerns cost in the window."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from analysis.ledger.costing import Activity, Costing

if TYPE_CHECKING:
    import ibis
    import pandas as pd

RUSH = "rush"
BY_PHONE = "channel=phone"


def halfway(events: ibis.Table, costing: Costing, activities: ibis.Table) -> pd.DataFrame:
    """Return customer_id, step, pieces and worth: what could be saved at most, at the costing's rates.

    Of notice and of the portal it is what the time equations add for a rush and for the phone; of office hours and of
    one list it is the whole cost of the work that would not come so.

    Parameters
    ----------
    events
        The window's events, minutes settled.
    activities
        One row per activity: rate, serves.
    """
    import ibis

    mine = events.filter(events.customer_id.notnull(), ~events.ours)
    rows = mine.inner_join(
        activities.filter(activities.serves & ~activities.failure).select("activity", "rate"), "activity"
    )
    evening = rows.after_hours.fill_null(False) & rows.requested.fill_null(True) & rows.case_id.notnull()
    every = {
        "notice": (rows.rush.fill_null(False), _more(rows, costing, RUSH)),
        "office_hours": (evening, rows.minutes.cast("float64")),
        "one_list": ((~rows.in_scope).fill_null(False), rows.minutes.cast("float64")),
        "portal": (
            (rows.channel == "phone").fill_null(False) & (rows.contact.fill_null("in") == "in"),
            _more(rows, costing, BY_PHONE),
        ),
    }
    parts = []
    for step, (concerned, minutes) in every.items():
        some = rows.mutate(saved=minutes).filter(concerned)
        worth = (some.saved * some.rate).cast("decimal(38, 10)").sum().cast("float64")
        summed = some.group_by("customer_id").aggregate(pieces=some.count(), worth=worth)
        parts.append(summed.filter(summed.worth > 0).mutate(step=ibis.literal(step)))
    found = ibis.union(*parts).to_pandas()
    return found.sort_values(["customer_id", "worth", "step"], ascending=[True, False, True], ignore_index=True)


def _more(rows: ibis.Table, costing: Costing, condition: str) -> ibis.Column:
    """Return the minutes that the condition adds to each event by its activity's time equation."""
    import ibis

    def adds(activity: Activity) -> float:
        return float(activity.when.get(condition, 0.0))

    terms = [(rows.activity == name).ifelse(adds(a), 0.0) for name, a in costing.activities.items() if adds(a) > 0]
    return reduce(add, terms) if terms else ibis.literal(0.0)
