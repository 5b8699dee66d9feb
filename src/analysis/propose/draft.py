"""The proposal: what `dataset.toml`, `costing.toml` and `policy.toml` say, and the reason of each line."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.data.contract import INPUTS
from analysis.data.mapping import mapped, number_of
from analysis.data.options import Made
from analysis.data.sources import Source
from analysis.propose.assign import Assigned, formats_needed, has_numbers_as_text
from analysis.propose.match import Match, _names_in, part, unused
from analysis.propose.profile import Export
from analysis.propose.words import meaning, spelled_out, tokens

#: What a person is paid for in a month of 40 hours a week, of which four fifths are practical capacity.
MINUTES_A_MONTH = round(40 * 52 / 12 * 60 * 0.8)
MOST_ACTIVITIES = 200
#: The currencies of signs.
CODES = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
#: What is not measured without a table.
WITHOUT = {
    "customers": "nothing: it is required",
    "transactions": "revenue, margin and segments (where there are invoices, each counts as a sale)",
    "service_events": "cost to serve, capacity and over-service",
    "cases": "whose trouble it is: promises, answers, complaints, handoffs",
    "case_updates": "the first promise made, and how long customers went without a word",
    "contracts": "what a contract is worth to leave, and renewals",
    "service_levels": "service beyond what was agreed or wanted: like accounts are compared instead",
    "invoices": "late payment, disputes, write-offs and financing cost",
    "payments": "payment in parts",
    "perceptions": "what staff think against what the record shows",
    "surveys": "what customers say, and what each gets for its money",
    "mentions": "word of mouth",
    "bookings": "what was sold, as against billed",
    "assignments": "who owned which account when",
    "actions_taken": "what earlier steps brought; and no account is ever proposed for ending",
    "overrides": "no decision of a person stands in for a judgement",
}


@dataclass
class Draft:
    """One settings file: its values, and the reason of each by its path."""

    values: dict[str, Any] = field(default_factory=dict)
    why: dict[tuple[str, ...], str] = field(default_factory=dict)


@dataclass
class Proposal:
    """All that is proposed, and what a person should know of it."""

    dataset: Draft
    costing: Draft | None
    policy: Draft
    found: Assigned
    unreadable: dict[str, str] = field(default_factory=dict)


def draft(found: Assigned, out: Path) -> Proposal:
    """Return the proposal for the tables that were found; paths start at the folder that it is written to."""
    dataset = Draft({"tables": {}})
    for table in (name for name in INPUTS if name in found.tables):
        dataset.values["tables"][table] = _table(found.tables[table], out, dataset)
    costing = _costing(found.tables["service_events"]) if "service_events" in found.tables else None
    return Proposal(dataset, costing, _policy(found), found)


def _table(one: Match, out: Path, into: Draft) -> dict[str, Any]:
    said: dict[str, Any] = {"path": _relative(one.export.look.file, out)}
    why = dict(one.export.why) | one.export.look.why | one.why
    connection = one.export.look.said.get("connection")
    if connection:
        said = {"connection": connection.name, "sql": one.export.look.said["sql"]}
        address = f"{connection.scheme}://{_relative(one.export.look.file, out)}"
        into.values.setdefault("connections", {})[connection.name] = {"url": address}
    else:
        said |= one.export.look.said
    if has_numbers_as_text(one) and (one.export.decimal, one.export.thousands) != (".", ""):
        said["decimal"] = one.export.decimal
        if one.export.thousands:
            said["thousands"] = one.export.thousands
    if has_numbers_as_text(one) and one.export.currency_mark:
        said["currency_mark"] = one.export.currency_mark
    marks = ("decimal", "thousands", "currency_mark")
    why = {key: reason for key, reason in why.items() if key in said or key not in marks}
    formats, doubt = formats_needed(one)
    if _has_text_dates(one):
        said["date_format"] = formats if len(formats) > 1 else formats[0]
        why["date_format"] = "? day and month could be the other way round" if doubt else "every date fits"
    if missing := one.export.missing:
        said["missing"], why["missing"] = missing, "stands where nothing is known"
    said |= one.said
    columns, values = {}, {}
    for ours in (name for name in INPUTS[one.table].names if name in one.columns):
        choice = one.columns[ours]
        if choice.said != ours:
            columns[ours] = choice.said
        rivals = f"; ? or `{'`, `'.join(choice.rivals)}`" if choice.rivals else ""
        into.why["tables", one.table, "columns", ours] = choice.why + rivals
        if choice.values:
            values[ours] = choice.values
    if stray := _stray(one):
        said["leave_out"], why["leave_out"] = stray, "called as a column of ours, and not one by what is in it"
    if columns:
        said["columns"] = columns
    if values:
        said["values"] = values
    into.why |= {("tables", one.table, key): reason for key, reason in why.items()}
    shape = f"known as {one.shape.name}; " if one.shape else ""
    told = one.table == "customers" and "one_per" in said
    into.why["tables", one.table] = (
        f"{shape}{'those in ' if told else ''}{one.export.rows:,} rows of {one.export.label}"
    )
    return said


def _stray(one: Match) -> list[str]:
    """Return their columns that are called as ours, by what case, and that are not taken for it."""
    ours = {name.lower() for name in INPUTS[one.table].names} - set(one.columns)
    return [f.name for f in one.export.fields if f.name.strip().lower() in ours]


def _has_text_dates(one: Match) -> bool:
    formats, _ = formats_needed(one)
    if not formats:
        return False
    names = [n for ours in one.columns for n in _names_in(one.columns[ours].said)]
    return any(one.export.raw[n].type().is_string() and one.export[n].formats for n in names)


def _relative(file: Path, out: Path) -> str:
    try:
        return Path(os.path.relpath(file, out)).as_posix()
    except ValueError:  # another drive of Windows
        return file.as_posix()


def _policy(found: Assigned) -> Draft:
    policy = Draft()
    for one in found.tables.values():
        currency = part(one.export, "currency", numeric=False)
        codes = {v for v in currency.values if re.fullmatch(r"[A-Z]{3}", v)} if currency else set()
        if currency and len(codes) > 1:
            one.aside.append(
                f"`{currency.name}` of {one.export.label} names {' and '.join(sorted(codes)[:5])}: a run takes one "
                "currency. Convert the amounts to it before, or with a SELECT (`sql`; of a workbook saved as CSV), or "
                "keep the rows of one."
            )
        if currency and len(codes) == 1 and codes != {"EUR"}:
            policy.values["currency"] = codes.pop()
            policy.why["currency",] = f"`{currency.name}` of {one.export.label} says so"
            break
        mark = one.export.currency_mark if has_numbers_as_text(one) else ""
        if (code := CODES.get(mark, mark)) and code != "EUR":
            policy.values["currency"] = code
            policy.why["currency",] = f"{'? ' * (mark == '$')}`{mark}` stands beside the amounts of {one.export.label}"
            break
    return policy


def _costing(events: Match) -> Draft:
    """Return a costing with every activity that was found; what the teams cost nobody can find."""
    names = _activities(events)
    teams = _teams(events, names)
    costing = Draft({"period": "month", "resources": {}, "activities": {}})
    costing.why["period",] = "what the costs and capacities below cover"
    for team in dict.fromkeys(teams.values()):
        workers = _workers(events, team)
        costing.values["resources"][team] = {"cost": 0.0, "capacity_minutes": float(workers * MINUTES_A_MONTH)}
        place = ("resources", team)
        costing.why[(*place, "cost")] = "FILL IN: pay, rooms, tools and supervision of a month"
        told = f"? {workers} people x {MINUTES_A_MONTH:,} minutes: 40 hours a week, of which four fifths are worked"
        costing.why[(*place, "capacity_minutes")] = (
            told if workers else "FILL IN: minutes they can really work in a month"
        )
    logged = _logged(events)
    for name, count in names.items():
        activity: dict[str, Any] = {"resource": teams[name]}
        place = ("activities", name)
        costing.why[place] = f"{count:,} times in {events.export.label}"
        activity["minutes"] = logged.get(name, 0.0)
        told = (
            "what was logged for one, on average"
            if activity["minutes"]
            else "FILL IN: how long it takes: none are logged"
        )
        costing.why[(*place, "minutes")] = told
        words = " ".join(tokens(name))
        if meaning("service_events", "activity_failure", [name]) or any(
            meaning("service_events", "activity_failure", [word]) for word in words.split()
        ):
            activity["demand"] = "failure"
            costing.why[(*place, "demand")] = "? its name sounds like work that a failure of ours caused"
        if any(meaning("service_events", "activity_obtain", [word]) for word in words.split()):
            activity["purpose"] = "obtain"
            costing.why[(*place, "purpose")] = "? its name sounds like work to win business"
        costing.values["activities"][name] = activity
    return costing


def _activities(events: Match) -> dict[str, int]:
    theirs = events.theirs("activity")
    if theirs is None:
        said = events.columns["activity"].said
        return {said.get("constant", "work") if isinstance(said, dict) else "work": events.export.rows}
    column = events.export.raw[theirs.name].cast("string").nullif("").name("name")
    table = column.as_table()
    counted = table.filter(table["name"].notnull()).group_by("name").aggregate(n=lambda t: t.count())
    frame = counted.to_pandas().sort_values(["n", "name"], ascending=[False, True]).head(MOST_ACTIVITIES)
    return dict(zip(frame["name"], (int(n) for n in frame["n"]), strict=True))


def _logged(events: Match) -> dict[str, float]:
    """Return the mean of the minutes that were logged, by activity."""
    if "minutes" not in events.columns:
        return {}
    export = events.export
    said = {name: events.columns[name].said for name in ("minutes", "activity")}
    columns = {name: Made.model_validate(one) for name, one in said.items()}
    source = Source(
        "events", (export.look.file,), decimal=export.decimal, thousands=export.thousands,
        currency_mark=export.currency_mark, columns=columns,
    )  # fmt: skip
    rows = mapped(export.raw, INPUTS["service_events"], source)
    minutes = number_of(rows["minutes"], source).cast("float64")
    logged = rows.select(activity=rows.activity.cast("string").strip(), minutes=minutes)
    means = (
        logged.filter(logged["minutes"] > 0)
        .group_by("activity")
        .aggregate(mean=lambda t: t["minutes"].mean())
        .to_pandas()
    )
    return {str(name): float(f"{mean:.3g}") for name, mean in zip(means["activity"], means["mean"], strict=True)}


def _teams(events: Match, names: dict[str, int]) -> dict[str, str]:
    """Return who does each activity: the department that does it most, by a name that a column may have."""
    department, activity = events.theirs("department"), events.theirs("activity")
    if department is None or activity is None or department.distinct > 30:
        return dict.fromkeys(names, "team")
    raw = events.export.raw
    pairs = raw.select(activity=raw[activity.name].cast("string"), team=raw[department.name].cast("string").nullif(""))
    counted = pairs.group_by(["activity", "team"]).aggregate(n=lambda t: t.count()).to_pandas().dropna()
    most = counted.sort_values("n", ascending=False).drop_duplicates("activity").set_index("activity")["team"]
    return {name: resource_name(str(most.get(name, "team"))) for name in names}


def resource_name(text: str) -> str:
    """Return a team's name as the name of a column.

    Examples
    --------
    >>> resource_name("Kunden-Service Süd")
    'kunden_service_sued'
    """
    bare = re.sub(r"[^a-z0-9]+", "_", spelled_out(text).lower()).strip("_")
    return bare if re.match(r"[a-z]", bare) and bare != "pct" else f"team_{bare}".rstrip("_")


def _workers(events: Match, team: str) -> int:
    worker, department = events.theirs("worker"), events.theirs("department")
    if worker is None:
        return 0
    raw = events.export.raw
    if department is None or team == "team":
        return worker.distinct
    pairs = (
        raw.select(worker=raw[worker.name].cast("string"), team=raw[department.name].cast("string"))
        .distinct()
        .to_pandas()
    )
    return int(pairs[[resource_name(str(t)) == team for t in pairs.team]].worker.nunique())


def missing_words(found: Assigned) -> list[str]:
    """Return what was not found and what is not measured for it, the most important first."""
    lines = [f"`{table}`: {WITHOUT[table]}" for table in INPUTS if table not in found.tables]
    told = {
        ("transactions", "cogs"): "the cost of goods, so no margin",
        ("transactions", "customer_id"): "who bought: every sale counts as one to nobody",
        ("transactions", "discount"): "discounts",
        ("service_events", "minutes"): "logged time: each activity takes what `costing.toml` says",
        ("service_events", "customer_id"): "for whom the work was: all of it is unassigned",
        ("cases", "promised_at"): "promises, and whether they were kept",
        ("cases", "first_response_at"): "how fast cases were answered",
        ("cases", "resolved_at"): "how long cases took",
        ("cases", "kind"): "which cases are complaints",
        ("invoices", "paid"): "late payment",
        ("customers", "since"): "how long each has been a customer",
    }
    stand_in = {("cases", "promised_at"): "promise_kept"}
    for (table, column), what in told.items():
        have = found.tables[table].columns if table in found.tables else None
        if have is not None and column not in have and stand_in.get((table, column), "") not in have:
            lines.append(f"`{table}.{column}`: {what}")
    return lines


def left_over(found: Assigned) -> list[str]:
    """Return the columns of each export that nothing is made of."""
    by_export: dict[str, tuple[Export, set[str]]] = {}
    for one in found.tables.values():
        names = set(unused(one))
        label = one.export.label
        by_export[label] = (one.export, names & by_export[label][1] if label in by_export else names)
    return [
        f"{label}: {', '.join(f.name for f in export.fields if f.name in names)}"
        for label, (export, names) in by_export.items()
        if names
    ]
