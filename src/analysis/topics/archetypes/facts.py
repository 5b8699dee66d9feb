"""What `run.json` says of archetypes: where none were looked for, and which run the labels come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.tables.computed import Computed

AMONG = {"over_served": "the over-served", "difficult": "the difficult"}


def archetypes_left_out(of: Computed) -> Iterator[tuple[str, str]]:
    """Yield the groups that are too small to look for kinds among them."""
    # Not above: it brings scikit-learn, which whoever reads a finished run does without.
    from analysis.topics.archetypes.judgement.estimator import TOO_FEW

    for found in (of.over_served_kinds, of.difficult_kinds):
        if found.group.model.answer_ == TOO_FEW:
            count, least = len(found.group.labels), of.policy.archetypes.minimum
            yield f"Kinds among {AMONG[found.kind]}", f"they are too few: {count}, and it takes {least}"
