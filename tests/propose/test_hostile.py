"""Two hundred hostile exports: each ends in tables with everything rejected listed, or in an error with its mend.

`MUTUAL_VALUE_HOSTILE=200` tries them all; by default a few.
"""

from __future__ import annotations

import os

import pytest

from analysis.errors import DataError, Problem, UsageError
from analysis.portfolio import Portfolio
from analysis.propose.proposing import propose
from tests.propose.hostile import spoil

MANY = int(os.environ.get("MUTUAL_VALUE_HOSTILE", "2"))
POLICY = {"window": {"allow_beyond": True}, "checks": {"rejected_share": 1.0}}


@pytest.mark.parametrize("seed", range(MANY))
def test_a_hostile_export_gives_sums_that_tie_or_an_error_that_says_how_to_mend_it(tmp_path, seed):
    raw = tmp_path / "raw"
    raw.mkdir()
    spoilt = spoil(raw, seed)
    try:
        propose([raw], tmp_path / "out")
        portfolio = Portfolio(tmp_path / "out", policy=POLICY)
    except UsageError as fault:
        assert any(name.name in str(fault) for name in raw.iterdir()), spoilt
        return
    except DataError as fault:
        for problem in fault.problems:
            assert problem.mend and problem.table, (spoilt, problem)
        return
    _everything_is_accounted_for(portfolio, spoilt)
    portfolio.opened.engine.close()


def _everything_is_accounted_for(portfolio: Portfolio, spoilt: list[str]) -> None:
    rejected, counts = portfolio.rejected, portfolio.opened.checked.counts()
    for table in counts:
        listed = rejected[(rejected.table == table["table"]) & (rejected.lost == "row")]
        assert len(listed[["file", "row"]].drop_duplicates()) == table["rejected"], (spoilt, table)
    for what, tie in portfolio.ties.groupby("what"):
        assert "difference" not in set(tie.line), (spoilt, what)
        assert tie.amount.iloc[:-1].sum() == pytest.approx(tie.amount.iloc[-1], abs=0.01)
    told: list[Problem] = portfolio.opened.problems
    assert all(problem.mend for problem in told), spoilt
