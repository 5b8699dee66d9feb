"""The ledger says what hand-written SQL and pandas say of the same files, to the cent: the benchmarks hold it, too."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_sql_and_pandas_written_by_hand_find_the_same_accounts_and_resources(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    ledger, big = import_module("ledger"), import_module("big_dataset")
    big.write_dataset(tmp_path, big.Size(events=20_000, lines=20_000, accounts=400))
    found = {
        name: ledger.CONTENDERS[name](tmp_path, ledger.STARTS, ledger.ENDS) for name in ("project", "sql", "pandas")
    }
    assert len(found["sql"][0]) > 300
    ledger.compare(found["project"], found["sql"], "project")
    ledger.compare(found["pandas"], found["sql"], "pandas")


def test_a_ratio_above_its_aim_is_told_as_not_met(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    ratios = import_module("ratios")
    rows = [ratios.Ratio("a", 3.0, 2.0, aim=1.5), ratios.Ratio("b", 3.1, 2.0, aim=1.5), ratios.Ratio("c", 1.0, 4.0)]
    last = [line.split("|")[-3:-1] for line in ratios.table(rows).splitlines()[2:]]
    assert [[cell.strip() for cell in cells] for cells in last] == [
        ["1.50", "at most 1.50: met"],
        ["1.55", "at most 1.50: NOT met"],
        ["0.25", ""],
    ]
