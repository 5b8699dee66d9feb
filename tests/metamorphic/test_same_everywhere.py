"""The same rows in another order, on one core instead of all: the same tables, to the last digit."""

from __future__ import annotations

import os

import pandas as pd
import pytest
from metamorphic_changes import shuffled
from metamorphic_worlds import sample

from analysis import Portfolio
from analysis.data.contract import OUTPUTS


@pytest.fixture
def one_core():
    """Return a function that leaves this process one core, where the system can do so."""
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    yield lambda: os.sched_setaffinity(0, {min(before)}) if before else None
    if before:
        os.sched_setaffinity(0, before)


def tables(world, place, policy):
    """Return every table of a world."""
    place.mkdir()
    for name, rows in world.tables.items():
        rows.to_csv(place / f"{name}.csv", index=False)
    place.joinpath("costing.toml").write_text(world.costing, "utf-8")
    place.joinpath("policy.toml").write_text(world.policy, "utf-8")
    portfolio = Portfolio(place, world.as_of, policy)
    found = {name: portfolio.table(name) for name in OUTPUTS}
    portfolio.opened.engine.close()
    return found


def test_the_order_of_rows_and_the_number_of_cores_leave_no_trace(tmp_path, fast, one_core):
    world = sample().of(20)
    one = tables(world, tmp_path / "a", fast)
    one_core()
    other = tables(shuffled(world), tmp_path / "b", fast)
    for name, rows in one.items():
        pd.testing.assert_frame_equal(other[name], rows, check_exact=True, obj=name)
    assert len(one["behaviours"]) > 100
    assert one["answers"].satisfied_with.notna().any()
