"""The actions report: what to do first, under which hours, on which assumptions, and what it came to last time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from analysis.errors import UsageError
from analysis.formats import agree, count, counted, hours, money, money_range, number, percent
from analysis.reporting import tables
from analysis.reporting.action_words import ACTIONS, ASSUMPTIONS, action_title, rung_title, step_of, with_accounts
from analysis.reporting.basis import basis
from analysis.reporting.drawing import draw
from analysis.reporting.figures import steps as step_figure
from analysis.reporting.figures import what_ifs as what_if_figure
from analysis.reporting.figures.steps import plot_steps
from analysis.reporting.figures.what_ifs import plot_what_ifs
from analysis.reporting.foot import eyebrow, foot
from analysis.reporting.fragments import Tile, bullets, folded, masthead, paragraph, section, tiles
from analysis.reporting.markup import Child, Html, element, join, name, spoken
from analysis.reporting.parting import parting
from analysis.reporting.run import Run
from analysis.reporting.what_to_do import in_plan, one_more_hour, plan_title, promised, what_to_do

__all__ = [
    "alternatives",
    "assumptions",
    "customer_to_look_for",
    "foot",
    "one_more_hour",
    "opening",
    "ours_first",
    "packages",
    "parting",
    "promised",
    "the_plan",
    "what_matters_most",
    "what_to_do",
]

LISTED, DRAWN, BESIDE, MOST_IFS = 10, 10, 20, 8


def opening(run: Run) -> Html:
    """Say what the plan adds, with its range, in cash and in hours."""
    whole = run.table("plan_total")
    lead = (
        "Doing nothing is always one of the choices. A step is planned only where its whole range lies above nothing, "
        "and only within the hours that the teams have."
    )
    planned = len(run.table("plan"))
    title = (
        f"What to do next: {counted(planned, 'step')} under the hours that there are" if planned else plan_title(run)
    )
    head = masthead(eyebrow(run, "What to do"), title, lead)
    return join(head, tiles(_tiles(whole.iloc[0], run))) if len(whole) and int(whole["accounts"].iloc[0]) else head


def _tiles(total: pd.Series, run: Run) -> list[Tile]:
    currency = run.policy.currency
    return [
        Tile("The plan adds", money(total["value"], currency), money_range(total["low"], total["high"]), "earn"),
        Tile("Of it in cash", money(total["cash"], currency), "avoidable cost and money received"),
        Tile("Time freed", hours(60 * total["freed_hours"]), "a year; no cash by itself"),
        Tile("It costs once", money(total["one_off_cost"], currency), "counted off"),
        Tile("It takes", hours(60 * total["hours"]), f"in {counted(run.policy.plan.quarters, 'quarter')}"),
    ]


def the_plan(run: Run) -> Html:
    """Draw what the steps that add most add, with ranges; the whole plan by quarter stands beneath."""
    rows, currency = in_plan(run), run.policy.currency
    if rows.empty:
        return Html()
    top = rows.head(DRAWN).assign(title=lambda frame: [action_title(code) for code in frame["action"]])
    kinds = rows["action"].value_counts()
    most = str(kinds.index[0])
    title = (
        f"{count(len(rows))} steps are planned; the commonest, to {step_of(most)}, {count(int(kinds.iloc[0]))} times"
        if len(rows) > 1
        else "One step is planned"
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
    return section("plan", title, figure, *parts, basis(run, "work", "future"), short="The plan")


def _quarter(run: Run, rows: pd.DataFrame, quarter: int) -> Html:
    mine = rows[rows["quarter"] == quarter]
    when = (
        "The next quarter"
        if quarter == 1
        else f"{count(quarter - 1)} {agree(quarter - 1, 'quarter', 'quarters')} later"
    )
    words = f"{when}: {counted(len(mine), 'step')}, {money(mine['value'].sum(), run.policy.currency)}"
    shown = [
        tables.account(),
        tables.Column("Step", lambda row: action_title(row["action"]), number=False),
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
        tables.account(),
        tables.Column("Steps", lambda row: action_title(row["action"]), number=False),
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
    advised = run.accounts[["customer_id", "name", "action", "action_value", "failure_cost"]]
    mine = advised.merge(who, on="customer_id").sort_values(["failure_cost", "customer_id"], ascending=[False, True])
    title = f"With {counted(len(mine), 'account')}, our own failures come first: nothing is asked of them yet"
    words = paragraph("No account is repriced, moved or ended for what we did to it.")
    shown = [
        tables.account(),
        tables.change("Our failures cost", "failure_cost"),
        tables.Column("Proposed", lambda row: action_title(row["action"]), number=False),
        tables.change("Adds", "action_value"),
    ]
    more = f"; {LISTED} of {count(len(mine))}" if len(mine) > LISTED else ""
    listed = tables.table(mine.head(LISTED), shown, f"Our failures first, {run.policy.currency}{more}")
    return section("ours-first", title, words, listed, short="Ours first")


def alternatives(run: Run) -> Html:
    """Show, for the accounts of the plan that add most, what each other step would add."""
    rows, steps = in_plan(run).head(LISTED), run.table("actions")
    if rows.empty:
        return Html()
    parts = [_alternatives_of(run, row, steps) for row in rows.to_dict("records")]
    title = f"What else could be done with the first {count(len(rows))}" if len(rows) > 1 else "What else could be done"
    words = paragraph("Every step that has something to act on, the best first; tables/actions has all accounts.")
    return section("alternatives", title, words, *parts, short="Alternatives")


def _alternatives_of(run: Run, planned: dict[Any, Any], steps: pd.DataFrame) -> Html:
    mine = steps[steps["customer_id"] == planned["customer_id"]]
    mine = mine.sort_values(["value", "action"], ascending=[False, True])
    shown = [
        tables.Column("Step", lambda row: action_title(row["action"]), number=False),
        tables.change("Adds", "value"),
        tables.interval("Range", mine, "low", "value", "high"),
        tables.change("In cash", "cash"),
        tables.Column("Rung", lambda row: rung_title(row["rung"]), number=False),
        tables.Column("Held back", lambda row: str(row["why_not"] or ""), number=False),
    ]
    head = join(name(planned["name"], planned["customer_id"]), f": planned is to {step_of(planned['action'])}")
    return folded(head, tables.table(mine, shown, f"Every step, {run.policy.currency}"))


def what_matters_most(run: Run) -> Html:
    """Draw what the ends of the assumptions' ranges would change: which ones to find out about first."""
    rows, currency = run.table("what_ifs"), run.policy.currency
    if rows.empty:
        return Html()
    rows = rows.assign(
        low_end=rows["value_at_low"] - rows["value"],
        high_end=rows["value_at_high"] - rows["value"],
        label=[
            f"{action_title(row.action)}: {ASSUMPTIONS.get(str(row.assumption), spoken(row.assumption))}"
            for row in rows.itertuples()
        ],
    )
    reach = (rows["low_end"] - rows["high_end"]).abs()
    top = rows.assign(reach=reach).sort_values(["reach", "label"], ascending=[False, True]).head(MOST_IFS)
    first = top.iloc[0]
    title = (
        f"Find out first: {step_of(first['action'])}, {ASSUMPTIONS.get(str(first['assumption']), '')}; "
        f"it moves {money(first['reach'], currency)}"
    )
    alt = f"A bar for each of {counted(len(top), 'assumption')}: what its two ends would change. {title}."
    figure = draw(
        lambda ax: plot_what_ifs(top, currency, ax),
        name="what-ifs", alt=alt, heights=(what_if_figure.height(top),) * 2,
        caption=f"What all steps of the kind, wherever it is proposed, would add less or more, {currency}.",
    )  # fmt: skip
    shown = [
        tables.Column("Assumption", lambda row: row["label"], number=False),
        tables.Column("Range", lambda row: f"{number(row['low'], 3)} to {number(row['high'], 3)}"),
        tables.change("At its low end", "value_at_low"),
        tables.change("As stated", "value"),
        tables.change("At its high end", "value_at_high"),
    ]
    listed = folded("The same in numbers", tables.table(top, shown, f"What the assumptions change, {currency}"))
    return section("what-matters-most", title, figure, listed, short="What matters most")


def what_if(run: Any, action: str, accounts: Iterable[str] = (), **changed: Any) -> Html:
    """Weigh a step again under other assumptions, beside what it adds as stated.

    Parameters
    ----------
    run
        A portfolio; one that was read from a run's tables says how to try it instead.
    action, accounts, changed
        As `Portfolio.what_if` takes them.
    """
    said = ", ".join(f"{spoken(key)} {value}" for key, value in changed.items()) or "as stated"
    try:
        rows = run.what_if(action, accounts, **changed)
    except UsageError as stop:
        if action not in ACTIONS:
            raise
        return section("what-if", "What if an assumption were another", _how_to_try(stop), short="What if")
    currency = run.policy.currency
    now, stated = float(rows["value"].sum()), float(rows["as_stated"].sum())
    better = int((rows["value"] > 0).sum())
    title = (
        f"What if: to {step_of(action)} with {said} would add something with {counted(better, 'account')} of "
        f"{count(len(rows))}"
    )
    ranked = with_accounts(run, rows).sort_values(["value", "customer_id"], ascending=[False, True])
    shown = [
        tables.account(),
        tables.change("So it adds", "value"),
        tables.interval("Range", ranked.head(LISTED), "low", "value", "high"),
        tables.change("As stated", "as_stated"),
        tables.change("In cash", "cash"),
    ]
    words = paragraph(
        f"With all {count(len(rows))} it would add {money(now, currency, signed=True)}; as stated, "
        f"{money(stated, currency, signed=True)}."
    )
    listed = tables.table(ranked.head(LISTED), shown, f"{action_title(action)}, {currency}")
    return section("what-if", title, words, listed, short="What if")


def _how_to_try(stop: UsageError) -> Html:
    code = 'p.what_if("reprice", accounts=[...], share=0.03, accepts=[0.4, 0.5, 0.6])'
    return paragraph(
        "This page was written from a run's tables. Open its notebook with `data` and without `tables` to weigh a step "
        "under assumptions of your own: ", element("code", code), ".",
        kind="note",
    )  # fmt: skip


def customer_to_look_for(run: Run) -> Html:
    """Describe the accounts that earn and fit what we do, and list small ones that are like them."""
    rows = run.table("look_for")
    if rows.empty:
        return Html()
    who = int(rows["accounts"].iloc[0])
    apart = rows[rows["lift"].abs() >= 0.1].head(LISTED)
    title = f"The customer to look for: {counted(who, 'account')} earn, and want what we do well"
    words = paragraph(
        "They earn after all costs, are neither over-served nor under-served nor difficult, and get at least as much "
        "for their money as the middle account. What sets them apart from the others, the most telling first:"
    )
    shown = [
        tables.Column("What", lambda row: join(name(row["feature"])), number=False),
        tables.Column("They", lambda row: _level(row, "share")),
        tables.Column("The others", lambda row: _level(row, "others")),
    ]
    nothing = "Nothing that is known of them sets them apart."
    listed = tables.table(apart, shown, "What sets them apart", empty=nothing)
    return section("look-for", title, words, listed, _lookalikes(run), short="Look for")


def _level(row: tables.Row, column: str) -> str:
    return money(row[column], "").strip() if row["feature"] == "Net revenue per order" else percent(row[column])


def _lookalikes(run: Run) -> Html:
    rows = with_accounts(run, run.table("lookalikes"))
    if rows.empty:
        return paragraph("No small account is like them.", kind="note")
    known = run.accounts.set_index("customer_id")["name"]
    rows = rows.assign(like=rows["nearest"].map(known).fillna(rows["nearest"]))
    shown = [
        tables.account(),
        tables.Column("As near as", lambda row: percent(row["likeness"] / 100)),
        tables.Column("Most like", lambda row: name(row["like"]), number=False),
        tables.change("Net revenue", "net_revenue"),
        tables.money("Net margin", "net_margin"),
    ]
    words = f"{counted(len(rows), 'small account')} {agree(len(rows), 'is', 'are')} like them"
    note = "As near as: the share of those that fit that are farther from their own nearest."
    listed = tables.table(rows.head(LISTED), shown, f"Small accounts that are like them. {note}")
    return folded(words, listed)


def assumptions(run: Run) -> Html:
    """Print what each step is assumed to change, with its range, and how the steps are weighed."""
    chosen, currency = run.policy.actions, run.policy.currency
    rows = pd.DataFrame([{"action": key, **assumed.model_dump()} for key, assumed in chosen.items()])
    shown = [
        tables.Column("Step", lambda row: action_title(row["action"]), number=False),
        *(_range_column(words, key) for key, words in _HEADS.items()),
        tables.Column("Hours", lambda row: number(row["hours"])),
        tables.Column("Team", lambda row: spoken(row["team"]), number=False),
    ]
    items: list[Child] = [
        "Goes: the share of what the step acts on that goes; of a price, the rise.",
        "Leaving: what the chance of leaving is multiplied with.",
        f"An account that is not content agrees {percent(run.policy.steps.discontent)} as often.",
        "Low, likely and high are drawn together for all accounts: if prices meet more resistance than thought, they "
        "do so everywhere.",
    ]
    listed = tables.table(rows, shown, f"Low, likely and high; cost in {currency}")
    return section(
        "assumptions", f"What the steps are assumed to change: {count(len(rows))} steps, each with its ranges",
        bullets(items, "plain"), folded("Every assumption", listed), short="Assumptions",
    )  # fmt: skip


_HEADS = {
    "share": "Goes",
    "accepts": "Agrees",
    "pull": "Leaving, if it agrees",
    "pull_refused": "Leaving, if not",
    "cost": "Costs once",
}


def _range_column(words: str, key: str) -> tables.Column:
    return tables.Column(words, lambda row: _range_said(row[key], key))


def _range_said(value: tuple[float, ...], key: str) -> str:
    def said(one: float) -> str:
        return percent(one) if key in ("share", "accepts") else number(one, 2)

    return said(value[1]) if value[0] == value[2] else " / ".join(said(one) for one in value)
