"""What the steps rest on and leave out, for `run.json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.data.checks import Checked
from analysis.formats import count, counted, money
from analysis.ledger.ledger import Ledger
from analysis.policy import Policy
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.actions.judgement.situation import Situation
from analysis.topics.actions.judgement.track_record import KEPT, NOTHING, SHORT
from analysis.topics.profitability.judgement.scale import Scale

if TYPE_CHECKING:
    import pandas as pd


@CATALOGUE.part()
def actions_left_out(
    listed: pd.DataFrame, situation: Situation, ledger: Ledger, checked: Checked, track_record: pd.DataFrame
) -> list[tuple[str, str]]:
    """Return which steps are not weighed, or not proposed, and why."""
    gone = int((~listed.customer_id.isin(situation.accounts.customer_id)).sum())
    return [*_left_out(gone, ledger, checked, track_record)]


def _left_out(gone: int, ledger: Ledger, checked: Checked, record: pd.DataFrame) -> Iterator[tuple[str, str]]:
    if gone:
        why = "they have left, or their margin or their chance of leaving is not measured"
        yield f"The next step of {counted(gone, 'account')}", why
    if ledger.measured_events is None:
        yield "Steps that save work", "the dataset has no `service_events`"
    if "invoices" not in checked:
        yield "What waiting for money costs, and steps against it", "the dataset has no `invoices`"
    if "actions_taken" not in checked:
        yield "What earlier steps came to, and any ending", "the dataset has no `actions_taken`"
    else:
        untold = int((~record.verdict.isin([KEPT, SHORT, NOTHING])).sum())
        if untold:
            what = f"What came of {count(untold)} of {counted(len(record), 'step')}"
            yield what, "see `verdict` in `tables/track_record`"


@CATALOGUE.part("actions", "plan.hours", "currency")
def actions_assumed(weighed: pd.DataFrame, learnt: pd.DataFrame, scale: Scale, policy: Policy) -> list[str]:
    """Return what the steps and the plan assume."""
    return [] if weighed.empty else [*_assumed(learnt, scale, policy)]


def _assumed(learnt: pd.DataFrame, scale: Scale, policy: Policy) -> Iterator[str]:
    yield "What each step changes is assumed, with a range: the policy's `actions`, or its defaults."
    yield "The plan rests on a month's margin drawn towards like accounts', not on the window's as it was."
    told = int(learnt.steps[(learnt.assumption == "share") & learnt.segment.isna()].sum())
    if told:
        yield f"These ranges have heard the record of {counted(told, 'earlier step')}: `tables/learnt`."
    stated = policy.actions.values()
    if any(one.cost is None for one in stated):
        hour = money(scale.hour, policy.currency)
        yield f"What a step costs once is hours of work at {hour} an hour, where the policy states no `cost`."
    hours = policy.plan.hours
    said = ", ".join(f"{name.replace('_', ' ')} {count:g}" for name, count in sorted(hours.items()))
    yield f"Hours for steps in a quarter: {said}."
