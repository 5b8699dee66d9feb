"""What is to come, beside what was: who is likely to lose money again, with ranges that were tried on the past."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, percent, some
from analysis.reporting import tables
from analysis.reporting.action_words import with_accounts
from analysis.reporting.fragments import folded, paragraph, section
from analysis.reporting.links import linked
from analysis.reporting.markup import Html
from analysis.run import Run

LISTED = 10
#: From this chance of a loss on an account is said to be likely to lose money.
LIKELY = 0.5


def next_year(run: Run) -> Html:
    """Tell the margins of the months to come, the largest losses first; nothing where they cannot be told."""
    rows, currency = run.table("forecast"), run.policy.currency
    rows = rows[rows["expected"].notna()]
    if rows.empty:
        return Html()
    months = int(rows["months"].iloc[0])
    ranked = with_accounts(run, rows).sort_values(["expected", "customer_id"])
    shown = [
        linked(run),
        tables.change(f"Last {months} months", "before"),
        tables.change(f"Next {months} months", "expected"),
        tables.interval("Range", ranked.head(LISTED), "low", "expected", "high"),
        tables.share("Chance of a loss", "p_loses"),
    ]
    more = f"; {LISTED} of {count(len(rows))}, tables/forecast has all" if len(rows) > LISTED else ""
    listed = tables.table(ranked.head(LISTED), shown, f"The lowest first, {currency}{more}")
    note = paragraph(
        "Margin before write-offs and waiting for money; of one that came in these months as if it had been there in "
        "all of them. Segments and the chance of a loss elsewhere on these pages speak of the window that is over; "
        "what steps and keeping an account are worth rests on a month's margin drawn towards like accounts'. A bad "
        "year is partly bad luck: how far margins go back to the usual is learnt from past months.",
        kind="note",
    )
    fit = _fit(run)
    return section("next-year", _title(rows, months), listed, *([fit] if fit else []), note, short="To come")


def _title(rows: pd.DataFrame, months: int) -> str:
    lost, likely = rows["before"] < 0, rows["p_loses"] >= LIKELY
    now, again, new = int(lost.sum()), int((lost & likely).sum()), int((~lost & likely).sum())
    ahead = f"in the next {months} months"
    if not now:
        may = counted(new, "account") if new else "none"
        return f"No account lost money in the last {months} months; {may} may {ahead}"
    who = f"Of {counted(now, 'account')} that lost money in the last {months} months, {some(again)}"
    if again == now > 1:
        who = f"All {count(now)} accounts that lost money in the last {months} months"
    return f"{who} {agree(max(again, 1), 'is', 'are')} likely to lose money again {ahead}" + (
        f"; {counted(new, 'other')} {agree(new, 'joins', 'join')} them" if new else ""
    )


def _fit(run: Run) -> Html | None:
    """Show how the forecast would have done on the months that are over."""
    rows = run.table("forecast_fit")
    if rows.empty:
        return None
    shown = [
        tables.Column("Accounts by size", lambda row: str(row["size_group"]), number=False),
        tables.count("Accounts", "accounts"),
        tables.Column("Within the range of 90%", lambda row: percent(row["held"])),
        tables.Column("Off by", lambda row: percent(row["off_told"])),
        tables.Column("As in the months before", lambda row: percent(row["off_before"])),
        tables.Column("The usual margin", lambda row: percent(row["off_usual"])),
    ]
    caption = "Told of past months by what was learnt from other accounts; off by: absolute error over what came"
    return folded("How well it would have told the past", tables.table(rows, shown, caption))
