"""What to do: the steps for each account, and the plan under the hours there are."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from analysis.data.contract import conform
from analysis.decision.facing import amounts, shortfalls, situation
from analysis.decision.interventions.situation import Situation
from analysis.decision.interventions.steps import STEPS
from analysis.decision.interventions.when import why_not
from analysis.decision.ladder import DONE, at_risk_elsewhere, ending_value, endings
from analysis.decision.packages import packages, steps_of
from analysis.decision.plan import Planned, plan
from analysis.decision.recommend import recommended
from analysis.decision.weigh import Weighing, weigh
from analysis.ledger.ledger import Ledger
from analysis.served import Served
from analysis.valued import Valued

if TYPE_CHECKING:
    import pandas as pd


class Decided:
    """The steps of a window and the plan; each part is computed once, when asked for.

    Parameters
    ----------
    ledger
        The window's ledger.
    known
        The accounts with every judgement before this one: one row per account of the window.
    valued
        What keeping each account is worth.
    served
        What it is served with.
    last_year
        Gives the same window's accounts a year before.
    """

    def __init__(
        self,
        ledger: Ledger,
        known: pd.DataFrame,
        valued: Valued,
        served: Served,
        last_year: Callable[[], pd.DataFrame],
    ) -> None:
        self.ledger, self.known = ledger, known
        self.valued, self.served, self.last_year = valued, served, last_year
        self.policy, self.checked, self.window = ledger.policy, ledger.checked, ledger.window

    @cached_property
    def taken(self) -> pd.DataFrame:
        """What has been tried up to the as-of day: customer_id, action, on, outcome, cost."""
        import pandas as pd

        columns = ["customer_id", "action", "on", "outcome", "cost"]
        table = self.checked.get("actions_taken")
        if table is None:
            return pd.DataFrame(columns=columns).astype({**dict.fromkeys(columns, "str"), "cost": "float64"})
        rows = table.filter(table["on"] <= self.window.end)
        frame: pd.DataFrame = rows.select(*columns).mutate(cost=rows.cost.cast("float64")).to_pandas()
        return frame.sort_values(["customer_id", "on", "action"], ignore_index=True)

    @property
    def recent(self) -> pd.DataFrame:
        """What was taken or refused too short a while ago to be proposed again."""
        import pandas as pd

        since = pd.Timestamp(self.window.after) - pd.DateOffset(months=self.policy.steps.again_after_months)
        return self.taken[(pd.to_datetime(self.taken.on) >= since) & self.taken.outcome.isin([*DONE, "open"])]

    @cached_property
    def overridden(self) -> pd.DataFrame:
        """A person's decisions on the next step that still hold: customer_id, action."""
        import pandas as pd

        table = self.checked.get("overrides")
        if table is None:
            return pd.DataFrame({"customer_id": pd.Series(dtype="str"), "action": pd.Series(dtype="str")})
        holds = table.filter(table.judgement == "action", table["until"] >= self.window.end)
        rows = holds.select("customer_id", "until", action=holds["value"]).to_pandas()
        last = rows.sort_values(["customer_id", "until", "action"]).drop_duplicates("customer_id", keep="last")
        return last[["customer_id", "action"]].reset_index(drop=True)

    @cached_property
    def situation(self) -> Situation:
        """What the steps are weighed on: the accounts that are here and whose margin is measured."""
        own = self.ledger.accounts[["customer_id", "unknown_work"]]
        parts = [own, shortfalls(self.served.service_gaps()), *amounts(self.ledger, self.served.shares)]
        return situation(
            self.known, parts, self.valued.months, self.valued.monthly_margin, self.valued.hazards, self.policy
        )

    @cached_property
    def weighing(self) -> Weighing:
        """The draws of what is assumed, and what staying is worth."""
        return Weighing.of(self.situation, self.policy)

    @cached_property
    def _weighed(self) -> pd.DataFrame:
        """Every step that has something to act on, by account."""
        found = weigh(self.weighing, why_not(self.situation, self.recent, self.policy))
        ids = self.situation.accounts.customer_id.to_numpy()
        return found.assign(customer_id=ids[found.row.to_numpy(dtype=np.intp)])

    @cached_property
    def _endings(self) -> pd.DataFrame:
        stay, here = self.weighing.stay, self.situation
        risk = at_risk_elsewhere(here, stay, self.policy)
        drawn = ending_value(here, stay, self.weighing.draws["terminate"], self.weighing.moved, risk)
        return endings(here, drawn, risk, self.taken, self.last_year(), self.policy)

    @cached_property
    def _recommended(self) -> pd.DataFrame:
        return recommended(self._weighed, self._endings, self.overridden)

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """The judgement: `customer_id` and columns of `tables/accounts`."""
        columns = {"value": "action_value", "low": "action_value_low", "high": "action_value_high"}
        return self._recommended.rename(columns=columns)

    @cached_property
    def _packages(self) -> pd.DataFrame:
        found = packages(self.weighing, self._weighed)
        if found.empty:
            return found
        ids = self.situation.accounts.customer_id.to_numpy()
        return found.assign(customer_id=ids[found.row.to_numpy(dtype=np.intp)])

    @cached_property
    def planned(self) -> Planned:
        """The plan, what an hour is worth and how far it may be from the best there is."""
        import pandas as pd

        mine = self._weighed[(self._weighed.why_not == "") & (self._weighed.action != "none")]
        every = pd.concat([mine, self._packages], ignore_index=True) if len(self._packages) else mine
        decided = every.customer_id.isin(self.overridden.customer_id)
        as_decided = every.merge(self.overridden, on=["customer_id", "action"])
        every = pd.concat([every[~decided], as_decided], ignore_index=True)
        return plan(every[every.low > 0], self.policy)

    def actions(self) -> pd.DataFrame:
        """Return every step considered."""
        import pandas as pd

        chosen = self.planned.rows
        pairs = {(row.customer_id, name) for row in chosen.itertuples() for name in steps_of(row.action)}
        found = self._weighed
        keys = pd.MultiIndex.from_frame(found[["customer_id", "action"]])
        found = found.assign(chosen=keys.isin(pairs))
        parted = self._endings.assign(action="terminate", rung="terminate", chosen=False, cash=self._endings.value)
        assumed = self.policy.actions["terminate"]
        cost = self.weighing.draws["terminate"].cost.mean()
        parted = parted.assign(team=assumed.team, hours=assumed.hours, one_off_cost=cost)
        every = pd.concat([found, parted], ignore_index=True) if len(parted) else found
        order = {name: place for place, name in enumerate(["none", *STEPS, "terminate"])}
        every = every.assign(place=every.action.map(order)).sort_values(["customer_id", "place"])
        return conform(every, "actions")

    def endings(self) -> pd.DataFrame:
        """Return every account that loses money, with what stands against parting."""
        return conform(self._endings, "endings")

    def combinations(self) -> pd.DataFrame:
        """Return packages of steps that add more than the best alone."""
        return conform(self._packages, "combinations")
