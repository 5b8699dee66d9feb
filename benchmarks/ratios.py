"""What the benchmarks tell: ours beside a baseline, as a ratio of one session on one machine, and the aim."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version


@dataclass(frozen=True)
class Ratio:
    """One thing measured: ours beside another's, and the most that ours may be of it.

    Attributes
    ----------
    what
        What was measured, and beside what.
    ours, other
        Both amounts, in `unit`.
    aim
        The most that ours / other may be; None: no aim was set.
    """

    what: str
    ours: float
    other: float
    unit: str = "s"
    aim: float | None = None

    @property
    def ratio(self) -> float:
        """Ours over the other's."""
        return self.ours / self.other

    @property
    def verdict(self) -> str:
        """Whether the aim is met; empty without one."""
        if self.aim is None:
            return ""
        return f"at most {self.aim:.2f}: {'met' if self.ratio <= self.aim else 'NOT met'}"


def table(rows: Iterable[Ratio]) -> str:
    """Return the ratios as a table in Markdown."""
    lines = ["| | ours | beside it | ratio | aim |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.what} | {row.ours:.2f} {row.unit} | {row.other:.2f} {row.unit} | {row.ratio:.2f} | {row.verdict} |"
        for row in rows
    ]
    return "\n".join(lines)


def machine() -> str:
    """Return what the figures are of: processor, cores, load and the libraries."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    libraries = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "ibis-framework", "pandas", "pyarrow"))
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{platform.machine()}, {cores} cores{load}, Python {platform.python_version()}, {libraries}"
