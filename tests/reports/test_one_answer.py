"""One account, one answer: what the run of the sample advises is the same everywhere, and a figure has one value."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from analysis.formats import count, money
from tests.pages import seen


@pytest.fixture(scope="module")
def steps(sample_run: Path) -> pd.DataFrame:
    return pd.read_parquet(sample_run / "tables" / "next_steps.parquet")


@pytest.fixture(scope="module")
def accounts(sample_run: Path) -> pd.DataFrame:
    return pd.read_parquet(sample_run / "tables" / "accounts.parquet")


@pytest.fixture(scope="module")
def pages(sample_run: Path) -> dict[str, str]:
    return {page.name: seen(page.read_text(encoding="utf-8")) for page in sample_run.glob("*.html")}


def test_every_account_has_one_step_that_the_accounts_name(steps: pd.DataFrame, accounts: pd.DataFrame) -> None:
    assert steps.customer_id.is_unique
    assert set(steps.customer_id) == set(accounts.customer_id)
    both = steps.merge(accounts[["customer_id", "action"]], on="customer_id")
    assert (both.step.fillna("") == both.action.fillna("")).all()


def test_the_plan_advises_nothing_that_is_not_in_an_accounts_step(sample_run: Path, steps: pd.DataFrame) -> None:
    plan = pd.read_parquet(sample_run / "tables" / "plan.parquet")
    decided = steps.set_index("customer_id").steps
    for row in plan.itertuples():
        assert set(row.action.split(" + ")) <= set(decided[row.customer_id].split(" + ")), row.customer_id


def test_no_account_to_protect_is_asked_for_anything_before_it_is_set_right(steps: pd.DataFrame) -> None:
    first = steps[steps.protect_first.fillna(False)]
    assert len(first)
    assert first.step.isin(["restore_service", "mend_our_failures", "talk"]).all()
    assert not (first.talk_first.fillna(False)).any()


def test_a_step_names_the_service_and_its_levels_never_a_bare_trim(steps: pd.DataFrame) -> None:
    trims = steps[steps.steps.fillna("").str.contains("trim_frequency")]
    assert len(trims)
    assert not trims.sentence.str.contains("beyond what is due").any()
    assert trims.sentence.str.contains(r"\d").all()


def test_the_overview_says_the_words_of_the_steps_that_come_first(pages: dict[str, str], steps: pd.DataFrame) -> None:
    for sentence in steps[steps.talk_first.fillna(False)].sentence:
        assert sentence.replace("\xa0", " ") in pages["index.html"]


def test_a_headline_figure_has_one_value_on_every_page(sample_run: Path, pages: dict[str, str]) -> None:
    figures = pd.read_parquet(sample_run / "tables" / "figures.parquet").set_index("figure").value
    told = {page: re.findall(r"(\d+) of 130 accounts cost more than they bring", text) for page, text in pages.items()}
    assert told["index.html"]
    assert {number for found in told.values() for number in found} == {count(figures["losing_accounts"])}
    lost = money(figures["losing_accounts_cost"], "EUR").replace("\xa0", " ")
    for page, text in pages.items():
        assert set(re.findall(r"cost more than they bring: (EUR [\d.]+ [kM]?)", text)) <= {lost}, page
