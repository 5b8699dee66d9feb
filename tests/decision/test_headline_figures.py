"""The headline figures of a run by hand; what is not recorded has none."""

from __future__ import annotations

import pytest

from analysis import Portfolio

CUSTOMERS = "customer_id,name\na,Adler\nb,Birke\n"
SALES = (
    "transaction_id,customer_id,date,kind,net_amount,cogs\n"
    "1,a,2026-10-05,sale,1000,400\n2,b,2026-10-06,sale,100,300\n3,a,2026-10-07,sale,500,200\n"
)


def test_they_are_the_sums_of_the_accounts_and_work_that_nobody_recorded_has_no_figure(write_dataset) -> None:
    p = Portfolio(write_dataset(customers=CUSTOMERS, transactions=SALES), "2026-10-31")
    value = p.table("figures").set_index("figure")["value"]
    p.opened.engine.close()
    # a earns 1,500 - 600, b loses 200: 900 of the 700 that remain.
    assert (value["accounts"], value["net_revenue"], value["net_margin"]) == (2, 1600, 700)
    assert (value["losing_accounts"], value["losing_accounts_cost"], value["earned"]) == (1, 200, 900)
    assert value["peak_of_the_curve"] == pytest.approx(900 / 700)
    assert value["given_back"] == pytest.approx(200 / 700)
    # Area under (0, 9/7, 1) over halves: (9/7 + 1/2) / 2 = 25/28, less the half below the line of equal shares.
    assert value["stobachoff_index"] == pytest.approx((25 / 28 - 1 / 2) / (25 / 28))
    assert value["ending_them_adds"] == 200  # its goods would not be bought
    assert not {"cost_to_serve", "our_failures_cost", "unused_capacity", "over_served"} & set(value.index)
