"""Each rule of the statement by hand, on sums of a few accounts: turned round, one of these fails."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pandas as pd
import pytest

from analysis.ledger.statement import statement
from analysis.window import Window

WINDOW = Window.until(date(2026, 10, 31), 12)
CUSTOMER = ["customer_id", "name", "industry", "region", "size", "account_manager"]
MONEY = "decimal(18, 4)"
SALES = ["list_revenue", "discounts", "returns", "net_revenue", "cogs", "freight", "assumed_cogs"]
WORK = [
    *("cost_to_serve", "cost_to_obtain", "service_minutes", "avoidable_work", "unknown_work", "freed_value"),
    *("failure_cost", "unrequested_cost", "out_of_scope_cost", "cts_desk"),
]
OWED = ["write_offs", "financing_cost", "disputed"]


def customers(**spans: tuple[str | None, str | None]) -> ibis.Table:
    rows = [
        {
            "customer_id": name,
            "since": since and date.fromisoformat(since),
            "ended": ended and date.fromisoformat(ended),
        }
        for name, (since, ended) in spans.items()
    ]
    frame = pd.DataFrame(rows, columns=[*CUSTOMER, "since", "ended"])
    return ibis.memtable(frame, schema={**dict.fromkeys(CUSTOMER, "string"), "since": "date", "ended": "date"})


def sums(columns: list[str], counts: list[str], **rows: list[float | None]) -> ibis.Table:
    found = [(name, *values) for name, values in rows.items()]
    names = [*columns, *counts]
    frame = pd.DataFrame(found, columns=["customer_id", *names]).astype(dict.fromkeys(names, "float64"))
    schema = {"customer_id": "string", **dict.fromkeys(names, "float64")}
    return ibis.memtable(frame, schema=schema).cast({**dict.fromkeys(columns, MONEY), **dict.fromkeys(counts, "int64")})


def sales(**rows: list[float | None]) -> ibis.Table:
    return sums(SALES, ["lines", "sales_lines"], **rows)


def work(**rows: list[float | None]) -> ibis.Table:
    return sums(WORK, ["events"], **rows)


def stated(*parts: Any, groups: tuple[str, ...] = ("desk",)) -> pd.DataFrame:
    who, sold, done, owed = parts
    return statement(who, WINDOW, sold, done, owed, list(groups)).to_pandas().set_index("customer_id")


SOLD = [1000.0, 100.0, 50.0, 850.0, 400.0, 30.0, 0.0, 3, 2]
DONE = [120.0, 40.0, 10.0, 60.0, 0.0, 7.0, 20.0, 5.0, 3.0, 120.0, 2]
ALWAYS = (None, None)


def test_listed_is_who_was_a_customer_in_the_window_or_has_a_line_or_an_event_in_it():
    who = customers(
        always=ALWAYS, first=("2025-11-01", None), last=("2026-10-31", None), later=("2026-11-01", None),
        gone=("2020-01-01", "2025-10-31"), left=("2020-01-01", "2025-11-01"), sold=("2026-11-01", None),
        served=(None, "2025-10-31"), within=("2026-01-01", "2026-02-01"),
    )  # fmt: skip
    found = stated(who, sales(sold=SOLD), work(served=DONE), None)

    assert found.index.tolist() == ["always", "first", "last", "left", "served", "sold", "within"]
    assert found.index[found.first_year].tolist() == ["first", "last", "within"]


def test_the_statement_of_one_account_is_what_a_pencil_gives():
    found = stated(customers(a=ALWAYS), sales(a=SOLD), work(a=DONE), sums(OWED, [], a=[11.0, 9.0, 2.0])).loc["a"]

    assert found.gross_margin == 420.0  # 850 - 400 - 30
    assert found.running_margin == 280.0  # less 120, 11 and 9
    assert found.net_margin == 240.0  # less 40
    assert found.avoidable_cost == 510.0  # 400 + 30 + 11 + 9 + 60
    assert found.avoidable_margin == 340.0
    assert found.gain_if_ended == -333.0  # 510 - 850 + 7
    assert found.avoidable_known
    assert found.cts_pct == pytest.approx(120 / 850)
    assert found.service_demand == pytest.approx((120 - 20) / (1000 - 50))
    assert (found.disputed, found.cts_desk, found.events) == (2.0, 120.0, 2)


def test_who_bought_and_got_nothing_has_noughts_and_no_ratios():
    owed = sums(OWED, [], a=[11.0, 9.0, 2.0])
    found = stated(customers(a=ALWAYS, b=ALWAYS), sales(a=SOLD), work(a=DONE), owed).loc["b"]
    noughts = [*SALES, *WORK, *OWED, "events", "gross_margin", "running_margin", "net_margin", "avoidable_cost"]

    assert found[noughts].tolist() == [0.0] * len(noughts)
    assert found.avoidable_known
    assert pd.isna(found.cts_pct) and pd.isna(found.service_demand)


def test_who_only_returned_has_no_discount_and_what_is_not_known_stays_so():
    rows = sales(
        returned=[0.0, None, 20.0, -20.0, None, 0.0, 0.0, 1, 0], net=[0.5, None, 0.0, 0.5, 0.2, 0.0, 0.0, 1, 1]
    )
    half = [0.25, 0.0, 1.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.25, 1]
    found = stated(customers(returned=ALWAYS, net=ALWAYS), rows, work(net=half), None)

    assert found.discounts["returned"] == 0.0
    assert found.loc["returned", ["cogs", "gross_margin", "net_margin"]].isna().all()
    assert pd.isna(found.discounts["net"])
    assert (found.cts_pct["net"], found.service_demand["net"]) == (0.5, 0.5)
    assert not found.avoidable_known["net"]
    assert pd.isna(found.cts_pct["returned"])


def test_without_a_table_of_sales_nothing_is_known_of_them_and_costs_are_nought():
    found = stated(customers(a=ALWAYS), None, work(a=DONE), None).loc["a"]

    assert found[[*SALES, "gross_margin", "running_margin", "disputed"]].isna().all()
    assert found[["write_offs", "financing_cost"]].tolist() == [0.0, 0.0]
    assert found.cost_to_serve == 120.0
    without = stated(customers(a=ALWAYS), sales(a=SOLD), None, None, groups=()).loc["a"]
    assert (without.cost_to_serve, without.events, without.net_margin) == (0.0, 0, 420.0)
