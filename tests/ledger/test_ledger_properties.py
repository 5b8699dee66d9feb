"""Whatever the ledger, its sums reconcile to the cent, and the order of its rows changes nothing."""

from __future__ import annotations

import random
import tempfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analysis import Portfolio

COSTING = """
period = "month"
[resources.a]
cost = 997
capacity_minutes = 1013
uncertainty = 0.2
[resources.b]
cost = 10007.77
capacity_minutes = 331
avoidable = 0.35
resale = 0.17
[activities.x]
resource = "a"
minutes = 7.3
per.quantity = 1.7
[activities.y]
resource = "b"
demand = "failure"
minutes = 0.1
when.rush = 3.333
[activities.z]
resource = "b"
purpose = "obtain"
uncertainty = 0.3
minutes = 31
"""
POLICY = {
    "costs": {"cogs_share": 0.37},
    "uncertainty": {"draws": 100, "rank_draws": 100},
    "window": {"allow_beyond": True},
}
CUSTOMERS = ["c1", "c2", "c3", "c4"]
DAY = st.dates(date(2025, 10, 25), date(2026, 11, 5))
MONEY = st.decimals(0, 100_000, places=4)
EMPTY = st.just("")


def one_of(*values):
    return st.sampled_from([*values, ""])


EVENTS = st.lists(
    st.tuples(
        one_of(*CUSTOMERS, "ghost"),
        st.datetimes(datetime(2025, 10, 25), datetime(2026, 11, 5)).map(lambda at: at.isoformat()),
        st.sampled_from("xyz"),
        EMPTY | st.decimals(0, 500, places=6).map(str),
        EMPTY | st.floats(-50, 5_000, allow_nan=False).map(lambda x: f"{x:.6f}"),
        one_of("true", "false"),
        one_of("true", "false"),
        one_of("k1", "k2"),
    ),
    max_size=60,
)


@st.composite
def lines(draw):
    kind = draw(st.sampled_from(["sale", "sale", "return", "credit", "rebate"]))
    amount = draw(MONEY)
    cogs = draw(EMPTY | MONEY.map(str))
    discount = draw(st.decimals(0, 1, places=2)) * amount if kind == "sale" else Decimal(0)
    sign = 1 if kind == "sale" else -1
    return (
        draw(st.sampled_from(CUSTOMERS)),
        draw(DAY),
        kind,
        sign * amount,
        discount.quantize(Decimal("0.0001")),
        cogs,
        draw(EMPTY | st.decimals(0, 99, places=2).map(str)),
    )


INVOICES = st.lists(
    st.tuples(st.sampled_from(CUSTOMERS), DAY, MONEY, EMPTY | DAY.map(str), EMPTY | DAY.map(str)), max_size=15
)


def csv(header, rows):
    body = [",".join([f"{n}", *map(str, row)]) for n, row in enumerate(rows)]
    return [header, *body]


def write(folder, tables):
    folder.mkdir()
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text("\n".join([*text, ""]), encoding="utf-8")
    (folder / "costing.toml").write_text(COSTING, encoding="utf-8")
    (folder / "cases.csv").write_text(
        "case_id,customer_id,opened_at,cause\nk1,c1,2026-01-01,ours\nk2,c1,2026-01-01,customer\n", encoding="utf-8"
    )
    return folder


@pytest.mark.slow
@settings(max_examples=3, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(events=EVENTS, sold=st.lists(lines(), min_size=1, max_size=40), invoices=INVOICES, seed=st.integers(0, 99))
@example(
    events=[("c1", "2026-05-08T00:15:30", "x", "", "", "true", "true", "k2")],
    sold=[("c2", date(2025, 12, 17), "sale", Decimal("1.5802"), Decimal("1.0429"), "", "6.26")],
    # Paid before it was issued: no day of it is known to be late.
    invoices=[("c1", date(2026, 8, 15), Decimal("0.5761"), "2026-06-27", "2025-11-16")],
    seed=91,
)
def test_the_sums_reconcile_and_the_order_of_rows_changes_nothing(events, sold, invoices, seed):
    due = [(c, i, i + timedelta(days=30), amount, paid, off) for c, i, amount, paid, off in invoices]
    tables = {
        "customers": ["customer_id,name", *(f"{c},{c}" for c in CUSTOMERS)],
        "service_events": csv("event_id,customer_id,at,activity,minutes,quantity,rush,requested,case_id", events),
        "transactions": csv("transaction_id,customer_id,date,kind,list_amount,discount,cogs,freight", sold),
        "invoices": csv("invoice_id,customer_id,issued,due,amount,paid,written_off_on", due),
    }
    shuffled = {}
    for name, (header, *rows) in tables.items():
        random.Random(seed).shuffle(rows)  # noqa: S311
        shuffled[name] = [header, *rows]
    with tempfile.TemporaryDirectory() as place:
        first = Portfolio(write(Path(place) / "first", tables), "2026-10-31", POLICY)
        second = Portfolio(write(Path(place) / "second", shuffled), "2026-10-31", POLICY)
        names = ["accounts", "resources", "whale", "bridge", "activities", "capacity"]
        pairs = [(first.table(name), second.table(name)) for name in names]
        kept = [first.opened.checked.counts(), second.opened.checked.counts()]
        failed = [i for p in (first, second) for i in p.identities if not i.holds]

    assert kept[0] == kept[1]
    assert failed == []
    for one, other in pairs:
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    accounts, resources = first.accounts, first.resources
    sold_in = [(k, a, d) for c, day, k, a, d, *_ in sold if date(2025, 11, 1) <= day <= date(2026, 10, 31)]
    assert round(accounts.net_revenue.sum(), 4) == float(sum((a - d for _, a, d in sold_in), Decimal(0)))
    assert abs(accounts.list_revenue - accounts.discounts - accounts.returns - accounts.net_revenue).max() < 1e-6
    parts = accounts.cost_to_serve.sum() + accounts.cost_to_obtain.sum() + resources.unassigned_cost.sum()
    assert abs(parts + resources.unused_cost.sum() - resources.supplied_cost.sum()) < 0.005
    assert (
        accounts[["failure_cost", "unrequested_cost", "out_of_scope_cost"]].max(axis=1) <= accounts.cost_to_serve
    ).all()
    assert (accounts.financing_cost >= 0).all()
