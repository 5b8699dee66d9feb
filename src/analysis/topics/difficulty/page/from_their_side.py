"""How we look from the customer's side of the table: dates given and kept, silence, many hands, reminders."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, is_known, number, percent, some
from analysis.reporting import tables
from analysis.reporting.fragments import bullets, paragraph, section
from analysis.reporting.known import flags
from analysis.reporting.links import linked, with_names
from analysis.reporting.markup import Child, Html
from analysis.run import Run

LISTED = 8


def from_their_side(run: Run) -> Html:
    """Say how we talk with accounts, and list those that waited longest without a word."""
    rows = run.communication
    if rows.empty or not (rows["cases"].fillna(0) > 0).any():
        return Html()
    asked = rows[rows["cases"].fillna(0) > 0]
    given = _share(asked, "dates_given_share")
    title = (
        f"We named a date in {percent(given)} of the cases"
        if given
        else f"How we talk with {counted(len(asked), 'account')}"
    )
    kept = _share(asked, "dates_kept_share")
    if given and kept is not None:
        title += f" and kept {percent(kept)} of those"
    told = bullets(_told(run, rows, asked), "plain")
    return section("their-side", title, told, _longest(run, asked), short="Their side")


def _share(rows: pd.DataFrame, column: str) -> float | None:
    """Give the cases' share; each account's counts by its cases."""
    known = rows[rows[column].notna()]
    weight = known["cases"].astype(float)
    return float((known[column] * weight).sum() / weight.sum()) if weight.sum() else None


def _told(run: Run, rows: pd.DataFrame, asked: pd.DataFrame) -> list[Child]:
    told: list[Child] = []
    hours = asked["first_response_hours"].astype(float).median()
    if is_known(hours):
        told.append(f"The middle account waits {number(hours)} {_working(run)}hours for a first answer.")
    people, departments = rows["people"].astype(float).median(), rows["departments"].astype(float).median()
    if is_known(people) and people > 0:
        who = "It" if told else "The middle account"
        met = f"{counted(round(people), 'person', 'people')} from {counted(round(departments), 'department')}"
        told.append(f"{who} meets {met} of ours in the window.")
    if not _share(asked, "dates_given_share"):
        told.append("Which dates we named is not recorded.")
    told += _after_projects(rows) + _dunned(rows) + _time(rows)
    return told


def _after_projects(rows: pd.DataFrame) -> list[Child]:
    after = rows["contact_after_project"].dropna().astype(bool)
    if after.empty:
        return []
    left = int((~after).sum())
    care, sales = int(rows["care_contacts"].fillna(0).sum()), int(rows["sales_contacts"].fillna(0).sum())
    verb = agree(max(left, 1), "was", "were")
    told = f"Of {counted(len(after), 'account')} with a project that closed, {some(left)} {verb} left without a word"
    return [
        f"{told} after one. Of our contacts after projects, {count(care)} were about service, {count(sales)} to sell."
    ]


def _dunned(rows: pd.DataFrame) -> list[Child]:
    if rows["reminders"].isna().all():
        return []
    waiting, sent = int(flags(rows["dunned_while_waiting"]).sum()), int(rows["reminders"].fillna(0).sum())
    if not sent:
        return []
    if not waiting:
        which = "The one reminder did not go" if sent == 1 else f"None of {count(sent)} reminders went"
        return [f"{which} out while a complaint was open."]
    during = int(rows["reminders_while_waiting"].fillna(0).sum())
    verb = agree(waiting, "was", "were")
    told = f"{count(during)} of {counted(sent, 'reminder')} went out while a complaint was open"
    return [f"{told}: {counted(waiting, 'account')} {verb} dunned while waiting for us."]


def _time(rows: pd.DataFrame) -> list[Child]:
    serving, obtaining = rows["minutes_serving"].sum(), rows["minutes_obtaining"].sum()
    if not serving > 0 or not obtaining > 0:
        return []
    return [f"For each hour of winning new business we spent {number(serving / obtaining)} hours on serving."]


def _longest(run: Run, asked: pd.DataFrame) -> Html:
    rows = asked[asked["longest_silence_days"].notna()]
    if rows.empty:
        return Html()
    answer = f"{_working(run)}hours to an answer".capitalize()
    ranked = rows.sort_values(["longest_silence_days", "customer_id"], ascending=[False, True]).head(LISTED)
    shown = [
        linked(run),
        tables.Column(f"Longest silence, {_working(run)}days", lambda row: _number(row["longest_silence_days"], 0)),
        *(_dates(asked)),
        tables.Column(answer, lambda row: _number(row["first_response_hours"])),
        tables.Column("Hands per case", lambda row: _number(row["people_per_case"])),
    ]
    days = " A working day is the hours of one day of the calendar." if run.policy.calendar else ""
    words = paragraph(f"A silence is the longest stretch of an open case in which we said nothing.{days}", kind="note")
    return Html(tables.table(with_names(run, ranked), shown, "Who waited longest without a word") + words)


def _working(run: Run) -> str:
    return "working " if run.policy.calendar else ""


def _dates(asked: pd.DataFrame) -> list[tables.Column]:
    """Give the columns of dates; none where no promised date is recorded."""
    if not _share(asked, "dates_given_share"):
        return []
    return [tables.share("Dates given", "dates_given_share"), tables.share("Dates kept", "dates_kept_share")]


def _number(value: object, digits: int = 1) -> str:
    return number(value, digits) if is_known(value) else "\N{EN DASH}"
