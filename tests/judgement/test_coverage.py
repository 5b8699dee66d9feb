"""The stated ranges hold what they promise: drawn true rates, on sample worlds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analysis import Portfolio
from analysis.topics.profitability.judgement.uncertainty import draw_factors
from sample_firms import make_sample

DRAWS = 2_000


def coverage(folder: Path, seed: int) -> float:
    """Return the share of accounts x true draws whose margin lies in the account's stated range."""
    portfolio = Portfolio(make_sample(folder / str(seed), seed=seed, accounts=60), "2026-10-31")
    ranges = portfolio.ranges
    assert ranges is not None
    costing = portfolio.opened.costing
    truth = draw_factors(ranges.terms.names, costing, DRAWS, seed=1_000 + seed)
    moved = (ranges.terms.serve + ranges.terms.obtain) @ (truth - 1)
    margins = ranges.known.net_margin.to_numpy()[:, None] - moved
    low, high = (ranges.accounts[f"net_margin_{edge}"].to_numpy()[:, None] for edge in ("low", "high"))
    uncertain = (high > low).ravel()
    return float(((margins >= low) & (margins <= high))[uncertain].mean())


@pytest.mark.slow
def test_nine_tenths_of_the_true_margins_lie_within_the_stated_ranges(tmp_path: Path) -> None:
    shares = np.array([coverage(tmp_path, seed) for seed in range(1, 6)])
    error = shares.std(ddof=1) / np.sqrt(len(shares))
    assert shares.mean() == pytest.approx(0.90, abs=max(3 * error, 0.001))
    assert error < 0.005
