"""What an analyst meets: one object, its tables, its days and its policy."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from analysis import Policy, Portfolio
from analysis.data.contract import INPUTS, OUTPUTS, Kind
from analysis.errors import DataError, PolicyError, UsageError
from analysis.facts import plain
from analysis.window import Window
from tests.pages import write_tables

CUSTOMERS = "customer_id,name\nc1,One\nc2,Two\nc3,Three\n"
LINES = """
transaction_id,customer_id,date,kind,list_amount,cogs
t1,c1,2026-01-01,sale,1000,600
t2,c2,2026-10-31,sale,500,450
t3,c1,2025-05-05,sale,100,60
t4,c1,2024-11-05,sale,100,60
"""
EVENTS = """
event_id,customer_id,at,activity
e1,c1,2026-01-01,call
e2,c2,2026-09-15,call
"""
COSTING = """
period = "year"
[resources.desk]
cost = 200
capacity_minutes = 100
[activities.call]
resource = "desk"
minutes = 20
"""
PARTS = {"customers": CUSTOMERS, "transactions": LINES, "service_events": EVENTS, "costing": COSTING}


@pytest.fixture(scope="module")
def data(share_dataset):
    return share_dataset(**PARTS, policy="[finance]\nreceivables_rate = 0.05\n[window]\nmonths = 12\n")


@pytest.fixture(scope="module")
def portfolio(data):
    return Portfolio(data)


DTYPES = {
    Kind.TEXT: "str",
    Kind.NUMBER: "float64",
    Kind.MONEY: "float64",
    Kind.MINUTES: "float64",
    Kind.INTEGER: "Int64",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "datetime64[us]",
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_every_table_of_the_contract_is_there_with_its_columns_in_order_and_typed(portfolio, name):
    frame = portfolio.table(name)
    named = [column for column in frame.columns if column in OUTPUTS[name].names]

    assert named == OUTPUTS[name].names
    assert set(frame.columns) - set(named) == ({"cts_desk"} if name == "accounts" else set())
    for column in OUTPUTS[name].columns:
        assert str(frame[column.name].dtype) == DTYPES[column.kind], column.name


def test_the_contract_page_is_the_one_that_the_package_prints():
    from analysis.data.contract import describe

    assert (Path(__file__).parents[1] / "docs" / "tables.md").read_text(encoding="utf-8") == describe()


#: As the contract names them.
NAMED = """
customer_id name industry region size account_manager list_revenue discounts returns net_revenue cogs freight
gross_margin cost_to_serve cost_to_obtain write_offs financing_cost running_margin net_margin first_year
avoidable_cost gain_if_ended net_margin_low net_margin_high p_unprofitable service_minutes events cts_pct
failure_cost unrequested_cost out_of_scope_cost service_demand segment over_served over_service_cost
beyond_agreed_cost beyond_wanted_cost under_served trouble difficulty_ours difficulty difficult
perceived_difficulty perception_gap perception over_served_archetype difficult_archetype value_to_customer clv
clv_avoidable referral_value relationship_value contract_value exit_fee save_budget save_budget_low
save_budget_high action action_value action_value_low action_value_high
"""


def test_every_column_named_in_the_contract_of_the_outputs_is_in_the_accounts():
    named = NAMED.split()

    assert set(named) <= set(OUTPUTS["accounts"].names)
    tables = "service_gaps offers archetypes reasons actions whale resources bridge departments communication reps"
    assert {*tables.split(), "mutual_value", "rejected"} <= set(OUTPUTS)
    assert len(INPUTS) == 16


def test_the_as_of_day_is_the_last_day_of_the_last_month_that_the_data_covers(portfolio, write_dataset):
    assert portfolio.as_of == date(2026, 10, 31)
    assert (portfolio.window.start, portfolio.window.days) == (date(2025, 11, 1), 365)
    started = {**PARTS, "transactions": LINES.replace("2026-10-31", "2026-10-30")}
    assert Portfolio(write_dataset(**started)).as_of == date(2026, 9, 30)


def test_a_month_that_is_not_over_yet_is_not_covered_whatever_the_data_says(write_dataset):
    ahead = {**PARTS, "transactions": LINES.replace("2026-10-31", "2035-12-31")}
    as_of = Portfolio(write_dataset(**ahead)).as_of

    assert as_of <= date.today()
    assert (as_of + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("as_of", "months", "start"),
    [
        ("2026-10-31", 12, date(2025, 11, 1)),
        ("2026-02-28", 1, date(2026, 2, 1)),
        ("2024-02-29", 12, date(2023, 3, 1)),
        ("2026-10-15", 3, date(2026, 7, 16)),
        ("2026-12-31", 120, date(2017, 1, 1)),
    ],
)
def test_a_window_starts_so_many_calendar_months_before_the_day_after_it(as_of, months, start):
    assert Window.until(date.fromisoformat(as_of), months).start == start


@pytest.mark.parametrize("as_of", ["2026-02-30", "yesterday", "31.10.2026", "0001-01-05", "9999-12-31"])
def test_a_day_that_is_none_or_beyond_the_calendar_is_a_usage_error(data, as_of):
    with pytest.raises(UsageError, match="as-of is"):
        Portfolio(data, as_of)


def test_data_without_a_day_asks_for_one(write_dataset):
    with pytest.raises(DataError, match="Give --as-of"):
        Portfolio(write_dataset(customers=CUSTOMERS, transactions=LINES.splitlines()[1] + "\n"))


def test_overrides_are_laid_on_the_datasets_policy_key_by_key(data):
    p = Portfolio(data, policy={"window": {"months": 3}, "finance": {"discount_rate": 0.2}})

    assert (p.policy.window.months, p.policy.finance.receivables_rate, p.policy.finance.discount_rate) == (3, 0.05, 0.2)
    assert p.accounts.set_index("customer_id").net_revenue.to_dict() == {"c1": 0, "c2": 500, "c3": 0}


def test_a_policy_object_is_taken_as_it_is(data):
    assert Portfolio(data, policy=Policy()).policy.finance.receivables_rate == 0.08


def test_an_unknown_key_is_named_with_the_known_ones(data):
    with pytest.raises(PolicyError, match=r"window\.month: this key is unknown.*months"):
        Portfolio(data, policy={"window": {"month": 3}})
    with pytest.raises(PolicyError, match=r"profit_treshold.*profit_threshold"):
        Portfolio(data, policy={"segments": {"profit_treshold": 3}})


def test_an_unknown_table_is_named_with_the_known_ones(portfolio):
    with pytest.raises(UsageError, match=r"no table 'acounts'.*accounts"):
        portfolio.table("acounts")


def test_a_relative_path_is_found_from_below_the_project(portfolio, data, monkeypatch):
    below = data.parent / "deeply" / "nested"
    below.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(below)

    found = Portfolio(data.name, "2026-10-31")
    pd.testing.assert_frame_equal(found.accounts, portfolio.accounts)


@pytest.fixture(scope="module")
def run_folder(portfolio, tmp_path_factory):
    place = tmp_path_factory.mktemp("run")
    write_tables(portfolio, place / "tables")
    (place / "run.json").write_text(json.dumps(portfolio.facts, ensure_ascii=False), encoding="utf-8")
    return place


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_runs_folder_gives_back_the_very_frames_that_were_computed(portfolio, run_folder, name):
    pd.testing.assert_frame_equal(Portfolio(tables=run_folder).table(name), portfolio.table(name))


def test_what_a_run_of_an_earlier_version_does_not_have_is_not_known(portfolio, run_folder, tmp_path):
    earlier = shutil.copytree(run_folder, tmp_path / "earlier")
    file = earlier / "tables" / "accounts.parquet"
    pd.read_parquet(file).drop(columns=["segment", "net_margin_low"]).to_parquet(file, index=False)

    read, now = Portfolio(tables=earlier).accounts, portfolio.accounts

    assert len(read) > 0
    assert read[["segment", "net_margin_low"]].isna().all(axis=None)
    assert read.dtypes.to_dict() == now.dtypes.to_dict()
    there = ["customer_id", "net_margin"]
    pd.testing.assert_frame_equal(read[there], now[there])


def test_a_runs_folder_gives_back_the_day_the_policy_and_the_facts(portfolio, run_folder):
    read = Portfolio("not there", "2026-10-31", {"finance": {"receivables_rate": 0.05}}, tables=run_folder)

    assert (read.as_of, read.window, read.policy, read.groups) == (
        portfolio.as_of,
        portfolio.window,
        portfolio.policy,
        portfolio.groups,
    )
    assert read.facts == json.loads(json.dumps(portfolio.facts))
    with pytest.raises(UsageError, match="read from a run"):
        _ = read.opened


def test_a_runs_folder_is_not_given_out_as_another_day_or_policy(run_folder, tmp_path):
    with pytest.raises(UsageError, match="run of 2026-10-31"):
        Portfolio(as_of="2026-09-30", tables=run_folder)
    with pytest.raises(UsageError, match="policy of its own"):
        Portfolio(policy={"window": {"months": 3}}, tables=run_folder)
    with pytest.raises(PolicyError, match="windows"):
        Portfolio(policy={"windows": 3}, tables=run_folder)
    with pytest.raises(UsageError, match=r"no run\.json"):
        Portfolio(tables=tmp_path)


def test_an_unlimited_level_of_a_tier_survives_the_way_through_a_run(tmp_path):
    tiers = {"tiers": {"gold": {"site_visits": float("inf"), "account_reviews": 4.0}}}
    run = {"as_of": "2026-10-31", "policy": plain(Policy.read(None, tiers).in_force())}
    (tmp_path / "run.json").write_text(json.dumps(run, allow_nan=False), encoding="utf-8")

    assert Portfolio(tables=tmp_path, policy=tiers).policy.tiers["gold"] == tiers["tiers"]["gold"]


def test_the_year_before_is_there_where_the_data_reaches_back(portfolio, write_dataset):
    assert portfolio.last_year.set_index("customer_id").net_revenue["c1"] == 200
    young = {**PARTS, "transactions": "\n".join(LINES.splitlines()[:4])}
    p = Portfolio(write_dataset(**young))
    assert p.last_year.empty
    assert "The change against a year ago" in {x["what"] for x in p.facts["left_out"]}


def test_the_facts_name_every_input_with_its_rows_and_its_hash(portfolio, data):
    import hashlib

    [sales] = [table for table in portfolio.inputs if table["table"] == "transactions"]
    file = data / "transactions.csv"

    assert (sales["rows"], sales["accepted"], sales["rejected"]) == (4, 4, 0)
    assert sales["files"] == [
        {
            "file": "transactions.csv",
            "bytes": file.stat().st_size,
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        }
    ]


def test_the_rows_behind_a_select_are_hashed_since_its_files_are_not_known(write_dataset, monkeypatch):
    monkeypatch.setenv("SECRET", "hunter2")
    toml = """
[tables.customers]
sql = "SELECT * FROM read_csv('customers.csv') WHERE name <> '${SECRET}'"
[tables.transactions]
path = "transactions.csv"
"""
    data = write_dataset(customers=CUSTOMERS, transactions=LINES, dataset=toml)

    def digest():
        return Portfolio(data).inputs[0]["files"]

    first = digest()
    assert first == digest()
    (data / "customers.csv").write_text("customer_id,name\nc3,Three\nc1,One\nc2,Two\n", encoding="utf-8")
    assert first == digest()
    (data / "customers.csv").write_text(CUSTOMERS.replace("Two", "Twice"), encoding="utf-8")
    assert first != digest()
    monkeypatch.setenv("SECRET", "hunter3")
    (data / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    assert first == digest()


def test_the_skeleton_of_a_dataset_lacks_nothing_but_rows(tmp_path):
    from analysis.data.skeleton import write_skeleton

    list(write_skeleton(tmp_path / "mine"))
    with pytest.raises(DataError, match="no accepted row carries a date"):
        Portfolio(tmp_path / "mine")
    with pytest.raises(UsageError, match="not empty"):
        list(write_skeleton(tmp_path / "mine"))


def test_whoever_reads_a_finished_run_does_without_what_only_computing_needs():
    topics = {"overview": "executive", "archetypes": "archetypes", "difficulty": "difficult", "value": "value"}
    pages = "; ".join(f"from analysis.topics.{topic}.page import {page}" for topic, page in topics.items())
    pages = f"from analysis import Portfolio; {pages}"
    asked = "import sys; print(sorted({'sklearn', 'scipy', 'ibis', 'duckdb'} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", f"{pages}; {asked}"], capture_output=True, text=True, check=True)  # noqa: S603

    assert done.stdout.strip() == "[]"
