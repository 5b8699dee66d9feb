"""What is to be expected again, against published premiums and worlds whose truth is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.statistics.credibility import expected_again, variance_within

#: Claims of five states (Hachemeister, 1975), as the R package actuar fits them (`cm(~state, hachemeister, ...)`):
#: their means and weights, the variance within a state, and the premiums that follow.
MEANS = np.array([2060.921, 1511.224, 1805.843, 1352.976, 1599.829])
WEIGHTS = np.array([100_155.0, 19_895.0, 13_735.0, 4_152.0, 36_110.0])
WITHIN, PREMIUMS = 139_120_026.0, [2055.165, 1523.706, 1793.444, 1442.967, 1603.285]


def test_the_premiums_of_hachemeisters_states_are_those_that_are_published() -> None:
    assert expected_again(MEANS, WEIGHTS, WITHIN) == pytest.approx(PREMIUMS, abs=0.002)


def test_where_accounts_differ_by_no_more_than_chance_all_are_expected_to_be_like_the_portfolio() -> None:
    # Nine invoices of ten come; one is lost, in one of ten accounts: chance alone does as much.
    mean = np.array([0.1] + [0.0] * 9)
    found = expected_again(mean, np.full(10, 10.0), 0.01)
    assert found == pytest.approx(np.full(10, 0.01))


def test_an_account_without_a_case_is_expected_to_be_like_the_portfolio_and_without_chance_means_stand() -> None:
    found = expected_again(np.array([*MEANS, 0.0]), np.array([*WEIGHTS, 0.0]), WITHIN)
    assert found[:5] == pytest.approx(PREMIUMS, abs=0.002)
    assert found[5] == pytest.approx(1683.713, abs=0.002)  # actuar's collective premium
    for unknown in (0.0, float("nan")):
        assert expected_again(MEANS, WEIGHTS, unknown) == pytest.approx(MEANS)


def test_of_accounts_picked_for_the_most_what_is_expected_comes_and_what_they_had_does_not() -> None:
    random = np.random.default_rng(4)
    own, count = random.normal(10.0, 2.0, 2_000), random.integers(2, 15, 2_000)
    seen = [random.normal(mean, 6.0, size) for mean, size in zip(own, count, strict=True)]
    sums = [np.array([how(one) for one in seen]) for how in (len, np.sum, lambda one: float((one**2).sum()))]
    within = variance_within(*sums)
    assert within == pytest.approx(36.0, rel=0.05)
    mean = sums[1] / sums[0]
    found = expected_again(mean, count.astype(float), within)
    most = np.argsort(-mean)[:200]
    assert mean[most].mean() > own[most].mean() + 2.0
    assert found[most].mean() == pytest.approx(own[most].mean(), abs=0.4)
