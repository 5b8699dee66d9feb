"""One account, one answer: what the run of the sample advises is the same everywhere, and a figure has one value."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from tests.pages import seen
from tests.reports.one_answer import PHRASES, UNTOLD, told, written

#: The cells in which a table says what to do with an account.
ADVICE = ", ".join(f"td[data-label='{words}'] .said" for words in ("Next step", "Step", "What about"))


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


def test_no_page_advises_an_account_otherwise_than_its_next_step(sample_run: Path, steps: pd.DataFrame) -> None:
    sentences, seen_on = steps.set_index("customer_id").sentence, set()
    for page in sample_run.glob("*.html"):
        for row in BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select("tbody tr"):
            link, step = row.select_one("th a[href^='accounts/']"), row.select_one(ADVICE)
            if link is not None and step is not None:
                key = str(link["href"]).removeprefix("accounts/").removesuffix(".html")
                seen_on.add(page.name)
                if key in sentences.index:
                    assert step.get_text() == sentences[key], (page.name, key)
    assert {"index.html", "actions.html", "over_served.html", "difficult.html", "value.html"} <= seen_on


def test_every_headline_figure_is_told_and_no_page_tells_another_value_for_it(
    sample_run: Path, pages: dict[str, str]
) -> None:
    figures = pd.read_parquet(sample_run / "tables" / "figures.parquet").set_index("figure")
    assert set(PHRASES) | UNTOLD == set(figures.index)
    for figure, row in figures.drop(index=list(UNTOLD)).iterrows():
        found = list(told(pages, str(figure), "EUR"))
        assert found, f"no page tells {figure}"
        assert {value for _, value in found} == {written(row)}, (figure, found)


def test_a_sum_of_the_figures_is_the_sum_of_the_accounts(sample_run: Path, accounts: pd.DataFrame) -> None:
    value = pd.read_parquet(sample_run / "tables" / "figures.parquet").set_index("figure").value
    assert value["net_margin"] == pytest.approx(accounts.net_margin.sum())
    assert value["earned"] - value["losing_accounts_cost"] == pytest.approx(value["net_margin"])
    assert value["peak_of_the_curve"] - value["given_back"] == pytest.approx(1)
    assert value["ending_gains"] >= value["ending_them_adds"]
    assert value["over_service"] == pytest.approx(accounts.over_service_cost[accounts.over_served.fillna(False)].sum())
