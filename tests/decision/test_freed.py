"""What freed hours replace and bring, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.ledger.costing import Resource
from analysis.topics.actions.judgement.freed import freed_capacity

#: One a minute, 60 an hour; the costing covers a year, the window half of one.
SIX_MONTHS, YEAR = 0.5, 1.0


def _brings(unused_hours: float, freed_hours: float, **stated: float) -> pd.Series:
    """Return what is brought by a resource with so many unused hours a year."""
    resource = Resource(cost=60_000.0, capacity_minutes=60_000.0, **stated)
    supplied = pd.DataFrame({"resource": ["desk"], "unused_minutes": [unused_hours * 60 * SIX_MONTHS]})
    freed = pd.Series({"desk": freed_hours})
    return freed_capacity(freed, supplied, {"desk": resource}, SIX_MONTHS, YEAR).iloc[0]


def test_an_hour_beside_idle_ones_is_worth_nothing_where_the_costing_says_nothing() -> None:
    row = _brings(100, 30)
    assert (row.idle_hours, row.relieves_hours, row.cash_year, row.worth_year) == (100, 0, 0, 0)
    assert row.freed_cost == 30 * 60


def test_the_stated_share_goes_and_freed_minutes_bring_what_they_are_sold_for() -> None:
    row = _brings(100, 30, avoidable=0.5, resale=0.25)
    assert row.cash_year == pytest.approx(30 * 60 * 0.5 + 30 * 60 * 0.25)


def test_an_hour_that_relieves_is_worth_its_full_cost_and_only_the_rest_stands_idle() -> None:
    row = _brings(-10, 30, avoidable=0.5)
    assert (row.idle_hours, row.relieves_hours) == (0, 10)
    assert row.cash_year == pytest.approx(20 * 60 * 0.5)
    assert row.worth_year == pytest.approx(10 * 60 + 20 * 60 * 0.5)


@pytest.mark.parametrize(("freed", "more"), [(10, 0), (19, 0), (20, 1), (30, 1), (150, 2)])
def test_capacity_goes_in_whole_steps_and_those_that_stand_idle_already_are_not_the_plans_doing(freed, more) -> None:
    # A person is 120 hours: 220 idle hours are one whole person, and 20 more free a second.
    row = _brings(220, freed, capacity_step=7200.0)
    assert (row.capacity_step_hours, row.steps_idle, row.steps_freed) == (120, 1, more)
    assert row.cash_year == pytest.approx(more * 120 * 60)


def test_of_a_step_goes_what_the_costing_says_is_avoidable() -> None:
    assert _brings(220, 20, capacity_step=7200.0, avoidable=0.6).cash_year == pytest.approx(120 * 60 * 0.6)
