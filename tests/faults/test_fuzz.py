"""Datasets that are broken by chance end with a code of the list and a place, or with tables whose sums hold.

`MUTUAL_VALUE_FUZZ=1000` tries so many, from the seed `MUTUAL_VALUE_FUZZ_FROM` on; a failure names its seed.
"""

from __future__ import annotations

import os

import pytest

from analysis import Portfolio
from analysis.data.contract import OUTPUTS
from analysis.errors import DataError, MutualValueError
from analysis.publishing.publish import stop_unless_all_hold
from tests.faults.fuzz import broken
from tests.faults.helpers import CODES, DAY

pytestmark = pytest.mark.faults
FIRST, MANY = int(os.environ.get("MUTUAL_VALUE_FUZZ_FROM", "0")), int(os.environ.get("MUTUAL_VALUE_FUZZ", "0"))
#: Of the few that are tried by default one is computed to its end, as that takes the time.
SEEDS = range(FIRST, FIRST + (MANY or 8))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_broken_dataset_ends_in_words_or_in_sums_that_hold(seed, data, tmp_path):
    done = broken(data, tmp_path / "data", seed)
    try:
        p = Portfolio(tmp_path / "data", DAY, {"window": {"allow_beyond": True}})
        try:
            if MANY or seed == 5:
                stop_unless_all_hold(p.identities)
                for name in OUTPUTS:
                    p.table(name)
                assert p.facts["totals"]
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
