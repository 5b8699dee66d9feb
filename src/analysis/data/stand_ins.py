"""What stands in where a dataset does not say: invoices for sales, and oldest first for payments without an invoice.

An invoice that has no day of payment and is not paid up by payments that name it is open; one with a day of payment is
settled by it, as the contract has it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from analysis.data.asked import row_of
from analysis.data.contract import INPUTS, Kind
from analysis.data.credits import CENT, credits_of, less
from analysis.data.reading import FILE, ROW, Engine

if TYPE_CHECKING:
    import ibis

    from analysis.data.checks import Checked, CheckedTable

MONEY = Kind.MONEY.value
_SOLD = ("transaction_id", "customer_id", "date", "kind", "net_amount", "invoice_id")


@dataclass(frozen=True)
class Placed:
    """What became of payments that name no invoice, and of what was paid beyond what is owed.

    Attributes
    ----------
    count, amount
        Payments of a customer, without an invoice.
    placed
        The part of their amount that paid open invoices.
    nobodys, nobodys_amount
        Payments with neither an invoice nor a customer: they pay nothing.
    overpaid, overpaid_amount
        Invoices that payments name for more than they amount to, and by how much.
    """

    count: int = 0
    amount: float = 0.0
    placed: float = 0.0
    nobodys: int = 0
    nobodys_amount: float = 0.0
    overpaid: int = 0
    overpaid_amount: float = 0.0

    @property
    def beyond(self) -> float:
        """What payments without an invoice pay beyond what their customers owe."""
        return round(self.amount - self.placed, 4)


def with_stand_ins(engine: Engine, checked: Checked) -> Checked:
    """Return the dataset with sales made of invoices where it has none, and with every payment on an invoice."""
    tables, placed = dict(checked.tables), None
    if "invoices" in tables and ("transactions" not in tables or tables["transactions"].made_of):
        tables["transactions"] = _sales(tables["invoices"])
    credited = credits_of(engine, replace(checked, tables=_as_stated(tables)))
    if "payments" in tables:
        invoices = tables.get("invoices")
        if invoices is not None and credited is not None:
            invoices = replace(invoices, accepted=less(invoices.accepted, credited))
        tables["payments"], placed = _payments(engine, tables["payments"], invoices)
    return replace(checked, tables=tables, placed=placed, credits=credited)


def _as_stated(tables: dict[str, CheckedTable]) -> dict[str, CheckedTable]:
    return {name: t if t.stated is None else replace(t, accepted=t.stated) for name, t in tables.items()}


def _sales(invoices: CheckedTable) -> CheckedTable:
    """Return each invoice as a sale of its amount on its day of issue; a credit note as a credit."""
    import ibis

    rows, table = invoices.accepted, INPUTS["transactions"]
    says = {
        "transaction_id": rows.invoice_id,
        "customer_id": rows.customer_id,
        "date": rows.issued,
        "kind": (rows.amount < 0).ifelse("credit", "sale"),
        "net_amount": rows.amount,
        "invoice_id": rows.invoice_id,
    }
    columns = {c.name: says.get(c.name, ibis.null(c.kind.value)) for c in table.columns}
    made = rows.select(ROW, FILE, **columns)
    return replace(
        invoices, table=table, rows=made, accepted=made, read=0, rejected=0, emptied=0, rejected_amount=None,
        problems=[], broken=[], bad_lines=[], given=list(_SOLD), made_of="invoices", kept=None,
    )  # fmt: skip


def _payments(engine: Engine, payments: CheckedTable, invoices: CheckedTable | None) -> tuple[CheckedTable, Placed]:
    rows = payments.stated if payments.stated is not None else payments.accepted
    named, without = rows.filter(rows.invoice_id.notnull()), rows.filter(rows.invoice_id.isnull())
    free, nobodys = without.filter(without.customer_id.notnull()), without.filter(without.customer_id.isnull())
    found = Placed(*_sums(free), nobodys=_sums(nobodys)[0], nobodys_amount=_sums(nobodys)[1])
    placed = named
    if invoices is not None:
        over = _beyond(named, invoices.accepted)
        found = replace(found, overpaid=_sums(over)[0], overpaid_amount=_sums(over)[1])
    if invoices is not None and found.count:
        parts = engine.keep("payments_placed", oldest_first(free, named, invoices.accepted))
        found = replace(found, placed=_sums(parts)[1])
        placed = named.select("invoice_id", "customer_id", "on", "amount").union(parts)
    return replace(payments, accepted=placed, stated=rows), found


def _sums(rows: ibis.Table) -> tuple[int, float]:
    sums = row_of(rows.aggregate(count=rows.count(), amount=rows["amount"].sum().cast("float64").fill_null(0)))
    return int(sums["count"]), float(sums["amount"])


def _paid_by_name(named: ibis.Table) -> ibis.Table:
    return named.group_by(_invoice=named.invoice_id).aggregate(_named=named["amount"].sum())


def _beyond(named: ibis.Table, invoices: ibis.Table) -> ibis.Table:
    """Return `amount`: what payments name an invoice for beyond it, of each invoice where they do."""
    import ibis

    paid = _paid_by_name(named)
    both = invoices.select("invoice_id", _owed=invoices["amount"]).inner_join(paid, [("invoice_id", "_invoice")])
    # A cent more is rounding, and of books kept in millions no more than a thousandth of what is owed.
    rounding = ibis.least((both._owed * 0.001).cast("float64"), CENT)
    over = both.filter(both._owed >= 0, (both._named - both._owed).cast("float64") > rounding)
    return over.select(amount=over._named - over._owed)


def oldest_first(free: Any, named: Any, invoices: Any) -> Any:
    """Return what payments without an invoice pay: invoice_id, customer_id, on and amount, one row per part.

    Each customer's open amounts are laid end to end, the oldest issue first, and so are its payments; a payment pays
    the invoices that it lies over. One that is taken back (below 0) lies over what was paid last.

    Parameters
    ----------
    free, named
        Payments of a customer without an invoice, and those that name one (Ibis).
    invoices
        The contract's table.
    """
    import ibis

    owed = _open(named, invoices)
    paid = free.select(_payer="customer_id", on="on", _amount="amount", _file=FILE, _row=ROW).filter(
        ibis._._amount != 0
    )
    so_far = paid._amount.sum().over(ibis.cumulative_window(group_by="_payer", order_by=["on", "_file", "_row"]))
    paid = paid.mutate(_until=so_far.cast(MONEY))
    before = paid._until - paid._amount
    paid = paid.mutate(_low=ibis.least(before, paid._until), _high=ibis.greatest(before, paid._until))
    both = _lying_over(paid, owed)
    part = ibis.least(both._to, both._high) - ibis.greatest(both._from, both._low)
    return both.select("invoice_id", "customer_id", "on", amount=(both._amount < 0).ifelse(-part, part).cast(MONEY))


def _lying_over(paid: Any, owed: Any) -> Any:
    """Return the payments with each of their payer's open amounts that they lie over, a row per pair.

    The places of the first and the last are looked up, and those between joined by place: a join on where amounts lie
    would hold each payment against every invoice of its payer.
    """
    import ibis

    columns = paid.columns
    paid = _with_place(paid, owed, "_first", "_low", "_to", tie_counts=True)
    paid = _with_place(paid, owed, "_last", "_high", "_from", tie_counts=False)
    both = paid.mutate(_first=paid._first.fill_null(0) + 1)
    both = both.filter(both._last >= both._first)
    each = both.select(*columns, _at=ibis.range(both._first, both._last + 1).unnest())
    return each.inner_join(owed, [each._payer == owed.customer_id, each._at == owed._place])


def _with_place(paid: Any, owed: Any, name: str, at: str, mark: str, *, tie_counts: bool) -> Any:
    """Return the payments with the place of the last of their payer's open amounts whose mark lies before `at`.

    An as-of join, said as a running maximum, which every engine knows.
    """
    import ibis

    others = {c: ibis.null(paid[c].type()) for c in paid.columns if c != "_payer"}
    marks = owed.select(
        _payer="customer_id", **others, **{name: owed._place}, _spot=owed[mark], _turn=0 if tie_counts else 2
    )
    asked = paid.select(*paid.columns, **{name: ibis.null(owed._place.type())}, _spot=paid[at], _turn=1)
    both = marks.select(asked.columns).union(asked)
    so_far = both[name].max().over(ibis.cumulative_window(group_by="_payer", order_by=["_spot", "_turn"]))
    return both.select(*paid.columns, "_turn", **{name: so_far}).filter(ibis._._turn == 1).drop("_turn")


def _open(named: Any, invoices: Any) -> Any:
    """Return invoice_id, customer_id and where each open amount lies among its customer's: `_from`, `_to`, `_place`."""
    import ibis

    joined = invoices.left_join(_paid_by_name(named), [("invoice_id", "_invoice")])
    settled = joined.paid.notnull() & joined._named.isnull()
    rest = joined["amount"] - joined.written_off.fill_null(0) - joined._named.fill_null(0)
    left = joined.select("invoice_id", "customer_id", "issued", _open=settled.ifelse(0, rest).cast(MONEY))
    left = left.filter(left._open > 0)
    in_turn = {"group_by": "customer_id", "order_by": ["issued", "invoice_id"]}
    until = left._open.sum().over(ibis.cumulative_window(**in_turn))
    place = ibis.row_number().over(ibis.window(**in_turn)) + 1
    left = left.mutate(_to=until.cast(MONEY), _place=place)
    return left.select("invoice_id", "customer_id", "_to", "_place", _from=left._to - left._open)
