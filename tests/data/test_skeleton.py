"""`mutual-value init`: what it writes can be checked as it is, and says what each column means."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.data.contract import INPUTS
from analysis.data.skeleton import write_skeleton
from analysis.errors import UsageError
from analysis.opening import open_all


def test_what_it_writes_has_no_problem_but_that_it_is_empty(tmp_path: Path) -> None:
    list(write_skeleton(tmp_path / "mine"))
    opened = open_all(tmp_path / "mine")
    assert [problem.rule for problem in opened.checked.problems] == ["no_accounts"]
    assert {count["table"]: count["rows"] for count in opened.checked.counts()} == {
        "customers": 0,
        "transactions": 0,
        "service_events": 0,
    }
    opened.engine.close()


def test_optional_tables_wait_aside_so_that_an_empty_one_is_not_taken_for_measured(tmp_path: Path) -> None:
    list(write_skeleton(tmp_path))
    assert {path.stem for path in (tmp_path / "optional").iterdir()} == set(INPUTS) - {
        "customers",
        "transactions",
        "service_events",
    }


def test_every_table_can_be_moved_up_as_it_is(tmp_path: Path) -> None:
    list(write_skeleton(tmp_path))
    for path in (tmp_path / "optional").iterdir():
        path.rename(tmp_path / path.name)
    opened = open_all(tmp_path)
    assert [problem.rule for problem in opened.checked.problems] == ["no_accounts"]
    assert len(opened.checked.tables) == len(INPUTS)
    opened.engine.close()


def test_its_readme_explains_every_column_of_every_table(tmp_path: Path) -> None:
    list(write_skeleton(tmp_path))
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    for table in INPUTS.values():
        section = readme.partition(f"\n## {table.name}\n")[2].partition("\n## ")[0]
        assert all(f"*{column}*" in section for column in table.names), table.name


def test_it_does_not_write_into_a_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        list(write_skeleton(tmp_path))
    assert (tmp_path / "customers.csv").read_text() == "mine"
