"""Two hundred hostile exports: each ends in pages with everything rejected listed, or in an error with its mend.

`MUTUAL_VALUE_HOSTILE=200` tries them all, from `MUTUAL_VALUE_HOSTILE_FROM` on; by default two, and the pages of one.
"""

from __future__ import annotations

import os

import pytest

from analysis.errors import DataError, Problem, UsageError
from analysis.formats import counted
from analysis.portfolio import Portfolio
from analysis.propose.proposing import propose
from tests.pages import PAGES, QUICK, SLIP, seen, written
from tests.propose.hostile import spoil

FIRST, MANY = int(os.environ.get("MUTUAL_VALUE_HOSTILE_FROM", "0")), int(os.environ.get("MUTUAL_VALUE_HOSTILE", "0"))
POLICY = {"window": {"allow_beyond": True}, "checks": {"rejected_share": 1.0}, **QUICK}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(FIRST, FIRST + (MANY or 2)))
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
    if MANY or seed == 0:
        _the_pages_tell_it(portfolio, spoilt)
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


def _the_pages_tell_it(portfolio: Portfolio, spoilt: list[str]) -> None:
    pages = {page: written(portfolio, page) for page in PAGES}
    for page, html in pages.items():
        assert "<script" not in html, (spoilt, page)
        # `nan` may be what a cell of theirs says.
        slips = [line for line in seen(html).splitlines() if SLIP.search(line) and "NaN" not in line]
        assert not slips, (spoilt, page, slips)
    rejected = sum(table["rejected"] for table in portfolio.opened.checked.counts())
    if rejected:
        assert f"{counted(rejected, 'row')} broke the contract" in seen(pages["method"]), spoilt
