"""What earlier steps promised against what came of them, counted by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from analysis import Portfolio

COSTING = """
period = "year"
[resources.desk]
cost = 600000
capacity_minutes = 600000
[activities.call]
resource = "desk"
minutes = 100
"""
ON = date(2026, 3, 1)


def _events() -> str:
    """One night call every ten days, 18 before the step and after; A's become every twenty days, B's stay."""
    rows, number = ["event_id,customer_id,at,activity,after_hours"], 0
    for place in range(-18, 18):
        day = ON + timedelta(days=10 * place)
        for account in ("A", "B"):
            if account == "A" and place >= 0 and place % 2:
                continue
            number += 1
            rows.append(f"{number},{account},{day}T22:00,call,true")
    # The data begins and ends well outside.
    rows += ["first,B,2025-01-01T10:00,call,", "last,B,2026-10-30T10:00,call,"]
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def record(share_dataset) -> pd.DataFrame:
    taken = f"""
customer_id,action,on,outcome,cost
A,require_notice,{ON},worked,120
B,require_notice,2026-10-01,open,
B,talk,2026-02-01,worked,
B,educate,2025-01-20,failed,
"""
    place = share_dataset(
        customers="customer_id,name\nA,a\nB,b\n", service_events=_events(), actions_taken=taken, costing=COSTING
    )
    p = Portfolio(place, "2026-10-31")
    found = p.table("track_record")
    p.opened.engine.close()
    return found.set_index(["customer_id", "action"])


def test_half_of_night_work_gone_is_what_came_of_it(record: pd.DataFrame) -> None:
    row = record.loc[("A", "require_notice")]
    year = 365 / 182
    # 18 calls of 100 before, 9 after; everybody else's stayed the same.
    assert row.before == pytest.approx(1800 * year)
    assert row.after == pytest.approx(900 * year)
    assert row.others == pytest.approx(1800 * year)
    assert row.came == pytest.approx(900 * year)
    # It was expected to take 60% where the account agrees, and 70% do.
    assert row.promised == pytest.approx(1800 * year * 0.6 * 0.7)
    assert row.verdict == "kept"
    assert row.cost == 120


def test_what_is_too_fresh_too_old_or_leaves_no_trace_is_not_measured(record: pd.DataFrame) -> None:
    assert record.verdict["B", "require_notice"] == "not measurable yet"
    assert record.verdict["B", "talk"].startswith("not measured: nothing that is recorded")
    assert record.verdict["B", "educate"].startswith("not measured: the data does not reach back")
    others = record.drop(("A", "require_notice"))
    assert others[["before", "after", "promised", "came"]].isna().all(axis=None)
