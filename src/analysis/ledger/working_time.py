"""How long something took: by the clock, or by our working time where the policy has a calendar.

With W(t), the working time from a fixed day up to a moment t, what lies between two moments is W(end) - W(start). A
shift belongs to the day on which it begins, so with t counted from the begin of that day's shift

    W(t) = length of a shift x working days before t's day + min(time of t's day so far, length), if that day is worked

and working days before a day are whole weeks x days a week + the days of this week so far - holidays before it. All of
it is arithmetic on columns: the engine counts, row by row, without a table of the calendar's days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, reduce
from operator import add
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from analysis.ledger.duration import seconds_between
from analysis.policy import Calendar, Policy

if TYPE_CHECKING:
    import ibis

HOUR, DAY = 3_600, 86_400
_EPOCH = date(1970, 1, 1)
#: 1 January 1970 was a Thursday: so many days after a Monday.
_FROM_MONDAY = 3
#: The years in which changes of the clock are looked for.
_YEARS = (1990, 2060)


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

    def seconds(self, start: ibis.Column, end: ibis.Value) -> ibis.Column:
        """Return the seconds from one moment to another (Ibis); below 0 where the end comes first, empty for none."""
        if self.calendar is None:
            return seconds_between(start, end, self.timezone)
        ended, began = (_worked(self.calendar, self.timezone, moment) for moment in (end, start))
        return (ended - began).cast("float64")

    def hours(self, start: ibis.Column, end: ibis.Value, waiting_hours: ibis.Column) -> ibis.Column:
        """Return the hours that we took from one moment to another (Ibis), as `ours` counts them."""
        return ours(self.seconds(start, end), waiting_hours) / HOUR

    def is_late(self, promised: ibis.Column, done: ibis.Column, waiting_hours: ibis.Column) -> ibis.Column:
        """Return whether something was done after the date that was promised for it (Ibis); empty where neither tells.

        Under a calendar it takes working time to be late: a date outside working time is met by the next moment of
        it. What waited for the customer puts the date off.
        """
        return ours(self.seconds(promised, done), waiting_hours) > 0


def ours(seconds: ibis.Column, waiting_hours: ibis.Column) -> ibis.Column:
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


def _worked(calendar: Calendar, timezone: str, moment: Any) -> Any:
    """Return W(moment) in seconds."""
    import ibis

    holidays = _holidays(calendar)
    local = moment.truncate("s").epoch_seconds()
    begun = local - calendar.begins * 60
    day = begun // DAY
    weekday = (day + _FROM_MONDAY) % 7
    this_week = reduce(add, ((weekday > other).ifelse(1, 0) for other in calendar.weekdays))
    weeks = (day + _FROM_MONDAY) // 7
    days = weeks * len(calendar.weekdays) + this_week - _reached(day, [holiday + 1 for holiday in holidays])
    at_work = weekday.isin(calendar.weekdays)
    at_work = at_work & ~day.isin(holidays) if holidays else at_work
    length = calendar.minutes * 60
    today = at_work.ifelse(ibis.least(begun - day * DAY, length), 0)
    edges, gained = _changes(calendar, timezone)
    return days * length + today + _reached(local, edges, gained)


def _reached(value: Any, edges: Sequence[int], sums: Sequence[int] = ()) -> Any:
    """Return how many edges, in order, a value has reached, or the sum up to the last of them.

    It is one flat list of cases, however many there are.
    """
    import ibis

    if not edges:
        return ibis.literal(0)
    told = list(zip(edges, sums or range(1, len(edges) + 1), strict=True))
    return ibis.cases(*((value >= edge, so_far) for edge, so_far in reversed(told)), else_=0)


def _holidays(calendar: Calendar) -> list[int]:
    """Return the holidays that fall on a day of work, as days from 1 January 1970, in order."""
    return [(day - _EPOCH).days for day in sorted(set(calendar.holidays)) if day.weekday() in calendar.weekdays]


@cache
def _changes(calendar: Calendar, timezone: str) -> tuple[list[int], list[int]]:
    """Return the changes of the clock that fall into working time, and the seconds that they add up to.

    Each is the local second from which it counts: an hour that the clock jumps over was not worked, one that it shows
    twice was worked twice.
    """
    edges, sums = [], [0]
    for instant, before, after in _clock_changes(timezone):
        first, last = sorted((instant + before, instant + after))
        worked = _within(calendar, first, last)
        if worked:
            edges.append(last)
            sums.append(sums[-1] + (worked if after < before else -worked))
    return edges, sums[1:]


def _within(calendar: Calendar, first: int, last: int) -> int:
    """Return the working seconds, by the local clock, from one local second to another."""
    holidays, found = _holidays(calendar), 0
    for day in range(first // DAY - 1, last // DAY + 1):
        if (day + _FROM_MONDAY) % 7 in calendar.weekdays and day not in holidays:
            begins = day * DAY + calendar.begins * 60
            found += max(0, min(begins + calendar.minutes * 60, last) - max(begins, first))
    return found


@cache
def _clock_changes(timezone: str) -> list[tuple[int, int, int]]:
    """Return when the clock of a zone is changed (seconds in UTC), and its offsets before and after."""
    zone = ZoneInfo(timezone)

    def offset(instant: int) -> int:
        found = datetime.fromtimestamp(instant, UTC).astimezone(zone).utcoffset()
        return int(found.total_seconds()) if found is not None else 0

    first, last = ((date(year, 1, 1) - _EPOCH).days * DAY for year in _YEARS)
    found = []
    for early in range(first, last, DAY):
        late = early + DAY
        if (before := offset(early)) != (after := offset(late)):
            while late - early > 1:
                middle = (early + late) // 2
                early, late = (middle, late) if offset(middle) == before else (early, middle)
            found.append((late, before, after))
    return found


def holds_until(promised: ibis.Column) -> ibis.Column:
    """Return until when a promised date holds (Ibis): one without a time of day, until the end of that day."""
    import ibis

    whole_day = promised == promised.truncate("D")
    return whole_day.ifelse(promised + ibis.interval(days=1), promised)
