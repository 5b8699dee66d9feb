"""Payments that name no invoice pay the oldest open ones first, by hand: at 3.65% a year, 10,000 for a day cost 1."""

from __future__ import annotations

from datetime import date

import pytest

from analysis import Portfolio
from analysis.topics.difficulty.measures.payment_conduct import payment_conduct
from analysis.window import Window

INVOICES = """
invoice_id,customer_id,issued,due,amount,paid,written_off
a1,a,2026-01-01,2026-01-11,100000,,
a2,a,2026-01-11,2026-01-21,100000,,
b2,b,2026-01-01,2026-01-11,50000,,
b1,b,2026-01-01,2026-01-11,50000,,
c1,c,2026-01-01,2026-01-11,100000,2026-01-06,
c2,c,2026-01-02,2026-01-12,100000,,20000
d1,d,2026-01-01,2026-01-31,100000,,
"""
PAYMENTS = """
invoice_id,customer_id,on,amount
,a,2026-01-21,150000
,a,2026-01-26,70000
,b,2026-01-11,50000
,c,2026-01-12,30000
c2,,2026-01-07,30000
,d,2026-01-11,60000
,d,2026-01-16,-60000
,,2026-01-11,7
"""


@pytest.fixture(scope="module")
def p(share_dataset):
    data = share_dataset(
        customers="customer_id,name\n" + "".join(f"{name},{name}\n" for name in "abcd"),
        invoices=INVOICES,
        payments=PAYMENTS,
    )
    return Portfolio(data, "2026-01-31", {"finance": {"receivables_rate": 0.0365}})


@pytest.fixture(scope="module")
def parts(p):
    rows = p.opened.checked["payments"].to_pandas()
    return {
        (row.invoice_id, f"{row.on:%m-%d}", float(row.amount)) for row in rows.itertuples() if float(row.amount) != 0
    }


def test_the_oldest_open_invoice_is_paid_first_then_by_id(parts):
    assert {part for part in parts if part[0].startswith("a")} == {
        ("a1", "01-21", 100000.0),
        ("a2", "01-21", 50000.0),
        ("a2", "01-26", 50000.0),
    }
    assert {part for part in parts if part[0].startswith("b")} == {("b1", "01-11", 50000.0)}


def test_what_is_paid_written_off_or_paid_by_name_is_not_open(parts):
    assert {part for part in parts if part[0].startswith("c")} == {("c2", "01-07", 30000.0), ("c2", "01-12", 30000.0)}


def test_a_payment_taken_back_opens_what_was_paid_last(parts):
    assert {part for part in parts if part[0].startswith("d")} == {("d1", "01-11", 60000.0), ("d1", "01-16", -60000.0)}


def test_receivables_are_carried_until_they_are_paid(p):
    financing = p.accounts.set_index("customer_id").financing_cost

    assert financing["a"] == 10 * 20 + 5 * 10 + 5 * 15
    assert financing["b"] == 5 * 10 + 5 * 31
    assert financing["c"] == 10 * 5 + 3 * 5 + 3 * 10 + 2 * 30
    assert financing["d"] == 10 * 31 - 6 * 20 + 6 * 15


def test_late_payment_counts_from_the_part_that_paid(p):
    checked = p.opened.checked
    rows = payment_conduct(checked["invoices"], checked["payments"], None, p.window).to_pandas()
    rows = rows.set_index("customer_id")
    # a1: all of it 10 days late; a2: half of it on the day, half 5 days late.
    assert rows.due_days["a"] == 100000 * 10 + 50000 * 0 + 50000 * 5
    assert rows.late_invoices["a"] == 2


def test_what_pays_nothing_is_told_and_counted(p):
    assert p.facts["payments"] == {
        "count": 6,
        "amount": 300000,
        "placed": 280000,
        "nobodys": 1,
        "nobodys_amount": 7,
        "overpaid": 0,
        "overpaid_amount": 0,
        "beyond": 20000,
    }
    told = {problem.rule for problem in p.opened.warnings}
    assert {"no_invoice", "no_payer", "paid_beyond"} <= told
    assert any("name no invoice" in words for words in p.facts["assumptions"])


def test_invoices_alone_count_as_sales_and_the_margin_is_unknown(p):
    rows = p.accounts.set_index("customer_id")

    assert rows.net_revenue.to_dict() == {"a": 200000, "b": 100000, "c": 200000, "d": 100000}
    assert rows.cogs.isna().all()
    assert rows.segment.isna().all()
    assert "counted_as_sale" in {problem.rule for problem in p.opened.warnings}
    assert [row["amount"] for row in p.facts["stand_ins"] if row["what"] == "sales"] == [600000]
    assert "transactions" not in {item["table"] for item in p.facts["inputs"]}


def test_an_invoice_that_payments_name_for_more_than_it_amounts_to_is_told(share_dataset):
    data = share_dataset(
        customers="customer_id,name\na,a\n",
        invoices="invoice_id,customer_id,issued,due,amount\ni,a,2026-01-01,2026-01-11,100\n",
        payments="invoice_id,on,amount\ni,2026-01-05,90\ni,2026-01-06,30\n",
    )
    placed = Portfolio(data, "2026-01-31").opened.checked.placed

    assert (placed.overpaid, placed.overpaid_amount) == (1, 20)


@pytest.mark.parametrize("unit", [1, 1_000, 1_000_000])
def test_how_many_invoices_a_mean_of_days_rests_on_hangs_on_no_unit_of_money(share_dataset, unit):
    """Two equal invoices are two, by Kish's (sum of w)^2 / (sum of w^2), in euros and in millions of them."""
    lines = "".join(f"i{n},c1,2026-05-01,2026-05-31,2026-06-10,{3000 / unit:.4f}\n" for n in range(2))
    data = share_dataset(
        customers="customer_id,name\nc1,One\n", invoices=f"invoice_id,customer_id,issued,due,paid,amount\n{lines}"
    )
    p = Portfolio(data, "2026-05-31")
    window = Window.until(date(2026, 6, 30), 12)
    rows = payment_conduct(p.opened.checked["invoices"], None, None, window).to_pandas()

    assert (rows.amount**2 / rows.weights).tolist() == pytest.approx([2])


def test_a_cent_more_is_rounding_and_two_are_paid_too_much(share_dataset):
    invoices = [("i", "100.00", "33.33", "66.68"), ("j", "100.00", "33.34", "66.68")]
    data = share_dataset(
        customers="customer_id,name\na,a\n",
        invoices="invoice_id,customer_id,issued,due,amount\n"
        + "".join(f"{key},a,2026-01-01,2026-01-11,{owed}\n" for key, owed, _, _ in invoices),
        payments="invoice_id,on,amount\n"
        + "".join(f"{key},2026-01-05,{part}\n" for key, _, *parts in invoices for part in parts),
    )
    placed = Portfolio(data, "2026-01-31").opened.checked.placed
    assert placed.overpaid == 1 and float(placed.overpaid_amount) == pytest.approx(0.02)


def test_in_books_kept_in_millions_a_cent_is_much(share_dataset):
    data = share_dataset(
        customers="customer_id,name\na,a\n",
        invoices="invoice_id,customer_id,issued,due,amount\ni,a,2026-01-01,2026-01-11,0.0030\n",
        payments="invoice_id,on,amount\ni,2026-01-05,0.0040\n",
    )
    assert Portfolio(data, "2026-01-31").opened.checked.placed.overpaid == 1
