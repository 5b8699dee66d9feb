"""Sales: orders and their lines, returns, credits, rebates, and the fees of service contracts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sample_firms.firm import CONTRACT_PRODUCT, PRODUCTS
from sample_firms.world import (
    Calendar,
    Floats,
    Ints,
    Settings,
    chance,
    column,
    flags,
    lognormal,
    numbered,
    pick,
    spread,
    steady,
    turn,
    whole,
    words,
)

EXPRESS_PRODUCT = "Express surcharge"
_EXPRESS_SHARE = 0.45
KINDS = ("sale", "return", "credit", "rebate")
LINES_PER_ORDER = 2.0
FEE_SHARE = 0.05
_COGS_OF_FEE = 0.08


@dataclass(frozen=True)
class Sales:
    """Orders, transactions and the invoices that they make.

    Attributes
    ----------
    orders
        One row per order: account number (`row`), `day`, `lines`, `order_id`.
    transactions
        The contract's table, sorted by date.
    billed
        One row per invoice: account number (`row`), `day`, `amount`, `invoice_id`.
    contracts
        The contract's table.
    returned
        Goods sent back: account number (`row`), `day`, `order`.
    """

    orders: pd.DataFrame
    transactions: pd.DataFrame
    billed: pd.DataFrame
    contracts: pd.DataFrame
    returned: pd.DataFrame


def make_sales(settings: Settings, calendar: Calendar, accounts: pd.DataFrame) -> Sales:
    """Draw everything that is on an invoice."""
    orders = _orders(settings, calendar, accounts)
    lines = _lines(settings, calendar, accounts, orders)
    contracts = _contracts(settings, calendar, accounts)
    fees = _fees(calendar, contracts, len(orders))
    parts = [
        lines,
        fees,
        _surcharges(settings, orders),
        _returns(settings, calendar, accounts, lines),
        _rebates(settings, calendar, accounts),
    ]
    rows = pd.concat([part for part in parts if len(part)], ignore_index=True)
    rows = rows.sort_values(["day", "row"], kind="stable", ignore_index=True)
    shown = _contract_table(calendar, accounts, contracts)
    returned = rows[rows["kind"] == 1].reset_index(drop=True)
    return Sales(orders, _transactions(calendar, accounts, rows), _billed(rows), shown, returned)


def _orders(settings: Settings, calendar: Calendar, accounts: pd.DataFrame) -> pd.DataFrame:
    rng = settings.stream("orders")
    first, last = whole(accounts, "first"), whole(accounts, "last")
    mean = column(accounts, "orders_year") * calendar.exposure(first, last)
    mean = mean * spread(rng, len(accounts), 0.08 * settings.noise) * ~flags(accounts, "service_only")
    counts = steady(rng, mean)
    row = np.repeat(np.arange(len(accounts)), counts)
    share = (turn(counts) + rng.random(len(row))) / np.maximum(counts, 1)[row]
    lines = 1 + rng.poisson(LINES_PER_ORDER - 1.0, len(row))
    day = calendar.place(first[row], last[row], share)
    express = flags(accounts, "pays_express")[row] & (rng.random(len(row)) < _EXPRESS_SHARE)
    orders = {"row": row, "day": day, "lines": lines, "express": express, "order": np.arange(1, len(row) + 1)}
    return pd.DataFrame(orders)


def _lines(settings: Settings, calendar: Calendar, accounts: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Draw the invoice lines of the orders: product, quantity, list price, discount, cost of goods and freight."""
    rng = settings.stream("lines")
    at = np.repeat(np.arange(len(orders)), whole(orders, "lines"))
    row, day = whole(orders, "row")[at], whole(orders, "day")[at]
    product = _products(settings, rng, row, len(accounts))
    price = np.array([item.price for item in PRODUCTS])[product]
    price = np.round(price * 1.03 ** np.floor((day + 180) / 365.25), 2)
    per_line = column(accounts, "revenue") / (column(accounts, "orders_year") * LINES_PER_ORDER)
    discount = _discount_rate(accounts, row, day, rng)
    target = per_line[row] / (1.0 - discount) * lognormal(rng, len(at), 0.45)
    quantity = np.maximum(np.round(target / price), 1.0)
    listed = np.round(quantity * price, 2)
    off = np.round(listed * discount, 2)
    net = np.round(listed - off, 2)
    cogs = np.array([item.cogs for item in PRODUCTS])[product] * lognormal(rng, len(at), 0.05)
    far = np.where(accounts["region"].to_numpy(dtype=object) == "Overseas", 0.05, 0.022)[row]
    known = rng.random(len(at)) > 0.05
    return pd.DataFrame(
        {
            "row": row,
            "day": day,
            "kind": 0,
            "product": product,
            "quantity": quantity,
            "list_amount": np.where(known, listed, np.nan),
            "discount": np.where(known, off, np.nan),
            "net_amount": np.where(known, np.nan, net),
            "net": net,
            "cogs": np.round(listed * cogs, 2),
            "freight": np.round(net * far * lognormal(rng, len(at), 0.4), 2),
            "invoice": whole(orders, "order")[at],
            "order": whole(orders, "order")[at],
        }
    )


def _products(settings: Settings, rng: np.random.Generator, row: Ints, count: int) -> Ints:
    """Let each account have its own taste, so that margins differ by mix."""
    taste = settings.stream("tastes").gamma(1.2, 1.0, (count, len(PRODUCTS)))
    taste *= np.array([item.share for item in PRODUCTS])
    edges = np.cumsum(taste, axis=1)
    edges /= edges[:, -1:]
    at = rng.random(len(row))
    chosen: Ints = (at[:, None] > edges[row]).sum(axis=1)
    return np.minimum(chosen, len(PRODUCTS) - 1)


def _discount_rate(accounts: pd.DataFrame, row: Ints, day: Ints, rng: np.random.Generator) -> Floats:
    rate = column(accounts, "discount_rate")[row]
    stepped = day >= whole(accounts, "price_step_day")[row]
    rate = rate - np.where(stepped, column(accounts, "price_step")[row], 0.0)
    return np.clip(rate + 0.01 * rng.standard_normal(len(row)), 0.0, 0.35)


def _returns(settings: Settings, calendar: Calendar, accounts: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Send some of the goods back, and give credits for some lines."""
    rng = settings.stream("returns")
    row, size = whole(lines, "row"), len(lines)
    back = chance(rng, column(accounts, "return_rate")[row])
    credit = ~back & chance(rng, 0.008 + 0.05 * column(accounts, "failure_rate")[row])
    day = whole(lines, "day") + 4 + rng.integers(0, 36, size)
    part = np.where(
        back, np.where(rng.random(size) < 0.5, 1.0, 0.3 + 0.5 * rng.random(size)), 0.05 + 0.15 * rng.random(size)
    )
    keep = (back | credit) & (day <= whole(accounts, "last")[row]) & (day < calendar.days)
    amount = -np.round(column(lines, "net") * part, 2)
    made = pd.DataFrame(
        {
            "row": row,
            "day": day,
            "kind": np.where(back, 1, 2),
            "product": whole(lines, "product"),
            "quantity": np.where(back, -np.ceil(column(lines, "quantity") * part), np.nan),
            "list_amount": np.nan,
            "discount": np.nan,
            "net_amount": amount,
            "net": amount,
            "cogs": np.where(back, -np.round(column(lines, "cogs") * part * 0.8, 2), 0.0),
            "freight": np.where(back, np.round(column(lines, "freight") * part, 2), 0.0),
            "invoice": -1,
            "order": whole(lines, "order"),
        }
    )
    return made[keep]


def _rebates(settings: Settings, calendar: Calendar, accounts: pd.DataFrame) -> pd.DataFrame:
    """Pay larger accounts a rebate every half-year."""
    rng = settings.stream("rebates")
    large = np.flatnonzero((column(accounts, "revenue") > 70_000) & ~flags(accounts, "service_only"))
    days = np.arange(calendar.days - 1, 150, -182)
    row = np.repeat(large, len(days))
    day = np.tile(days, len(large))
    keep = (whole(accounts, "first")[row] <= day - 180) & (whole(accounts, "last")[row] >= day)
    row, day = row[keep], day[keep]
    amount = -np.round(column(accounts, "revenue")[row] * 0.5 * (0.008 + 0.012 * rng.random(len(row))), 2)
    return _plain(row, day, 3, np.full(len(row), len(PRODUCTS) + 2), amount, 0.0 * amount, np.full(len(row), -1))


def _surcharges(settings: Settings, orders: pd.DataFrame) -> pd.DataFrame:
    """Charge for express orders: what is in a hurry here is paid for."""
    rng, express = settings.stream("surcharges"), orders[orders["express"]]
    net = np.round(45.0 + 40.0 * rng.random(len(express)), 2)
    product = np.full(len(express), len(PRODUCTS) + 1)
    rows = _plain(whole(express, "row"), whole(express, "day"), 0, product, net, 0.0 * net, whole(express, "order"))
    rows["order"] = whole(express, "order")
    return rows


def _plain(row: Ints, day: Ints, kind: int, product: Ints, net: Floats, cogs: Floats, invoice: Ints) -> pd.DataFrame:
    listed = net if kind == 0 else np.full(len(row), np.nan)
    return pd.DataFrame(
        {
            "row": row,
            "day": day,
            "kind": kind,
            "product": product,
            "quantity": np.where(kind == 0, 1.0, np.nan),
            "list_amount": listed,
            "discount": 0.0 * listed,
            "net_amount": np.nan if kind == 0 else net,
            "net": net,
            "cogs": np.round(cogs, 2),
            "freight": 0.0,
            "invoice": invoice,
            "order": -1,
        }
    )


def _contracts(settings: Settings, calendar: Calendar, accounts: pd.DataFrame) -> pd.DataFrame:
    """Draw service contracts: yearly terms from the account's first day, the last of them running on."""
    rng = settings.stream("contracts")
    row = np.flatnonzero(flags(accounts, "has_contract"))
    first = whole(accounts, "first")[row] + 30 * pick(rng, len(row), (50, 20, 15, 15))
    years = 1 + pick(rng, len(row), (55, 25, 20))
    last = whole(accounts, "last")[row]
    terms = np.maximum(np.ceil((last - first + 1) / (365.0 * years)), 0).astype(np.int64)
    at = np.repeat(np.arange(len(row)), terms)
    number = turn(terms)
    length = 365 * years[at]
    starts = first[at] + number * length
    share = FEE_SHARE * (0.6 + 0.8 * rng.random(len(row)))
    fee = np.maximum(np.round(column(accounts, "revenue")[row] * share / 12.0), 20.0)[at] * 1.03**number
    exit_fee = np.where(rng.random(len(at)) < 0.55, np.round(fee * (2 + pick(rng, len(at), (1, 1, 1)))), np.nan)
    return pd.DataFrame(
        {
            "row": row[at],
            "starts": starts,
            "ends": starts + length - 1,
            "last": np.minimum(last[at], starts + length - 1),
            "fee": np.round(fee, 2),
            "exit_fee": exit_fee,
        }
    )


def _fees(calendar: Calendar, contracts: pd.DataFrame, orders: int) -> pd.DataFrame:
    """Invoice the fees each quarter in advance."""
    counts = np.maximum((whole(contracts, "last") - whole(contracts, "starts")) // 91 + 1, 0)
    at = np.repeat(np.arange(len(contracts)), counts)
    day = whole(contracts, "starts")[at] + 91 * turn(counts)
    keep = (day <= whole(contracts, "last")[at]) & (day < calendar.days) & (turn(counts) < whole(contracts, "ends")[at])
    at, day = at[keep], day[keep]
    net = np.round(3.0 * column(contracts, "fee")[at], 2)
    row = whole(contracts, "row")[at]
    invoice = orders + 1 + np.arange(len(row))
    return _plain(row, day, 0, np.full(len(row), len(PRODUCTS)), net, _COGS_OF_FEE * net, invoice)


def _contract_table(calendar: Calendar, accounts: pd.DataFrame, contracts: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "contract_id": numbered("K", len(contracts), 6),
            "customer_id": _ids(accounts)[whole(contracts, "row")],
            "starts": calendar.dates(column(contracts, "starts")),
            "ends": calendar.dates(column(contracts, "ends")),
            "monthly_fee": column(contracts, "fee"),
            "cancellation_fee": column(contracts, "exit_fee"),
        }
    )


def _transactions(calendar: Calendar, accounts: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    names = [*(item.name for item in PRODUCTS), CONTRACT_PRODUCT, EXPRESS_PRODUCT]
    product = whole(rows, "product")
    row = whole(rows, "row")
    return pd.DataFrame(
        {
            "transaction_id": numbered("T", len(rows)),
            "customer_id": _ids(accounts)[row],
            "date": calendar.dates(column(rows, "day")),
            "kind": words(whole(rows, "kind"), KINDS),
            "product": words(np.where(product < len(names), product, -1), names),
            "quantity": column(rows, "quantity"),
            "list_amount": column(rows, "list_amount"),
            "discount": column(rows, "discount"),
            "net_amount": column(rows, "net_amount"),
            "cogs": column(rows, "cogs"),
            "freight": column(rows, "freight"),
            "rep": accounts["account_manager"].to_numpy(dtype=object)[row],
            "invoice_id": _key("I", whole(rows, "invoice")),
            "order_id": _key("O", whole(rows, "order")),
        }
    )


def _billed(rows: pd.DataFrame) -> pd.DataFrame:
    on_invoice = rows[rows["invoice"] > 0]
    billed = on_invoice.groupby("invoice", sort=True).agg(
        row=("row", "first"), day=("day", "first"), amount=("net", "sum")
    )
    return billed.reset_index()


def _ids(accounts: pd.DataFrame) -> npt.NDArray[np.object_]:
    return accounts["customer_id"].to_numpy(dtype=object)


def _key(prefix: str, number: Ints) -> pd.Series[str]:
    """Return ids from numbers; empty where the number is not above 0."""
    text = prefix + pd.Series(number, dtype="int64").astype(str).str.zfill(7)
    return text.mask(number <= 0)
