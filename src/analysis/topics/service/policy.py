"""The choices about service: what is measured, and from when too much or too little of it is material."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from analysis.settings import Names, Settings


class OverService(Settings):
    """From when service beyond the level due is material, and when like accounts may judge it."""

    share: float = Field(0.0, ge=0, le=1, description="of net revenue from which over-service is material, too")
    amount_share: float = Field(
        0.1,
        ge=0,
        description="of what serving the median account costs a year, or one of its size if more, from which it is",
    )
    amount: float | None = Field(
        None, ge=0, description="in money, a year, from which it is; unset: `amount_share` tells the amount"
    )
    sure: float = Field(
        0.95, ge=0.5, lt=1, description="that more than a level is no accident of one year; not asked with `amount` set"
    )
    days: int = Field(90, ge=1, description="as a customer in the window below which over-service is not judged")
    peer_minimum: int = Field(40, ge=10, description="like accounts below which nobody is judged by them")
    peer_quantile: float = Field(
        0.9, ge=0.5, lt=1, description="of like accounts: the high end of what they get that is shown beside the middle"
    )
    false_share: float = Field(
        0.1,
        gt=0,
        lt=1,
        description="of those that like accounts pick out, how many they may be wrong on",
    )
    asked: float = Field(
        0.75,
        gt=0,
        le=1,
        description="of what an account gets beyond like ones, asked for by itself, from which that is demand",
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

    activities: Names = Field((), description="activities of the costing; none for `response_hours`")
    where: Where = Field(default_factory=Where, description="conditions on the events")
    measure: Literal["count", "minutes", "response_hours"] = Field(
        "count", description="what is summed; response_hours are a median, in working hours where there is a [calendar]"
    )
    period: Literal["month", "quarter", "year"] = Field("year", description="the level is per this period")
    more_is_more_service: bool = Field(True, description="false for hours of waiting: fewer is more")
    level_is: Literal["promise", "ceiling"] = Field(
        "promise", description="promise: falling short is under-service; ceiling: an amount that may go unused"
    )
    standby: str | None = Field(None, description="the resource that stands ready for it, whether used or not")

    @model_validator(mode="after")
    def _measures_something(self) -> Self:
        if self.measure != "response_hours" and not self.activities:
            raise ValueError("it measures nothing: name the activities, or measure response_hours")
        if self.measure == "response_hours" and (self.activities or self.where != Where()):
            raise ValueError("response_hours are of cases: it takes no activities and no where")
        return self


def default_attributes() -> dict[str, ServiceAttribute]:
    """Return the attributes that hold where the policy names none."""
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
