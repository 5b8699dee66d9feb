"""Start a dataset: a header line for each table, and the two settings files to fill in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.data.contract import INPUTS
from analysis.errors import UsageError

_COSTING = """\
# What service costs. The contract's table of keys is in docs/settings.md.
period = "quarter"                # what the costs and capacities below cover: month, quarter or year

[resources.support]               # a group of people and what they use
cost = 100000                     # cost of the capacity supplied, in the period
capacity_minutes = 120000         # practical capacity, in the period (about 80% of paid time)
uncertainty = 0.10                # how far the rate may be off, as a share

[activities.inquiry]              # an activity of service_events
resource = "support"
minutes = 15                      # used where an event logs no minutes
"""

_POLICY = """\
# The choices that you make; every key has a default, so this file may stay as it is. All keys: docs/settings.md.
currency = "EUR"

[window]
months = 12
"""


def write_skeleton(folder: Path) -> Iterator[Path]:
    """Write the skeleton of a dataset and yield each file written.

    Raises
    ------
    UsageError
        The folder holds something already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty. Give a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    for table in INPUTS.values():
        yield _write(folder / f"{table.name}.csv", ",".join(table.names) + "\n")
    yield _write(folder / "costing.toml", _COSTING)
    yield _write(folder / "policy.toml", _POLICY)


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
