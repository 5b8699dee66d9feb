"""What to do first, and what last time's steps promised and brought: for the actions page and the executive's."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, amount, count, counted, hours, money, money_range, percent, some, word
from analysis.reporting import tables
from analysis.reporting.action_words import action_title, next_step_by, with_accounts
from analysis.reporting.basis import basis
from analysis.reporting.fragments import paragraph, section
from analysis.reporting.known import idle
from analysis.reporting.links import linked
from analysis.reporting.markup import Child, Html, element, join
from analysis.reporting.next_steps import column
from analysis.reporting.told import told, told_count, told_range, told_sum
from analysis.run import Run
from analysis.topics.actions.page.freed import told_in_cash

MOST = 10
TAKEN = ("kept", "short", "nothing came")
#: The part of what the plan adds from which one more hour adds anything: below lie the programme's own rounding errors.
_HAIR = 1e-7


def in_plan(run: Run) -> pd.DataFrame:
    """Return the plan's steps, those that add most first, with the names of their accounts."""
    rows = with_accounts(run, run.table("plan"))
    return rows.sort_values(["value", "customer_id"], ascending=[False, True], ignore_index=True)


def weighed(run: Run) -> bool:
    """Return whether steps could be weighed for any account of which the window holds anything."""
    return bool(run.table("actions")["customer_id"].isin(_active(run)["customer_id"]).any())


def _active(run: Run) -> pd.DataFrame:
    return run.accounts[~idle(run.accounts)]


def plan_title(run: Run) -> str:
    """Say what the plan brings, cash and time apart; or that nothing is sure to add anything, or could be weighed."""
    whole = run.table("plan_total")
    if not weighed(run):
        return "No step could be weighed"
    if whole.empty or not int(whole["accounts"].iloc[0]):
        return "No step is sure to add anything, so none is planned"
    who = counted(told_count(run, "planned_accounts"), "account")
    ahead = f"over {run.policy.finance.horizon_months} months"
    return f"Steps with {who} {told_in_cash(run, 'plan_cash', 'plan_frees', 'plan_adds', ahead)}"


def steps_table(run: Run, rows: pd.DataFrame, caption: str, *, by_name: bool) -> Html:
    """Set steps with their value, range, cash or freed hours, one-off cost, who is next, and their rung."""
    shown = [
        linked(run),
        column(run, "Step"),
        tables.change("At full cost", "value"),
        tables.interval("Range", rows, "low", "value", "high"),
        tables.Column("In cash; hours a year", _cash_and_time),
        tables.change("Costs once", "one_off_cost"),
        tables.Column("Next step by", lambda row: next_step_by(run, row, by_name=by_name), number=False),
    ]
    return tables.table(rows, shown, caption)


def _cash_and_time(row: tables.Row) -> Child:
    cash, freed = element("span", amount(row["cash"])), hours(60 * row["freed_hours"])
    return join(cash, " ", element("span", freed, class_="sub")) if freed != "0 hours" else cash


def what_to_do(run: Run, *, by_name: bool = True) -> Html:
    """List the ten planned steps that add most; the total has a range, and what crosses zero is not in it.

    Parameters
    ----------
    by_name
        Whether the account's manager is named as who takes the next step, or only the team.
    """
    rows, whole = in_plan(run), run.table("plan_total")
    if whole.empty:
        return Html()
    if rows.empty:
        why = (
            "Every step may lose money as well as add it, or there is nothing to act on."
            if weighed(run)
            else _why_not_weighed(run)
        )
        words = paragraph(why)
        return section("what-to-do", plan_title(run), words, short="What to do")
    total, currency = whole.iloc[0], run.policy.currency
    top = rows.head(MOST)
    share = float(top["value"].sum()) / float(rows["value"].sum())
    lead = f"The {count(len(top))} below make up {percent(share)} of its value. " if len(rows) > len(top) else ""
    cash = (
        f"At full cost it comes to {money(told(run, 'plan_adds'), currency)} "
        f"({money_range(*told_range(run, 'plan_adds'))}), once the time that becomes free is used or let go. "
    )
    crosses = int(total["left_out"])
    left = (
        f"{counted(crosses, 'account').capitalize()} {agree(crosses, 'has', 'have')} a best step that may lose money "
        "as well as add it: not in the total."
        if crosses
        else ""
    )
    caption = f"What adds most, {currency}, over {run.policy.finance.horizon_months} months"
    listed = steps_table(run, top, caption, by_name=by_name)
    return section(
        "what-to-do", plan_title(run), paragraph(lead + cash + left), listed, basis(run, "work", "future"),
        _assumed(rows, top), short="What to do",
    )  # fmt: skip


def _why_not_weighed(run: Run) -> str:
    """Say what is missing to weigh a step, and what would tell it."""
    lead = "A step is weighed on what an account earns and on how long it stays"
    active = _active(run)
    if active["running_margin"].isna().all():
        return f"{lead}; what the accounts earn is not known."
    if "leaves_year" in active and active["leaves_year"].notna().any():
        return f"{lead}; of no account both are known."
    return f"{lead}; how long is not known. Days on which accounts ended, contracts, or more years of sales would tell."


def _assumed(rows: pd.DataFrame, top: pd.DataFrame) -> Html:
    words = "What a step changes is assumed, with a range: all of it stands under Assumptions, on the page Actions."
    if len(rows) > 1:
        words += " Each range averages a yes and a no; that of all counts that some refuse and leave."
    if (top["cash"].round() > top["value"].round()).any():
        words += " Cash is more than full cost where an account stays longer and part of its cost is there without it."
    return paragraph(words, kind="note")


def promised(run: Run) -> Html:
    """Set what earlier steps promised against what came of them."""
    record = run.table("track_record")
    if record.empty:
        return Html()
    told = record[record["verdict"].isin(TAKEN)]
    currency = run.policy.currency
    if told.empty:
        words = f"{counted(len(record), 'step').capitalize()} {agree(len(record), 'was', 'were')} taken before; "
        return section(
            "promised", "What earlier steps brought cannot be measured yet",
            paragraph(f"{words}too short a time has passed, or nothing that is recorded would show it."),
            short="Promised and brought",
        )  # fmt: skip
    kept, sums = int((told["verdict"] == "kept").sum()), told[["promised", "came"]].sum()
    brought = (
        f"brought {money(sums['came'], currency)}"
        if sums["came"] >= 0
        else f"cost {money(-sums['came'], currency)} more"
    )
    title = (
        f"{counted(len(told), 'earlier step').capitalize()} promised {money(sums['promised'], currency)} a year "
        f"and {brought}; {_kept(kept, len(told))}"
    )
    lines = told.groupby("action", as_index=False).agg(
        steps=("came", "size"),
        promised=("promised", "sum"),
        came=("came", "sum"),
        kept=("verdict", lambda verdicts: int((verdicts == "kept").sum())),
    )
    lines = lines.sort_values(["promised", "action"], ascending=[False, True])
    shown = [
        tables.Column("Step", lambda row: action_title(row["action"]), number=False),
        tables.count("Taken", "steps"),
        tables.change("Promised a year", "promised"),
        tables.change("Brought a year", "came"),
        tables.count("Kept", "kept"),
    ]
    untold = len(record) - len(told)
    note = paragraph(
        "Before and after are the same number of days on either side of the step, with what the figures of accounts "
        "that stood alike did taken off. One account's figures are few: read the sums, not the single steps."
        + (f" {counted(untold, 'step').capitalize()} more cannot be measured." if untold else ""),
        kind="note",
    )
    caption = f"Promised by the assumptions, and brought, {currency} a year"
    return section("promised", title, tables.table(lines, shown, caption), note, short="Promised and brought")


def _kept(kept: int, of: int) -> str:
    if of == 1:
        return "it kept its promise" if kept else "it did not keep its promise"
    return f"{some(kept)} kept {agree(kept, 'its', 'their')} promise"


def one_more_hour(run: Run) -> Html:
    """Show the teams' hours, those that the plan takes, and what one more would add."""
    rows, currency = run.table("team_hours"), run.policy.currency
    if rows.empty or not float(rows["used"].sum()):
        return Html()
    dearest = rows.sort_values(["one_more_hour", "team"], ascending=[False, True]).iloc[0]
    team = str(dearest["team"]).replace("_", " ")
    title = (
        f"One more hour of the {team} would add {money(dearest['one_more_hour'], currency)}"
        if float(dearest["one_more_hour"]) > _HAIR * told_sum(run, "plan_adds")
        else "The teams have hours enough for every step that is sure to add something"
    )
    shown = [
        tables.Column("Team", lambda row: str(row["team"]).replace("_", " ").capitalize(), number=False),
        tables.Column("Quarter", lambda row: _quarter(int(row["quarter"])), number=False),
        tables.Column("Has", lambda row: hours(60 * row["hours"])),
        tables.Column("Planned", lambda row: hours(60 * row["used"])),
        tables.change("One more adds", "one_more_hour"),
    ]
    gap = float(run.table("plan_total")["gap"].iloc[0])
    near = "no plan adds more" if gap < 0.0005 else f"no plan adds more than {percent(gap)} beyond it"
    note = paragraph(
        f"The plan is the best under these hours, by a mixed-integer programme: {near}. What one more hour adds is "
        "the dual price of the programme without its whole numbers: it holds for an hour, not for a year's worth. The "
        "hours are the policy's; until it states yours, they are its defaults.",
        kind="note",
    )
    listed = tables.table(rows, shown, f"Hours for steps, and what one more would add, {currency}")
    return section("one-more-hour", title, listed, note, short="One more hour")


def _quarter(number: int) -> str:
    """Say which quarter is meant, as the plan does."""
    return "the next" if number == 1 else f"{word(number - 1)} {agree(number - 1, 'quarter', 'quarters')} later"
