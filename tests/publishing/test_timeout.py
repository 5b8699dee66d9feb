"""A run is ended at its deadline even while the engine computes."""

from __future__ import annotations

import time

import pytest

from analysis.errors import OutOfTimeError
from analysis.publishing import publish


def test_an_alarm_ends_what_runs_and_is_told_as_out_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "GRACE", 0.0)
    with pytest.raises(OutOfTimeError, match="out of time"), publish._in_time(time.monotonic() + 0.05):
        time.sleep(5)


def test_what_the_engine_says_of_an_alarm_is_told_as_out_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    import ibis

    monkeypatch.setattr(publish, "GRACE", 0.0)
    numbers = ibis.range(0, 150_000).unnest().name("a").as_table()
    big = numbers.cross_join(numbers.rename(b="a")).mutate(c=lambda t: (t.a * t.b) % 7)
    engine = ibis.duckdb.connect()
    with pytest.raises(OutOfTimeError), publish._in_time(time.monotonic() + 0.3):
        engine.execute(big.c.sum())


def test_a_fault_that_is_no_alarm_stays_what_it_is() -> None:
    with pytest.raises(RuntimeError, match="of its own"), publish._in_time(time.monotonic() + 60):
        raise RuntimeError("of its own")


def test_a_file_that_is_no_table_is_warned_of_with_the_name_it_may_mean(write_dataset) -> None:
    from analysis.opening import open_all

    data = write_dataset(
        customers="customer_id,name\nA,Ada\n",
        transaction="x\n1\n",
        cases="case_id,customer_id,opened_at\n1,A,2026-01-01\n",
    )
    opened = open_all(data)
    found = next(p for p in opened.problems if p.rule == "unknown_file")
    assert (found.table, found.severity) == ("transaction.csv", "warning")
    assert "`transactions`" in found.mend
