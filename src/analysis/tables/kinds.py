"""Kinds of accounts among the over-served and among the difficult."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from analysis.data.contract import conform, empty
from analysis.judgement.archetypes.features import Features, difficult_features, over_served_features
from analysis.judgement.archetypes.group import Group, find
from analysis.judgement.archetypes.last_run import LastRun, read_last_run
from analysis.judgement.archetypes.matching import Matched, match
from analysis.judgement.archetypes.naming import name_difficult, name_over_served
from analysis.judgement.archetypes.tables import archetype_rows, evidence_rows, member_rows, profile_rows
from analysis.tables.relations import Relations

if TYPE_CHECKING:
    import pandas as pd

OVER_SERVED, DIFFICULT = "over_served", "difficult"


@dataclass(frozen=True)
class Found:
    """The kinds among one group of accounts, and how they compare with the last run's."""

    kind: str
    group: Group
    last: LastRun | None
    matched: Matched | None

    @property
    def labels(self) -> dict[str, str]:
        """The label of each kind by its name: the last run's where it is the same."""
        return dict(self.matched.labels) if self.matched else {}


class Kinds:
    """The archetypes of a window; each part is computed once, when asked for.

    Parameters
    ----------
    relations
        Who is difficult, and by what; with the service and the ledger behind it.
    known
        The accounts with every judgement before this one: one row per account of the window.
    last_run
        The folder of the run before this one, whose labels hold on; None: there is none.
    """

    def __init__(self, relations: Relations, known: pd.DataFrame, last_run: Path | None = None) -> None:
        self.relations, self.served, self.known, self.last_run = relations, relations.served, known, last_run
        self.ledger, self.policy = relations.ledger, relations.policy

    @cached_property
    def over_served(self) -> Found:
        """The kinds among the over-served."""
        features = over_served_features(self.known, self.served.service_gaps())
        return self._found(OVER_SERVED, find(features, name_over_served, self.policy.archetypes))

    @cached_property
    def difficult(self) -> Found:
        """The kinds among the difficult."""
        return self._found(DIFFICULT, find(self._trouble, name_difficult, self.policy.archetypes))

    @property
    def _trouble(self) -> Features:
        """What the trouble of each difficult account is made of."""
        return difficult_features(self.known, self.relations.behaviours())

    def _found(self, kind: str, group: Group) -> Found:
        last = read_last_run(self.last_run, kind)
        if last is None:
            return Found(kind, group, None, None)
        mine = group.members({})
        named = {place: told.name for place, told in enumerate(group.kinds)}
        centres = group.profile.assign(archetype=group.profile.cluster.map(named))
        matched = match(mine[mine.archetype.notna()], centres, last.named, last.profiles, self.policy.archetypes.same)
        return Found(kind, group, last, matched)

    @property
    def _both(self) -> tuple[Found, Found]:
        return self.over_served, self.difficult

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """The judgement: `customer_id` and columns of `tables/accounts`."""
        found = self.known[["customer_id"]]
        for each in self._both:
            mine = each.group.members(each.labels)[["customer_id", "archetype"]]
            column = f"{each.kind}_archetype"
            found = found.merge(mine.rename(columns={"archetype": column}), on="customer_id", how="left")
            found[column] = found[column].astype("str").where(found[column].notna(), np.nan)
        return found

    def archetypes(self) -> pd.DataFrame:
        """Return the kinds, and what is left without one."""
        rows = [archetype_rows(each.kind, each.group, each.last, each.matched, self.known) for each in self._both]
        return _table(rows, "archetypes")

    def archetype_members(self) -> pd.DataFrame:
        """Return the accounts among which kinds were looked for."""
        rows = [member_rows(each.kind, each.group.members(each.labels), each.last) for each in self._both]
        return _table(rows, "archetype_members")

    def archetype_profiles(self) -> pd.DataFrame:
        """Return what the accounts of each kind have more or less of than the others."""
        return _table([profile_rows(each.kind, each.group, each.labels) for each in self._both], "archetype_profiles")

    def archetype_evidence(self) -> pd.DataFrame:
        """Return what speaks for each number of kinds and each method."""
        return _table([evidence_rows(each.kind, each.group.model) for each in self._both], "archetype_evidence")


def _table(rows: list[pd.DataFrame], name: str) -> pd.DataFrame:
    """Return the rows of both groups under the contract."""
    import pandas as pd

    filled = [conform(part, name) for part in rows if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else empty(name)
