"""What has been tried with accounts, and what came of it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from analysis.data.contract import conform
from analysis.data.credits import owed
from analysis.data.span import begins
from analysis.decision.ladder import DONE
from analysis.decision.track_record import expected_share, measured, questions, track_record
from analysis.ledger.before_after import dated_lateness, dated_work
from analysis.ledger.drivers import driver_of
from analysis.ledger.ledger import Ledger
from analysis.ledger.work import with_minutes

if TYPE_CHECKING:
    import pandas as pd


class Tried:
    """The steps that were taken up to the as-of day; each part is computed once, when asked for.

    Parameters
    ----------
    ledger
        The window's ledger.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
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
    def _dated(self) -> Any | None:
        """What steps act on, by account, day and driver (Ibis), of all the data; None without any of it."""
        import ibis

        checked, costing, parts = self.checked, self.ledger.costing, []
        events, invoices = checked.get("service_events"), owed(checked, self.window.end)
        if events is not None and costing is not None:
            settled = with_minutes(events, checked.get("cases"), costing, self.policy)
            parts.append(dated_work(settled, driver_of(settled, costing), self.ledger.rates))
        if invoices is not None:
            rate, payments = self.policy.finance.receivables_rate, checked.get("payments")
            parts.append(dated_lateness(invoices, payments, rate, self.window.after))
        if not parts:
            return None
        found = ibis.union(*parts) if len(parts) > 1 else parts[0]
        rows = checked.length("service_events", "invoices")
        return self.ledger.engine.keep_small(f"dated_{self.window.end:%Y%m%d}", found, rows)

    def track_record(self) -> pd.DataFrame:
        """Return what earlier steps promised against what came of them."""
        return self._record

    @cached_property
    def _record(self) -> pd.DataFrame:
        asked = questions(self.taken, begins(self.checked), self.window)
        dated = self._dated if (asked.verdict == "").any() else None
        if dated is None:
            return conform(asked, "track_record")
        shares = {name: expected_share(assumed) for name, assumed in self.policy.actions.items()}
        return conform(track_record(asked, measured(asked, dated), shares), "track_record")
