"""What was sold, served, written off and answered while whom was in charge: sums per account and stretch of tenure.

What belongs to an order belongs to the day on which the order was sold: a return, or work on it, is not the
successor's. Anything else belongs to its own day.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

from analysis.ledger.cost import cost_of
from analysis.topics.difficulty.measures.case_facts import as_known
from analysis.topics.sellers.measures.tenure import placed
from analysis.window import Window

_KEY = ["customer_id", "stretch"]


def order_days(transactions: Any) -> Any:
    """Return customer_id, order_id, sold_on: the first sale of each order, whenever it was."""
    mine = transactions.filter(transactions.order_id.notnull(), transactions.kind == "sale")
    return mine.group_by("customer_id", "order_id").aggregate(sold_on=mine["date"].min())


def _on_order_day(rows: Any, own: Any, days: Any | None) -> Any:
    """Return the rows with `_day`: that of their order, else their own."""
    rows = rows.mutate(_own=own)
    if days is None:
        return rows.mutate(_day=rows._own)
    keyed = days.rename(_buyer="customer_id", _order="order_id")
    joined = rows.left_join(keyed, [rows.customer_id == keyed._buyer, rows.order_id == keyed._order])
    return joined.mutate(_day=joined.sold_on.coalesce(joined._own)).drop("_buyer", "_order", "sold_on")


def sold_lines(lines: Any, days: Any, held: Any | None) -> Any:
    """Return revenue and gross margin by account, stretch and (where nobody was in charge) the line's rep.

    Parameters
    ----------
    lines
        The window's lines, as `lines_with_net` gives them.
    days
        As `order_days` gives them.
    held
        The stretches on which somebody is in charge.

    Returns
    -------
    Table
        customer_id, stretch, seller (empty inside a stretch), list_revenue, net_revenue, gross_margin (of the lines
        whose cost of goods is measured).
    """
    import ibis

    rows = placed(_on_order_day(lines, lines["date"], days), "_day", held)
    rows = rows.mutate(seller=rows.stretch.isnull().ifelse(rows.rep, ibis.null("string")))
    listed = rows.list_amount.notnull().ifelse(rows.list_amount, rows.net)
    earned = rows.net - rows.goods - rows.freight.fill_null(0)
    return rows.group_by(*_KEY, "seller").aggregate(
        list_revenue=listed.sum(where=rows.kind == "sale").fill_null(0).cast("float64"),
        net_revenue=rows.net.sum().fill_null(0).cast("float64"),
        gross_margin=earned.sum().fill_null(0).cast("float64"),
    )


def billed(lines: Any) -> Any:
    """Return customer_id, seller, net_revenue of the window's lines that name a rep."""
    named = lines.filter(lines.rep.notnull())
    return named.group_by("customer_id", seller=named.rep).aggregate(net_revenue=named.net.sum().cast("float64"))


def sold_work(events: Any, rates: Any, days: Any | None, held: Any | None, customers: Any) -> Any:
    """Return customer_id, stretch, cost_to_serve (without failure work), serving and obtaining minutes."""
    mine = events.filter(events.customer_id.isin(customers.customer_id))
    rows = placed(_on_order_day(mine, mine["at"].date(), days), "_day", held)
    summed = rows.group_by(*_KEY, "activity").aggregate(
        all_minutes=rows.minutes.sum(), ours_minutes=rows.minutes.sum(where=rows.ours).fill_null(0)
    )
    joined = summed.inner_join(rates, "activity")
    asked = joined.failure.ifelse(0, joined.all_minutes - joined.ours_minutes)
    priced = joined.mutate(_cost=cost_of(asked, joined.rate))
    return priced.group_by(*_KEY).aggregate(
        cost_to_serve=priced._cost.sum(where=priced.serves).fill_null(0).cast("float64"),
        serving_minutes=priced.all_minutes.sum(where=priced.serves).fill_null(0).cast("float64"),
        obtaining_minutes=priced.all_minutes.sum(where=~priced.serves).fill_null(0).cast("float64"),
    )


def sold_write_offs(invoices: Any, held: Any | None, window: Window) -> Any:
    """Return customer_id, stretch (of the day of issue), write_offs that count in the window."""
    on = invoices.written_off_on.coalesce(invoices.issued)
    lost = invoices.filter(on >= window.start, on <= window.end, invoices.written_off > 0)
    rows = placed(lost, "issued", held)
    return rows.group_by(*_KEY).aggregate(write_offs=rows.written_off.sum().cast("float64"))


def answers(cases: Any | None, surveys: Any | None, held: Any | None, window: Window) -> Any | None:
    """Return customer_id, stretch, answers, satisfaction_sum of the window's cases and surveys; None without either."""
    import ibis

    parts = []
    if cases is not None:
        known = as_known(cases, window.after)
        parts.append(known.select("customer_id", "satisfaction", on=known.opened_at.date()))
    if surveys is not None:
        parts.append(surveys.select("customer_id", "satisfaction", on=surveys.asked_on))
    if not parts:
        return None
    every = reduce(ibis.union, parts)
    given = every.filter(every["on"] >= window.start, every["on"] <= window.end, every.satisfaction.notnull())
    rows = placed(given, "on", held)
    return rows.group_by(*_KEY).aggregate(
        answers=rows.count().cast("float64"), satisfaction_sum=rows.satisfaction.sum().cast("float64")
    )


def bookings_of(bookings: Any, window: Window) -> Any:
    """Return seller, bookings of the window."""
    mine = bookings.filter(bookings["on"] >= window.start, bookings["on"] <= window.end)
    return mine.group_by(seller=mine.rep).aggregate(bookings=mine.amount.sum().cast("float64"))


def bought_before(transactions: Any, window: Window) -> Any:
    """Return customer_id of those that bought anything before the window."""
    mine = transactions.filter(transactions.kind == "sale", transactions["date"] < window.start)
    mine = mine.filter(mine.customer_id.notnull())
    return mine.select("customer_id").distinct()
