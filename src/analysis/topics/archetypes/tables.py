"""Kinds of accounts among the over-served and among the difficult."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from analysis.data.contract import conform, empty
from analysis.policy import Policy
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.archetypes.judgement.features import difficult_features, over_served_features
from analysis.topics.archetypes.judgement.group import Group, find
from analysis.topics.archetypes.judgement.last_run import LastRun, read_last_run
from analysis.topics.archetypes.judgement.matching import Matched, match
from analysis.topics.archetypes.judgement.naming import name_difficult, name_over_served
from analysis.topics.archetypes.judgement.rows import archetype_rows, evidence_rows, member_rows, profile_rows

if TYPE_CHECKING:
    import pandas as pd

OVER_SERVED, DIFFICULT = "over_served", "difficult"


@dataclass(frozen=True)
class GroupKinds:
    """The kinds among one group of accounts, and how they compare with the last run's."""

    kind: str
    group: Group
    last: LastRun | None
    matched: Matched | None

    @property
    def labels(self) -> dict[str, str]:
        """The label of each kind by its name: the last run's where it is the same."""
        return dict(self.matched.labels) if self.matched else {}


@CATALOGUE.part("archetypes")
def over_served_kinds(
    judged: pd.DataFrame, service_gaps: pd.DataFrame, last_run: Path | None, policy: Policy
) -> GroupKinds:
    """Return the kinds among the over-served."""
    features = over_served_features(judged, service_gaps)
    return _kinds_of(OVER_SERVED, find(features, name_over_served, policy.archetypes), last_run, policy)


@CATALOGUE.part("archetypes")
def difficult_kinds(
    judged: pd.DataFrame, behaviours: pd.DataFrame, last_run: Path | None, policy: Policy
) -> GroupKinds:
    """Return the kinds among the difficult."""
    features = difficult_features(judged, behaviours)
    return _kinds_of(DIFFICULT, find(features, name_difficult, policy.archetypes), last_run, policy)


def _kinds_of(kind: str, group: Group, last_run: Path | None, policy: Policy) -> GroupKinds:
    last = read_last_run(last_run, kind)
    if last is None:
        return GroupKinds(kind, group, None, None)
    mine = group.members({})
    named = {place: told.name for place, told in enumerate(group.kinds)}
    centres = group.profile.assign(archetype=group.profile.cluster.map(named))
    matched = match(mine[mine.archetype.notna()], centres, last.named, last.profiles, policy.archetypes.same)
    return GroupKinds(kind, group, last, matched)


@CATALOGUE.part()
def archetype_judgement(
    listed: pd.DataFrame, over_served_kinds: GroupKinds, difficult_kinds: GroupKinds
) -> pd.DataFrame:
    """Return each account's archetypes: `customer_id` and columns of `tables/accounts`."""
    found = listed
    for each in (over_served_kinds, difficult_kinds):
        mine = each.group.members(each.labels)[["customer_id", "archetype"]]
        column = f"{each.kind}_archetype"
        found = found.merge(mine.rename(columns={"archetype": column}), on="customer_id", how="left")
        found[column] = found[column].astype("str").where(found[column].notna(), np.nan)
    return found


@CATALOGUE.table()
def archetypes(over_served_kinds: GroupKinds, difficult_kinds: GroupKinds, judged: pd.DataFrame) -> pd.DataFrame:
    """Return the kinds, and what is left without one."""
    both = (over_served_kinds, difficult_kinds)
    return _table(
        [archetype_rows(each.kind, each.group, each.last, each.matched, judged) for each in both], "archetypes"
    )


@CATALOGUE.table()
def archetype_members(over_served_kinds: GroupKinds, difficult_kinds: GroupKinds) -> pd.DataFrame:
    """Return the accounts among which kinds were looked for."""
    both = (over_served_kinds, difficult_kinds)
    rows = [member_rows(each.kind, each.group.members(each.labels), each.last) for each in both]
    return _table(rows, "archetype_members")


@CATALOGUE.table()
def archetype_profiles(over_served_kinds: GroupKinds, difficult_kinds: GroupKinds) -> pd.DataFrame:
    """Return what the accounts of each kind have more or less of than the others."""
    both = (over_served_kinds, difficult_kinds)
    return _table([profile_rows(each.kind, each.group, each.labels) for each in both], "archetype_profiles")


@CATALOGUE.table()
def archetype_evidence(over_served_kinds: GroupKinds, difficult_kinds: GroupKinds) -> pd.DataFrame:
    """Return what speaks for each number of kinds and each method."""
    both = (over_served_kinds, difficult_kinds)
    return _table([evidence_rows(each.kind, each.group.model) for each in both], "archetype_evidence")


def _table(rows: list[pd.DataFrame], name: str) -> pd.DataFrame:
    """Return the rows of both groups under the contract."""
    import pandas as pd

    filled = [conform(part, name) for part in rows if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else empty(name)
