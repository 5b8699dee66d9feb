"""What is measured of an account's service, and which statement of a level counts."""

from __future__ import annotations

from datetime import date

import ibis
import pytest

from analysis.errors import PolicyError
from analysis.ledger.behaviour import customer_days, measured_attributes, response_hours
from analysis.ledger.working_time import WorkingTime
from analysis.policy import Policy
from analysis.topics.service.measures.levels import latest_statements
from analysis.window import Window

YEAR = Window.until(date(2026, 10, 31), 12)


@pytest.mark.parametrize(
    ("since", "ended", "days"),
    [
        (None, None, 365),
        (date(2025, 11, 1), date(2026, 10, 31), 365),
        (date(2020, 1, 1), date(2025, 11, 1), 1),
        (date(2026, 10, 31), None, 1),
        (date(2026, 11, 1), None, 0),
        (None, date(2025, 10, 31), 0),
        (date(2026, 2, 1), date(2026, 2, 28), 28),
    ],
)
def test_the_days_as_a_customer_count_the_first_and_the_last(since, ended, days):
    rows = ibis.memtable(
        {"customer_id": ["a"], "since": [since], "ended": [ended]},
        schema={"customer_id": "string", "since": "date", "ended": "date"},
    )
    assert customer_days(rows, YEAR).to_pandas().days.tolist() == [days]


def test_the_median_of_an_even_count_lies_between_the_two_in_the_middle():
    opened = ["2026-05-01 00:00:00"] * 4
    first = ["2026-05-01 01:00:00", "2026-05-01 02:00:00", "2026-05-01 05:00:00", "2026-05-09 00:00:00"]
    rows = ibis.memtable(
        {"customer_id": ["a"] * 4, "opened_at": opened, "first_response_at": first, "waiting_hours": [None] * 4},
        schema={
            "customer_id": "string",
            "opened_at": "timestamp",
            "first_response_at": "timestamp",
            "waiting_hours": "float64",
        },
    )
    found = response_hours(rows, YEAR, WorkingTime()).to_pandas()
    assert (found.hours[0], found.answered[0]) == (3.5, 4)


def statements(*rows):
    names = ["customer_id", "attribute", "basis", "level", "wish", "importance", "stated_on", "_file", "_row"]
    types = ["string", "string", "string", "float64", "string", "int64", "date", "string", "int64"]
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    found = latest_statements(ibis.memtable(columns, schema=dict(zip(names, types, strict=True))), date(2026, 10, 31))
    return found.to_pandas().set_index("customer_id")


def test_the_latest_statement_counts_and_of_one_day_the_later_row_of_the_later_file():
    day, later = date(2026, 1, 1), date(2026, 2, 1)
    found = statements(
        ("date", "x", "entitled", 1.0, None, None, later, "", 2),
        ("date", "x", "entitled", 2.0, None, None, day, "", 3),
        ("row", "x", "entitled", 1.0, None, None, day, "", 12),
        ("row", "x", "entitled", 2.0, None, None, day, "", 9),
        ("file", "x", "entitled", 1.0, None, None, day, "b.csv", 2),
        ("file", "x", "entitled", 2.0, None, None, day, "a.csv", 9),
        ("undated", "x", "entitled", 1.0, None, None, day, "", 2),
        ("undated", "x", "entitled", 2.0, None, None, None, "", 3),
    )
    assert found.level.to_dict() == dict.fromkeys(["date", "row", "file", "undated"], 1.0)
    assert found.before.to_dict() == dict.fromkeys(["date", "row", "file", "undated"], 2.0)


def test_a_later_wish_takes_the_place_of_a_level_and_what_says_nothing_takes_none():
    day, later = date(2026, 1, 1), date(2026, 2, 1)
    found = statements(
        ("wish", "x", "expected", 4.0, None, None, day, "", 2),
        ("wish", "x", "expected", None, "less", None, later, "", 3),
        ("nothing", "x", "expected", 4.0, None, None, day, "", 2),
        ("nothing", "x", "expected", None, None, 5, later, "", 3),
    )
    assert found.level.isna().to_dict() == {"wish": True, "nothing": False}
    assert (found.wish["wish"], found.before["wish"]) == ("less", 4)


def test_attributes_are_those_of_cases_and_those_of_the_costings_activities():
    assert list(measured_attributes(Policy(), None)) == ["response_hours"]


@pytest.mark.parametrize(
    ("attribute", "said"),
    [
        ({"measure": "count"}, "measures nothing"),
        ({"measure": "response_hours", "activities": ["call"]}, "no activities and no where"),
        ({"measure": "response_hours", "where": {"rush": True}}, "no activities and no where"),
    ],
)
def test_an_attribute_that_cannot_be_measured_as_it_is_written_is_an_error(attribute, said):
    with pytest.raises(PolicyError, match=said):
        Policy.read(None, {"service": {"odd": attribute}})
