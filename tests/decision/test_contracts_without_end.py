"""Contracts without an end, and the length of those that have one."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from analysis import Portfolio
from analysis.topics.value.judgement.signs import terms

AFTER = date(2026, 1, 1)
CONTRACTS = """
contract_id,customer_id,starts,ends,monthly_fee,cancellation_fee
k1,year,2025-01-01,2025-12-31,100,
k2,middle,2025-01-15,2026-01-14,100,
k3,open,2024-03-01,,100,250
k4,both,2024-03-01,,100,
k5,both,2025-07-01,2026-06-30,50,30
"""
NAMES = ("year", "middle", "open", "both", "none")


@pytest.fixture(scope="module")
def p(share_dataset):
    data = share_dataset(
        customers="customer_id,name,since\n" + "".join(f"{name},{name},2024-01-01\n" for name in NAMES),
        transactions="transaction_id,customer_id,date,kind,net_amount,cogs\n"
        + "".join(f"{name},{name},2025-12-01,sale,100,60\n" for name in NAMES),
        contracts=CONTRACTS,
    )
    return Portfolio(data, "2025-12-31")


@pytest.fixture(scope="module")
def agreed(p):
    return terms(p.opened.checked["contracts"], pd.Series(NAMES), AFTER, 24)


def test_a_calendar_year_is_a_term_of_twelve_months(agreed):
    assert dict(zip([NAMES[n] for n in agreed.account[:2]], agreed.length[:2], strict=True)) == {
        "year": 12,
        "middle": 12,
    }
    # The history runs from January 2024 to December 2025 (23): it runs out in December, and in December a year later.
    assert np.flatnonzero(agreed.runs_out(23, 24, len(NAMES))[0]).tolist() == [0, 12]


def test_a_contract_without_end_is_there_and_never_runs_out(agreed):
    has, out = agreed.at(23, len(NAMES))

    assert has.tolist() == [True, True, True, True, False]
    assert out.tolist() == [True, False, False, False, False]
    assert not agreed.runs_out(23, 36, len(NAMES))[2].any()


def test_a_year_is_a_year_however_far_values_look(p):
    near = p.with_policy({"finance": {"horizon_months": 6}}).accounts

    pd.testing.assert_series_equal(near.leaves_year, p.accounts.leaves_year)
    assert (near.clv < p.accounts.clv).all()


def test_the_cost_of_a_first_day_is_as_unsure_as_it_is_and_not_thirty_times_as_much(share_dataset):
    """One visit on its first day: in a month ahead its cost is no more than what it was, nor is its range any wider."""

    def ranges(uncertainty):
        data = share_dataset(
            customers="customer_id,name,since\n"
            + "".join(f"{name},{name},{'2025-12-31' if name == 'none' else '2024-01-01'}\n" for name in NAMES),
            transactions="transaction_id,customer_id,date,kind,net_amount,cogs\n"
            + "".join(f"{name},{name},2025-12-31,sale,100,60\n" for name in NAMES),
            service_events="event_id,customer_id,at,activity\n"
            + "".join(f"{name},{name},2025-12-31T10:00,visit\n" for name in NAMES),
            contracts=CONTRACTS,
            costing=f"""
                period = "year"
                [resources.desk]
                cost = 600
                capacity_minutes = 600
                uncertainty = {uncertainty}
                [activities.visit]
                resource = "desk"
                minutes = 30
            """,
        )
        row = Portfolio(data, "2025-12-31").accounts.set_index("customer_id").loc["none"]
        return row.net_margin_high - row.net_margin_low, row.clv_high - row.clv_low

    (_, before), (width, after) = ranges(0.0), ranges(0.5)
    assert 0 < after - before < 1.5 * width * 36


def test_no_fee_of_it_is_fixed_and_its_exit_fee_is_owed(p):
    rows = p.accounts.set_index("customer_id")

    assert rows.contract_value["open"] == 0
    assert rows.contract_value["both"] == pytest.approx(50 * 181 / (365.25 / 12), abs=0.01)
    assert rows.exit_fee["open"] == 250
    assert rows.exit_fee["both"] == 30
    assert rows.open_ended.to_dict() == {"year": False, "middle": False, "open": True, "both": True, "none": False}


def test_accounting_cannot_tell_where_no_end_fixes_the_fees(p):
    keeps = p.table("lenses").set_index("customer_id").accounting_keeps

    assert pd.isna(keeps["open"])
    assert keeps["both"]
    assert not keeps["none"]
