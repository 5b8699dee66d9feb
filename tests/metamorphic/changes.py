"""What is done to a world in the relations, and what it may move."""

from __future__ import annotations

import re
from calendar import isleap
from dataclasses import replace

import numpy as np
import pandas as pd
from metamorphic_worlds import IDS, World

#: Every judgement of an account; kinds count by who is together with whom, as their names may follow what is in them.
JUDGED = (
    "segment", "over_served", "under_served", "difficult", "difficult_by_us", "perception", "action", "reasons",
)  # fmt: skip
KINDS = ("over_served_archetype", "difficult_archetype")
MONEY = {
    "transactions": ("list_amount", "discount", "net_amount", "cogs", "freight"),
    "invoices": ("amount", "disputed", "written_off"),
    "payments": ("amount",),
    "contracts": ("monthly_fee", "cancellation_fee"),
    "bookings": ("amount",),
    "actions_taken": ("cost",),
}
KEYS = (*IDS, "transaction_id", "event_id", "case_id", "order_id", "invoice_id", "contract_id", "booking_id")
COSTS = re.compile(r"^(cost|revenue|cogs|operating_profit|resale)( *= *)([0-9_.]+)", re.MULTILINE)
SUPPLY = re.compile(r"^(cost|capacity_minutes|revenue|cogs|operating_profit)( *= *)([0-9_.]+)", re.MULTILINE)
DAY = re.compile(r"^(\d{4})-(\d\d-\d\d)")


def moved(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, list[str]]:
    """Return, for each judgement, the accounts whose verdict is another."""
    after, found = after.loc[before.index], {}
    for name in (name for name in JUDGED if name in before):
        one, other = (rows[name].astype("str").fillna("") for rows in (before, after))
        if (one != other).any():
            found[name] = [f"{who}: {one[who]} -> {other[who]}" for who in before.index[one != other]]
    for name in KINDS:
        pairs = pd.DataFrame({"one": before[name].fillna(""), "other": after[name].fillna("")}).drop_duplicates()
        if pairs.one.duplicated().any() or pairs.other.duplicated().any():
            found[name] = [f"{one} | {other}" for one, other in pairs.to_numpy()]
    return found


def moved_beyond(before: pd.DataFrame, after: pd.DataFrame, near: float) -> dict[str, list[str]]:
    """Return the same, where a step that gains no more than that share of what serving costs is as good as none."""
    after = after.loc[before.index]
    gains = np.maximum(before.action_value.fillna(0), after.action_value.fillna(0))
    as_good = before.index[gains <= near * before.cost_to_serve.fillna(0)]
    return moved(before.drop(index=as_good), after) | moved(before.loc[as_good].drop(columns="action"), after)


def multiplied(text: str, pattern: re.Pattern[str], times: float) -> str:
    """Return a costing with the amounts of a pattern times a number."""
    return pattern.sub(lambda m: f"{m[1]}{m[2]}{float(m[3].replace('_', '')) * times:.6f}", text)


def in_money_of(world: World, times: float) -> World:
    """Return the world with all money times a number."""
    changed = {}
    for table, names in MONEY.items():
        if table in world.tables:
            rows = world.tables[table]
            amounts = {name: pd.to_numeric(rows[name]) * times for name in names if name in rows}
            texts = {
                name: a.map(lambda value: "" if np.isnan(value) else f"{value:.6f}") for name, a in amounts.items()
            }
            changed[table] = rows.assign(**texts)
    return replace(world.having(**changed), costing=multiplied(world.costing, COSTS, times))


def shuffled(world: World) -> World:
    """Return the world with the rows of every table in another order."""
    return world.having(**{name: rows.sample(frac=1.0, random_state=3) for name, rows in world.tables.items()})


def renamed(world: World) -> tuple[World, dict[str, str]]:
    """Return the world with other ids and names, in another order of the alphabet, and the old id of each new one."""
    ids = world.tables["customers"].customer_id
    fresh = np.random.default_rng(5).permutation([f"K{number:04d}" for number in range(len(ids))])
    new = dict(zip(ids, fresh, strict=True))
    tables = {
        name: rows.assign(**{key: rows[key].map(lambda value: new.get(value, value)) for key in IDS if key in rows})
        for name, rows in world.tables.items()
    }
    customers = tables["customers"]
    tables["customers"] = customers.assign(name="Name of " + customers.customer_id)
    return world.having(**tables), {value: key for key, value in new.items()}


def with_work_of_nobody(world: World) -> World:
    """Return the world with events that belong to no account."""
    events = world.table("service_events")
    more = events.sample(50, random_state=2)
    more = more.assign(event_id=more.event_id + "-nobody", customer_id="")
    more = more.assign(**{key: "" for key in ("case_id", "order_id") if key in more})
    return world.having(service_events=pd.concat([events, more]))


def with_days_after(world: World) -> World:
    """Return the world with lines and events of a fortnight after the day that it is looked at."""
    day = (pd.Timestamp(world.as_of) + pd.Timedelta(days=15)).date().isoformat()
    lines, events = world.table("transactions"), world.table("service_events")
    later = lines.tail(200).assign(transaction_id=lambda rows: rows.transaction_id + "-later", date=day)
    work = events.tail(200).assign(event_id=lambda rows: rows.event_id + "-later", at=f"{day}T10:00:00")
    return world.having(transactions=pd.concat([lines, later]), service_events=pd.concat([events, work]))


def years_later(world: World, years: int) -> World:
    """Return the world with every date and time so many years later; where there is no 29 February it is the 28th."""

    def later(value: str) -> str:
        found = DAY.match(value)
        if not found:
            return value
        year = int(found[1]) + years
        day = "02-28" if found[2] == "02-29" and not isleap(year) else found[2]
        return f"{year}-{day}{value[10:]}"

    tables = {name: rows.map(later) for name, rows in world.tables.items()}
    return replace(world.having(**tables), as_of=later(world.as_of))


def of_a_leap_day(world: World) -> set[str]:
    """Return the accounts with a row of a 29 February: a year later it is a day nearer to the rows before it."""
    found: set[str] = set()
    for rows in world.tables.values():
        if "customer_id" in rows:
            found |= {*rows.customer_id[rows.map(lambda value: value[4:10] == "-02-29").any(axis=1)]}
    return found


def with_a_line_in_ten(world: World, place: int) -> World:
    """Return the world with one line split in ten of the same day, invoice and order, that sum to it exactly."""
    lines = world.table("transactions")
    line = lines.iloc[place]
    parts = pd.DataFrame([line] * 10).assign(transaction_id=[f"{line.transaction_id}-{part}" for part in range(10)])
    for name in (name for name in (*MONEY["transactions"], "quantity") if line.get(name)):
        tenth, whole = round(float(line[name]) / 10, 4), float(line[name])
        parts[name] = [f"{tenth:.4f}"] * 9 + [f"{whole - 9 * tenth:.4f}"]
    return world.having(transactions=pd.concat([lines.drop(index=line.name), parts]))


def twice(world: World) -> World:
    """Return the world beside itself: every account again, under another id, with doubled capacity at doubled cost."""
    tables = {}
    for name, rows in world.tables.items():
        again = rows.assign(**{key: rows[key].where(rows[key] == "", rows[key] + "-b") for key in KEYS if key in rows})
        tables[name] = pd.concat([rows, again])
    return replace(world.having(**tables), costing=multiplied(world.costing, SUPPLY, 2.0))
