"""Invents a dataset of any size, for measuring speed: fast, vectorised, and in the shape of the contract.

It has what makes a ledger work hard: skewed account sizes, time equations of every kind, logged and modelled minutes,
flags with empties, work for nobody, cases of which some are our own failures, returns, credits and rebates, and lines
whose list price is unknown. It is no test of judgement: nothing in it is planted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

AS_OF = date(2026, 10, 31)
FIRST_DAY = np.datetime64("2025-10-01")  # a month before the window of 12 months, so that something must be left out
LAST_DAY = np.datetime64("2026-11-01")  # the day after the last
ROWS_AT_A_TIME = 1_000_000

ACTIVITIES = np.array(
    [
        "take_order",
        "ship_order",
        "inquiry",
        "complaint",
        "site_visit",
        "repair",
        "training",
        "review",
        "prospecting",
        "bespoke_report",
    ]
)
ACTIVITY_SHARES = np.array([0.22, 0.20, 0.20, 0.08, 0.05, 0.07, 0.04, 0.04, 0.04, 0.06])
KINDS = np.array(["sale", "return", "credit", "rebate"])
KIND_SHARES = np.array([0.93, 0.04, 0.02, 0.01])
CHANNELS = np.array(["phone", "email", "chat", "self_service", "onsite"])
CHANNEL_SHARES = np.array([0.35, 0.30, 0.15, 0.10, 0.10])
CAUSES = np.array(["ours", "customer", "neither"])

COSTING = """\
period = "quarter"

[resources.sales_office]
cost = 9_000_000
capacity_minutes = 14_000_000
uncertainty = 0.10
avoidable = 0.5

[resources.support]
cost = 5_600_000
capacity_minutes = 7_000_000
uncertainty = 0.10
avoidable = 0.6

[resources.warehouse]
cost = 10_000_000
capacity_minutes = 30_000_000
uncertainty = 0.05
avoidable = 0.8
resale = 0.1

[resources.field_service]
cost = 22_000_000
capacity_minutes = 18_000_000
uncertainty = 0.20

[resources.analysts]
cost = 4_000_000
capacity_minutes = 3_000_000
avoidable = 0.25

[activities.take_order]
resource = "sales_office"
group = "orders"
per_order = true
minutes = 5
per = { quantity = 3 }

[activities.ship_order]
resource = "warehouse"
per_order = true
minutes = 10
uncertainty = 0.2
per = { quantity = 1.5, documents = 2.25 }
when = { rush = 8 }

[activities.inquiry]
resource = "support"
minutes = 11
uncertainty = 0.15
when = { after_hours = 4, "channel=phone" = 3.5 }

[activities.complaint]
resource = "support"
demand = "failure"
minutes = 24
per = { documents = 6 }

[activities.site_visit]
resource = "field_service"
minutes = 40
uncertainty = 0.3
when = { "channel=onsite" = 90, after_hours = 30 }

[activities.repair]
resource = "field_service"
minutes = 55
per = { quantity = 12 }
when = { after_hours = 25 }

[activities.training]
resource = "field_service"
group = "training"
minutes = 60
per = { quantity = 20 }

[activities.review]
resource = "sales_office"
group = "account_care"
purpose = "retain"
minutes = 45

[activities.prospecting]
resource = "sales_office"
purpose = "obtain"
minutes = 35
when = { "channel=onsite" = 60 }

[activities.bespoke_report]
resource = "analysts"
minutes = 30
per = { documents = 15, quantity = 2 }
"""


@dataclass(frozen=True)
class Size:
    """How big the dataset is to be.

    Attributes
    ----------
    events, lines, accounts
        Rows of `service_events`, `transactions` and `customers`.
    """

    events: int = 10_000_000
    lines: int = 10_000_000
    accounts: int = 200_000

    @property
    def cases(self) -> int:
        """Rows of `cases`: one for every twenty events."""
        return max(1, self.events // 20)

    @property
    def name(self) -> str:
        """A folder name that says the size."""
        return f"{self.events}-events-{self.lines}-lines-{self.accounts}-accounts"


@dataclass(frozen=True)
class Book:
    """What the tables share: how the business falls on accounts, and which account each case belongs to."""

    shares: np.ndarray
    case_account: np.ndarray
    first_case: np.ndarray

    def cases_of(self, accounts: np.ndarray) -> np.ndarray:
        """Count the cases of each of these accounts."""
        return self.first_case[accounts + 1] - self.first_case[accounts]


def write_dataset(folder: Path, size: Size, seed: int = 2) -> None:
    """Write the dataset as one Parquet file per table, with its costing and an empty policy.

    Parameters
    ----------
    folder
        Where to write; made where it is not there.
    size
        Rows of each table.
    seed
        The same seed and size give the same rows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    book = _book(size, rng)
    pq.write_table(_customers(size, rng), folder / "customers.parquet")
    pq.write_table(_cases(book, rng), folder / "cases.parquet")
    _write(folder / "service_events.parquet", size.events, lambda rows, of: _events(rows, of, book, rng))
    _write(folder / "transactions.parquet", size.lines, lambda rows, of: _lines(rows, of, book, rng))
    (folder / "costing.toml").write_text(COSTING, encoding="utf-8")
    (folder / "policy.toml").write_text("", encoding="utf-8")


def _book(size: Size, rng: np.random.Generator) -> Book:
    weights = rng.lognormal(0.0, 1.5, size.accounts)
    shares = np.cumsum(weights) / weights.sum()
    case_account = np.sort(np.searchsorted(shares, rng.random(size.cases)))
    first_case = np.searchsorted(case_account, np.arange(size.accounts + 1))
    return Book(shares, case_account, first_case)


def _write(path: Path, total: int, rows_of: Callable[[np.ndarray, int], pa.Table]) -> None:
    parts = (rows_of(rows, total) for rows in _slices(total))
    first = next(parts)
    with pq.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for part in parts:
            writer.write_table(part)


def _slices(total: int) -> Iterator[np.ndarray]:
    for start in range(0, total, ROWS_AT_A_TIME):
        yield np.arange(start, min(total, start + ROWS_AT_A_TIME))


def _customers(size: Size, rng: np.random.Generator) -> pa.Table:
    rows = np.arange(size.accounts)
    since = np.datetime64("2016-01-01") + rng.integers(0, 3_950, size.accounts).astype("timedelta64[D]")
    ended = since + rng.integers(60, 4_000, size.accounts).astype("timedelta64[D]")
    return pa.table(
        {
            "customer_id": _ids("C", rows),
            "name": _ids("Firm ", rows),
            "industry": _choose(rng, np.array(["retail", "health", "machines", "food", "public"]), size.accounts),
            "region": _choose(rng, np.array(["north", "east", "south", "west"]), size.accounts),
            "size": _choose(rng, np.array(["small", "medium", "large"]), size.accounts),
            "account_manager": _ids("M", rng.integers(0, 300, size.accounts)),
            "since": pa.array(since),
            "ended": pa.array(ended, mask=rng.random(size.accounts) > 0.05),
        }
    )


def _cases(book: Book, rng: np.random.Generator) -> pa.Table:
    n = len(book.case_account)
    opened = _times(np.arange(n), n, rng)
    return pa.table(
        {
            "case_id": _ids("K", np.arange(n)),
            "customer_id": _ids("C", book.case_account),
            "kind": _choose(rng, np.array(["inquiry", "request", "complaint", "project"]), n),
            "opened_at": pa.array(opened),
            "resolved_at": pa.array(opened + rng.integers(600, 900_000, n).astype("timedelta64[s]")),
            "cause": _choose(rng, CAUSES, n, empty=0.4),
        }
    )


def _events(rows: np.ndarray, total: int, book: Book, rng: np.random.Generator) -> pa.Table:
    n = len(rows)
    accounts = np.searchsorted(book.shares, rng.random(n))
    return pa.table(
        {
            "event_id": _ids("E", rows),
            "customer_id": _event_accounts(accounts, rng),
            "at": pa.array(_times(rows, total, rng)),
            "activity": _choose(rng, ACTIVITIES, n, shares=ACTIVITY_SHARES),
            "channel": _choose(rng, CHANNELS, n, shares=CHANNEL_SHARES, empty=0.1),
            "department": _choose(rng, np.array(["sales", "support", "logistics", "field", "finance"]), n),
            "minutes": _logged_minutes(n, rng),
            "quantity": pa.array(rng.geometric(0.2, n).astype("int32"), mask=rng.random(n) < 0.2),
            "documents": pa.array(rng.integers(0, 6, n, dtype="int32"), mask=rng.random(n) < 0.3),
            "case_id": _event_cases(accounts, book, rng),
            "requested": _flag(rng, n, true=0.75, empty=0.3),
            "in_scope": _flag(rng, n, true=0.9, empty=0.3),
            "after_hours": _flag(rng, n, true=0.12, empty=0.05),
            "rush": _flag(rng, n, true=0.08, empty=0.05),
        }
    )


def _event_accounts(accounts: np.ndarray, rng: np.random.Generator) -> pa.Array:
    """Give each event its customer: 3% name nobody, 1% somebody who is not in `customers`."""
    luck = rng.random(len(accounts))
    known = _ids("C", accounts)
    named = pc.if_else(pa.array(luck > 0.99), _ids("prospect", accounts), known)
    return pc.if_else(pa.array(luck < 0.03), pa.scalar(None, pa.string()), named)


def _event_cases(accounts: np.ndarray, book: Book, rng: np.random.Generator) -> pa.Array:
    """Give three events in ten a case of their own account, where it has one."""
    count = book.cases_of(accounts)
    case = book.first_case[accounts] + (rng.random(len(accounts)) * count).astype("int64")
    with_case = pa.array((count > 0) & (rng.random(len(accounts)) < 0.3))
    return pc.if_else(with_case, _ids("K", case), pa.scalar(None, pa.string()))


def _logged_minutes(n: int, rng: np.random.Generator) -> pa.Array:
    """Log minutes on half the events, to the tenth; one in a hundred of those is a 0, which counts as not logged."""
    minutes = np.round(rng.gamma(2.0, 9.0, n), 1)
    minutes[rng.random(n) < 0.01] = 0.0
    return pa.array(minutes, mask=rng.random(n) < 0.5)


def _lines(rows: np.ndarray, total: int, book: Book, rng: np.random.Generator) -> pa.Table:
    n = len(rows)
    kind = np.searchsorted(np.cumsum(KIND_SHARES)[:-1], rng.random(n), side="right")
    is_sale, has_cogs = kind == 0, kind <= 1
    sign = np.where(is_sale, 1.0, -1.0)
    value = np.round(rng.lognormal(4.0, 1.0, n), 2) * sign
    net_only = rng.random(n) < np.where(is_sale, 0.08, 0.5)
    discount = np.round(np.abs(value) * rng.choice([0.02, 0.05, 0.1, 0.25], n), 2)
    return pa.table(
        {
            "transaction_id": _ids("T", rows),
            "customer_id": _ids("C", np.searchsorted(book.shares, rng.random(n))),
            "date": pa.array(_times(rows, total, rng).astype("datetime64[D]")),
            "kind": _strings(KINDS, kind),
            "product": _ids("P", rng.integers(0, 400, n)),
            "quantity": pa.array(rng.geometric(0.3, n).astype("int32")),
            "list_amount": pa.array(value, mask=net_only),
            "discount": pa.array(discount, mask=~is_sale | net_only | (rng.random(n) < 0.6)),
            "net_amount": pa.array(value, mask=~net_only),
            "cogs": pa.array(np.round(value * rng.uniform(0.4, 0.8, n), 2), mask=~has_cogs),
            "freight": pa.array(np.round(rng.gamma(2.0, 3.0, n), 2), mask=~is_sale | (rng.random(n) < 0.7)),
            "rep": _ids("R", rng.integers(0, 150, n)),
            "invoice_id": _ids("I", rows // 4),
        }
    )


def _times(rows: np.ndarray, total: int, rng: np.random.Generator) -> np.ndarray:
    """Spread the rows over the 13 months in the order in which they were written, jumbled within a few hours."""
    seconds = (LAST_DAY - FIRST_DAY).astype("timedelta64[s]").astype("int64")
    at = rows * (seconds / total) + rng.uniform(0, 20_000, len(rows))
    return FIRST_DAY.astype("datetime64[us]") + (np.minimum(at, seconds - 1) * 1e6).astype("timedelta64[us]")


def _ids(prefix: str, numbers: np.ndarray) -> pa.Array:
    digits = pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), 8, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def _strings(words: np.ndarray, index: np.ndarray) -> pa.Array:
    return pa.array(words.tolist()).take(pa.array(index))


def _choose(
    rng: np.random.Generator, words: np.ndarray, n: int, shares: np.ndarray | None = None, empty: float = 0.0
) -> pa.Array:
    index = rng.choice(len(words), n, p=shares)
    return pa.array(words.tolist()).take(pa.array(index, mask=rng.random(n) < empty))


def _flag(rng: np.random.Generator, n: int, true: float, empty: float) -> pa.Array:
    return pa.array(rng.random(n) < true, mask=rng.random(n) < empty)
