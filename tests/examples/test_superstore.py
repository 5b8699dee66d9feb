"""Superstore's orders, mapped by a `dataset.toml` alone: its known totals come out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from analysis import Portfolio
from analysis.topics.profitability.judgement.profitability import shape

DATASET = """
[tables.customers]
sql = '''
SELECT "Customer ID" AS customer_id, any_value("Customer Name") AS name, any_value(Segment) AS industry
FROM read_csv('${MUTUAL_VALUE_REAL_DATA}/superstore/orders.csv', all_varchar = true) GROUP BY 1
'''
[tables.transactions]
sql = '''
SELECT "Row ID" AS transaction_id, "Customer ID" AS customer_id, "Order Date" AS date, 'sale' AS kind,
    Category AS product, Sales AS net_amount, Sales::DECIMAL(18, 4) - Profit::DECIMAL(18, 4) AS cogs,
    "Order ID" AS order_id
FROM read_csv('${MUTUAL_VALUE_REAL_DATA}/superstore/orders.csv', all_varchar = true)
'''
"""

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(
        "MUTUAL_VALUE_REAL_DATA" not in os.environ, reason="MUTUAL_VALUE_REAL_DATA is unset: it names the real data"
    ),
]


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    folder: Path = tmp_path_factory.mktemp("superstore")
    folder.joinpath("dataset.toml").write_text(DATASET, encoding="utf-8")
    return Portfolio(folder, "2017-12-31", {"currency": "USD", "window": {"months": 48}})


def test_every_line_is_accepted(portfolio: Portfolio) -> None:
    counts = {count["table"]: (count["rows"], count["rejected"]) for count in portfolio.inputs}
    assert counts == {"customers": (793, 0), "transactions": (9_994, 0)}


def test_sales_and_profit_are_the_published_totals(portfolio: Portfolio) -> None:
    assert portfolio.accounts.net_revenue.sum() == pytest.approx(2_297_200.8603, abs=0.0001)
    assert portfolio.accounts.net_margin.sum() == pytest.approx(286_397.0217, abs=0.0001)
    assert int((portfolio.accounts.net_margin < 0).sum()) == 155


def test_the_whale_peaks_at_the_published_share(portfolio: Portfolio) -> None:
    assert shape(portfolio.whale).peak_share == pytest.approx(1.2487, abs=0.00005)


def test_orders_that_lose_money_come_from_accounts_that_earn_it_too(portfolio: Portfolio) -> None:
    found = portfolio.facts["losses_within"]
    assert found["orders"] == 5_009
    assert found["of_accounts_that_earn"] > 0.4 * found["loss_making_orders"]
