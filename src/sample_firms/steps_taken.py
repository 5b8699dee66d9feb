"""What the steps of `actions_taken` changed, in a world where they did what its truth says of such steps.

Without this a world's record is a record of steps that changed nothing, beside a truth in which they work: whoever
learns from it is misled. The worlds are frozen, so a world has it only where it is asked for.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sample_firms.entitlements import Plan, case_usage
from sample_firms.firm import ACTIVITIES, ATTRIBUTES
from sample_firms.future import FAILURES_MENDED, NOTICE_TAKES, RISE, TRIMMED, answers
from sample_firms.truth import MEASURED
from sample_firms.world import Bools, Floats, Settings, column, whole

#: A step that is still open, or was refused, changed nothing.
NOT_DONE = ("open", "refused")


def take_effect(settings: Settings, accounts: pd.DataFrame, plan: Plan, tables: dict[str, pd.DataFrame]) -> None:
    """Let the steps that were taken have their effect on the work that was done since; answers follow the truth."""
    taken = _answered(settings, accounts, tables["actions_taken"])
    events = tables["service_events"]
    since = {name: _since(accounts, taken, name) for name in ("trim_frequency", "require_notice", "mend_our_failures")}
    gone = np.zeros(len(events))
    for name, chance in (
        ("trim_frequency", _planted(accounts, plan, events)),
        ("require_notice", NOTICE_TAKES * (events["activity"] == "night_support").to_numpy()),
        ("mend_our_failures", FAILURES_MENDED * _failing(events)),
    ):
        gone = 1.0 - (1.0 - gone) * (1.0 - chance * _after(events, since[name]))
    rng = settings.stream("steps that work")
    kept = events[rng.random(len(events)) >= gone]
    calm = (rng.random(len(kept)) < NOTICE_TAKES) & _after(kept, since["require_notice"])
    tables["service_events"] = _without_rush(kept, calm).reset_index(drop=True)
    tables["actions_taken"] = taken


def _answered(settings: Settings, accounts: pd.DataFrame, taken: pd.DataFrame) -> pd.DataFrame:
    """Return the steps with the outcome that the truth has for them, where one is recorded that is not open."""
    notice, _, tolerated = answers(settings, accounts)
    always = np.ones(len(accounts), dtype=np.bool_)
    agrees = {"require_notice": notice, "reprice": tolerated >= RISE}
    agrees |= {"trim_frequency": always, "mend_our_failures": always}
    row = pd.Series(np.arange(len(accounts)), accounts["customer_id"]).loc[taken["customer_id"]].to_numpy()
    told = taken["outcome"].isin(["worked", "refused", "failed"]).to_numpy(dtype=np.bool_)
    outcome = taken["outcome"].astype("object").to_numpy(copy=True)
    for action, agreed in agrees.items():
        mine = told & (taken["action"] == action).to_numpy(dtype=np.bool_)
        outcome[mine] = np.where(agreed[row[mine]], "worked", "refused")
    return taken.assign(outcome=outcome)


def _since(accounts: pd.DataFrame, taken: pd.DataFrame, action: str) -> pd.Series[pd.Timestamp]:
    """Return by account's row the day since which a step has its effect; empty without one."""
    rows = taken[(taken["action"] == action) & ~taken["outcome"].isin(NOT_DONE)]
    first = pd.to_datetime(rows["on"]).groupby(rows["customer_id"]).min()
    return pd.to_datetime(first.reindex(accounts["customer_id"])).reset_index(drop=True)


def _after(events: pd.DataFrame, since: pd.Series[pd.Timestamp]) -> Bools:
    row = whole(events, "row")
    day = since.reindex(row).to_numpy()
    at = pd.to_datetime(events["at"]).to_numpy()
    return np.asarray((row >= 0) & ~np.isnat(day) & (at >= day))


def _planted(accounts: pd.DataFrame, plan: Plan, events: pd.DataFrame) -> Floats:
    """Return, for each event, the chance that a trim takes it: its share of service that was planted beyond due."""
    usual = plan.base + plan.extra + case_usage(accounts)
    share = TRIMMED * np.divide(plan.extra, usual, out=np.zeros_like(plan.extra), where=usual > 0)
    row, found = whole(events, "row"), np.zeros(len(events))
    late = events["after_hours"].fillna(False).to_numpy(dtype=np.bool_)
    for number, attribute in enumerate(ATTRIBUTES):
        activities, after_hours = MEASURED[attribute]
        mine = events["activity"].isin(activities).to_numpy(dtype=np.bool_) & (row >= 0)
        mine &= True if after_hours is None else late == after_hours
        found[mine] = share[row[mine], number]
    return found


def _failing(events: pd.DataFrame) -> Bools:
    names = [name for name, spec in ACTIVITIES.items() if spec.demand == "failure"]
    return events["activity"].isin(names).to_numpy(dtype=np.bool_)


def _without_rush(events: pd.DataFrame, calm: Bools) -> pd.DataFrame:
    """Return the events, of which some are no longer done in a rush: that takes off what the rush added."""
    calm = calm & (events["rush"].fillna(False).to_numpy(dtype=np.bool_))
    more = np.array([spec.when.get("rush", 0.0) for spec in ACTIVITIES.values()])
    place = pd.Series(np.arange(len(more)), list(ACTIVITIES))
    less = np.where(calm, more[place.loc[events["activity"]].to_numpy()], 0.0)
    rush = events["rush"].mask(calm, False)
    minutes = np.maximum(column(events, "minutes") - less, 0.0)
    return events.assign(rush=rush, minutes=minutes, equation=column(events, "equation") - less)
