"""Errors for people: each says what is wrong, where, and how to mend it.

Every error carries the exit code that `mutual-value` ends with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Example:
    """One place where a rule is broken: the row (or key path), its key and the value found."""

    row: int | None
    key: str
    value: str


@dataclass(frozen=True)
class Problem:
    """A rule that the input breaks, with how often, where first, and how to mend it."""

    table: str
    column: str
    rule: str
    message: str
    mend: str
    severity: Severity = "error"
    count: int = 1
    examples: Sequence[Example] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """Return the problem as plain JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        place = f"{self.table}.{self.column}" if self.column else self.table
        times = f" ({self.count:,} times)" if self.count > 1 else ""
        lines = [f"{place}: {self.message}{times}. {self.mend}"]
        lines += [f"    {_example(example)}" for example in self.examples]
        return "\n".join(lines)


def _example(example: Example) -> str:
    key = f" ({example.key})" if example.key else ""
    where = example.key if example.row is None else f"row {example.row}{key}"
    return f"{where}: {example.value}".lstrip(": ").strip()


class MutualValueError(Exception):
    """The root of the tree; `exit_code` is what the command line ends with."""

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows: the sentence, without the frames that say nothing to whoever made the call."""
        return str(self).splitlines()


class UsageError(MutualValueError):
    """The call cannot be carried out as it was made."""

    exit_code = 2


class ProblemsError(MutualValueError):
    """Several problems found together; all are told at once."""

    headline = "The input has problems"

    def __init__(self, problems: Sequence[Problem], headline: str = "") -> None:
        self.problems = list(problems)
        super().__init__("\n".join([f"{headline or self.headline}:", *(f"  {p}" for p in self.problems)]))


class PolicyError(ProblemsError):
    """The policy has an unknown key or a value of the wrong kind."""

    exit_code = 2
    headline = "The policy cannot be used"


#: The rule of a database that cannot be reached: it passes, so it is told apart.
UNREACHABLE = "unreachable"


class DataError(ProblemsError):
    """The dataset, its costing or its books cannot be used; where only a database is away, the code says: later."""

    exit_code = 3
    headline = "The data cannot be used"

    def __init__(self, problems: Sequence[Problem], headline: str = "") -> None:
        errors = [problem for problem in problems if problem.severity == "error"]
        if errors and all(problem.rule == UNREACHABLE for problem in errors):
            self.exit_code = 69
            headline = headline or "The data cannot be reached now"
        super().__init__(problems, headline)


class NotebookError(MutualValueError):
    """A notebook failed while it ran."""

    exit_code = 4


class OutOfTimeError(MutualValueError):
    """The run took longer than it was given."""

    exit_code = 5


class ReportError(MutualValueError):
    """A page, a table or an identity failed its check, so nothing was published."""

    exit_code = 6


class UnforeseenError(MutualValueError):
    """Nobody foresaw this, or the machine would not do it; the message says where, and where the log lies."""

    exit_code = 70


class LockedError(MutualValueError):
    """Another run holds the lock on the output folder."""

    exit_code = 75
