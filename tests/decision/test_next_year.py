"""What is to come, in worlds that know how far a margin is luck."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from analysis import Portfolio
from analysis.topics.profitability.judgement.next_year import (
    Months,
    forecast,
    forecast_fit,
    months_to_come,
    whole_months,
)

CUSTOMERS = 300


def world(luck: float, months: int, *, seed: int = 3) -> Months:
    """Return accounts of one size whose margins a month are their own (spread 10) and luck."""
    random = np.random.default_rng(seed)
    own = random.normal(20.0, 10.0, (CUSTOMERS, 1))
    margin = own + random.normal(0.0, luck, (CUSTOMERS, months)) if luck else np.repeat(own, months, axis=1)
    revenue = np.full((CUSTOMERS, months), 100.0)
    ids = np.array([f"c{place:03}" for place in range(CUSTOMERS)], dtype=object)
    return Months(ids, margin, revenue, np.zeros_like(margin), np.ones_like(margin))


def some(months: Months, end: int) -> Months:
    parts = (months.margin, months.revenue, months.work, months.there)
    return Months(months.customer_id, *(part[:, :end] for part in parts))


def test_as_many_months_as_the_data_has_twice_and_none_where_it_has_few() -> None:
    assert [months_to_come(whole, 12) for whole in (36, 24, 15, 6, 5)] == [12, 12, 7, 3, 0]
    window = whole_months(date(2024, 7, 3), date(2026, 10, 30))
    assert window and (window.start, window.end, window.months) == (date(2024, 7, 1), date(2026, 9, 30), 27)
    assert whole_months(date(2026, 10, 10), date(2026, 10, 31)) is None


def test_what_is_half_luck_goes_half_the_way_back_to_the_usual() -> None:
    # Six months' mean of luck has a spread of 10, as the accounts themselves: half of what stands out is luck.
    found = forecast(some(world(10.0 * np.sqrt(6), 24), 18), 6)
    back = (found.expected - found.before) / (found.before - found.before.mean())
    assert back.median() == pytest.approx(-0.5, abs=0.1)


def test_where_nothing_is_luck_margins_stay_as_they_are_and_the_range_is_narrow() -> None:
    found = forecast(world(0.0, 18), 6)
    assert np.allclose(found.expected, found.before, atol=1.0)
    assert (found.high - found.low).max() < 1.0


def test_ranges_hold_nine_times_in_ten_and_losses_come_as_often_as_told() -> None:
    held, told, lost = [], [], []
    for seed in range(4):
        months = world(40.0, 24, seed=seed)
        found = forecast(some(months, 18), 6).set_index("customer_id")
        came = pd.Series(months.margin[:, 18:].sum(axis=1), months.customer_id)
        held.append(((found.low <= came) & (came <= found.high)).mean())
        told.append(found.p_loses.mean())
        lost.append((came < 0).mean())
    assert np.mean(held) == pytest.approx(0.9, abs=0.03)
    assert np.mean(told) == pytest.approx(np.mean(lost), abs=0.03)
    assert 0.05 < np.mean(lost) < 0.5


def test_on_past_months_it_beats_last_time_where_margins_are_luck_and_the_mean_where_they_are_not() -> None:
    luck = forecast_fit(world(60.0, 24), 6)
    assert (luck.off_told < luck.off_before).all()
    own = forecast_fit(world(5.0, 24), 6)
    assert (own.off_told < own.off_usual).all()
    assert own.held.between(0.85, 1.0).all() and own.size_group.tolist() == ["small"]


def test_who_has_left_is_not_told_and_who_cannot_be_told_says_why() -> None:
    months = world(10.0, 18)
    months.there[0, 15:] = 0.0
    months.margin[1, 14] = np.nan
    found = forecast(months, 6).set_index("customer_id")
    assert "c000" not in found.index
    assert found.why_not["c001"] == "its margin is not known in every month" and np.isnan(found.expected["c001"])
    few = Months(
        *(part[:15] for part in (months.customer_id, months.margin, months.revenue, months.work, months.there))
    )
    assert set(forecast(few, 6).why_not) == {"too few accounts could be replayed"}


def test_the_months_before_are_the_windows_margin(share_dataset) -> None:
    random = np.random.default_rng(1)
    sales, days = (
        ["transaction_id,customer_id,date,kind,net_amount,cogs"],
        pd.date_range("2024-11-10", periods=24, freq="MS"),
    )
    for place in range(25):
        for day in days:
            cost = random.integers(20, 110)
            sales.append(f"{place}-{day:%y%m},c{place},{day.date()},sale,100,{cost}")
    customers = "customer_id,name\n" + "".join(f"c{place},{place}\n" for place in range(25))
    p = Portfolio(share_dataset(customers=customers, transactions="\n".join(sales) + "\n"), "2026-11-30")
    found, accounts = p.table("forecast").set_index("customer_id"), p.accounts.set_index("customer_id")
    p.opened.engine.close()
    assert set(found.months) == {12}
    assert (found.before - accounts.net_margin.loc[found.index]).abs().max() < 0.01
    assert ((found.low <= found.expected) & (found.expected <= found.high)).all()
