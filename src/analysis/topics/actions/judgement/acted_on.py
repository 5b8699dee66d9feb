"""What a step acts on, of some accounts, in any days: the work that shows it, and the part beyond what is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.topics.actions.judgement.like_controls import OVER_SERVICE, Bools, Daily, Floats
from analysis.topics.actions.judgement.track_record import SHOWS


@dataclass(frozen=True)
class ActedOn:
    """What a step acts on.

    Parameters
    ----------
    daily
        The accounts' days.
    shows
        Accounts x kinds of work: which show the step with this account.
    due
        By account what the levels of these services cost a day; 0 where the step acts on all of the work.
    """

    daily: Daily
    shows: Bools
    due: Floats

    def cost(self, first: Any, after: Any) -> Floats:
        """Return by account what this work cost from the first day to before another."""
        lowest, highest = self.daily.rows.day.searchsorted([first, after])
        part = self.daily.rows.iloc[lowest:highest]
        account, kind = (part[name].to_numpy(dtype=np.intp) for name in ("account", "kind"))
        shown = self.shows[account, kind] if len(part) else np.zeros(0, dtype=np.bool_)
        weights = part.cost.to_numpy(dtype=np.float64)[shown]
        return np.bincount(account[shown], weights, len(self.daily.accounts)).astype(np.float64)

    def beyond(self, cost: Floats, days: int) -> Floats:
        """Return the part of what so many days cost that the step acts on: what lies beyond the level due."""
        return np.asarray(np.maximum(cost - self.due * days, 0.0))


def acted_on(daily: Daily, action: str, due: Mapping[str, Mapping[str, float]], first: Any, after: Any) -> ActedOn:
    """Return what a step acts on.

    Parameters
    ----------
    due
        By account and service what the level due costs a day.
    first, after
        The days in which a service cost more than its level where the step acts on it.
    """
    drivers, ids = SHOWS[action], daily.accounts.customer_id
    plain = daily.showing([name for name in drivers if name != OVER_SERVICE], ())
    shows, levels = np.repeat(plain[None, :], len(ids), axis=0), np.zeros(len(ids))
    if OVER_SERVICE not in drivers:
        return ActedOn(daily, shows, levels)
    for service in sorted({service for account in ids for service in due.get(str(account), {})}):
        kinds = daily.showing([OVER_SERVICE], [service])
        a_day = np.array([due.get(str(account), {}).get(service, np.inf) for account in ids])
        over = daily.between(kinds, first, after) > a_day * (after - first).days
        shows |= over[:, None] & kinds[None, :]
        levels += np.where(over, a_day, 0.0)
    return ActedOn(daily, shows, levels)
