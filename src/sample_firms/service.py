"""Service events: the work that cases, orders, plans and habits bring, with the minutes it took."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from sample_firms.cases import Cases
from sample_firms.entitlements import Plan
from sample_firms.firm import ACTIVITIES, ATTRIBUTES, DEPARTMENTS, people
from sample_firms.sales import Sales
from sample_firms.world import (
    Bools,
    Calendar,
    Floats,
    Ints,
    Settings,
    chance,
    column,
    flags,
    frame_of,
    lognormal,
    maybe,
    numbered,
    pick,
    spread,
    steady,
    turn,
    whole,
    words,
)

CHANNELS = ("phone", "email", "chat", "self_service", "onsite")
CONTACTS = ("in", "out", "none")
_ACTIVITY = {name: number for number, name in enumerate(ACTIVITIES)}
_DESK, _FIELD, _SALES, _LOGISTICS, _FINANCE, _KEY = range(len(DEPARTMENTS))
_UNKNOWN = -1
_NO = 0
_YES = 1
_PROSPECTS = 12
WORKERS_PER_DEPARTMENT = 9
# Attribute by attribute: department, channel and hour at which its planned work is done.
_PLANNED = ((_DESK, 0, 13.0), (_DESK, 0, 20.5), (_FIELD, 4, 11.0), (_KEY, 4, 14.0), (_KEY, 1, 10.0))


def make_events(
    settings: Settings,
    calendar: Calendar,
    accounts: pd.DataFrame,
    plan: Plan,
    sales: Sales,
    cases: Cases,
    late: pd.DataFrame,
) -> pd.DataFrame:
    """Draw all service events.

    Parameters
    ----------
    settings, calendar, accounts, plan, sales, cases
        The world so far.
    late
        Invoices that ran late: `row` and the `day` from which we wrote about them.

    Returns
    -------
    pandas.DataFrame
        The contract's `service_events`, and the columns `row` and `case` (numbers, -1 for none) beside them.
    """
    parts = [
        _case_work(settings, cases),
        _case_extras(settings, accounts, cases),
        _order_work(settings, accounts, sales),
        _return_work(settings, sales),
        _dunning(settings, late),
        _selling(settings, calendar, accounts),
        _unassigned(settings, calendar, accounts),
    ]
    for number in range(len(ATTRIBUTES)):
        parts.append(_planned(settings, calendar, accounts, plan, number))
    rows = pd.concat([part for part in parts if len(part)], ignore_index=True)
    _keep_in_time(calendar, accounts, rows)
    rows = rows.sort_values(["at", "row", "activity"], kind="stable", ignore_index=True)
    _log_minutes(settings, rows)
    return _event_table(settings, calendar, accounts, rows)


def _rows(
    row: Ints,
    at: Floats,
    activity: str | Ints,
    department: int | Ints,
    channel: int | Ints,
    contact: int | Ints,
    *,
    quantity: Floats | None = None,
    case: Ints | None = None,
    order: Ints | None = None,
    requested: int | Ints = _UNKNOWN,
    in_scope: int | Ints = _UNKNOWN,
    after_hours: int | Ints = _NO,
    rush: int | Ints = _NO,
) -> pd.DataFrame:
    """Lay out events; flags are 1, 0 or -1 for unknown."""
    return frame_of(
        {
            "row": row,
            "at": at,
            "activity": _ACTIVITY[activity] if isinstance(activity, str) else activity,
            "department": department,
            "channel": channel,
            "contact": contact,
            "quantity": np.nan if quantity is None else quantity,
            "case": -1 if case is None else case,
            "order": -1 if order is None else order,
            "requested": requested,
            "in_scope": in_scope,
            "after_hours": after_hours,
            "rush": rush,
        }
    )


def _between(rng: np.random.Generator, cases: Cases, at: Ints) -> Floats:
    """Return moments of work on the cases given: between being opened and being done."""
    rows = cases.rows
    opened = column(rows, "opened")[at]
    done = np.nan_to_num(column(rows, "resolved")[at], nan=np.inf)
    return np.minimum(opened + 0.04 + 0.8 * rng.random(len(at)), done)


def _case_work(settings: Settings, cases: Cases) -> pd.DataFrame:
    """Answer each case, some of them more than once; at night the night team does."""
    rng, rows = settings.stream("case work"), cases.rows
    counts = 1 + (rng.random(len(rows)) < 0.30).astype(np.int64)
    at = np.repeat(np.arange(len(rows)), counts)
    night = flags(rows, "at_night")[at] & (turn(counts) == 0)
    heavy = whole(rows, "kind")[at] >= 2
    incident = heavy | (rng.random(len(at)) < 0.12)
    activity = np.where(
        night, _ACTIVITY["night_support"], np.where(incident, _ACTIVITY["incident"], _ACTIVITY["inquiry"])
    )
    moment = _between(rng, cases, at)
    moment = np.where(night, column(rows, "opened")[at] + 0.01, _by_day(moment, rng))
    channel = np.where(night, 0, pick(rng, len(at), (46, 38, 10, 6)))
    scope = np.where(rng.random(len(at)) < 0.5, _YES, _UNKNOWN)
    return _rows(
        whole(rows, "row")[at],
        moment,
        activity,
        _DESK,
        channel,
        0,
        case=at,
        requested=np.where(rng.random(len(at)) < 0.85, _YES, _UNKNOWN),
        in_scope=scope,
        after_hours=np.where(night, _YES, _NO),
        rush=np.where(flags(rows, "short")[at] & (rng.random(len(at)) < 0.7), _YES, _NO),
    )


def _by_day(moment: Floats, rng: np.random.Generator) -> Floats:
    """Move a moment into office hours of its day, or of the next where it is evening."""
    day, hour = np.floor(moment), (moment % 1.0) * 24.0
    late = hour > 17.5
    return np.where(late | (hour < 7.5), day + late + (8.0 + 8.0 * rng.random(len(day))) / 24.0, moment)


def _case_extras(settings: Settings, accounts: pd.DataFrame, cases: Cases) -> pd.DataFrame:
    """Do work beyond the agreement, mend what we got wrong, and call after a project has closed."""
    rng, rows = settings.stream("case extras"), cases.rows
    size, row = len(rows), whole(rows, "row")
    scope = np.flatnonzero(flags(rows, "out_of_scope"))
    agreed = np.flatnonzero(~flags(rows, "out_of_scope") & (rng.random(size) < 0.05))
    failed = flags(rows, "failed")
    sorry = np.flatnonzero(failed & (rng.random(size) < 0.55))
    rework = np.flatnonzero(failed & (rng.random(size) < 0.22))
    closed = (whole(rows, "kind") == 4) & ~flags(rows, "open")
    care = np.flatnonzero(closed & (rng.random(size) < np.where(failed, 0.15, 0.45)))
    after = column(rows, "resolved")[care] + 5.0 + 20.0 * rng.random(len(care))

    def when(at: Ints) -> Floats:
        return _by_day(_between(rng, cases, at) + 0.3, rng)

    return pd.concat(
        [
            _rows(row[scope], when(scope), "special_request", _FIELD, 4, 0, case=scope, requested=_YES, in_scope=_NO),
            _rows(
                row[agreed], when(agreed), "special_request", _FIELD, 4, 0, case=agreed, requested=_YES, in_scope=_YES
            ),
            _rows(row[sorry], when(sorry), "complaint_handling", _DESK, 0, 0, case=sorry),
            _rows(row[rework], when(rework), "rework_visit", _FIELD, 4, 1, case=rework),
            _rows(row[care], _by_day(after, rng), "inquiry", _KEY, 0, 1, requested=_NO, in_scope=_YES),
        ],
        ignore_index=True,
    )


def _order_work(settings: Settings, accounts: pd.DataFrame, sales: Sales) -> pd.DataFrame:
    """Take and ship each order; the number of lines drives the work."""
    rng, orders = settings.stream("order work"), sales.orders
    row, size = whole(orders, "row"), len(orders)
    portal = settings.stream("portal users").random(len(accounts)) < 0.3
    habit = pick(rng, size, (32, 55, 0, 13))
    channel = np.where(portal[row] & (rng.random(size) < 0.75), 3, habit)
    hurry = np.minimum(0.45 * column(accounts, "rush")[row], 0.4)
    at = column(orders, "day") + (8.0 + 8.5 * rng.random(size)) / 24.0
    return _rows(
        row,
        at,
        "order_handling",
        _LOGISTICS,
        channel,
        0,
        quantity=column(orders, "lines"),
        order=whole(orders, "order"),
        rush=np.where(chance(rng, hurry) | flags(orders, "express"), _YES, _NO),
    )


def _return_work(settings: Settings, sales: Sales) -> pd.DataFrame:
    rng, table = settings.stream("return work"), sales.returned
    at = column(table, "day") + (8.0 + 8.5 * rng.random(len(table))) / 24.0
    quantity = (1 + rng.poisson(0.4, len(table))).astype(np.float64)
    order = whole(table, "order")
    return _rows(whole(table, "row"), at, "return_handling", _LOGISTICS, 1, 0, quantity=quantity, order=order)


def _dunning(settings: Settings, late: pd.DataFrame) -> pd.DataFrame:
    rng = settings.stream("dunning")
    at = column(late, "day") + (9.0 + 7.0 * rng.random(len(late))) / 24.0
    return _rows(whole(late, "row"), at, "dunning", _FINANCE, pick(rng, len(late), (30, 70)), 1)


def _selling(settings: Settings, calendar: Calendar, accounts: pd.DataFrame) -> pd.DataFrame:
    """Call on accounts to win business, more so in their first year, and quote."""
    rng, count = settings.stream("selling"), len(accounts)
    first, last = whole(accounts, "first"), whole(accounts, "last")
    exposure = calendar.exposure(first, last)
    scale = column(accounts, "scale") ** 0.3
    new = whole(accounts, "since") >= 0
    calls = steady(rng, (0.9 * scale * exposure + 2.0 * new * np.minimum(exposure, 1.0)) * spread(rng, count, 0.5))
    quotes = steady(rng, (0.7 * scale * exposure + 1.0 * new * np.minimum(exposure, 1.0)) * spread(rng, count, 0.5))
    parts = []
    for activity, counts, channel in (("sales_call", calls, 4), ("quotation", quotes, 1)):
        row = np.repeat(np.arange(count), counts)
        day = calendar.place(first[row], last[row], rng.random(len(row)))
        at = day + (8.5 + 8.0 * rng.random(len(row))) / 24.0
        parts.append(_rows(row, at, activity, _SALES, channel, 1))
    return pd.concat(parts, ignore_index=True)


def _unassigned(settings: Settings, calendar: Calendar, accounts: pd.DataFrame) -> pd.DataFrame:
    """Do internal work that is no account's, and court prospects that are not customers yet."""
    rng, count = settings.stream("unassigned work"), len(accounts)
    size = round(2.6 * count) + 2
    day = calendar.place(np.zeros(size, dtype=np.int64), np.full(size, calendar.days - 1), rng.random(size))
    at = day + (8.0 + 8.5 * rng.random(size)) / 24.0
    what = pick(rng, size, (30, 20, 35, 15))
    activity = np.array([_ACTIVITY[name] for name in ("inquiry", "special_request", "sales_call", "quotation")])[what]
    prospect = what >= 2
    row = np.where(prospect, -2 - rng.integers(0, _PROSPECTS, size), -1)
    department = np.array([_DESK, _FIELD, _SALES, _SALES])[what]
    return _rows(row, at, activity, department, np.where(prospect, 4, -1), np.where(prospect, 1, 2))


def _planned(settings: Settings, calendar: Calendar, accounts: pd.DataFrame, plan: Plan, number: int) -> pd.DataFrame:
    """Do the work of one service attribute: what is habit, and what is planted beyond it."""
    attribute, spec = list(ATTRIBUTES.items())[number]
    rng = settings.stream(f"planned {attribute}")
    department, channel, hour = _PLANNED[number]
    first, last = whole(accounts, "first"), whole(accounts, "last")
    exposure = calendar.exposure(first, last)
    parts = []
    for planted, units in ((False, plan.base[:, number]), (True, plan.extra[:, number])):
        per_event = (
            (ACTIVITIES[spec.activity].minutes + _usual_more(spec.activity)) if spec.measure == "minutes" else 1.0
        )
        varied = spread(rng, len(accounts), (0.18 if planted else 0.05) * settings.noise)
        counts = steady(rng, units / per_event * exposure * varied)
        row = np.repeat(np.arange(len(accounts)), counts)
        share = (turn(counts) + rng.random(len(row))) / np.maximum(counts, 1)[row]
        day = calendar.place(first[row], last[row], share)
        at = day + (hour + 2.5 * rng.random(len(row)) - 1.0) / 24.0
        parts.append(_wanted(rng, accounts, row, at, spec.activity, department, channel, planted, number == 1))
    return pd.concat(parts, ignore_index=True)


def _usual_more(activity: str) -> float:
    """Return the minutes that the usual circumstances of planned work add: support is given by phone."""
    return ACTIVITIES[activity].when.get("channel=phone", 0.0)


def _wanted(
    rng: np.random.Generator,
    accounts: pd.DataFrame,
    row: Ints,
    at: Floats,
    activity: str,
    department: int,
    channel: int,
    planted: bool,
    night: bool,
) -> pd.DataFrame:
    """Note who asked for the work: planted service that nobody wants was started by one department of ours."""
    kind = accounts["over_kind"].to_numpy(dtype=object)[row]
    asked_share = np.select([kind == "giveaway", kind == "unwanted", kind == "both"], [0.85, 0.08, 0.45], 0.6)
    asked = chance(rng, asked_share if planted else np.full(len(row), 0.92))
    known = rng.random(len(row)) < 0.85
    starter = np.where((kind == "unwanted") & planted, _FIELD if night else department, department)
    return _rows(
        row,
        at,
        activity,
        starter,
        channel,
        np.where(asked, 0, 1),
        requested=np.where(known, np.where(asked, _YES, _NO), _UNKNOWN),
        in_scope=np.where(rng.random(len(row)) < 0.4, _YES, _UNKNOWN),
        after_hours=_YES if night else _NO,
    )


def _keep_in_time(calendar: Calendar, accounts: pd.DataFrame, rows: pd.DataFrame) -> None:
    """Pull work into the days on which the account was a customer, and into the history."""
    row = whole(rows, "row")
    own = row >= 0
    last = np.where(own, whole(accounts, "last")[np.maximum(row, 0)], calendar.days - 1)
    at = column(rows, "at")
    rows["at"] = np.where(at >= last + 1, last + np.minimum(at % 1.0, 0.98), at)


def _log_minutes(settings: Settings, rows: pd.DataFrame) -> None:
    """Log the time that most of the work took, around what its time equation says."""
    rng, size = settings.stream("minutes"), len(rows)
    modelled = equation_minutes(rows)
    taken = np.maximum(np.round(modelled * lognormal(rng, size, 0.28)), 1.0)
    logged = rng.random(size) < 0.80
    forgotten = rng.random(size) < 0.003
    rows["minutes"] = np.where(logged, np.where(forgotten, 0.0, taken), np.nan)


def equation_minutes(rows: pd.DataFrame) -> Floats:
    """Return what the time equations give for each event."""
    activity = whole(rows, "activity")
    terms: dict[str, npt.NDArray[np.bool_]] = {
        "rush": whole(rows, "rush") == _YES,
        "after_hours": whole(rows, "after_hours") == _YES,
    }
    terms |= {f"channel={name}": whole(rows, "channel") == number for number, name in enumerate(CHANNELS)}
    minutes = np.array([spec.minutes for spec in ACTIVITIES.values()])[activity]
    per = np.array([spec.per.get("quantity", 0.0) for spec in ACTIVITIES.values()])[activity]
    minutes = minutes + per * np.nan_to_num(column(rows, "quantity"), nan=1.0)
    for name, holds in terms.items():
        more = np.array([spec.when.get(name, 0.0) for spec in ACTIVITIES.values()])[activity]
        minutes = minutes + more * holds
    return np.asarray(minutes, dtype=np.float64)


def _event_table(settings: Settings, calendar: Calendar, accounts: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    rng, size, row = settings.stream("event details"), len(rows), whole(rows, "row")
    department = whole(rows, "department")
    team = max(WORKERS_PER_DEPARTMENT, len(accounts) // 100)
    workers = [name for place in range(len(DEPARTMENTS)) for name in people(team, 200 + place * team)]
    worker = np.where(rng.random(size) < 0.9, department * team + rng.integers(0, team, size), -1)
    prospects = [f"P{number:04d}" for number in range(1, _PROSPECTS + 1)]
    owners = np.array([*accounts["customer_id"], *prospects, None], dtype=object)
    owner = np.where(row >= 0, row, np.where(row == -1, len(owners) - 1, len(accounts) - 2 - row))
    return frame_of(
        {
            "event_id": numbered("E", size),
            "customer_id": owners[owner],
            "at": calendar.times(column(rows, "at")),
            "activity": words(whole(rows, "activity"), list(ACTIVITIES)),
            "channel": words(whole(rows, "channel"), CHANNELS),
            "department": words(department, DEPARTMENTS),
            "worker": words(worker, workers),
            "contact": words(whole(rows, "contact"), CONTACTS),
            "minutes": column(rows, "minutes"),
            "quantity": column(rows, "quantity"),
            "case_id": _numbered_or_empty("S", whole(rows, "case") + 1),
            "order_id": _numbered_or_empty("O", whole(rows, "order")),
            "requested": _flag(whole(rows, "requested")),
            "in_scope": _flag(whole(rows, "in_scope")),
            "after_hours": _flag(np.where(whole(rows, "after_hours") == _YES, _YES, _UNKNOWN)),
            "rush": _flag(np.where(whole(rows, "rush") == _YES, _YES, _UNKNOWN)),
            "row": row,
            "case": whole(rows, "case"),
            "equation": equation_minutes(rows),
        }
    )


def _numbered_or_empty(prefix: str, number: Ints) -> pd.Series[str]:
    text = prefix + pd.Series(number, dtype="int64").astype(str).str.zfill(7)
    return text.mask(number <= 0)


def _flag(value: Ints) -> pd.Series[bool]:
    known: Bools = value != _UNKNOWN
    return maybe(value == _YES, known)
