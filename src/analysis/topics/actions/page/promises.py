"""What the last run promised for its steps, against what was done since and what came of it."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, count, counted, day, is_nothing, money, money_range, some
from analysis.reporting import tables
from analysis.reporting.fragments import paragraph, section
from analysis.reporting.links import linked
from analysis.reporting.markup import Child, Html
from analysis.reporting.said import said
from analysis.run import Run

LISTED = 12
MEASURED = ("kept", "short", "nothing came")
OVERDUE, UNKNOWN = "not taken, and its day has passed", "not known: what was done is not recorded"
#: What a reader wants to see first.
ORDER = (*MEASURED, "refused", "taken; too early to tell", "taken; not measured", OVERDUE, UNKNOWN, "not taken yet")


def promises_in_short(run: Run) -> str:
    """Say in a sentence or two what the last run promised and what became of it; nothing without a run before."""
    rows = run.table("promises")
    if rows.empty:
        return ""
    return f"{_promised(run, rows)}: {_became(run, rows)}."


def last_promises(run: Run) -> Html:
    """Set what the last run promised against what was done, and what came."""
    rows, currency = run.table("promises"), run.policy.currency
    if rows.empty:
        return Html()
    place = {verdict: at for at, verdict in enumerate(ORDER)}
    order = rows.assign(place=rows["verdict"].map(place), size=rows["value"].astype("float64").fillna(0.0))
    order = order.sort_values(["place", "size", "customer_id"], ascending=[True, False, True])
    shown = [
        linked(run),
        tables.Column("What was advised", lambda row: said(row["sentence"]), number=False),
        tables.change("Promised", "value"),
        tables.Column("Range", lambda row: money_range(row["value_low"], row["value_high"]) or "owed"),
        tables.Column("By", lambda row: day(pd.Timestamp(row["when_by"]).date()), number=False),
        tables.Column("Since", _since, number=False),
    ]
    if rows["came_year"].notna().any():
        shown += [tables.change("Promised a year", "promised_year"), tables.change("Brought a year", "came_year")]
    more = f"; {LISTED} of {count(len(rows))}, tables/promises has all" if len(rows) > LISTED else ""
    caption = f"Promised over {_horizon(rows)}, {currency}{more}"
    note = paragraph(
        "A promise stays as the run first made it until what it brought can be told, three months after its step was "
        "taken. What came is the cost that the step acts on, before against after, with what that of accounts that "
        "stood alike did taken off.",
        kind="note",
    )
    title = f"{_promised(run, rows)}: {_became(run, rows)}"
    return section("last-promises", title, tables.table(order.head(LISTED), shown, caption), note, short="Promised")


def _horizon(rows: pd.DataFrame) -> str:
    months = sorted({int(months) for months in rows["horizon_months"]})
    return " or ".join(str(number) for number in months) + " months"


def _promised(run: Run, rows: pd.DataFrame) -> str:
    whole = float(rows["value"].sum())
    days = sorted({pd.Timestamp(when).date() for when in rows["promised_on"]})
    when = f"on {day(days[-1])}" if len(days) == 1 else f"from {day(days[0])} to {day(days[-1])}"
    worth = f" worth {money(whole, run.policy.currency)} over {_horizon(rows)}" if not is_nothing(whole) else ""
    return f"Of {counted(len(rows), 'step')} promised {when}{worth}"


def _became(run: Run, rows: pd.DataFrame) -> str:
    """Say how many were taken, and what came where that can be told."""
    verdict, currency = rows["verdict"].astype("string"), run.policy.currency
    if (verdict == UNKNOWN).all():
        return "what was done since is not recorded"
    taken, refused, late = (
        int(rows["taken_on"].notna().sum()),
        int((verdict == "refused").sum()),
        int((verdict == OVERDUE).sum()),
    )
    told = rows[verdict.isin(MEASURED)]
    words = [f"{some(taken)} {agree(taken, 'was', 'were')} taken" if taken else "none is recorded as taken yet"]
    if refused:
        words.append(f"{count(refused)} of them refused")
    if late:
        words.append(f"{count(late)} {agree(late, 'is', 'are')} past {agree(late, 'its', 'their')} day")
    if len(told):
        sums = told[["promised_year", "came_year"]].sum()
        words.append(
            f"{count(len(told))} that can be measured promised {money(sums['promised_year'], currency)} a year and "
            f"brought {money(sums['came_year'], currency)}"
        )
    elif taken > refused:
        words.append("what came cannot be told before three months have passed")
    return "; ".join(words)


def _since(row: tables.Row) -> Child:
    verdict = str(row["verdict"])
    if pd.isna(row["taken_on"]):
        return verdict
    return f"{day(pd.Timestamp(row['taken_on']).date())}: {verdict.removeprefix('taken; ')}"
