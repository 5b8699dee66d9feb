"""What is assumed of the steps: the policy's ranges, what the record of earlier steps says, and what is used now."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, number, percent
from analysis.reporting import tables
from analysis.reporting.action_words import AND, action_title, step_of
from analysis.reporting.fragments import folded, paragraph, section
from analysis.reporting.markup import Html
from analysis.run import Run

_SAID = {"share": "Goes", "accepts": "Agrees"}
_STATED, _USED = ["low", "likely", "high"], ["used_low", "used_likely", "used_high"]


def heard(rows: pd.DataFrame) -> pd.Series[bool]:
    """Return of each assumption in `tables/learnt` whether what is used is not what the policy states."""
    apart = rows[_USED].astype("float64").to_numpy() - rows[_STATED].astype("float64").to_numpy()
    return pd.Series((abs(apart) > _HAIR).any(axis=1), rows.index)


_HAIR = 1e-9


def what_was_learnt(run: Run) -> Html:
    """Set each assumption of the policy beside what the record says and what is used now; nothing without a record."""
    rows = run.table("learnt")
    if rows.empty:
        return Html()
    told = rows[(rows["steps"] > 0) & rows["segment"].isna()]
    shown = [
        tables.Column("Step", lambda row: action_title(row["action"]), number=False),
        *([tables.Column("With", _with_whom, number=False)] if rows["segment"].notna().any() else []),
        tables.Column("What", lambda row: _SAID[str(row["assumption"])], number=False),
        tables.Column("The policy says", lambda row: _range(row, "low", "likely", "high")),
        tables.Column("Steps that tell", lambda row: count(int(row["steps"]))),
        tables.Column("They say", _record),
        tables.Column("Its weight", lambda row: percent(row["weight"])),
        tables.Column("Accounts differ by", _differ),
        tables.Column("Used now", lambda row: _range(row, "used_low", "used_likely", "used_high")),
        tables.Column("Explained away by", _unseen),
        tables.Column("Why not more", lambda row: str(row["why_not"] or ""), number=False),
    ]
    listed = tables.table(rows, shown, "Low, likely and high, before the record and after it")
    note = paragraph(
        "A step starts from the policy's range; its record weighs the more, the longer it is and the less chance moves "
        "the accounts that had it, and most where it would hardly come about if the range held. Accounts differ by so "
        "much of what is promised, beyond chance. What came is held against accounts that stood alike before and had "
        "no step. Steps that fell short elsewhere make the others a little less sure. With steps.learn = false the "
        "policy stands. "
        f"{_apart(rows)}{_drawn(told)} Explained away: by how many times something unseen would have to be likelier "
        "both with the step and with what came (E-value), for the record and for its low end.",
        kind="note",
    )
    return section(
        "learnt", _title(rows, told, _at_stake(run)), folded("Every assumption", listed), note, short="What was learnt"
    )


def _with_whom(row: tables.Row) -> str:
    return "" if pd.isna(row["segment"]) else f"{_of(str(row['by']))} {row['segment']}"


def _of(column: str) -> str:
    return column.replace("_", " ")


def _apart(rows: pd.DataFrame) -> str:
    """Say of which steps the record tells segments apart, and what of."""
    apart = rows[rows["segment"].notna()].groupby("action")["by"].first()
    if apart.empty:
        return ""
    said = "; ".join(f"{action_title(action)} by {_of(str(by))}" for action, by in apart.items())
    return (
        "Where a record is long enough to show that a step works with some and not with others, each is told by its "
        f"own, drawn to the step's: {said}. A row that names nobody is of all other accounts. "
    )


def _drawn(told: pd.DataFrame) -> str:
    lot = int(told["by_lot"].fillna(0).sum())
    if not lot:
        return (
            "Nobody drew by lot which accounts had a step, so the record shows what went together, not what caused it."
        )
    return (
        f"{counted(lot, 'step').capitalize()} of a trial {agree(lot, 'was', 'were')} drawn by lot: what came is "
        "the step's doing. Of the others the record shows what went together."
    )


def _at_stake(run: Run) -> pd.Series:
    """Return by step what of the plan's value rests on it."""
    rows = run.table("plan")
    each = rows.assign(action=rows["action"].str.split(AND, regex=False)).explode("action")
    return each.groupby("action")["value"].sum()


def _title(rows: pd.DataFrame, told: pd.DataFrame, stake: pd.Series) -> str:
    shares = told[told["assumption"] == "share"]
    apart = rows[rows["segment"].notna()]
    if len(apart):
        return _apart_title(apart)
    agreed = told[(told["assumption"] == "accepts") & heard(told)]
    if shares.empty and len(agreed):
        steps = int(agreed["steps"].sum())
        return (
            f"{counted(steps, 'earlier step').capitalize()} {agree(steps, 'tells', 'tell')} how many agree; what steps "
            "change cannot be told yet, and is the policy's"
        )
    if shares.empty:
        return "What earlier steps changed cannot be told yet: the plan rests on the policy's ranges"
    change = shares["used_likely"] / shares["likely"].where(shares["likely"] > 0) - 1.0
    matters = change.abs() * shares["weight"] * (shares["action"].map(stake).fillna(0.0) + 1.0)
    first = shares.loc[matters.idxmax()] if matters.notna().any() else shares.iloc[0]
    steps, now, said = int(shares["steps"].sum()), percent(first["used_likely"]), percent(first["likely"])
    counts = f"still counts with {now}" if now == said else f"now counts with {now}"
    policy = "as the policy says" if now == said else f"where the policy says {said}"
    return (
        f"{counted(steps, 'earlier step').capitalize()} {agree(steps, 'tells', 'tell')} what to expect of the next: to "
        f"{step_of(first['action'])} {counts} of what it acts on, {policy}"
    )


def _apart_title(apart: pd.DataFrame) -> str:
    """Say where a step works and where not, of the step whose segments lie furthest apart."""
    mean = apart[["used_low", "used_likely", "used_high"]].mean(axis=1)
    each = mean.groupby(apart["action"])
    action = (each.max() - each.min()).idxmax()
    mine = apart[apart["action"] == action]
    most, least = (mine.loc[at] for at in (mean[mine.index].idxmax(), mean[mine.index].idxmin()))
    steps, by = int(mine["steps"].sum()), _of(str(most["by"]))
    return (
        f"{counted(steps, 'earlier step').capitalize()} {agree(steps, 'tells', 'tell')} accounts apart: to "
        f"{step_of(action)} now counts with {percent(mean[most.name])} of what it acts on in the {by} "
        f"{most['segment']}, and with {percent(mean[least.name])} in {least['segment']}"
    )


def _range(row: tables.Row, *names: str) -> str:
    low, likely, high = (float(row[name]) for name in names)
    return percent(likely) if low == high else " / ".join(percent(one) for one in (low, likely, high))


def _record(row: tables.Row) -> str:
    if pd.isna(row["record"]):
        return ""
    low, high = float(row["record_low"]), float(row["record_high"])
    return f"{percent(float(row['record']))} ({percent(low)} to {percent(high)})"


def _differ(row: tables.Row) -> str:
    return "" if pd.isna(row["differ"]) else percent(row["differ"])


def _unseen(row: tables.Row) -> str:
    if pd.isna(row["e_value"]):
        return "drawn by lot" if row["by_lot"] == row["steps"] > 0 else ""
    return f"{number(row['e_value'], 1)} ({number(row['e_value_low'], 1)})"
