"""When we usually act: the calendar that the record suggests where the policy states none.

Counted are first answers; where these tell nothing, all moments at which we did something: cases done, words to the
customer and contacts of ours as well (a desk may close cases at night by itself, or answer at once). A date without a
time of day tells no hours and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.policy import Calendar
from analysis.policy.calendar import DAYS

if TYPE_CHECKING:
    from analysis.data.checks import Checked

Counts = NDArray[np.int64]

#: Moments below which nothing is said, and the share of them that must lie within the days and hours proposed.
FEWEST, NEARLY_ALL = 50, 0.95
#: The share of them whose half hours surely are of work; their neighbours must be busy to be so.
_SURELY = 0.8
#: Half hours of a day, and how many of them work takes: what lies closer was not noted by the clock, and what lies
#: further apart is no work by day.
_SLOTS, _SHORTEST, _LONGEST = 48, 8, 32
#: Of a usual day's moments, what makes another day one of work; of a usual half hour's, what makes its neighbour one.
_A_DAY, _A_SLOT = 0.25, 0.15
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class UsualHours:
    """The calendar that the record suggests, and how much of the record lies within it."""

    calendar: Calendar
    share: float
    moments: int
    what: str = "first answers"

    @property
    def toml(self) -> str:
        """The section of `policy.toml` that states it."""
        days = ", ".join(f'"{word}"' for word in self.calendar.days)
        begins, ends = self.calendar.hours
        note = '# dates on which you do not work, as "2026-12-25"'
        return f'[calendar]\ndays = [{days}]\nhours = ["{begins}", "{ends}"]\nholidays = []  {note}'

    def __str__(self) -> str:
        return (
            f"{self.share:.0%} of {self.moments:,} {self.what} fall on {in_words(self.calendar)}, "
            "but the policy states no [calendar]: hours to answer, silences, notice and promised dates are counted by "
            "the clock, nights and weekends included"
        )


def in_words(calendar: Calendar) -> str:
    """Return a calendar's days and hours in words.

    Examples
    --------
    >>> in_words(Calendar(hours=["08:30", "17:30"]))
    'Monday to Friday, 08:30 to 17:30'
    >>> in_words(Calendar(days=["mon", "wed", "sat"], hours=["22:00", "06:00"]))
    'Monday, Wednesday and Saturday, 22:00 to 06:00'
    """
    places = calendar.weekdays
    names = [_NAMES[place] for place in places]
    in_a_row = len(places) > 2 and places[-1] - places[0] == len(places) - 1
    if in_a_row:
        words = f"{names[0]} to {names[-1]}"
    else:
        words = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
    return f"{words}, {calendar.hours[0]} to {calendar.hours[1]}"


def usual_hours(checked: Checked, before: date | None = None) -> UsualHours | None:
    """Return the days and hours on which we nearly always act; None where there are none, or too little tells.

    Parameters
    ----------
    checked
        The input tables.
    before
        The day before which a moment counts; None: all do.
    """
    columns = [column if before is None else column.filter(column["at"] < before) for column in _moments(checked)]
    found = _suggested(columns[:1])
    if found is None and columns[1:]:
        found = _suggested(columns)
        found = None if found is None else replace(found, what="answers and other steps of ours")
    return found


def _suggested(columns: list[Any]) -> UsualHours | None:
    import ibis

    if not columns:
        return None
    every = ibis.union(*columns, distinct=False) if columns[1:] else columns[0]
    timed = every.at != every.at.truncate("D")
    slot = every.at.hour() * 2 + every.at.minute() // 30
    rows = every.group_by(day=every.at.day_of_week.index(), slot=slot, timed=timed).aggregate(moments=every.count())
    frame = rows.to_pandas()
    known = frame[frame.timed]
    counts = np.zeros((len(DAYS), _SLOTS), dtype=np.int64)
    np.add.at(counts, (known.day.to_numpy("int64"), known.slot.to_numpy("int64")), known.moments.to_numpy("int64"))
    return suggested(counts) if counts.sum() * 2 >= frame.moments.sum() else None


def _moments(checked: Checked) -> Iterator[Any]:
    """Yield the moments at which we acted, each kind as a column `at`; the first answers first."""
    cases, updates, events = (checked.get(name) for name in ("cases", "case_updates", "service_events"))
    if cases is None:
        return
    columns = [cases.first_response_at, cases.resolved_at]
    columns += [] if updates is None else [updates["at"]]
    columns += [] if events is None else [(events.contact == "out").ifelse(events["at"], None)]
    for column in columns:
        rows = column.name("at").as_table()
        yield rows.filter(rows["at"].notnull())


def suggested(counts: Counts) -> UsualHours | None:
    """Return the calendar that moments by weekday and half hour suggest.

    The days are those with a fair part of a usual day's moments; the hours are the fewest in a row that hold most of
    these days' moments, and the busy half hours next to them. Nearly everything must lie within both.
    """
    whole = int(counts.sum())
    if whole < FEWEST:
        return None
    by_day = counts.sum(axis=1)
    days = by_day >= _A_DAY * _usual(by_day)
    by_slot = counts[days].sum(axis=0)
    begin, end = _widened(by_slot, *_fewest_in_a_row(by_slot, _SURELY * by_slot.sum()))
    share = float(by_slot[begin:end].sum()) / whole
    if share < NEARLY_ALL or not _SHORTEST <= end - begin <= _LONGEST:
        return None
    names = [name for name, busy in zip(DAYS, days, strict=True) if busy]
    calendar = Calendar(days=tuple(names), hours=(_time(begin), _time(end)))  # type: ignore[arg-type]
    return UsualHours(calendar, share, whole)


def _usual(counts: Counts) -> float:
    """Return the middle of the highest counts that make up four fifths of all."""
    ordered = np.sort(counts)[::-1]
    needed = int(np.searchsorted(np.cumsum(ordered), 0.8 * counts.sum())) + 1
    return float(np.median(ordered[:needed]))


def _fewest_in_a_row(counts: Counts, least: float) -> tuple[int, int]:
    """Return where the shortest stretch that holds so much begins and ends; of several the one that holds most."""
    sums = np.concatenate([[0], np.cumsum(counts)])
    for length in range(1, _SLOTS):
        held = sums[length:] - sums[:-length]
        if held.max() >= least:
            begin = int(held.argmax())
            return begin, begin + length
    return 0, _SLOTS


def _widened(counts: Counts, begin: int, end: int) -> tuple[int, int]:
    """Return the stretch with its busy neighbours; one half hour between may be quiet by accident."""
    busy = np.flatnonzero(counts >= max(1.0, _A_SLOT * float(np.median(counts[begin:end]))))
    for slot in busy[busy >= end]:
        end = int(slot) + 1 if slot <= end + 1 else end
    for slot in busy[busy < begin][::-1]:
        begin = int(slot) if slot >= begin - 2 else begin
    return begin, end


def _time(slot: int) -> str:
    return f"{slot // 2:02}:{slot % 2 * 30:02}"
