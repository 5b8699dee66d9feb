"""One account, one answer: what the run of the sample advises is the same everywhere, and a figure has one value."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis import Portfolio
from analysis.facts.history import mail
from analysis.formats import money
from analysis.reporting import drawing
from analysis.reporting.markup import Html
from analysis.topics.overview.account_page.listing import listing
from tests.conftest import SAMPLE
from tests.pages import PAGES, module_of, seen, words
from tests.reports.one_answer import PHRASES, UNTOLD, told, written

#: The cells in which a table says what to do with an account.
ADVICE = ", ".join(f"td[data-label='{words}'] .said" for words in ("Next step", "Step", "What about", "What to do"))
#: Figures that every page counts for itself, as they are its rows; shares follow from what they are shares of.
OWN = {"accounts", "margin_known"}
#: Tables of which a page takes a range, a link or a line alone.
ASIDE = {"accounts_last_year", "activities", "learnt", "next_steps", "rejected", "uncertainty"}


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


def test_the_hours_that_the_plan_frees_are_the_same_by_account_and_by_resource(sample_run: Path) -> None:
    freed, total = (
        pd.read_parquet(sample_run / "tables" / f"{name}.parquet") for name in ("freed_capacity", "plan_total")
    )
    assert freed.freed_hours.sum() == pytest.approx(total.freed_hours.iloc[0])


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


def test_no_choice_named_for_an_account_is_a_bare_trim(sample_run: Path) -> None:
    actions = pd.read_parquet(sample_run / "tables" / "actions.parquet")
    trims = actions[actions.action == "trim_frequency"]
    assert len(trims)
    assert trims.in_words.str.contains(r"\d").all()
    for page in (*(sample_run / "accounts").glob("*.html"), sample_run / "over_served.html"):
        assert "Trim service beyond what is due<" not in page.read_text(encoding="utf-8"), page.name


def test_the_overview_says_the_words_of_the_steps_that_come_first(pages: dict[str, str], steps: pd.DataFrame) -> None:
    for in_short in steps[steps.talk_first.fillna(False)].in_short:
        assert in_short.replace("\xa0", " ") in pages["index.html"]


def test_a_step_in_short_begins_as_the_whole_does_and_is_no_longer(steps: pd.DataFrame) -> None:
    for row in steps.itertuples():
        assert len(row.in_short) <= len(row.sentence)
        assert row.in_short.split("; ")[0] == row.sentence.split("; ")[0]
        assert row.in_short.count("; then ") == row.sentence.count("; then ")


def test_who_is_truly_difficult_is_never_told_that_our_failures_come_first(
    sample_run: Path, accounts: pd.DataFrame, steps: pd.DataFrame
) -> None:
    difficult = set(accounts.customer_id[accounts.difficult.fillna(False)])
    assert difficult
    mine = steps[steps.customer_id.isin(difficult)]
    told = mine[["sentence", "in_short", "because", "against"]].fillna("").agg(" ".join, axis=1)
    assert not told.str.contains("while we fail it|failures (?:come )?first", regex=True).any()
    endings = pd.read_parquet(sample_run / "tables" / "endings.parquet")
    assert not endings[endings.customer_id.isin(difficult)].why_not.fillna("").str.contains("our own failures").any()


def test_no_page_advises_an_account_otherwise_than_its_next_step(sample_run: Path, steps: pd.DataFrame) -> None:
    sentences, seen_on = steps.set_index("customer_id")[["sentence", "in_short"]], set()
    for page in sample_run.glob("*.html"):
        for row in BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select("tbody tr"):
            link, step = row.select_one("th a[href^='accounts/']"), row.select_one(ADVICE)
            if link is not None and step is not None:
                key = str(link["href"]).removeprefix("accounts/").removesuffix(".html")
                seen_on.add(page.name)
                if key in sentences.index:
                    assert step.get_text() in set(sentences.loc[key]), (page.name, key)
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


def test_the_mail_says_the_headline_figures(sample_run: Path) -> None:
    value = pd.read_parquet(sample_run / "tables" / "figures.parquet").set_index("figure").value
    said = dict(line.split(": ", 1) for line in mail(json.loads((sample_run / "run.json").read_text()), "x")[1:])
    for label, figure in {
        "Net revenue": "net_revenue",
        "Cost to serve": "cost_to_serve",
        "Service beyond agreed or wanted": "over_service",
        "Work that our failures caused": "our_failures_cost",
    }.items():
        assert said[label] == money(value[figure], "EUR"), label
    assert said["Net margin"].startswith(money(value["net_margin"], "EUR"))
    assert said["Accounts"] == f"{value['accounts']:.0f}, of which {value['losing_accounts']:.0f} lose money"


@pytest.fixture(scope="module")
def other_figures(sample_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the run with other headline figures: each count one more, and half as much money again."""
    folder = tmp_path_factory.mktemp("other") / sample_run.name
    (folder / "tables").mkdir(parents=True)
    shutil.copy(sample_run / "run.json", folder)
    for table in (sample_run / "tables").glob("*.parquet"):
        (folder / "tables" / table.name).symlink_to(table)
    changed = pd.read_parquet(sample_run / "tables" / "figures.parquet")
    money, counts = changed.unit == "EUR", changed.unit.isin(["accounts", "hours"]) & ~changed.figure.isin(OWN)
    changed.loc[money, "value"] *= 1.5
    changed.loc[changed.unit == "index", "value"] /= 2
    changed.loc[counts, "value"] += 1
    (folder / "tables" / "figures.parquet").unlink()
    changed.to_parquet(folder / "tables" / "figures.parquet")
    return folder


@pytest.fixture(scope="module")
def retold(other_figures: Path) -> dict[str, tuple[Portfolio, str]]:
    """Return the pages of that run, without their drawings, each with the run that it read."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "_drawing", lambda *_: Html())  # a figure draws each account, and tells no headline
        for page in PAGES:
            run = Portfolio(SAMPLE, tables=str(other_figures))
            found[page] = run, words(run, page)
        found["accounts"] = run, seen(listing(run, {}))
    return found


@pytest.mark.slow
def test_every_sentence_that_tells_a_headline_figure_reads_it_from_the_table(
    other_figures: Path, retold: dict[str, tuple[Portfolio, str]]
) -> None:
    figures = pd.read_parquet(other_figures / "tables" / "figures.parquet").set_index("figure")
    said = {page: text for page, (_, text) in retold.items()}
    for figure, row in figures.drop(index=list(UNTOLD)).iterrows():
        found = list(told(said, str(figure), "EUR"))
        assert {value for _, value in found} == {written(row)}, (figure, found)


def test_a_page_links_every_table_that_it_is_made_of(
    sample_run: Path, retold: dict[str, tuple[Portfolio, str]]
) -> None:
    lost = {page: set(retold[page][0]._made_tables) - ASIDE - set(module_of(page).TABLES) for page in PAGES}
    assert {page: tables for page, tables in lost.items() if tables} == {}
    for page in PAGES:
        made_of = set(module_of(page).TABLES)
        file = "index" if page == "executive" else page
        html = (sample_run / f"{file}.html").read_text(encoding="utf-8")
        assert all(f'href="tables/{table}.csv"' in html for table in made_of)


def test_a_trim_goes_to_the_level_that_its_worth_is_counted_from(sample_run: Path, steps: pd.DataFrame) -> None:
    """What it adds is counted from what lies beyond the lower of agreed and asked: its words must go as far."""
    gaps = pd.read_parquet(sample_run / "tables" / "service_gaps.parquet")
    trims = steps[steps["step"] == "trim_frequency"].merge(gaps, on=["customer_id", "attribute"])
    assert len(trims) > 20
    assert ((trims["entitled"] > trims["expected"]) & (trims["delivered"] > trims["entitled"])).any()
    assert (trims["level_now"] - trims["level_then"]).tolist() == pytest.approx(trims["over_units"].tolist())
