"""What of late and lost money is expected again, from invoices that are counted by hand."""

from __future__ import annotations

import pytest

from analysis import Portfolio

DATA = {
    "customers": "customer_id,name,since,ended\nA,A,2020-01-01,\nB,B,2020-01-01,\ngone,C,2020-01-01,2024-05-01\n",
    "transactions": "transaction_id,customer_id,date,kind,net_amount,cogs\n"
    "1,A,2023-01-10,sale,9000,4000\n2,B,2023-01-10,sale,9000,4000\n3,gone,2023-01-10,sale,9000,4000\n",
    # A pays one invoice 10 days late and has never paid the other; B pays in time, and one of its two is lost.
    "invoices": "invoice_id,customer_id,issued,due,amount,paid,written_off,written_off_on\n"
    "a1,A,2023-01-01,2023-01-31,100,2023-02-10,,\na2,A,2023-01-01,2023-01-31,300,,,\n"
    "b1,B,2023-02-01,2023-03-03,400,2023-03-03,,\nb2,B,2023-02-01,2023-03-03,400,,400,2023-09-01\n",
}


def test_invoices_that_wait_for_years_are_counted_and_what_was_lost_is_spread_over_all(share_dataset) -> None:
    p = Portfolio(share_dataset(**DATA), "2026-12-31", {"window": {"months": 48}})
    here = p.computed.situation
    p.opened.engine.close()
    rows = here.accounts.set_index("customer_id")
    days = 1431.0  # from the last of January 2023 to the first of 2027
    assert rows.late_days["A"] == pytest.approx(100 * 10 + 300 * days)
    assert rows.late_days_squares["A"] == pytest.approx(10**2 + days**2)
    # Of a hundred and three hundred: 400 squared over 100 squared and 300 squared.
    assert rows.late_days_cases["A"] == pytest.approx(1.6)
    assert (rows.lost["B"], rows.lost_of["B"], rows.lost_cases["B"]) == (400, 800, 2)
    # Two accounts with 1.6 and 2 invoices tell of no difference beyond chance: all lose the share of all.
    share = 2 * 0.5 / 3.6
    place = [*here.accounts.customer_id].index("A")
    assert here.pools["write_offs"].cost[place] == 0
    assert here.again["write_offs"].cost[place] == pytest.approx(share * 400)
