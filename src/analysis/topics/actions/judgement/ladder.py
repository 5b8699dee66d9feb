"""The ladder before an ending: what has been tried, what stands against parting, and what to do instead.

Mittal, Sarkees & Murshed (2008): an account is ended only after the other rungs; here only where the record shows that,
and a person approves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.policy import Policy
from analysis.statistics.arrays import flag, number
from analysis.statistics.ends import HIGH, LOW
from analysis.topics.actions.judgement.effects import Drawn, Stay
from analysis.topics.actions.judgement.situation import Bools, Floats, Situation
from analysis.topics.actions.judgement.steps import RUNG, RUNGS
from analysis.topics.difficulty.judgement.ours_first import ours_first

if TYPE_CHECKING:
    import pandas as pd

#: The rungs before an ending.
EARLIER = RUNGS[:-1]
#: Outcomes that show that a step was tried or refused; an open one, or none, shows nothing yet.
DONE = ("worked", "refused", "failed")
WORDS = {
    "reassess": "a talk, and our own failures",
    "educate": "educating",
    "renegotiate": "new terms",
    "migrate": "another channel, staff or tier",
}


def rungs_tried(taken: pd.DataFrame) -> pd.DataFrame:
    """Return customer_id and, for each earlier rung, whether the record shows that a step of it was tried or refused.

    Parameters
    ----------
    taken
        customer_id, action, outcome: `actions_taken` up to the as-of day.
    """
    import pandas as pd

    done = taken[taken.outcome.isin(DONE)]
    rung = done.action.map(RUNG)
    marks = {name: (rung == name).groupby(done.customer_id).any() for name in EARLIER}
    frame = pd.DataFrame(marks, columns=list(EARLIER), dtype="boolean")
    return frame.rename_axis("customer_id").reset_index()


def at_risk_elsewhere(situation: Situation, stay: Stay, policy: Policy) -> Floats:
    """Return what ending an account puts at risk elsewhere: of its group, and of the accounts that it brought in.

    The policy's share of the value of those that earn.
    """
    rows = situation.accounts[["customer_id", "parent_id", "referred_by"]]
    worth = np.maximum(situation.margin * stay.now, 0.0)
    group = rows.parent_id.fillna(rows.customer_id)
    linked = rows.assign(worth=worth).groupby(group).worth.sum()
    # What it brought into its own group is among the group's.
    elsewhere = rows.referred_by.map(group.set_axis(rows.customer_id)) != group
    brought = rows.assign(worth=worth)[elsewhere].groupby("referred_by").worth.sum()
    others = group.map(linked).to_numpy() - worth
    referred = rows.customer_id.map(brought).fillna(0.0).to_numpy()
    return np.asarray(policy.ending.linked_share * (others + referred))


def ending_value(situation: Situation, stay: Stay, of: Drawn, moved: Floats, risk: Floats) -> Floats:
    """Return accounts x draws: what ending adds at avoidable cost, less what it costs and puts at risk elsewhere."""
    margin = situation.cash_margin[:, None] + situation.doubt[:, None] * moved
    freed = number(situation.accounts, "freed_value") / situation.months
    return np.asarray((freed[:, None] - margin) * stay.now[:, None] - of.cost - risk[:, None])


def endings(
    situation: Situation,
    drawn: Floats,
    risk: Floats,
    taken: pd.DataFrame,
    last_year: pd.DataFrame,
    policy: Policy,
) -> pd.DataFrame:
    """Return `tables/endings`: whether parting may be proposed with each account that loses money, and why not.

    Parameters
    ----------
    situation
        Of the accounts that lose money in the window.
    drawn
        Accounts x draws: as `ending_value` gives it.
    risk
        As `at_risk_elsewhere` gives it.
    taken
        `actions_taken` up to the as-of day.
    last_year
        customer_id, running_margin of the same window a year before; empty where the data does not reach back.
    """
    import pandas as pd

    rows = situation.accounts
    frame = rows[["customer_id", "running_margin", "gain_if_ended"]].copy()
    before = last_year[["customer_id", "running_margin"]].rename(columns={"running_margin": "running_margin_before"})
    frame = frame.merge(before, on="customer_id", how="left")
    frame = frame.merge(rungs_tried(taken), on="customer_id", how="left")
    for name in EARLIER:
        frame[name] = frame[name].fillna(False).astype(bool)
    frame["value"], frame["p_gain"] = drawn.mean(axis=1), (drawn > 0).mean(axis=1)
    frame["low"], frame["high"] = np.quantile(drawn, [LOW, HIGH], axis=1)
    frame["at_risk_elsewhere"] = risk
    frame["unknown_share"] = unknown_share(rows)
    frame["protected"] = flag(rows, "protected")
    frame["ours_first"] = ours_first(rows, policy)
    frame["approved"] = rows.customer_id.isin(policy.ending.approved)
    reasons = _against(frame, policy)
    texts = np.array([np.where(holds, why + "; ", "") for why, holds in reasons.items()], dtype=object)
    said = texts.sum(axis=0) if len(frame) else []
    frame["why_not"] = pd.Series(said, index=frame.index, dtype="str").str.removesuffix("; ")
    frame["proposed"] = frame.why_not == ""
    frame["rungs_left"] = _rungs(frame, tried=False)
    frame["rungs_tried"] = _rungs(frame, tried=True)
    frame["needs"] = _needs(frame, policy)
    return frame.drop(columns=list(EARLIER))


def unknown_share(accounts: pd.DataFrame) -> Floats:
    """Return the share of an account's cost whose avoidable share nothing states."""
    whole = sum((number(accounts, name) for name in ("cost_to_serve", "cost_to_obtain", "cogs")), np.zeros(1))
    unknown = number(accounts, "unknown_work")
    return np.divide(unknown, whole, out=np.zeros(len(accounts)), where=whole > 0)


def _against(frame: pd.DataFrame, policy: Policy) -> dict[str, Bools]:
    """Return what stands against ending each account, in words, the gravest first."""
    loses_before = frame.running_margin_before.to_numpy(dtype=np.float64) < 0
    overlaps = policy.window.months > 12
    unknown = frame.running_margin_before.isna().to_numpy() & (not overlaps)
    tried = frame[list(EARLIER)].all(axis=1).to_numpy(dtype=np.bool_)
    return {
        "it is protected": frame.protected.to_numpy(),
        "our own failures come first": frame.ours_first.to_numpy(),
        "the window before is not known": unknown,
        "the window before overlaps with this one": np.full(len(frame), overlaps),
        "it lost no money in the window before": ~loses_before & ~unknown & (not overlaps),
        "ending it would take more than it adds": (frame.value <= 0).to_numpy(),
        "what ending adds is not sure": ((frame.p_gain < policy.ending.sure) & (frame.value > 0)).to_numpy(),
        "too much of its cost has an unknown avoidable share": (
            frame.unknown_share > policy.ending.unknown_share
        ).to_numpy(),
        "earlier rungs are still to try": ~tried,
    }


def _rungs(frame: pd.DataFrame, tried: bool) -> pd.Series[str]:
    import pandas as pd

    parts = [np.where(frame[name].to_numpy(dtype=np.bool_) == tried, name + ", ", "") for name in EARLIER]
    said = np.array(parts, dtype=object).sum(axis=0) if len(frame) else []
    return pd.Series(said, index=frame.index, dtype="str").str.removesuffix(", ")


def _needs(frame: pd.DataFrame, policy: Policy) -> pd.Series[str]:
    """Return what a decent ending needs, of those that are proposed."""
    import pandas as pd

    months = policy.ending.notice_months
    decent = f"{months} months' notice, help to find another supplier, open work finished, data handed over"
    waits = np.where(frame.approved.to_numpy(dtype=np.bool_), decent, f"a person's approval; then {decent}")
    return pd.Series(waits, index=frame.index, dtype="str").where(frame.proposed)
