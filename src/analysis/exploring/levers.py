"""The thresholds that an analyst moves: where each stands in the policy, and how far it may go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.policy import Policy


@dataclass(frozen=True)
class Lever:
    """A threshold: its place in the policy, what it is called, and its scale."""

    topic: str
    key: str
    words: str
    low: float
    high: float
    step: float

    @property
    def path(self) -> str:
        """Its name as in `policy.toml`: topic and key."""
        return f"{self.topic}.{self.key}"

    def of(self, policy: Policy) -> float:
        """Return what the policy says."""
        return float(getattr(getattr(policy, self.topic), self.key) or 0.0)

    def as_setting(self, value: float) -> Any:
        """Return a value as the policy takes it: whole where the step is."""
        return int(value) if isinstance(self.step, int) else round(value, 6)


def levers(accounts: pd.DataFrame, policy: Policy) -> tuple[Lever, ...]:
    """Return the thresholds of over-service, difficulty and segments.

    What is counted in money goes as far as most of these accounts' margins do; every scale holds the policy's value.
    """
    reach = _reach(accounts["running_margin"])
    found = (
        Lever("over_service", "amount_share", "Over-service from (share of serving the middle account)", 0, 1, 0.01),
        Lever("over_service", "share", "and from (share of net revenue)", 0, 0.3, 0.005),
        Lever("over_service", "sure", "Sure that it is no accident of one year", 0.5, 0.99, 0.01),
        Lever("difficulty", "false_share", "Difficult: share that may stand apart by chance", 0.01, 0.49, 0.01),
        Lever("difficulty", "cases", "Difficult: cases from which an account is scored", 1, 30, 1),
        Lever("segments", "profit_threshold", "Profitable from (running margin)", -reach, reach, reach / 100),
    )
    return tuple(_around(lever, lever.of(policy)) for lever in found)


def _reach(margins: pd.Series[float]) -> float:
    """Return a round number that most margins, earned or lost, stay below."""
    known = margins.abs().dropna()
    high = float(known.quantile(0.75)) if len(known) else 0.0
    return float(10 ** len(str(int(high)))) if high >= 1 else 1.0


def _around(lever: Lever, value: float) -> Lever:
    low, high = min(lever.low, value), max(lever.high, value)
    return Lever(lever.topic, lever.key, lever.words, low, high, lever.step)
