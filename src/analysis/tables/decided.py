"""What to do: the steps for each account, and the plan under the hours there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.data.contract import conform, empty
from analysis.decision.facing import amounts, shortfalls, situation
from analysis.decision.freed import freed_by_resource, freed_capacity
from analysis.decision.interventions.effects import Stay
from analysis.decision.interventions.situation import Floats, Situation
from analysis.decision.interventions.steps import STEPS
from analysis.decision.interventions.when import flag, why_not
from analysis.decision.ladder import at_risk_elsewhere, ending_value, endings
from analysis.decision.learning import Learnt, learnt
from analysis.decision.next_step import asks, owed
from analysis.decision.packages import AND, packages, steps_of
from analysis.decision.plan import Planned, plan, worst_tenth
from analysis.decision.recommend import recommended
from analysis.decision.weigh import HIGH, LOW, Weighing, weigh
from analysis.decision.what_if import assumed, assumption_effects, weighed_again
from analysis.errors import PolicyError, Problem
from analysis.ledger.ledger import Ledger
from analysis.ledger.volumes import minutes_by_resource
from analysis.policy import Policy
from analysis.policy.actions import TEAMS
from analysis.tables.served import Served
from analysis.tables.tried import Tried
from analysis.tables.valued import Valued

if TYPE_CHECKING:
    import pandas as pd

DELIVER = "restore_service"
#: Of each account that is owed something: how many of its best candidates are weighed with its delivery.
CANDIDATES = 3


def _rests_on(rows: pd.DataFrame) -> dict[str, Any]:
    """Return the step on which most of a plan's value rests, and how much of it."""
    if rows.empty or rows.value.sum() <= 0:
        return {}
    each = rows.assign(step=rows.action.map(steps_of)).explode("step").groupby("step").value.sum()
    return {"most_on": str(each.idxmax()), "most_on_share": float(each.max() / rows.value.sum())}


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
    tried
        What has been tried.
    last_year
        Gives the same window's accounts a year before.
    """

    def __init__(
        self,
        ledger: Ledger,
        known: pd.DataFrame,
        valued: Valued,
        served: Served,
        tried: Tried,
        last_year: Callable[[], pd.DataFrame],
    ) -> None:
        self.ledger, self.known = ledger, known
        self.valued, self.served, self.tried, self.last_year = valued, served, tried, last_year
        self.stated, self.checked, self.window = served.policy, ledger.checked, ledger.window

    @cached_property
    def policy(self) -> Policy:
        """The choices, with what is assumed of each step as the record of earlier steps leaves it."""
        return self.stated.model_copy(update={"actions": self._learnt.actions})

    @cached_property
    def _learnt(self) -> Learnt:
        import pandas as pd

        record, choices, here = self.tried.track_record(), self.stated.steps, self.situation
        moods = pd.Series(np.where(here.content, 1.0, choices.discontent), here.accounts.customer_id)
        heard = record if choices.learn else record.head(0)
        return learnt(heard, self.stated.actions, moods, choices)

    def learnt(self) -> pd.DataFrame:
        """Return what the policy assumes of each step, what the record says, and what is used now."""
        return conform(self._learnt.table, "learnt")

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
        """What the steps are weighed on: the accounts that are here, whose margin and chance of leaving are known."""
        own = self.ledger.accounts[["customer_id", "unknown_work"]]
        parts = [own, shortfalls(self.served.service_gaps()), *amounts(self.ledger, self.served.shares)]
        worth = self.valued
        return situation(
            self.known, parts, worth.months, worth.monthly_margin, worth.hazards, worth.staying.left, self.stated
        )

    @cached_property
    def weighing(self) -> Weighing:
        """The draws of what is assumed, and what staying is worth."""
        return Weighing.of(self.situation, self.policy)

    @cached_property
    def weighed(self) -> pd.DataFrame:
        """Every step that has something to act on, by account."""
        found = weigh(self.weighing, why_not(self.situation, self.tried.recent, self.policy))
        ids = self.situation.accounts.customer_id.to_numpy()
        return found.assign(customer_id=ids[found.row.to_numpy(dtype=np.intp)])

    @cached_property
    def _endings(self) -> pd.DataFrame:
        risk = at_risk_elsewhere(self.situation, self.weighing.stay, self.policy)
        rows = np.flatnonzero(self.situation.accounts.running_margin < 0)
        here, stay, risk = self.situation.of(rows), Stay(self.weighing.stay.grid[rows]), risk[rows]
        drawn = ending_value(here, stay, self.weighing.draws["terminate"], self.weighing.moved, risk)
        return endings(here, drawn, risk, self.tried.taken, self.last_year(), self.policy)

    @cached_property
    def _recommended(self) -> pd.DataFrame:
        return recommended(self.weighed, self._endings, self.overridden)

    @property
    def best(self) -> pd.DataFrame:
        """The best single step of each account by what it is expected to add: customer_id, action, value, low, high."""
        return self._recommended

    @property
    def undecided(self) -> pd.DataFrame:
        """The steps as they are computed, before any person's decision: customer_id, action."""
        return recommended(self.weighed, self._endings, self.overridden.iloc[:0])[["customer_id", "action"]]

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """The judgement: `customer_id` and columns of `tables/accounts`."""
        columns = {"value": "action_value", "low": "action_value_low", "high": "action_value_high"}
        return self._recommended.rename(columns=columns)

    @cached_property
    def _packages(self) -> pd.DataFrame:
        found = packages(self.weighing, self.weighed)
        if found.empty:
            return found
        ids = self.situation.accounts.customer_id.to_numpy()
        return found.assign(customer_id=ids[found.row.to_numpy(dtype=np.intp)])

    def _stop_where_a_team_is_unknown(self) -> None:
        events, costing = self.checked.get("service_events"), self.ledger.costing
        known = {*TEAMS, *(costing.resources if costing else ())}
        lost = sorted(set(self.policy.plan.hours) - known)
        if lost and events is not None:
            known |= set(events.department.as_table().distinct().to_pandas().department.dropna())
        for team in sorted(set(lost) - known):
            message, mend = "nobody has this name", f"Name a resource, a department, or one of {', '.join(TEAMS)}."
            raise PolicyError([Problem("policy", f"plan.hours.{team}", "unknown_team", message, mend)])

    @cached_property
    def planned(self) -> Planned:
        """The plan, what an hour is worth and how far it may be from the best there is."""
        import pandas as pd

        self._stop_where_a_team_is_unknown()
        mine = self.weighed[(self.weighed.why_not == "") & (self.weighed.action != "none")]
        every = pd.concat([mine, self._packages], ignore_index=True) if len(self._packages) else mine
        every = self._promises_first(every)
        decided = every.customer_id.isin(self.overridden.customer_id)
        as_decided = every.merge(self.overridden, on=["customer_id", "action"])
        ended = every.customer_id.isin(self._recommended.customer_id[self._recommended.action == "terminate"])
        every = pd.concat([every[~decided & ~ended], as_decided], ignore_index=True)
        return plan(every[every.low > 0], self.policy, self._drawn_each)

    def _drawn_each(self, rows: pd.DataFrame) -> Floats:
        """Return what each candidate adds in each draw of what is assumed: one step's draws are all accounts'."""
        found = np.zeros((len(rows), self.policy.steps.draws))
        for action, places in rows.groupby("action").indices.items():
            steps = tuple(STEPS[name] for name in steps_of(str(action)))
            mine = rows.row.to_numpy(dtype=np.intp)[places]
            found[places] = np.concatenate([one.value for _, one in self.weighing.worth(steps, mine)])
        return found

    @cached_property
    def owed_first(self) -> pd.Series[str]:
        """The accounts worth keeping to which something was promised that fell short, and that want it."""
        first = self.valued.protect_first()
        short = first.customer_id[flag(first, "under_served")]
        return short[short.isin(owed(self.served.service_gaps()))]

    def _promises_first(self, every: pd.DataFrame) -> pd.DataFrame:
        """Return the candidates; with an account worth keeping, what was promised is delivered before a step asks.

        Both are weighed together: what the delivery costs counts against what is asked. Of each such account only the
        best few candidates are weighed again.
        """
        import pandas as pd

        if self.policy.actions[DELIVER].considered is False:
            return every
        asking = every.action.map(lambda action: any(asks(name) for name in steps_of(str(action)))).astype("bool")
        asking = asking & ~every.action.str.contains(DELIVER) & every.customer_id.isin(self.owed_first)
        held = every[asking].sort_values(["customer_id", "value", "action"], ascending=[True, False, True])
        parts = [every[~asking]]
        for action, rows in held.groupby("customer_id").head(CANDIDATES).groupby("action"):
            names = (DELIVER, *steps_of(str(action)))
            steps = tuple(STEPS[name] for name in names)
            found = self.weighing.row(steps, rows.row.to_numpy(dtype=np.intp))
            facts = {
                "hours": sum(self.weighing.hours(steps).values()),
                "one_off_cost": self.weighing.one_off_cost(steps),
            }
            found = found.merge(rows[["row", "customer_id"]], on="row")
            parts.append(found.assign(action=AND.join(names), why_not="", **facts))
        return pd.concat(parts, ignore_index=True)

    def actions(self) -> pd.DataFrame:
        """Return every step considered."""
        import pandas as pd

        chosen = self.planned.rows
        pairs = {(row.customer_id, name) for row in chosen.itertuples() for name in steps_of(row.action)}
        found = self.weighed
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

    def plan(self) -> pd.DataFrame:
        """Return the steps of the plan, by quarter; value and range are of a step taken in its quarter."""
        rows = self.planned.rows
        if rows.empty:
            return empty("plan")
        wait = (rows.value_then / rows.value).to_numpy()
        scaled = {name: rows[name] * wait for name in ("value", "low", "high", "cash")}
        return conform(rows.assign(**scaled), "plan")

    def team_hours(self) -> pd.DataFrame:
        """Return the teams' hours, what the plan takes of them, and what one more would add."""
        return conform(self.planned.prices.rename(columns={"price": "one_more_hour"}), "team_hours")

    @cached_property
    def total_draws(self) -> Floats:
        """What the plan adds in each draw of what is assumed."""
        return self._drawn(self.planned.rows)

    def total_range(self, accounts: pd.Series[str]) -> tuple[float, float]:
        """Return the range of what the plan adds with some accounts: assumptions are shared, so they add up."""
        rows = self.planned.rows
        low, high = np.quantile(self._drawn(rows[rows.customer_id.isin(accounts)]), [LOW, HIGH])
        return float(low), float(high)

    def _drawn(self, rows: pd.DataFrame) -> Floats:
        total = np.zeros(self.policy.steps.draws)
        wait = rows.value_then / rows.value
        for action, part in rows.groupby("action"):
            steps = tuple(STEPS[name] for name in steps_of(str(action)))
            scale = wait.loc[part.index].to_numpy()
            for block, found in self.weighing.worth(steps, part.row.to_numpy(dtype=np.intp)):
                total += scale[np.isin(part.row, block)] @ found.value
        return total

    def plan_total(self) -> pd.DataFrame:
        """Return the plan's total with its range."""
        import pandas as pd

        rows, draws, steps = self.plan(), self.total_draws, self.weighed
        low, high = np.quantile(draws, [LOW, HIGH])
        crosses = steps[(steps.why_not == "") & (steps.value > 0)].groupby("customer_id").low.max() <= 0
        one = {"accounts": rows.customer_id.nunique(), "value": rows.value.sum(), "low": low, "high": high}
        one |= {"worst_tenth": worst_tenth(draws), **_rests_on(rows)}
        one |= {name: rows[name].sum() for name in ("cash", "hours", "freed_hours", "one_off_cost")}
        return conform(pd.DataFrame([{**one, "gap": self.planned.gap, "left_out": int(crosses.sum())}]), "plan_total")

    def freed_capacity(self) -> pd.DataFrame:
        """Return the time that the plan frees by resource, beside what stands idle, and what it brings."""
        ledger = self.ledger
        if ledger.measured_events is None or ledger.costing is None:
            return empty("freed_capacity")
        customers, rows = self.checked["customers"], self.planned.rows
        freed = rows.value.astype("float64")
        if len(rows):
            some = customers.filter(customers.customer_id.isin(sorted(set(rows.customer_id))))
            shares, by_hand = self.served.shares, self.policy.steps.by_hand
            work = minutes_by_resource(ledger.measured_events, ledger.rates, some, ledger.costing, shares, by_hand)
            freed = freed_by_resource(self.weighing, rows, work.to_pandas())
        years, period = self.window.months / 12, 1 / ledger.costing.scale(12)
        found = freed_capacity(freed, ledger.resources, ledger.costing.resources, years, period)
        return conform(found, "freed_capacity")

    def what_ifs(self) -> pd.DataFrame:
        """Return what the ends of each assumption's range would change, where its step is proposed."""
        import pandas as pd

        places = pd.Series(np.arange(len(self.situation)), self.situation.accounts.customer_id)
        mine = self.accounts[self.accounts.action.isin(list(STEPS))]
        rows = {
            str(action): places.loc[part.customer_id].to_numpy(dtype=np.intp) for action, part in mine.groupby("action")
        }
        return conform(assumption_effects(self.weighing, rows), "what_ifs")

    def what_if(self, action: str, accounts: Iterable[str] = (), **changed: Any) -> pd.DataFrame:
        """Return what a step would add under other assumptions; see `Portfolio.what_if`."""
        assumptions, ids = assumed(self.policy, action, changed), self.situation.accounts.customer_id
        matters = self.weighed[self.weighed.action == action].customer_id
        rows = np.flatnonzero(ids.isin(list(accounts) or matters).to_numpy())
        return weighed_again(self.weighing, action, rows, assumptions)

    def endings(self) -> pd.DataFrame:
        """Return every account that loses money, with what stands against parting."""
        return conform(self._endings, "endings")

    def combinations(self) -> pd.DataFrame:
        """Return packages of steps that add more than the best alone."""
        return conform(self._packages, "combinations")
