"""What must move no verdict, all at once on the sample: so it is tried in every run of the tests.

test_relations.py has each change alone, on other worlds too, and tells which of them it was.
"""

from __future__ import annotations

import numpy as np
import pytest
from metamorphic_changes import in_money_of, moved, renamed, shuffled, with_days_after, with_work_of_nobody
from metamorphic_worlds import sample


@pytest.fixture(scope="module")
def small():
    return sample().of(75)


@pytest.mark.slow
def test_no_verdict_hangs_on_unit_ids_names_order_or_what_is_not_an_accounts(small, judged):
    before = judged(small)
    changed, old = renamed(with_days_after(with_work_of_nobody(in_money_of(small, 100.0))))
    after = judged(shuffled(changed)).rename(index=old)

    assert moved(before, after) == {}
    for name in ("net_revenue", "cost_to_serve", "over_service_cost", "clv", "clv_low", "clv_high"):
        # Costs are kept to four decimals (DECIMAL(18, 4)): of a hundredth of the amounts the last two are lost.
        np.testing.assert_allclose(
            after.loc[before.index, name], before[name] * 100.0, rtol=1e-3, atol=1.0, err_msg=name
        )
