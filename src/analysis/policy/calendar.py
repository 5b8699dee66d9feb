"""When we work: the days, the hours and the holidays that working time is counted by."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Literal

from pydantic import Field, field_validator

from analysis.settings import Settings, as_date

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
_EXAMPLE = 'write two times of the day, as in ["08:30", "17:30"]'
_TIME = re.compile(r"(\d{1,2}):([0-5]\d)")


def minute_of_day(time: str) -> int:
    """Return the minutes from midnight to a time of the day.

    Examples
    --------
    >>> minute_of_day("08:30"), minute_of_day("24:00")
    (510, 1440)
    """
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


class Calendar(Settings):
    """When we work. Without this section hours are hours of the clock."""

    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = Field(
        ("mon", "tue", "wed", "thu", "fri"), description="days of the week on which we work, or a shift begins"
    )
    hours: tuple[str, ...] = Field(
        ("00:00", "24:00"),
        description="from when to when, by the local clock; a shift that ends earlier than it "
        "begins ends on the next day",
    )
    holidays: tuple[date, ...] = Field((), description="dates on which we do not work, as 2026-12-25")

    @field_validator("days", mode="before")
    @classmethod
    def _known_days(cls, value: Any) -> Any:
        words = [word.lower() if isinstance(word, str) else word for word in _listed(value)]
        wrong = [word for word in words if word not in DAYS]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no day of the week; write mon, tue, wed, thu, fri, sat or sun")
        if not words:
            raise ValueError("there is no day on which you work; name one, or leave [calendar] out")
        return tuple(sorted(set(words), key=DAYS.index))

    @field_validator("hours", mode="before")
    @classmethod
    def _two_times(cls, value: Any) -> Any:
        times = _listed(value)
        if len(times) != 2:
            raise ValueError(f"hours of work need a begin and an end; {_EXAMPLE}")
        begins, ends = (_time(word) for word in times)
        if begins == "24:00":
            raise ValueError(f"work cannot begin at 24:00, which is the day's end; {_EXAMPLE}")
        if begins == ends:
            raise ValueError(f'hours that begin and end at {begins} last no time; for all day write ["00:00", "24:00"]')
        return begins, ends

    @field_validator("holidays", mode="before")
    @classmethod
    def _dates(cls, value: Any) -> Any:
        return tuple(sorted({as_date(day) for day in _listed(value)}))

    @property
    def begins(self) -> int:
        """The minute of the day at which work begins."""
        return minute_of_day(self.hours[0])

    @property
    def minutes(self) -> int:
        """The minutes of one working day; a shift over midnight belongs to the day on which it begins."""
        length = minute_of_day(self.hours[1]) - self.begins
        return length if length > 0 else length + DAY_MINUTES

    @property
    def weekdays(self) -> tuple[int, ...]:
        """The days of the week on which we work, Monday being 0."""
        return tuple(DAYS.index(word) for word in self.days)


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise ValueError("this is no list; write it in square brackets")
    return list(value)


def _time(word: Any) -> str:
    found = _TIME.fullmatch(word.strip()) if isinstance(word, str) else None
    if found is None or minute_of_day(found[0]) > DAY_MINUTES:
        raise ValueError(f"{str(word)!r} is no time of the day; {_EXAMPLE}")
    return f"{int(found[1]):02}:{found[2]}"
