"""The few steps that come first, the record of earlier ones, and the accounts to protect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.formats import amount, counted, in_turn, is_known, money, word
from analysis.reporting import tables
from analysis.reporting.fragments import paragraph, section
from analysis.reporting.links import linked
from analysis.reporting.markup import Child, Html, element, join, name
from analysis.reporting.said import said
from analysis.reporting.told import told, told_count, told_sum
from analysis.run import Run
from analysis.topics.actions.page.freed import told_in_cash
from analysis.topics.actions.page.learnt import heard
from analysis.topics.actions.page.promises import promises_in_short

if TYPE_CHECKING:
    import pandas as pd


def talk_first(run: Run) -> Html:
    """List the few steps of the next quarter that add most, each in words, with its range and who takes it."""
    rows, currency = run.table("next_steps"), run.policy.currency
    rows = rows[rows["talk_first"].fillna(False).astype(bool)]
    rows = rows.sort_values(["value", "customer_id"], ascending=[False, True])
    if rows.empty:
        return Html()
    shown = [
        linked(run),
        tables.Column("What about", lambda row: said(row["in_short"]), number=False),
        tables.Column("Adds", _adds, beside=True),
        tables.interval("Range", rows, "value_low", "value", "value_high"),
        tables.Column("Who", lambda row: element("span", name(row["who"]), class_="who"), number=False),
    ]
    ahead = f"over {run.policy.finance.horizon_months} months"
    caption = element("span", f"What each would add {ahead}, {currency}", class_="unseen")  # the title says it
    listed = tables.table(rows, shown, caption, brief=True)
    return section(
        "talk-first",
        talks_title(run),
        listed,
        record(run, why_wider(run, rows) if len(rows) > 1 else ""),
        short="Talk first",
    )


def why_wider(run: Run, rows: pd.DataFrame) -> str:
    """Say why the range of the whole is wider than those of its parts."""
    low = run.table("figures").set_index("figure")["low"].get("talks_first_cash")
    if not is_known(low):
        return ""
    if float(low) < 0 and (rows["value_low"] >= 0).all():
        return (
            "Each range averages a yes and a no; that of all, in cash, counts that some refuse and leave: so it may be "
            "a loss, though each adds."
        )
    return "The range of all counts refusals, too."


def _adds(row: tables.Row) -> Child:
    if not is_known(row["cash"]):
        return element("span", amount(row["value"]))
    # What an account that stays longer brings in cash may be more than it brings at full cost.
    words = f"{amount(row['cash'])} cash" if row["cash"] < row["value"] else "all of it cash"
    return join(element("span", amount(row["value"])), " ", element("span", words, class_="sub"))


def talks_title(run: Run) -> str:
    """Say how many talks come first and what they would bring: cash and time apart."""
    talks = told_count(run, "talks_first")
    if not talks:
        return ""
    who = "this one" if talks == 1 else f"these {word(talks)}"
    hours = counted(told_count(run, "talks_first_hours"), "hour")
    ahead = f"over {run.policy.finance.horizon_months} months"
    they = "it" if talks == 1 else "they"
    return f"Talk to {who} first: {they} would {_brings(run, 'talks_first', ahead)}, for {hours} of work"


def first_in_short(run: Run) -> str:
    """Say in a sentence what the first talks would bring; or mending our own failures, where that adds more."""
    talks, mending = told_count(run, "talks_first"), told_count(run, "mending")
    ahead = f"over {run.policy.finance.horizon_months} months"
    if mending and told_sum(run, "mending_add") > told_sum(run, "talks_first_add"):
        brings = _brings(run, "mending", ahead)
        return f"Mending our own failures with {counted(mending, 'account')} would {brings}."
    if not talks:
        return ""
    who = counted(talks, "talk").capitalize()
    return f"{who} would {_brings(run, 'talks_first', ahead)}."


def _brings(run: Run, group: str, ahead: str) -> str:
    return told_in_cash(run, f"{group}_cash", f"{group}_free", f"{group}_add", ahead)


def record(run: Run, lead: str = "") -> Html:
    """Say what the steps taken before promised and brought, in a line."""
    rows, currency = run.table("track_record"), run.policy.currency
    told = rows[rows["verdict"].isin(["kept", "short", "nothing came"])]
    before = in_turn(lead, promises_in_short(run))
    if told.empty:
        none = "What earlier steps brought cannot be told yet. " if len(rows) else "No earlier step is recorded. "
        return paragraph(before, " " if before else "", none, all_steps(run), kind="note")
    sums = told[["promised", "came"]].sum()
    brought = "brought" if sums["came"] >= 0 else "cost"
    words = (
        f"{counted(len(told), 'earlier step').capitalize()} promised {money(sums['promised'], currency)} a year and "
        f"{brought} {money(abs(sums['came']), currency)}. {_heard(run)} "
    )
    return paragraph(before, " " if before else "", words, all_steps(run), kind="note")


def all_steps(run: Run) -> Html:
    """Lead to all steps, and say what those of the plan would bring where they are more than the first talks."""
    link = element("a", "All steps", href="actions.html")
    planned = told_count(run, "planned_accounts")
    if planned <= told_count(run, "talks_first"):
        return join(link, ".")
    brings = told_in_cash(run, "plan_cash", "plan_frees", "plan_adds")
    return join(link, f" of the plan, with {counted(planned, 'account')}, would {brings}.")


def _heard(run: Run) -> str:
    if run.policy.steps.learn and heard(run.table("learnt")).any():
        return "The amounts above rest on that, too."
    return "The amounts above are not scaled by that."


def protect(run: Run, most: int = 5) -> Html:
    """List the accounts that are worth most and in want of attention, each with its step in words."""
    rows, currency = run.table("next_steps"), run.policy.currency
    kept = run.table("protect_first")[["customer_id", "clv_avoidable", "at_stake"]]
    rows = rows[rows["protect_first"].fillna(False).astype(bool)].merge(kept, on="customer_id", how="left")
    if rows.empty:
        return Html()
    top = rows.sort_values(["at_stake", "customer_id"], ascending=[False, True]).head(most)
    lost, first = money(told(run, "protect_first_worth"), currency), told_count(run, "protect_first")
    worth = f"worth {lost} to keep over {run.policy.finance.horizon_months} months"
    title = f"Protect first: {counted(first, 'account')} {worth}, and something is wrong"
    if first > most:
        title = f"Protect these {word(most)} first, of {counted(first, 'account')} {worth}"
    shown = [
        linked(run),
        tables.Column("What to do", lambda row: said(row["in_short"]), number=False),
        tables.Column("At stake", lambda row: amount(row["at_stake"]), beside=True),
    ]
    wrong = "Something is wrong; at stake" if first > most else "Most at stake"
    caption = f"{wrong} within a year, {currency}"
    return section("protect-first", title, tables.table(top, shown, caption, brief=True), short="Protect first")
