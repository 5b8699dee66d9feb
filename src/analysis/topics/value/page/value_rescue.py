"""Who may leave with most at stake, what an effort to keep them may cost at most, and whom to protect first."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, capital, count, counted, listed, money, number, percent
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.drawing import draw
from analysis.reporting.fragments import bullets, paragraph, section
from analysis.reporting.known import flags
from analysis.reporting.links import linked, with_names
from analysis.reporting.markup import Html
from analysis.reporting.next_steps import column
from analysis.reporting.told import told, told_count
from analysis.run import Run
from analysis.topics.value.figures import rescue as rescue_figure
from analysis.topics.value.figures.rescue import plot_rescue
from analysis.topics.value.judgement.rescue import grid
from analysis.topics.value.words import attention

LISTED, DRAWN = 12, 8


def at_risk(run: Run) -> Html:
    """Rank the accounts at risk by what is at stake, with the most that keeping each is worth."""
    rows, currency = run.rescue, run.policy.currency
    known = rows[rows["at_stake"].notna()]
    if known.empty:
        return Html()
    title = f"{money(told(run, 'at_stake'), currency)} is at stake over the next year"
    top = with_names(run, known.head(LISTED))
    drawn = grid(top.head(DRAWN)).assign(name=top.head(DRAWN)["name"].to_numpy())
    figure = draw(
        lambda ax: plot_rescue(drawn, ax),
        name="rescue-grid",
        alt=f"A grid of {counted(len(drawn), 'account')} by how much an effort raises the chance to keep each: the "
        "most that the effort may cost. The table beneath gives the numbers at the policy's uplift.",
        heights=(rescue_figure.height(drawn),) * 2,
        caption=f"The most that an effort may cost, {currency}, by how much more likely it makes the account stay.",
    )
    shown = [
        linked(run),
        tables.share("May leave in a year", "leaves_year"),
        tables.money("Lost if it goes", "clv_avoidable"),
        tables.money("At stake", "at_stake"),
        tables.money("An effort is worth", "save_budget"),
        tables.interval("Range", top, "low", "save_budget", "high"),
        tables.Column("In hours", lambda row: number(row["save_hours"], 0)),
    ]
    low, likely, high = run.policy.value.rescue.uplift
    reach = f"{percent(likely)} more likely to stay ({percent(low)} to {percent(high)}, assumed)"
    note = paragraph(
        "At stake: the chance of leaving within a year times what is lost, at avoidable cost. An effort is worth: "
        f"what it brings where it makes an account about to leave {reach}. It is never below zero: nothing is lost "
        "with an account that costs more than it brings.",
        kind="note",
    )
    whole = tables.table(top, shown, f"Most at stake, {currency}")
    label = basis(run, "sales", "goods", "work", "money", "future")
    return section("at-risk", title, figure, note, whole, label, short="At risk")


def protect_first(run: Run, most: int = LISTED) -> Html:
    """List the accounts worth keeping that are under-served, failed by us, silent or up for renewal."""
    rows, currency = run.protect_first, run.policy.currency
    if rows.empty:
        return Html()
    top = with_names(run, rows.head(most))
    shown = [
        linked(run),
        tables.money("Lost if it goes", "clv_avoidable"),
        tables.money("At stake", "at_stake"),
        tables.Column("Why now", why_now, number=False),
        column(run),
    ]
    caption = f"Worth keeping, and in want of attention, most at stake first, {currency}"
    return section(
        "protect-first",
        _protect_title(rows, run),
        bullets(list(_reasons(run, rows))),
        tables.table(top, shown, caption),
        short="Protect first",
    )


def why_now(row: tables.Row) -> str:
    """Say why an account is to be looked after now.

    Parameters
    ----------
    row
        under_served, failed_by_us, silent, silent_days, renewal and contract_ends of `tables/protect_first`.
    """
    words = ", ".join(attention(row))
    return capital(words)


def _protect_title(rows: pd.DataFrame, run: Run) -> str:
    lost = money(told(run, "protect_first_worth"), run.policy.currency)
    verb = agree(len(rows), "is", "are")
    words = {"under_served": "under-served", "failed_by_us": "failed by us", "silent": "silent"}
    seen = [said for flag, said in (words | {"renewal": "up for renewal"}).items() if flags(rows[flag]).any()]
    why = f"{', '.join(seen[:-1])} or {seen[-1]}" if len(seen) > 1 else "".join(seen)
    return f"{counted(told_count(run, 'protect_first'), 'account')} worth {lost} to keep {verb} {why}"


def _reasons(run: Run, rows: pd.DataFrame) -> list[str]:
    policy = run.policy.value.rescue
    counts = {
        "under-served": int(flags(rows["under_served"]).sum()),
        "failed by us": int(flags(rows["failed_by_us"]).sum()),
        f"without a contact for {policy.silent_days} days or more": int(flags(rows["silent"]).sum()),
        f"with a contract that ends within {counted(policy.renewal_months, 'month')}": int(
            flags(rows["renewal"]).sum()
        ),
    }
    told = [f"{count(number)} {words}" for words, number in counts.items() if number]
    # The one reason of all of them stands in the title, unless it has a length that is told here.
    return [f"{listed(told)}."] if len(told) > 1 or flags(rows["silent"] | rows["renewal"]).any() else []
