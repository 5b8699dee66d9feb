"""The ledger of one window: the engine's tables summed to one row per account."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from analysis.data.asked import row_of
from analysis.data.checks import Checked
from analysis.data.contract import empty
from analysis.data.credits import owed
from analysis.data.reading import Engine
from analysis.ledger.behaviour import measured_attributes, with_attribute
from analysis.ledger.capacity import activities, capacity_by_month
from analysis.ledger.costing import Costing
from analysis.ledger.drivers import work_by_driver
from analysis.ledger.goods import with_goods
from analysis.ledger.months import margin_by_month
from analysis.ledger.orders import cases, orders
from analysis.ledger.receivables import receivables_by_account
from analysis.ledger.resources import resources
from analysis.ledger.sales import UnassignedSales, assumed_goods, lines_with_net, sales_by_account, unassigned_sales
from analysis.ledger.statement import statement
from analysis.ledger.work import (
    activity_table,
    costed,
    events_with_minutes,
    minutes_by_activity,
    with_assigned,
    work_by_account,
    work_by_activity,
)
from analysis.policy import Policy, ServiceAttribute
from analysis.window import Window

if TYPE_CHECKING:
    import ibis
    import pandas as pd


@dataclass
class Ledger:
    """What the accounts of a window pay and cost; each part is computed once, when asked for."""

    engine: Engine
    checked: Checked
    policy: Policy
    costing: Costing | None
    window: Window

    @property
    def groups(self) -> list[str]:
        """The groups that cost to serve is split into."""
        return self.costing.groups if self.costing else []

    @property
    def _name(self) -> str:
        return f"{self.window.end:%Y%m%d}_{self.window.months}"

    @cached_property
    def events(self) -> ibis.Table | None:
        """The window's events with their minutes settled (Ibis; kept where few); None without service events."""
        events = self.checked.get("service_events")
        if events is None or self.costing is None:
            return None
        found = events_with_minutes(events, self.checked.get("cases"), self.costing, self.policy, self.window)
        return self._kept_where_few("events", found, "service_events")

    def _kept_where_few(self, name: str, rows: ibis.Table, of: str) -> ibis.Table:
        return self.engine.keep_small(f"{name}_{self._name}", rows, self.checked.length(of))

    @cached_property
    def work(self) -> ibis.Table | None:
        """The costed work per account and activity (its minutes are kept in the engine); None without events."""
        if self.events is None or self.costing is None:
            return None
        minutes = self.engine.keep(
            f"work_{self._name}", with_assigned(work_by_activity(self.events), self.checked["customers"])
        )
        return costed(minutes, self.rates)

    @cached_property
    def sales(self) -> ibis.Table | None:
        """Revenue, reductions and direct costs per account (kept in the engine); None without transactions."""
        if self.lines is None:
            return None
        return self.engine.keep(f"sales_{self._name}", sales_by_account(self.lines))

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """The statement: one row per account of the window, sorted by customer_id."""
        work = None if self.work is None else work_by_account(self.work, self.groups)
        rows = statement(self.checked["customers"], self.window, self.sales, work, self._receivables, self.groups)
        return self.engine.frame(rows)

    @property
    def _receivables(self) -> ibis.Table | None:
        invoices = owed(self.checked, self.window.end)
        if invoices is None:
            return None
        rate = self.policy.finance.receivables_rate
        return receivables_by_account(invoices, self.checked.get("payments"), rate, self.window)

    @cached_property
    def resources(self) -> pd.DataFrame:
        """Capacity supplied, used, unassigned and unused by resource."""
        return resources(self.work, self.costing or Costing(period="year"), self.window)

    @cached_property
    def rates(self) -> ibis.Table | None:
        """One row per activity with its resource's rate (kept in the engine); None without a costing."""
        if self.costing is None:
            return None
        return self.engine.keep(f"activities_{self._name}", _as_table(activity_table(self.costing)))

    @cached_property
    def every_line(self) -> ibis.Table | None:
        """The window's invoice lines, settled (Ibis; kept where few), nobody's too; None without transactions."""
        lines = self.checked.get("transactions")
        if lines is None:
            return None

        def keep(name: str, table: Any) -> Any:
            return self.engine.keep(f"{name}_{self._name}", table)

        found = with_goods(lines_with_net(lines, self.window), self.policy, keep)
        return self._kept_where_few("lines", found, "transactions")

    @cached_property
    def lines(self) -> ibis.Table | None:
        """The window's invoice lines of accounts, settled (Ibis); None without transactions."""
        return None if self.every_line is None else self.every_line.filter(self.every_line.customer_id.notnull())

    @cached_property
    def unassigned_sales(self) -> UnassignedSales:
        """What was sold to nobody that we know."""
        return UnassignedSales() if self.every_line is None else unassigned_sales(self.every_line)

    @cached_property
    def assumed_goods(self) -> pd.DataFrame:
        """The cost of goods that no line gives and that is assumed, by where its ratio is from."""
        import pandas as pd

        if self.every_line is None:
            return pd.DataFrame(columns=["assumed_from", "lines", "accounts", "net_revenue", "cogs"])
        frame: pd.DataFrame = assumed_goods(self.every_line).order_by("assumed_from").to_pandas()
        return frame

    @cached_property
    def orders(self) -> ibis.Table | None:
        """Each order with its margin (kept in the engine); None where no line says which order it is on."""
        if self.lines is None or not self.checked.says("transactions", "order_id"):
            return None
        return self.engine.keep(f"orders_{self._name}", orders(self.lines, self.events, self.rates))

    @property
    def cases(self) -> ibis.Table | None:
        """What each case cost (Ibis); None where no event says which case it is on."""
        if self.events is None or not self.checked.says("service_events", "case_id"):
            return None
        return cases(self.events, self.rates)

    @cached_property
    def capacity(self) -> pd.DataFrame:
        """Capacity by resource and month."""
        if self.events is None or self.costing is None:
            return empty("capacity")
        return capacity_by_month(self.events, self.costing, self.window)

    @property
    def margin_by_month(self) -> pd.DataFrame:
        """What each account brought and took in each month."""
        return margin_by_month(self.lines, self.events, self.rates, self.checked["customers"])

    @cached_property
    def activities(self) -> pd.DataFrame:
        """What each activity took and cost, and how its log compares with its time equation."""
        if self.events is None or self.costing is None:
            return empty("activities")
        return activities(self.events, self.work, self.costing)

    @property
    def minutes(self) -> pd.DataFrame | None:
        """Each account's minutes per activity, logged and modelled: enough to cost it again at other rates."""
        if self.work is None:
            return None
        frame: pd.DataFrame = minutes_by_activity(self.work).to_pandas()
        return frame

    @cached_property
    def attributes(self) -> dict[str, ServiceAttribute]:
        """The service attributes that the costing and the policy together can measure."""
        return measured_attributes(self.policy, self.costing)

    @cached_property
    def measured_events(self) -> ibis.Table | None:
        """The window's events with the attribute that measures each (Ibis); None without service events."""
        if self.events is None or self.costing is None:
            return None
        found = with_attribute(self.events, self.attributes, self.costing)
        return self._kept_where_few("measured_events", found, "service_events")

    def drivers(self, shares: ibis.Table) -> pd.DataFrame | None:
        """Return each account's work by driver and channel; None without service events.

        Parameters
        ----------
        shares
            customer_id, attribute, share (Ibis): the part of an attribute's cost that is over-service.
        """
        if self.measured_events is None or self.costing is None or self.work is None:
            return None
        customers = self.checked["customers"]
        frame: pd.DataFrame = work_by_driver(
            self.measured_events, self.rates, customers, self.costing, shares
        ).to_pandas()
        return frame

    @cached_property
    def transactions_net(self) -> float | None:
        """The net amount of the window's accepted transactions, those to nobody too, summed apart from the accounts."""
        if self.every_line is None:
            return None
        total = row_of(self.every_line.aggregate(net=self.every_line.net.sum()))["net"]
        return float(total or 0)

    @cached_property
    def measured(self) -> dict[str, float]:
        """How much of the cost rests on logs and how much on assumptions, as shares."""
        shares = {}
        if self.work is not None:
            sums = self.work.aggregate(
                minutes=self.work.minutes.sum().cast("float64"), logged=self.work.logged_minutes.sum().cast("float64")
            ).to_pandas()
            shares["logged_minutes_share"] = _share(sums.logged[0], sums.minutes[0])
        if self.sales is not None:
            nobodys = self.unassigned_sales
            known = self.accounts.cogs.notna()
            assumed = self.accounts.assumed_cogs[known].sum() + (
                nobodys.assumed_cogs if nobodys.cogs is not None else 0
            )
            shares["cogs_assumed_share"] = _share(assumed, self.accounts.cogs.sum() + (nobodys.cogs or 0))
        return {name: share for name, share in shares.items() if share is not None}


def _share(part: Any, whole: Any) -> float | None:
    """Return part / whole, where an empty part is 0; None where there is nothing to share."""
    part, whole = (0.0 if value is None or value != value else float(value) for value in (part, whole))
    return round(part / whole, 4) if whole else None


def _as_table(frame: pd.DataFrame) -> ibis.Table:
    import ibis

    return ibis.memtable(frame)
