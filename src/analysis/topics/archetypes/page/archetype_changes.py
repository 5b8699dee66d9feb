"""What became of the kinds since the last run, and who moved."""

from __future__ import annotations

from datetime import date

import pandas as pd

from analysis.formats import agree, count, counted, day, listed
from analysis.reporting import tables
from analysis.reporting.fragments import bullets, section
from analysis.reporting.links import linked
from analysis.reporting.markup import Child, Html, name
from analysis.run import Run
from analysis.topics.archetypes.words import Kinds, found

MOVED = 20


def since_last_time(run: Run) -> Html:
    """Say which kinds are new or gone since the last run, and list who moved."""
    last = str(run.facts.get("last_run") or "")
    if not last:
        return Html()
    when = day(date.fromisoformat(last[:10]))  # a label may follow
    moved = run.archetype_members
    moved = moved[moved["moved"].astype("boolean").fillna(False).astype(bool)]
    items = [item for kinds in found(run) for item in _changes(kinds)]
    who = f"{counted(len(moved), 'account')} {agree(len(moved), 'has', 'have')}" if len(moved) else "no account has"
    title = f"Since {when}, {who} changed kind"
    listing = _movers(run, moved) if len(moved) else None
    return section("since", title, bullets(items, "plain"), _flows(run), listing, short="Since last time")


def _flows(run: Run) -> Html:
    """Set, for each kind of both runs, how many accounts left it, stayed and joined it."""
    rows = run.archetypes[run.archetypes["change"].astype("string").eq("same").fillna(False)]
    before, stayed, now = (rows[column].astype(float) for column in ("accounts_before", "accounts_stayed", "accounts"))
    shown = [
        tables.Column("Kind", lambda row: name(row["archetype"], longest=90), number=False),
        tables.count("Before", "accounts_before"),
        tables.count("Left", "left"),
        tables.count("Joined", "joined"),
        tables.count("Now", "accounts"),
    ]
    return tables.table(rows.assign(left=before - stayed, joined=now - stayed), shown, "The kinds of both runs")


def _changes(kinds: Kinds) -> list[Child]:
    """Say what became of the kinds of a group since the last run."""
    change = kinds.rows["change"].astype("string")
    new = kinds.rows.loc[change.eq("new").fillna(False), "archetype"].astype(str).tolist()
    lines: list[Child] = []
    if new:
        lines.append(f"New among the {kinds.group.who}: {listed(new)}.")
    if kinds.gone:
        lines.append(f"Dissolved among the {kinds.group.who}: {listed(kinds.gone)}.")
    return lines


def _movers(run: Run, moved: pd.DataFrame) -> Html:
    rows = moved.merge(run.accounts[["customer_id", "name"]], on="customer_id", how="left")
    shown = [
        linked(run),
        tables.Column("Was", lambda row: _or_none(row["archetype_before"]), number=False),
        tables.Column("Is", lambda row: _or_none(row["archetype"]), number=False),
    ]
    more = f"; {MOVED} of {count(len(rows))}" if len(rows) > MOVED else ""
    return tables.table(rows.head(MOVED), shown, f"Who changed kind{more}")


def _or_none(kind: object) -> Child:
    return name(kind, longest=90) if isinstance(kind, str) and kind else "no kind"
