"""What each relationship is worth, to us and to the account: the owner of the tables of value."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from analysis.data.contract import conform, empty, net_of
from analysis.data.span import begins
from analysis.decision.interventions.when import ours_first
from analysis.decision.lenses import accounting, contracts_ahead, first_sales, lenses
from analysis.decision.lifetime.hazard import what_moves
from analysis.decision.lifetime.history import history
from analysis.decision.lifetime.lifetime import REACH, Lifetimes, Staying, Worth, worth
from analysis.decision.lifetime.margin import avoidable_serving, month_sales, month_squares, shrunk
from analysis.decision.mutual_value import LEAST_MARK, MARKS, mutual_value, price_rank, shrunk_share, wants_met
from analysis.decision.referral import acquisition_cost, referral_value, referrals, word_of_mouth
from analysis.decision.rescue import hour_cost, last_contacts, protect_first, rescue, save_budget
from analysis.ledger.behaviour import customer_days
from analysis.ledger.working_time import WorkingTime
from analysis.tables.relations import Relations

if TYPE_CHECKING:
    import pandas as pd
    from numpy import float64
    from numpy.typing import NDArray

    Floats = NDArray[float64]


class Valued:
    """The value of the accounts of a window; each part is computed once, when asked for.

    Every frame and array is in the order of `known`.

    Parameters
    ----------
    relations
        How we and the accounts treat each other in the window, with its service and its ledger.
    known
        The accounts with every judgement before this one: one row per account of the window.
    """

    def __init__(self, relations: Relations, known: pd.DataFrame) -> None:
        self.relations, self.served, self.ledger = relations, relations.served, relations.ledger
        self.policy, self.checked, self.window = relations.policy, relations.checked, relations.window
        self.known = known.reset_index(drop=True)

    @cached_property
    def months(self) -> Floats:
        """The months of the window that each account was a customer."""
        days = customer_days(self.checked["customers"], self.window).to_pandas()
        mine = self.known[["customer_id"]].merge(days, on="customer_id", how="left").days
        return mine.to_numpy(dtype="float64") / self.window.days * self.window.months

    @cached_property
    def lifetimes(self) -> Lifetimes:
        """How long accounts stay, to be learnt."""
        first, policy = begins(self.checked), self.policy
        names, horizon = self.known.customer_id, policy.finance.horizon_months
        time = WorkingTime.of(policy)
        return Lifetimes(self.checked, names, self.window.after, first, policy.value, horizon, time)

    @property
    def staying(self) -> Staying:
        """How long accounts stay."""
        return self.lifetimes.staying

    @property
    def hazards(self) -> Floats:
        """Accounts x months of the horizon: the chance that an account still here leaves in the month.

        1 for an account that has left; NaN where nothing tells.
        """
        return self.staying.hazards

    @cached_property
    def monthly_margin(self) -> pd.DataFrame:
        """What an account earns in a month as a customer: `full` and `avoidable` (at avoidable cost).

        With `own`, the weight of its own months, and `spread`, the standard deviation of what is not known of `full`.
        """
        ledger, known = self.ledger, self.known
        squares = month_squares(ledger.lines, ledger.events, ledger.rates, self.window)
        rows = known[["customer_id", "cost_to_serve"]].merge(squares, on="customer_id", how="left")
        rows = rows.merge(month_sales(ledger.lines, self.window), on="customer_id", how="left")
        before_serving = known.gross_margin - known.write_offs - known.financing_cost
        rows = rows.assign(
            months=self.months,
            full=known.running_margin,
            avoidable=before_serving - self._avoidable_serving,
            revenue=known.net_revenue,
        )
        return shrunk(rows, self._like, self.window.months)

    @property
    def _avoidable_serving(self) -> pd.Series[float]:
        """What of the cost to serve would go with each account."""
        if self.ledger.work is None:
            return self.known.cost_to_serve
        found = self.known[["customer_id"]].merge(avoidable_serving(self.ledger.work), on="customer_id", how="left")
        return found.avoidable_serving.fillna(0.0)

    @property
    def _like(self) -> pd.Series[str]:
        """Who is like whom: by the policy's columns, where they are enough; else all accounts together."""
        import pandas as pd

        by = ("size",) if self.policy.peers.by is None else self.policy.peers.by
        alike = [self.known[name].astype("str").fillna("") for name in by]
        keys = pd.Series("", index=self.known.index, dtype="str").str.cat(alike, sep="/")
        return keys.where(keys.groupby(keys).transform("size") >= self.policy.peers.minimum, "")

    @cached_property
    def worth(self) -> Worth:
        """The value of each account's margin ahead, and of the book's."""
        known = self.known
        cost_spread = (known.net_margin_high - known.net_margin_low) / (2.0 * REACH) / self.months
        rate, seed = self.policy.finance.discount_rate, self.policy.value.seed
        return worth(self.staying, self.monthly_margin, cost_spread, rate, seed)

    @cached_property
    def _customers(self) -> pd.DataFrame:
        """The input's accounts of the window, in the order of `known`: customer_id and referred_by."""
        found = self.checked["customers"].select("customer_id", "referred_by").to_pandas()
        return self.known[["customer_id"]].merge(found, on="customer_id", how="left")

    @cached_property
    def _referrals(self) -> pd.DataFrame:
        policy = self.policy.value.referral
        cost = acquisition_cost(self.known, policy.acquisition_cost)
        clv = self.known[["customer_id"]].assign(clv=self.worth.accounts.clv)
        return referrals(self._customers, clv, cost, policy)

    @cached_property
    def _said(self) -> pd.DataFrame:
        """What accounts say in public, in the order of `known`."""
        mentions = self.checked.get("mentions")
        if mentions is None:
            return empty("word_of_mouth")
        price = self.policy.value.referral.price_of_reach
        return word_of_mouth(mentions, self.known.customer_id, self.window, price)

    @cached_property
    def _contracts(self) -> pd.DataFrame | None:
        contracts = self.checked.get("contracts")
        return None if contracts is None else contracts_ahead(contracts, self.window)

    @cached_property
    def _mutual(self) -> pd.DataFrame:
        """What each account gets for its money."""
        parts = self.known[["customer_id"]].assign(**self._parts)
        return mutual_value(parts, self.worth.accounts.clv, self._left, self.policy.value.to_customer)

    @property
    def _parts(self) -> dict[str, pd.Series[float]]:
        """The parts of what each account gets, each 0 to 100 or empty."""
        import pandas as pd

        known, strength = self.known, self.policy.value.to_customer.shrink
        talk = known[["customer_id"]].merge(self.relations.communication(), on="customer_id", how="left")
        dated = (talk.cases.astype("float64") * talk.dates_given_share).where(talk.dates_kept_share.notna()).fillna(0.0)
        kept = dated * talk.dates_kept_share.fillna(0.0)
        time = WorkingTime.of(self.policy)
        seen = history(self.checked, known.customer_id, self.window.after, self.window.months, time)
        marks, answers = (
            pd.Series(seen.counts[name].sum(axis=1), known.index, dtype="float64")
            for name in ("satisfaction", "answers")
        )
        unwanted = known.beyond_wanted_cost / known.cost_to_serve.where(known.cost_to_serve > 0)
        wants = known[["customer_id"]].merge(wants_met(self.served.delivered), on="customer_id", how="left")
        return {
            "wants_met": wants.wants_met,
            "promises_kept": 100.0 * shrunk_share(kept, dated, strength),
            "price": price_rank(known, self._like),
            "satisfaction": 100.0 * (shrunk_share(marks, answers, strength) - LEAST_MARK) / MARKS,
            "wanted_share": 100.0 * (1.0 - unwanted).clip(0.0, 1.0),
        }

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """The judgement: `customer_id` and columns of `tables/accounts`."""
        names, margin, clv = self.known.customer_id, self.monthly_margin, self.worth.accounts
        sent = "referred_by" in self.checked.tables["customers"].given
        brought = referral_value(names, self._referrals, sent)
        return self.known[["customer_id"]].assign(
            **clv,
            margin_month=margin.full,
            margin_own=margin.own,
            leaves_year=1.0 - (1.0 - self.hazards[:, :12]).prod(axis=1),
            referral_value=brought,
            relationship_value=clv.clv + brought,
            **accounting(names, self._contracts, self._left),
            **save_budget(self._lost, self.policy.value.rescue),
            value_to_customer=self._mutual.value_to_customer,
        )

    @property
    def _left(self) -> pd.Series[bool]:
        import pandas as pd

        return pd.Series(self.staying.left, index=self.known.index)

    @property
    def _lost(self) -> pd.Series[float]:
        """What is lost if an account goes: its value at avoidable cost, and a good word where the policy counts it."""
        lost = self.worth.accounts.clv_avoidable
        if not self.policy.value.referral.in_save_budget:
            return lost
        said = self.known[["customer_id"]].merge(self._said, on="customer_id", how="left")
        return lost + ((said.low + said.high) / 2.0).fillna(0.0).mask(self._left, 0.0)

    @cached_property
    def _rescue(self) -> pd.DataFrame:
        return rescue(self.accounts.assign(left=self._left), hour_cost(self.known))

    def rescue(self) -> pd.DataFrame:
        """Return the accounts that may leave, by what is at stake."""
        return conform(self._rescue, "rescue")

    def protect_first(self) -> pd.DataFrame:
        """Return the accounts worth keeping that are under-served, failed by us, silent or up for renewal."""
        rows = self.known[["customer_id", "net_margin", "under_served"]]
        rows = rows.assign(failed_by_us=ours_first(self.known, self.policy))
        ends = self._contracts
        contacts = last_contacts(self.checked.get("service_events"), self.checked.get("cases"), self.window)
        for part, column in ((ends, "contract_ends"), (contacts, "last")):
            found = part[["customer_id", column]] if part is not None else None
            rows = rows.assign(**{column: None}) if found is None else rows.merge(found, on="customer_id", how="left")
        return conform(protect_first(self._rescue, rows, self.policy.value.rescue, self.window), "protect_first")

    def referrals(self) -> pd.DataFrame:
        """Return the accounts that others brought in."""
        return conform(self._referrals, "referrals")

    def word_of_mouth(self) -> pd.DataFrame:
        """Return what accounts say in public."""
        return conform(self._said, "word_of_mouth")

    def mutual_value(self) -> pd.DataFrame:
        """Return what each account gets for its money, beside its value to us."""
        return conform(self._mutual, "mutual_value")

    def lenses(self) -> pd.DataFrame:
        """Return each account that is still here through the three lenses."""
        rows, lines = self.accounts[~self._left].reset_index(drop=True), self.checked.get("transactions")
        first = begins(self.checked)
        if lines is None or first is None:
            return conform(lenses(rows), "lenses")
        whose = self.checked["customers"].select("customer_id", "since")
        dated = lines.mutate(net=net_of(lines)).inner_join(whose, "customer_id")
        sold = first_sales(dated, self.window, first)
        return conform(lenses(rows.merge(sold, on="customer_id", how="left")), "lenses")

    def staying_fit(self) -> pd.DataFrame:
        """Return how the chances of leaving compare with what happened."""
        found = self.lifetimes.calibration()
        return empty("staying_fit") if found is None else conform(found, "staying_fit")

    def staying_signs(self) -> pd.DataFrame:
        """Return what moves the chance of leaving."""
        model = self.staying.hazard_model
        return empty("staying_signs") if model is None else conform(what_moves(model), "staying_signs")
