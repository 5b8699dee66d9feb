"""What of an account's demands goes beyond what was agreed with it: after hours, and in a rush."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.policy import PERIOD_MONTHS, ServiceAttribute
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd


def beyond_agreed(
    used: pd.DataFrame,
    levels: pd.DataFrame,
    days: pd.DataFrame,
    attributes: Mapping[str, ServiceAttribute],
    flag: str,
    window: Window,
) -> pd.Series[float]:
    """Return the share of each account's demands that no agreement covers, 0 to 1, in the order of `used`.

    Parameters
    ----------
    used
        customer_id, events, minutes: what was demanded in the window.
    levels
        customer_id, attribute, entitled: what was agreed.
    days
        customer_id, days: of the window, as a customer.
    attributes
        The attributes of the policy; those count whose `where` asks for the flag.
    flag
        `after_hours` or `rush`.
    """
    import numpy as np
    import pandas as pd

    covering = {name: a for name, a in attributes.items() if getattr(a.where, flag)}
    agreed = levels[levels.attribute.isin(list(covering)) & levels.entitled.notna()]
    rows = agreed[["customer_id", "attribute", "entitled"]].merge(days, on="customer_id").merge(used, on="customer_id")
    months = rows.attribute.map({name: PERIOD_MONTHS[a.period] for name, a in covering.items()}).astype("float64")
    by_minutes = rows.attribute.isin([name for name, a in covering.items() if a.measure == "minutes"])
    taken = rows.minutes.where(by_minutes, rows.events)
    allowed = rows.entitled * rows.days / window.days * window.months / months
    covered = (allowed / taken.where(taken > 0)).fillna(np.inf).clip(upper=1.0).where(allowed > 0, 0.0)
    most = covered.groupby(rows.customer_id).max()
    return pd.Series(1.0 - used.customer_id.map(most).fillna(0.0).to_numpy(dtype="float64"), index=used.index)
