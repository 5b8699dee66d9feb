"""A service desk's own log, cases alone: its known figures come out, and what needs revenue is left out and said so."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from analysis import Portfolio
from analysis.tables.computed import Computed

EXAMPLE = Path(__file__).parents[2] / "examples" / "servicenow"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(
        "MUTUAL_VALUE_REAL_DATA" not in os.environ,
        reason="MUTUAL_VALUE_REAL_DATA is unset: it names the folder with servicenow/incident_event_log.parquet",
    ),
]


@pytest.fixture(scope="module")
def portfolio() -> Portfolio:
    return Portfolio(EXAMPLE, date(2017, 2, 28))


@pytest.fixture(scope="module")
def dealings(portfolio: Portfolio) -> Computed:
    return portfolio.computed


def test_every_incident_of_a_known_caller_is_a_case(dealings: Computed) -> None:
    assert dealings.communication.cases.sum() == 24_918 - 3
    assert len(dealings.communication) == 5_245 - 1


def test_the_three_incidents_of_an_unknown_caller_are_set_aside_and_counted(portfolio: Portfolio) -> None:
    cases = next(count for count in portfolio.inputs if count["table"] == "cases")

    assert (cases["rows"], cases["accepted"], cases["rejected"]) == (24_918, 24_915, 3)
    assert portfolio.rejected["table"].tolist() == ["cases"] * 3


def test_36_58_percent_missed_their_service_level(dealings: Computed) -> None:
    missed = dealings.our_failures.query("failure == 'missed_promises'")

    assert missed["count"].sum() / missed["of"].sum() == pytest.approx(0.3658, abs=0.00005)


def test_1_10_percent_were_reopened_whoever_caused_it(dealings: Computed) -> None:
    reopened = dealings.behaviours.query("behaviour == 'reopenings'")["count"].sum()

    assert reopened / 24_915 == pytest.approx(0.0110, abs=0.00005)


def test_an_incident_was_passed_on_0_94_times(dealings: Computed) -> None:
    rows = dealings.communication

    assert (rows.handoffs_per_case * rows.cases).sum() / rows.cases.sum() == pytest.approx(0.94, abs=0.005)


def test_the_busiest_fifth_of_callers_raise_55_3_percent(dealings: Computed) -> None:
    cases = dealings.communication.cases.sort_values(ascending=False)

    assert cases.head(round(len(cases) / 5)).sum() / cases.sum() == pytest.approx(0.553, abs=0.0005)


def test_no_caller_is_difficult_on_reopenings_alone(dealings: Computed) -> None:
    accounts = dealings.difficulty_judgement

    assert set(dealings.behaviours.behaviour) == {"reopenings"}
    assert accounts.difficult.notna().sum() == (dealings.communication.cases >= 6).sum()
    assert not accounts.difficult.fillna(False).any()


def test_what_needs_revenue_is_empty_and_said_with_its_reason(portfolio: Portfolio) -> None:
    accounts = portfolio.accounts
    said = {entry["what"]: entry["why"] for entry in portfolio.facts["left_out"]}

    assert accounts[["net_revenue", "net_margin", "segment", "clv", "save_budget"]].isna().all(axis=None)
    assert said["Revenue, margin and segments"] == "the dataset has no `transactions`"
    assert said["Cost to serve and capacity"] == "the dataset has no `service_events`"
    assert "Late payment and disputes" in said


def test_one_reopened_case_of_a_few_sets_nobody_apart(dealings: Computed) -> None:
    judged = dealings.difficulty_judgement.difficult

    assert judged.notna().sum() > 1_000
    assert judged.sum() <= 0.01 * judged.notna().sum()
