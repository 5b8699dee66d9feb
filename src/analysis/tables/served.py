"""What accounts are served with, set against what was agreed and wanted: the tables of service, from the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from analysis.data.contract import conform, empty
from analysis.judgement.expectations import expectations, latest_answers
from analysis.judgement.like_accounts import against_like_accounts, likeness, usual_service
from analysis.judgement.offers import offers, trades
from analysis.judgement.over_served import (
    beyond_chance,
    judge,
    limits,
    material,
    over_ranges,
    over_service,
    under_served,
)
from analysis.judgement.scale import Scale, in_amounts
from analysis.judgement.service import delivered, gaps
from analysis.judgement.service_money import service_money
from analysis.ledger.after_hours import after_hours_by_account
from analysis.ledger.behaviour import customer_days, response_hours, service_work
from analysis.ledger.demand import demand, demand_by_week, unasked
from analysis.ledger.ledger import Ledger
from analysis.ledger.levels import due_levels, latest_statements
from analysis.ledger.likeness import asked_work, demands
from analysis.ledger.working_time import WorkingTime
from analysis.policy import Policy, ServiceAttribute

if TYPE_CHECKING:
    import pandas as pd

WORK = ["customer_id", "attribute", "activity", "events", "minutes", "logged", "modelled", "cost"]


class Served:
    """The service of a window and the judgement on it; each part is computed once, when asked for."""

    def __init__(self, ledger: Ledger, statement: pd.DataFrame) -> None:
        self.ledger, self.statement = ledger, statement
        self.costing = ledger.costing
        self.checked, self.window = ledger.checked, ledger.window

    @cached_property
    def scale(self) -> Scale:
        """What is usual in this portfolio, in its money."""
        rows = self.statement[["customer_id"]].merge(self.days, on="customer_id", how="left")
        years = rows.days / self.window.days * self.window.months / 12
        return Scale.of(self.statement.reset_index(drop=True), years)

    @cached_property
    def policy(self) -> Policy:
        """The choices, with every amount of money stated: where nobody did, by the portfolio's own scale."""
        return in_amounts(self.ledger.policy, self.scale)

    @property
    def attributes(self) -> Mapping[str, ServiceAttribute]:
        """The attributes that can be measured in this dataset."""
        every = self.ledger.attributes
        return every if self.ledger.events is not None else {n: a for n, a in every.items() if not a.activities}

    @cached_property
    def work(self) -> pd.DataFrame:
        """Each account's measured work by attribute and activity."""
        import pandas as pd

        if self.ledger.measured_events is None:
            texts = dict.fromkeys(WORK[:3], "str")
            return pd.DataFrame(columns=WORK).astype({**dict.fromkeys(WORK, "float64"), **texts})
        found: pd.DataFrame = service_work(
            self.ledger.measured_events, self.ledger.rates, self.checked["customers"]
        ).to_pandas()
        return found

    @cached_property
    def days(self) -> pd.DataFrame:
        """Each account's days of the window as a customer."""
        found: pd.DataFrame = customer_days(self.checked["customers"], self.window).to_pandas()
        return found

    @cached_property
    def levels(self) -> pd.DataFrame:
        """The levels that each account is due: what was agreed, and what it asked for."""
        levels = self.checked.get("service_levels")
        said = None if levels is None else latest_statements(levels, self.window.end).to_pandas()
        tiers = self.checked["customers"].select("customer_id", "tier").to_pandas()
        return due_levels(said, tiers, self.policy.tiers)

    @property
    def _known(self) -> pd.DataFrame:
        """The levels that are known, wishes left out."""
        return self.levels[self.levels.entitled.notna() | self.levels.expected.notna()]

    @cached_property
    def _answers(self) -> pd.DataFrame | None:
        cases = self.checked.get("cases")
        time = WorkingTime.of(self.policy)
        return None if cases is None else response_hours(cases, self.window, time).to_pandas()

    @cached_property
    def delivered(self) -> pd.DataFrame:
        """What each account got of every attribute that a level or a wish is known of."""
        return delivered(self.work, self._answers, self.days, self.levels, self.attributes, self.window)

    @cached_property
    def _gaps(self) -> pd.DataFrame:
        return gaps(self.delivered)

    @cached_property
    def _customers(self) -> pd.DataFrame:
        """The accounts that were customers in the window, with the years that they were."""
        rows = self.statement.merge(self.days[self.days.days > 0], on="customer_id")
        return rows.assign(years=rows.days / self.window.days * self.window.months / 12)

    @cached_property
    def _like(self) -> pd.DataFrame:
        """What the accounts are alike in, of those that were there long enough to be a measure."""
        cases = self.checked.get("cases")
        asked = None if cases is None else demands(cases, self.window).to_pandas()
        return likeness(self._customers, asked, self.policy.over_service.days)

    @property
    def _stated(self) -> bool:
        """Whether a person stated from which amount over-service counts."""
        return self.ledger.policy.over_service.amount is not None

    @cached_property
    def limits(self) -> pd.Series[float]:
        """The cost from which over-service is material, by account."""
        usual = usual_service(self._customers, self._like, self.policy)
        return limits(self._customers, usual, self.policy, stated=self._stated)

    @cached_property
    def _asked(self) -> pd.DataFrame:
        """What each account got of every attribute, and who asked for it."""
        import pandas as pd

        if self.ledger.measured_events is None or self.costing is None:
            return pd.DataFrame({"customer_id": pd.Series(dtype="str"), "attribute": pd.Series(dtype="str")})
        found: pd.DataFrame = asked_work(
            self.ledger.measured_events, self.ledger.rates, self.checked["customers"], self.costing
        ).to_pandas()
        return found

    @cached_property
    def _pieces(self) -> dict[str, float]:
        """The size of a piece of work by attribute measured in minutes, as chance comes in it: sum of squares / sum."""
        if self._asked.empty:
            return {}
        sums = self._asked.groupby("attribute")[["squares", "minutes"]].sum()
        minutes = [name for name, a in self.attributes.items() if a.measure == "minutes"]
        found = (sums.squares / sums.minutes.where(sums.minutes > 0)).dropna()
        return {str(name): float(found[name]) for name in minutes if name in found.index}

    @cached_property
    def _gaps_sure(self) -> pd.DataFrame:
        """The gaps by stated levels, with whether each is more than an accident of one year."""
        few = len(self._like) < self.policy.over_service.peer_minimum  # each of them is looked at by itself
        sure = None if few or self._stated else self.policy.over_service.sure
        return self._gaps.assign(beyond=beyond_chance(self._gaps, self._pieces, sure), ground="level")

    @cached_property
    def peers(self) -> pd.DataFrame:
        """The comparison with like accounts, per service of which no level is known; no rows where they are few."""
        said = self.levels[["customer_id", "attribute", "entitled", "expected", "wish"]]
        sure = self._gaps_sure[["customer_id", "attribute", "beyond"]]
        said = said.merge(sure, on=["customer_id", "attribute"], how="left")
        return against_like_accounts(self._like, self._asked, said, self.limits, self.attributes, self.policy)

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """The judgement: one row per account of the window."""
        sums = over_service(self._gaps_sure, self.peers)
        drawn = over_ranges(self.work, self._gaps_sure, self.limits, self.costing, self.policy)
        found = judge(self._customers, sums, self.peers, drawn, self._known, self.limits, self.policy)
        found = found.merge(under_served(self._gaps, self.policy), on="customer_id", how="left")
        found = self.statement[["customer_id"]].merge(found, on="customer_id", how="left")
        outside = ~found.customer_id.isin(self._customers.customer_id)
        return found.assign(not_scored=found.not_scored.mask(outside, "a customer on no day of the window"))

    @cached_property
    def _rows(self) -> pd.DataFrame:
        """Every gap, by levels and by like accounts, with what is material of it."""
        import pandas as pd

        rows = pd.concat([self._gaps_sure, self.peers.assign(kind="peer", sign=1.0)])
        rows = rows.sort_values(["customer_id", "attribute", "kind"], ignore_index=True)
        return rows.assign(material=material(rows, self.accounts, self.policy))

    def service_gaps(self) -> pd.DataFrame:
        """Return delivered against agreed and wanted, per account and attribute."""
        return conform(self._rows, "service_gaps")

    @property
    def shares(self) -> Any:
        """The part of each account's cost of an attribute that is over-service (Ibis), for the drivers."""
        import ibis
        import pandas as pd

        names = ["customer_id", "attribute", "over_cost", "cost"]
        rows = pd.concat([self._gaps[names], self.peers[names]])
        rows = rows[rows.over_cost > 0]
        rows = rows.assign(share=rows.over_cost / rows.cost).groupby(names[:2], as_index=False).share.sum()
        columns = {name: [*rows[name]] for name in rows.columns}
        return ibis.memtable(columns, schema={"customer_id": "string", "attribute": "string", "share": "float64"})

    @cached_property
    def _unit_costs(self) -> dict[str, float]:
        """What one unit of each attribute costs, over all accounts."""
        sums = self.work.groupby("attribute")[["events", "minutes", "cost"]].sum()
        minutes = {name: self.attributes[name].measure == "minutes" for name in sums.index}
        units = {name: sums.minutes[name] if minutes[name] else sums.events[name] for name in sums.index}
        return {name: float(sums.cost[name] / units[name]) for name in sums.index if units[name] > 0}

    @cached_property
    def _most(self) -> dict[str, float]:
        """The most service by attribute that any account gets, in units per period; of waiting, the least."""
        import pandas as pd

        pairs = [self.work[["customer_id", "attribute"]].drop_duplicates()]
        timed = [name for name, a in self.attributes.items() if a.measure == "response_hours"]
        pairs += [self.days[["customer_id"]].assign(attribute=name) for name in timed]
        got = delivered(self.work, self._answers, self.days, pd.concat(pairs), self.attributes, self.window)
        best = (got.delivered * got.sign).groupby(got.attribute).max() * got.groupby("attribute").sign.first()
        return {str(name): float(value) for name, value in best.items()}

    def offers(self) -> pd.DataFrame:
        """Return the price of standing ready."""
        known = self.delivered[self.delivered.customer_id.isin(self._customers.customer_id)]
        return offers(
            known, self._customers, self.work, self.ledger.resources, self.attributes, self._pieces, self._unit_costs
        )

    def trades(self) -> pd.DataFrame:
        """Return what was agreed and is not wanted."""
        return trades(self._gaps, self._unit_costs)

    def expectations(self) -> pd.DataFrame:
        """Return the talks that the material gaps call for."""
        return expectations(self._rows, self._surveys, self._unit_costs, self._most)

    @cached_property
    def _surveys(self) -> pd.DataFrame | None:
        """The surveys up to the as-of day; None without any."""
        surveys = self.checked.get("surveys")
        if surveys is None:
            return None
        found: pd.DataFrame = surveys.filter(surveys.asked_on <= self.window.end).to_pandas()
        return found

    @cached_property
    def _after_hours(self) -> pd.DataFrame | None:
        """What work after hours cost each account; None where the record does not say which was."""
        events = self.ledger.events
        if events is None or "after_hours" not in self.checked.tables["service_events"].given:
            return None
        return after_hours_by_account(events, self.ledger.rates, self.checked["customers"])

    def service_money(self) -> pd.DataFrame:
        """Return what service beyond what is due, after hours, standing ready and owed comes to."""
        judged = self.statement[["customer_id"]].merge(self.accounts, on="customer_id", how="left")
        return service_money(
            judged, self.service_gaps(), self.levels, self.offers(), self._after_hours, self._unit_costs
        )

    def answers(self) -> pd.DataFrame:
        """Return what each account has told us in surveys: its latest answer to each question."""
        if self._surveys is None or self._surveys.empty:
            return empty("answers")
        return conform(latest_answers(self._surveys), "answers")

    def _by_work(self, of: Any, name: str) -> pd.DataFrame:
        if self.ledger.events is None:
            return empty(name)
        found: pd.DataFrame = of(self.ledger.events, self.ledger.rates, self.checked["customers"])
        return found

    def demand(self) -> pd.DataFrame:
        """Return cost to serve by channel, department, weekday and hour."""
        return self._by_work(demand, "demand")

    def demand_by_week(self) -> pd.DataFrame:
        """Return cost to serve by week."""
        return self._by_work(demand_by_week, "demand_by_week")

    def unasked(self) -> pd.DataFrame:
        """Return work that nobody asked for, by who started it."""
        return self._by_work(unasked, "unasked")
