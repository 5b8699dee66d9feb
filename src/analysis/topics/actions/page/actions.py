"""The actions report: what to do first, under which hours, on which assumptions, and what it came to last time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from analysis.formats import agree, capital, count, counted, hours, in_turn, money, money_range, percent, word
from analysis.reporting import tables
from analysis.reporting.action_words import AND, action_title, in_words, rung_title, step_of, with_accounts
from analysis.reporting.basis import basis
from analysis.reporting.drawing import draw
from analysis.reporting.foot import eyebrow
from analysis.reporting.foot import foot as three_lines
from analysis.reporting.fragments import Tile, folded, masthead, paragraph, section, tiles
from analysis.reporting.known import too_low
from analysis.reporting.links import called, linked, to_page
from analysis.reporting.markup import Child, Html, join
from analysis.reporting.next_steps import Words, column, in_short, sentences
from analysis.reporting.said import said
from analysis.reporting.told import told, told_count, told_range, told_sum
from analysis.run import Run
from analysis.topics.actions.figures import steps as step_figure
from analysis.topics.actions.figures.steps import plot_steps
from analysis.topics.actions.page.assumed import assumptions, what_matters_most
from analysis.topics.actions.page.freed import freed_time, freeing
from analysis.topics.actions.page.learnt import what_was_learnt
from analysis.topics.actions.page.parting import parting
from analysis.topics.actions.page.promises import last_promises
from analysis.topics.actions.page.questions import what_to_find_out
from analysis.topics.actions.page.trials import try_it_small
from analysis.topics.actions.page.what_to_do import in_plan, one_more_hour, promised, weighed, what_to_do
from analysis.topics.archetypes.page.look_for import customer_to_look_for

__all__ = [
    "alternatives",
    "assumptions",
    "customer_to_look_for",
    "foot",
    "freed_time",
    "last_promises",
    "one_more_hour",
    "opening",
    "ours_first",
    "packages",
    "parting",
    "promised",
    "the_plan",
    "try_it_small",
    "what_matters_most",
    "what_to_do",
    "what_to_find_out",
    "what_was_learnt",
]

#: What the page is made of.
TABLES = (
    *("accounts", "actions", "combinations", "endings", "figures", "freed_capacity", "learnt", "look_for"),
    *("lookalikes", "next_steps", "plan", "plan_total", "promises", "questions", "team_hours", "track_record"),
    *("trial_accounts", "trials", "what_ifs"),
)

LISTED, DRAWN, BESIDE = 10, 10, 20
#: From this share of the plan's value on one step it is said that it rests on it.
HALF = 0.5


def foot(run: Run) -> Html:
    """Set the foot, with the tables that the page is made of."""
    return three_lines(run, tables=TABLES)


def opening(run: Run) -> Html:
    """Say what the plan adds, with its range, in cash and in hours."""
    whole = run.table("plan_total")
    lead = (
        "Doing nothing is always one of the choices. A step is planned only where its whole range lies above nothing, "
        "and only within the hours that the teams have."
    )
    if run.policy.plan.basis == "cash":
        lead += " Of those, the plan has the steps that add most cash (plan.basis): freed time counts for nothing."
    lead = in_turn(lead, too_low(run, "What steps add is"))
    planned = told_count(run, "planned_accounts")
    if planned:
        title = f"What to do next with {counted(planned, 'account')}, under the hours that there are"
    elif weighed(run):
        title = "No account has a step that is sure to add anything"
    else:
        title = "What to do next cannot be told from this data"
    head = masthead(eyebrow(run, "What to do"), title, lead)
    return join(head, tiles(_tiles(whole.iloc[0], run))) if len(whole) and int(whole["accounts"].iloc[0]) else head


def _tiles(total: pd.Series, run: Run) -> list[Tile]:
    currency, cash = run.policy.currency, told_sum(run, "plan_cash")
    return [
        Tile("In cash", money(cash, currency), _cash_range(run), "earn" if cash > 0 else ""),
        Tile("Time freed", hours(60 * told_sum(run, "plan_frees")), _beside_idle(run)),
        Tile("At full cost", money(told(run, "plan_adds"), currency), _long_run(run)),
        Tile("It costs once", money(total["one_off_cost"], currency), "counted off"),
        Tile("It takes", hours(60 * total["hours"]), f"in {counted(run.policy.plan.quarters, 'quarter')}"),
    ]


def _cash_range(run: Run) -> str:
    between = money_range(*told_range(run, "plan_cash"))
    return f"{between}: avoidable cost and money received" if between else "avoidable cost and money received"


def _long_run(run: Run) -> str:
    return f"{money_range(*told_range(run, 'plan_adds'))}: once freed time is used or let go"


def _beside_idle(run: Run) -> str:
    """Say beside how much idle time the freed time stands: an hour more of it replaces nothing."""
    idle = float(freeing(run)["idle_hours"].sum())
    return f"a year, beside {hours(60 * idle)} that stand idle" if idle >= 0.5 else "a year; no cash by itself"


def the_plan(run: Run) -> Html:
    """Draw what the steps that add most add, with ranges; the whole plan by quarter stands beneath."""
    rows, currency = in_plan(run), run.policy.currency
    if rows.empty:
        return Html()
    top, known = rows.head(DRAWN), in_short(run)
    whose = zip(top["customer_id"].astype(str), top["action"], strict=True)
    top = top.assign(title=[known.get(key) or action_title(code) for key, code in whose])
    kinds = rows["action"].str.split(AND, regex=False).explode().value_counts()
    most = str(kinds.index[0])
    who = count(told_count(run, "planned_accounts"))
    title = (
        f"{who} accounts have a step in the plan; the commonest is to {step_of(most)}, with "
        f"{count(int(kinds.iloc[0]))} of them"
        if len(rows) > 1
        else "One account has a step in the plan"
    )
    alt = (
        f"For each of {counted(len(top), 'step')} a dot at what it adds on the line of its range. {title}. "
        "The list beneath gives the numbers."
    )
    figure = draw(
        lambda ax: plot_steps(top, currency, ax),
        name="plan-steps", alt=alt, heights=(step_figure.height(top),) * 2,
        caption=f"Dot: what the step is expected to add, {currency}. Line: from the 5% to the 95% point.",
    )  # fmt: skip
    parts = [_quarter(run, rows, quarter) for quarter in sorted(rows["quarter"].unique())]
    words = at_worst(run)
    told = [paragraph(words)] if words else []
    return section("plan", title, figure, *told, *parts, basis(run, "work", "future"), short="The plan")


def at_worst(run: Run) -> str:
    """Say what the plan adds where chance is against it, and how much of it rests on one step."""
    total = run.table("plan_total").iloc[0]
    if pd.isna(total["worst_tenth"]) or pd.isna(total["most_on"]):
        return ""
    tenth = money(total["worst_tenth"], run.policy.currency)
    words = f"In the worst tenth of the draws, a yes and a no averaged, the plan adds {tenth}"
    share = float(total["most_on_share"])
    if share < HALF:
        return f"{words}."
    return (
        f"{words}: {percent(share)} of it rests on one step, to {step_of(total['most_on'])}. If that fails, it fails."
    )


def _quarter(run: Run, rows: pd.DataFrame, quarter: int) -> Html:
    mine = rows[rows["quarter"] == quarter]
    when = (
        "The next quarter"
        if quarter == 1
        else f"{capital(word(quarter - 1))} {agree(quarter - 1, 'quarter', 'quarters')} later"
    )
    words = f"{when}: {counted(len(mine), 'step')}, {money(mine['value'].sum(), run.policy.currency)}"
    shown = [
        linked(run),
        column(run, "Step"),
        tables.change("Adds", "value"),
        tables.Column("Takes", lambda row: hours(60 * row["hours"])),
    ]
    more = f"; {BESIDE} of {count(len(mine))}, tables/plan has all" if len(mine) > BESIDE else ""
    return folded(words, tables.table(mine.head(BESIDE), shown, f"{when}, {run.policy.currency}{more}"))


def packages(run: Run) -> Html:
    """Show where two or three steps together add more than the best alone, with nothing counted twice."""
    rows, currency = with_accounts(run, run.table("combinations")), run.policy.currency
    if rows.empty:
        return Html()
    rows = rows.assign(more=rows["value"] - rows["single"])
    ranked = rows.sort_values(["more", "customer_id"], ascending=[False, True])
    title = (
        f"With {counted(len(rows), 'account')}, steps taken together add {money(rows['more'].sum(), currency)} more "
        "than the best alone"
    )
    words = paragraph("A later step takes its share of what an earlier one left: no minute is saved twice.")
    shown = [
        linked(run),
        tables.Column("Steps", in_words(run), number=False),
        tables.change("Together", "value"),
        tables.change("Best alone", "single"),
        tables.Column("Take", lambda row: hours(60 * row["hours"])),
    ]
    more = f"; {LISTED} of {count(len(rows))}" if len(rows) > LISTED else ""
    listed = tables.table(ranked.head(LISTED), shown, f"Steps that go together, {currency}{more}")
    return section("packages", title, words, folded("Which ones", listed), short="Together")


def ours_first(run: Run) -> Html:
    """Name the accounts where our own failures come first: nothing is asked of them before those are mended."""
    rows = run.table("actions")
    held = rows[rows["why_not"].astype("string").str.startswith("what our own").fillna(False)]
    who = held[["customer_id"]].drop_duplicates()
    if who.empty:
        return Html()
    advised = run.accounts[["customer_id", "name", "failure_cost"]]
    mine = advised.merge(who, on="customer_id").sort_values(["failure_cost", "customer_id"], ascending=[False, True])
    them = agree(len(mine), "it", "them")
    title = f"With {counted(len(mine), 'account')}, our own failures come first: nothing is asked of {them} yet"
    words = paragraph("No account is repriced, moved or ended for what we did to it.")
    shown = [
        linked(run),
        tables.change("Our failures cost", "failure_cost"),
        column(run),
    ]
    more = f"; {LISTED} of {count(len(mine))}" if len(mine) > LISTED else ""
    listed = tables.table(mine.head(LISTED), shown, f"Our failures first, {run.policy.currency}{more}")
    return section("ours-first", title, words, listed, short="Ours first")


def alternatives(run: Run) -> Html:
    """Show, for the accounts of the plan that add most, what each other step would add."""
    rows, steps = in_plan(run).head(LISTED), run.table("actions")
    if rows.empty:
        return Html()
    known, step = sentences(run), in_words(run)
    parts = [_alternatives_of(run, row, steps, known, step) for row in rows.to_dict("records")]
    title = f"What else could be done with the first {count(len(rows))}" if len(rows) > 1 else "What else could be done"
    words = paragraph("Every step that has something to act on, the best first; tables/actions has all accounts.")
    return section("alternatives", title, words, *parts, short="Alternatives")


def _alternatives_of(
    run: Run, planned: dict[Any, Any], steps: pd.DataFrame, known: Words, step: Callable[[tables.Row], Child]
) -> Html:
    mine = steps[steps["customer_id"] == planned["customer_id"]]
    mine = mine.sort_values(["value", "action"], ascending=[False, True])
    shown = [
        tables.Column("Step", step, number=False),
        tables.change("Adds", "value"),
        tables.interval("Range", mine, "low", "value", "high"),
        tables.change("In cash", "cash"),
        tables.Column("Rung", lambda row: rung_title(row["rung"]), number=False),
        tables.Column("Held back", lambda row: capital(str(row["why_not"] or "")), number=False),
    ]
    words = known.get(str(planned["customer_id"]))
    head = join(called(run, planned["name"], planned["customer_id"]), ": ", said(words))
    listed = tables.table(mine, shown, f"Every step, {run.policy.currency}")
    return folded(head, listed, to_page(run, planned["name"], planned["customer_id"]))
