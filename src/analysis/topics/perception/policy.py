"""The choices about perception: which ratings count, and from when a reputation is set against the record."""

from __future__ import annotations

from pydantic import Field

from analysis.settings import Settings


class Perception(Settings):
    """Which of staff's ratings count, how many people must stand behind a figure, and what makes a gap a gap."""

    months: int = Field(18, ge=1, le=120, description="months back from the as-of day; an older rating does not count")
    ratings: int = Field(
        30, ge=10, description="in all, below which hard raters cannot be told from hard accounts: nobody is judged"
    )
    judged_raters: int = Field(3, ge=2, description="people who rated an account, from which it is judged")
    shown_raters: int = Field(
        5, ge=5, description="people behind any figure of perception that is shown; can be raised, not lowered"
    )
    spreads: float = Field(
        1.5, gt=0, le=10, description="standard deviations of trouble here by which staff's view must differ from it"
    )
    sure: float = Field(
        0.975, ge=0.5, lt=1, description="and the chance that the gap is no noise of the ratings and of the record"
    )
    regard: float = Field(
        0.75, gt=0, le=4, description="points of 1 to 5 by which an account must be liked better or less than most"
    )
    bad_period_months: int = Field(
        12, ge=2, le=36, description="months that a bad period of the past may have lasted, to explain a reputation"
    )
    bad_period_sure: float = Field(0.9, ge=0.5, lt=1, description="the chance that such a period was no accident")
