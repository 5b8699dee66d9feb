"""The choices about the window, money, checks, segments, ranges and peers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from analysis.settings import LISTED, Settings


class WindowPolicy(Settings):
    """The stretch of time that a run looks at."""

    months: int = Field(12, ge=1, le=120, description="calendar months back from the as-of day, which is the last day")
    allow_beyond: bool = Field(
        False, description="allow an as-of day more than 31 days after the last day of the data, or before its first"
    )


class Finance(Settings):
    """The price of money and the horizon of values."""

    receivables_rate: float = Field(0.08, ge=0, lt=1, description="a year, on receivables carried")
    discount_rate: float = Field(0.10, ge=0, lt=1, description="a year, on future margins")
    horizon_months: int = Field(36, ge=1, le=240, description="months ahead that a value looks")


class Costs(Settings):
    """What is assumed where the data is silent on cost."""

    cogs_share: float | None = Field(
        None,
        ge=0,
        le=2,
        description="cost of goods as a share of net revenue where a line gives none; unset: it is modelled from "
        "lines that do, as far as `modelled_cogs_share` goes",
    )
    modelled_cogs_share: float = Field(
        0.10,
        ge=0,
        le=1,
        description="of an account's list revenue: how much of it may be on lines without a cost of goods for that to "
        "be modelled at the account's, else the product's, else the portfolio's known ratio; beyond it the "
        "account's margin is unknown",
    )


class Checks(Settings):
    """How much bad input, and how large a gap to the books, a run may bear."""

    rejected_share: float = Field(
        0.01, ge=0, le=1, description="of a table's rows; one row is always borne; more stops the run"
    )
    books_difference: float = Field(
        0.01, ge=0, le=1, description="of the books' revenue (and of their cost of goods) that the ledger may miss"
    )

    equation_difference: float = Field(
        0.30, ge=0, description="how far an activity's log may be from its time equation before it is warned of"
    )


class Segments(Settings):
    """Where the lines between the segments lie."""

    profit_threshold: float = Field(0.0, description="running margin from which an account is profitable")
    within_size_bands: bool = Field(False, description="draw the line of service demand within each `size`, not once")


class Uncertainty(Settings):
    """How the costing's stated ranges are drawn from."""

    draws: int = Field(10_000, ge=100, le=100_000, description="draws of every rate and every activity's minutes")
    rank_draws: int = Field(1_000, ge=100, le=10_000, description="draws that the ranks and the whale's band rest on")
    seed: int = Field(1, ge=0, description="the same seed gives the same answer")
    sure: float = Field(
        0.95, gt=0.5, lt=1, description="the chance from which an account is surely positive or surely negative"
    )


class Peers(Settings):
    """Who an account is compared with."""

    by: Annotated[tuple[Literal["industry", "region", "size", "account_manager"], ...], LISTED] | None = Field(
        None, description="columns in which peers are alike; unset: none for `reasons`, `size` for an account's value"
    )
    minimum: int = Field(10, ge=1, description="peers alike in `by` below which the whole portfolio stands in")
    nearest: int = Field(50, ge=1, description="of those, as many as are nearest in list revenue, for `reasons`")
