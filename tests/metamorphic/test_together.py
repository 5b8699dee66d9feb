"""What must move no verdict, all at once, on every world that is there: so it is tried in every run of all tests.

test_relations.py has each change alone and tells which of them it was.
"""

from __future__ import annotations

import numpy as np
import pytest
from metamorphic_changes import (
    in_money_of,
    moved,
    renamed,
    shuffled,
    with_days_after,
    with_work_of_nobody,
    years_later,
)


@pytest.mark.slow
def test_no_verdict_hangs_on_unit_ids_names_order_day_or_what_is_not_an_accounts(world, before, judged):
    changed = in_money_of(world, 100.0)
    if "service_events" in world.tables:
        changed = with_days_after(with_work_of_nobody(changed))
    changed, old = renamed(years_later(changed, 28))
    after = judged(shuffled(changed)).rename(index=old)

    assert moved(before, after) == {}
    for name in ("net_revenue", "cost_to_serve", "over_service_cost", "clv", "clv_low", "clv_high"):
        # Costs are kept to four decimals (DECIMAL(18, 4)): of a hundredth of the amounts the last two are lost.
        np.testing.assert_allclose(
            after.loc[before.index, name].astype("float64"),
            before[name].astype("float64") * 100.0,
            rtol=1e-3,
            atol=1.0,
            err_msg=name,
        )
