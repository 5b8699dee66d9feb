"""What holds of every lifetime, and what a planted world must show."""

from __future__ import annotations

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression

from analysis import Portfolio
from analysis.tables.computed import Computed
from analysis.topics.value.judgement.annuity import annuity
from analysis.topics.value.judgement.history import months_back
from analysis.topics.value.judgement.lifetime import Staying, worth
from analysis.topics.value.judgement.logistic import Logistic
from analysis.topics.value.judgement.margin import month_sales, shrunk
from analysis.window import Window
from sample_firms import make_sample

CHANCE = st.floats(0.0, 1.0)


def value(hazards: np.ndarray, margin: float) -> float:
    """Return the value of one account."""
    staying = Staying("tenure", hazards, np.array([False]))
    rows = pd.DataFrame({"full": [margin], "avoidable": [margin], "spread": [0.0]})
    return float(worth(staying, rows, pd.Series([0.0]), 0.1, 1).accounts.clv.iloc[0])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(CHANCE, CHANCE), min_size=1, max_size=36), st.floats(-1e6, 1e6))
def test_a_money_loser_is_never_worth_more_for_staying_longer(pairs, margin):
    stays = np.array([[min(pair) for pair in pairs]])
    goes = np.array([[max(pair) for pair in pairs]])
    gain = value(stays, margin) - value(goes, margin)

    assert gain <= 1e-6 if margin < 0 else gain >= -1e-6


@settings(max_examples=100, deadline=None)
@given(st.lists(CHANCE, min_size=1, max_size=36), st.floats(0.0, 3.0), st.floats(0.0, 0.9))
def test_one_a_month_is_worth_between_nothing_and_a_certain_annuity(hazards, pull, rate):
    row = np.array([hazards])
    months = np.arange(1, len(hazards) + 1)
    certain = float(((1 + rate) ** (-months / 12)).sum())
    found = float(annuity(row, rate, pull)[0])

    assert -1e-12 <= found <= certain + 1e-9
    assert float(annuity(row, rate, 0.0)[0]) == pytest.approx(certain)
    assert found <= float(annuity(row, rate, pull / 2)[0]) + 1e-12


@pytest.mark.parametrize("seed", range(5))
def test_how_sales_vary_is_the_variance_over_the_mean_squared_to_the_last_digit_in_any_order_of_rows(seed):
    drawn = np.random.default_rng(3)
    lines = pd.DataFrame(
        {
            "customer_id": drawn.choice(["a", "b", "c"], 2_000),
            "date": pd.Timestamp("2026-01-01") + pd.to_timedelta(drawn.integers(0, 300, 2_000), unit="D"),
            "net": drawn.integers(-900, 99_999, 2_000),
        }
    )
    monthly = lines.assign(month=lines.date.dt.month).groupby(["customer_id", "month"]).net.sum()
    truth = monthly.groupby("customer_id").agg(lambda sales: sales.var(ddof=0) / sales.mean() ** 2)

    def found(rows: pd.DataFrame) -> pd.Series[float]:
        table = ibis.memtable(rows).mutate(date=ibis._.date.cast("date"), net=(ibis._.net.cast("decimal(18, 4)") / 100))
        table = table.mutate(net=table.net.cast("decimal(18, 4)"))
        return month_sales(table, Window.until(date(2026, 10, 31), 12)).set_index("customer_id").varies

    whole = found(lines)
    assert whole.to_numpy() == pytest.approx(truth.to_numpy(), rel=1e-7)
    assert found(lines.sample(frac=1, random_state=seed)).to_dict() == whole.to_dict()


MONTHS = st.sampled_from([0.0, 1.0, 3.5, 12.0])
ACCOUNT = st.tuples(MONTHS, st.floats(-1e5, 1e5), st.floats(0, 1e5), st.floats(0, 1e5), st.floats(0, 1e9))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.lists(ACCOUNT, min_size=1, max_size=25))
def test_a_whole_window_keeps_its_own_margin_and_a_short_one_lies_between_it_and_its_like(rows):
    frame = pd.DataFrame(rows, columns=["months", "full", "revenue", "cost_to_serve", "off"])
    frame = frame.assign(avoidable=frame.full, total=frame.full, squares=frame.full**2 / 12 + frame.off)
    found = shrunk(frame, pd.Series("", index=frame.index), 12)
    there = frame.months > 0
    own = (frame.full / frame.months)[there]

    assert found.full[~there].isna().all()
    assert found.own[there].between(0, 1).all()
    assert (found.spread[there] >= 0).all()
    whole = there & (frame.months == 12)
    assert found.full[whole].to_numpy() == pytest.approx((frame.full / 12)[whole].to_numpy())
    # Its size lies between its own and its like's, and so does its margin as a share of that.
    months = frame.months[there]
    money = (frame.revenue + frame.cost_to_serve)[there]
    # The engine keeps four decimals: what is less is no size, and a margin is no share of it.
    size = (money.where(money >= 1e-4, 0.0) / months).fillna(0.0)
    weight, whole_margin = float((size * months).sum()), float(frame.full[there].sum())
    sizes = (size, pd.Series(weight / float(months.sum()) if len(months) else 0.0, index=size.index))
    like = whole_margin / weight if weight > 0 else 0.0
    shares = ((own / size.where(size > 0)).fillna(0.0), pd.Series(like, index=size.index))
    corners = np.array([one * share for one in sizes for share in shares] + [own.where(size <= 0, size * shares[0])])
    slack = 1e-6 * (1 + np.abs(corners).max(axis=0, initial=0.0))
    assert (found.full[there] >= corners.min(axis=0) - slack).all()
    assert (found.full[there] <= corners.max(axis=0) + slack).all()


def test_each_account_has_a_pull_of_its_own():
    hazards = np.full((2, 3), 0.2)
    both = annuity(hazards, 0.1, np.array([0.5, 2.0]))

    assert both[0] == pytest.approx(float(annuity(hazards[:1], 0.1, 0.5)[0]))
    assert both[1] == pytest.approx(float(annuity(hazards[1:], 0.1, 2.0)[0]))


@settings(max_examples=60, deadline=None)
@given(st.dates(date(2023, 1, 1), date(2026, 12, 28)), st.sampled_from([date(2026, 11, 1), date(2026, 11, 16)]))
def test_months_are_counted_back_as_the_calendar_does(day, after):
    found = ibis.memtable({"day": [day]}).mutate(back=months_back(ibis._.day, after)).to_pandas().back[0]

    assert after - relativedelta(months=int(found) + 1) <= day
    assert day < after - relativedelta(months=int(found))


def test_where_the_anchor_is_the_same_for_all_the_coefficients_are_those_of_scikit_learn():
    rng = np.random.default_rng(4)
    rows = rng.standard_normal((4_000, 3))
    happened = (rng.random(4_000) < 1 / (1 + np.exp(2.5 - rows @ [0.6, -0.4, 0.0]))).astype("float64")
    ours = Logistic.fit(rows, happened, np.full(4_000, -1.7), prior=0.3)
    theirs = LogisticRegression(C=0.3**2, tol=1e-10, max_iter=10_000).fit(rows, happened)

    assert ours.coefficients[1:] == pytest.approx(theirs.coef_[0], abs=1e-4)
    assert ours.coefficients[0] - 1.7 == pytest.approx(theirs.intercept_[0], abs=1e-4)


def test_the_bootstrap_in_one_step_spreads_as_fitting_again_does():
    rng = np.random.default_rng(5)
    group = np.repeat(np.arange(300), 10)
    rows = np.column_stack([np.repeat(rng.standard_normal(300), 10), rng.standard_normal(3_000)])
    happened = (rng.random(3_000) < 1 / (1 + np.exp(2.0 - rows @ [0.5, 0.2]))).astype("float64")
    offset = np.full(3_000, -2.0)
    quick = Logistic.fit(rows, happened, offset, 1.0).drawn(rows, happened, offset, group, 400, 1)
    again = []
    for _ in range(100):
        picks = (np.arange(10) + 10 * rng.integers(0, 300, 300)[:, None]).ravel()
        again.append(Logistic.fit(rows[picks], happened[picks], offset[picks], 1.0).coefficients)

    assert quick.std(axis=0) == pytest.approx(np.std(again, axis=0), rel=0.25)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = make_sample(tmp_path_factory.mktemp("world"), seed=61, accounts=400, file_format="parquet")
    truth = pd.read_csv(folder / "truth" / "future.csv", dtype={"customer_id": "str"}).query("alive")
    return folder, valued_of(folder), truth


def valued_of(folder) -> Computed:
    """Return the value of a dataset's accounts, without waiting for the kinds among them."""
    return Portfolio(folder, "2026-10-31").computed


@pytest.mark.slow
def test_a_planted_world_is_valued_in_its_order_and_at_its_total(world):
    _, valued, truth = world
    rows = truth.merge(valued.value_judgement, on="customer_id")

    assert valued.staying.model == "signs"
    assert spearmanr(rows.clv, rows.clv_expected)[0] > 0.85
    assert spearmanr(rows.leaves_year, rows.hazard)[0] > 0.4
    assert abs(rows.clv.sum() / rows.clv_expected.sum() - 1) < 0.15
    assert ((rows.clv_expected >= rows.clv_low) & (rows.clv_expected <= rows.clv_high)).mean() > 0.85
    book = valued.worth.book
    assert book["low"] < truth.clv_expected.sum() < book["high"]


def test_chances_told_without_having_seen_the_account_rise_with_what_happened(world):
    _, valued, _ = world
    fit = valued.staying_fit

    assert fit.months.sum() == len(valued.staying.at_risk.left)
    assert fit.actual.sum() == valued.staying.endings
    assert fit.expected.sum() == pytest.approx(fit.actual.sum(), rel=0.05)
    assert fit.expected.is_monotonic_increasing
    assert fit.actual.iloc[-1] > 1.5 * fit.actual.iloc[0]


def test_what_moves_accounts_to_leave_moves_them_the_way_it_was_planted(world):
    _, valued, _ = world
    signs = valued.staying_signs.set_index("sign")

    assert signs.factor["satisfaction"] < 1 < signs.factor["failures"]
    assert signs.factor["contract"] < 1
    assert (signs.low <= signs.factor).all()
    assert (signs.factor <= signs.high).all()


@pytest.mark.slow
def test_nothing_hangs_on_the_order_of_rows(world, tmp_path):
    folder, valued, _ = world
    for file in folder.glob("*.*"):
        if file.suffix == ".parquet":
            pd.read_parquet(file).sample(frac=1, random_state=1).to_parquet(tmp_path / file.name, index=False)
        else:
            tmp_path.joinpath(file.name).write_bytes(file.read_bytes())
    other = valued_of(tmp_path)

    pd.testing.assert_frame_equal(other.value_judgement, valued.value_judgement)
    pd.testing.assert_frame_equal(other.staying_fit, valued.staying_fit)
