"""How accounts pay: days late weighted by amount, and what they dispute.

Not held against the customer: an invoice that came due while a failure of ours was open, and a dispute in which it was
right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.window import Window

if TYPE_CHECKING:
    import ibis

#: A failure that ended so few days before an invoice was due still explains why it waited.
GRACE_DAYS = 3


def payment_conduct(
    invoices: ibis.Table, payments: ibis.Table | None, failures: ibis.Table | None, window: Window
) -> ibis.Table:
    """Return each account's invoices issued in the window and due by its end, by whether a failure of ours was open.

    Parameters
    ----------
    invoices, payments
        The contract's tables; parts of a payment count from their own days.
    failures
        customer_id, opened_at, closed_at (Ibis) of the cases that we failed; None without cases.

    Returns
    -------
    Table
        customer_id; invoices, late_invoices; of those that no failure excuses: amount, weights (the sum of squared
        amounts), due_days (amount x days late), squared_days (amount x days late squared); `held` and `held_amount`,
        `held_days` (amount x days late) of those that one does, or that were wrong; rejected, open_disputes, upheld.
    """
    rows = _due(invoices, window)
    right = ((rows.disputed > 0) & (rows.dispute_outcome == "upheld")).fill_null(False)
    rows = rows.mutate(held=_held(rows, failures) | right)
    rows = _late(rows, payments, window)
    free, held = ~rows.held, rows.held
    disputed = (rows.disputed > 0).fill_null(False)
    outcome = rows.dispute_outcome.fill_null("open")
    return rows.group_by("customer_id").aggregate(
        invoices=rows.count(),
        late_invoices=((rows.days > 0) & free).sum(),
        amount=_exact_sum(rows.value, free),
        weights=_exact_sum(rows.value * rows.value, free, decimals=8),  # of money's square
        due_days=_exact_sum(rows.value * rows.days, free),
        squared_days=_exact_sum(rows.value * rows.days * rows.days, free),
        held=held.sum(),
        held_amount=_exact_sum(rows.value, held),
        held_days=_exact_sum(rows.value * rows.days, held),
        rejected=(disputed & (outcome == "rejected")).sum(),
        open_disputes=(disputed & (outcome == "open")).sum(),
        upheld=(disputed & (outcome == "upheld")).sum(),
    )


def _exact_sum(values: ibis.Column, where: ibis.Column | None = None, decimals: int = 4) -> ibis.Scalar:
    """Return a sum that does not hang on the order of the rows: of four decimals, as money is kept."""
    return values.cast(f"decimal(38, {decimals})").sum(where=where).cast("float64")


def _due(invoices: ibis.Table, window: Window) -> ibis.Table:
    """Return the invoices that can be judged: issued in the window, above 0, due before it ends."""
    inside = (invoices.issued >= window.start) & (invoices.issued <= window.end) & (invoices.due <= window.end)
    found = invoices.filter(inside & (invoices.amount > 0))
    return found.mutate(value=found["amount"].cast("float64"))


def _held(rows: ibis.Table, failures: ibis.Table | None) -> ibis.Column:
    """Return whether a failure of ours was open when the invoice came due."""
    import ibis

    if failures is None:
        return ibis.literal(False)
    pairs = rows.select("invoice_id", "customer_id", "due").inner_join(failures, "customer_id")
    closed = pairs.closed_at.cast("date").coalesce(pairs.due)
    excused = pairs.filter(
        pairs.opened_at.cast("date") <= pairs.due, closed + ibis.interval(days=GRACE_DAYS) >= pairs.due
    )
    return rows.invoice_id.isin(excused.invoice_id)


def _late(rows: ibis.Table, payments: ibis.Table | None, window: Window) -> ibis.Table:
    """Return the invoices with `days`: late, 0 or more, so far where they are open; by parts where paid in parts."""
    import ibis

    end = ibis.date(window.end)
    until = ibis.least(rows.paid.coalesce(rows.written_off_on, window.end), end)
    whole = rows.mutate(days=ibis.greatest(until.delta(rows.due, unit="day"), 0).cast("float64"))
    if payments is None:
        return whole
    dated = payments.filter(payments["on"] <= window.end).inner_join(
        rows.select("invoice_id", "due", "value"), "invoice_id"
    )
    late = ibis.greatest(dated["on"].delta(dated.due, unit="day"), 0).cast("float64")
    part = dated["amount"].cast("float64")
    sums = dated.group_by("invoice_id").aggregate(paid_days=_exact_sum(part * late), paid_part=_exact_sum(part))
    joined = whole.left_join(sums, "invoice_id").drop("invoice_id_right")
    given_up = (joined.written_off_on > end).fill_null(False).ifelse(0.0, joined.written_off.cast("float64"))
    rest = ibis.greatest(joined.value - joined.paid_part - given_up.fill_null(0.0), 0.0)
    still = ibis.greatest(end.delta(joined.due, unit="day"), 0).cast("float64")
    by_parts = (joined.paid_days + rest * still) / joined.value
    return joined.mutate(days=joined.paid_part.isnull().ifelse(joined.days, by_parts))
