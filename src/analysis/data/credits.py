"""What credit notes take away of invoices: an invoice that is cancelled is neither late nor owed.

A credit note is a line of `transactions` (kind `credit`) that names the invoice, or an invoice of a negative amount.
Each counts from its own day on, so that a day before it does not know of it.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from analysis.data.asked import length_of
from analysis.data.contract import Kind, net_of
from analysis.data.reading import Engine

if TYPE_CHECKING:
    import ibis

    from analysis.data.checks import Checked

MONEY = Kind.MONEY.value
#: Sums are the same up to a cent, and up to this part of an invoice where money is kept in thousands or millions.
CENT, HARDLY = 0.01, 0.05
#: No tax on sales is higher: up to here an invoice of more than its lines holds them with tax.
MOST_TAX = 1.28


def credits_of(engine: Engine, checked: Checked) -> Any | None:
    """Return invoice_id, on and `credited`, above 0 (kept in the engine); None where nothing was credited."""
    import ibis

    invoices = checked.get("invoices")
    if invoices is None:
        return None
    parts = []
    lines = checked.tables.get("transactions")
    if lines is not None and not lines.made_of:
        parts.append(_by_line(lines.accepted, invoices))
    parts.append(_by_note(invoices, checked.get("payments"), parts[0] if parts else None))
    found = engine.keep("credits", ibis.union(*parts) if len(parts) > 1 else parts[0])
    return found if length_of(found) else None


def _by_line(lines: ibis.Table, invoices: ibis.Table) -> ibis.Table:
    """Return what credit lines take of the invoice that they name, in its own terms, net or with tax.

    Where an invoice is the sum of its lines with the credit among them, the credit is in its amount already.
    """
    import ibis

    named = lines.filter(lines.invoice_id.notnull())
    named = named.mutate(_net=net_of(named))
    credit = named.kind == "credit"
    sums = named.group_by(_invoice="invoice_id", _customer="customer_id").aggregate(
        _sold=named._net.sum(where=~credit).fill_null(0),
        _back=named._net.sum(where=credit),
    )
    owed = invoices.filter(invoices["amount"] > 0).select("invoice_id", "customer_id", _amount=invoices["amount"])
    both = owed.inner_join(sums.filter(sums._back < 0), [("invoice_id", "_invoice"), ("customer_id", "_customer")])
    same = ibis.least(both._amount.cast("float64") * HARDLY, CENT)
    both = both.filter((both._sold + both._back - both._amount).abs().cast("float64") > same)
    ratio = both._amount.cast("float64") / both._sold.cast("float64").nullif(0)
    taxed = ((ratio > 1) & (ratio <= MOST_TAX)).fill_null(False)
    both = both.select("invoice_id", "customer_id", _times=taxed.ifelse(ratio, 1.0))
    each = named.filter(credit, named._net < 0).select(_invoice="invoice_id", _by="customer_id", on="date", _net="_net")
    joined = both.inner_join(each, [("invoice_id", "_invoice"), ("customer_id", "_by")])
    return joined.select("invoice_id", "on", credited=(-joined._net.cast("float64") * joined._times).cast(MONEY))


def _by_note(invoices: ibis.Table, payments: ibis.Table | None, by_line: ibis.Table | None) -> ibis.Table:
    """Return what invoices of a negative amount take away: a whole invoice of the same customer and amount.

    It is the one that its id names or that a line credits already; else the oldest that was open on its day.
    """
    import ibis

    notes = invoices.filter(invoices["amount"] < 0).select(
        _note="invoice_id", _by="customer_id", on="issued", _back=-invoices["amount"]
    )
    pairs = _open(invoices, payments).inner_join(notes, [("customer_id", "_by"), ("_amount", "_back")])
    pairs = pairs.filter(pairs.issued <= pairs["on"], pairs.paid.isnull() | (pairs.paid == pairs["on"])).mutate(
        _hint=pairs._note.contains(pairs.invoice_id).ifelse(0, 1)
    )
    if by_line is not None:
        named = by_line.select("invoice_id").distinct()
        pairs = pairs.mutate(_hint=pairs.invoice_id.isin(named.invoice_id).ifelse(0, pairs._hint))
    # Those that a hint joins come first; then the first note takes the first invoice of its amount, and so on.
    pairs = pairs.mutate(
        _named=pairs._hint.min().over(ibis.window(group_by="invoice_id")),
        _names=pairs._hint.min().over(ibis.window(group_by="_note")),
    )
    same = ["customer_id", "_amount"]
    rank = pairs.mutate(
        _first=ibis.dense_rank().over(ibis.window(group_by=same, order_by=["_named", "issued", "invoice_id"])),
        _turn=ibis.dense_rank().over(ibis.window(group_by=same, order_by=["_names", "on", "_note"])),
    )
    found = rank.filter(rank._first == rank._turn)
    taken = found.select("invoice_id", "on", credited=found._amount.cast(MONEY))
    # The note is used up by what it takes away.
    return taken.union(found.select(invoice_id="_note", on="on", credited=(-found._amount).cast(MONEY)))


def _open(invoices: ibis.Table, payments: ibis.Table | None) -> ibis.Table:
    """Return invoice_id, customer_id, issued, paid and `_amount` of the invoices that payments do not pay in part."""
    owed = invoices.filter(invoices["amount"] > 0)
    if payments is not None:
        paid = payments.filter(payments.invoice_id.notnull(), payments["amount"] > 0)
        owed = owed.filter(~owed.invoice_id.isin(paid.invoice_id))
    return owed.select("invoice_id", "customer_id", "issued", "paid", _amount=owed["amount"])


def owed(checked: Checked, day: date) -> ibis.Table | None:
    """Return the invoices with what was credited by a day taken off their amount; None without invoices."""
    import ibis

    invoices = checked.get("invoices")
    if invoices is None or checked.credits is None:
        return invoices
    return less(invoices, checked.credits.filter(checked.credits["on"] <= ibis.date(day)))


def less(invoices: Any, credits: Any) -> Any:
    """Return the invoices less what was credited, at least 0; one credited twice over (line and note) counts once."""
    import ibis

    taken = credits.group_by(_credited_invoice="invoice_id").aggregate(_credited=credits.credited.sum())
    joined = invoices.left_join(taken, [("invoice_id", "_credited_invoice")])
    rest = joined["amount"] - joined._credited
    rest = (joined["amount"] > 0).ifelse(ibis.greatest(rest, 0), rest).cast(MONEY)
    return joined.mutate(amount=joined._credited.isnull().ifelse(joined["amount"], rest)).select(*invoices.columns)
