"""The run's headline figures, each once: what it is, its range, its unit, its period and its base."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.data.contract import conform
from analysis.formats import per_window
from analysis.judgement.uncertainty import Ranges
from analysis.policy import Policy
from analysis.tables.decided import Decided

if TYPE_CHECKING:
    import pandas as pd

ALL, SCORED, LOSING = "all accounts whose margin is known", "the accounts scored", "the accounts that cost more"


class Figures:
    """Gathers the headline figures.

    Parameters
    ----------
    accounts, next_steps
        Give the finished tables.
    ranges
        What the draws say of the portfolio; None where there is nothing to draw.
    decided
        The plan.
    """

    def __init__(
        self,
        accounts: Callable[[], pd.DataFrame],
        next_steps: Callable[[], pd.DataFrame],
        ranges: Ranges | None,
        decided: Decided,
    ) -> None:
        self._accounts, self._next_steps = accounts, next_steps
        self.ranges, self.decided = ranges, decided

    @property
    def policy(self) -> Policy:
        """The policy."""
        return self.decided.policy

    def figures(self) -> pd.DataFrame:
        """Return the headline figures; a figure that cannot be told has no row."""
        import pandas as pd

        rows = [*self._margins(), *self._service(), *self._steps()]
        found = pd.DataFrame(rows, columns=["figure", "value", "low", "high", "unit", "period", "base", "shown"])
        return conform(found[found.value.notna()], "figures")

    def _margins(self) -> list[tuple[Any, ...]]:
        accounts, window = self._accounts(), per_window(self.decided.window.months)
        margin = accounts.net_margin
        losing = accounts[margin < 0]
        drawn = self.ranges.portfolio if self.ranges else {}
        money, most = drawn.get("net_margin", (np.nan, np.nan)), drawn.get("loss_making_accounts", (np.nan, np.nan))
        currency, known = self.policy.currency, margin.notna().any()
        if not known:
            return []
        ended = losing.gain_if_ended
        adds = float(ended.sum()) if len(losing) and ended.notna().all() else np.nan
        failures = float(accounts.failure_cost.sum()) if accounts.failure_cost.notna().any() else np.nan
        return [
            ("net_margin", float(margin.sum()), *money, currency, window, ALL, "overview, profitability"),
            ("losing_accounts", float(len(losing)), *most, "accounts", window, ALL, "overview, profitability"),
            ("losing_accounts_cost", float((-losing.net_margin).sum()), *_UNKNOWN, currency, window, ALL, "overview"),
            ("ending_them_adds", adds, *_UNKNOWN, currency, window, LOSING, "overview"),
            ("our_failures_cost", failures, *_UNKNOWN, currency, window, ALL, "overview, difficulty"),
        ]

    def _service(self) -> list[tuple[Any, ...]]:
        accounts, window = self._accounts(), per_window(self.decided.window.months)
        currency = self.policy.currency
        over = accounts.over_served.fillna(False).astype(bool)
        mine = accounts[over]
        rows: list[tuple[Any, ...]] = []
        if accounts.over_served.notna().any():
            base = "the accounts judged over-served"
            rows += [
                ("over_served", float(over.sum()), *_UNKNOWN, "accounts", window, SCORED, "overview, service"),
                (
                    *("over_service", float(mine.over_service_cost.sum()), *_UNKNOWN, currency, window, base),
                    "overview, service",
                ),
                (
                    *("beyond_agreed", float(mine.beyond_agreed_cost.sum()), *_UNKNOWN, currency, window, base),
                    "overview",
                ),
                (
                    *("beyond_wanted", float(mine.beyond_wanted_cost.sum()), *_UNKNOWN, currency, window, base),
                    "overview",
                ),
            ]
        hard = accounts.difficult
        if hard.notna().any():
            ours = float((accounts.difficult_by_us.fillna(False)).sum())
            rows += [
                (
                    *("truly_difficult", float(hard.fillna(False).sum()), *_UNKNOWN, "accounts", window, SCORED),
                    "overview, difficulty",
                ),
                ("difficult_by_us", ours, *_UNKNOWN, "accounts", window, SCORED, "overview, difficulty"),
            ]
        return rows

    def _steps(self) -> list[tuple[Any, ...]]:
        ahead, currency = f"over {self.policy.finance.horizon_months} months", self.policy.currency
        steps, total = self._next_steps(), self.decided.plan_total()
        rows: list[tuple[Any, ...]] = []
        if len(total) and int(total.accounts.iloc[0]):
            whole = total.iloc[0]
            base = "the accounts with a step in the plan"
            rows.append(("plan_adds", whole.value, whole.low, whole.high, currency, ahead, base, "actions"))
        talks = steps[steps.talk_first.fillna(False).astype(bool)]
        if len(talks):
            low, high = self.decided.total_range(talks.customer_id)
            base = "the accounts to be talked to first"
            value = float(talks["value"].sum())
            rows.append(("talks_first_add", value, low, high, currency, ahead, base, "overview"))
        return rows


_UNKNOWN = (np.nan, np.nan)
