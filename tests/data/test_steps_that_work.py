"""A world whose steps had the effect that its truth says: on the work since, and on nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sample_firms import expected_values, make_sample, values_together

WORLD = {"seed": 11, "accounts": 250, "noise": 1.0, "over_served": True, "difficult": True, "structure": True}
TABLES = ("service_events", "actions_taken", "transactions", "customers")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, pd.DataFrame]]:
    """Return the tables of one world without and with the effects of its steps."""
    found = []
    for works in (False, True):
        place = make_sample(
            tmp_path_factory.mktemp("world"), seed=11, accounts=250, file_format="parquet", steps_work=works
        )
        read = {name: pd.read_parquet(Path(place) / f"{name}.parquet") for name in TABLES}
        truth = {name: pd.read_csv(Path(place) / "truth" / f"{name}.csv") for name in ("levers", "service")}
        found.append(read | truth)
    return found


def test_only_the_work_after_a_step_that_was_done_is_another(worlds) -> None:
    before, after = worlds
    for name in ("transactions", "customers", "levers"):
        pd.testing.assert_frame_equal(before[name], after[name])
    kept = before["service_events"].event_id.isin(after["service_events"].event_id)
    gone = before["service_events"][~kept].merge(after["actions_taken"], on="customer_id")
    done = gone[~gone.outcome.isin(["open", "refused"]) & (pd.to_datetime(gone["at"]) >= pd.to_datetime(gone.on))]
    assert (~kept).sum() > 20
    assert set(done.event_id) == set(before["service_events"].event_id[~kept])


def test_who_would_not_give_notice_refused_to_and_trims_worked(worlds) -> None:
    taken = worlds[1]["actions_taken"].merge(worlds[1]["levers"], on="customer_id")
    asked = taken[(taken.action == "require_notice") & taken.outcome.isin(["worked", "refused"])]
    assert len(asked) >= 3
    assert ((asked.outcome == "worked") == asked.would_accept_notice).all()
    trims = taken[(taken.action == "trim_frequency") & taken.outcome.notna() & (taken.outcome != "open")]
    assert len(trims) and set(trims.outcome) == {"worked"}


def test_a_trim_takes_nine_tenths_of_what_was_planted_beyond_the_level(worlds) -> None:
    before, after = (world["service_events"] for world in worlds)
    steps = worlds[1]["actions_taken"]
    trims = steps[(steps.action == "trim_frequency") & ~steps.outcome.isin(["open", "refused"])]
    first = trims.groupby("customer_id").on.min()
    visits = worlds[0]["service"].query("attribute == 'site_visits' and planted > 0").set_index("customer_id")
    expected = left = 0.0
    for customer in visits.index.intersection(first.index):
        share = visits.planted[customer] / visits.planned[customer]
        expected += _visits_since(before, customer, first[customer]) * (1.0 - 0.9 * share)
        left += _visits_since(after, customer, first[customer])
    assert expected > 5
    assert left == pytest.approx(expected, abs=3.0 * expected**0.5)


def _visits_since(events: pd.DataFrame, customer: str, day: object) -> int:
    mine = events[(events.customer_id == customer) & (events.activity == "site_visit")]
    return int((pd.to_datetime(mine["at"]) >= pd.Timestamp(str(day))).sum())


def test_steps_together_add_what_each_does_and_one_alone_what_the_levers_say(worlds) -> None:
    levers = worlds[0]["levers"]
    alone = values_together(levers.assign(steps=[("reprice",)] * len(levers)), **WORLD)
    assert alone == pytest.approx(levers.value_reprice, abs=0.01)
    # Whoever gives notice and moves to the portal is no likelier to leave: such gains add up, and so do the costs.
    willing = levers[levers.would_accept_notice & levers.would_move_to_portal & (levers.value_require_notice != 0)]
    both = values_together(willing.assign(steps=[("require_notice", "change_channel")] * len(willing)), **WORLD)
    assert len(willing) > 20
    assert both == pytest.approx(willing.value_require_notice + willing.value_change_channel, abs=0.02)


def test_before_asking_a_world_expects_what_its_answers_come_to() -> None:
    world = {**WORLD, "accounts": 1500}
    expected = expected_values(**world)
    for step in ("reprice", "require_notice", "change_channel"):
        came = values_together(expected.assign(steps=[(step,)] * len(expected)), **world)
        apart = came - expected[f"value_{step}"]
        assert abs(apart.sum()) < 3 * np.sqrt((apart**2).sum()), step
