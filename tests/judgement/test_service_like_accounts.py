"""A comparison with like accounts, per service: nobody judges itself, few are too few, and who asked is heard."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import nbinom, poisson

from analysis.policy import Policy, ServiceAttribute
from analysis.statistics.rates import at_least, like_rates
from analysis.topics.service.judgement.like_accounts import against_like_accounts, surely_material

POLICY = Policy()
VISITS = {"visits": ServiceAttribute(activities=("visit",), period="year")}


def alike(count: int, power: float, seed: int = 3) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Accounts whose visits a year grow with a power of their size, in Poisson counts; all asked for by half."""
    random = np.random.default_rng(seed)
    size = random.normal(0, 1.5, count)
    visits = random.poisson(6 * np.exp(power * size)).astype("float64")
    names = [f"c{n:04d}" for n in range(count)]
    like = pd.DataFrame({"customer_id": names, "years": 1.0, "service": visits * 100, "x_size": size / 1.5})
    return like, got(names, visits)


def got(names: list[str], visits, asked=None) -> pd.DataFrame:
    asked = np.zeros(len(names)) if asked is None else asked
    counts = {"events": visits, "minutes": visits * 60, "squares": visits * 3600, "cost": visits * 100}
    known = {"asked_events": asked, "asked_minutes": asked * 60, "unasked_events": 0.0, "unasked_minutes": 0.0}
    return pd.DataFrame({"customer_id": names, "attribute": "visits", **counts, **known})


def compared(like, work, levels=(), policy=POLICY) -> pd.DataFrame:
    names = ["customer_id", "attribute", "entitled", "expected", "wish", "beyond"]
    texts = {"customer_id": "str", "attribute": "str", "wish": "str", "entitled": "float64", "expected": "float64"}
    said = pd.DataFrame(list(levels), columns=names).astype(texts)
    limits = pd.Series(100.0, index=like.customer_id)
    found = against_like_accounts(like, work, said, VISITS, policy)
    return surely_material(found, limits).set_index("customer_id")


def test_the_chance_is_that_of_the_published_distributions():
    counts, means = np.arange(1.0, 12), np.linspace(0.5, 9, 11)
    assert at_least(counts, means, 0.0) == pytest.approx(poisson.sf(counts - 1, means))
    size = 1 / 0.4
    assert at_least(counts, means, 0.4) == pytest.approx(nbinom.sf(counts - 1, size, size / (size + means)))


@pytest.mark.parametrize("due", [5, 60])
def test_where_hardly_anybody_is_known_to_get_no_more_than_is_due_nobody_has_like_accounts(due):
    """A firm may give every account more than was agreed: then none of them tells what like accounts get."""
    like, work = alike(60, 0.5)
    beyond = [(name, "visits", 1.0, None, None, True) for name in like.customer_id[: 60 - due % 60]]

    assert compared(like, work, beyond).empty


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_rates_grow_with_size_as_service_really_grows_and_flag_nobody(power):
    like, work = alike(300, power)
    found = compared(like, work)
    slope = np.polyfit(like.x_size * 1.5, np.log(found.peer_level.loc[like.customer_id]), 1)[0]

    assert slope == pytest.approx(power, abs=0.05)
    assert (found.over_cost > 0).mean() < 0.01


def test_an_account_served_four_times_as_often_as_its_like_is_found_by_what_it_gets_more():
    like, work = alike(200, 0.5)
    due = 6 * np.exp(0.5 * like.x_size[7] * 1.5)
    work.loc[7, ["events", "minutes", "squares", "cost"]] = [4 * due, 240 * due, 14_400 * due, 400 * due]
    row = compared(like, work).loc["c0007"]

    assert row.over_units == pytest.approx(3 * due, rel=0.1)
    assert row.over_cost == pytest.approx(300 * due, rel=0.1)
    assert row.over_cost_low <= row.over_cost <= row.over_cost_high
    assert (row.ground, row.p_over_served > 0.95) == ("peers", True)


def test_no_account_bends_the_line_that_it_is_held_against():
    like, work = alike(120, 0.5)
    before = compared(like, work).peer_level["c0011"]
    work.loc[11, ["events", "minutes", "squares", "cost"]] *= 50

    assert compared(like, work).peer_level["c0011"] == pytest.approx(before, rel=0.02)


def test_more_of_what_it_asked_for_is_demand_and_a_wish_for_more_speaks_against():
    like, work = alike(200, 0.5)
    work.loc[7, ["events", "minutes", "squares", "cost"]] = [60.0, 3600.0, 216_000.0, 6000.0]
    assert compared(like, work).over_units["c0007"] > 40
    asked = got(list(work.customer_id), work.events.to_numpy(), np.where(work.index == 7, 55.0, 0.0))
    found = compared(like, asked).loc["c0007"]
    assert (found.over_units, found.ground) == (0, "requested")
    found = compared(like, work, [("c0007", "visits", None, None, "more", None)]).loc["c0007"]
    assert (found.over_units, found.ground) == (0, "wish")


def test_a_level_of_the_service_takes_the_place_of_the_comparison():
    like, work = alike(60, 0.5)
    found = compared(
        like, work, [("c0003", "visits", 4.0, None, None, False), ("c0004", "other", 4.0, 1.0, None, False)]
    )

    assert "c0003" not in found.index
    assert "c0004" in found.index


def test_fewer_than_the_policys_minimum_judge_nobody():
    assert len(compared(*alike(39, 0.5))) == 0
    assert len(compared(*alike(40, 0.5))) == 40


def test_a_service_that_hardly_anybody_has_has_no_like():
    like, work = alike(60, 0.5)
    assert len(compared(like, work.head(5))) == 0


def test_neither_order_nor_names_move_anybody():
    like, work = alike(90, 0.5)
    before = compared(like, work)
    turned = like.iloc[::-1].reset_index(drop=True)
    after = compared(turned, work.iloc[::-1].reset_index(drop=True))

    assert after.loc[before.index].peer_level.to_numpy() == pytest.approx(before.peer_level.to_numpy(), rel=1e-9)


def test_a_steady_rhythm_makes_a_smaller_excess_plain():
    random = np.random.default_rng(5)
    steady = np.where(random.random(400) < 0.2, 5.0, 4.0)
    rates = like_rates(np.zeros((400, 0)), steady, np.ones(400), np.ones(400, dtype=bool), 1.0, regular=True)
    assert rates.chance(np.full(400, 9.0))[0] < 0.005 < poisson.sf(8, 4)


def test_of_a_service_that_one_account_in_eight_gets_two_pieces_are_as_rare_as_counts_have_it():
    # Of 400 accounts 349 get nothing, 48 one piece and 3 two: the shares of a Poisson count of 54 / 400, .35 of them.
    pieces = np.repeat([0.0, 1.0, 2.0], [349, 48, 3])
    rates = like_rates(np.zeros((400, 0)), pieces, np.ones(400), np.ones(400, dtype=bool), 1.0, regular=True)

    assert rates.middle[0] == pytest.approx(0.135, rel=0.1)
    half = (poisson.sf(1, 0.135) + poisson.sf(2, 0.135)) / 2
    assert rates.chance(np.full(400, 2.0))[0] == pytest.approx(half, rel=0.3)


@pytest.mark.parametrize("mean", [0.5, 2.0, 12.0])
def test_the_middle_and_the_spread_of_counts_are_those_that_they_were_drawn_with(mean):
    random = np.random.default_rng(11)
    pieces = random.poisson(mean * random.gamma(4.0, 0.25, 3000)).astype("float64")
    rates = like_rates(np.zeros((3000, 0)), pieces, np.ones(3000), np.ones(3000, dtype=bool), 1.0, regular=True)

    assert np.exp(rates.line[0]) == pytest.approx(mean, rel=0.05)
    assert rates.temper == pytest.approx(0.25, abs=0.15)


def test_a_tenth_that_gets_three_times_as_much_of_one_service_does_not_hide_itself():
    found = []
    for seed in range(4):
        like, _ = alike(300, 0.5, seed)
        random = np.random.default_rng(seed)
        more = np.arange(300) % 10 == 7
        due = 6 * np.exp(0.5 * like.x_size * 1.5) * np.where(more, 3.0, 1.0)
        over = compared(like, got(list(like.customer_id), random.poisson(due).astype("float64"))).over_cost > 0
        found.append((over[more].mean(), over[~more].mean()))
    truly, falsely = np.mean(found, axis=0)

    assert truly > 0.65
    assert falsely < 0.015
