"""A backtest from files to scores: which days can be replayed, and what each replay knows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analysis import Portfolio
from analysis.errors import UsageError
from analysis.topics.backtest.judgement.backtest import Backtest
from analysis.topics.backtest.judgement.days import months_on

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
DAY = date(2025, 10, 31)


def sales(*days: str) -> str:
    lines = [f"{n},A,{day},sale,10,1" for n, day in enumerate(days)]
    return "\n".join(["transaction_id,customer_id,date,kind,list_amount,cogs", *lines, ""])


@pytest.fixture(scope="module")
def once():
    backtest = Backtest(SAMPLE, DAY, DAY)
    yield backtest
    backtest.opened.engine.close()


@pytest.mark.slow
def test_the_days_of_the_sample_reach_from_its_first_whole_window_to_six_months_before_its_end(once):
    assert (once.within.first, once.within.last) == (date(2025, 6, 30), date(2026, 4, 30))
    assert once.days == [DAY]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2025-05-31", "", "--from is 2025-05-31, but only days from 2025-06-30 to 2026-04-30 can be replayed"),
        ("", "2026-05-31", "--to is 2026-05-31, but only days from 2025-06-30 to 2026-04-30 can be replayed"),
    ],
)
def test_days_outside_the_data_are_refused_with_those_that_can_be_replayed(write_dataset, first, last, words):
    data = write_dataset(customers="customer_id,name\nA,Ada\n", transactions=sales("2024-07-01", "2026-10-31"))
    with pytest.raises(UsageError, match=words):
        Backtest(data, first, last)


@pytest.mark.parametrize(
    ("first", "last", "every", "words"),
    [
        ("2026-01-31", "2025-12-31", 1, "--from 2026-01-31 is after --to 2025-12-31"),
        ("yesterday", "", 1, "--from is 'yesterday': write a day as 2026-10-31"),
        ("", "31.10.2026", 1, "--to is '31.10.2026': write a day"),
        ("", "", 0, "every is 0: give months, 1 or more"),
        ("", "", "1", "every is '1': give months"),
    ],
)
def test_what_is_no_day_is_refused_before_anything_is_read(tmp_path, first, last, every, words):
    with pytest.raises(UsageError, match=words):
        Backtest(tmp_path / "not there", first, last, every)


def test_months_are_stepped_from_end_to_end():
    assert [months_on(date(2025, 6, 30), step) for step in (0, 2, 8)] == [
        date(2025, 6, 30),
        date(2025, 8, 31),
        date(2026, 2, 28),
    ]


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (("2026-01-01", "2026-10-31"), "the data covers 2026-01-01 to 2026-10-31, .* no day can be replayed"),
        ((), "no row of the data carries a date"),
    ],
)
def test_data_that_is_too_short_to_replay_says_so(write_dataset, dates, words):
    data = write_dataset(customers="customer_id,name\nA,Ada\n", transactions=sales(*dates))
    with pytest.raises(UsageError, match=words):
        Backtest(data)


@pytest.mark.slow
def test_what_came_is_what_a_run_of_the_months_after_says(once):
    policy = {"window": {"months": 6}}
    after = Portfolio(SAMPLE, months_on(DAY, 6), policy).computed.statement.set_index("customer_id")
    rows = once.replays.set_index("customer_id")
    assert len(rows) > 100
    for name in ("net_margin", "running_margin", "segment"):
        pd.testing.assert_series_equal(rows[f"next_{name}"], after.loc[rows.index, name], check_names=False)


@pytest.mark.slow
def test_only_who_was_a_customer_at_the_end_of_the_day_is_replayed(once):
    customers = pd.read_csv(SAMPLE / "customers.csv", dtype="str").set_index("customer_id")
    mine = customers.loc[once.replays.customer_id]
    assert not (mine.since > DAY.isoformat()).any()
    assert not (mine.ended <= DAY.isoformat()).any()
    left = mine.ended.between("2025-11-01", "2026-04-30")
    assert once.replays.left.astype(bool).tolist() == left.tolist()
    assert left.any()


@pytest.mark.slow
def test_a_replay_of_the_last_day_judges_as_a_run_of_it_does():
    from analysis.opening import open_all
    from analysis.topics.backtest.judgement.replay import _judged
    from analysis.window import Window

    day = date(2026, 10, 31)
    opened = open_all(SAMPLE)
    found = _judged(opened, Window.until(day, 12), 6).set_index("customer_id")
    computed = Portfolio(SAMPLE, day).computed
    statement = computed.statement.set_index("customer_id").loc[found.index]
    assert (found.segment == statement.segment).all()
    ranges = computed.ranges.accounts.set_index("customer_id").loc[found.index]
    assert found.p_unprofitable.tolist() == ranges.p_unprofitable.tolist()
    chances = computed.segment_chances.set_index("customer_id")
    names = [f"p_{name}" for name in found.segment]
    assert found.p_segment.tolist() == [
        chances.loc[account, name] for account, name in zip(found.index, names, strict=True)
    ]


@pytest.mark.slow
def test_the_scores_of_the_sample_beat_the_naive_ones_where_they_should(once):
    found = once.scores[once.scores.as_of.isna()].set_index(["subject", "measure"])
    assert set(found.index.get_level_values("subject")) == {
        *("segment", "p_unprofitable", "lifetime", "forecast", "hazard")
    }
    assert found.loc[("segment", "kept"), "better"].item() > 0.1
    assert found.loc[("lifetime", "rank correlation"), "ours"].item() > 0.6


@pytest.mark.slow
def test_it_says_what_it_rests_on_and_what_it_could_not_score(write_dataset):
    months = pd.period_range("2024-07", "2026-10", freq="M")
    lines = [
        f"{n},{who},{month}-15,sale,{n + 1},1" for n, (month, who) in enumerate((m, w) for m in months for w in "AB")
    ]
    data = write_dataset(
        customers="customer_id,name\nA,Ada\nB,Bea\n",
        transactions="\n".join(["transaction_id,customer_id,date,kind,list_amount,cogs", *lines, ""]),
    )
    backtest = Backtest(data, every=4)
    assert backtest.facts["days"] == ["2025-06-30", "2025-10-31", "2026-02-28"]
    left_out = {left["what"] for left in backtest.facts["left_out"]}
    assert {"The score of hazard", "The score of p_unprofitable"} <= left_out
    assert (backtest.table("transitions")["rows"].sum()) == 6
