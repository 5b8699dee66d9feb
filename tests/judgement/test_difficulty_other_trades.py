"""Trades that are not ours: a third of the accounts failed, and nobody late to pay but a few. The truth is planted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.statistics.excess import failures_above_normal
from analysis.statistics.shrinkage import Evidence, counted
from analysis.topics.difficulty.judgement.behaviours import SUMS, measured, records
from analysis.topics.difficulty.policy import Difficulty

ACCOUNTS, CASES, SPREAD = 300, 50.0, 0.35


def signs(failed: int) -> list[Evidence]:
    """Return two signs of our failures; the first so many accounts lie 1.5 to 2.5 higher on the log-odds in both."""
    draws = np.random.default_rng(7)
    more = np.where(np.arange(ACCOUNTS) < failed, draws.uniform(1.5, 2.5, ACCOUNTS), 0.0)
    found = []
    for rate in (0.12, 0.05):
        log_odds = np.log(rate / (1.0 - rate)) + SPREAD * draws.normal(size=ACCOUNTS) + more
        hits = draws.binomial(int(CASES), 1.0 / (1.0 + np.exp(-log_odds)))
        found.append(counted(hits.astype(float), np.full(ACCOUNTS, CASES)))
    return found


def told_as_failed(failed: int) -> np.ndarray:
    return failures_above_normal(signs(failed), np.ones(ACCOUNTS, dtype=bool)).flag


def test_a_third_of_the_accounts_that_we_fail_do_not_hide_each_other():
    found = told_as_failed(100)

    assert found[:100].mean() >= 0.8
    assert found[100:].mean() <= 0.1


def test_where_we_fail_all_accounts_alike_none_is_failed_more_than_is_usual():
    assert told_as_failed(0).sum() <= 1


def invoices(late: dict[int, tuple[int, float]]) -> pd.DataFrame:
    """Return accounts with twelve invoices of 100 each; some paid so many of them late, by so many days."""
    rows = pd.DataFrame(np.nan, index=range(200), columns=list(SUMS))
    rows = rows.assign(customer_id=[f"c{n:03d}" for n in range(200)], invoices=12.0, amount=1200.0, weights=120000.0)
    nothing = ["late_invoices", "due_days", "squared_days", "held", "rejected", "open_disputes", "upheld"]
    rows[nothing] = 0.0
    for place, (many, days) in late.items():
        rows.loc[place, nothing[:3]] = [many, 100.0 * many * days, 100.0 * many * days**2]
    return rows.assign(disputed_invoices=0.0)


def test_where_nearly_all_pay_on_the_day_one_slip_of_a_few_days_makes_nobody_difficult():
    slips = {place: (1, 3.0 + place % 5) for place in range(60)}
    often = {place: (9, 20.0) for place in range(190, 200)}
    sums, choices = invoices(slips | often), Difficulty()

    found = measured(sums, records(sums, choices), np.ones(200, dtype=bool), choices.false_share)

    assert found.trouble is not None
    assert found.trouble.above.flag[190:].all()
    assert not found.trouble.above.flag[:190].any()
    late = next(rate for rate in found.rates if rate.behaviour.name == "late_payment")
    assert late.raw[195] == 15.0
    assert late.drawn[195] > 5.0 > late.drawn[0] > late.drawn[100]
