"""The choices about archetypes: how hard kinds are looked for, and from when they are believed."""

from __future__ import annotations

from pydantic import Field

from analysis.settings import Settings


class Archetypes(Settings):
    """How many accounts it takes to look for kinds, and what a kind must stand up to."""

    minimum: int = Field(20, ge=10, description="accounts below which no kinds are looked for among them")
    smallest: int = Field(5, ge=3, description="accounts below which a cluster is no kind")
    most: int = Field(8, ge=2, le=20, description="the largest number of kinds to try")
    sample: int = Field(
        2_000, ge=200, description="accounts that the evidence rests on; more are assigned to its kinds"
    )
    references: int = Field(20, ge=10, description="evenly spread data sets that the gap statistic compares with")
    shuffles: int = Field(39, ge=19, description="times that the columns are shuffled")
    splits: int = Field(10, ge=2, description="halvings for the prediction strength")
    resamples: int = Field(
        50, ge=20, description="times that the accounts are drawn anew to see whether a kind returns"
    )
    significance: float = Field(
        0.05, gt=0, lt=1, description="the chance under shuffled columns above which there are no kinds"
    )
    prediction: float = Field(
        0.5, ge=0, le=1, description="the prediction strength (with its error) that a number of kinds must reach"
    )
    same: float = Field(
        0.4, ge=0, le=1, description="the likeness (members and centres) from which a kind is the last run's"
    )
    seed: int = Field(7, ge=0, description="where the draws start")
