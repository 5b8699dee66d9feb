"""The choices about the scorecard of account managers."""

from __future__ import annotations

from pydantic import Field

from analysis.settings import Names, Settings


class Sellers(Settings):
    """Whether sellers are judged at all, on what, and how sure a band must be."""

    publish: bool = Field(False, description="fill `tables/reps` and write its page, in a folder of its own")
    roles: Names = Field((), description="roles of `assignments` that are in charge of what is sold; empty: every role")
    clawback_share: float = Field(1.0, ge=0, le=1, description="of a write-off, taken back from whoever sold it")
    minimum_accounts: int = Field(10, ge=5, description="accounts below which a seller gets no band, only a mark")
    minimum_answers: int = Field(10, ge=1, description="answers of customers below which their mean is marked")
    sure: float = Field(
        0.95, gt=0.5, lt=1, description="the chance with which an interval holds the gap to expectation"
    )
    draws: int = Field(400, ge=100, le=5_000, description="times the accounts are weighed anew for an interval")
    seed: int = Field(1, ge=0, description="the same seed gives the same interval")
