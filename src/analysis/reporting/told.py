"""The run's headline figures as sentences tell them: read from `tables/figures`, never reckoned beside it."""

from __future__ import annotations

from analysis.formats import is_known
from analysis.run import Run


def told(run: Run, figure: str) -> float | None:
    """Return the value of a headline figure; None where it cannot be told."""
    return _cell(run, figure, "value")


def told_sum(run: Run, figure: str) -> float:
    """Return a headline figure; 0 where there is nothing to tell."""
    return told(run, figure) or 0.0


def told_count(run: Run, figure: str) -> int:
    """Return a headline figure that counts; 0 where there is nothing to count."""
    return round(told_sum(run, figure))


def told_range(run: Run, figure: str) -> tuple[float | None, float | None]:
    """Return the ends of a headline figure's range; None where it has none."""
    return _cell(run, figure, "low"), _cell(run, figure, "high")


def _cell(run: Run, figure: str, column: str) -> float | None:
    rows = run.table("figures")
    found = rows.loc[rows["figure"] == figure, column]
    return float(found.iloc[0]) if len(found) and is_known(found.iloc[0]) else None
