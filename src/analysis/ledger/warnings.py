"""What is kept, and warned of: time equations that the log contradicts, idle resources, work outside a relationship."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from analysis.data.asked import length_of, rows_of
from analysis.data.contract import net_of
from analysis.errors import Example, PolicyError, Problem
from analysis.ledger.behaviour import measured_attributes, with_attribute
from analysis.ledger.capacity import logs_against_equations
from analysis.ledger.costing import Costing
from analysis.ledger.foolish import foolish
from analysis.ledger.work import with_minutes
from analysis.policy import Policy

if TYPE_CHECKING:
    from analysis.data.checks import Checked

FEW = 10
CENT = 0.005


def warnings(checked: Checked, costing: Costing | None, policy: Policy) -> Iterator[Problem]:
    """Yield the warnings that need the costing, or two tables at once."""
    yield from _nobodys_sales(checked)
    yield from _made_sales(checked)
    yield from _payments(checked)
    yield from foolish(checked, costing, policy)
    events = checked.get("service_events")
    if events is None:
        return
    yield from _outside(events, checked["customers"])
    if costing:
        yield from _equations(with_minutes(events, None, costing, policy), policy.checks.equation_difference)
        yield from _idle(events, costing)
        yield from _measured_twice(with_minutes(events, checked.get("cases"), costing, policy), costing, policy)


def _nobodys_sales(checked: Checked) -> Iterator[Problem]:
    """Yield how much was sold to nobody that we know, of all the data."""
    lines = checked.get("transactions")
    if lines is None:
        return
    mine = lines.filter(lines.customer_id.isnull())
    [(count, net)] = rows_of(mine.aggregate(count=mine.count(), net=net_of(mine).sum().cast("float64")))
    if count:
        yield Problem(
            "transactions",
            "customer_id",
            "no_customer",
            "a sale names no customer: it counts in the books and the bridge, in no account",
            "Fill it where the customer is known.",
            "warning",
            count,
            (Example(None, "net amount in all", f"{net or 0:,.2f}"),),
        )


def _made_sales(checked: Checked) -> Iterator[Problem]:
    if "transactions" in checked and checked.tables["transactions"].made_of:
        yield Problem(
            "invoices",
            "amount",
            "counted_as_sale",
            "there are no `transactions`, so each invoice counts as a sale of its amount",
            "Add `transactions` for margins, discounts and returns; see that `amount` is net of tax.",
            "warning",
        )


def _payments(checked: Checked) -> Iterator[Problem]:
    """Yield what became of payments that name no invoice, and what was paid beyond what is owed."""
    found = checked.placed
    if found is None:
        return

    def told(rule: str, message: str, mend: str, count: int, amount: float) -> Iterator[Problem]:
        if count:
            example = Example(None, "amount in all", f"{amount:,.2f}")
            yield Problem("payments", "invoice_id", rule, message, mend, "warning", count, (example,))

    oldest = "a payment names no invoice: it pays its customer's oldest open invoices first"
    yield from told("no_invoice", oldest, "Name the invoice where it is known.", found.count, found.amount)
    nobodys = "a payment names neither an invoice nor a customer: it pays nothing"
    mend = "Name one of the two."
    yield from told("no_payer", nobodys, mend, found.nobodys, found.nobodys_amount)
    beyond = "payments without an invoice come to more than their customers' open invoices: the rest pays nothing"
    mend = "Find the invoices that are missing, or payments that are there twice."
    yield from told("paid_beyond", beyond, mend, int(found.beyond > CENT), found.beyond)
    over = "an invoice was paid more than it amounts to"
    yield from told("overpaid", over, mend, found.overpaid, found.overpaid_amount)


def _equations(events: Any, limit: float) -> Iterator[Problem]:
    for activity, count, logged, equation in rows_of(logs_against_equations(events).order_by("activity")):
        known = None not in (logged, equation)
        if known and count >= FEW and abs(logged - equation) > limit * equation:
            found = f"{logged / count:,.1f} minutes logged against {equation / count:,.1f} by the equation"
            yield Problem(
                "costing.toml",
                f"activities.{activity}",
                "equation_off",
                f"the time equation is more than {limit:.0%} away from the log",
                "Correct the equation, or the log; events without a log are costed by the equation.",
                "warning",
                examples=(Example(None, f"{count:,} events", found),),
            )


def _measured_twice(events: Any, costing: Costing, policy: Policy) -> Iterator[Problem]:
    """Yield two service attributes that measure one event; where it lies in the window a run stops."""
    try:
        with_attribute(events, measured_attributes(policy, costing), costing)
    except PolicyError as fault:
        yield from (replace(problem, severity="warning") for problem in fault.problems)


def _idle(events: Any, costing: Costing) -> Iterator[Problem]:
    seen = {activity for (activity,) in rows_of(events.select("activity").distinct())}
    busy = {costing.activities[name].resource for name in seen if name in costing.activities}
    for name in sorted(set(costing.resources) - busy):
        yield Problem(
            "costing.toml",
            f"resources.{name}",
            "idle_resource",
            "no event uses this resource, so all of its cost is unused capacity",
            "Add its work to `service_events`, or leave it out.",
            "warning",
        )


def _outside(events: Any, customers: Any) -> Iterator[Problem]:
    ids = customers.select("customer_id", "since", "ended")
    joined = events.select("event_id", "customer_id", "_row", day=events["at"].date()).inner_join(ids, "customer_id")
    early, late = (joined.day < joined.since).fill_null(False), (joined.day > joined.ended).fill_null(False)
    found = joined.filter(early | late)
    count = length_of(found)
    if count:
        first = found.order_by("_row").limit(5).to_pandas().rename(columns={"_row": "row"})
        yield Problem(
            "service_events",
            "at",
            "outside_relationship",
            "work was done before the account's `since` or after its `ended`; it is kept",
            "Correct the dates in `customers` if they are wrong.",
            "warning",
            count,
            tuple(Example(int(e.row), e.customer_id, f"{e.day:%Y-%m-%d}") for e in first.itertuples()),
        )
