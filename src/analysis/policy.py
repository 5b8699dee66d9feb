"""The choices that a user makes: every key of `policy.toml`, typed, with its default."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from analysis.errors import PolicyError
from analysis.settings import Settings, merge, read_toml, validate

Level = Annotated[float, Field(ge=0, allow_inf_nan=True)]
PERIOD_MONTHS = {"month": 1, "quarter": 3, "year": 12}


class WindowPolicy(Settings):
    """The stretch of time that a run looks at."""

    months: int = Field(12, ge=1, le=120, description="calendar months back from the as-of day, which is the last day")


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
        description="cost of goods as a share of net revenue where a line gives none; unset: such an account's "
        "margin is not measured",
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

    by: tuple[Literal["industry", "region", "size", "account_manager"], ...] = Field(
        ("size",), description="columns in which peers are alike"
    )
    minimum: int = Field(10, ge=1, description="peers below which the whole portfolio stands in")

    @field_validator("by", mode="before")
    @classmethod
    def _as_tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value


class OverService(Settings):
    """From when service beyond the level due is material, and when like accounts may judge it."""

    share: float = Field(0.02, ge=0, le=1, description="of net revenue from which over-service is material")
    amount: float = Field(1_000.0, ge=0, description="a year from which it is; both must be reached")
    days: int = Field(90, ge=1, description="as a customer in the window below which over-service is not judged")
    peer_minimum: int = Field(
        40, ge=10, description="like accounts below which nobody without a level is judged by them"
    )
    peer_quantile: float = Field(
        0.6, ge=0.5, lt=1, description="of like accounts' service cost above which an account gets more than its like"
    )
    peer_sure: float = Field(
        0.7, ge=0.5, lt=1, description="the chance from which a comparison with like accounts makes it over-served"
    )


class UnderService(Settings):
    """From when falling short of a promise is material."""

    share: float = Field(0.3, gt=0, le=1, description="of the promised level that an account did not get")
    units: float = Field(1.0, ge=0, description="in the window that it did not get; both must be reached")


class Where(Settings):
    """Which events an attribute measures; all conditions must hold. An empty flag is false, an empty channel none."""

    channel: str | None = Field(None, description="the event came by this channel")
    channel_not: str | None = Field(None, description="it did not come by this channel")
    department: str | None = Field(None, description="this department did it")
    department_not: str | None = Field(None, description="another department did it, or none is named")
    requested: bool | None = Field(None, description="whether the customer asked for it")
    requested_not: bool | None = Field(None, description="the same, turned round")
    in_scope: bool | None = Field(None, description="whether it was within what was agreed")
    in_scope_not: bool | None = Field(None, description="the same, turned round")
    after_hours: bool | None = Field(None, description="whether it was done after hours")
    after_hours_not: bool | None = Field(None, description="the same, turned round")
    rush: bool | None = Field(None, description="whether it was a rush")
    rush_not: bool | None = Field(None, description="the same, turned round")


class ServiceAttribute(Settings):
    """One thing that customers are served with, how it is measured and in which unit."""

    activities: tuple[str, ...] = Field((), description="activities of the costing; none for `response_hours`")
    where: Where = Field(default_factory=Where, description="conditions on the events")
    measure: Literal["count", "minutes", "response_hours"] = Field("count", description="what is summed")
    period: Literal["month", "quarter", "year"] = Field("year", description="the level is per this period")
    more_is_more_service: bool = Field(True, description="false for hours of waiting: fewer is more")
    level_is: Literal["promise", "ceiling"] = Field(
        "promise", description="promise: falling short is under-service; ceiling: an amount that may go unused"
    )
    standby: str | None = Field(None, description="the resource that stands ready for it, whether used or not")

    @field_validator("activities", mode="before")
    @classmethod
    def _as_tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _measures_something(self) -> Self:
        if self.measure != "response_hours" and not self.activities:
            raise ValueError("it measures nothing: name the activities, or measure response_hours")
        if self.measure == "response_hours" and (self.activities or self.where != Where()):
            raise ValueError("response_hours are of cases: it takes no activities and no where")
        return self


def _default_attributes() -> dict[str, ServiceAttribute]:
    office = Where(after_hours=False)
    support = ("inquiry", "support")
    return {
        "support_minutes": ServiceAttribute(activities=support, where=office, measure="minutes", period="month"),
        "after_hours_minutes": ServiceAttribute(
            activities=support, where=Where(after_hours=True), measure="minutes", period="month"
        ),
        "site_visits": ServiceAttribute(activities=("site_visit",), period="quarter"),
        "account_reviews": ServiceAttribute(activities=("account_review",), period="year"),
        "dedicated_contact_hours": ServiceAttribute(
            activities=("dedicated_contact",), measure="minutes", period="month"
        ),
        "response_hours": ServiceAttribute(measure="response_hours", more_is_more_service=False),
    }


class Policy(Settings):
    """The policy in force. An empty one works: every key has its default."""

    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$", description="of every amount (ISO 4217)")
    timezone: str = Field("UTC", description="timestamps with an offset become local to it")
    logged_zero: Literal["missing", "zero"] = Field(
        "missing", description="a logged 0 counts as not logged, or is taken at its word"
    )
    window: WindowPolicy = Field(default_factory=WindowPolicy, description="what a run looks at")
    finance: Finance = Field(default_factory=Finance, description="the price of money")
    costs: Costs = Field(default_factory=Costs, description="what is assumed where the data is silent")
    checks: Checks = Field(default_factory=Checks, description="what a run may bear")
    segments: Segments = Field(default_factory=Segments, description="where the lines lie")
    peers: Peers = Field(default_factory=Peers, description="who is compared with whom")
    uncertainty: Uncertainty = Field(default_factory=Uncertainty, description="how cost ranges are drawn from")
    over_service: OverService = Field(default_factory=OverService, description="when over-service is material")
    under_service: UnderService = Field(default_factory=UnderService, description="when a shortfall is material")
    service: dict[str, ServiceAttribute] = Field(
        default_factory=_default_attributes, description="service attributes; entries replace the defaults"
    )
    tiers: dict[str, dict[str, Level]] = Field(
        default_factory=dict, description="entitled levels of a tier, by attribute (`inf`: unlimited)"
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"unknown time zone {value!r}; write it as in Europe/Berlin") from None
        return value

    @classmethod
    def read(cls, file: Path | None, overrides: Mapping[str, Any] | None = None) -> Self:
        """Return the policy of a file (none: the defaults) with overrides laid on it, nested alike.

        Raises
        ------
        PolicyError
            An unknown key, a missing file or a value of the wrong kind; every one is named.
        """
        content = read_toml(file, PolicyError) if file else {}
        return validate(cls, merge(content, overrides or {}), file.name if file else "policy", PolicyError)

    def in_force(self) -> dict[str, Any]:
        """Return every key with its value, as plain JSON values."""
        return self.model_dump(mode="json", exclude_none=True)
