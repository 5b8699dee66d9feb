"""What the steps are assumed to change, which assumption matters most, and what if it were another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from analysis.errors import UsageError
from analysis.formats import count, counted, money, money_span, number, percent
from analysis.reporting import tables
from analysis.reporting.action_words import ACTIONS, ASSUMPTIONS, action_title, step_of, with_accounts
from analysis.reporting.drawing import draw
from analysis.reporting.fragments import bullets, folded, paragraph, section
from analysis.reporting.links import linked
from analysis.reporting.markup import Child, Html, element, spoken
from analysis.run import Run
from analysis.topics.actions.figures import what_ifs as what_if_figure
from analysis.topics.actions.figures.what_ifs import plot_what_ifs

LISTED, MOST_IFS = 10, 8
#: The assumptions that are shares of something.
SHARES = ("share", "share_refused", "accepts")


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
        f"Most hangs on one assumption: {step_of(first['action'])}, {ASSUMPTIONS.get(str(first['assumption']), '')}; "
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
        tables.Column("Range", lambda row: _ends(row, currency)),
        tables.change("At its low end", "value_at_low"),
        tables.change("As stated", "value"),
        tables.change("At its high end", "value_at_high"),
    ]
    listed = folded("The same in numbers", tables.table(top, shown, f"What the assumptions change, {currency}"))
    return section("what-matters-most", title, figure, listed, short="What matters most")


def _ends(row: tables.Row, currency: str) -> str:
    """Say the two ends of an assumption: a share, an amount of money, or what a chance is multiplied with."""
    low, high = row["low"], row["high"]
    if row["assumption"] == "cost":
        return money_span(low, high, currency)
    if row["assumption"] in SHARES:
        return f"{percent(low)} to {percent(high)}"
    return f"{number(low, 2)} to {number(high, 2)} times"


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
    if rows.empty:
        words = "No account here has anything that the step could act on, or none could be weighed."
        title = f"What if: to {step_of(action)} with {said} cannot be weighed"
        return section("what-if", title, paragraph(words), short="What if")
    now, stated = float(rows["value"].sum()), float(rows["as_stated"].sum())
    better = int((rows["value"] > 0).sum())
    title = (
        f"What if: to {step_of(action)} with {said} would add something with {counted(better, 'account')} of "
        f"{count(len(rows))}"
    )
    ranked = with_accounts(run, rows).sort_values(["value", "customer_id"], ascending=[False, True])
    shown = [
        linked(run),
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
        "This page was written from a run's tables. Open its notebook, leave its tables empty, and weigh a step under "
        "assumptions of your own: ", element("code", code), ".",
        kind="note",
    )  # fmt: skip


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
        "These are the policy's ranges, before the record of earlier steps is heard.",
        "Goes: the share of what the step acts on that goes; of a price, the rise.",
        "Leaving: what the chance of leaving is multiplied with.",
        f"An account that is not content agrees {percent(run.policy.steps.discontent)} as often.",
        "Low, likely and high are drawn together for all accounts: if prices meet more resistance than thought, they "
        "do so everywhere.",
    ]
    listed = tables.table(rows, shown, f"Low, likely and high; cost in {currency} where it is stated, else in hours")
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
    if key == "cost":
        return tables.Column(words, _cost_said)
    return tables.Column(words, lambda row: _range_said(row[key], key))


def _cost_said(row: tables.Row) -> str:
    """Say what a step costs once: in money where the policy states it, else in hours of work."""
    return _range_said(row["cost"], "cost") if row["cost"] else f"{_range_said(row['cost_hours'], 'cost')} h"


def _range_said(value: tuple[float, ...], key: str) -> str:
    def said(one: float) -> str:
        return percent(one) if key in SHARES else number(one, 2)

    return said(value[1]) if value[0] == value[2] else " / ".join(said(one) for one in value)
