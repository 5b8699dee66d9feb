"""The first day as a customer, where an account's own sales contradict the one that is stated.

Who bought was a customer: a sale before `since` (an account taken over from another system, a date typed wrong) makes
the earlier day count, wherever tenure matters, and is warned of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analysis.data.asked import length_of
from analysis.data.checks import Checked
from analysis.data.reading import Engine
from analysis.errors import Example, Problem


def with_first_sales(engine: Engine, checked: Checked) -> Iterator[Problem]:
    """Yield a warning where accounts bought before their `since`, and let their first sale's day stand in its place."""
    lines = checked.get("transactions")
    if lines is None:
        return
    customers = checked["customers"]
    sales = lines.filter(lines.kind == "sale")
    first = sales.group_by("customer_id").aggregate(_first=sales["date"].min()).rename(_customer="customer_id")
    joined = customers.left_join(first, customers.customer_id == first._customer).drop("_customer")
    early = joined.filter(joined._first < joined.since)
    count = length_of(early)
    if not count:
        return
    yield _told(early, count)
    since = (joined._first < joined.since).ifelse(joined._first, joined.since)
    rows = joined.mutate(since=since).drop("_first").select(*customers.columns)
    checked.tables["customers"].accepted = engine.keep("customers_since", rows)


def _told(early: Any, count: int) -> Problem:
    first = early.order_by("_row").limit(5).to_pandas()
    examples = (
        Example(int(row.row), row.customer_id, f"{row.since:%Y-%m-%d}, first sale {row.first:%Y-%m-%d}")
        for row in first.rename(columns={"_row": "row", "_first": "first"}).itertuples()
    )
    return Problem(
        "customers",
        "since",
        "sold_before_since",
        "the account bought before its `since`; the day of its first sale counts instead",
        "Correct the date if it is wrong.",
        "warning",
        count,
        tuple(examples),
    )
