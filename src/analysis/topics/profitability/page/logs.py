"""The work itself: what each activity took, what of it belongs to no account, and how logs compare with the model."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, hours, is_known, listed, money, number, percent
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.fragments import folded, paragraph, section
from analysis.reporting.markup import Child, Html, element, name, titled
from analysis.reporting.told import told_sum
from analysis.run import Run

LISTED = 10


def logs_against_model(run: Run) -> Html:
    """Set, for each activity, the minutes logged beside those that its time equation gives for the same events."""
    rows = run.activities[run.activities["events"].fillna(0) > 0]
    if rows.empty:
        return Html()
    compared, limit = rows[rows["log_ratio"].notna()], float(run.policy.checks.equation_difference)
    if compared.empty:
        title = "No minutes were logged: all of them come from the time equations"
        return section("logs", title, basis(run, "work"), short="Logged and modelled")
    apart = parted(compared, limit)
    order = (compared["log_ratio"] - 1).abs().sort_values(ascending=False, kind="stable").index
    shown = [
        tables.Column("Activity", lambda row: name(titled(row["activity"])), number=False),
        tables.count("Logged events", "logged_events"),
        tables.Column("Logged", lambda row: hours(row["logged_minutes"])),
        tables.Column("By the equation", lambda row: hours(row["equation_minutes"])),
        tables.Column("Logged over modelled", lambda row: number(row["log_ratio"], 2)),
    ]
    if len(apart):
        shown.append(tables.Column("Apart", lambda row: _mark(row["log_ratio"], limit), number=False))
    words = f"Where the two part by more than {percent(limit)}, check the time equation in the costing, or the log."
    table = tables.table(compared.loc[order].head(LISTED), shown, "Logged against modelled, furthest apart first")
    shown_as = table if len(apart) else folded("Logged against modelled, by activity", table)
    return section("logs", _title(compared, apart, limit), paragraph(words), shown_as, basis(run, "work"),
                   short="Logged and modelled")  # fmt: skip


def no_accounts_work(run: Run) -> Html:
    """Show which work belongs to no account, by activity."""
    rows = run.activities[run.activities["unassigned_cost"].fillna(0).round(2) > 0]
    if rows.empty:
        return Html()
    currency, whole = run.policy.currency, told_sum(run, "work_for_no_account")
    order = rows["unassigned_cost"].sort_values(ascending=False, kind="stable").index
    shown = [
        tables.Column("Activity", lambda row: name(titled(row["activity"])), number=False),
        tables.Column("Done by", lambda row: name(titled(row["resource"])), number=False),
        tables.money("For no account", "unassigned_cost"),
        tables.Column("of its cost", lambda row: percent(float(row["unassigned_cost"]) / float(row["cost"]))),
    ]
    title = f"{money(whole, currency)} of the work belongs to no account"
    words = paragraph("It is charged to nobody: internal work, prospects, and work that names no account.")
    table = tables.table(rows.loc[order].head(LISTED), shown, f"Work for no account by activity, {currency}")
    return section("no-account", title, words, table, basis(run, "work"), short="For no account")


def parted(activities: pd.DataFrame, limit: float) -> pd.DataFrame:
    """Find the activities whose log is further from their time equation than the policy's limit."""
    return activities[(activities["log_ratio"].astype(float) - 1).abs() > limit]


def _title(compared: pd.DataFrame, apart: pd.DataFrame, limit: float) -> str:
    if apart.empty:
        everyone = (
            "The one activity with a log lies" if len(compared) == 1 else f"All {count(len(compared))} activities lie"
        )
        return f"{everyone} within {percent(limit)} of the time equation"
    who = listed([titled(key).lower() for key in apart["activity"].head(3)])
    more = f" and {count(len(apart) - 3)} more" if len(apart) > 3 else ""
    verb = agree(len(apart), "parts", "part")
    lead = (
        f"{counted(len(apart), 'activity', 'activities')} {verb} from the time equation by more than {percent(limit)}"
    )
    return f"{lead}: {who}{more}"


def _mark(ratio: object, limit: float) -> Child:
    if not is_known(ratio) or abs(float(ratio) - 1) <= limit:  # type: ignore[arg-type]
        return ""
    longer = float(ratio) > 1  # type: ignore[arg-type]
    return element("strong", "takes longer" if longer else "takes less", class_="cost")
