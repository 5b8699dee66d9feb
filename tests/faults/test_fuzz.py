"""Datasets that are broken by chance end with a code of the list and a place, or in tables and pages whose sums hold.

Five by default; `MUTUAL_VALUE_FUZZ=1000` tries so many, as `.ci/run` does, from `MUTUAL_VALUE_FUZZ_FROM` on.
A failure names its seed.
"""

from __future__ import annotations

import gc
import os
import shutil

import pytest

from analysis import Portfolio
from analysis.data.checks import stop_at
from analysis.data.contract import OUTPUTS
from analysis.errors import DataError, MutualValueError
from analysis.publishing.publish import stop_unless_all_hold
from tests.faults.fuzz import broken
from tests.faults.helpers import CODES, DAY
from tests.pages import QUICK, all_words

pytestmark = pytest.mark.faults
FIRST, MANY = int(os.environ.get("MUTUAL_VALUE_FUZZ_FROM", "0")), int(os.environ.get("MUTUAL_VALUE_FUZZ", "5"))
SEEDS = range(FIRST, FIRST + MANY)
#: Each is checked and, where it can be, charged, so that its sums can be held; one in so many is computed to every
#: table, which takes five times as long, and one in `PAGES` told in pages.
WHOLE = int(os.environ.get("MUTUAL_VALUE_FUZZ_WHOLE", "40"))
PAGES = 8 * WHOLE
POLICY = {**QUICK, "window": {"allow_beyond": True}}
#: So that what is left of a table that is broken for the most part is computed, too.
PATIENT = {**POLICY, "checks": {"rejected_share": 1.0}}


@pytest.fixture(scope="module", autouse=True)
def frozen():
    """Nor is what was imported since the tests were collected (conftest.py) looked through for garbage each time."""
    gc.collect()
    gc.freeze()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_broken_dataset_ends_in_words_or_in_sums_that_hold(seed, data, tmp_path):
    done = broken(data, tmp_path / "data", seed)
    try:
        p = Portfolio(tmp_path / "data", DAY, POLICY if seed % 4 == 0 else PATIENT)
        try:
            _told_and_charged(p)
            if seed % WHOLE == 5:
                _to_its_end(p, pages=seed % PAGES == 5)
        finally:
            p.opened.engine.close()
    except MutualValueError as told:
        assert told.exit_code in CODES, done
        assert str(told).strip(), done
        if isinstance(told, DataError):
            assert all(problem.table and problem.mend for problem in told.problems), done
    except Exception as fault:
        fault.add_note(f"seed {seed}: {'; '.join(done)}")
        raise
    shutil.rmtree(tmp_path / "data")


def _told_and_charged(p):
    """Tell what `check` tells, list what was set aside, and hold the sums as a run does."""
    assert all(problem.table and problem.mend for problem in p.opened.problems)
    set_aside = p.opened.checked.rejected()
    assert set(set_aside["lost"]) <= {"row", "cell"}
    stop_at(p.opened.checked, p.policy.checks.rejected_share)
    identities = p.identities
    assert identities
    stop_unless_all_hold(identities)


def _to_its_end(p, pages):
    for name in OUTPUTS:
        p.table(name)
    assert p.facts["totals"]
    if pages:
        assert all(all_words(p).values())
