"""A run and the one before it: its labels are carried on, it is only read, and it is part of what makes a run new."""

from __future__ import annotations

import json
import shutil
from datetime import date

import pytest

from analysis.publishing import publish
from analysis.publishing.finished import run_before

SEPTEMBER, OCTOBER = "2026-09-30", "2026-10-31"


@pytest.fixture(autouse=True)
def without_pages(monkeypatch) -> None:
    monkeypatch.setattr(publish, "REPORTS", ())
    monkeypatch.setattr(publish, "run_notebooks", lambda *_: None)


@pytest.fixture
def small(write_dataset):
    sales = "".join(f"{n},a,{day},sale,100,40\n" for n, day in enumerate(["2025-11-01", "2026-05-05", OCTOBER]))
    return write_dataset(
        customers="customer_id,name\na,A\n",
        transactions=f"transaction_id,customer_id,date,kind,net_amount,cogs\n{sales}",
    )


def facts(place) -> dict:
    return json.loads((place / "run.json").read_text(encoding="utf-8"))


def test_a_run_says_which_run_came_before_it(small, tmp_path) -> None:
    out = tmp_path / "reports"
    first = publish.run(small, out, as_of=SEPTEMBER)
    second = publish.run(small, out, as_of=OCTOBER)
    assert facts(first)["last_run"] == ""
    assert facts(second)["last_run"] == SEPTEMBER


def test_the_same_run_after_the_same_run_changes_nothing_and_after_another_one_is_new(small, tmp_path) -> None:
    out, said = tmp_path / "reports", []
    publish.run(small, out, as_of=SEPTEMBER)
    alone = facts(publish.run(small, tmp_path / "alone", as_of=OCTOBER))["run_id"]
    place = publish.run(small, out, as_of=OCTOBER)
    after = facts(place)["run_id"]
    publish.run(small, out, as_of=OCTOBER, told=said.append)
    assert said[-1].endswith("is up to date")
    assert facts(place)["run_id"] == after != alone
    shutil.rmtree(out / SEPTEMBER)
    assert facts(publish.run(small, out, as_of=OCTOBER))["run_id"] == alone


def test_latest_is_the_run_of_the_latest_day_and_one_with_a_label_stands_beside_it(small, tmp_path) -> None:
    out = tmp_path / "reports"
    publish.run(small, out, as_of=OCTOBER)
    publish.run(small, out, as_of=SEPTEMBER)
    tuned = publish.run(small, out, as_of=OCTOBER, label="tuned", overrides={"finance": {"discount_rate": 0.2}})

    assert (out / "latest").readlink().name == OCTOBER
    assert tuned == out / f"{OCTOBER}-tuned"
    assert (facts(tuned)["label"], facts(out / OCTOBER)["label"]) == ("tuned", "")
    assert facts(tuned)["last_run"] == SEPTEMBER


def test_a_run_of_which_a_table_is_gone_or_changed_is_made_anew(small, tmp_path) -> None:
    place = publish.run(small, tmp_path / "reports", as_of=OCTOBER)
    whole = {path.name: path.read_bytes() for path in (place / "tables").iterdir()}
    (place / "tables" / "whale.csv").unlink()
    (place / "tables" / "accounts.csv").write_text("cut", encoding="utf-8")

    publish.run(small, tmp_path / "reports", as_of=OCTOBER)

    assert {path.name: path.read_bytes() for path in (place / "tables").iterdir()} == whole


def test_the_run_before_is_left_as_it_was(small, tmp_path) -> None:
    out = tmp_path / "reports"
    first = publish.run(small, out, as_of=SEPTEMBER)
    before = {path: path.read_bytes() for path in first.rglob("*") if path.is_file()}
    publish.run(small, out, as_of=OCTOBER)
    assert {path: path.read_bytes() for path in first.rglob("*") if path.is_file()} == before


def test_the_run_before_is_the_last_whole_one_of_an_earlier_day_and_of_the_same_label_where_there_is_one(
    tmp_path,
) -> None:
    names = ("2026-07-31-tuned", "2026-08-31", "2026-09-30", "2026-10-31", "2026-11-30", "notes", ".stage-2026-10-30")
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text("{}")
    (tmp_path / "2026-10-15").mkdir()  # not finished
    (tmp_path / "2026-10-20").mkdir()  # a table of it is gone
    gone = {"files": {"tables/accounts.csv": {"bytes": 1, "sha256": ""}}}
    (tmp_path / "2026-10-20" / "run.json").write_text(json.dumps(gone))

    day = date.fromisoformat(OCTOBER)
    assert run_before(tmp_path, day) == tmp_path / "2026-09-30"
    assert run_before(tmp_path, day, "tuned") == tmp_path / "2026-07-31-tuned"
    assert run_before(tmp_path, day, "other") == tmp_path / "2026-09-30"
    assert run_before(tmp_path, date(2026, 8, 31)) is None
    assert run_before(None, day) is None
