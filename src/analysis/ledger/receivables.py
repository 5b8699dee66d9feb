"""What it costs to wait for money, and what never came: receivables carried and write-offs per account.

Financing = (amount - written off) x days carried in the window / 365 x the policy's annual rate (after Kaplan's
Dakota Office Products case, Harvard Business School 102-021).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.data.contract import Kind
from analysis.window import Window

if TYPE_CHECKING:
    import ibis

MONEY = Kind.MONEY.value


def receivables_by_account(
    invoices: ibis.Table, payments: ibis.Table | None, rate: float, window: Window
) -> ibis.Table:
    """Return customer_id, write_offs, financing_cost and what was disputed of the window's invoices.

    An invoice is carried from its day of issue (or the window's start) to its payment (or the day after the as-of
    day); parts of a payment reduce it from their day and, where there are any, stand in for `paid`. A write-off
    counts on `written_off_on`, else on the day of issue.
    """
    written_off_on = invoices.written_off_on.coalesce(invoices.issued)
    written_off = invoices.written_off.fill_null(0)
    counts = (written_off_on >= window.start) & (written_off_on <= window.end)
    carried = _money_days(invoices, payments, window)
    issued = (invoices.issued >= window.start) & (invoices.issued <= window.end)
    parts = invoices.mutate(
        _written_off=counts.ifelse(written_off, 0), _disputed=issued.ifelse(invoices.disputed.fill_null(0), 0)
    )
    with_days = parts.left_join(carried, "invoice_id")
    return with_days.group_by("customer_id").aggregate(
        write_offs=with_days._written_off.sum().cast(MONEY),
        disputed=with_days._disputed.sum().cast(MONEY),
        financing_cost=(with_days.money_days.sum().cast("float64") * rate / 365).cast(MONEY).fill_null(0),
    )


def _money_days(invoices: ibis.Table, payments: ibis.Table | None, window: Window) -> ibis.Table:
    """Return amount x days carried in the window, per invoice."""
    balance = invoices.amount - invoices.written_off.fill_null(0)
    if payments is None:
        days = _days(invoices.issued, invoices.paid, window)
        return invoices.select("invoice_id", money_days=balance * days)
    import ibis

    # What was paid before the day of issue is never carried, so it counts from that day.
    dated = payments.select("invoice_id", "amount", "on").inner_join(
        invoices.select("invoice_id", "issued"), "invoice_id"
    )
    days = _days(ibis.greatest(dated["on"], dated.issued), None, window)
    parts = dated.group_by("invoice_id").aggregate(paid_days=(dated["amount"] * days).sum())
    joined = invoices.mutate(_balance=balance).left_join(parts, "invoice_id")
    whole = joined._balance * _days(joined.issued, joined.paid, window)
    in_parts = joined._balance * _days(joined.issued, None, window) - joined.paid_days
    return joined.select("invoice_id", money_days=joined.paid_days.isnull().ifelse(whole, in_parts))


def settled(invoices: ibis.Table, payments: ibis.Table | None) -> ibis.Table:
    """Return the invoices with `paid`: where parts of a payment pay them, the day on which they had paid all of it."""
    import ibis

    if payments is None:
        return invoices
    owed = invoices.select("invoice_id", _owed=invoices["amount"] - invoices.written_off.fill_null(0))
    parts = payments.select("invoice_id", "amount", "on").inner_join(owed, "invoice_id")
    so_far = parts["amount"].sum().over(ibis.cumulative_window(group_by="invoice_id", order_by="on"))
    parts = parts.mutate(_full=so_far >= parts._owed)
    days = parts.group_by(_invoice="invoice_id").aggregate(_paid=parts["on"].min(where=parts._full))
    joined = invoices.left_join(days, [("invoice_id", "_invoice")])
    return joined.mutate(paid=joined._invoice.isnull().ifelse(joined.paid, joined._paid)).drop("_invoice", "_paid")


def late_money_days(invoices: ibis.Table, payments: ibis.Table | None, window: Window) -> ibis.Table:
    """Return what came late, per invoice.

    Returns
    -------
    Table
        customer_id; `amount`, in amount x days carried in the window beyond the day it was due; `of`, what was owed on
        it: 0 where nothing was carried in the window, or it is not due yet.
    """
    carried = _money_days(invoices, payments, window)
    joined = invoices.left_join(carried, "invoice_id")
    balance = joined.amount - joined.written_off.fill_null(0)
    in_time = balance * _days(joined.issued, joined.due, window)
    late = joined.due.isnull().ifelse(0, joined.money_days - in_time)
    owed = (joined.amount > 0) & (balance > 0) & (joined.money_days > 0) & (joined.due <= window.end)
    return joined.select(
        "customer_id",
        amount=((late > 0) & (joined.amount > 0)).ifelse(late, 0),
        of=owed.fill_null(False).ifelse(balance, 0),
    )


def lost_money(invoices: ibis.Table, window: Window) -> ibis.Table:
    """Return what never came, per invoice: customer_id, `amount` written off in the window, and `of`, the invoice's.

    Of neither an invoice that was issued in the window nor one written off in it both are 0.
    """
    on = invoices.written_off_on.coalesce(invoices.issued)
    lost = ((on >= window.start) & (on <= window.end)).ifelse(invoices.written_off.fill_null(0), 0)
    mine = ((invoices.issued >= window.start) & (invoices.issued <= window.end)) | (lost > 0)
    return invoices.select("customer_id", amount=lost, of=(mine & (invoices.amount > 0)).ifelse(invoices.amount, 0))


def _days(start: ibis.Column, end: ibis.Column | None, window: Window) -> ibis.Column:
    """Return the days of the window from one day to another (none: to the window's end), at least 0."""
    import ibis

    first = ibis.greatest(start, ibis.date(window.start))
    last = ibis.date(window.after) if end is None else ibis.least(end.coalesce(window.after), ibis.date(window.after))
    return ibis.greatest(last.delta(first, unit="day"), 0)
