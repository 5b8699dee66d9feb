"""The archetypes of the last run, as its folder tells them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.stored import stored_table

if TYPE_CHECKING:
    import pandas as pd

MEMBERS, PROFILES = "archetype_members", "archetype_profiles"


@dataclass(frozen=True)
class LastRun:
    """Its members and profiles of one kind: `tables/archetype_members`, `tables/archetype_profiles`."""

    members: pd.DataFrame
    profiles: pd.DataFrame

    @property
    def named(self) -> pd.DataFrame:
        """customer_id and archetype, of those that had one."""
        return self.members.loc[self.members.archetype.notna(), ["customer_id", "archetype"]]


def read_last_run(folder: Path | None, kind: str) -> LastRun | None:
    """Return what the run in a folder says of a kind; None without such a run, or where it looked for none."""
    members, profiles = (stored_table(folder, name) for name in (MEMBERS, PROFILES))
    if members is None or profiles is None:
        return None
    return LastRun(members[members.kind == kind], profiles[profiles.kind == kind])
