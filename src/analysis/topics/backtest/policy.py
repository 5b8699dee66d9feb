"""The choices about replaying the past."""

from __future__ import annotations

from pydantic import Field

from analysis.settings import Settings


class Backtest(Settings):
    """How far a judgement is held against what came."""

    ahead_months: int = Field(
        6, ge=1, le=60, description="months after a replayed day that its judgements are held against"
    )
    sure: float = Field(0.90, gt=0.5, lt=1, description="the chance with which an interval of a score holds")
    draws: int = Field(1_000, ge=100, le=20_000, description="times the accounts are weighed anew for an interval")
    seed: int = Field(1, ge=0, description="the same seed gives the same interval")
