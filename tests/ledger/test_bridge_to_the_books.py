"""The bridge from the accounts' margin to the operating profit of the books, by hand."""

from __future__ import annotations

import pytest

from analysis import Portfolio
from analysis.errors import DataError
from analysis.ledger.bridge import stop_apart, tie
from analysis.ledger.costing import Control

CUSTOMERS = "customer_id,name\nc1,One\nc2,Two\n"
LINES = """
transaction_id,customer_id,date,kind,list_amount,cogs,freight
t1,c1,2026-01-01,sale,1000,600,10
t2,c2,2026-01-01,sale,500,450,5
"""
EVENTS = """
event_id,customer_id,at,activity
e1,c1,2026-01-01,call
e2,c2,2026-01-01,call
e3,,2026-01-01,call
"""
COSTING = """
period = "year"
[resources.desk]
cost = 200
capacity_minutes = 100
[activities.call]
resource = "desk"
minutes = 20
"""


def portfolio(write_dataset, control="", policy=None, **files):
    parts = {"customers": CUSTOMERS, "transactions": LINES, "service_events": EVENTS, **files}
    data = write_dataset(**parts, costing=COSTING + (f"[control]\n{control}" if control else ""))
    return Portfolio(data, "2026-01-31", policy)


def lines(p):
    return dict(zip(p.bridge.line, p.bridge.amount, strict=True))


def adds_up(p):
    """The steps after each total lead to the next one."""
    running = 0.0
    for row in p.bridge.itertuples():
        if row.kind == "total" and row.Index > 0:
            assert row.amount == pytest.approx(running, abs=0.005)
        running = row.amount if row.kind == "total" else running + row.amount
    return True


def test_the_books_are_reached_line_by_line(write_dataset):
    p = portfolio(write_dataset, "revenue = 1500\ncogs = 1050\noperating_profit = 100")

    assert lines(p) == {
        "accounts_net_margin": 1000 - 600 - 10 - 40 + 500 - 450 - 5 - 40,
        "unassigned": -40,
        "unused": -80,
        "after_capacity": 435 - 80 - 120,
        "not_modelled": -135,
        "difference": 0,
        "operating_profit": 100,
    }
    assert adds_up(p)


def test_revenue_and_goods_that_the_books_state_otherwise_are_a_line_of_their_own(write_dataset):
    p = portfolio(write_dataset, "revenue = 1510\ncogs = 1053\noperating_profit = 100")

    assert lines(p)["difference"] == (1510 - 1500) - (1053 - 1050)
    assert adds_up(p)
    assert (p.tie.revenue_difference, p.tie.cogs_difference) == (-10, -3)
    assert p.tie.share == pytest.approx(10 / 1510)


def test_without_the_books_the_bridge_ends_at_the_capacity(write_dataset):
    p = portfolio(write_dataset)

    assert p.bridge.line.tolist() == ["accounts_net_margin", "unassigned", "unused", "after_capacity"]
    assert (p.tie, p.facts["books"]) == (None, None)


def test_accounts_whose_margin_is_not_measured_are_a_line_of_their_own(write_dataset):
    p = portfolio(write_dataset, "operating_profit = 100", transactions=LINES.replace("500,450,5", "500,,5"))

    assert lines(p)["accounts_net_margin"] == 350
    assert lines(p)["not_measured"] == 500 - 5 - 40
    assert adds_up(p)
    assert p.tie.share is None


def test_an_overloaded_resource_gives_back_in_the_bridge(write_dataset):
    p = portfolio(write_dataset, service_events=EVENTS + "".join(f"x{n},c1,2026-01-01,call\n" for n in range(3)))

    assert lines(p)["unused"] == 40
    assert adds_up(p)


@pytest.fixture(scope="module")
def accounts(share_dataset):
    return portfolio(share_dataset).accounts


@pytest.mark.parametrize(
    ("books", "named"),
    [
        ({"revenue": 1600.0}, ["control.revenue"]),
        ({"revenue": 1500.0, "cogs": 1000.0}, ["control.cogs"]),
        ({"revenue": 1400.0, "cogs": 1200.0}, ["control.revenue", "control.cogs"]),
        ({"revenue": 1510.0, "cogs": 1055.0}, []),
        ({"revenue": 0.0}, ["control.revenue"]),
        ({"operating_profit": -5.0}, []),
    ],
)
def test_books_that_are_missed_by_more_than_one_in_a_hundred_stop_the_run(accounts, books, named):
    apart = tie(accounts, Control(**books))
    if not named:
        return stop_apart(apart, 0.01)
    with pytest.raises(DataError) as stopped:
        stop_apart(apart, 0.01)
    assert [problem.column for problem in stopped.value.problems] == named
    assert stopped.value.exit_code == 3


def test_what_a_run_bears_is_the_policys_choice(write_dataset):
    p = portfolio(write_dataset, "revenue = 1600", {"checks": {"books_difference": 0.07}})

    stop_apart(p.tie, p.policy.checks.books_difference)
    assert p.facts["books"]["tied"] is True
    assert p.facts["books"]["revenue_difference"] == -100


def test_without_sales_nothing_is_held_against_the_books(write_dataset):
    data = write_dataset(
        customers=CUSTOMERS,
        service_events=EVENTS,
        costing=f"{COSTING}[control]\nrevenue = 1500\noperating_profit = 250\n",
    )
    p = Portfolio(data, "2026-01-31")

    assert p.tie is None
    assert p.bridge.empty
    stop_apart(p.tie, 0.01)


def test_books_of_another_window_are_told_of_and_not_held_against_this_one(write_dataset):
    others = portfolio(write_dataset, "as_of = 2025-12-31\nrevenue = 1600\noperating_profit = 100")

    assert others.tie is None
    assert others.facts["books"] is None
    assert "operating_profit" not in set(others.bridge["line"])
    [told] = [words for words in others.facts["warnings"] if "control.as_of" in words]
    assert "ends on 2025-12-31, so the one that ends on 2026-01-31 is not tied to them" in told
    assert "other_books" in {problem.rule for problem in others.opened.problems}


def test_books_of_this_window_are_held_against_it(write_dataset):
    mine = portfolio(write_dataset, "as_of = 2026-01-31\nrevenue = 1600")

    assert mine.facts["books"]["revenue_difference"] == -100
    assert not [words for words in mine.facts["warnings"] if "control.as_of" in words]
    with pytest.raises(DataError, match=r"state its last day as control\.as_of"):
        stop_apart(mine.tie, 0.01)
