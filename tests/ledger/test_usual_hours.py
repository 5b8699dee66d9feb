"""The calendar that the record suggests: proposed where nearly all answers come by day, and not where nothing tells."""

from __future__ import annotations

import json
import tomllib
from datetime import datetime, timedelta

import numpy as np
import pytest
from click.testing import CliRunner

from analysis import Portfolio
from analysis.cli import cli
from analysis.facts import facts_of
from analysis.policy import Policy

MONDAY = datetime(2026, 5, 4)
CUSTOMERS = "customer_id,name\na,A\n"
HEAD = "case_id,customer_id,opened_at,first_response_at\n"


def answered(moments: list[datetime]) -> str:
    rows = (
        f"c{n},a,{moment - timedelta(hours=1):%Y-%m-%dT%H:%M},{moment:%Y-%m-%dT%H:%M}"
        for n, moment in enumerate(moments)
    )
    return HEAD + "\n".join(rows) + "\n"


def by_day(count: int, days: int = 5, begins: float = 8.5, hours: float = 9.0) -> list[datetime]:
    """Return moments spread evenly over the working hours of some weeks."""
    random = np.random.default_rng(5)
    return [
        MONDAY + timedelta(days=int(n % days + 7 * (n // days % 3)), minutes=int(60 * (begins + hours * part)))
        for n, part in enumerate(random.permutation(count) / count)
    ]


def checked(data) -> tuple[str, list[dict[str, str]]]:
    found = CliRunner().invoke(cli, ["check", "--data", str(data)])
    as_json = CliRunner().invoke(cli, ["check", "--data", str(data), "--json"])
    return found.output, json.loads(as_json.output)["proposed"]


def test_where_nearly_all_answers_come_on_weekdays_by_day_check_proposes_the_lines_to_paste(write_dataset):
    # 290 within Monday to Friday, 8:30 to 17:30, and 10 on Saturdays: 97%.
    data = write_dataset(customers=CUSTOMERS, cases=answered(by_day(290) + [MONDAY + timedelta(days=5, hours=11)] * 10))
    told, (proposed,) = checked(data)

    assert "97% of 300 first answers fall on Monday to Friday, 08:30 to 17:30" in told
    assert proposed["toml"] in told
    written = tomllib.loads(proposed["toml"])
    assert written["calendar"] == {
        "days": ["mon", "tue", "wed", "thu", "fri"],
        "hours": ["08:30", "17:30"],
        "holidays": [],
    }
    assert Policy.read(None, written).calendar is not None


@pytest.mark.slow
def test_once_it_is_pasted_nothing_is_proposed_and_the_run_says_what_is_counted(write_dataset):
    data = write_dataset(customers=CUSTOMERS, cases=answered(by_day(300)))
    _, (proposed,) = checked(data)
    before = facts_of(Portfolio(data, "2026-05-31"))["assumptions"]
    data.joinpath("policy.toml").write_text(proposed["toml"])

    assert any("the policy states no [calendar]" in words for words in before)
    assert checked(data)[1] == []
    after = facts_of(Portfolio(data, "2026-05-31"))["assumptions"]
    assert (
        "Hours to answer, silences, notice and promised dates count working time: Monday to Friday, 08:30 to 17:30."
        in (after)
    )


def test_a_sixth_day_of_work_is_seen(write_dataset):
    _, (proposed,) = checked(write_dataset(customers=CUSTOMERS, cases=answered(by_day(300, days=6))))
    assert tomllib.loads(proposed["toml"])["calendar"]["days"][-1] == "sat"


@pytest.mark.parametrize(
    "moments",
    [
        pytest.param(by_day(49), id="too few"),
        pytest.param([moment.replace(hour=0, minute=0) for moment in by_day(300)], id="dates without times"),
        pytest.param([moment.replace(hour=9, minute=0) for moment in by_day(300)], id="all noted at one hour"),
        pytest.param(by_day(300, days=7, begins=0, hours=24), id="round the clock"),
        pytest.param(by_day(270) + by_day(30, days=7, begins=0, hours=24), id="one in ten at any time"),
    ],
)
def test_nothing_is_proposed_where_the_record_does_not_tell(write_dataset, moments):
    told, proposed = checked(write_dataset(customers=CUSTOMERS, cases=answered(moments)))
    assert proposed == []
    assert "calendar" not in told


def test_without_answers_our_other_steps_tell(write_dataset):
    updates = "case_id,at\n" + "".join(f"c0,{moment:%Y-%m-%dT%H:%M}\n" for moment in by_day(120))
    data = write_dataset(customers=CUSTOMERS, cases=HEAD + "c0,a,2026-05-01T10:00,\n", case_updates=updates)
    told, (proposed,) = checked(data)

    assert "120 answers and other steps of ours" in told
    assert tomllib.loads(proposed["toml"])["calendar"]["hours"] == ["08:30", "17:30"]


def test_what_lies_after_the_as_of_day_suggests_nothing(write_dataset):
    data = write_dataset(customers=CUSTOMERS, cases=answered(by_day(300)))
    assert not any("calendar" in words for words in facts_of(Portfolio(data, "2026-05-05"))["assumptions"])
