"""What it costs to wait for money, worked out by hand: at 3.65% a year, 10,000 for a day cost 1."""

from __future__ import annotations

import pytest

from analysis import Portfolio

INVOICES = """
invoice_id,customer_id,issued,due,amount,paid,written_off,written_off_on
i1,before-the-window,2025-10-01,2025-10-31,10000,2025-11-11,,
i2,still-open,2026-10-22,2026-11-21,10000,,,
i3,in-parts,2026-01-01,2026-01-31,10000,2026-12-31,,
i4,partly-lost,2026-01-01,2026-01-31,10000,2026-01-11,2500,2026-03-01
i5,wholly-lost,2026-02-01,2026-03-03,10000,,10000,
i6,lost-before,2025-01-01,2025-01-31,10000,,10000,2025-10-31
i7,paid-before,2025-01-01,2025-01-31,10000,2025-10-31,,
i8,in-advance,2026-01-01,2026-01-31,10000,,,
i9,issued-after,2026-11-05,2026-12-05,10000,,,
i10,credit-note,2026-01-01,2026-01-31,-10000,2026-01-11,,
i11,paid-at-once,2026-01-01,2026-01-31,10000,2026-01-01,,
i12,paid-early,2026-01-15,2026-01-31,10000,2026-01-01,,
i13,advance-beyond,2026-11-05,2026-12-05,10000,,,
i14,lost-on-first-day,2025-01-01,2025-01-31,500,,500,2025-11-01
i15,lost-on-last-day,2025-01-01,2025-01-31,500,,500,2026-10-31
i16,lost-after,2026-01-01,2026-01-31,500,,500,2026-11-01
"""
PAYMENTS = """
invoice_id,on,amount
i3,2026-01-11,4000
i3,2026-01-21,6000
i8,2025-12-01,4000
i8,2026-01-11,6000
i13,2026-10-01,4000
"""
FINANCING = {
    "before-the-window": 10,
    "still-open": 10,
    "in-parts": 10 + 6,
    "partly-lost": 7.5,
    "wholly-lost": 0,
    "lost-before": 0,
    "paid-before": 0,
    "in-advance": 6,
    "issued-after": 0,
    "credit-note": -10,
    "paid-at-once": 0,
    "paid-early": 0,
    "advance-beyond": 0,
    "lost-on-first-day": 0,
    "lost-on-last-day": 0,
    "lost-after": 0,
}
WRITE_OFFS = {"partly-lost": 2500, "wholly-lost": 10000, "lost-on-first-day": 500, "lost-on-last-day": 500}


@pytest.fixture(scope="module")
def rows(share_dataset):
    data = share_dataset(
        customers="customer_id,name\n" + "".join(f"{name},{name}\n" for name in FINANCING),
        transactions="transaction_id,customer_id,date,kind,list_amount,cogs\nt,in-parts,2026-01-01,sale,100,40\n",
        invoices=INVOICES,
        payments=PAYMENTS,
    )
    return Portfolio(data, "2026-10-31", {"finance": {"receivables_rate": 0.0365}}).accounts.set_index("customer_id")


@pytest.mark.parametrize("customer", FINANCING)
def test_an_invoice_is_carried_from_its_issue_to_its_payment_within_the_window(rows, customer):
    assert rows.financing_cost[customer] == FINANCING[customer]


@pytest.mark.parametrize("customer", FINANCING)
def test_a_write_off_counts_on_its_day_or_else_on_the_day_of_issue(rows, customer):
    assert rows.write_offs[customer] == WRITE_OFFS.get(customer, 0)


def test_both_are_taken_off_the_margin_and_are_avoidable(rows):
    row = rows.loc["in-parts"]

    assert row.running_margin == 100 - 40 - 16
    assert row.avoidable_cost == 40 + 16
    assert rows.net_margin["partly-lost"] == -2507.5
