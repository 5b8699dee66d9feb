"""A calendar of working time, files in and tables out: the same small record, with and without one, by hand.

8 May 2026 is a Friday, 14 May (a Thursday) the holiday; work is from 8:30 to 17:30, nine hours a day.
"""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import Portfolio
from analysis.tables.conduct import Conduct
from analysis.tables.dealings import Dealings

CUSTOMERS = """customer_id,name
over-weekend,Over a weekend
holiday,Holiday
waited,Waited
promised,Promised
silent,Silent
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
"""
UPDATES = """case_id,at,promised_at
s1,2026-05-08T17:30,
w1,2026-05-11T09:00,
"""
POLICY = """
[calendar]
hours = ["08:30", "17:30"]
holidays = ["2026-05-14"]
"""
#: A full record of a later day, so that the window is that of the as-of day.
AS_OF = "2026-05-31"


@pytest.fixture(scope="module")
def by_calendar(share_dataset) -> Dealings:
    return dealings(share_dataset, POLICY)


@pytest.fixture(scope="module")
def by_clock(share_dataset) -> Dealings:
    return dealings(share_dataset, "")


def dealings(share_dataset, policy: str, **tables: str) -> Dealings:
    tables = {"customers": CUSTOMERS, "cases": CASES, "case_updates": UPDATES, "policy": policy} | tables
    return Dealings(Conduct(Portfolio(share_dataset(**tables), AS_OF).computed.served))


def talk(found: Dealings) -> pd.DataFrame:
    return found.communication.set_index("customer_id")


def failed(found: Dealings, customer: str, failure: str) -> tuple[float, float]:
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


def test_what_waited_for_the_customer_is_no_silence_of_ours(share_dataset):
    waited = CASES.replace("2026-05-18T11:00,\n", "2026-05-18T11:00,60\n")

    # 9 days and 17.5 hours less 60 hours: under the seven days from which it is a gap.
    assert talk(dealings(share_dataset, "", cases=CASES)).longest_silence_days["silent"] > 9
    found = dealings(share_dataset, "", cases=waited)
    assert talk(found).longest_silence_days["silent"] == pytest.approx(9 + 17.5 / 24 - 60 / 24)
    found = dealings(share_dataset, POLICY, cases=waited.replace(",60\n", ",9\n"))
    assert talk(found).longest_silence_days["silent"] == pytest.approx(3 + 2.5 / 9)


def test_an_open_case_has_not_missed_a_date_before_the_time_of_work_after_it_has_begun(share_dataset):
    # As of Sunday, a case promised for Saturday is neither kept nor missed: Monday's opening would still keep it.
    cases = "case_id,customer_id,opened_at,promised_at\nopen,promised,2026-05-04T10:00,2026-05-30T12:00\n"
    found = dealings(share_dataset, POLICY, cases=cases, case_updates="case_id,at\n")
    assert talk(found).dates_given_share["promised"] == 1
    assert pd.isna(talk(found).dates_kept_share["promised"])

    by_the_clock = dealings(share_dataset, "", cases=cases, case_updates="case_id,at\n")
    assert talk(by_the_clock).dates_kept_share["promised"] == 0


AGREED = """
[service.first_answer]
measure = "response_hours"
more_is_more_service = false
"""


def test_an_agreed_hour_to_an_answer_is_an_hour_of_work(share_dataset):
    levels = (
        "customer_id,attribute,basis,level\nover-weekend,first_answer,entitled,1\nholiday,first_answer,entitled,1\n"
    )

    def gaps(policy: str) -> pd.DataFrame:
        data = share_dataset(customers=CUSTOMERS, cases=CASES, service_levels=levels, policy=policy)
        return Portfolio(data, AS_OF).computed.served.service_gaps().set_index("customer_id")

    worked, clock = gaps(POLICY + AGREED), gaps(AGREED)
    assert worked.delivered[["over-weekend", "holiday"]].tolist() == pytest.approx([1, 1.25])
    assert worked.kind[["over-weekend", "holiday"]].tolist() == ["met", "under"]
    assert clock.delivered["over-weekend"] == pytest.approx(64)


def test_short_notice_is_told_by_working_time(share_dataset):
    # Twenty cases of a kind take a working day each: opened at 8:30, done at 17:30.
    usual = "".join(
        f"u{day},holiday,request,2026-{month:02}-{day:02}T08:30,,2026-{month:02}-{day:02}T17:30\n"
        for month, days in ((3, range(2, 7)), (4, range(13, 18)))
        for day in days
    )
    usual += usual.replace("u", "v").replace("reqvest", "request")
    head = "case_id,customer_id,kind,opened_at,needed_by,resolved_at\n"
    # Needed six working hours (of nine usual) from Friday 16:30 on: on Monday at 13:30. By the clock it is 69 hours.
    asked = "n1,promised,request,2026-05-08T16:30,2026-05-11T13:30,\n"
    sooner = "n2,waited,request,2026-05-08T16:30,2026-05-11T12:30,\n"

    def notice(policy: str) -> pd.Series:
        found = dealings(share_dataset, policy, cases=head + usual + asked + sooner, case_updates="case_id,at\n")
        return found.conduct.case_sums.set_index("customer_id").short_notice

    # 60% of nine hours is 5.4: six are no short notice, five are.
    assert notice(POLICY)[["promised", "waited"]].tolist() == [0, 1]
    assert notice("")[["promised", "waited"]].tolist() == [0, 0]


def test_a_slow_answer_is_told_against_the_middle_answer_in_the_same_unit(share_dataset):
    # Nine are answered after one working hour, three of them over a weekend; one after four.
    head = "case_id,customer_id,opened_at,first_response_at,resolved_at\n"
    prompt = "".join(f"a{n},holiday,2026-05-11T09:00,2026-05-11T10:00,2026-05-11T17:00\n" for n in range(6))
    weekend = "".join(f"b{n},promised,2026-05-08T17:00,2026-05-11T09:00,2026-05-11T17:00\n" for n in range(3))
    slow = "c,waited,2026-05-11T09:00,2026-05-11T13:00,2026-05-11T17:00\n"
    tables = {"cases": head + prompt + weekend + slow, "case_updates": "case_id,at\n"}

    worked, clock = dealings(share_dataset, POLICY, **tables), dealings(share_dataset, "", **tables)
    assert failed(worked, "promised", "slow_answers") == (0, 3)
    assert failed(worked, "waited", "slow_answers") == (1, 1)
    assert failed(clock, "promised", "slow_answers") == (3, 3)


def test_a_case_opened_outside_working_time_and_not_answered_waits_from_the_next_opening_on(share_dataset):
    # The window ends on Sunday. Opened on Friday after the close: no time of ours has gone by yet.
    head = "case_id,customer_id,opened_at,first_response_at,resolved_at\n"
    usual = "".join(f"a{n},holiday,2026-05-11T09:00,2026-05-11T10:00,2026-05-11T17:00\n" for n in range(6))
    waiting = "o,waited,2026-05-29T18:00,,\n"
    tables = {"cases": head + usual + waiting, "case_updates": "case_id,at\n"}

    assert failed(dealings(share_dataset, POLICY, **tables), "waited", "slow_answers") == (0, 1)
    assert failed(dealings(share_dataset, "", **tables), "waited", "slow_answers") == (1, 1)


def test_hours_that_waited_below_nothing_are_told(share_dataset):
    cases = CASES.replace(",4.5\n", ",-1\n")
    data = share_dataset(customers=CUSTOMERS, cases=cases)

    told = [str(problem) for problem in Portfolio(data, AS_OF).opened.problems]
    assert any("cases.waiting_hours: this is below 0" in words for words in told)
