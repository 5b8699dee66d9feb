"""What changed since last time, as the pages tell it: both named, with reasons, and honest where there is none."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from analysis.data.contract import conform
from analysis.topics.actions.page import promises
from analysis.topics.overview.judgement.since import of_line
from analysis.topics.overview.page import executive
from analysis.topics.overview.page.talk_first import record
from analysis.topics.profitability.page import segments
from tests.pages import seen


def words(page: object) -> str:
    return " ".join(seen(str(page)).split())


def account(key: str, **lines: float) -> dict:
    base = {"list_revenue": 1000.0, "cogs": 600.0, "cts_support": 100.0, "service_minutes": 60.0, "events": 5}
    return {"customer_id": key, "name": f"Firm {key}", **base, **lines}


@pytest.fixture
def run(made):
    """Four accounts: B began to cost by its returns, C by our failures; D is new and E is gone since the last run."""
    now = made.statement([
        account("A"), account("B", returns=700.0), account("C", cts_support=500.0, failure_cost=450.0), account("D"),
    ])  # fmt: skip
    before = made.statement([account("A"), account("B"), account("C"), account("E")])
    ago = made.statement([account("A", cts_support=500.0), account("B"), account("C"), account("D")])
    year = made.set_beside(now, ago, "year")
    last = made.set_beside(now, before, "run", run="2026-09-30", ends="2026-09-30", shared_months=11, policy_changed="")
    found = made.made_run(now)
    found.tables = {name: pd.concat([last[name], year[name]], ignore_index=True) for name in last}
    return found


def test_the_overview_names_the_last_run_and_a_year_ago_with_who_crossed_the_line_and_why(run) -> None:
    told = words(executive.what_changed(run))
    assert "Since the run of 30 September 2026, 2 accounts began to cost more than they bring, and none began" in told
    assert "1 account came, 1 went." in told
    assert "Since a year ago, 2 accounts began to cost, and 1 began to earn." in told
    assert "Returns and credits take 70% of what it buys, after nothing" in told
    assert "Work that our own failures caused takes EUR 450, after nothing" in told
    assert told.count("now costs") == 2


def test_the_segments_page_shows_both_as_a_flow_and_a_list_and_says_what_the_windows_share(run) -> None:
    page = segments.since(run)
    told = words(page)
    assert "Since the run of 30 September 2026 (twelve months to 30 September 2026)" in told
    assert "Since a year ago (twelve months to 31 October 2025)" in told
    assert "Eleven months lie in both windows" in told
    assert "Rows: the segment a year ago." in told and "Rows: the segment at the run of 30 September 2026." in told
    assert page.count("<figure") == 2
    assert "Who came: 1 account" in told
    assert "no customer in this window, and nothing was sold to it or done for it" in told
    assert re.search(r"Firm E ?: no customer in this window", told)


def test_another_policy_and_other_rates_are_told(run) -> None:
    compared = run.tables["compared"]
    compared.loc[0, ["policy_changed", "rates_changed"]] = ["finance.discount_rate, window.months", True]
    told = words(segments.since(run))
    assert "The policy was another one then (finance: discount rate and window: months)" in told
    assert "A minute of work cost otherwise then" in told


def test_without_an_earlier_run_a_year_ago_is_told_and_that_this_is_the_first(run) -> None:
    for table in ("compared", "changes"):
        run.tables[table] = run.tables[table][run.tables[table]["against"] == "year"]
    first = pd.DataFrame([{"against": "run", "why_not": "no earlier run lies beside this one"}])
    run.tables["compared"] = conform(pd.concat([first, run.tables["compared"]]), "compared")
    told = words(executive.what_changed(run))
    assert told.startswith("Since a year ago, 2 accounts began to cost more than they bring, and 1 began to earn")
    assert "No earlier run lies beside this one: the next one will be set beside it." in words(segments.since(run))


def test_where_nothing_can_be_set_beside_this_run_that_is_said_and_nothing_else(run) -> None:
    why = ["the earlier run is in USD", "the data does not reach back that far"]
    run.tables["compared"] = run.tables["compared"].assign(why_not=why)
    told = words(executive.what_changed(run))
    assert "There is nothing to set this run beside yet" in told
    assert "The run of 30 September 2026 is not set beside this one: the earlier run is in USD." in told
    assert "Nor is a year ago: the data does not reach back that far." in told
    assert "began" not in told


def promised(**rows: list) -> pd.DataFrame:
    base = {
        "customer_id": ["A", "B", "C"], "name": ["Firm A", "Firm B", "Firm C"], "steps": ["reprice"] * 3,
        "sentence": ["Prices up by 4%"] * 3, "promised_on": ["2026-09-30"] * 3, "horizon_months": [36] * 3,
        "value": [900.0, 600.0, None], "value_low": [800.0, 500.0, None], "value_high": [1000.0, 700.0, None],
        "when_by": ["2026-12-31"] * 3, "verdict": ["not taken yet"] * 3,
    }  # fmt: skip
    return conform(pd.DataFrame({**base, **rows}), "promises")


def test_promises_are_set_against_what_was_done_and_what_came(run) -> None:
    run.tables["promises"] = promised(
        verdict=["kept", "refused", "not taken yet"], taken_on=["2026-10-02", "2026-10-05", None],
        promised_year=[300.0, None, None], came_year=[280.0, None, None],
    )  # fmt: skip
    told = words(promises.last_promises(run))
    assert told.startswith(
        "Of 3 steps promised on 30 September 2026 worth EUR 1.5 k over 36 months: 2 were taken; 1 of them refused; 1 "
        "that can be measured promised EUR 300 a year and brought EUR 280"
    )
    assert "2 October 2026: kept" in told
    assert "owed" in told


def test_what_was_taken_a_month_ago_is_not_told_as_a_failure(run) -> None:
    verdicts = ["taken; too early to tell", "not taken yet", "not taken yet"]
    run.tables["promises"] = promised(verdict=verdicts, taken_on=["2026-10-02", None, None])
    assert "1 was taken; what came cannot be told before three months have passed" in words(record(run))
    run.tables["promises"] = promised(verdict=["not known: what was done is not recorded"] * 3)
    assert "what was done since is not recorded" in words(record(run))


def test_what_no_longer_takes_anything_is_told_as_nothing_and_not_as_a_share_of_nothing() -> None:
    then, now = {"list_revenue": 100.0, "returns": 54.0}, {"list_revenue": 120.0, "returns": 0.0}
    assert of_line("returns", now, then, "EUR") == "returns and credits take nothing of what it buys, after 54%"
    assert of_line("returns", then, now, "EUR") == "returns and credits take 54% of what it buys, after nothing"


def test_a_sum_of_books_kept_in_millions_is_a_sum() -> None:
    told = of_line("write_offs", {"write_offs": 0.3}, {"write_offs": 0.001}, "EUR").replace("\N{NO-BREAK SPACE}", " ")
    assert told == "written off: EUR 0.30, after nothing"
