# ruff: noqa: S608 - what is put into the queries stands in this file
"""Public sets mapped in several ways, as those who bring them may: every page is there, and the known totals hold."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis import Portfolio
from analysis.reporting import drawing
from analysis.reporting.markup import element
from tests.pages import QUICK, all_words, slip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.real_data,
    pytest.mark.skipif(
        "MUTUAL_VALUE_REAL_DATA" not in os.environ, reason="MUTUAL_VALUE_REAL_DATA is unset: it names the real data"
    ),
]
COSTING = """
period = "year"
[resources.desk]
cost = 600000
capacity_minutes = 1200000
uncertainty = 0.1
[activities.work]
resource = "desk"
minutes = 12
"""
SUPERSTORE = "read_csv('${MUTUAL_VALUE_REAL_DATA}/superstore/orders.csv', all_varchar = true)"
SUPERSTORE_CUSTOMERS = f"""
SELECT "Customer ID" AS customer_id, any_value("Customer Name") AS name, any_value(Segment) AS industry
FROM {SUPERSTORE} GROUP BY 1
"""
SUPERSTORE_ORDERS = f"""
SELECT "Row ID" AS transaction_id, "Customer ID" AS customer_id, "Order Date" AS date, 'sale' AS kind,
    Category AS product, Sales AS net_amount, Sales::DECIMAL(18, 4) - Profit::DECIMAL(18, 4) AS cogs,
    "Order ID" AS order_id
FROM {SUPERSTORE}
"""
SUPERSTORE_BARE = f"""
SELECT "Row ID" AS transaction_id, "Customer ID" AS customer_id, "Order Date" AS date, 'sale' AS kind,
    Sales AS net_amount
FROM {SUPERSTORE}
"""
SUPERSTORE_INVOICES = f"""
SELECT "Order ID" AS invoice_id, any_value("Customer ID") AS customer_id, min("Order Date"::DATE) AS issued,
    min("Order Date"::DATE) + 30 AS due, sum(Sales::DECIMAL(18, 4)) AS amount
FROM {SUPERSTORE} GROUP BY 1
"""
SUPERSTORE_SHIPPING = f"""
SELECT "Row ID" AS event_id, "Customer ID" AS customer_id, "Ship Date"::TIMESTAMP AS at, 'work' AS activity,
    "Ship Mode" AS channel, "Order ID" AS order_id
FROM {SUPERSTORE}
"""
ADVENTURE = "'${MUTUAL_VALUE_REAL_DATA}/adventureworks/FactResellerSales.parquet'"
RESELLERS = f"SELECT DISTINCT ResellerKey::VARCHAR AS customer_id, ResellerKey::VARCHAR AS name FROM {ADVENTURE}"
RESELLERS_BARE = f"""
SELECT SalesOrderNumber || '-' || SalesOrderLineNumber AS transaction_id, ResellerKey::VARCHAR AS customer_id,
    OrderDate::DATE AS date, 'sale' AS kind, SalesAmount AS net_amount, TotalProductCost AS cogs
FROM {ADVENTURE}
"""
RESELLERS_WORK = f"""
SELECT SalesOrderNumber AS event_id, any_value(ResellerKey)::VARCHAR AS customer_id, min(OrderDate)::TIMESTAMP AS at,
    'work' AS activity, count(*) AS quantity
FROM {ADVENTURE} GROUP BY 1
"""
CDNOW = """read_csv('${MUTUAL_VALUE_REAL_DATA}/cdnow/CDNOW_sample.txt', header = false, all_varchar = true, delim = '|',
    columns = {'line': 'VARCHAR'})"""
BOUGHT = f"SELECT regexp_split_to_array(trim(line), '\\s+') AS part, row_number() OVER () AS n FROM {CDNOW}"
CDNOW_CUSTOMERS = f"SELECT DISTINCT part[2] AS customer_id, part[2] AS name FROM ({BOUGHT})"
CDNOW_SALES = f"""
SELECT n::VARCHAR AS transaction_id, part[2] AS customer_id, strptime(part[3], '%Y%m%d')::DATE AS date, 'sale' AS kind,
    part[4] AS quantity, part[5] AS net_amount
FROM ({BOUGHT})
"""
DESK = "'${MUTUAL_VALUE_REAL_DATA}/servicenow/incident_event_log.parquet'"
CALLERS = f"SELECT DISTINCT caller_id AS customer_id, caller_id AS name FROM {DESK} WHERE caller_id <> '?'"
INCIDENTS = f"""
SELECT number AS case_id, nullif(caller_id, '?') AS customer_id, strptime(opened_at, '%d/%m/%Y %H:%M') AS opened_at,
    strptime(nullif(resolved_at, '?'), '%d/%m/%Y %H:%M') AS resolved_at, reopen_count AS reopened,
    reassignment_count AS handoffs
FROM {DESK} QUALIFY row_number() OVER (PARTITION BY number ORDER BY sys_mod_count DESC, sys_updated_at) = 1
"""
UPDATES = f"""
SELECT row_number() OVER () AS event_id, caller_id AS customer_id, 'work' AS activity, number AS case_id,
    strptime(sys_updated_at, '%d/%m/%Y %H:%M') AS at, nullif(contact_type, '?') AS channel,
    nullif(assignment_group, '?') AS department
FROM {DESK}
"""
Pages = Callable[..., tuple[Portfolio, dict[str, str]]]


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pages:
    """Give the portfolio of a mapping and the words of its pages; of a figure, its words alone."""
    monkeypatch.setattr(drawing, "_drawing", lambda plot, prefix, alt, width, height: element("p", alt))

    def give(as_of: str, months: int, **tables: str) -> tuple[Portfolio, dict[str, str]]:
        text = "\n".join(f"[tables.{name}]\nsql = '''{sql}'''" for name, sql in tables.items())
        tmp_path.joinpath("dataset.toml").write_text(text, encoding="utf-8")
        if "service_events" in tables:
            tmp_path.joinpath("costing.toml").write_text(COSTING, encoding="utf-8")
        policy: dict[str, Any] = {**QUICK, "window": {"months": months}}
        run = Portfolio(tmp_path, as_of, policy)
        found = all_words(run)
        for page, words in found.items():
            assert not slip(words), page
        return run, found

    return give


def charged(run: Portfolio) -> float:
    """Return what accounts and nobody are charged, which is what resources used."""
    both = run.accounts[["cost_to_serve", "cost_to_obtain"]].sum().sum() + run.resources.unassigned_cost.sum()
    assert float(run.resources.used_cost.sum()) == pytest.approx(float(both), abs=0.005)
    return float(both)


def test_superstore_with_orders_and_shipping(pages: Pages) -> None:
    run, _ = pages(
        *("2017-12-31", 48),
        customers=SUPERSTORE_CUSTOMERS,
        transactions=SUPERSTORE_ORDERS,
        service_events=SUPERSTORE_SHIPPING,
    )
    assert run.accounts.net_revenue.sum() == pytest.approx(2_297_200.8603, abs=0.0001)
    assert run.accounts.gross_margin.sum() == pytest.approx(286_397.0217, abs=0.0001)
    # Of 9,994 lines each is a piece of work of 12 minutes at 0.50, but for those shipped in January 2018.
    late = int(run.accounts.events.sum())
    assert 9_900 < late < 9_994
    assert charged(run) == pytest.approx(late * 6.0)


def test_superstore_by_what_was_sold_alone_knows_no_margin(pages: Pages) -> None:
    run, found = pages("2017-12-31", 48, customers=SUPERSTORE_CUSTOMERS, transactions=SUPERSTORE_BARE)
    assert run.accounts.net_revenue.sum() == pytest.approx(2_297_200.8603, abs=0.0001)
    assert run.accounts.net_margin.isna().all()
    assert "The margin of 793 accounts" in found["executive"]
    assert "surely earn" not in found["executive"]


def test_superstore_by_its_invoices_alone_sells_their_amounts(pages: Pages) -> None:
    run, _ = pages("2017-12-31", 48, customers=SUPERSTORE_CUSTOMERS, invoices=SUPERSTORE_INVOICES)
    assert run.accounts.net_revenue.sum() == pytest.approx(2_297_200.8603, abs=0.0001)
    assert run.accounts.net_margin.isna().all()


def test_the_resellers_without_orders_or_work(pages: Pages) -> None:
    run, found = pages("2013-11-30", 36, customers=RESELLERS, transactions=RESELLERS_BARE)
    totals = run.accounts[["net_revenue", "cogs", "net_margin"]].sum().round(2)
    assert totals.to_dict() == {"net_revenue": 80_450_596.98, "cogs": 79_980_114.38, "net_margin": 470_482.60}
    assert "335 of 635 accounts" in found["executive"]


def test_the_work_for_the_resellers_alone(pages: Pages) -> None:
    run, found = pages("2013-11-30", 36, customers=RESELLERS, service_events=RESELLERS_WORK)
    # 3,796 orders of 12 minutes at 0.50.
    assert charged(run) == pytest.approx(3_796 * 6.0)
    assert run.accounts.net_margin.isna().all()
    assert "The margin of 635 accounts is not known" in found["executive"]


def test_cdnow_by_what_was_bought_alone(pages: Pages) -> None:
    run, _ = pages("1998-06-30", 18, customers=CDNOW_CUSTOMERS, transactions=CDNOW_SALES)
    assert len(run.accounts) == 2_357
    assert run.accounts.net_revenue.sum() == pytest.approx(244_091.94, abs=0.005)
    assert run.accounts.net_margin.isna().all()


def test_the_service_desk_with_its_work(pages: Pages) -> None:
    run, found = pages("2017-02-28", 13, customers=CALLERS, cases=INCIDENTS, service_events=UPDATES)
    # 141,712 entries of the log, each a piece of work of 12 minutes at 0.50; those of no caller are nobody's.
    assert charged(run) == pytest.approx(141_712 * 6.0)
    assert run.resources.unassigned_cost.sum() > 0
    assert run.accounts.net_margin.isna().all()
    assert "There are no sales in this window" not in found["profitability"]


def test_the_work_of_the_service_desk_alone(pages: Pages) -> None:
    run, found = pages("2017-02-28", 13, customers=CALLERS, service_events=UPDATES)
    assert charged(run) == pytest.approx(141_712 * 6.0)
    assert "Whether accounts are difficult cannot be judged" in found["difficult"]
