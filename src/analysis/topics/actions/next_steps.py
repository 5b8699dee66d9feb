"""The one next step of each account, with its words, its value, who takes it and what speaks against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.data.checks import Checked
from analysis.data.contract import conform, empty
from analysis.data.span import data_from
from analysis.formats import capital
from analysis.ledger.drivers import OTHER_SERVICE
from analysis.policy import Policy
from analysis.statistics.arrays import flag
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.actions.judgement.next_step import ENDING, PROTECT, stakes, talks_first
from analysis.topics.actions.judgement.next_step import next_steps as decided_on
from analysis.topics.actions.judgement.packages import steps_of
from analysis.topics.actions.judgement.situation import Situation
from analysis.topics.actions.judgement.step_reasons import Against, against, because, when, who, would_change
from analysis.topics.actions.judgement.step_words import AT_A_TIME, FactsOf, frame_rows, said
from analysis.topics.difficulty.judgement.ours_first import ours_first
from analysis.window import Window

if TYPE_CHECKING:
    import pandas as pd

    from analysis.topics.value.judgement.lifetime import Staying

#: The work that the portal could take.
BY_PORTAL = ["other_service", "order_size"]
WORTH = ["value", "low", "high"]


@CATALOGUE.part()
def persons_reasons(checked: Checked, decided_by_persons: pd.DataFrame) -> pd.DataFrame:
    """Return the decisions of persons on the next step, with who, why and until when."""
    table = checked.get("overrides")
    if table is None:
        return decided_by_persons.assign(by=None, reason=None, until=None)
    rows: pd.DataFrame = (
        table.filter(table.judgement == "action")
        .select("customer_id", "by", "reason", "until", action=table["value"])
        .to_pandas()
    )
    found = decided_by_persons.merge(rows, on=["customer_id", "action"], how="left")
    return found.drop_duplicates("customer_id", keep="last")


@CATALOGUE.part("steps.material_trouble", "steps.own_failures")
def to_decide_on(
    valued: pd.DataFrame,
    best_steps: pd.DataFrame,
    persons_reasons: pd.DataFrame,
    staying: Staying,
    protect_first: pd.DataFrame,
    owed_first: pd.Series[str],
    policy: Policy,
) -> pd.DataFrame:
    """Return what the rules of the next step read of each account."""
    rows = valued.drop(columns=[c for c in best_steps if c in valued and c != "customer_id"])
    rows = rows.merge(best_steps, on="customer_id", how="left")
    rows["person"] = rows.customer_id.map(persons_reasons.set_index("customer_id").action)
    rows["left"] = staying.left
    rows["protect"] = rows.customer_id.isin(protect_first.customer_id)
    rows["short"] = rows.customer_id.isin(owed_first)
    rows["failed"] = rows.customer_id.isin(protect_first.customer_id[flag(protect_first, "failed_by_us")])
    rows["ours_first"] = ours_first(rows, policy)
    return rows


@CATALOGUE.part()
def decisions(to_decide_on: pd.DataFrame, plan: pd.DataFrame, weighed: pd.DataFrame) -> pd.DataFrame:
    """Return the decisions, without their words: as `decision.next_step.next_steps` gives them."""
    names = ["customer_id", "left", "action", *WORTH, "person", "protect", "short", "failed", "ours_first"]
    return decided_on(to_decide_on[names], plan, weighed)


@CATALOGUE.part()
def advised(decisions: pd.DataFrame, to_decide_on: pd.DataFrame, weighed: pd.DataFrame) -> pd.DataFrame:
    """Return the first step of each account as `tables/accounts` has it, with what it adds taken alone."""
    import pandas as pd

    first = decisions[["customer_id", "step"]].rename(columns={"step": "action"})
    ended = to_decide_on.assign(action="terminate")[["customer_id", "action", *WORTH]]
    ended = ended[(decisions.rule == ENDING).to_numpy()]
    alone = pd.concat([weighed[["customer_id", "action", *WORTH]], ended], ignore_index=True)
    found = first.merge(alone, on=["customer_id", "action"], how="left")
    # What we owe first may cost more than it adds taken alone: then the whole next step counts.
    whole = decisions[["value", "value_low", "value_high"]].set_axis(WORTH, axis="columns")
    found[WORTH] = found[WORTH].where(~(found.value < 0), whole)
    return found.rename(columns={"value": "action_value", "low": "action_value_low", "high": "action_value_high"})


@CATALOGUE.part("steps.by_hand")
def work_to_change(work_by_driver: pd.DataFrame | None, behaviours: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Return pieces of work by driver, those that the portal could take, and the days that payments come late.

    Columns: customer_id, driver (one of work, `by_hand` or `days_late`) and events (or days).
    """
    import pandas as pd

    late = behaviours[(behaviours.behaviour == "late_payment") & (behaviours.of > 0)]
    parts = [late[["customer_id"]].assign(driver="days_late", events=late.rate)]
    if work_by_driver is not None:
        work = work_by_driver[["customer_id", "driver", "channel", "events"]]
        hand = work[work.channel.isin(policy.steps.by_hand) & work.driver.isin(BY_PORTAL)].assign(driver="by_hand")
        parts += [part.groupby(["customer_id", "driver"], as_index=False).events.sum() for part in (work, hand)]
    return pd.concat(parts, ignore_index=True)


@CATALOGUE.part("actions", "currency", "ending", "service")
def to_put_into_words(
    to_decide_on: pd.DataFrame,
    service_gaps: pd.DataFrame,
    our_failures: pd.DataFrame,
    work_to_change: pd.DataFrame,
    situation: Situation,
    stated: Policy,
    window: Window,
    checked: Checked,
    other_service_mostly: pd.Series[str],
) -> FactsOf:
    """Return what is known of each account when a step is put into words."""
    import pandas as pd

    ids = pd.Index(situation.accounts.customer_id)

    def of(driver: str) -> Any:
        cost = situation.pools[driver].cost + situation.pools[f"{driver}@hand"].cost
        return pd.Series(cost, ids).reindex(to_decide_on.customer_id).to_numpy()

    rows = to_decide_on.assign(unasked_cost=of("unrequested"), to_charge_cost=of("out_of_scope"))
    mostly = service_gaps.customer_id.map(other_service_mostly).where(service_gaps.attribute == OTHER_SERVICE)
    gaps = service_gaps.assign(mostly=mostly)
    return FactsOf(rows, gaps, our_failures, work_to_change, stated, window.months, data_from(checked, window))


@CATALOGUE.table()
def next_steps(
    to_decide_on: pd.DataFrame,
    decisions: pd.DataFrame,
    rescue: pd.DataFrame,
    protect_first: pd.DataFrame,
    persons_reasons: pd.DataFrame,
    to_put_into_words: FactsOf,
    taken: pd.DataFrame,
    endings: pd.DataFrame,
    window: Window,
) -> pd.DataFrame:
    """Return the next step of each account."""
    import pandas as pd

    if to_decide_on.empty:
        return empty("next_steps")
    own = to_decide_on.set_index("customer_id", drop=False)
    stake = rescue.set_index("customer_id").at_stake
    found = decisions.assign(
        name=own.name.reindex(decisions.customer_id).to_numpy(),
        net_margin=own.net_margin.reindex(decisions.customer_id).to_numpy(dtype=np.float64, na_value=np.nan),
        at_stake=stake.reindex(decisions.customer_id).to_numpy(dtype=np.float64),
    )
    found = found.assign(
        stake=stakes(found), talk_first=talks_first(found), protect_first=(found.rule == PROTECT).to_numpy()
    )
    tried = frame_rows(taken)
    first, persons = _by_account(protect_first), _by_account(persons_reasons)
    ended = _by_account(endings) if (found.rule == ENDING).any() else {}
    parts = []
    for start in range(0, len(found), AT_A_TIME):
        some, words = found.iloc[start : start + AT_A_TIME], []
        for row in some.to_dict("records"):
            name = str(row["customer_id"])
            more = (first.get(name), persons.get(name), tried.get(name, []), ended.get(name))
            words.append(_worded(Against(to_put_into_words[name], row, *more, window)))
        parts.append(conform(some.assign(**pd.DataFrame(words, index=some.index)), "next_steps"))
    return pd.concat(parts, ignore_index=True)


def _by_account(rows: pd.DataFrame) -> dict[str, dict[Any, Any]]:
    return {
        str(row["customer_id"]): {str(name): value for name, value in row.items()} for row in rows.to_dict("records")
    }


def _worded(of: Against) -> dict[str, Any]:
    row = of.decision
    steps = steps_of(str(row["steps"])) if isinstance(row["steps"], str) else ()
    told = said(steps, of.facts) if steps else None
    words, short = (of.worded(told.words), of.worded(told.brief)) if told else (because(of), because(of))
    return {
        "sentence": capital(words),
        "in_short": capital(short),
        "attribute": told.attribute or None if told else None,
        "level_now": told.level_now if told else np.nan,
        "level_then": told.level_then if told else np.nan,
        "per": told.per or None if told else None,
        "who": who(of, steps),
        "when_by": when(of),
        "against": against(of, steps),
        "would_change": would_change(of, steps),
        "because": because(of),
    }
