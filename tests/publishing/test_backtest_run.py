"""`mutual-value backtest` from the command line to the folder, and the sellers' page in a folder of its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis import cli
from analysis.data.contract import BACKTEST
from analysis.errors import UsageError
from analysis.publishing import publish
from analysis.publishing.backtest import backtest
from analysis.topics.backtest.judgement.backtest import Backtest
from sample_firms import make_sample
from tests.pages import QUICK

pytestmark = pytest.mark.slow
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
DAY = "2026-02-28"


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    return backtest(SAMPLE, tmp_path_factory.mktemp("backtests"), first=DAY, last=DAY)


def test_a_backtest_lands_in_a_folder_of_its_days_with_page_tables_notebook_and_facts(done) -> None:
    assert done.name == f"{DAY}_to_{DAY}"
    there = {path.relative_to(done).as_posix() for path in done.rglob("*") if path.is_file()}
    tables = {f"tables/{name}.{suffix}" for name in BACKTEST for suffix in ("parquet", "csv")}
    assert there == {"backtest.html", "run.json", "notebooks/backtest.ipynb", *tables}
    facts = json.loads((done / "run.json").read_text(encoding="utf-8"))
    assert (facts["days"], facts["ahead_months"], facts["left_out"]) == ([DAY], 6, [])
    assert len(facts["run_id"]) == 12


def test_its_page_says_what_its_tables_say(done) -> None:
    page = BeautifulSoup((done / "backtest.html").read_text(encoding="utf-8"), "html.parser")
    scores = pd.read_parquet(done / "tables" / "scores.parquet")
    kept = scores[scores.as_of.isna() & (scores.measure == "kept")].ours.item()
    assert f"{kept:.0%} of accounts were in the same segment" in page.get_text(" ", strip=True)
    assert page.find("script") is None


def test_the_same_backtest_changes_nothing(done) -> None:
    told: list[str] = []
    before = (done / "run.json").stat().st_mtime_ns
    again = backtest(SAMPLE, done.parent, first=DAY, last=DAY, told=told.append)
    assert again == done
    assert told[-1].endswith("is up to date")
    assert (done / "run.json").stat().st_mtime_ns == before


def test_another_policy_for_the_same_days_needs_another_folder(done) -> None:
    with pytest.raises(UsageError, match="another policy"):
        backtest(SAMPLE, done.parent, first=DAY, last=DAY, overrides={"backtest": {"sure": 0.8}})


def test_a_backtest_is_read_from_its_folder_as_it_was_computed(done, tmp_path) -> None:
    read = Backtest(tables=done)
    assert [day.isoformat() for day in read.days] == [DAY]
    assert len(read.table("replays")) > 50
    with pytest.raises(UsageError, match="no table 'accounts'"):
        read.table("accounts")
    with pytest.raises(UsageError, match=r"it has no run\.json"):
        Backtest(tables=done.parent)
    shutil.copy(done / "run.json", tmp_path)
    with pytest.raises(UsageError, match="has no table replays: make the backtest again"):
        Backtest(tables=tmp_path).table("replays")


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--from", "2025-01-31"], 2, "only days from 2025-06-30 to 2026-04-30 can be replayed"),
        (["--from", "soon"], 2, "write a day as 2026-10-31"),
        (["--every", "0"], 2, "--every"),
        (["--set", "backtest.ahead_months=99"], 2, "backtest.ahead_months"),
    ],
)
def test_what_cannot_be_replayed_ends_with_words_and_the_code_of_usage(tmp_path, capsys, options, code, words) -> None:
    out = tmp_path / "out"
    with pytest.raises(SystemExit) as ended:
        cli.main(["backtest", "--data", str(SAMPLE), "--out", str(out), *options])
    assert ended.value.code == code
    assert words in capsys.readouterr().err
    assert not [path for path in out.glob("*") if not path.name.startswith(".")]


def test_data_that_does_not_exist_ends_with_the_code_of_usage(tmp_path, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["backtest", "--data", str(tmp_path / "nowhere"), "--out", str(tmp_path)])
    assert ended.value.code == 2


def test_the_sellers_page_and_its_notebook_lie_in_a_folder_of_their_own(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(publish, "REPORTS", ())
    firm = make_sample(tmp_path / "firm", seed=2, accounts=40)
    named = set(pd.read_csv(firm / "customers.csv").account_manager.dropna())
    place = publish.run(firm, tmp_path / "out", overrides={**QUICK, "sellers": {"publish": True}})
    there = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.suffix in (".html", ".ipynb")}
    there = {file for file in there if not file.startswith(("accounts/", "accounts.html"))}
    assert there == {"account_managers/index.html", "account_managers/account_managers.ipynb"}
    sellers = pd.read_parquet(place / "tables" / "reps.parquet").rep
    assert {*sellers} == named and len(named) > 1
    page = (place / "account_managers" / "index.html").read_text(encoding="utf-8")
    assert all(name in page for name in sellers)
    assert "never persons" not in page
    facts = (place / "run.json").read_text(encoding="utf-8")
    assert json.loads(facts)["sellers"] == {"published": True, "sellers": len(named), "revenue_covered": 1.0}
    assert not any(name in facts for name in sellers)
