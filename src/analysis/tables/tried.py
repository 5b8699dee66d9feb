"""What has been tried with accounts, and what came of it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from analysis.data.contract import conform
from analysis.data.credits import owed
from analysis.data.span import begins
from analysis.decision.ladder import DONE
from analysis.decision.like_controls import Daily
from analysis.decision.track_record import due_a_day, expected_share, measured, questions, track_record
from analysis.ledger.before_after import daily, dated_lateness, dated_work, totals
from analysis.ledger.behaviour import with_attribute
from analysis.ledger.drivers import driver_of, served_as
from analysis.ledger.ledger import Ledger
from analysis.ledger.work import with_minutes
from analysis.tables.served import Served

if TYPE_CHECKING:
    import pandas as pd


#: Accounts without a step among which like ones are looked for: of more, as many are taken, evenly by what they cost.
MOST_CONTROLS = 2_000


class Tried:
    """The steps that were taken up to the as-of day; each part is computed once, when asked for.

    Parameters
    ----------
    ledger
        The window's ledger.
    served
        What the accounts are served with: the levels that they are due.
    """

    def __init__(self, ledger: Ledger, served: Served) -> None:
        self.ledger, self.served = ledger, served
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
        """What steps act on, by account, day and kind (Ibis), of all the data; None without any of it."""
        import ibis

        checked, costing, parts = self.checked, self.ledger.costing, []
        events, invoices = checked.get("service_events"), owed(checked, self.window.end)
        if events is not None and costing is not None:
            settled = with_minutes(events, checked.get("cases"), costing, self.policy)
            named = with_attribute(settled, self.ledger.attributes, costing)
            kinds = driver_of(named, costing), served_as(named, costing)
            parts.append(dated_work(named, *kinds, self.ledger.rates, self.policy.steps.by_hand))
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

    def _daily(self, asked: pd.DataFrame, dated: Any) -> Daily:
        """Return what steps act on, day by day, of the accounts asked for and of those to compare them with."""
        customers = self._customers
        cost = totals(dated).to_pandas().sort_values(["cost", "customer_id"]).customer_id
        some = cost.iloc[:: max(1, len(cost) // MOST_CONTROLS)]
        wanted = customers[customers.customer_id.isin({*some, *asked.customer_id})]
        first, last = asked["first"].min().date(), asked["last"].max().date()
        return Daily.of(daily(dated, wanted.customer_id.tolist(), first, last).to_pandas(), wanted)

    @cached_property
    def _customers(self) -> pd.DataFrame:
        rows = self.checked["customers"].select("customer_id", "since", "ended")
        frame: pd.DataFrame = rows.order_by("customer_id").to_pandas()
        return frame

    @cached_property
    def _record(self) -> pd.DataFrame:
        asked = questions(self.taken, self._customers, begins(self.checked), self.window)
        open_ = asked[asked.verdict == ""]
        dated = self._dated if len(open_) else None
        if dated is None:
            return conform(asked, "track_record")
        days = self.served.days.set_index("customer_id").days.astype("float64")
        due = due_a_day(self.served.service_gaps(), days.where(days > 0))
        found = measured(asked, self._daily(open_, dated), due)
        shares = {name: expected_share(assumed) for name, assumed in self.policy.actions.items()}
        return conform(track_record(asked, found, shares), "track_record")
