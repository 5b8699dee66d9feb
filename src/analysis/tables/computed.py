"""Compute the tables of a portfolio: each once, when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.data.contract import conform, empty
from analysis.data.contract.outputs.accounts import JUDGEMENTS
from analysis.data.span import reaches_back
from analysis.judgement.cuts import by_product, cuts
from analysis.judgement.overrides import Overrides, decisions
from analysis.judgement.profitability import whale
from analysis.judgement.reasons import reasons
from analysis.judgement.segments import segment
from analysis.judgement.sensitivity import factors_alone, sensitivity, tipping
from analysis.judgement.uncertainty import Ranges, ranges
from analysis.ledger.bridge import Tie, bridge, tie
from analysis.ledger.identities import Identity, identities
from analysis.ledger.ledger import Ledger
from analysis.ledger.orders import orders_by_account
from analysis.ledger.ties import ties
from analysis.opening import Opened
from analysis.tables.ahead import Ahead
from analysis.tables.decided import Decided
from analysis.tables.figures import Figures
from analysis.tables.kinds import Kinds
from analysis.tables.next_steps import NextSteps
from analysis.tables.relations import Relations
from analysis.tables.reputations import Reputations
from analysis.tables.sellers import Sold
from analysis.tables.served import Served
from analysis.tables.since import Since
from analysis.tables.sought import Sought
from analysis.tables.tried import Tried
from analysis.tables.valued import Valued
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd

#: How many of the worst orders and of the dearest cases `tables/losses_within` lists.
WORST = 1_000


class Computed:
    """The tables of one window of a dataset; a method's name is its table's."""

    def __init__(self, opened: Opened, window: Window, last_run: Path | None = None) -> None:
        self.opened, self.window, self.last_run = opened, window, last_run
        self.policy, self.costing = opened.policy, opened.costing
        self.ledger = self.ledger_of(window)

    def ledger_of(self, window: Window) -> Ledger:
        """Return the ledger of a window of the same dataset."""
        return Ledger(self.opened.engine, self.opened.checked, self.opened.policy, self.opened.costing, window)

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the contract; empty, typed, where nothing fills it yet."""
        for owner in self._owners:
            if hasattr(type(owner), name):
                found: pd.DataFrame = getattr(owner, name)()
                return found
        return empty(name)

    @property
    def group_columns(self) -> list[str]:
        """The columns `cts_<group>`."""
        return [f"cts_{group}" for group in self.ledger.groups]

    def _as_accounts(self, ledger: Ledger) -> pd.DataFrame:
        frame = ledger.accounts
        frame = frame.assign(segment=segment(frame, self.policy.segments))
        return conform(frame, "accounts", self.group_columns, after="cost_to_serve")

    @cached_property
    def statement(self) -> pd.DataFrame:
        """The accounts before any judgement that rests on draws, orders or peers."""
        return self._as_accounts(self.ledger)

    @cached_property
    def ranges(self) -> Ranges | None:
        """What draws from the costing's ranges say; None without costs or margins to draw."""
        minutes = self.ledger.minutes
        if minutes is None or self.costing is None or self.statement.net_margin.isna().all():
            return None
        return ranges(self.statement, minutes, self.costing, self.policy)

    @cached_property
    def served(self) -> Served:
        """What the accounts are served with, against what was agreed and wanted, and its tables."""
        return Served(self.ledger, self.ledger.accounts)

    @cached_property
    def sold(self) -> Sold:
        """What sellers sold and what became of it."""
        return Sold(self.ledger)

    @cached_property
    def _known(self) -> pd.DataFrame:
        """The accounts with their ranges, their orders and the judgement on service."""
        parts = []
        if self.ranges and self.costing:
            parts += [self.ranges.accounts, tipping(self.ranges.known, self.ranges.terms, self.costing)]
        if self.ledger.orders is not None:
            parts.append(orders_by_account(self.ledger.orders).to_pandas())
        accounts = self.overrides.on(self.statement, ["segment"])
        for part in [*parts, self.served.accounts]:
            accounts = self._decided_on(accounts, part)
        return accounts

    @cached_property
    def overrides(self) -> Overrides:
        """What persons decided otherwise."""
        return Overrides(decisions(self.opened.checked.get("overrides")), self.window.end)

    def _decided_on(self, accounts: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
        """Return the accounts with a part's columns laid on them, and on these what persons decided."""
        return self.overrides.on(_with(accounts, part), part.columns)

    @cached_property
    def relations(self) -> Relations:
        """Who is difficult, whose doing that is, and how we talk with accounts."""
        return Relations(self.served, self._known)

    @cached_property
    def staff(self) -> Reputations:
        """What staff believe of the accounts, against the record."""
        return Reputations(self.ledger, self._decided_on(self.relations.known, self.relations.accounts))

    @cached_property
    def kinds(self) -> Kinds:
        """The archetypes among the over-served and the difficult."""
        known = self._decided_on(self.staff.known, self.staff.accounts)
        return Kinds(self.relations, known, self.last_run)

    @cached_property
    def valued(self) -> Valued:
        """What each relationship is worth."""
        return Valued(self.relations, self._decided_on(self.kinds.known, self.kinds.accounts))

    @cached_property
    def decided(self) -> Decided:
        """What to do."""
        known = self._decided_on(self.valued.known, self.valued.accounts)
        return Decided(self.ledger, known, self.valued, self.served, self.tried, self.accounts_last_year)

    @cached_property
    def tried(self) -> Tried:
        """What has been tried, and what came of it."""
        return Tried(self.ledger, self.served)

    @cached_property
    def steps(self) -> NextSteps:
        """The one next step of each account."""
        return NextSteps(self.decided, self.relations)

    @cached_property
    def ahead(self) -> Ahead:
        """What is to come."""
        return Ahead(self.ledger_of, self.opened.checked, self.window.end, self.window.months)

    @cached_property
    def headlines(self) -> Figures:
        """The run's headline figures."""
        return Figures(self.table, self.ranges, self.decided)

    @cached_property
    def sought(self) -> Sought:
        """The customer to look for."""
        return Sought(self.ledger, self.decided.known)

    @cached_property
    def since(self) -> Since:
        """What changed since the last run and since a year ago."""
        return Since(self.tried, self.accounts, lambda: self._year_before, self.last_run)

    @property
    def _owners(self) -> Iterator[Any]:
        """Whoever owns tables, each made only when those before it do not have the one wanted."""
        yield self
        for part in (
            "served",
            "sold",
            "relations",
            "staff",
            "kinds",
            "valued",
            "tried",
            "decided",
            "steps",
            "headlines",
            "sought",
            "ahead",
            "since",
        ):
            yield getattr(self, part)

    @cached_property
    def _accounts(self) -> pd.DataFrame:
        accounts = _with(self.decided.known, self.steps.advised)
        return conform(accounts, "accounts", self.group_columns, after="cost_to_serve")

    def accounts(self) -> pd.DataFrame:
        """Return one row per account of the window."""
        return self._accounts

    def accounts_last_year(self) -> pd.DataFrame:
        """Return the same window a year before; empty where the data does not reach back."""
        return self._last_year

    @cached_property
    def _last_year(self) -> pd.DataFrame:
        return conform(self._year_before, "accounts_last_year")

    @cached_property
    def _year_before(self) -> pd.DataFrame:
        """The same window a year before, with every line of the statement."""
        window = self.window.year_before()
        if not reaches_back(self.opened.checked, window):
            return empty("accounts")
        return self._as_accounts(self.ledger_of(window))

    def ties(self) -> pd.DataFrame:
        """Return revenue, cost of goods, work and invoices from the files to the accounts."""
        return ties(self.ledger, self.statement)

    def whale(self) -> pd.DataFrame:
        """Return the accounts from the most to the least profitable, with the band of the running total."""
        curve = whale(self._accounts)
        if self.ranges is None:
            return curve
        plain = curve.drop(columns=["cumulative_low", "cumulative_high"])
        return conform(plain.merge(self.ranges.whale, on="rank"), "whale")

    def reasons(self) -> pd.DataFrame:
        """Return why accounts earn less or more than their peers."""
        return reasons(self.statement, self.ledger.drivers(self.served.shares), self.policy, self.window.months)

    def overridden(self) -> pd.DataFrame:
        """Return what persons decided otherwise, beside what was computed."""
        judged = [self.served.accounts, self.relations.accounts, self.staff.accounts, self.kinds.accounts]
        computed = self.statement[["customer_id", "segment"]]
        for part in [*judged, self.decided.undecided]:
            computed = _with(computed, part[["customer_id", *({*JUDGEMENTS, "difficulty_ours"} & {*part.columns})]])
        return conform(self.overrides.table(computed), "overridden")

    def resources(self) -> pd.DataFrame:
        """Return capacity supplied, used, unassigned and unused."""
        return self.ledger.resources

    def capacity(self) -> pd.DataFrame:
        """Return capacity by resource and month."""
        return self.ledger.capacity

    def margin_by_month(self) -> pd.DataFrame:
        """Return what each account brought and took in each month."""
        return self.ledger.margin_by_month

    def cuts(self) -> pd.DataFrame:
        """Return the portfolio cut by manager, region, industry, size and product."""
        lines = self.ledger.lines
        products = by_product(lines) if lines is not None else None
        return cuts(self._accounts, products)

    def activities(self) -> pd.DataFrame:
        """Return what each activity took and cost, and how its log compares with its time equation."""
        return self.ledger.activities

    def sensitivity(self) -> pd.DataFrame:
        """Return what an error in one rate would change."""
        if self.ranges is None or self.costing is None:
            return empty("sensitivity")
        return sensitivity(self.ranges.known, self.ranges.terms, self.costing, self.policy)

    def uncertainty(self) -> pd.DataFrame:
        """Return what drives the range of the portfolio's margin."""
        if self.ranges is None or self.costing is None:
            return empty("uncertainty")
        return factors_alone(float(self.ranges.known.net_margin.sum()), self.ranges.terms, self.costing)

    def losses_within(self) -> pd.DataFrame:
        """Return the worst orders and the dearest cases of accounts that earn money."""
        import pandas as pd

        good = self._accounts.loc[self._accounts.net_margin >= 0, "customer_id"]
        parts = []
        if self.ledger.orders is not None:
            lost = self.ledger.orders.filter(self.ledger.orders.margin < 0)
            parts.append(self._worst(lost.rename(id="order_id"), "margin", good).assign(kind="order"))
        if self.ledger.cases is not None:
            rows = self.ledger.cases.rename(id="case_id")
            dear = self._worst(rows.mutate(margin=-rows.work_cost), "margin", good)
            parts.append(dear.assign(kind="case"))
        if not parts:
            return empty("losses_within")
        found = pd.concat([conform(part, "losses_within") for part in parts])
        return found.sort_values(["customer_id", "kind", "margin", "id"], ignore_index=True)

    def _worst(self, rows: Any, by: str, good: pd.Series[str]) -> pd.DataFrame:
        import ibis

        known = ibis.memtable({"customer_id": good.tolist()}, schema={"customer_id": "string"})
        mine = rows.semi_join(known, "customer_id").order_by([by, "customer_id", "id"]).limit(WORST)
        money = {name: mine[name].cast("float64") for name in mine.columns if mine[name].type().is_decimal()}
        frame: pd.DataFrame = mine.mutate(**money).to_pandas()
        return frame

    def bridge(self) -> pd.DataFrame:
        """Return from the accounts' net margin to the books' operating profit."""
        control = self.costing.control if self.costing else None
        return bridge(self.statement, self.ledger.resources, control, self.ledger.unassigned_sales)

    def rejected(self) -> pd.DataFrame:
        """Return the rows that broke the contract."""
        return self.opened.checked.rejected()

    @property
    def identities(self) -> list[Identity]:
        """The identities that hold to the cent in every run."""
        net = self.ledger.transactions_net
        nobodys = self.ledger.unassigned_sales.net_revenue
        return identities(self.statement, self.ledger.resources, net, self.group_columns, nobodys)

    @property
    def tie(self) -> Tie | None:
        """How far the ledger is from the books; None without `[control]`."""
        control = self.costing.control if self.costing else None
        return tie(self.statement, control, self.ledger.unassigned_sales)


def _with(accounts: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts with a part's columns laid on them, by `customer_id`."""
    more = accounts[["customer_id"]].merge(part, on="customer_id", how="left").drop(columns="customer_id")
    return accounts.assign(**more)
