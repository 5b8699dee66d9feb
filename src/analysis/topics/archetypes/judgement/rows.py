"""The archetypes as rows of the output tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.topics.archetypes.judgement.estimator import Archetypes
from analysis.topics.archetypes.judgement.evidence import Candidate, Evidence
from analysis.topics.archetypes.judgement.group import Group
from analysis.topics.archetypes.judgement.last_run import LastRun
from analysis.topics.archetypes.judgement.matching import Matched

if TYPE_CHECKING:
    import pandas as pd

SUMS = ("net_revenue", "net_margin", "cost_to_serve", "over_service_cost")


def archetype_rows(
    kind: str, group: Group, last: LastRun | None, matched: Matched | None, accounts: pd.DataFrame
) -> pd.DataFrame:
    """Return the kinds from the largest, then the accounts without one, then the kinds that have dissolved.

    Parameters
    ----------
    accounts
        customer_id, net_revenue, net_margin, cost_to_serve, over_service_cost, difficulty.
    """
    import pandas as pd

    labels = dict(matched.labels) if matched else {}
    told = pd.DataFrame([vars(each) for each in group.kinds], columns=["name", "stability", "standing", "sets_apart"])
    keys = group.features.frame.customer_id.to_numpy()
    told = told.assign(
        archetype=told.name.map(lambda name: labels.get(name, name)),
        now_reads=told.name,
        typical=[keys[each.typical] for each in group.kinds],
    )
    rest = pd.DataFrame({"standing": ["none"]})
    found = pd.concat([told, rest], ignore_index=True).reset_index(names="place")
    found["place"] = found.place.where(found.place < len(told), -1)
    found = found.merge(_sums(group, accounts), on="place", how="left").astype({"accounts": "float64"})
    found = found[found.accounts > 0]
    if last is not None and matched is not None:
        found = _against(found, group.members(labels), last, matched)
    return found.assign(kind=kind)


def _sums(group: Group, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return, by place of the kind (-1: none), its accounts and what they amount to."""
    mine = group.features.frame[["customer_id"]].assign(place=group.labels).merge(accounts, on="customer_id")
    by = mine.groupby("place")
    found = by[list(SUMS)].sum(min_count=1).assign(accounts=by.size(), difficulty=by.difficulty.mean())
    return found.reset_index()


def _against(found: pd.DataFrame, members: pd.DataFrame, last: LastRun, matched: Matched) -> pd.DataFrame:
    """Add what became of each kind since the last run, and the kinds that have dissolved."""
    import pandas as pd

    before = last.named.archetype.value_counts()
    stayed = members[["customer_id", "archetype"]].merge(last.named).archetype.value_counts()
    same = found.archetype.isin(list(matched.labels.values()))
    change = np.select([found.archetype.isna(), same], ["", "same"], "new")
    found = found.assign(
        change=pd.Series(change, found.index, dtype="str").where(found.archetype.notna()),
        accounts_before=found.archetype.map(before).where(same),
        accounts_stayed=found.archetype.map(stayed).fillna(0).where(same),
    )
    gone = pd.DataFrame({"archetype": matched.dissolved, "standing": "none", "change": "dissolved", "accounts": 0.0})
    gone["accounts_before"], gone["accounts_stayed"] = gone.archetype.map(before), 0.0
    return pd.concat([found, gone], ignore_index=True) if len(gone) else found


def member_rows(kind: str, members: pd.DataFrame, last: LastRun | None) -> pd.DataFrame:
    """Return the accounts of a judgement, with what they were in the last run."""
    found = members.assign(kind=kind)
    if last is None:
        return found
    there = last.members[["customer_id", "archetype"]].rename(columns={"archetype": "archetype_before"})
    found = found.merge(there, on="customer_id", how="left")
    known = found.customer_id.isin(there.customer_id)
    other = found.archetype.fillna("") != found.archetype_before.fillna("")
    return found.assign(moved=other.astype("boolean").where(known))


def profile_rows(kind: str, group: Group, labels: dict[str, str]) -> pd.DataFrame:
    """Return the profile of each kind under its label."""
    names = [labels.get(each.name, each.name) for each in group.kinds]
    order = [*group.features.names, *group.features.amounts.columns]
    place = {name: number for number, name in enumerate(order)}
    rows = group.profile
    return rows.assign(kind=kind, archetype=rows.cluster.map(dict(enumerate(names))), place=rows.feature.map(place))


def evidence_rows(kind: str, model: Archetypes) -> pd.DataFrame:
    """Return the evidence for one cluster, then for each candidate; one row where nothing was looked for."""
    import pandas as pd

    evidence: Evidence | None = model.evidence_
    rows: list[dict[str, object]] = [{"clusters": 1, "chosen": not model.method_}]
    if evidence is not None:
        rows[0] |= _gap(evidence, 1)
        rows += [_candidate(evidence, candidate) for candidate in evidence.candidates]
    common = {"kind": kind, "answer": model.answer_, "accounts": model.looked_at_}
    chance = evidence.chance if evidence else np.nan
    return pd.DataFrame(rows).assign(**common, chance_if_shuffled=chance)


def _gap(evidence: Evidence, clusters: int) -> dict[str, object]:
    gap = evidence.gap
    if clusters > len(gap.gap):
        return {}
    found: dict[str, object] = {"gap": gap.gap[clusters - 1], "gap_error": gap.error[clusters - 1]}
    return found | ({"supported": clusters in gap.supported} if clusters > 1 else {})


def _candidate(evidence: Evidence, candidate: Candidate) -> dict[str, object]:
    strength = evidence.strengths.get(candidate.clusters)
    known = len(candidate.jaccard) > 0
    return {
        "clusters": candidate.clusters,
        "method": candidate.method,
        **_gap(evidence, candidate.clusters),
        "prediction_strength": strength.mean if strength else np.nan,
        "prediction_error": strength.error if strength else np.nan,
        "silhouette": candidate.silhouette,
        "stability": candidate.jaccard.mean() if known else np.nan,
        "least_stability": candidate.jaccard.min() if known else np.nan,
        "noise": candidate.noise,
        "chosen": candidate is evidence.chosen,
    }
