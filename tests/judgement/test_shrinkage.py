"""What is normal in a portfolio, against a search of every middle and spread by brute force."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.statistics.shrinkage import LEAST_SPREAD, Normal, counted, fit

MIDDLES, SPREADS = np.linspace(-9.0, 6.0, 151), np.geomspace(LEAST_SPREAD, 6.0, 40)


def log_likelihood(evidence, normal: Normal) -> float:
    each = np.log(evidence.likelihood @ normal.prior(evidence.scale) + 1e-300)
    return float(each[evidence.record][evidence.known].sum())


@pytest.mark.parametrize(
    ("middle", "spread", "cases"),
    [
        (-4.0, 0.4, 25.0),  # the middle account has none: a search begins at an end of the scale
        (-4.0, 2.0, 12.0),
        (-1.0, 0.0, 60.0),  # all are alike
        (1.5, 1.0, 300.0),
        (-6.0, 0.5, 2.0),  # hardly a record
    ],
)
def test_no_other_middle_and_spread_is_likelier(middle: float, spread: float, cases: float) -> None:
    rng = np.random.default_rng(5)
    rate = 1.0 / (1.0 + np.exp(-rng.normal(middle, spread, 120)))
    of = np.round(rng.uniform(0.5, 1.5, 120) * cases)
    evidence = counted(rng.binomial(of.astype(int), rate).astype(float), of)

    found = fit(evidence, np.ones(120, dtype=bool))

    best = max(log_likelihood(evidence, Normal(m, s)) for m in MIDDLES for s in SPREADS)
    assert log_likelihood(evidence, found) >= best - 1e-3
    assert found.spread >= LEAST_SPREAD


def test_where_nobody_has_a_record_nothing_is_told() -> None:
    nothing = np.zeros(3)
    evidence = counted(nothing, nothing)
    assert fit(evidence, np.ones(3, dtype=bool)).middle == evidence.scale[0]
