"""A calendar of working time, files in and tables out: the same small record, with and without one, by hand.

8 May 2026 is a Friday, 14 May (a Thursday) the holiday; work is from 8:30 to 17:30, nine hours a day.
"""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from analysis import Portfolio
from analysis.tables.computed import Computed

CUSTOMERS = """customer_id,name
over-weekend,Over a weekend
holiday,Holiday
waited,Waited
promised,Promised
silent,Silent
quiet,Quiet
pending,Pending
"""
CASES = """case_id,customer_id,opened_at,promised_at,first_response_at,resolved_at,waiting_hours
w1,over-weekend,2026-05-08T17:00,,2026-05-11T09:00,2026-05-11T17:30,
h1,holiday,2026-05-13T17:00,,2026-05-15T10:30,2026-05-15T17:30,
h2,holiday,2026-05-13T20:00,,2026-05-15T07:00,2026-05-15T17:30,
t1,waited,2026-05-11T10:00,,2026-05-11T16:00,2026-05-12T17:30,4.5
t2,waited,2026-05-11T10:00,,2026-05-11T11:00,2026-05-12T17:30,30
t3,waited,2026-05-11T10:00,,2026-05-11T12:00,2026-05-12T17:30,0
p1,promised,2026-05-06T10:00,2026-05-09T12:00,2026-05-06T11:00,2026-05-11T08:30,
p2,promised,2026-05-06T10:00,2026-05-09T12:00,2026-05-06T11:00,2026-05-11T08:31,
p3,promised,2026-05-06T10:00,2026-05-14T00:00,2026-05-06T11:00,2026-05-15T08:00,
p4,promised,2026-05-06T10:00,2026-05-13T00:00,2026-05-06T11:00,2026-05-13T17:00,
p5,promised,2026-05-06T10:00,2026-05-08T12:00,2026-05-06T11:00,2026-05-11T09:30,6.5
s1,silent,2026-05-07T10:00,,2026-05-07T11:00,2026-05-18T11:00,
s2,quiet,2026-05-07T10:00,,2026-05-07T11:00,2026-05-18T11:00,9
o1,pending,2026-05-04T10:00,2026-05-30T12:00,2026-05-04T11:00,,
"""
UPDATES = """case_id,at,promised_at
s1,2026-05-08T17:30,
s2,2026-05-08T17:30,
w1,2026-05-11T09:00,
"""
LEVELS = """customer_id,attribute,basis,level
over-weekend,first_answer,entitled,1
holiday,first_answer,entitled,1
"""
AGREED = """
[service.first_answer]
measure = "response_hours"
more_is_more_service = false
"""
CALENDAR = """
[calendar]
hours = ["08:30", "17:30"]
holidays = ["2026-05-14"]
"""
#: A full record of a later day, so that the window is that of the as-of day.
AS_OF = "2026-05-31"


@pytest.fixture(scope="module")
def by_calendar(share_dataset) -> Computed:
    return dealings(share_dataset, CALENDAR)


@pytest.fixture(scope="module")
def by_clock(share_dataset) -> Computed:
    return dealings(share_dataset, "")


def dealings(share_dataset, calendar: str, **tables: str) -> Computed:
    """Return how we deal with the accounts of a dataset, this module's where no other is given."""
    tables = tables or {"cases": CASES, "case_updates": UPDATES, "service_levels": LEVELS}
    data = share_dataset(customers=CUSTOMERS, policy=calendar + AGREED, **tables)
    return Portfolio(data, AS_OF).computed


def talk(found: Computed) -> pd.DataFrame:
    return found.communication.set_index("customer_id")


def failed(found: Computed, customer: str, failure: str) -> tuple[float, float]:
    rows = found.our_failures.query("customer_id == @customer and failure == @failure").iloc[0]
    return rows["count"], rows["of"]


def test_friday_at_17_to_monday_at_9_took_one_working_hour_and_64_of_the_clock(by_calendar, by_clock):
    assert talk(by_calendar).first_response_hours["over-weekend"] == pytest.approx(1)
    assert talk(by_clock).first_response_hours["over-weekend"] == pytest.approx(64)


def test_a_holiday_is_no_working_time_and_what_is_answered_before_the_opening_took_none(by_calendar, by_clock):
    # h1: half an hour on Wednesday and two on Friday; h2: opened after the close, answered before the next opening.
    assert talk(by_calendar).first_response_hours["holiday"] == pytest.approx((2.5 + 0) / 2)
    assert talk(by_clock).first_response_hours["holiday"] == pytest.approx((41.5 + 35) / 2)


def test_what_waited_for_the_customer_is_not_ours_and_never_below_nothing(by_calendar, by_clock):
    # Of 6, 1 and 2 hours remain 1.5, 0 and 2.
    assert talk(by_calendar).first_response_hours["waited"] == pytest.approx(1.5)
    assert talk(by_clock).first_response_hours["waited"] == pytest.approx(1.5)


def test_a_date_outside_working_time_is_met_by_its_next_moment(by_calendar, by_clock):
    # Missed is p2 alone, a minute after the opening. p5 came 6.5 working hours late and waited as long for the
    # customer; by the clock it was 69.5 hours late.
    assert failed(by_calendar, "promised", "missed_promises") == (1, 5)
    assert failed(by_clock, "promised", "missed_promises") == (4, 5)
    assert talk(by_calendar).dates_kept_share["promised"] == pytest.approx(4 / 5)


def test_a_weekend_is_no_silence(by_calendar, by_clock):
    # From Friday's last word at 17:30 to Monday the 18th, 11:00: Monday to Wednesday, Friday, and 2.5 hours of Monday.
    assert talk(by_calendar).longest_silence_days["silent"] == pytest.approx(4 + 2.5 / 9)
    assert talk(by_clock).longest_silence_days["silent"] == pytest.approx(9 + 17.5 / 24)
    assert failed(by_calendar, "silent", "silent_gaps") == (0, 1)
    assert failed(by_clock, "silent", "silent_gaps") == (1, 1)


def test_what_waited_for_the_customer_is_no_silence_of_ours(by_calendar, by_clock):
    # The same silence, less nine hours: one working day, or nine hours of a day of the clock.
    assert talk(by_calendar).longest_silence_days["quiet"] == pytest.approx(3 + 2.5 / 9)
    assert talk(by_clock).longest_silence_days["quiet"] == pytest.approx(9 + 8.5 / 24)


def test_an_open_case_has_not_missed_a_date_before_the_time_of_work_after_it_has_begun(by_calendar, by_clock):
    # As of Sunday, a case promised for Saturday is neither kept nor missed: Monday's opening would still keep it.
    assert talk(by_calendar).dates_given_share["pending"] == 1
    assert pd.isna(talk(by_calendar).dates_kept_share["pending"])
    assert talk(by_clock).dates_kept_share["pending"] == 0


def test_an_agreed_hour_to_an_answer_is_an_hour_of_work(by_calendar, by_clock):
    worked, clock = (
        found.service_gaps.set_index("customer_id").loc[["over-weekend", "holiday"]]
        for found in (by_calendar, by_clock)
    )
    assert worked.delivered.tolist() == pytest.approx([1, 1.25])
    assert worked.kind.tolist() == ["met", "under"]
    assert clock.delivered.tolist() == pytest.approx([64, 38.25])
    # h1 alone took more than the hour agreed.
    assert failed(by_calendar, "holiday", "slow_answers") == (1, 2)
    assert failed(by_calendar, "over-weekend", "slow_answers") == (0, 1)


def usual_and_others() -> str:
    """Return twenty cases answered after an hour and done after a working day, and some that differ."""
    mondays = ("2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23")
    days = [date.fromisoformat(monday) + timedelta(days=n) for monday in mondays for n in range(5)]
    rows = [f"u{day},holiday,request,{day}T08:30,,{day}T09:30,{day}T17:30" for day in days]
    rows += [f"b{n},over-weekend,other,2026-05-08T17:00,,2026-05-11T09:00,2026-05-11T17:00" for n in range(3)]
    rows += [
        "slow,waited,other,2026-05-11T09:00,,2026-05-11T13:00,2026-05-11T17:00",
        "unanswered,pending,other,2026-05-29T18:00,,,",
        # Needed within six, and within five, working hours of the usual nine; by the clock in three days.
        "six,promised,request,2026-05-08T16:30,2026-05-11T13:30,2026-05-08T16:40,",
        "five,silent,request,2026-05-08T16:30,2026-05-11T12:30,2026-05-08T16:40,",
    ]
    head = "case_id,customer_id,kind,opened_at,needed_by,first_response_at,resolved_at\n"
    return head + "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def against_the_usual(share_dataset) -> tuple[Computed, Computed]:
    """Return the same cases by the calendar and by the clock."""
    worked, clock = (dealings(share_dataset, calendar, cases=usual_and_others()) for calendar in (CALENDAR, ""))
    return worked, clock


def test_short_notice_is_told_by_working_time(against_the_usual):
    worked, clock = (
        found.case_sums.set_index("customer_id").short_notice[["promised", "silent"]].tolist()
        for found in against_the_usual
    )
    # 60% of nine hours is 5.4: six are no short notice, five are.
    assert worked == [0, 1]
    assert clock == [0, 0]


def test_a_slow_answer_is_told_against_the_middle_answer_in_the_same_unit(against_the_usual):
    worked, clock = against_the_usual

    # The middle answer takes an hour either way. Over the weekend it was an hour of work; four hours are slow.
    assert failed(worked, "over-weekend", "slow_answers") == (0, 3)
    assert failed(clock, "over-weekend", "slow_answers") == (3, 3)
    assert failed(worked, "waited", "slow_answers") == failed(clock, "waited", "slow_answers") == (1, 1)


def test_a_case_opened_outside_working_time_and_not_answered_waits_from_the_next_opening_on(against_the_usual):
    worked, clock = against_the_usual

    # The window ends on Sunday: opened on Friday after the close, no time of ours has gone by yet.
    assert failed(worked, "pending", "slow_answers") == (0, 1)
    assert failed(clock, "pending", "slow_answers") == (1, 1)


def test_hours_that_waited_below_nothing_are_told(share_dataset):
    data = share_dataset(customers=CUSTOMERS, cases=CASES.replace(",4.5\n", ",-1\n"))

    told = [str(problem) for problem in Portfolio(data, AS_OF).opened.problems]
    assert any("cases.waiting_hours: this is below 0" in words for words in told)
