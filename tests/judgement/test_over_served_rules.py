"""Each rule of over- and under-service by hand: turned round, one of these fails."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson

from analysis.ledger.costing import Activity, Costing, Resource
from analysis.policy import Policy
from analysis.topics.service.judgement.over_served import (
    beyond_chance,
    falls_short,
    judge,
    limits,
    material,
    over_ranges,
    over_service,
    under_served,
)
from analysis.topics.service.judgement.service import delivered, gaps
from analysis.window import Window

DESK = Costing(
    period="year",
    resources={"desk": Resource(cost=1000.0, capacity_minutes=1000.0)},
    activities={"call": Activity(resource="desk", minutes=5.0)},
)


def policy(**over: float) -> Policy:
    return Policy.read(None, {"over_service": {"amount": 100.0, **over}, "uncertainty": {"draws": 100}})


def frame(names: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=names.split())


CUSTOMERS = frame("customer_id net_revenue years", ("a", 1000.0, 0.5), ("b", 5000.0, 1.0), ("c", -900.0, 2.0))
USUAL = np.array([100.0, 4000.0, 0.0])


def test_the_amount_is_a_years_and_grows_with_the_time_as_a_customer():
    assert limits(CUSTOMERS, USUAL, policy(), stated=True).to_dict() == {"a": 50.0, "b": 100.0, "c": 200.0}


def test_where_nobody_stated_an_amount_a_large_account_has_a_limit_of_its_size():
    found = limits(CUSTOMERS, USUAL, policy(amount_share=0.1), stated=False)
    assert found.to_dict() == {"a": 50.0, "b": 400.0, "c": 200.0}


def test_a_share_of_revenue_counts_where_it_is_more_and_credit_notes_make_no_limit():
    found = limits(CUSTOMERS, USUAL, policy(share=0.1), stated=True)
    assert found.to_dict() == {"a": 100.0, "b": 500.0, "c": 200.0}
    unknown = CUSTOMERS.assign(net_revenue=[float("nan"), 0.0, -900.0])
    assert limits(unknown, USUAL, policy(share=0.1, amount=0.0), stated=True).to_dict() == {
        "a": 0.0,
        "b": 0.0,
        "c": 0.0,
    }


GAPS = "measure attribute delivered over_units periods units over_cost"


def test_more_than_a_level_is_held_against_a_poisson_count_around_the_level():
    # Due four a year: nine or more come by chance in 2.1%, eight or more in 5.1%.
    rows = frame(
        GAPS, ("count", "v", 9.0, 5.0, 1.0, 9.0, 50.0), ("count", "v", 8.0, 4.0, 1.0, 8.0, 40.0),
        ("count", "v", 9.0, 5.0, 1.0, 9.0, 0.0),
    )  # fmt: skip
    assert poisson.sf(8, 4) < 0.05 < poisson.sf(7, 4)
    assert beyond_chance(rows, {}, 0.95).tolist() == [True, False, False]
    assert beyond_chance(rows, {}, None).tolist() == [True, True, False]


def test_periods_count_and_minutes_come_in_pieces():
    # Two a quarter are eight a year: fourteen or more come by chance in 3.4%. Minutes: pieces of 60.
    rows = frame(
        GAPS, ("count", "v", 3.5, 1.5, 4.0, 14.0, 1.0), ("minutes", "m", 840.0, 360.0, 1.0, 840.0, 1.0),
        ("minutes", "m", 780.0, 300.0, 1.0, 780.0, 1.0), ("minutes", "other", 20.0, 12.0, 1.0, 20.0, 1.0),
    )  # fmt: skip
    assert poisson.sf(13, 8) < 0.05 < poisson.sf(12, 8)
    assert beyond_chance(rows, {"m": 60.0}, 0.95).tolist() == [True, True, False, True]


def test_thirteen_in_a_year_that_is_due_eight_come_by_chance_and_so_do_minutes_whose_piece_is_not_known():
    # Thirteen or more of eight: 6.4%; fourteen or more: 3.4%, of minutes too, one by one.
    rows = frame(GAPS, ("count", "v", 3.25, 1.25, 4.0, 13.0, 1.0), ("minutes", "other", 14.0, 6.0, 1.0, 14.0, 1.0))
    assert beyond_chance(rows, {}, 0.95).tolist() == [False, True]


def test_little_is_due_little_comes_by_chance_and_an_unknown_number_is_beyond_nothing():
    # Three or more of a half: 1.4%, of one: 8.0%.
    rows = frame(GAPS, ("count", "v", 3.0, 2.5, 1.0, 3.0, 1.0), ("count", "v", 1.0, 0.99, 1.0, np.nan, 1.0))
    assert poisson.sf(2, 0.5) < 0.05 < poisson.sf(2, 1.0)
    assert beyond_chance(rows, {}, 0.95).tolist() == [True, False]


def test_where_no_certainty_is_asked_all_that_goes_beyond_counts():
    rows = frame(GAPS, ("count", "v", 41.0, 1.0, 1.0, np.nan, 1.0), ("count", "v", 41.0, 1.0, 1.0, 41.0, 0.0))
    assert beyond_chance(rows, {}, 0.0).tolist() == [True, False]


SHORT = "customer_id promise entitled expected short_of_agreed short_of_wanted periods measure"


@pytest.mark.parametrize(
    ("row", "falls"),
    [
        (("a", True, 10.0, np.nan, 3.0, np.nan, 1.0, "count"), True),  # 30% of ten, three units
        (("a", True, 10.0, np.nan, 2.9, np.nan, 1.0, "count"), False),  # under the share
        (("a", False, 10.0, np.nan, 9.0, np.nan, 1.0, "count"), False),  # a ceiling may go unused
        (("a", True, 2.0, np.nan, 0.9, np.nan, 1.0, "count"), False),  # not a whole unit in the window
        (("a", True, 2.0, np.nan, 1.0, np.nan, 1.0, "count"), True),  # a whole one
        (("a", True, 2.0, np.nan, 0.9, np.nan, 2.0, "count"), True),  # nearly two of them
        (("a", True, 2.0, np.nan, 0.9, np.nan, 1.0, "response_hours"), True),  # hours are no sum over periods
        (("a", True, np.nan, 10.0, np.nan, 4.0, 1.0, "count"), True),  # nothing agreed: what was asked for
        (("a", True, 10.0, 4.0, 0.0, 9.0, 1.0, "count"), False),  # what was agreed comes first
        (("a", None, 10.0, np.nan, 9.0, np.nan, 1.0, "count"), False),
        (("a", True, 0.0, np.nan, 0.0, np.nan, 9.0, "count"), False),
    ],
)
def test_short_is_what_misses_the_share_and_the_units_of_a_promise(row, falls):
    rows = pd.DataFrame([row], columns=SHORT.split())
    assert falls_short(rows, Policy()).tolist() == [falls]


def test_who_has_a_promise_is_scored_and_one_shortfall_is_enough():
    rows = frame(
        SHORT,
        ("a", True, 10.0, np.nan, 0.0, np.nan, 1.0, "count"), ("a", True, 10.0, np.nan, 9.0, np.nan, 1.0, "count"),
        ("b", True, 10.0, np.nan, 1.0, np.nan, 1.0, "count"), ("c", False, 10.0, np.nan, 9.0, np.nan, 1.0, "count"),
    )  # fmt: skip
    assert under_served(rows, Policy()).set_index("customer_id").under_served.to_dict() == {"a": True, "b": False}


LEVELS = "customer_id over_cost agreed_over_cost wanted_over_cost beyond cost_to_trim"
PEERS = "customer_id over_cost over_cost_low over_cost_high p_over_served"


def test_where_a_policy_names_services_and_no_work_is_recorded_nobody_is_judged_by_the_levels():
    levels = frame("customer_id attribute entitled expected wish", ("a", "calls", 4.0, 2.0, "less"))
    days = frame("customer_id days", ("a", 365))
    nothing = pd.DataFrame(columns=["customer_id", "attribute", "activity", "events", "minutes", "cost"])

    found = gaps(delivered(nothing, None, days, levels, {}, Window.until(date(2026, 10, 31), 12)))

    assert under_served(found, policy()).empty


def test_the_cost_of_all_attributes_is_summed_and_what_is_an_accident_does_not_count():
    gaps = frame(LEVELS, ("a", 70.0, 60.0, 10.0, True, 70.0), ("a", 30.0, 30.0, 0.0, False, 30.0))
    peers = frame(
        PEERS,
        ("a", 5.0, 2.0, 8.0, 0.9),
        ("b", 40.0, 20.0, 60.0, 0.97),
        ("b", 0.0, 0.0, 0.0, 1.0),
        ("b", 0.5, 0.2, 0.8, 0.6),
        ("c", 0.50004, 0.2, 0.8, 0.6),
    )
    found = over_service(gaps, peers).set_index("customer_id")

    assert found.loc["a", ["over_service_cost", "beyond_agreed_cost", "beyond_wanted_cost"]].tolist() == [105, 90, 10]
    assert found.loc["a", ["counted", "by_levels", "by_peers", "low", "high"]].tolist() == [75, 100, 5, 2, 8]
    assert found.loc["b", ["over_service_cost", "counted", "by_peers", "p_peers"]].tolist() == [40.5, 40.5, 40.5, 0.97]
    assert np.isnan(found.by_levels["b"])
    assert found.loc["c", ["over_service_cost", "p_peers"]].tolist() == [0.5, 0.6]  # money has four decimals


def test_a_cost_without_a_range_is_sure_from_its_limit_on():
    # Half of what was delivered is beyond the level: 120 of 240 minutes at 1 a minute.
    work = frame(
        "customer_id attribute activity logged modelled", *((name, "m", "call", 40.0, 200.0) for name in "abc")
    )
    names = "customer_id attribute delivered over_units over_cost beyond"
    gaps = frame(names, *((name, "m", 240.0, 120.0, 120.0, True) for name in "ab"), ("c", "m", 240.0, 0.0, 0.0, False))
    found = over_ranges(work, gaps, pd.Series({"a": 120.0, "b": 121.0, "c": 1.0}), DESK, policy())
    found = found.set_index("customer_id")

    assert found.p_over_served.to_dict() == {"a": 1.0, "b": 0.0, "c": 0.0}
    assert found.over_service_cost_low.to_dict() == found.over_service_cost_high.to_dict()
    assert found.over_service_cost_low.to_dict() == pytest.approx({"a": 120.0, "b": 120.0, "c": 0.0})
    without = over_ranges(work, gaps, pd.Series({"a": 120.0}), None, policy())
    assert without.set_index("customer_id").loc["a"].tolist() == [0.0, 0.0, 0.0]


def test_work_that_obtains_costs_too_and_what_is_beyond_without_a_cost_is_in_no_range():
    activities = {**DESK.activities, "pitch": Activity(resource="desk", purpose="obtain", minutes=5.0)}
    costing = Costing(period="year", resources=DESK.resources, activities=activities)
    work = frame(
        "customer_id attribute activity logged modelled",
        ("a", "m", "pitch", 40.0, 0.0), ("a", "m", "call", 60.0, 0.0), ("b", "m", "call", 1.0, 0.0),
        ("c", "hours", "call", 100.0, 0.0),
    )  # fmt: skip
    gaps = frame(
        "customer_id attribute delivered over_units over_cost beyond",
        ("a", "m", 100.0, 50.0, 50.0, True), ("b", "m", 0.5, 0.25, 0.5, True), ("c", "hours", 9.0, 9.0, 0.0, True),
    )  # fmt: skip
    found = over_ranges(work, gaps, pd.Series({"a": 50.0, "b": 0.5, "c": 1.0}), costing, policy())
    assert found.over_service_cost_high.tolist() == pytest.approx([50.0, 0.5, 0.0])
    assert found.p_over_served.tolist() == [1.0, 1.0, 0.0]


def test_a_cost_with_a_range_is_as_sure_as_its_draws_and_its_ends_are_the_5_and_95_percent_points():
    desk = Resource(cost=1000.0, capacity_minutes=1000.0, uncertainty=0.3)
    costing = Costing(period="year", resources={"desk": desk}, activities=DESK.activities)
    work = frame("customer_id attribute activity logged modelled", ("a", "m", "call", 100.0, 0.0))
    gaps = frame("customer_id attribute delivered over_units over_cost beyond", ("a", "m", 50.0, 50.0, 100.0, True))
    many = Policy.read(None, {"uncertainty": {"draws": 20_000}})
    found = over_ranges(work, gaps, pd.Series({"a": 110.0}), costing, many).iloc[0]

    # Triangular on 70 to 130 about 100: 20 from the top in 60 is (20 / 60)^2 / 2 x 4 = 2 / 9 above; 5% lie 9.49 inside.
    assert found.p_over_served == pytest.approx((20 / 30) ** 2 / 2, abs=0.01)
    assert found.over_service_cost_low == pytest.approx(70 + 30 * np.sqrt(0.1), abs=0.5)
    assert found.over_service_cost_high == pytest.approx(130 - 30 * np.sqrt(0.1), abs=0.5)


def test_of_an_over_served_account_a_tenth_is_material_and_of_others_a_shortfall_alone():
    names = SHORT + " over_cost"
    none = (False, np.nan, np.nan, np.nan, np.nan, 1.0, "count")
    rows = frame(
        names, ("a", *none, 10.0), ("a", *none, 9.9), ("a", *none, 0.0), ("b", *none, 90.0), ("c", *none, 90.0),
        ("b", True, 10.0, np.nan, 5.0, np.nan, 1.0, "count", 0.0), ("d", *none, 0.5), ("d", *none, np.nan),
    )  # fmt: skip
    accounts = frame(
        "customer_id over_served over_service_cost",
        ("a", True, 100.0), ("b", False, 90.0), ("c", None, 90.0), ("d", True, 5.0),
    )  # fmt: skip
    accounts["over_served"] = accounts.over_served.astype("boolean")
    assert material(rows, accounts, Policy()).tolist() == [True, False, False, False, False, True, True, False]


JUDGED = "customer_id over_service_cost beyond_agreed_cost counted by_levels by_peers low high p_peers"
NAN = np.nan


def judged(**days: float) -> pd.DataFrame:
    customers = pd.DataFrame({"customer_id": [*"abcdefghi"], "days": [days.get(name, 365.0) for name in "abcdefghi"]})
    sums = frame(
        JUDGED,
        ("a", 150.0, 150.0, 100.0, 150.0, NAN, NAN, NAN, NAN), ("b", 150.0, 150.0, 99.0, 150.0, NAN, NAN, NAN, NAN),
        ("c", 300.0, NAN, 300.0, NAN, 300.0, 200.0, 400.0, 0.99), ("d", 0.0, 0.0, 0.0, 0.0, NAN, NAN, NAN, NAN),
        ("e", 300.0, 100.0, 300.0, 100.0, 200.0, 150.0, 250.0, 0.8),
        ("f", 200.0, 100.0, 200.0, 100.0, 100.0, 90.0, 110.0, 0.7), ("i", 0.0, NAN, 0.0, NAN, 0.0, 0.0, 0.0, NAN),
    )  # fmt: skip
    drawn = pd.DataFrame({"customer_id": [*"abcdefghi"], "over_service_cost_low": 10.0, "over_service_cost_high": 20.0})
    drawn = drawn.assign(p_over_served=0.9)
    known = pd.DataFrame({"customer_id": ["g"]})
    limit = pd.Series(100.0, index=[*"abcdefghi"]).where(lambda s: s.index != "d", 0.0)
    return judge(customers, sums, sums, drawn, known, limit, policy(days=90)).set_index("customer_id")


def test_who_is_over_served_is_who_reaches_the_limit_by_what_is_no_accident():
    found = judged()
    assert found.over_served.to_dict() == {
        "a": True, "b": False, "c": True, "d": False, "e": True, "f": True, "g": None, "h": None, "i": False,
    }  # fmt: skip


def test_who_cannot_be_judged_is_told_why_and_has_no_judgement():
    found = judged(b=89.0, c=90.0)
    assert found.not_scored.dropna().to_dict() == {
        "b": "a customer for too few days of the window",
        "g": "its levels are of service that has no cost or is not measured",
        "h": "no level is known, and like accounts are too few",
    }
    assert found.loc[["b", "g", "h"], ["over_served", "over_served_by", "p_over_served"]].isna().all(axis=None)


def test_the_ground_is_what_more_of_it_rests_on_and_the_chance_the_surer_of_both():
    found = judged()
    assert found.over_served_by.dropna().to_dict() == {
        "a": "levels", "b": "levels", "c": "peers", "d": "levels", "e": "peers", "f": "levels", "i": "peers",
    }  # fmt: skip
    assert found.p_over_served.dropna().to_dict() == {
        "a": 0.9,
        "b": 0.9,
        "c": 0.99,
        "d": 0.9,
        "e": 0.9,
        "f": 0.9,
        "i": 0.0,
    }


def test_the_range_is_that_of_levels_and_of_like_accounts_together():
    found = judged()
    assert found.loc["e", ["over_service_cost_low", "over_service_cost_high"]].tolist() == [160.0, 270.0]
    assert found.loc["a", ["over_service_cost_low", "over_service_cost_high"]].tolist() == [10.0, 20.0]
    assert found.loc["g", ["over_service_cost_low", "over_service_cost_high"]].isna().all()


def test_the_least_that_is_no_accident_is_over_service_where_the_limit_is_nothing_and_its_range_may_be_unknown():
    customers = frame("customer_id days", ("a", 365.0), ("b", 365.0), ("c", 365.0))
    sums = frame(
        JUDGED, ("a", 0.5, 0.5, 0.5, 0.5, NAN, NAN, NAN, NAN), ("b", 3.0, NAN, 3.0, NAN, 3.0, 2.0, 4.0, 0.9),
        ("c", 9.0, 9.0, 9.0, 9.0, NAN, NAN, NAN, NAN),
    )  # fmt: skip
    drawn = frame(
        "customer_id over_service_cost_low over_service_cost_high p_over_served",
        ("a", 0.4, 0.6, 1.0), ("c", 8.00004, 10.00004, 1.0),
    )  # fmt: skip
    limit = pd.Series(0.0, index=["a", "b", "c"])
    found = judge(customers, sums, sums, drawn, customers[["customer_id"]], limit, policy(days=90))
    assert found.over_served.tolist() == [True, True, True]
    assert found.over_served_by.tolist() == ["levels", "peers", "levels"]
    assert found.over_service_cost_low.tolist() == [0.4, 2.0, 8.0]
    assert found.over_service_cost_high.tolist() == [0.6, 4.0, 10.0]
