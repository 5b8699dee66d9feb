"""What `run.json` says of archetypes: where none were looked for, and which run the labels come from."""

from __future__ import annotations

from analysis.policy import Policy
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.archetypes.judgement.estimator import TOO_FEW
from analysis.topics.archetypes.tables import GroupKinds

AMONG = {"over_served": "the over-served", "difficult": "the difficult"}


@CATALOGUE.part("archetypes.minimum")
def archetypes_left_out(
    over_served_kinds: GroupKinds, difficult_kinds: GroupKinds, policy: Policy
) -> list[tuple[str, str]]:
    """Return the groups that are too small to look for kinds among them."""
    least = policy.archetypes.minimum
    return [
        (f"Kinds among {AMONG[of.kind]}", f"they are too few: {len(of.group.labels)}, and it takes {least}")
        for of in (over_served_kinds, difficult_kinds)
        if of.group.model.answer_ == TOO_FEW
    ]
