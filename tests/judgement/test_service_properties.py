"""Whatever was delivered and stated, the gaps keep to the contract; a world without over-service shows none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Portfolio
from analysis.topics.service.judgement.service import REMEDIES, gaps
from sample_firms import make_sample

LEVEL = st.none() | st.floats(0, 100).map(lambda x: round(x, 2)) | st.just(float("inf"))
ROW = st.tuples(
    st.floats(0, 120).map(lambda x: round(x, 2)),
    LEVEL,
    LEVEL,
    st.sampled_from(["", "less", "as_now", "more", "any"]),
    st.booleans(),
    st.booleans(),
)


def frame(rows) -> pd.DataFrame:
    names = ["delivered", "entitled", "expected", "wish", "promise", "waiting"]
    found = pd.DataFrame(rows, columns=names).astype({"entitled": "float64", "expected": "float64"})
    sign = np.where(found.waiting, -1.0, 1.0)
    wish = found.wish.where((found.wish != "") & found.expected.isna()).astype("str")
    measure = np.where(found.waiting, "response_hours", "count")
    cost = (found.delivered * 7).where(~found.waiting)
    return found.assign(sign=sign, wish=wish, measure=measure, cost=cost, units=found.delivered, periods=1.0)


@settings(max_examples=150, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=20))
def test_costs_are_never_negative_and_kinds_say_what_was_passed(rows):
    found = gaps(frame(rows))
    costed = found[~found.waiting]
    more = costed.delivered > costed.entitled + 1e-6, costed.delivered > costed.expected + 1e-6

    assert ((found.over_units >= 0) & np.isfinite(found.over_units)).all()
    assert (costed.over_cost >= 0).all()
    assert found.over_cost[found.waiting].isna().all()
    assert (found[["entitled", "expected"]].notna().any(axis=1)).all()
    assert (costed.kind[more[0] & more[1]] == "both").all()
    assert (costed.kind[more[0] & ~more[1]].isin(["giveaway", "both"])).all()
    assert (found.over_units[found.kind.isin(["under", "met"])] == 0).all()
    assert found.promise[found.kind == "under"].all()
    assert not (found.wants_more & found.within_agreement).any()
    # A unit costs 7, and what the four remedies get is what lies beyond the level due.
    lowest = costed[["entitled", "expected"]].min(axis=1)
    beyond = (costed.delivered - lowest).clip(lower=0) * 7
    assert costed.over_cost.to_numpy() == pytest.approx(beyond.to_numpy(), abs=1e-3)
    parts = costed[[f"cost_to_{name}" for name in REMEDIES]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(costed.over_cost.to_numpy(), abs=1e-3)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((41, True), id="planted", marks=pytest.mark.slow),
        pytest.param((42, False), id="none planted", marks=pytest.mark.slow),
    ],
)
def world(request, tmp_path_factory):
    seed, planted = request.param
    folder = tmp_path_factory.mktemp("world")
    make_sample(folder, seed=seed, accounts=200, over_served=planted, file_format="parquet")
    truth = pd.read_csv(folder / "truth" / "accounts.csv", dtype={"customer_id": "str"}).set_index("customer_id")
    return planted, truth, Portfolio(folder, "2026-10-31")


def test_the_planted_are_found_and_where_none_is_planted_next_to_nobody_is_called_over_served(world):
    planted, truth, p = world
    accounts = p.accounts.set_index("customer_id")
    flagged = accounts.over_served.fillna(False).astype(bool)
    truly = truth.over_served.reindex(accounts.index)

    if planted:
        stated = truth.levels_stated.reindex(accounts.index)
        hit = (flagged & truly & stated).sum()
        assert 2 * hit / ((flagged & stated).sum() + (truly & stated).sum()) > 0.9
    else:
        assert flagged.mean() < 0.02


def test_over_service_cost_is_the_worlds_own_by_the_contracts_rules(world):
    _, truth, p = world
    stated = truth.index[truth.levels_stated & truth.in_window]
    # The world knows levels; what like accounts say of the services without one comes on top.
    gaps = p.service_gaps[p.service_gaps.ground == "level"]
    found = gaps.groupby("customer_id").over_cost.sum().reindex(stated).fillna(0)

    assert (found - truth.over_cost[stated]).abs().max() < 0.0051
    service = pd.read_csv(p.opened.dataset.folder / "truth" / "service.csv", dtype={"customer_id": "str"})
    both = gaps.merge(service, on=["customer_id", "attribute"], suffixes=("", "_true"))
    assert len(both) > 300
    assert (both.delivered - both.delivered_true).abs().max() < 1e-5
    assert (both.over_cost - both.over_cost_true).abs().max() < 0.0051


def test_the_drivers_of_every_account_sum_to_its_gap_with_over_service_among_them(world):
    _, _, p = world
    accounts = p.accounts.set_index("customer_id")
    reasons = p.reasons
    known = accounts[(accounts.list_revenue > 0) & accounts.net_margin.notna()].sort_values("list_revenue")
    assert known.list_revenue.is_unique
    assert (reasons.driver == "over_service").any()
    for customer in known.index[::3]:
        place = known.index.get_loc(customer)
        first = min(max(0, place - 25), len(known) - 51)  # 25 on either side, fewer at the ends
        others = known.iloc[first : first + 51].drop(customer)
        share = accounts.list_revenue[customer] / others.list_revenue.sum()
        gap = others.net_margin.sum() * share - accounts.net_margin[customer]
        mine = reasons[reasons.customer_id == customer].set_index("driver").amount
        assert mine.sum() == pytest.approx(gap, abs=0.005)
        over = accounts.over_service_cost.fillna(0)
        expected = over[customer] - over[others.index].sum() * share
        assert mine.get("over_service", 0.0) == pytest.approx(expected, abs=0.01)


def test_the_chance_and_the_range_hang_together(world):
    planted, _, p = world
    rows = p.accounts[p.accounts.over_service_cost.notna()]

    assert rows.p_over_served.dropna().between(0, 1).all()
    stated = rows[rows.over_served_by == "levels"]
    assert (stated.over_service_cost_low <= stated.over_service_cost + 0.01).all()
    assert (stated.over_service_cost_high >= stated.over_service_cost - 0.01).all()
    if planted:
        sure = stated[stated.over_served.fillna(False).astype(bool)]
        assert sure.p_over_served.mean() > 0.8


def test_demand_and_the_unasked_sum_to_what_the_accounts_are_charged(world):
    _, _, p = world

    for name in ("demand", "demand_by_week"):
        table = p.table(name)
        assert table.cost.sum() == pytest.approx(p.accounts.cost_to_serve.sum(), abs=0.05)
        assert table.failure_cost.sum() == pytest.approx(p.accounts.failure_cost.sum(), abs=0.05)
    assert p.table("unasked").cost.sum() == pytest.approx(p.accounts.unrequested_cost.sum(), abs=0.05)


def test_like_accounts_judge_only_where_no_level_is_known(world):
    _, truth, p = world
    peers = p.service_gaps[p.service_gaps.kind == "peer"]

    stated = p.service_gaps[p.service_gaps.kind != "peer"]
    both = peers.merge(stated[["customer_id", "attribute", "expected"]], on=["customer_id", "attribute"])
    # Beside a level only where one was agreed, no wish is known, and the work was mostly unasked.
    assert both.expected_y.isna().all()
    assert (both.ground == "requested").all()
    assert (both.over_units > 0).all()
    assert peers[peers.over_units > 0].eval("delivered > peer_level").all()
    silent = ~truth.levels_stated.reindex(peers.customer_id).to_numpy(dtype=bool)
    assert peers[silent].groupby("customer_id").size().min() >= 3


def test_the_talks_carry_what_the_customer_said_last(world):
    _, _, p = world
    talks = p.table("expectations")
    surveys = pd.read_parquet(p.opened.dataset.folder / "surveys.parquet")
    # Of several on one day the one that sorts last, so that the order of the rows does not matter.
    said = surveys[pd.to_datetime(surveys.asked_on) <= "2026-10-31"].sort_values(["asked_on", "must_do"])
    latest = said.groupby("customer_id").must_do.last()

    assert len(talks) > 0
    assert talks.questions.str.contains("Does one mistake end it?", regex=False).all()
    for row in talks[talks.customer_id.isin(latest.index)].head(30).itertuples():
        assert (pd.isna(row.must_do) and pd.isna(latest[row.customer_id])) or row.must_do == latest[row.customer_id]
