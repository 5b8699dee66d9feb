"""What a step can act on: each account's work, goods and money by driver, in amounts that share nothing.

A cell is a driver of work, by hand or not (whether its channel is one that a person serves). The work of a driver is in
one cell only, so that two steps can never save the same minute twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.ledger.costing import Costing
from analysis.ledger.drivers import WORK_DRIVERS, driver_of, served_as, with_share
from analysis.ledger.receivables import late_money_days, lost_money
from analysis.topics.difficulty.measures.case_facts import as_known
from analysis.window import Window

if TYPE_CHECKING:
    import ibis
    import pandas as pd

#: Of a rush: the minutes more that the time equation states for it; the work itself stays in `rush_work`.
DRIVERS = (*WORK_DRIVERS, "rush_work")
CELLS = tuple(f"{driver}{hand}" for driver in DRIVERS for hand in ("", "@hand"))
MEASURES = ("cost", "cash", "minutes")
_NUMBER = "decimal(38, 10)"
_WHOLE, _SHARE = "decimal(38, 0)", "decimal(38, 6)"
#: Parts that an account's largest invoice is counted in where their amounts are squared.
PARTS = 1e6


def driver_volumes(
    events: ibis.Table,
    activities: ibis.Table,
    customers: ibis.Table,
    costing: Costing,
    shares: ibis.Table,
    levels: ibis.Table,
    by_hand: tuple[str, ...],
) -> ibis.Table:
    """Return each account's work by cell.

    Parameters
    ----------
    events
        The window's events with `attribute`, as `with_attribute` gives them.
    activities, customers, costing
        One row per activity with its rate, avoidable share and resale; whose work is wanted; whose drivers.
    shares
        customer_id, attribute, share: the part of the attribute's cost that is over-service.
    levels
        customer_id, attribute: the services of which a level was agreed or is wanted.
    by_hand
        The channels that a person serves.

    Returns
    -------
    Table
        customer_id, cell, cost, cash (what of it goes with the work, and what its freed minutes would bring) and
        minutes, as numbers.
    """
    parts = _cells(events, activities, customers, costing, shares, levels, by_hand)
    sums = {measure: parts[measure].sum().cast("float64") for measure in MEASURES}
    return parts.group_by("customer_id", "cell").aggregate(**sums)


def side_by_side(volumes: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of each account in one row: customer_id, and `<cell>:<measure>`, 0 where it has none.

    Parameters
    ----------
    volumes
        As `driver_volumes` gives them. The engine would do this by a sum for each column, in a hundredfold of memory.
    """
    import numpy as np
    import pandas as pd

    row, ids = pd.factorize(volumes.customer_id)
    values = np.zeros((len(ids), len(CELLS), len(MEASURES)))
    values[row, pd.Index(CELLS).get_indexer(volumes.cell)] = volumes[[*MEASURES]].to_numpy(dtype=np.float64)
    names = [f"{cell}:{measure}" for cell in CELLS for measure in MEASURES]
    found = pd.DataFrame(values.reshape(len(ids), len(names)), columns=names)
    found.insert(0, "customer_id", ids)
    return found


def minutes_by_resource(
    events: ibis.Table,
    activities: ibis.Table,
    customers: ibis.Table,
    costing: Costing,
    shares: ibis.Table,
    levels: ibis.Table,
    by_hand: tuple[str, ...],
) -> ibis.Table:
    """Return customer_id, resource, cell and minutes of the same work."""
    parts = _cells(events, activities, customers, costing, shares, levels, by_hand)
    found = parts.group_by("customer_id", "resource", "cell").aggregate(minutes=parts.minutes.sum().cast("float64"))
    return found.order_by("customer_id", "resource", "cell")


def _cells(
    events: ibis.Table,
    activities: ibis.Table,
    customers: ibis.Table,
    costing: Costing,
    shares: ibis.Table,
    levels: ibis.Table,
    by_hand: tuple[str, ...],
) -> ibis.Table:
    """Return one row per account, activity and cell."""
    named = with_drivers(events, costing).mutate(
        by_hand=events.channel.isin(by_hand).fill_null(False), rushed=_rush_minutes(events, costing)
    )
    keys = ("customer_id", "activity", "driver", "if_asked", "attribute", "by_hand")
    summed = named.group_by(*keys).aggregate(minutes=named.minutes.sum(), rushed=named.rushed.sum())
    mine = summed.filter(summed.customer_id.isin(customers.customer_id)).inner_join(activities, "activity")
    return _parts(with_share(due_though_unasked(mine, levels), shares))


def with_drivers(events: ibis.Table, costing: Costing) -> ibis.Table:
    """Return the events with `driver`, `if_asked` (their driver, had somebody asked for them) and `attribute`."""
    import ibis

    named = events.mutate(driver=driver_of(events, costing), attribute=served_as(events, costing).fill_null(""))
    asked = named.mutate(requested=ibis.literal(True))
    return asked.mutate(if_asked=driver_of(asked, costing))


def due_though_unasked(work: ibis.Table, levels: ibis.Table) -> ibis.Table:
    """Return the work, where what nobody asked for is `unrequested` only with services of which no level is known.

    What was agreed, or is wanted, is due whether or not each piece of it was asked for: to stop it would break a
    promise. What lies beyond the level is over-service.

    Parameters
    ----------
    work
        customer_id, attribute, driver and if_asked, as `with_drivers` gives them.
    levels
        customer_id, attribute: the services of which a level was agreed or is wanted.
    """
    known = levels.select("customer_id", "attribute", due=True)
    joined = work.left_join(known, ["customer_id", "attribute"]).select(*work.columns, "due")
    due = joined.due.fill_null(False) & (joined.driver == "unrequested")
    return joined.mutate(driver=due.ifelse(joined.if_asked, joined.driver)).drop("due", "if_asked")


def _rush_minutes(events: ibis.Table, costing: Costing) -> ibis.Column:
    """Return the minutes that a rush adds by the time equation, of events that are a rush; at most all of them."""
    import ibis

    more = [(name, a.when["rush"]) for name, a in costing.activities.items() if a.when.get("rush")]
    if not more:
        return ibis.literal(0).cast("decimal(18, 6)")
    stated = ibis.cases(*((events.activity == name, minutes) for name, minutes in more), else_=0.0)
    most = ibis.least(stated.cast("decimal(18, 6)"), events.minutes)
    return events.rush.fill_null(False).ifelse(most, 0)


def _parts(work: ibis.Table) -> ibis.Table:
    """Return one row per cell: what lies beyond the level due, the rush itself, and the rest."""
    import ibis

    due = 1 - work.share
    rush = work.driver == "rush"
    rest = rush.ifelse(work.minutes - work.rushed, work.minutes).cast("float64")
    named = rush.ifelse("rush_work", work.driver)
    return ibis.union(
        _part(work, rest * due, named),
        _part(work, rush.ifelse(work.rushed, 0).cast("float64") * due, ibis.literal("rush")),
        _part(work, work.minutes.cast("float64") * work.share, ibis.literal("over_service")),
    )


def _part(work: ibis.Table, minutes: ibis.Column, driver: ibis.Value) -> ibis.Table:
    cash = work.rate * work.whole_steps.ifelse(0.0, work.avoidable.fill_null(0)) + work.resale
    return work.select(
        "customer_id",
        "resource",
        cell=driver + work.by_hand.ifelse("@hand", ""),
        minutes=minutes.cast(_NUMBER),
        cost=(minutes * work.rate).cast(_NUMBER),
        cash=(minutes * cash).cast(_NUMBER),
    )


def returned_goods(lines: ibis.Table) -> ibis.Table:
    """Return customer_id and `returned`: the gross margin that returns took, as a positive amount."""
    back = lines.filter(lines.kind == "return")
    taken = back.net - back.goods.fill_null(0) - back.freight.fill_null(0)
    return back.group_by("customer_id").aggregate(returned=-taken.sum().cast("float64"))


def late_money(invoices: ibis.Table, payments: ibis.Table | None, rate: float, window: Window) -> ibis.Table:
    """Return customer_id and `late`: what it cost to wait for money after the day that it was due.

    Beside it what that rests on, as `_of_invoices` gives it; `late_day` is what a day of one that is owed costs.
    """
    found = _of_invoices(late_money_days(invoices, payments, window), "late_days")
    return found.mutate(late=found.late_days * rate / 365, late_day=rate / 365)


def never_came(invoices: ibis.Table, window: Window) -> ibis.Table:
    """Return customer_id, `lost` (written off in the window), and what that rests on, as `_of_invoices` gives it."""
    return _of_invoices(lost_money(invoices, window), "lost")


def _of_invoices(rows: ibis.Table, name: str) -> ibis.Table:
    """Return the sums of a measure of invoices by account.

    Parameters
    ----------
    rows
        customer_id, amount, of: per invoice what went, and of how much.

    Returns
    -------
    Table
        customer_id; `<name>` and `<name>_of`, the sums; `<name>_cases`, how many invoices these rest on: the square of
        the sum of their `of` over the sum of its squares; and of amount / of, invoice by invoice, `<name>_count`,
        `<name>_total` and `<name>_squares`. Sums are exact, whatever order the rows come in.
    """
    largest = rows.group_by("customer_id").aggregate(largest=rows.of.max())
    each = rows.inner_join(largest, "customer_id")
    of = each.of.cast("float64")
    each = each.mutate(
        part=(of / each.largest.cast("float64").nullif(0.0) * PARTS).round().fill_null(0.0).cast("int64").cast(_WHOLE),
        share=(each.amount.cast("float64") / of.nullif(0.0)).fill_null(0.0).cast(_SHARE),
    )
    sums = each.group_by("customer_id").aggregate(
        amount=each.amount.sum().cast("float64"),
        of=each.of.sum().cast("float64"),
        parts=each.part.sum().cast("float64"),
        part_squares=(each.part * each.part).sum().cast("float64"),
        count=each.count(where=each.of > 0).cast("float64"),
        total=each.share.sum().cast("float64"),
        squares=(each.share * each.share).sum().cast("float64"),
    )
    cases = (sums.parts * sums.parts / sums.part_squares.nullif(0.0)).fill_null(0.0)
    measures = {"": sums.amount, "_of": sums.of, "_cases": cases}
    measures |= {f"_{one}": sums[one] for one in ("count", "total", "squares")}
    return sums.select("customer_id", **{f"{name}{end}": value for end, value in measures.items()})


def answers(cases: ibis.Table | None, surveys: ibis.Table | None, window: Window) -> ibis.Table | None:
    """Return customer_id, `content` (mean of what it answered, 1 to 5) and `answers`; None without either table."""
    import ibis

    said = []
    if cases is not None:
        mine = as_known(cases.filter(cases.opened_at >= window.start, cases.opened_at < window.after), window.after)
        said.append(mine.select("customer_id", said=mine.satisfaction.cast("float64")))
    if surveys is not None:
        mine = surveys.filter(surveys.asked_on >= window.start, surveys.asked_on <= window.end)
        said.append(mine.select("customer_id", said=mine.satisfaction.cast("float64")))
    if not said:
        return None
    every = ibis.union(*said) if len(said) > 1 else said[0]
    known = every.filter(every.said.notnull())
    return known.group_by("customer_id").aggregate(total=known.said.sum(), answers=known.count())


def failed_cases(cases: ibis.Table, window: Window) -> ibis.Table:
    """Return customer_id, `cases` of the window whose cause is known, and `failed`: caused by us."""
    mine = as_known(cases.filter(cases.opened_at >= window.start, cases.opened_at < window.after), window.after)
    return mine.group_by("customer_id").aggregate(
        cases=mine.cause.count(), failed=mine.count(where=mine.cause == "ours")
    )
