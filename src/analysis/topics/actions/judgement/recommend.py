"""The next step for each account: the one that adds most of those that may be taken, or what a person decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["customer_id", "action", "value", "low", "high"]


def recommended(weighed: pd.DataFrame, endings: pd.DataFrame, overridden: pd.DataFrame) -> pd.DataFrame:
    """Return customer_id, action, value, low and high.

    Doing nothing is always one of the choices and adds 0: no step that is expected to take something is proposed.
    Where ending an account would gain but may not be proposed and no step gains, the talk is proposed if it costs
    nothing: the ladder starts with it. A person's decision wins; its value is
    that of the step it names, empty where that step was not weighed.

    Parameters
    ----------
    weighed
        As `weigh` gives it, with customer_id.
    endings
        As `ladder.endings` gives it.
    overridden
        customer_id, action.
    """
    import pandas as pd

    open_ = weighed[weighed.why_not == ""]
    best = open_.sort_values(["value", "action"], ascending=[False, True])
    best = best.drop_duplicates("customer_id")[COLUMNS].set_index("customer_id")
    gains = endings[endings.value > 0].assign(action="terminate").set_index("customer_id")
    beats = gains.value > best.value.reindex(gains.index)
    ends = gains[gains.proposed & beats]
    best.loc[ends.index, ["action", "value", "low", "high"]] = ends[["action", "value", "low", "high"]]
    stuck = gains.index[~gains.proposed & beats & (best.action.reindex(gains.index) == "none")]
    free = (open_.action == "talk") & (open_.value >= 0)
    talks = open_[free & open_.customer_id.isin(stuck)].set_index("customer_id")
    best.loc[talks.index, ["action", "value", "low", "high"]] = talks[["action", "value", "low", "high"]]
    said = overridden[overridden.customer_id.isin(best.index)]
    decided = said.merge(weighed[COLUMNS], on=["customer_id", "action"], how="left").set_index("customer_id")
    best.loc[decided.index, ["action", "value", "low", "high"]] = decided[["action", "value", "low", "high"]]
    found: pd.DataFrame = pd.DataFrame(best).reset_index().sort_values("customer_id", ignore_index=True)
    return found
