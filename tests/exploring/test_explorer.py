"""Thresholds of one's own: who would move and why, and what is saved."""

import tomllib
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analysis import Portfolio
from analysis.errors import PolicyError, UsageError
from analysis.exploring import Explorer
from analysis.exploring.saved import difference, save, with_choices
from tests.conftest import SAMPLE

CUSTOMERS = "customer_id,name\n007,Alder & <b>Sons</b>\n008,Birch\n009,Cedar\n"
SALES = """
transaction_id,customer_id,date,kind,net_amount,cogs
T1,007,2026-10-05,sale,100,40
T2,008,2026-10-06,sale,1000,200
T3,009,2026-10-06,sale,500,600
"""
POLICY = '# Ours, since 2024.\ncurrency = "CHF"\n\n[segments]\nwithin_size_bands = false  # too few accounts\n'
DAY = date(2026, 11, 26)


@pytest.fixture
def data(write_dataset) -> Path:
    return write_dataset(customers=CUSTOMERS, transactions=SALES, policy=POLICY)


@pytest.fixture
def x(data: Path) -> Explorer:
    return Explorer(Portfolio(data, "2026-10-31"))


def test_a_line_moved_says_who_crosses_it_and_why(x: Explorer) -> None:
    """Alder earns 60, so it is profitable from 0 and not from 100; Birch earns 800, Cedar loses 100."""
    x.set("segments.profit_threshold", 100.0)
    row = x.moved.query("what == 'Segment'").to_dict("records")
    assert [(one["customer_id"], one["name"], one["because"][:17]) for one in row] == [
        ("007", "Alder & <b>Sons</b>", "running margin 60")
    ]
    assert row[0]["because"].endswith("segments.profit_threshold 0.0 -> 100.0")
    assert row[0]["before"].startswith("Profitable")
    assert row[0]["after"].startswith("Loss-making")
    assert x.counts["difference"].sum() == 0
    assert x.choices == {"segments": {"profit_threshold": 100.0}}


def test_a_line_put_back_is_no_choice_and_moves_nobody(x: Explorer) -> None:
    x.set("segments.profit_threshold", 100.0)
    x.set("difficulty.cases", 3)
    x.set("segments.profit_threshold", 0.0)
    x.set("difficulty.cases", 6)
    assert x.choices == {}
    assert x.q.policy == x.p.policy
    assert x.moved.empty


def test_what_is_moved_equals_what_is_computed_anew(x: Explorer, data: Path) -> None:
    x.set("segments.profit_threshold", 100.0)
    x.set("difficulty.cases", 2)
    x.set("segments.profit_threshold", -200.0)
    anew = Portfolio(data, "2026-10-31", x.choices)
    assert x.q.policy == anew.policy
    pd.testing.assert_frame_equal(x.q.judged, anew.judged)


def test_a_threshold_beyond_what_the_policy_allows_changes_nothing(x: Explorer) -> None:
    with pytest.raises(PolicyError, match="cases"):
        x.set("difficulty.cases", 0)
    assert x.choices == {}
    assert x.moved.empty


def test_a_threshold_that_there_is_not_and_a_value_that_is_no_number_are_told(x: Explorer) -> None:
    with pytest.raises(UsageError, match=r"no threshold to move 'segments.profit'. Known: over_service.amount_share"):
        x.set("segments.profit", 1)
    with pytest.raises(UsageError, match="set to a number, not to 'five'"):
        x.set("segments.profit_threshold", "five")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"no resource in the costing 'desk'\. Known: none"):
        x.set_cost("desk", 1.0)


def test_accounts_are_found_by_a_part_of_name_or_id(x: Explorer) -> None:
    assert x.search("CEDAR")["customer_id"].tolist() == ["009"]
    assert x.search("00")["customer_id"].tolist() == ["008", "009", "007"]
    assert x.search("no such").empty


def test_of_a_finished_run_it_computes_that_policy_and_day(sample_run: Path) -> None:
    finished = Portfolio(tables=sample_run)
    x = Explorer(finished, SAMPLE)
    assert (x.p.policy, x.p.as_of, x.p.window) == (finished.policy, finished.as_of, finished.window)
    assert x.policy_file == SAMPLE / "policy.toml"


def test_what_is_saved_is_what_the_next_run_reads(x: Explorer, data: Path) -> None:
    x.set("segments.profit_threshold", 100.0)
    x.set("difficulty.cases", 3)
    told = x.save("Ann\nof 'sales'", "agreed in May # so\nfar")
    text = (data / "policy.toml").read_text(encoding="utf-8")
    assert "# Ours, since 2024.\n" in text
    assert "within_size_bands = false  # too few accounts" in text
    assert f"# {date.today().isoformat()}, Ann of 'sales': agreed in May # so far" in text
    assert "+profit_threshold = 100.0" in told
    again = Portfolio(data, "2026-10-31")
    assert again.policy == x.q.policy
    assert again.policy.difficulty.cases == 3


def test_a_key_that_is_there_is_changed_in_its_place() -> None:
    text = with_choices("[segments]\nprofit_threshold = 5.0 # old\n\n[finance]\nhorizon_months = 12\n",
                        {"segments": {"profit_threshold": 7.5}}, "Ann", "why", DAY)  # fmt: skip
    assert text.splitlines()[1] == "profit_threshold = 7.5 # 2026-11-26, Ann: why"
    assert tomllib.loads(text) == {"segments": {"profit_threshold": 7.5}, "finance": {"horizon_months": 12}}
    assert difference("a\nb", "a\nc").splitlines()[-2:] == ["-b", "+c"]


def test_a_policy_that_is_saved_keeps_its_rights(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(POLICY, encoding="utf-8")
    file.chmod(0o640)
    save(file, {"segments": {"profit_threshold": 1.0}}, "Ann", "why", DAY)
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("before", "choices", "who", "said"),
    [
        (POLICY, {}, "Ann", "Nothing was changed"),
        (POLICY, {"segments": {"profit_threshold": 1.0}}, " ", "who"),
        ("[segments\n", {"segments": {"profit_threshold": 1.0}}, "Ann", "not TOML"),
        ("segments = 3\n", {"segments": {"profit_threshold": 1.0}}, "Ann", "no table"),
        (POLICY, {"segments": {"no_such_key": 1.0}}, "Ann", "no_such_key"),
    ],
)
def test_what_cannot_be_saved_leaves_the_file_as_it_was(tmp_path: Path, before, choices, who, said) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(before, encoding="utf-8")
    with pytest.raises((UsageError, PolicyError), match=said):
        save(file, choices, who, "why", DAY)
    assert file.read_text(encoding="utf-8") == before
    assert [path.name for path in tmp_path.iterdir()] == ["policy.toml"]
