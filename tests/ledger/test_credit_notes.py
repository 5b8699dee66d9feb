"""An invoice that a credit note cancels is neither late nor owed, by hand: at 3.65% a year, 10,000 a day cost 1.

Each is issued on 1 January 2026 and due on the 31st; the window ends on 31 October: 304 days carried, 273 days late.
"""

from __future__ import annotations

import re
from datetime import date

import pytest

from analysis import Portfolio
from analysis.data.credits import owed
from analysis.opening import open_all
from analysis.topics.backtest.judgement.past import known_on
from analysis.topics.difficulty.measures.payment_conduct import payment_conduct
from analysis.window import Window

DAY = "2026-10-31"
INVOICES = """
invoice_id,customer_id,issued,due,amount,paid
i1,open,2026-01-01,2026-01-31,10000,
i2,cancelled,2026-01-01,2026-01-31,10000,
i3,in-part,2026-01-01,2026-01-31,10000,
i4,already-net,2026-01-01,2026-01-31,7500,
i5,taxed,2026-01-01,2026-01-31,11900,
i6,by-note,2026-01-01,2026-01-31,10000,
i7,by-note,2026-02-01,2026-03-03,10000,2026-02-02
i7n,by-note,2026-03-01,2026-03-31,-10000,
i8,oldest-goes,2026-01-01,2026-01-31,10000,
i9,oldest-goes,2026-10-22,2026-10-31,10000,
n9,oldest-goes,2026-10-25,2026-11-24,-10000,
i10,named-goes,2026-01-01,2026-01-31,10000,
i11,named-goes,2026-10-22,2026-10-31,10000,
CN-i11,named-goes,2026-10-25,2026-11-24,-10000,
i12,too-late,2026-01-01,2026-01-31,10000,
n12,too-late,2026-11-05,2026-12-05,-10000,
i13,other-amount,2026-01-01,2026-01-31,10000,
i14,twice-told,2026-01-01,2026-01-31,10000,
i15,twice-told,2026-10-22,2026-10-31,10000,
n15,twice-told,2026-10-25,2026-11-24,-10000,
"""
LINES = """
transaction_id,customer_id,date,kind,net_amount,invoice_id
s2,cancelled,2026-01-01,sale,10000,i2
c2,cancelled,2026-05-01,credit,-10000,i2
s3,in-part,2026-01-01,sale,10000,i3
c3,in-part,2026-05-01,credit,-2500,i3
s4,already-net,2026-01-01,sale,10000,i4
c4,already-net,2026-01-01,credit,-2500,i4
s5,taxed,2026-01-01,sale,10000,i5
c5,taxed,2026-05-01,credit,-10000,i5
c13,other-amount,2026-05-01,credit,-10000,i1
s15,twice-told,2026-10-22,sale,10000,i15
c15,twice-told,2026-10-25,credit,-10000,i15
"""
#: What waiting cost in the window: days carried x amount / 10,000.
FINANCING = {
    "open": 304,
    "cancelled": 0,
    "in-part": 228,  # 7,500 for 304 days
    "already-net": 228,
    "taxed": 0,
    "by-note": 1,  # i7 was paid after a day
    "oldest-goes": 10,  # i9, from 22 October
    "named-goes": 304,
    "too-late": 304,  # the note is of November
    "other-amount": 304,  # its credit names an invoice of somebody else
    "twice-told": 304,  # the line and the note are one credit, of i15
}
LATE = {"open": 1, "cancelled": 0, "in-part": 1, "already-net": 1, "taxed": 0, "by-note": 0, "oldest-goes": 0}
LATE |= {"named-goes": 1, "too-late": 1, "other-amount": 1, "twice-told": 1}


@pytest.fixture(scope="module")
def data(share_dataset):
    names = "".join(f"{name},{name}\n" for name in FINANCING)
    return share_dataset(customers=f"customer_id,name\n{names}", transactions=LINES, invoices=INVOICES)


@pytest.fixture(scope="module")
def portfolio(data):
    return Portfolio(data, DAY, {"finance": {"receivables_rate": 0.0365}})


@pytest.mark.parametrize("customer", FINANCING)
def test_what_is_credited_is_not_carried(portfolio, customer):
    assert portfolio.accounts.set_index("customer_id").financing_cost[customer] == pytest.approx(FINANCING[customer])


def test_a_credit_counts_in_books_kept_in_millions_too(share_dataset):
    """10,000 is 0.01 there, and a credit of all of it no rounding; one that the invoice holds already counts once."""

    def in_millions(rows):
        return re.sub(r"(?<=,)-?[0-9]{4,5}(?=[,\n])", lambda found: f"{int(found[0]) / 1e6:.4f}", rows)

    some = ("cancelled", "in-part", "already-net", "open")
    data = share_dataset(
        customers="customer_id,name\n" + "".join(f"{name},{name}\n" for name in some),
        transactions="\n".join(
            line for line in in_millions(LINES).strip().splitlines() if line.split(",")[1] in (*some, "customer_id")
        ),
        invoices="\n".join(
            line for line in in_millions(INVOICES).strip().splitlines() if line.split(",")[1] in (*some, "customer_id")
        ),
    )
    checked = Portfolio(data, DAY).opened.checked
    rest = owed(checked, date(2026, 10, 31)).to_pandas().set_index("customer_id").amount.astype(float)

    assert rest.to_dict() == pytest.approx({"open": 0.01, "cancelled": 0, "in-part": 0.0075, "already-net": 0.0075})


@pytest.fixture(scope="module")
def conduct(portfolio):
    invoices = owed(portfolio.opened.checked, portfolio.window.end)
    return payment_conduct(invoices, None, None, portfolio.window).to_pandas().set_index("customer_id")


@pytest.mark.parametrize("customer", LATE)
def test_what_is_cancelled_is_not_late(conduct, customer):
    late = conduct.late_invoices.get(customer, 0)
    assert late == LATE[customer]


def test_a_cancelled_invoice_is_not_among_those_judged(conduct):
    assert "cancelled" not in conduct.index
    assert conduct.invoices["by-note"] == 1
    assert conduct.due_days["in-part"] == 7500 * 273


def test_a_day_before_the_credit_does_not_know_of_it(portfolio):
    opened, before = portfolio.opened, date(2026, 4, 30)
    with opened.engine.scoped("past"):
        past = known_on(opened, before)
        for checked in (past.checked, opened.checked):
            rows = owed(checked, before).to_pandas().set_index("invoice_id")
            assert float(rows.amount["i2"]) == 10000
            assert float(rows.amount["i6"]) == 0  # its note is of March
        conduct = payment_conduct(owed(past.checked, before), None, None, Window.until(before, 12))
        assert conduct.to_pandas().set_index("customer_id").late_invoices["cancelled"] == 1


def test_a_payment_without_an_invoice_does_not_pay_one_that_was_cancelled(write_dataset):
    opened = open_all(
        write_dataset(
            customers="customer_id,name\nA,A\n",
            invoices="invoice_id,customer_id,issued,due,amount\n"
            "old,A,2026-01-01,2026-01-31,100\nnew,A,2026-02-01,2026-03-03,100\nback,A,2026-01-15,2026-01-15,-100\n",
            payments="on,amount,customer_id\n2026-02-20,100,A\n",
        )
    )
    paid = opened.checked["payments"].to_pandas()
    assert list(paid.invoice_id) == ["new"]
    assert opened.checked.placed.placed == 100
