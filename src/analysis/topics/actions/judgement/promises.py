"""What the last run promised for each account's next step, against what was done since and what came of it.

A step is taken weeks after it was advised, and shows what it brings only months later. So a promise is carried on from
run to run, as it was first made, until what it brought can be told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.topics.actions.judgement.packages import AND
from analysis.topics.actions.judgement.track_record import KEPT, KEPT_FROM, NOTHING, SHORT, SHORT_FROM, TOO_EARLY

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

REFUSED, NOT_TAKEN, OVERDUE, NOT_RECORDED, NOT_TOLD = (
    "refused",
    "not taken yet",
    "not taken, and its day has passed",
    "not known: what was done is not recorded",
    "taken; not measured",
)
TAKEN_TOO_EARLY = "taken; too early to tell"
#: Days that a promise is kept in view after its step was taken.
IN_VIEW = 550
AS_MADE = (
    *("customer_id", "name", "steps", "sentence", "value", "value_low", "value_high", "when_by"),
    *("promised_on", "horizon_months"),
)


def promises_of(steps: pd.DataFrame, made_on: date, horizon_months: int) -> pd.DataFrame:
    """Return what a run's `tables/next_steps` promised: every step that it named a day for."""
    import pandas as pd

    rows = steps[steps.steps.notna() & steps.when_by.notna()]
    return rows.assign(promised_on=pd.Timestamp(made_on), horizon_months=horizon_months)[[*AS_MADE]]


def carried_on(earlier: pd.DataFrame, fresh: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return the promises in force: what an earlier run promised stays as it was made, while it is open or in view.

    Parameters
    ----------
    earlier
        The last run's own `tables/promises`.
    fresh
        What the last run promised anew, as `promises_of` gives it.
    """
    import pandas as pd

    key = ["customer_id", "steps"]
    taken = pd.to_datetime(earlier.taken_on)
    in_view = taken.notna() & ((pd.Timestamp(as_of) - taken).dt.days <= IN_VIEW)
    still = taken.isna() & pd.MultiIndex.from_frame(earlier[key]).isin(pd.MultiIndex.from_frame(fresh[key]))
    kept = earlier.loc[in_view | still, [*AS_MADE]]
    # A step that was taken and is advised once more is a promise of its own.
    known = pd.MultiIndex.from_frame(earlier.loc[still, key])
    new = fresh[~pd.MultiIndex.from_frame(fresh[key]).isin(known)]
    return pd.concat([kept, new], ignore_index=True) if len(kept) else new.reset_index(drop=True)


def against_what_came(made: pd.DataFrame, record: pd.DataFrame, as_of: date, *, recorded: bool) -> pd.DataFrame:
    """Return `tables/promises`: each promise with what was done since it was made, and what that brought.

    Parameters
    ----------
    made
        The promises in force.
    record
        `tables/track_record` of this run.
    recorded
        Whether the data tells which steps were taken at all.
    """
    import pandas as pd

    rows = made.reset_index(drop=True)
    rows = rows.assign(place=np.arange(len(rows)))
    parts = rows[["place", "customer_id", "steps", "promised_on"]].assign(
        action=rows.steps.astype("object").map(lambda steps: str(steps).split(AND))
    )
    parts = parts.explode("action").merge(record, on=["customer_id", "action"])
    parts = parts[pd.to_datetime(parts.on) > pd.to_datetime(parts.promised_on)]
    told = parts[parts.verdict.isin([KEPT, SHORT, NOTHING])]
    sums = told.groupby("place")[["promised", "came"]].sum().set_axis(["promised_year", "came_year"], axis="columns")
    done = (
        parts.sort_values("on")
        .groupby("place")
        .agg(
            taken_on=("on", "min"),
            outcome=("outcome", "last"),
            early=("verdict", lambda all_: (all_ == TOO_EARLY).any()),
        )
    )
    rows = rows.join(done.join(sums), on="place")
    return rows.assign(verdict=_verdicts(rows, as_of, recorded=recorded)).drop(columns=["place", "early"])


def _verdicts(rows: pd.DataFrame, as_of: date, *, recorded: bool) -> pd.Series[str]:
    import pandas as pd

    taken = rows.taken_on.notna()
    refused = taken & (rows.outcome.astype("object") == "refused")
    late = pd.to_datetime(rows.when_by) <= pd.Timestamp(as_of)
    early = rows.early.astype("boolean").fillna(False).astype(bool)
    known = rows.came_year.notna()
    came, promised = rows.came_year.astype("float64"), rows.promised_year.astype("float64")
    cases = [
        (taken & refused, REFUSED),
        (known & (came >= KEPT_FROM * promised), KEPT),
        (known & (came >= SHORT_FROM * promised), SHORT),
        (known, NOTHING),
        (taken & early, TAKEN_TOO_EARLY),
        (taken, NOT_TOLD),
        (pd.Series(not recorded, rows.index), NOT_RECORDED),
        (late, OVERDUE),
    ]
    words = np.select([mask.to_numpy(dtype=bool) for mask, _ in cases], [name for _, name in cases], NOT_TAKEN)
    return pd.Series(words, rows.index, dtype="str")
