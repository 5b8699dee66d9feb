"""A run and the one before it: its labels are carried on, it is only read, and it is part of what makes a run new."""

from __future__ import annotations

import json
import shutil
from datetime import date

import pandas as pd
import pytest

from analysis import Portfolio
from analysis.publishing import publish, reports
from analysis.publishing.finished import run_before

pytestmark = pytest.mark.slow
SEPTEMBER, OCTOBER = "2026-09-30", "2026-10-31"


#: As few draws as the policy allows: what is looked for is which run is read and what is made anew.
FEW = "[uncertainty]\ndraws = 100\nrank_draws = 100\n[value]\ndraws = 20\n[steps]\ndraws = 20\n"


@pytest.fixture(scope="module", autouse=True)
def without_pages():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "REPORTS", ())
        patch.setattr(reports, "run_notebooks", lambda *_: None)
        yield


@pytest.fixture(scope="module")
def small(share_dataset):
    sales = "".join(f"{n},a,{day},sale,100,40\n" for n, day in enumerate(["2025-11-01", "2026-05-05", OCTOBER]))
    return share_dataset(
        customers="customer_id,name\na,A\n",
        transactions=f"transaction_id,customer_id,date,kind,net_amount,cogs\n{sales}",
        policy=FEW,
    )


@pytest.fixture(scope="module")
def october(small, tmp_path_factory):
    """A folder with the run of October alone."""
    out = tmp_path_factory.mktemp("october")
    publish.run(small, out, as_of=OCTOBER)
    return out


@pytest.fixture(scope="module")
def months(small, tmp_path_factory):
    """A folder with the run of September and then that of October, and what September was before October's was made."""
    out = tmp_path_factory.mktemp("months")
    first = content(publish.run(small, out, as_of=SEPTEMBER))
    publish.run(small, out, as_of=OCTOBER)
    return out, first


def copied(out, tmp_path):
    """Return a copy of a folder of runs that a test may change."""
    shutil.copytree(out, tmp_path / "reports", symlinks=True)
    return tmp_path / "reports"


def content(place) -> dict:
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def facts(place) -> dict:
    return json.loads((place / "run.json").read_text(encoding="utf-8"))


def test_a_run_says_which_run_came_before_it(months) -> None:
    out, _ = months
    assert facts(out / SEPTEMBER)["last_run"] == ""
    assert facts(out / OCTOBER)["last_run"] == SEPTEMBER


def test_the_same_run_after_the_same_run_changes_nothing_and_after_another_one_is_new(
    small, october, months, tmp_path
) -> None:
    alone, out, said = facts(october / OCTOBER)["run_id"], copied(months[0], tmp_path), []
    after = facts(out / OCTOBER)["run_id"]
    publish.run(small, out, as_of=OCTOBER, told=said.append)
    assert said[-1].endswith("is up to date")
    assert facts(out / OCTOBER)["run_id"] == after != alone
    shutil.rmtree(out / SEPTEMBER)
    assert facts(publish.run(small, out, as_of=OCTOBER))["run_id"] == alone


def test_latest_is_the_run_of_the_latest_day_and_one_with_a_label_stands_beside_it(small, october, tmp_path) -> None:
    out = copied(october, tmp_path)
    publish.run(small, out, as_of=SEPTEMBER)
    tuned = publish.run(small, out, as_of=OCTOBER, label="tuned", overrides={"finance": {"discount_rate": 0.2}})

    assert (out / "latest").readlink().name == OCTOBER
    assert tuned == out / f"{OCTOBER}-tuned"
    assert (facts(tuned)["label"], facts(out / OCTOBER)["label"]) == ("tuned", "")
    assert facts(tuned)["last_run"] == SEPTEMBER


def test_a_run_of_which_a_table_is_gone_or_changed_is_made_anew(small, october, tmp_path) -> None:
    place = copied(october, tmp_path) / OCTOBER
    whole = content(place / "tables")
    (place / "tables" / "whale.csv").unlink()
    (place / "tables" / "accounts.csv").write_text("cut", encoding="utf-8")

    publish.run(small, place.parent, as_of=OCTOBER)

    assert content(place / "tables") == whole


def test_the_run_before_is_left_as_it_was(months) -> None:
    out, before = months
    assert content(out / SEPTEMBER) == before


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


@pytest.fixture(scope="module")
def of_september(share_dataset, tmp_path_factory):
    """A dataset of two accounts whose September was good for one of them, and the run of that day."""
    lines = [
        ("1", "a", "2026-09-10", "sale", 1000, 600),
        ("2", "b", "2026-09-11", "sale", 500, 300),
        ("3", "a", "2026-10-10", "sale", 1000, 600),
        ("4", "a", "2026-10-12", "return", -900, 0),
        ("5", "b", "2026-10-11", "sale", 500, 300),
    ]
    sales = "".join(",".join(map(str, line)) + "\n" for line in lines)
    data = share_dataset(
        customers="customer_id,name\na,Adler\nb,Birke\n",
        transactions=f"transaction_id,customer_id,date,kind,net_amount,cogs\n{sales}",
        policy=FEW,
    )
    out = tmp_path_factory.mktemp("reports")
    publish.run(data, out, as_of=SEPTEMBER, overrides={"window": {"months": 1}})
    return data, out


@pytest.fixture
def september(of_september, tmp_path):
    """Copies of both, which a test may change."""
    data, out = of_september
    shutil.copytree(data, tmp_path / "data")
    return tmp_path / "data", copied(out, tmp_path)


def beside(data, out, **policy) -> tuple[pd.Series, pd.DataFrame]:
    p = Portfolio(data, OCTOBER, {"window": {"months": 1}, **policy}, runs=out)
    compared, changes = p.table("compared").set_index("against"), p.table("changes")
    p.opened.engine.close()
    return compared.loc["run"], changes[changes.against == "run"].set_index("customer_id")


def test_an_account_that_began_to_cost_is_told_with_the_line_that_did_it(september) -> None:
    told, rows = beside(*september)
    assert (told.run, told.both, told.came, told.went, told.shared_months) == (SEPTEMBER, 2, 0, 0, 0)
    assert pd.isna(told.why_not) or told.why_not == ""
    assert (rows.net_margin_before["a"], rows.net_margin["a"]) == (400, -500)
    assert (rows.turned["a"], rows.line["a"], rows.amount["a"]) == ("costs", "returns", -900)
    assert rows.reason["a"] == "returns and credits take 90% of what it buys, after nothing"
    assert rows.difference["b"] == 0
    assert pd.isna(rows.turned["b"])


def test_a_run_in_another_currency_window_or_of_other_accounts_is_not_set_beside_this_one_and_says_why(
    september,
) -> None:
    data, out = september
    for policy, why in (({"currency": "USD"}, "in EUR"), ({"window": {"months": 2}}, "window is of 1 month")):
        told, rows = beside(data, out, **policy)
        assert why in told.why_not
        assert rows.empty
    header, *lines = (data / "transactions.csv").read_text(encoding="utf-8").splitlines()
    (data / "transactions.csv").write_text(
        "\n".join([header, *(line.replace(",b,", ",d,") for line in lines if ",a," not in line)])
    )
    (data / "customers.csv").write_text("customer_id,name\na,Somebody else\nd,Dohle\n")
    told, rows = beside(data, out)
    assert "other accounts" in told.why_not
    assert rows.empty


def test_another_policy_is_named_and_the_first_run_says_that_it_is_the_first(september, tmp_path) -> None:
    data, out = september
    told, rows = beside(data, out, finance={"receivables_rate": 0.2})
    assert told.policy_changed == "finance.receivables_rate"
    assert len(rows) == 2
    told, rows = beside(data, tmp_path / "nowhere")
    assert told.why_not == "no earlier run lies beside this one"
    assert rows.empty


def test_a_run_of_an_earlier_version_that_lacks_columns_is_set_beside_this_one_all_the_same(september) -> None:
    data, out = september
    for name in ("accounts", "next_steps"):
        file = out / SEPTEMBER / "tables" / f"{name}.parquet"
        pd.read_parquet(file).drop(columns=["service_demand", "when_by"], errors="ignore").to_parquet(file)
    facts_ = facts(out / SEPTEMBER)
    (out / SEPTEMBER / "run.json").write_text(json.dumps({**facts_, "files": {}}), encoding="utf-8")
    told, rows = beside(data, out)
    assert pd.isna(told.why_not) or told.why_not == ""
    assert rows.turned["a"] == "costs"
