"""How long something took: by the clock, or by our working time where the policy has a calendar.

With W(t), the working time from a fixed day up to a moment t, what lies between two moments is W(end) - W(start). A
shift belongs to the day on which it begins, so with t counted from the begin of that day's shift

    W(t) = length of a shift x working days before t's day + min(time of t's day so far, length), if that day is worked

and working days before a day are whole weeks x days a week + the days of this week so far - holidays before it. All of
it is arithmetic on columns: the engine counts, row by row, without a table of the calendar's days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add
from typing import Any

from analysis.ledger.duration import seconds_between
from analysis.policy import Calendar, Policy

HOUR, DAY = 3_600, 86_400
_EPOCH = date(1970, 1, 1)
#: 1 January 1970 was a Thursday: so many days after a Monday.
_FROM_MONDAY = 3


@dataclass(frozen=True)
class WorkingTime:
    """How time is counted; with no calendar, as it passes, whatever was done to the clock."""

    calendar: Calendar | None = None
    timezone: str = "UTC"

    @classmethod
    def of(cls, policy: Policy) -> WorkingTime:
        """Return how time is counted under a policy."""
        return cls(policy.calendar, policy.timezone)

    @property
    def day(self) -> int:
        """The seconds of one day: of 24 hours, or of work."""
        return self.calendar.minutes * 60 if self.calendar else DAY

    def seconds(self, start: Any, end: Any) -> Any:
        """Return the seconds from one moment to another (Ibis); below 0 where the end comes first, empty for none."""
        if self.calendar is None:
            return seconds_between(start, end, self.timezone)
        return (_worked(self.calendar, end) - _worked(self.calendar, start)).cast("float64")

    def hours(self, start: Any, end: Any, waiting_hours: Any) -> Any:
        """Return the hours that we took from one moment to another (Ibis), as `ours` counts them."""
        return ours(self.seconds(start, end), waiting_hours) / HOUR

    def is_late(self, promised: Any, done: Any, waiting_hours: Any) -> Any:
        """Return whether something was done after the date that was promised for it (Ibis); empty where neither tells.

        Under a calendar it takes working time to be late: a date outside working time is met by the next moment of
        it. What waited for the customer puts the date off.
        """
        return ours(self.seconds(promised, done), waiting_hours) > 0


def ours(seconds: Any, waiting_hours: Any) -> Any:
    """Return what we took of some seconds (Ibis): what waited for the customer is taken off, down to 0.

    Parameters
    ----------
    seconds
        From one moment to another; below 0 where the end comes first, which stays so.
    waiting_hours
        Hours that it stood waiting for the customer, counted like ours; where unknown, nothing is taken off.
    """
    import ibis

    waiting = waiting_hours.fill_null(0.0).cast("float64") * HOUR
    # Written as a difference, so that nothing is taken of what is unknown: `least` and `greatest` skip what is empty.
    return seconds - ibis.least(waiting, ibis.greatest(seconds, 0.0))


def _worked(calendar: Calendar, moment: Any) -> Any:
    """Return W(moment) in seconds."""
    import ibis

    holidays = _holidays(calendar)
    begun = moment.truncate("s").epoch_seconds() - calendar.begins * 60
    day = begun // DAY
    weekday = (day + _FROM_MONDAY) % 7
    this_week = reduce(add, ((weekday > other).ifelse(1, 0) for other in calendar.weekdays))
    days = (day + _FROM_MONDAY) // 7 * len(calendar.weekdays) + this_week - _before(holidays, day)
    at_work = weekday.isin(calendar.weekdays)
    at_work = at_work & ~day.isin(holidays) if holidays else at_work
    length = calendar.minutes * 60
    return days * length + at_work.ifelse(ibis.least(begun - day * DAY, length), 0)


def _before(holidays: list[int], day: Any) -> Any:
    """Return how many holidays lie before a day: one flat list of cases, however many there are."""
    import ibis

    if not holidays:
        return ibis.literal(0)
    return ibis.cases(*((day > holidays[place - 1], place) for place in range(len(holidays), 0, -1)), else_=0)


def _holidays(calendar: Calendar) -> list[int]:
    """Return the holidays that fall on a day of work, as days from 1 January 1970, in order."""
    return [(day - _EPOCH).days for day in sorted(set(calendar.holidays)) if day.weekday() in calendar.weekdays]


def holds_until(promised: Any) -> Any:
    """Return until when a promised date holds (Ibis): one without a time of day, until the end of that day."""
    import ibis

    whole_day = promised == promised.truncate("D")
    return whole_day.ifelse(promised + ibis.interval(days=1), promised)
