"""Who was in charge of which account on which day.

Tenures may overlap and leave gaps. An account's days fall into stretches on which the same people are in charge; what
is dated falls into one stretch or none, so nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis

STILL = date(9999, 12, 30)


def tenures(assignments: ibis.Table, roles: Sequence[str]) -> ibis.Table:
    """Return customer_id, seller, starts, stops (days, both included) of the roles wanted (none: every role)."""
    rows = assignments.filter(assignments.role.isin(list(roles))) if roles else assignments
    return rows.select(
        "customer_id", seller=rows.person, starts=rows["from"], stops=rows["to"].fill_null(STILL)
    ).distinct()


def stretches(owned: ibis.Table) -> ibis.Table:
    """Return customer_id, starts, stops: stretches of days on which no one comes or goes.

    Parameters
    ----------
    owned
        As `tenures` gives it. A stretch on which nobody is in charge is among them.
    """
    import ibis

    over = owned.filter(owned.stops < ibis.date(STILL))
    marks = ibis.union(
        owned.select("customer_id", "starts"),
        over.select("customer_id", starts=(over.stops + ibis.interval(days=1)).cast("date")),
        distinct=True,
    )
    following = marks.starts.lead().over(ibis.window(group_by="customer_id", order_by="starts"))
    stops = (following - ibis.interval(days=1)).cast("date")
    return marks.mutate(stops=stops.fill_null(STILL))


def in_charge(owned: ibis.Table, found: ibis.Table) -> ibis.Table:
    """Return who was in charge in each stretch; several at once share alike.

    Columns: customer_id, starts, stops, stretch (its first day, as text), seller, weight.
    """
    import ibis

    whose = owned.rename(_customer="customer_id", _from="starts", _to="stops")
    joined = found.inner_join(
        whose,
        [found.customer_id == whose._customer, found.starts >= whose._from, found.starts <= whose._to],
    )
    pairs = joined.select("customer_id", "starts", "stops", "seller").distinct()
    alike = pairs.count().over(ibis.window(group_by=["customer_id", "starts"]))
    return pairs.mutate(stretch=pairs.starts.cast("string"), weight=1.0 / alike.cast("float64"))


def placed(rows: Any, day: str, held: Any | None) -> Any:
    """Return the rows with `stretch`: the first day, as text, of the one that their `day` falls into; empty in none.

    Parameters
    ----------
    rows
        With customer_id and `day`, a column of dates.
    held
        The stretches on which somebody is in charge: customer_id, starts, stops; None where nothing says who was.
    """
    import ibis

    if held is None:
        return rows.mutate(stretch=ibis.null("string"))
    spans = held.rename(_customer="customer_id", _starts="starts", _stops="stops")
    joined = rows.left_join(
        spans, [rows.customer_id == spans._customer, rows[day] >= spans._starts, rows[day] <= spans._stops]
    )
    return joined.mutate(stretch=joined._starts.cast("string")).drop("_customer", "_starts", "_stops")
