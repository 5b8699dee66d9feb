"""Try it small: the trials that are proposed, that run and that were read, with their accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.data.checks import Checked
from analysis.data.contract import conform
from analysis.data.span import begins
from analysis.policy import Policy
from analysis.statistics.arrays import flag
from analysis.statistics.ends import REACH
from analysis.tables.catalogue import CATALOGUE
from analysis.tables.last_run import LastRun
from analysis.topics.actions.judgement.acted_on import acted_on
from analysis.topics.actions.judgement.next_step import asks
from analysis.topics.actions.judgement.packages import steps_of
from analysis.topics.actions.judgement.plan import Planned, waiting
from analysis.topics.actions.judgement.shares_learnt import Tried
from analysis.topics.actions.judgement.steps import STEPS
from analysis.topics.actions.judgement.track_record import SHOWS
from analysis.topics.actions.judgement.trial_reading import LAPSED, READ, RUNNING, in_view, read, taken_in
from analysis.topics.actions.judgement.trials import (
    ANSWERS,
    DAYS,
    MOST_ACCOUNTS,
    NONE,
    NOT_SHOWN,
    PROPOSED,
    QUARTERS,
    WAIT,
    Noise,
    name_of,
    noise,
    trial,
)
from analysis.topics.actions.judgement.weigh import Weighing
from analysis.topics.actions.record import Dated
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd

#: Of an earlier run's trial at least so many accounts are known here, or it was drawn of others.
SAME_ACCOUNTS = 0.5
IN_TRIAL = "not measured: the trial that it was in tells more"
#: Steps that add work instead of taking it: with one of them beside it, a step's own work does not tell.
ADD_WORK = ("restore_service", "invest")


@dataclass(frozen=True)
class Trials:
    """Trials and their accounts, as `tables/trials` and `tables/trial_accounts` have them."""

    trials: pd.DataFrame
    accounts: pd.DataFrame

    def of(self, *states: str) -> pd.DataFrame:
        """Return the accounts of the trials in these states."""
        return self.accounts[self.accounts.trial.isin(self.trials.trial[self.trials.state.isin(states)])]

    def tried(self) -> dict[str, Tried]:
        """Return by step what the last trial of it that could be read came to."""
        rows = self.trials[(self.trials.state == READ) & self.trials.came.notna()].sort_values("drawn_on")
        error = (rows.came_high - rows.came_low) / (2.0 * REACH)
        facts = zip(rows.action, rows.had_it, rows.came, error, strict=True)
        return {str(action): Tried(int(steps), float(came), float(doubt)) for action, steps, came, doubt in facts}

    def without(self, record: pd.DataFrame) -> pd.DataFrame:
        """Return `tables/track_record` with the steps that a trial tells more of left untold."""
        import pandas as pd

        told = self.of(READ)
        told = told[told.trial.isin(self.trials.trial[self.trials.came.notna()])]
        mine = pd.MultiIndex.from_frame(told[["customer_id", "action"]].astype("str"))
        inside = pd.MultiIndex.from_frame(record[["customer_id", "action"]].astype("str")).isin(mine)
        return record.assign(verdict=record.verdict.mask(inside, IN_TRIAL))


@CATALOGUE.part()
def trials_drawn(
    run_before: LastRun,
    taken: pd.DataFrame,
    dated_work_of: Dated,
    levels_due: dict[str, dict[str, float]],
    window: Window,
) -> Trials:
    """Return the trials that earlier runs drew, with what is known of them now."""
    import pandas as pd

    rows = in_view(conform(run_before.table("trials"), "trials"), window.end)
    members = conform(run_before.table("trial_accounts"), "trial_accounts")
    members = members[members.trial.isin(rows.trial)]
    here = members.customer_id.isin(dated_work_of.customers.customer_id)
    known = here.groupby(members.trial).mean()
    rows = rows[rows.trial.map(known).fillna(0.0) >= SAME_ACCOUNTS].reset_index(drop=True)
    members = members[here & members.trial.isin(rows.trial)].reset_index(drop=True)
    members = taken_in(members.merge(rows[["trial", "action", "drawn_on"]], on="trial"), taken)
    if rows.empty:
        return Trials(rows, members)
    daily = None
    if members.taken_on.notna().any() and dated_work_of.dated is not None:
        first = pd.to_datetime(rows.drawn_on).min() - pd.Timedelta(days=365)
        daily = dated_work_of.of(set(members.customer_id), first.date(), window.end)
    found = []
    for row, values in zip(rows.itertuples(), rows.to_dict("records"), strict=True):
        # What was read stays as it was read: the data need not reach back that far for good.
        if row.state != READ or pd.isna(row.came):
            values |= read(row, members[members.trial == row.trial], daily, levels_due, window.after)
        found.append(values)
    now = conform(pd.DataFrame(found), "trials")
    return Trials(now[now.state != LAPSED], members[members.trial.isin(now.trial[now.state != LAPSED])])


@CATALOGUE.part()
def waits_in_a_trial(trials_drawn: Trials) -> pd.DataFrame:
    """Return the accounts that wait for a step in a trial that runs: customer_id, action."""
    rows = trials_drawn.of(RUNNING)
    return rows[(rows.part == WAIT) & rows.taken_on.isna()][["customer_id", "action"]]


@CATALOGUE.part("steps.seed")
def trials_of_now(
    trials_drawn: Trials,
    could_be_tried: pd.DataFrame,
    weighing: Weighing,
    taken: pd.DataFrame,
    dated_work_of: Dated,
    levels_due: dict[str, dict[str, float]],
    checked: Checked,
    policy: Policy,
    window: Window,
) -> Trials:
    """Return the trials of earlier runs and those proposed now, of steps that none of them tries."""
    import pandas as pd

    busy = trials_drawn.trials.action[trials_drawn.trials.state.isin([PROPOSED, RUNNING])]
    pools = could_be_tried[~could_be_tried.action.isin(busy)]
    most = pools.sort_values(["value", "customer_id"], ascending=[False, True]).groupby("action").head(MOST_ACCOUNTS)
    most = most.sort_values("customer_id", ignore_index=True)
    told = _noises(most, taken, dated_work_of, levels_due, begins(checked), window)
    found, members = [], []
    for place, action in enumerate(STEPS):
        pool = pools[pools.action == action]
        if pool.empty:
            continue
        one = {"trial": name_of(action, window.end), "drawn_on": pd.Timestamp(window.end)}
        if action in SHOWS:
            some = most[most.action == action].reset_index(drop=True)
            one |= trial(action, some, told.get(action), weighing.actions[action], policy.steps.seed + place)
            members.append(one.pop("members").assign(trial=one["trial"], action=action, drawn_on=one["drawn_on"]))
        else:
            one |= {"action": action, "kind": NONE, "why_not": _not_shown(action, weighing)}
        found.append(one | {"at_stake": pool.value.sum(), "could_have": len(pool)})
    parts = [trials_drawn.trials, conform(pd.DataFrame(found), "trials")] if found else [trials_drawn.trials]
    every = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    drawn = [part for part in (trials_drawn.accounts, *members) if len(part)]
    return Trials(every, pd.concat(drawn, ignore_index=True) if drawn else trials_drawn.accounts)


def _not_shown(action: str, weighing: Weighing) -> str:
    accepts = weighing.actions[action].accepts
    return ANSWERS if STEPS[action].minded_by == "asked" and accepts[0] < accepts[2] else NOT_SHOWN


def _noises(
    pools: pd.DataFrame, taken: pd.DataFrame, work: Dated, due: dict[str, dict[str, float]], first: Any, window: Window
) -> dict[str, Noise]:
    """Return what the quarters of the accounts of each step were without one, in the order of their ids."""
    import pandas as pd

    pools = pools[pools.action.isin(list(SHOWS))]
    if pools.empty or first is None or work.dated is None:
        return {}
    after = pd.Timestamp(window.after)
    begin = max(pd.Timestamp(first), after - pd.Timedelta(days=DAYS * QUARTERS))
    daily = work.of(set(pools.customer_id), begin.date(), window.end)
    steps, found = taken.assign(on=pd.to_datetime(taken.on)), {}
    for action, rows in pools.groupby("action"):
        year = max(begin, after - pd.Timedelta(days=365))
        told = noise(acted_on(daily.only(rows.customer_id), str(action), due, year, after), begin, after, steps)
        if told is not None:
            found[str(action)] = told
    return found


@CATALOGUE.part("finance.horizon_months", "finance.discount_rate")
def could_be_tried(
    weighed: pd.DataFrame,
    best_steps: pd.DataFrame,
    planned: Planned,
    decided_by_persons: pd.DataFrame,
    protect_first: pd.DataFrame,
    trials_drawn: Trials,
    situation: Any,
    policy: Policy,
) -> pd.DataFrame:
    """Return which accounts could have which step in a trial: customer_id, action, value, planned, waiting.

    Those for which the plan has it; and of those that the plan leaves alone, the ones whose best step it is. Nobody is
    taken against the plan: no account that is protected, or in want of attention first, or that a person decided on.
    """
    import pandas as pd

    names = ["customer_id", "action", "value"]
    open_ = weighed[(weighed.why_not == "") & (weighed.value > 0) & weighed.action.isin(list(STEPS))][names]
    in_plan = planned.rows.assign(package=planned.rows.action)[["customer_id", "package", "quarter", "value_then"]]
    in_plan = in_plan.assign(action=in_plan.package.map(lambda name: list(steps_of(str(name))))).explode("action")
    alone = [_tells(str(row.action), str(row.package)) for row in in_plan.itertuples()]
    mine = in_plan[np.array(alone, dtype=np.bool_)].merge(open_, on=["customer_id", "action"])
    later = 1.0 - waiting(2, policy.finance)[1]
    mine = mine.assign(planned=True, waiting=np.where(mine.quarter == 1, mine.value_then * later, 0.0))
    accounts = situation.accounts
    left_alone = set(planned.rows.customer_id) | set(decided_by_persons.customer_id)
    left_alone |= set(accounts.customer_id[flag(accounts, "protected")])
    others = open_.merge(best_steps[["customer_id", "action"]], on=["customer_id", "action"])
    asked = others.action.map(lambda name: asks(str(name))).astype("bool")
    first = asked & others.customer_id.isin(protect_first.customer_id)
    others = others[~first & ~others.customer_id.isin(left_alone)]
    every = pd.concat([mine[[*names, "planned", "waiting"]], others.assign(planned=False, waiting=0.0)])
    return every[~every.customer_id.isin(trials_drawn.of(RUNNING).customer_id)].reset_index(drop=True)


def _tells(action: str, package: str) -> bool:
    """Return whether what a step changes could be told, with what is taken beside it."""
    shows = set(SHOWS.get(action, ()))
    beside = [name for name in steps_of(package) if name != action]
    return not any(name in ADD_WORK or shows & set(SHOWS.get(name, ())) for name in beside)


@CATALOGUE.table()
def trials(trials_of_now: Trials, questions: pd.DataFrame) -> pd.DataFrame:
    """Return the trials: proposed, running and read, those with most at stake first."""
    works = questions[questions.question == "works"].set_index("action").value
    rows = trials_of_now.trials
    rows = rows.assign(knowing_adds=rows.action.map(works).astype("float64"))
    place = rows.state.map({READ: 0, RUNNING: 1}).fillna(2)
    rows = rows.assign(place=place, none=rows.kind == NONE)
    order = ["place", "none", "at_stake", "trial"]
    return conform(rows.sort_values(order, ascending=[True, True, False, True]), "trials")


@CATALOGUE.table()
def trial_accounts(trials_of_now: Trials) -> pd.DataFrame:
    """Return the accounts of the trials, pair by pair."""
    rows = trials_of_now.accounts
    return conform(rows.sort_values(["trial", "pair", "part"]), "trial_accounts")
