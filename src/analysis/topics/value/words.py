"""What is said of the accounts that are worth keeping first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.formats import counted, holds, is_known, on


def attention(row: Mapping[Any, Any]) -> list[str]:
    """Return why an account is to be looked after first, in words, from its row of `tables/protect_first`."""
    found = []
    if holds(row["under_served"]):
        found.append("under-served")
    if holds(row["failed_by_us"]):
        found.append("failed by us")
    if holds(row["silent"]) and is_known(row["silent_days"]):
        found.append(f"no contact for {counted(int(row['silent_days']), 'day')}")
    if holds(row["renewal"]):
        found.append(f"contract ends on {on(row['contract_ends'])}")
    return found
