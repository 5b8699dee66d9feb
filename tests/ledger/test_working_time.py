"""Working time against a counter of minutes, and by hand: the engine's arithmetic, moment by moment."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.data.reading import Engine
from analysis.errors import PolicyError
from analysis.ledger.working_time import WorkingTime, holds_until
from analysis.policy import Calendar, Policy

OFFICE = Calendar(days=["mon", "tue", "wed", "thu", "fri"], hours=["08:30", "17:30"], holidays=["2026-12-25"])
NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
FIRST = datetime(2026, 2, 20)
MINUTE = timedelta(minutes=1)


def seconds(
    calendar: Calendar | None, pairs: list[tuple[datetime | None, datetime | None]], timezone: str = "UTC"
) -> list[float | None]:
    """Return what the engine counts between two moments, row by row."""
    engine = Engine(Path.cwd())
    con = engine.con
    rows = pd.DataFrame({"place": range(len(pairs))})
    rows["start"] = pd.array([a for a, _ in pairs], dtype="datetime64[us]")
    rows["end"] = pd.array([b for _, b in pairs], dtype="datetime64[us]")
    table = con.create_table("pairs", rows)
    found = WorkingTime(calendar, timezone).seconds(table.start, table.end)
    counted = table.mutate(found=found).order_by("place").to_pandas()
    engine.close()
    return [None if pd.isna(value) else float(value) for value in counted.found]


def minutes_counted(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Count the minutes of work one by one, as a person with a calendar on the wall would."""
    if start > end:
        return -minutes_counted(calendar, end, start)
    begins, ends = calendar.hours
    over_midnight = ends <= begins
    found, now = 0, start
    while now < end:
        time = f"{now:%H:%M}"
        shift = now.date()
        if over_midnight:
            at_work = time >= begins or time < ends
            shift = shift if time >= begins else shift - timedelta(days=1)
        else:
            at_work = begins <= time < ends
        found += at_work and NAMES[shift.weekday()] in calendar.days and shift not in calendar.holidays
        now += MINUTE
    return found


moments = st.integers(0, 20 * 24 * 60).map(lambda minutes: FIRST + minutes * MINUTE)
times = st.integers(0, 24 * 60 - 1).map(lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_the_engine_counts_the_minutes_that_a_person_would_count(data):
    begins = data.draw(times)
    ends = data.draw((times | st.just("24:00")).filter(lambda time: time != begins))
    days = data.draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    falls = data.draw(st.lists(st.integers(-2, 22), max_size=5))
    calendar = Calendar(days=days, hours=[begins, ends], holidays=[(FIRST + timedelta(d)).date() for d in falls])
    pairs = data.draw(st.lists(st.tuples(moments, moments), min_size=1, max_size=4))

    assert seconds(calendar, pairs) == [60 * minutes_counted(calendar, start, end) for start, end in pairs]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


BY_HAND = [
    ("a Friday at 17:00 to Monday at 9:00: half an hour of each", "2026-05-08T17:00", "2026-05-11T09:00", 1.0),
    ("a weekend", "2026-05-09T10:00", "2026-05-10T20:00", 0.0),
    ("before the opening to the opening", "2026-05-11T06:00", "2026-05-11T08:30", 0.0),
    ("after the close to the next morning", "2026-05-11T19:00", "2026-05-12T09:30", 1.0),
    ("a whole week", "2026-05-04T00:00", "2026-05-11T00:00", 45.0),
    ("over Christmas, a Friday", "2026-12-24T17:00", "2026-12-28T09:00", 1.0),
    ("the same moment", "2026-05-11T10:00", "2026-05-11T10:00", 0.0),
    ("the end first", "2026-05-11T11:00", "2026-05-11T10:00", -1.0),
    ("long ago", "1969-12-31T17:00", "1970-01-01T09:00", 1.0),
    ("the leap day", "2028-02-29T00:00", "2028-03-01T00:00", 9.0),
    ("half a minute", "2026-05-11T10:00:00", "2026-05-11T10:00:36", 0.01),
]


@pytest.mark.parametrize(("start", "end", "hours"), [case[1:] for case in BY_HAND], ids=[case[0] for case in BY_HAND])
def test_working_hours_by_hand(start, end, hours):
    assert seconds(OFFICE, [(at(start), at(end))]) == [pytest.approx(3600 * hours)]


def test_an_empty_moment_has_no_working_time():
    assert seconds(OFFICE, [(None, at("2026-05-11T10:00")), (at("2026-05-11T10:00"), None)]) == [None, None]


def test_without_a_calendar_hours_are_hours_of_the_clock():
    assert seconds(None, [(at("2026-05-08T17:00"), at("2026-05-11T09:00"))]) == [64 * 3600]


def test_a_night_shift_belongs_to_the_day_on_which_it_begins():
    nights = Calendar(days=["fri"], hours=["22:00", "06:00"], holidays=["2026-05-15"])

    # Friday the 8th: 22:00 to Saturday 6:00. Saturday 23:00 is none of ours, and Friday the 15th is a holiday.
    assert seconds(nights, [(at("2026-05-08T23:00"), at("2026-05-09T04:00"))]) == [5 * 3600]
    assert seconds(nights, [(at("2026-05-09T23:00"), at("2026-05-10T04:00"))]) == [0]
    assert seconds(nights, [(at("2026-05-15T12:00"), at("2026-05-16T12:00"))]) == [0]


def test_the_clock_is_the_calendar_of_every_day_and_every_hour():
    always = Calendar(days=NAMES, hours=["00:00", "24:00"])
    pairs = [(FIRST, FIRST + timedelta(days=days, seconds=17 * days)) for days in range(0, 400, 37)]

    assert seconds(always, pairs) == seconds(None, pairs)


def test_a_change_of_the_clock_at_work_is_no_hour_of_work_or_one_more():
    # Berlin puts its clock forward on Sunday 29 March 2026 at 2:00, and back on Sunday 25 October at 3:00.
    nights = Calendar(days=["sat"], hours=["22:00", "06:00"])
    shifts = [(at("2026-03-28T12:00"), at("2026-03-29T12:00")), (at("2026-10-24T12:00"), at("2026-10-25T12:00"))]
    assert seconds(nights, shifts, "Europe/Berlin") == [7 * 3600, 9 * 3600]
    assert seconds(nights, [(at("2026-03-29T01:00"), at("2026-03-29T04:00"))], "Europe/Berlin") == [2 * 3600]
    assert seconds(nights, [(at("2026-05-02T12:00"), at("2026-05-03T12:00"))], "Europe/Berlin") == [8 * 3600]

    always = Calendar(days=NAMES, hours=["00:00", "24:00"])
    spans = [
        *shifts,
        (at("2026-03-01T00:00"), at("2026-12-01T00:00")),
        (at("2015-07-01T00:00"), at("2026-01-01T00:00")),
    ]
    assert seconds(always, spans, "Europe/Berlin") == seconds(None, spans, "Europe/Berlin")
    assert seconds(OFFICE, spans[2:], "Europe/Berlin") == seconds(OFFICE, spans[2:], "UTC")


def test_hundreds_of_holidays_are_counted_too():
    every_day = [date(2020, 1, 1) + timedelta(days=days) for days in range(400)]
    found = seconds(Calendar(days=NAMES, holidays=every_day), [(at("2019-12-31T00:00"), at("2021-03-01T00:00"))])

    # 2020 has 366 days, so 3 February 2021 is the last of them; before them is one day, after them are 25.
    assert found == [(1 + 25) * 86_400]


def judged(calendar: Calendar | None, promised: str, done: str, waiting: float | None = None) -> tuple[float, bool]:
    """Return the hours from one moment to the other that are ours, and whether the second came too late."""
    engine = Engine(Path.cwd())
    con = engine.con
    rows = pd.DataFrame({"start": [at(promised)], "end": [at(done)], "waiting": pd.array([waiting], dtype="Float64")})
    table, time = con.create_table("one", rows), WorkingTime(calendar)
    late = time.is_late(holds_until(table.start), table.end, table.waiting)
    found = table.select(hours=time.hours(table.start, table.end, table.waiting), late=late).to_pandas()
    engine.close()
    return float(found.hours[0]), bool(found.late[0])


@pytest.mark.parametrize(
    ("start", "end", "waiting", "hours"),
    [
        ("2026-05-08T17:00", "2026-05-11T09:00", 0.25, 0.75),
        ("2026-05-08T17:00", "2026-05-11T09:00", 62.0, 0.0),
        ("2026-05-11T11:00", "2026-05-11T10:00", 3.0, -1.0),
        ("2026-05-11T10:00", "2026-05-11T11:00", None, 1.0),
    ],
)
def test_what_waited_for_the_customer_is_taken_off_and_never_adds(start, end, waiting, hours):
    assert judged(OFFICE, start, end, waiting)[0] == hours


def test_what_is_not_over_took_no_known_time_and_is_not_late():
    schema = {"start": "timestamp", "end": "timestamp"}
    rows = ibis.memtable({"start": [at("2026-05-11T10:00")], "end": [None]}, schema=schema)
    for time in (WorkingTime(), WorkingTime(OFFICE)):
        for waiting in (ibis.null("float64"), ibis.literal(2.0)):
            hours = time.hours(rows.start, rows.end, waiting)
            late = time.is_late(rows.start, rows.end, waiting)
            assert rows.select(hours=hours, late=late).to_pandas().isna().all(axis=None)


@pytest.mark.parametrize(
    ("promised", "done", "waiting", "by_clock", "by_calendar"),
    [
        ("2026-05-09T12:00", "2026-05-11T08:30", None, True, False),  # Saturday, done on Monday at the opening
        ("2026-05-09T12:00", "2026-05-11T09:00", None, True, True),  # half an hour of work later
        ("2026-05-09T00:00", "2026-05-11T08:00", None, True, False),  # a date without a time, before the opening
        ("2026-12-25T10:00", "2026-12-28T08:30", None, True, False),  # a holiday before a weekend
        ("2026-05-11T10:00", "2026-05-11T10:01", None, True, True),
        ("2026-05-11T10:00", "2026-05-11T10:00", None, False, False),
        ("2026-05-11T00:00", "2026-05-11T17:00", None, False, False),  # within the day named
        ("2026-05-11T00:00", "2026-05-12T00:30", None, True, False),  # after it, before we open
        ("2026-05-11T10:00", "2026-05-11T13:00", 3.0, False, False),  # it waited for the customer as long
        ("2026-05-11T10:00", "2026-05-11T13:00", 2.5, True, True),
    ],
)
def test_a_date_is_missed_where_time_of_ours_went_by_after_it(promised, done, waiting, by_clock, by_calendar):
    assert judged(None, promised, done, waiting)[1] is by_clock
    assert judged(OFFICE, promised, done, waiting)[1] is by_calendar


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"days": ["monday"]}, "'monday' is no day of the week"),
        ({"days": []}, "there is no day on which you work"),
        ({"days": "mon"}, "this is no list"),
        ({"hours": ["08:30"]}, "hours of work need a begin and an end"),
        ({"hours": ["8.30", "17:30"]}, "'8.30' is no time of the day"),
        ({"hours": ["22:00", "30:00"]}, "'30:00' is no time of the day"),
        ({"hours": ["24:00", "08:00"]}, "work cannot begin at 24:00"),
        ({"hours": ["09:00", "09:00"]}, "last no time"),
        ({"holidays": ["25.12.2026"]}, "'25.12.2026' is no date; write it as 2026-12-25"),
        ({"holiday": []}, "this key is unknown. Known here: days, holidays, hours."),
    ],
)
def test_a_calendar_that_cannot_be_is_told_with_how_to_write_it(section, words):
    with pytest.raises(PolicyError) as fault:
        Policy.read(None, {"calendar": section})

    assert words in str(fault.value)
    assert "policy.calendar" in str(fault.value)


def test_a_calendar_reads_like_it_was_written():
    written: dict[str, Any] = {"days": ["Tue", "mon"], "hours": ["8:30", "24:00"], "holidays": [date(2026, 12, 25)]}
    read = Policy.read(None, {"calendar": written})

    assert read.in_force()["calendar"] == {
        "days": ["mon", "tue"],
        "hours": ["08:30", "24:00"],
        "holidays": ["2026-12-25"],
    }
    assert Policy.read(None, read.in_force()) == read
    assert "calendar" not in Policy().in_force()
