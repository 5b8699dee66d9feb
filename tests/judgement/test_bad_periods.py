"""A bad time is told from an account's own months: who else is in the portfolio says nothing of it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from analysis.topics.perception.judgement.bad_periods import _dealt, bad_periods


def months(seed: int, accounts: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    days = pd.date_range("2024-11-01", periods=24, freq="MS")
    rows = pd.MultiIndex.from_product([[f"C{n:03d}" for n in range(accounts)], days], names=["customer_id", "month"])
    found = pd.DataFrame(index=rows).reset_index()
    cases = random.poisson(4, len(found))
    share = np.where(found.month.between("2025-06-01", "2025-09-01"), 0.5, 0.15)
    return found.assign(cases=cases, bad=random.binomial(cases, share))


def test_an_account_is_told_alone_what_it_is_told_among_others():
    rows = months(3, 30)
    together = bad_periods(rows, date(2026, 10, 31), 6, 0.9)
    alone = [bad_periods(mine, date(2026, 10, 31), 6, 0.9) for _, mine in rows.groupby("customer_id")]

    assert 0 < len(together) < 30
    pd.testing.assert_frame_equal(together, pd.concat([part for part in alone if len(part)], ignore_index=True))


def test_bad_cases_are_dealt_as_a_hypergeometric_deals_them():
    # 3 bad of 10 cases, 4 of them in the first month: mean 3 x .4 = 1.2, variance 1.2 x .6 x 7 / 9 = .56.
    cases, bad = np.array([[4.0, 6.0]]), np.array([[3.0, 0.0]])
    dealt = np.array([_dealt(cases, bad, np.random.default_rng(draw))[0] for draw in range(2000)])

    assert (dealt.sum(axis=1) == 3).all()
    assert abs(dealt[:, 0].mean() - 1.2) < 0.05
    assert abs(dealt[:, 0].var() - 0.56) < 0.05
