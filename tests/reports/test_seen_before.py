"""What a reader of an early version tripped over, each of a kind: none of it is on the sample's pages again."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis.data.contract import OUTPUTS
from tests.pages import seen

#: How a sentence begins that says what we failed an account with.
WE = r"\bWe (?:failed|had to make|missed|gave no|left without|passed on|were slow|were not in touch)[^.;<]*"


def table(run: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(run / "tables" / f"{name}.parquet")


@pytest.fixture(scope="module")
def pages(sample_run: Path) -> dict[str, str]:
    found = {page.name: page for page in sample_run.glob("*.html")} | {"007": sample_run / "accounts" / "007.html"}
    return {name: re.sub(r"\s+", " ", seen(page.read_text(encoding="utf-8"))) for name, page in found.items()}


def test_the_commonest_step_is_counted_within_packages_too(sample_run: Path, pages: dict[str, str]) -> None:
    counts = table(sample_run, "plan").action.str.split(" + ", regex=False).explode().value_counts()
    assert re.search(rf"the commonest is to [^;.]+, with {counts.iloc[0]} of them", pages["actions.html"])


def test_what_pages_say_that_we_failed_is_what_the_record_counts(sample_run: Path, pages: dict[str, str]) -> None:
    recorded = set(table(sample_run, "our_failures").sentence.dropna())
    told = {
        words.strip() for name in ("perception.html", "difficult.html", "007") for words in re.findall(WE, pages[name])
    }
    assert told
    assert told <= recorded


def test_the_value_of_accounts_in_no_field_is_told(sample_run: Path, pages: dict[str, str]) -> None:
    outside = int(table(sample_run, "mutual_value").value_to_customer.isna().sum())
    assert outside
    assert re.search(rf"{outside} accounts? \([\d.]+%\) (?:is|are) in no field", pages["value.html"])
    assert "To us they are worth EUR" in pages["value.html"]


def test_where_losing_accounts_are_told_the_base_is_said(pages: dict[str, str]) -> None:
    others = r"(\d+) accounts? (?:surely )?(?:earn|lose|cost)s? (?:money )?(?:before|at gross margin)"
    assert re.search(others, pages["profitability.html"])
    assert "Profit is the margin before the cost of winning the account." in pages["segments.html"]
    assert "with sales below break-even" in pages["index.html"]


def test_choices_and_what_is_missing_stand_on_one_page_and_every_page_and_table_is_linked(
    sample_run: Path, pages: dict[str, str]
) -> None:
    assert [name for name, words in pages.items() if "The policy in force" in words] == ["method.html"]
    assert [name for name, words in pages.items() if "Not in this report yet" in words] == ["method.html"]
    linked = {name: _links(sample_run / name) for name in ("index.html", "method.html")}
    assert {name for name in pages if name.endswith(".html")} - {"index.html"} <= linked["index.html"]
    assert {f"tables/{name}.csv" for name in OUTPUTS} <= linked["method.html"]


def test_no_dislike_is_explained_by_words_about_something_else(pages: dict[str, str]) -> None:
    assert "What staff say of how hard it is" in pages["perception.html"]
    assert "feel so" not in pages["perception.html"]


def test_nobody_has_an_undeserved_name_on_the_word_of_few_without_a_case(sample_run: Path) -> None:
    rows = table(sample_run, "reputations")
    bad = rows[rows.perception == "unfairly_labelled"]
    assert len(bad)
    assert not (bad.perceived_difficulty.isna() & (bad.cases.fillna(0) == 0)).any()


def test_red_is_of_costs_and_losses_alone(sample_run: Path) -> None:
    for page in sample_run.glob("*.html"):
        for cell in BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select(
            "td span.cost:not(.tag):not(.flag)"
        ):
            assert cell.get_text().startswith("\N{MINUS SIGN}"), (page.name, cell.get_text())


def _links(page: Path) -> set[str]:
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    return {str(tag["href"]).split("#")[0] for tag in soup.find_all("a", href=True)}
