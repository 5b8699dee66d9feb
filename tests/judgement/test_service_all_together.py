"""An account that gets more of every service, and too little more of each to stand out in any."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import nbinom, norm

from analysis.policy import Policy, ServiceAttribute
from analysis.statistics.all_together import high_together
from analysis.statistics.rates import Rates
from analysis.topics.service.judgement.like_accounts import against_like_accounts, surely_material

#: Pieces a year of each service that an account of middle size gets.
YEARLY = {"visits": 2.0, "reviews": 1.5, "contacts": 3.0, "trainings": 1.0}
SERVICES = {name: ServiceAttribute(activities=(name,), period="year") for name in YEARLY}
COUNT, EACH = 240, 100.0


def portfolio(times: dict[int, float], seed: int = 4, count: int = COUNT) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Accounts whose service grows with their size, in Poisson counts; some get so many times as much of everything."""
    random = np.random.default_rng(seed)
    size = random.normal(0, 1.0, count)
    names = np.array([f"c{n:04d}" for n in range(count)])
    more = np.ones(count)
    more[list(times)] = list(times.values())
    parts = []
    for name, yearly in YEARLY.items():
        pieces = random.poisson(yearly * np.exp(0.4 * size) * more).astype("float64")
        parts.append(work(names, name, pieces))
    like = pd.DataFrame({"customer_id": names, "years": 1.0, "service": 800.0, "x_size": size})
    return like, pd.concat(parts, ignore_index=True)


def work(names, attribute: str, pieces, asked=0.0, unasked=0.0) -> pd.DataFrame:
    said = {
        "asked_events": asked,
        "asked_minutes": asked * 60,
        "unasked_events": unasked,
        "unasked_minutes": unasked * 60,
    }
    counts = {"events": pieces, "minutes": pieces * 60, "squares": pieces * 3600, "cost": pieces * EACH}
    return pd.DataFrame({"customer_id": names, "attribute": attribute, **counts, **said})


def judged(like: pd.DataFrame, did: pd.DataFrame, services=SERVICES) -> pd.DataFrame:
    texts = {"customer_id": "str", "attribute": "str", "wish": "str", "entitled": "float64", "expected": "float64"}
    said = pd.DataFrame(columns=[*texts, "beyond"]).astype(texts)
    found = against_like_accounts(like, did, said, services, Policy())
    return surely_material(found, pd.Series(80.0, index=like.customer_id))


def over(found: pd.DataFrame) -> pd.Series:
    """Each account's over-service."""
    return found.groupby("customer_id").over_cost.sum()


@pytest.mark.parametrize(("times", "found"), [(4.0, 0.8), (8.0, 0.95)])
def test_a_quarter_that_gets_as_many_times_as_much_of_everything_is_found_and_its_cost_nearly_told(times, found):
    # Their own spread must not hide them: they are more than the 15% whose place the spread is read off.
    planted = dict.fromkeys(range(0, COUNT, 4), times)
    like, did = portfolio(planted)
    cost = over(judged(like, did))
    truly = cost.index.isin([f"c{n:04d}" for n in planted])
    got = did[did.customer_id.isin(cost.index[cost > 0]) & did.customer_id.isin(cost.index[truly])].cost.sum()

    assert (cost[truly] > 0).mean() > found
    # A tenth may be false of those that stand apart in a service, and a tenth of those that do in all together.
    assert (cost[~truly] > 0).sum() <= 0.2 * (cost > 0).sum()
    assert cost[truly].sum() == pytest.approx(got * (1 - 1 / times), rel=0.2)


@pytest.mark.parametrize("seed", range(5))
def test_where_everybody_gets_what_is_due_next_to_nobody_is_picked_out(seed):
    assert (over(judged(*portfolio({}, seed))) > 0).mean() < 0.01


def test_what_is_too_little_to_tell_in_one_service_is_told_by_all_of_them():
    planted = dict.fromkeys(range(0, COUNT, 12), 3.0)
    like, did = portfolio(planted)
    names = [f"c{n:04d}" for n in planted]
    all_of_them = judged(like, did)
    alone = [over(judged(like, did[did.attribute == name], {name: SERVICES[name]}))[names] > 0 for name in YEARLY]

    assert (over(all_of_them)[names] > 0).mean() > 0.7
    assert max(one.mean() for one in alone) < 0.5
    assert all_of_them[all_of_them.over_cost > 0].groupby("customer_id").p_over_served.max().min() > 0.9


def test_nobody_stands_apart_only_for_having_what_one_in_twelve_has_unless_nobody_asked_for_it():
    like, did = portfolio({})
    has = np.arange(COUNT) % 12 == 5
    pieces = np.where(has, 8.0, 0.0)
    services = {**SERVICES, "hotline": ServiceAttribute(activities=("hotline",), period="year")}

    quiet = over(judged(like, pd.concat([did, work(like.customer_id, "hotline", pieces)]), services))
    assert (quiet > 0).mean() < 0.02
    unasked = work(like.customer_id, "hotline", pieces, unasked=pieces)
    said = over(judged(like, pd.concat([did, unasked]), services))
    assert (said[has] > 0).all()


@pytest.mark.parametrize(("of_the_more", "demand"), [(0.5, False), (0.95, True)])
def test_what_is_more_is_demand_only_where_the_more_was_asked_for(of_the_more, demand):
    # Here nine in ten visits are asked for. Four times as many as usual, and of the more half: 60% of all its visits,
    # and of twice as many 70%, were asked for, though the account asked for no more than half of what is more.
    random = np.random.default_rng(2)
    names = [f"c{n:04d}" for n in range(COUNT)]
    pieces = random.poisson(10.0, COUNT).astype("float64")
    pieces[7] = 40.0
    asked = np.round(0.9 * pieces)
    asked[7] = 9.0 + of_the_more * 30.0
    like = pd.DataFrame({"customer_id": names, "years": 1.0, "service": 800.0, "x_size": random.normal(size=COUNT)})
    found = judged(like, work(names, "visits", pieces, asked, pieces - asked), {"visits": SERVICES["visits"]})

    assert (over(found)["c0007"] == 0) == demand


def test_neither_order_nor_names_move_anybody():
    like, did = portfolio(dict.fromkeys(range(0, COUNT, 4), 3.0))
    turned = judged(like.iloc[::-1].reset_index(drop=True), did.sample(frac=1, random_state=1).reset_index(drop=True))
    pd.testing.assert_series_equal(over(turned), over(judged(like, did)), rtol=1e-9)


@pytest.mark.parametrize(("mean", "temper"), [(0.2, 0.5), (3.0, 0.5), (40.0, 0.1)])
def test_the_cumulants_of_a_surprise_are_those_of_the_published_distribution(mean, temper):
    counts, size = np.arange(1000), 1 / temper
    chance = nbinom.pmf(counts, size, size / (size + mean))
    surprise = norm.isf(nbinom.sf(counts, size, size / (size + mean)) + chance / 2)
    known = np.isfinite(surprise)
    surprise, chance = surprise[known], chance[known]
    centre = (chance * surprise).sum()
    by_hand = [centre, *((chance * (surprise - centre) ** power).sum() for power in (2, 3))]

    found = Rates(np.full(3, mean), 1.0, temper, np.zeros(0)).cumulants_of_surprise()[:, 1]
    assert found == pytest.approx(by_hand, abs=0.01)


def test_sums_stand_apart_from_the_lower_half_of_the_accounts_and_not_from_each_other():
    random = np.random.default_rng(8)
    sums = random.normal(0, 2, 400)
    sums[:100] += 9.0
    normal = np.vstack([np.zeros(400), np.full(400, 4.0), np.zeros(400)])
    found = high_together(sums, normal, np.full(400, 4), 0.1)

    assert found.flag[:100].mean() > 0.9
    assert found.flag[100:].mean() < 0.05
    assert not high_together(random.normal(0, 2, 400), normal, np.full(400, 4), 0.1).flag.any()
    # Of one thing alone nothing is summed.
    assert not high_together(sums, normal, np.ones(400), 0.1).flag.any()
