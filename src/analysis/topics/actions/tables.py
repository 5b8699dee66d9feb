"""What to do: the steps for each account, and the plan under the hours there are."""

from __future__ import annotations

from math import fsum
from typing import TYPE_CHECKING

import numpy as np

from analysis.data.checks import Checked
from analysis.data.contract import conform, empty
from analysis.errors import PolicyError, Problem
from analysis.ledger.costing import Costing
from analysis.ledger.ledger import Ledger
from analysis.policy import Policy
from analysis.statistics.arrays import flag
from analysis.statistics.ends import HIGH, LOW
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.actions.judgement.effects import Stay, Worth
from analysis.topics.actions.judgement.facing import amounts, shortfalls
from analysis.topics.actions.judgement.facing import situation as facing
from analysis.topics.actions.judgement.freed import freed_by_resource
from analysis.topics.actions.judgement.freed import freed_capacity as brought
from analysis.topics.actions.judgement.ladder import at_risk_elsewhere, ending_value
from analysis.topics.actions.judgement.ladder import endings as against_ending
from analysis.topics.actions.judgement.learning import Learnt
from analysis.topics.actions.judgement.learning import learnt as hear
from analysis.topics.actions.judgement.next_step import asks, owed
from analysis.topics.actions.judgement.own_chance import own_chance
from analysis.topics.actions.judgement.packages import AND, packages, steps_of
from analysis.topics.actions.judgement.plan import BASES, Planned, worst_tenth
from analysis.topics.actions.judgement.plan import plan as planned_under
from analysis.topics.actions.judgement.questions import questions as worth_asking
from analysis.topics.actions.judgement.recommend import recommended
from analysis.topics.actions.judgement.segments_apart import with_segments
from analysis.topics.actions.judgement.situation import Floats, Situation
from analysis.topics.actions.judgement.step_words import FactsOf, weighed_in_words
from analysis.topics.actions.judgement.steps import STEPS
from analysis.topics.actions.judgement.weigh import Weighing, weigh
from analysis.topics.actions.judgement.what_if import assumption_effects
from analysis.topics.actions.judgement.when import why_not
from analysis.topics.actions.measures.volumes import minutes_by_resource
from analysis.topics.actions.policy import TEAMS
from analysis.topics.actions.told import stop_unless_told
from analysis.topics.actions.trials import Trials
from analysis.window import Window

if TYPE_CHECKING:
    from typing import Any

    import ibis
    import pandas as pd

    from analysis.topics.profitability.judgement.uncertainty import Ranges
    from analysis.topics.value.judgement.lifetime import Staying

stop_unless_told()

DELIVER = "restore_service"
#: Of each account that is owed something: how many of its best candidates are weighed with its delivery.
CANDIDATES = 3
#: Steps that are put into words together.
BLOCK = 100_000
WAITS = "it waits in a trial that runs (`trials`)"


@CATALOGUE.part()
def decided_by_persons(checked: Checked, window: Window) -> pd.DataFrame:
    """Return the persons' decisions on the next step that still hold: customer_id, action."""
    import pandas as pd

    table = checked.get("overrides")
    if table is None:
        return pd.DataFrame({"customer_id": pd.Series(dtype="str"), "action": pd.Series(dtype="str")})
    holds = table.filter(table.judgement == "action", table["until"] >= window.end)
    rows = holds.select("customer_id", "until", action=holds["value"]).to_pandas()
    last = rows.sort_values(["customer_id", "until", "action"]).drop_duplicates("customer_id", keep="last")
    return last[["customer_id", "action"]].reset_index(drop=True)


@CATALOGUE.part("steps", "finance.discount_rate", "finance.receivables_rate", "finance.horizon_months")
def situation(
    valued: pd.DataFrame,
    ledger: Ledger,
    service_gaps: pd.DataFrame,
    over_shares: ibis.Table,
    levels_stated: ibis.Table,
    months_there: Floats,
    monthly_margin: pd.DataFrame,
    staying: Staying,
    policy: Policy,
) -> Situation:
    """Return what the steps are weighed on: the accounts that are here, with margin and chance of leaving known."""
    own = ledger.accounts[["customer_id", "unknown_work"]]
    parts = [own, shortfalls(service_gaps), *amounts(ledger, over_shares, levels_stated, policy)]
    hazards = staying.until(policy.finance.horizon_months).hazards
    return facing(valued, parts, months_there, monthly_margin, hazards, staying.left, policy)


@CATALOGUE.part("actions", "steps")
def steps_learnt(
    track_record: pd.DataFrame, situation: Situation, trials_drawn: Trials, checked: Checked, stated: Policy
) -> Learnt:
    """Return what is assumed of each step, once the record of earlier ones and of trials has been heard."""
    import pandas as pd

    ids, choices = situation.accounts.customer_id, stated.steps
    moods = pd.Series(np.where(situation.content, 1.0, choices.discontent), ids)
    if not choices.learn:
        return hear(track_record.head(0), stated.actions, moods, choices)
    customers, columns = checked["customers"], list(choices.segments)
    segments = customers.select("customer_id", *columns).order_by("customer_id").to_pandas()
    record = with_segments(trials_drawn.without(track_record), segments)
    return hear(record, stated.actions, moods, choices, trials_drawn.tried())


@CATALOGUE.table()
def learnt(steps_learnt: Learnt) -> pd.DataFrame:
    """Return what the policy assumes of each step, what the record says, and what is used now."""
    return conform(steps_learnt.table, "learnt")


@CATALOGUE.part("actions", "steps")
def weighing(situation: Situation, steps_learnt: Learnt, stated: Policy) -> Weighing:
    """Return the draws of what is assumed, and what staying is worth."""
    return Weighing.of(situation, stated, steps_learnt.actions, steps_learnt.segments, steps_learnt.differ)


@CATALOGUE.part("actions", "steps")
def weighed(
    weighing: Weighing,
    situation: Situation,
    taken_lately: pd.DataFrame,
    waits_in_a_trial: pd.DataFrame,
    stated: Policy,
) -> pd.DataFrame:
    """Return every step that has something to act on, by account."""
    reasons = why_not(situation, taken_lately, stated)
    for action, rows in waits_in_a_trial.groupby("action"):
        waits = situation.accounts.customer_id.isin(rows.customer_id).to_numpy()
        mine = reasons[str(action)]
        reasons[str(action)] = mine.mask(waits & (mine == "").to_numpy(), WAITS)
    return _with_ids(weigh(weighing, reasons), situation)


def _with_ids(rows: pd.DataFrame, situation: Situation) -> pd.DataFrame:
    ids = situation.accounts.customer_id.to_numpy()
    return rows.assign(customer_id=ids[rows.row.to_numpy(dtype=np.intp)])


@CATALOGUE.part("ending", "steps", "window.months")
def endings_weighed(
    situation: Situation,
    weighing: Weighing,
    taken: pd.DataFrame,
    accounts_last_year: pd.DataFrame,
    policy: Policy,
) -> pd.DataFrame:
    """Return what ending each account that loses money would add, with what stands against it."""
    risk = at_risk_elsewhere(situation, weighing.stay, policy)
    rows = np.flatnonzero(situation.accounts.running_margin < 0)
    here, stay, risk = situation.of(rows), Stay(weighing.stay.grid[rows]), risk[rows]
    added = ending_value(here, stay, weighing.draws["terminate"], weighing.moved, risk)
    return against_ending(here, added, risk, taken, accounts_last_year, policy)


@CATALOGUE.part()
def best_steps(weighed: pd.DataFrame, endings_weighed: pd.DataFrame, decided_by_persons: pd.DataFrame) -> pd.DataFrame:
    """Return the best single step of each account by what it adds: customer_id, action, value, low, high."""
    return recommended(weighed, endings_weighed, decided_by_persons)


@CATALOGUE.part()
def undecided(weighed: pd.DataFrame, endings_weighed: pd.DataFrame, decided_by_persons: pd.DataFrame) -> pd.DataFrame:
    """Return the steps as they are computed, before any person's decision: customer_id, action."""
    return recommended(weighed, endings_weighed, decided_by_persons.iloc[:0])[["customer_id", "action"]]


@CATALOGUE.part()
def packages_weighed(weighing: Weighing, weighed: pd.DataFrame, situation: Situation) -> pd.DataFrame:
    """Return packages of steps that add more than the best alone."""
    found = packages(weighing, weighed)
    return found if found.empty else _with_ids(found, situation)


@CATALOGUE.part()
def owed_first(protect_first: pd.DataFrame, service_gaps: pd.DataFrame) -> pd.Series[str]:
    """Return the accounts worth keeping to which something was promised that fell short, and that want it."""
    short = protect_first.customer_id[flag(protect_first, "under_served")]
    return short[short.isin(owed(service_gaps))]


@CATALOGUE.part("plan", "actions", "finance")
def planned(
    weighed: pd.DataFrame,
    packages_weighed: pd.DataFrame,
    best_steps: pd.DataFrame,
    decided_by_persons: pd.DataFrame,
    owed_first: pd.Series[str],
    weighing: Weighing,
    checked: Checked,
    costing: Costing | None,
    stated: Policy,
) -> Planned:
    """Return the plan, what an hour is worth and how far it may be from the best there is."""
    import pandas as pd

    _stop_where_a_team_is_unknown(checked, costing, stated)
    mine = weighed[(weighed.why_not == "") & (weighed.action != "none")]
    every = pd.concat([mine, packages_weighed], ignore_index=True) if len(packages_weighed) else mine
    if stated.actions[DELIVER].considered is not False:
        every = _promises_first(every, owed_first, weighing)
    decided = every.customer_id.isin(decided_by_persons.customer_id)
    as_decided = every.merge(decided_by_persons, on=["customer_id", "action"])
    ended = every.customer_id.isin(best_steps.customer_id[best_steps.action == "terminate"])
    every = pd.concat([every[~decided & ~ended], as_decided], ignore_index=True)
    basis = BASES[stated.plan.basis]
    return planned_under(every[every.low > 0], stated, lambda rows: _drawn_each(rows, weighing, basis))


def _drawn_each(rows: pd.DataFrame, weighing: Weighing, basis: str) -> Floats:
    """Return what each candidate adds in each draw of what is assumed: one step's draws are all accounts'."""
    found = np.zeros((len(rows), weighing.policy.steps.draws))
    for action, places in rows.groupby("action").indices.items():
        steps = tuple(STEPS[name] for name in steps_of(str(action)))
        mine = rows.row.to_numpy(dtype=np.intp)[places]
        found[places] = np.concatenate([getattr(one, basis) for _, one in weighing.worth(steps, mine)])
    return found


def _stop_where_a_team_is_unknown(checked: Checked, costing: Costing | None, policy: Policy) -> None:
    events = checked.get("service_events")
    known = {*TEAMS, *(costing.resources if costing else ())}
    lost = sorted(set(policy.plan.hours) - known)
    if lost and events is not None:
        known |= set(events.department.as_table().distinct().to_pandas().department.dropna())
    for team in sorted(set(lost) - known):
        message, mend = "nobody has this name", f"Name a resource, a department, or one of {', '.join(TEAMS)}."
        raise PolicyError([Problem("policy", f"plan.hours.{team}", "unknown_team", message, mend)])


def _promises_first(every: pd.DataFrame, owed_first: pd.Series[str], weighing: Weighing) -> pd.DataFrame:
    """Return the candidates; with an account worth keeping, what was promised is delivered before a step asks.

    Both are weighed together: what the delivery costs counts against what is asked. Of each such account only the
    best few candidates are weighed again.
    """
    import pandas as pd

    asking = every.action.map(lambda action: any(asks(name) for name in steps_of(str(action)))).astype("bool")
    asking = asking & ~every.action.str.contains(DELIVER) & every.customer_id.isin(owed_first)
    held = every[asking].sort_values(["customer_id", "value", "action"], ascending=[True, False, True])
    parts = [every[~asking]]
    for action, rows in held.groupby("customer_id").head(CANDIDATES).groupby("action"):
        names = (DELIVER, *steps_of(str(action)))
        steps = tuple(STEPS[name] for name in names)
        found = weighing.row(steps, rows.row.to_numpy(dtype=np.intp))
        facts = {"hours": fsum(weighing.hours(steps).values()), "one_off_cost": weighing.one_off_cost(steps)}
        found = found.merge(rows[["row", "customer_id"]], on="row")
        parts.append(found.assign(action=AND.join(names), why_not="", **facts))
    return pd.concat(parts, ignore_index=True)


@CATALOGUE.table("actions")
def actions(
    weighed: pd.DataFrame,
    endings_weighed: pd.DataFrame,
    planned: Planned,
    weighing: Weighing,
    to_put_into_words: FactsOf,
    stated: Policy,
) -> pd.DataFrame:
    """Return every step considered, in words that name the service, the quantity and the level."""
    import pandas as pd

    pairs = {(row.customer_id, name) for row in planned.rows.itertuples() for name in steps_of(row.action)}
    keys = pd.MultiIndex.from_frame(weighed[["customer_id", "action"]])
    found = weighed.assign(chosen=keys.isin(pairs))
    parted = endings_weighed.assign(action="terminate", rung="terminate", chosen=False, cash=endings_weighed.value)
    assumed, cost = stated.actions["terminate"], weighing.draws["terminate"].cost.mean()
    parted = parted.assign(team=assumed.team, hours=assumed.hours, one_off_cost=cost)
    every = pd.concat([found, parted], ignore_index=True) if len(parted) else found
    order = {name: place for place, name in enumerate(["none", *STEPS, "terminate"])}
    place = (
        every.customer_id.to_frame().assign(place=every.action.map(order)).sort_values(["customer_id", "place"]).index
    )
    blocks = (every.iloc[place[start : start + BLOCK]] for start in range(0, max(len(every), 1), BLOCK))
    return pd.concat([_in_words(rows, to_put_into_words) for rows in blocks], ignore_index=True)


def _in_words(rows: pd.DataFrame, facts: FactsOf) -> pd.DataFrame:
    whose = zip(rows.customer_id.astype(str), rows.action, strict=True)
    return conform(rows.assign(in_words=[weighed_in_words(action, facts[name]) for name, action in whose]), "actions")


@CATALOGUE.table()
def plan(planned: Planned) -> pd.DataFrame:
    """Return the steps of the plan, by quarter; value and range are of a step taken in its quarter."""
    rows = planned.rows
    if rows.empty:
        return empty("plan")
    wait = (rows.value_then / rows.value).to_numpy()
    scaled = {name: rows[name] * wait for name in ("value", "low", "high", "cash")}
    return conform(rows.assign(**scaled), "plan")


@CATALOGUE.table()
def team_hours(planned: Planned) -> pd.DataFrame:
    """Return the teams' hours, what the plan takes of them, and what one more would add."""
    return conform(planned.prices.rename(columns={"price": "one_more_hour"}), "team_hours")


def total_ranges(planned: Planned, weighing: Weighing, accounts: pd.Series[str]) -> dict[str, tuple[float, float]]:
    """Return the ranges of what the plan adds with some accounts: `value` and `cash`.

    Assumptions are shared, so they add up; beside them stands each account's own chance.
    """
    rows = planned.rows
    mine = rows[rows.customer_id.isin(accounts)]
    return _ranges(mine, _added(mine, weighing), weighing)


def _ranges(rows: pd.DataFrame, added: Worth, weighing: Weighing) -> dict[str, tuple[float, float]]:
    chance = dict(zip(("value", "cash"), own_chance(rows, weighing), strict=True))
    found = {}
    for name, by_chance in chance.items():
        low, high = np.quantile(getattr(added, name) + by_chance, [LOW, HIGH])
        found[name] = float(low), float(high)
    return found


def _added(rows: pd.DataFrame, weighing: Weighing) -> Worth:
    """Return what rows of the plan add together in each draw of what is assumed."""
    value, cash = np.zeros((2, weighing.policy.steps.draws))
    wait = rows.value_then / rows.value
    for action, part in rows.groupby("action"):
        steps = tuple(STEPS[name] for name in steps_of(str(action)))
        scale = wait.loc[part.index].to_numpy()
        for block, found in weighing.worth(steps, part.row.to_numpy(dtype=np.intp)):
            mine = scale[np.isin(part.row, block)]
            value, cash = value + mine @ found.value, cash + mine @ found.cash
    return Worth(value, cash, np.zeros(0))


@CATALOGUE.part()
def total_draws(planned: Planned, weighing: Weighing) -> Worth:
    """Return what the plan adds in each draw of what is assumed."""
    return _added(planned.rows, weighing)


@CATALOGUE.table()
def plan_total(
    plan: pd.DataFrame, planned: Planned, total_draws: Worth, weighed: pd.DataFrame, weighing: Weighing
) -> pd.DataFrame:
    """Return the plan's total with its range."""
    import pandas as pd

    (low, high), (cash_low, cash_high) = _ranges(planned.rows, total_draws, weighing).values()
    crosses = weighed[(weighed.why_not == "") & (weighed.value > 0)].groupby("customer_id").low.max() <= 0
    one = {"accounts": plan.customer_id.nunique(), "value": plan.value.sum(), "low": low, "high": high}
    one |= {"worst_tenth": worst_tenth(total_draws.value), **_rests_on(plan)}
    one |= {name: plan[name].sum() for name in ("cash", "hours", "freed_hours", "one_off_cost")}
    one |= {"cash_low": cash_low, "cash_high": cash_high, "no_cash_yet": one["value"] - one["cash"]}
    return conform(pd.DataFrame([{**one, "gap": planned.gap, "left_out": int(crosses.sum())}]), "plan_total")


def _rests_on(rows: pd.DataFrame) -> dict[str, Any]:
    """Return the step on which most of a plan's value rests, and how much of it."""
    if rows.empty or rows.value.sum() <= 0:
        return {}
    each = rows.assign(step=rows.action.map(steps_of)).explode("step").groupby("step").value.sum()
    return {"most_on": str(each.idxmax()), "most_on_share": float(each.max() / rows.value.sum())}


@CATALOGUE.table("steps.by_hand")
def freed_capacity(
    planned: Planned,
    weighing: Weighing,
    over_shares: ibis.Table,
    levels_stated: ibis.Table,
    ledger: Ledger,
    checked: Checked,
    costing: Costing | None,
    policy: Policy,
    window: Window,
) -> pd.DataFrame:
    """Return the time that the plan frees by resource, beside what stands idle, and what it brings."""
    if ledger.measured_events is None or costing is None:
        return empty("freed_capacity")
    freed, rows = planned.rows.value.astype("float64"), planned.rows
    if len(rows):
        customers, by_hand = checked["customers"], policy.steps.by_hand
        some = customers.filter(customers.customer_id.isin(sorted(set(rows.customer_id))))
        events, rates = ledger.measured_events, ledger.rates
        work = minutes_by_resource(events, rates, some, costing, over_shares, levels_stated, by_hand)
        freed = freed_by_resource(weighing, rows, work.to_pandas())
    years, period = window.months / 12, 1 / costing.scale(12)
    return conform(brought(freed, ledger.resources, costing.resources, years, period), "freed_capacity")


@CATALOGUE.table()
def what_ifs(best_steps: pd.DataFrame, situation: Situation, weighing: Weighing) -> pd.DataFrame:
    """Return what the ends of each assumption's range would change, where its step is proposed."""
    import pandas as pd

    places = pd.Series(np.arange(len(situation)), situation.accounts.customer_id)
    mine = best_steps[best_steps.action.isin(list(STEPS))]
    rows = {
        str(action): places.loc[part.customer_id].to_numpy(dtype=np.intp) for action, part in mine.groupby("action")
    }
    return conform(assumption_effects(weighing, rows), "what_ifs")


@CATALOGUE.part()
def rate_doubts(situation: Situation, ranges: Ranges | None, costing: Costing | None) -> pd.DataFrame | None:
    """Return by how much a month of each account would cost more at the upper end of each rate's range."""
    import pandas as pd

    ranged = {} if costing is None else {name: each.uncertainty for name, each in costing.resources.items()}
    ranged = {name: share for name, share in ranged.items() if share > 0}
    if ranges is None or not ranged:
        return None
    cost = (ranges.terms.serve + ranges.terms.obtain).T
    rows = pd.DataFrame(cost, index=[name for name, _ in ranges.terms.names]).groupby(level=0).sum().T
    rows = rows.set_axis(ranges.known.customer_id.to_numpy(), axis="index").reindex(situation.accounts.customer_id)
    each = rows[sorted(ranged)].fillna(0.0).mul(pd.Series(ranged), axis="columns")
    return each.div(np.maximum(situation.months, 1.0), axis="index").reset_index(drop=True)


@CATALOGUE.table()
def questions(
    weighing: Weighing, weighed: pd.DataFrame, situation: Situation, rate_doubts: pd.DataFrame | None
) -> pd.DataFrame:
    """Return what is worth finding out, the most first."""
    found = worth_asking(weighing, weighed, rate_doubts)
    ids = situation.accounts.customer_id.reindex(found.row).to_numpy()
    return conform(found.assign(customer_id=ids), "questions")


@CATALOGUE.table()
def endings(endings_weighed: pd.DataFrame) -> pd.DataFrame:
    """Return every account that loses money, with what stands against parting."""
    return conform(endings_weighed, "endings")


@CATALOGUE.table()
def combinations(packages_weighed: pd.DataFrame) -> pd.DataFrame:
    """Return packages of steps that add more than the best alone."""
    return conform(packages_weighed, "combinations")
