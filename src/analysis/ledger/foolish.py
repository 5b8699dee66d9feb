"""What is in order row by row and would still make foolish results: told before anybody reads them.

Each says what is odd, in whose file, and what it usually means. Nothing is left out for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import reduce
from itertools import pairwise
from operator import and_
from typing import TYPE_CHECKING, Any

from analysis.data.asked import row_of, rows_of
from analysis.data.contract import net_of
from analysis.errors import Example, Problem
from analysis.ledger.costing import Costing
from analysis.policy import Policy
from analysis.window import MONTH_DAYS

if TYPE_CHECKING:
    from analysis.data.checks import Checked

#: Of fewer rows nothing is odd.
ENOUGH = 20
NEARLY_ALL, MANY, OVERUSED = 0.9, 0.1, 3.0
#: A flag that holds for every row tells no row from another, and a judgement that counts it means nothing.
FLAGS = {
    "service_events": {
        "after_hours": "all work counts as done after hours",
        "rush": "all work counts as rushed",
    },
    "cases": {"escalated": "nearly every case counts as escalated"},
}


def foolish(checked: Checked, costing: Costing | None, policy: Policy) -> Iterator[Problem]:
    """Yield what will make results foolish though no row breaks a rule."""
    for table, columns in FLAGS.items():
        if table in checked:
            yield from _flags(checked, table, columns)
    yield from _no_goods(checked, policy)
    events = checked.get("service_events")
    if events is not None:
        yield from _zeros(events)
        if costing:
            yield from _overused(events, checked, costing, policy)


def _told(table: str, column: str, rule: str, message: str, mend: str, count: int, found: str) -> Problem:
    return Problem(table, column, rule, message, mend, "warning", count, (Example(None, "", found),))


def _flags(checked: Checked, table: str, columns: dict[str, str]) -> Iterator[Problem]:
    rows, given = checked[table], checked.tables[table].given
    there = [name for name in columns if name in given]
    if not there:
        return
    sums: dict[str, Any] = {"rows": rows.count()}
    for name in there:
        sums[f"t{name}"] = rows[name].sum().fill_null(0)
    if len(there) > 1:
        sums["same"] = reduce(and_, (rows[a] == rows[b] for a, b in pairwise(there))).sum().fill_null(0)
    found = row_of(rows.aggregate(**sums))
    # Where only what holds is recorded, an empty flag says that it does not.
    every = int(found["rows"])
    for name in there:
        true = int(found[f"t{name}"])
        if every >= ENOUGH and true >= NEARLY_ALL * every:
            mend = "See that the column says what its name does; leave it out where it does not."
            yield _told(table, name, "nearly_always", columns[name], mend, true, f"true in {true:,} of {every:,} rows")
    if len(there) > 1 and int(found["same"]) >= ENOUGH and int(found["same"]) == int(found["rows"]):
        varied = [n for n in there if 0 < int(found[f"t{n}"]) < int(found["rows"])]
        if len(varied) == len(there):
            names = " and ".join(f"`{name}`" for name in there)
            message = f"{names} say the same in every row, as if one had been copied"
            mend = "Leave out the one that is not recorded."
            yield _told(table, there[-1], "identical_flags", message, mend, int(found["rows"]), "identical")


def _no_goods(checked: Checked, policy: Policy) -> Iterator[Problem]:
    """Yield how much of revenue has no cost of goods, where that is more than is modelled."""
    lines = checked.get("transactions")
    if lines is None or "cogs" not in checked.tables["transactions"].given:
        return
    net = net_of(lines).cast("float64")
    sums = lines.aggregate(
        every=net.sum(where=lines.kind == "sale").fill_null(0),
        without=net.sum(where=(lines.kind == "sale") & lines.cogs.isnull()).fill_null(0),
        rows=lines.count(where=lines.cogs.isnull()),
    )
    [(every, without, rows)] = rows_of(sums)
    if every > 0 and without > max(MANY, policy.costs.modelled_cogs_share) * every:
        message = (
            "the cost of goods is empty for more revenue than is modelled: the margin of those accounts is not known"
        )
        mend = "Fill it, or state `costs.cogs_share` in the policy."
        share = f"{without / every:.0%} of revenue, {without:,.2f}"
        yield _told("transactions", "cogs", "margin_unknown", message, mend, rows, share)


def _zeros(events: Any) -> Iterator[Problem]:
    sums = events.aggregate(filled=events.minutes.count(), zero=events.count(where=events.minutes == 0))
    [(filled, zero)] = rows_of(sums)
    if filled >= ENOUGH and zero > MANY * filled:
        message = "many logged times are 0: they count as not logged, and the time equation stands in"
        mend = 'Leave them empty, or set logged_zero = "zero" in the policy where no time was really taken.'
        yield _told("service_events", "minutes", "zero_minutes", message, mend, zero, f"{zero:,} of {filled:,} logged")


def _overused(events: Any, checked: Checked, costing: Costing, policy: Policy) -> Iterator[Problem]:
    """Yield the resources whose work, over the months that the events span, is far beyond their capacity."""
    from analysis.ledger.work import with_minutes

    timed = with_minutes(events, checked.get("cases"), costing, policy)
    by = timed.group_by("activity").aggregate(
        minutes=lambda t: t.minutes.sum().cast("float64"), first=lambda t: t["at"].min(), last=lambda t: t["at"].max()
    )
    found = rows_of(by.order_by("activity"))
    if not found:
        return
    months = max(1.0, (max(last for *_, last in found) - min(first for *_, first, _ in found)).days / MONTH_DAYS)
    spent: dict[str, float] = defaultdict(float)
    for activity, minutes, *_ in found:
        spent[costing.activities[activity].resource] += minutes or 0.0
    for resource, minutes in sorted(spent.items()):
        capacity = costing.resources[resource].capacity_minutes * costing.scale(1) * months
        if minutes > OVERUSED * capacity:
            message = f"its work takes {minutes / capacity:.1f} times its capacity"
            mend = "See that capacity and cost are of one `period`, and that `minutes` are minutes and no seconds."
            span = "1 month" if round(months) == 1 else f"{months:.0f} months"
            against = f"{minutes:,.0f} minutes of work against {capacity:,.0f} in {span}"
            yield _told("costing.toml", f"resources.{resource}", "far_beyond_capacity", message, mend, 1, against)
