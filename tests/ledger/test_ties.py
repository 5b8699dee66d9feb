"""From the files to the statements: each step by hand, and the sums of every tie."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from analysis.portfolio import Portfolio
from analysis.topics.profitability.page.from_the_files import from_the_files
from tests.pages import QUICK

LINES = """
transaction_id,customer_id,date,kind,net_amount,cogs
t1,c1,2026-10-01,sale,1000,600
t2,c1,2026-10-02,credit,-100,-60
t3,c2,2026-10-03,sale,500,
t4,,2026-10-04,sale,70,40
t5,c1,2024-10-05,sale,9,4
t6,nobody,2026-10-06,sale,2000,1
t7,c1,31.10.2026,sale,30,20
"""
EVENTS = """
event_id,customer_id,at,activity,minutes
e1,c1,2026-10-01,call,30
e2,c2,2026-10-31T23:59:59,call,
e3,,2026-10-03,call,12
e4,c1,2025-10-03,call,99
e5,c1,2026-10-03,dance,7
"""
INVOICES = """
invoice_id,customer_id,issued,due,amount
i1,c1,2026-10-01,2026-10-31,900
i2,c2,2024-10-01,2024-10-31,50
i3,c9,2026-10-01,2026-10-31,7
"""


@pytest.fixture(scope="module")
def portfolio(share_dataset):
    policy = "[checks]\nrejected_share = 0.5\n[costs]\nmodelled_cogs_share = 1.0\n[window]\nmonths = 12\n"
    costing = 'period = "year"\n[resources.a]\ncost = 100\ncapacity_minutes = 100\n'
    costing += '[activities.call]\nresource = "a"\nminutes = 5\n'
    data = share_dataset(
        customers="customer_id,name\nc1,One\nc2,Two\n", transactions=LINES, service_events=EVENTS, invoices=INVOICES,
        costing=costing, policy=policy,
    )  # fmt: skip
    return Portfolio(data, as_of="2026-10-31", policy=QUICK)


def steps(portfolio, what):
    ties = portfolio.ties
    return {row.line: (row.rows, row.amount) for row in ties[ties.what == what].itertuples()}


def test_each_step_is_what_a_pencil_gives(portfolio):
    # t6 is of nobody in `customers` (2,000), t7 has no date (30): both set aside. t5 lies two years back.
    assert steps(portfolio, "revenue") == {
        "read": (7, 3509), "rejected": (-2, -2030), "outside": (-1, -9), "nobody": (-1, -70), "counted": (3, 1400),
    }  # fmt: skip
    # c2's goods are modelled at the portfolio's ratio, 60 of 100: 540 of 900 by c1 and 40 of 70 by nobody.
    goods = steps(portfolio, "cogs")
    modelled = goods.pop("modelled")[1]
    assert goods.pop("counted")[1] == pytest.approx(540 + modelled)
    assert goods == {"read": (7, 605), "rejected": (-2, -21), "outside": (-1, -4), "nobody": (-1, -40)}
    assert 500 * 40 / 70 < modelled < 500 * 0.61
    # e5 is no activity of the costing; e2 has no minutes, so the equation's 5 count.
    work = steps(portfolio, "work")
    assert work.pop("modelled")[1] == 5
    assert work == {
        "read": (5, 148), "rejected": (-1, -7), "outside": (-1, -99), "nobody": (-1, -12), "counted": (2, 35),
    }  # fmt: skip
    assert steps(portfolio, "invoices") == {
        "read": (3, 957), "rejected": (-1, -7), "outside": (-1, -50), "counted": (1, 900),
    }  # fmt: skip


def test_every_tie_adds_up_and_nothing_is_unexplained(portfolio):
    for _, tie in portfolio.ties.groupby("what"):
        assert tie.amount.iloc[:-1].sum() == pytest.approx(tie.amount.iloc[-1], abs=0.01)
        assert tie.kind.tolist() == ["total", *["step"] * (len(tie) - 2), "total"]
    assert "difference" not in set(portfolio.ties.line)


def test_the_page_shows_every_digit_of_a_controllers_total(portfolio):
    page = str(from_the_files(portfolio))
    assert "3,509.00" in page
    assert "2,030.00" in page
    assert "lead from the files to this page" in page


def test_where_invoices_stand_in_for_sales_their_file_is_followed(write_dataset):
    data = write_dataset(
        customers="customer_id,name\nc1,One\nc2,Two\n", invoices=INVOICES, policy="[checks]\nrejected_share = 0.5\n"
    )
    found = Portfolio(data, as_of="2026-10-31", policy=QUICK)
    assert steps(found, "revenue")["read"] == (3, 957)
    assert steps(found, "revenue")["counted"] == (1, 900)
    assert "work" not in set(found.ties.what)
    # No cost of goods is in any row: there is nothing to follow.
    page = str(from_the_files(found))
    assert "Cost of goods" not in page and "Revenue and invoices lead from" in page
    alone = SimpleNamespace(ties=found.ties[found.ties.what == "revenue"])
    assert "Revenue leads from" in str(from_the_files(alone))
