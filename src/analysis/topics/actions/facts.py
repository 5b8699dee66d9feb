"""What the steps rest on and leave out, for `run.json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.formats import amount, counted
from analysis.topics.actions.judgement.track_record import KEPT, NOTHING, SHORT

if TYPE_CHECKING:
    from analysis.tables.computed import Computed


def actions_left_out(of: Computed) -> Iterator[tuple[str, str]]:
    """Yield which steps are not weighed, or not proposed, and why."""
    accounts, here = of.listed, of.situation
    gone = int((~accounts.customer_id.isin(here.accounts.customer_id)).sum())
    if gone:
        why = "they have left, or their margin or their chance of leaving is not measured"
        yield f"The next step of {counted(gone, 'account')}", why
    if of.ledger.measured_events is None:
        yield "Steps that save work", "the dataset has no `service_events`"
    if "invoices" not in of.checked:
        yield "What waiting for money costs, and steps against it", "the dataset has no `invoices`"
    if "actions_taken" not in of.checked:
        yield "What earlier steps came to, and any ending", "the dataset has no `actions_taken`"
    else:
        record = of.track_record
        untold = int((~record.verdict.isin([KEPT, SHORT, NOTHING])).sum())
        if untold:
            yield f"What came of {untold} of {len(record)} steps", "see `verdict` in `tables/track_record`"


def actions_assumed(of: Computed) -> Iterator[str]:
    """Yield what the steps and the plan assume."""
    if of.weighed.empty:
        return
    yield "What each step changes is assumed, with a range: the policy's `actions`, or its defaults."
    yield "The plan rests on a month's margin drawn towards like accounts', not on the window's as it was."
    told = int(of.learnt.steps[(of.learnt.assumption == "share") & of.learnt.segment.isna()].sum())
    if told:
        yield f"These ranges have heard the record of {counted(told, 'earlier step')}: `tables/learnt`."
    stated = of.policy.actions.values()
    if any(one.cost is None for one in stated):
        hour = amount(of.scale.hour)
        yield f"What a step costs once is hours of work at {hour} an hour, where the policy states no `cost`."
    hours = of.policy.plan.hours
    said = ", ".join(f"{name.replace('_', ' ')} {count:g}" for name, count in sorted(hours.items()))
    yield f"Hours for steps in a quarter: {said}."
