"""Whether anybody is difficult at all: simulated portfolios of alike accounts, and of accounts planted among them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from analysis.statistics.anybody import anybody_far_above, by_chance
from analysis.statistics.excess import OURS_FROM, failures_above_normal, trouble_above_normal
from analysis.statistics.shrinkage import Evidence, Floats, counted, far_above

#: What accounts of the middle show of each behaviour, and the habit that it comes of.
USUAL = {0.10: "hurry", 0.08: "", 0.04: "hurry", 0.03: "", 0.05: "", 0.12: "", 0.20: ""}
SPREAD, CASES = 0.5, 40


def portfolio(seed: int, accounts: int, together: float, planted: int = 0) -> list[Evidence]:
    """Return counts of accounts whose log-odds are normal; the first so many lie 2.5 higher in three behaviours.

    `together` is the covariance between any two behaviours' log-odds, on top of each one's own spread.
    """
    draws = np.random.default_rng(seed)
    common = np.sqrt(together) * draws.normal(size=accounts)
    higher = np.zeros((len(USUAL), accounts))
    for account in range(planted):
        higher[draws.permutation(len(USUAL))[:3], account] = 2.5
    seen = []
    for rate, more in zip(USUAL, higher, strict=True):
        cases = np.maximum(draws.poisson(CASES * np.exp(0.5 * draws.normal(size=accounts))), 1)
        log_odds = np.log(rate / (1.0 - rate)) + SPREAD * draws.normal(size=accounts) + common + more
        seen.append(counted(draws.binomial(cases, 1.0 / (1.0 + np.exp(-log_odds))).astype(float), cases.astype(float)))
    return seen


def difficult(seen: list[Evidence], false_share: float = 0.1) -> Floats:
    """Return which accounts are called so; nothing is known of our failures."""
    accounts = len(seen[0].raw)
    failures = failures_above_normal([], np.ones(accounts, dtype=bool))
    nothing = [np.zeros(accounts)] * len(seen)
    found = trouble_above_normal(seen, list(USUAL.values()), [False] * len(seen), nothing, failures, false_share)
    return np.asarray(found.above.flag & (found.share < OURS_FROM))


@pytest.mark.parametrize(
    "accounts", [pytest.param(12, marks=pytest.mark.slow), 40, pytest.param(150, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("together", [0.0, 0.06])
def test_of_alike_accounts_nobody_is_difficult_in_at_least_nine_portfolios_of_ten(accounts, together):
    flagged = [difficult(portfolio(seed, accounts, together)).any() for seed in range(10)]

    assert sum(flagged) <= 1


@pytest.mark.parametrize("together", [0.0, 0.06])
def test_the_few_that_were_planted_are_found(together):
    found = np.array([difficult(portfolio(seed, 40, together, planted=4))[:4].mean() for seed in range(6)])

    assert found.mean() >= 0.8


@pytest.mark.parametrize("seed", [10, 11])
def test_who_is_difficult_with_fewer_false_ones_is_so_with_more(seed):
    """What is learnt to be normal, and whom we fail, hang on no threshold that an analyst moves."""
    seen, signs = portfolio(seed, 150, 0.06, planted=25), portfolio(seed + 100, 150, 0.06)[:3]
    failures, nothing = failures_above_normal(signs, np.ones(150, dtype=bool)), [np.zeros(150)] * len(seen)
    called = []
    for share in (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.45):
        found = trouble_above_normal(seen, list(USUAL.values()), [True] * len(seen), nothing, failures, share)
        called.append(found.above.flag & (found.share < OURS_FROM))

    assert called[0].sum() < called[-1].sum()
    assert all((more | ~fewer).all() for fewer, more in pairwise(called))


def test_an_account_a_little_above_in_everything_stands_apart_by_the_sum_alone():
    """Two and a half spreads in each of seven behaviours: none of them speaks for anybody, all together do."""
    draws = np.random.default_rng(11)
    log_odds = -1.5 + SPREAD * draws.normal(size=(len(USUAL), 300))
    log_odds[:, 0] = -1.5 + 2.5 * SPREAD
    cases = np.full(300, 200.0)
    seen = [counted(draws.binomial(200, 1.0 / (1.0 + np.exp(-row))).astype(float), cases) for row in log_odds]

    assert not anybody_far_above(seen, np.ones(300, dtype=bool), 0.25, 0.1)
    assert np.flatnonzero(difficult(seen)).tolist() == [0]


def test_records_speak_for_some_far_above_where_some_are():
    draws = np.random.default_rng(3)
    rates = 1.0 / (1.0 + np.exp(2.5 - 0.4 * draws.normal(size=400)))
    alike = counted(draws.binomial(60, rates).astype(float), np.full(400, 60.0))
    rates[:40] = 0.5
    some = counted(draws.binomial(60, rates).astype(float), np.full(400, 60.0))
    everybody = np.ones(400, dtype=bool)

    assert far_above(alike, everybody, 0.25) < 2.71
    assert far_above(some, everybody, 0.25) > 20.0
    assert far_above(some, np.arange(400) >= 40, 0.25) < 2.71  # the others alone are alike
    assert far_above(counted(np.zeros(3), np.zeros(3)), np.ones(3, dtype=bool), 0.25) == 0.0


def test_what_chance_makes_of_several_behaviours_is_a_mixture_of_chi_squared_ones():
    # Tables of chi-squared: 5.991 is passed by 1 in 20 with two degrees of freedom, by .01438 with one. Of two
    # behaviours both speak in a quarter of the portfolios and one in half: .05 / 4 + .01438 / 2.
    assert by_chance(5.991, 2) == pytest.approx(0.0197, abs=2e-4)
    assert by_chance(0.0, 9) == 1.0
