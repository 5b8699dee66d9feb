"""How long something took: by the clock, or by our working time where the policy has a calendar.

With W(t), the working time from a fixed day up to a moment t, what lies between two moments is W(end) - W(start). A shift
belongs to the day on which it begins, so with t counted from the begin of that day's shift

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

from analysis.policy import Calendar, Policy

HOUR, DAY = 3_600, 86_400
_EPOCH = date(1970, 1, 1)
#: 1 January 1970 was a Thursday: so many days after a Monday.
_FROM_MONDAY = 3


@dataclass(frozen=True)
class WorkingTime:
    """How time is counted; with no calendar, by the clock."""

    calendar: Calendar | None = None

    @classmethod
    def of(cls, policy: Policy) -> WorkingTime:
        """Return how time is counted under a policy."""
        return cls(policy.calendar)

    @property
    def day(self) -> int:
        """The seconds of one day: of 24 hours, or of work."""
        return self.calendar.minutes * 60 if self.calendar else DAY

    def seconds(self, start: Any, end: Any) -> Any:
        """Return the seconds from one moment to another (Ibis); below 0 where the end comes first, empty for none."""
        return self._so_far(end) - self._so_far(start)

    def ours(self, start: Any, end: Any, waiting_hours: Any) -> Any:
        """Return the seconds that we took: what waited for the customer is taken off, down to 0.

        Parameters
        ----------
        start, end
            Moments (Ibis).
        waiting_hours
            Hours that it stood waiting for the customer, counted like ours; where unknown, nothing is taken off.
        """
        import ibis

        taken = self.seconds(start, end).cast("float64")
        waiting = waiting_hours.fill_null(0.0).cast("float64") * HOUR
        return ibis.least(taken, ibis.greatest(taken - waiting, 0.0))

    def hours(self, start: Any, end: Any, waiting_hours: Any) -> Any:
        """Return the hours that we took, as `ours` counts them."""
        return self.ours(start, end, waiting_hours) / HOUR

    def is_late(self, promised: Any, done: Any, waiting_hours: Any) -> Any:
        """Return whether something was done after the date that was promised for it (Ibis); empty where neither tells.

        Under a calendar it takes working time to be late: a date outside working time is met by the next moment of
        it. What waited for the customer puts the date off.
        """
        late = done > promised
        if self.calendar:
            return late & (self.ours(promised, done, waiting_hours) > 0)
        waited = waiting_hours.fill_null(0.0)
        return late & ((waited <= 0) | (self.ours(promised, done, waiting_hours) > 0))

    def _so_far(self, moment: Any) -> Any:
        """Return W(moment) in seconds."""
        import ibis

        if self.calendar is None:
            return moment.epoch_seconds()
        begun = moment.epoch_seconds() - self.calendar.begins * 60
        day = begun // DAY
        weekday = (day + _FROM_MONDAY) % 7
        today = ibis.least(begun - day * DAY, self.day)
        worked = weekday.isin(self.calendar.weekdays) & ~day.isin(self._holidays or [-1])
        return self._days_before(day, weekday) * self.day + worked.ifelse(today, 0)

    def _days_before(self, day: Any, weekday: Any) -> Any:
        """Return the working days before a day, which is counted from 1 January 1970."""
        assert self.calendar is not None
        weeks = (day + _FROM_MONDAY) // 7
        this_week = reduce(add, ((weekday > other).ifelse(1, 0) for other in self.calendar.weekdays))
        return weeks * len(self.calendar.weekdays) + this_week - self._holidays_before(day)

    def _holidays_before(self, day: Any) -> Any:
        """Return the holidays before a day; one flat list of cases, however many holidays there are."""
        import ibis

        falls = self._holidays
        if not falls:
            return ibis.literal(0)
        counted = [(day > holiday, place) for place, holiday in reversed(list(enumerate(falls, 1)))]
        return ibis.cases(*counted, else_=0)

    @property
    def _holidays(self) -> list[int]:
        """The holidays that fall on a day of work, each as days from 1 January 1970, in order."""
        days = self.calendar.holidays if self.calendar else ()
        at_work = self.calendar.weekdays if self.calendar else ()
        return [(day - _EPOCH).days for day in sorted(set(days)) if day.weekday() in at_work]


def holds_until(promised: Any) -> Any:
    """Return until when a promised date holds (Ibis): one without a time of day, until the end of that day."""
    import ibis

    whole_day = promised == promised.truncate("D")
    return whole_day.ifelse(promised + ibis.interval(days=1), promised)
