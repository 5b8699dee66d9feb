"""Where the money is: service beyond, after hours, standing ready and owed; by month; and five cuts."""

from __future__ import annotations

import pandas as pd

from analysis.formats import agree, amount, count, counted, is_known, money, month, percent
from analysis.reporting import tables
from analysis.reporting.basis import basis
from analysis.reporting.charts import Pair, by_month, pairs
from analysis.reporting.foot import eyebrow
from analysis.reporting.foot import foot as three_lines
from analysis.reporting.fragments import Tile, columns, masthead, paragraph, section, tiles
from analysis.reporting.known import months_of, period, work_recorded
from analysis.reporting.links import linked
from analysis.reporting.markup import Html, join, label, plain
from analysis.reporting.told import told
from analysis.run import Run

__all__ = ["by_account", "by_cut", "by_the_month", "foot", "opening"]

#: What the page is made of.
TABLES = ("accounts", "cuts", "figures", "margin_by_month", "service_money")

LISTED, VALUES = 10, 12
#: Column, name, and what it is, in the order in which they are told.
KINDS = (
    ("beyond_agreed_cost", "Beyond what was agreed", "agreed"),
    ("beyond_wanted_cost", "Beyond what is wanted", "wanted"),
    ("after_hours_cost", "After hours", "after hours"),
    ("standing_ready_cost", "Standing ready, unused", "ready"),
    ("under_service_cost", "Agreed and not delivered", "owed"),
)
#: The headline figure that says what a column comes to.
FIGURES = {
    "beyond_agreed_cost": "beyond_agreed",
    "beyond_wanted_cost": "beyond_wanted",
    "after_hours_cost": "after_hours",
    "standing_ready_cost": "standing_ready",
    "under_service_cost": "agreed_not_delivered",
}
CUTS = {
    "manager": "By manager",
    "region": "By region",
    "industry": "By industry",
    "size": "By size",
    "product": "By product family",
}


def foot(run: Run) -> Html:
    """Set the foot, with the tables that the page is made of."""
    return three_lines(run, tables=TABLES)


def opening(run: Run) -> Html:
    """Say what service in excess comes to, and what is owed."""
    rows = run.table("service_money")
    sums = {column: told(run, figure) for column, figure in FIGURES.items()}
    lead = (
        "The first two overlap: what nobody wants may be beyond what was agreed, too. What stands ready unused is in "
        "no account's margin; nor is what it would cost to deliver what was agreed."
    )
    found = _tiles(run, rows, sums)
    return join(masthead(eyebrow(run, "Where the money is"), _title(run, sums), lead if found else ""), tiles(found))


def _title(run: Run, sums: dict[str, float | None]) -> str:
    currency, per = run.policy.currency, period(run)
    agreed, wanted = sums["beyond_agreed_cost"], sums["beyond_wanted_cost"]
    if agreed is not None and wanted is not None and max(agreed, wanted) > 0:
        return (
            f"Service beyond what was agreed costs {money(agreed, currency)} {per}, beyond what is wanted "
            f"{money(wanted, currency)}"
        )
    known = agreed if agreed is not None else wanted
    if known is not None and known > 0:
        return f"Service beyond what is due costs {money(known, currency)} {per}"
    return "No service beyond what is due is known"


def _tiles(run: Run, rows: pd.DataFrame, sums: dict[str, float | None]) -> list[Tile]:
    found = []
    for column, words, _ in KINDS:
        if sums[column] is None:
            continue
        who = int((rows[column].astype("float64").fillna(0).round(2) > 0).sum())
        note = (
            f"{counted(who, 'account')} {agree(who, 'is', 'are')} entitled" if column == "standing_ready_cost" else None
        )
        found.append(Tile(words, money(sums[column], run.policy.currency), note or f"with {counted(who, 'account')}"))
    return found


def by_the_month(run: Run) -> Html:
    """Set the portfolio's margin of each month as bars."""
    rows = run.table("margin_by_month")
    known = rows[rows["margin"].notna()]
    every = months_of(run)
    if known.empty or len(every) < 2:
        return Html()
    if 2 * len(known) < len(rows):
        few = (
            f"It is known of {count(len(known))} of {counted(len(rows), 'month')} of accounts: of the others no cost "
            "of goods is recorded."
        )
        return section("months", "What the accounts earned by the month is not known", paragraph(few), short="Months")
    sums = known.groupby("month")["margin"].sum()
    amounts: list[float | None] = [float(sums.get(when, 0.0)) for when in every]
    best, worst = max(every, key=lambda when: sums.get(when, 0.0)), min(every, key=lambda when: sums.get(when, 0.0))
    title = f"The best month was {month(best)}, the poorest {month(worst)}"
    said = [f"{month(when)}: {amount(value)}" for when, value in zip(every, amounts, strict=True)]
    names = [month(when)[:1] for when in every]
    figure = by_month(amounts, names, said, f"The portfolio's margin by month as bars. {'; '.join(said)}.")
    unknown = int(rows["margin"].isna().sum())
    left = f" {counted(unknown, 'month')} of accounts whose cost of goods is not known are left out." if unknown else ""
    note = (
        f"{run.policy.currency}: gross margin less cost to serve and to win, before write-offs and waiting for money; "
        f"{amount(sums.get(worst, 0.0))} to {amount(sums.get(best, 0.0))} a month.{left}"
    )
    return section(
        "months", title, figure, paragraph(note, kind="note"), basis(run, "sales", "goods", "work"), short="Months"
    )


def by_account(run: Run) -> Html:
    """List the accounts with most service in excess or owed."""
    rows = run.table("service_money").merge(run.accounts[["customer_id", "name"]], on="customer_id")
    parts = rows[[column for column, *_ in KINDS]].astype("float64")
    most = parts.drop(columns="standing_ready_cost").max(axis=1).fillna(0.0)
    chosen = rows.loc[most[most.round() > 0].sort_values(ascending=False, kind="stable").index[:LISTED]]
    shown = [
        linked(run),
        *(tables.change(words, column) for column, words, _ in KINDS if rows[column].notna().any()),
    ]
    caption = f"Those with most of it, {run.policy.currency}; the run's tables have all"
    some = int((most.round() > 0).sum())
    title = f"{counted(some, 'account')} {agree(some, 'has', 'have')} some of it"
    return section("accounts", title, tables.table(chosen, shown, caption), short="Accounts") if len(chosen) else Html()


def by_cut(run: Run) -> Html:
    """Set margin and cost to serve of each cut beside each other, on one scale."""
    rows = run.table("cuts")
    panels = [_panel(run, rows[rows["cut"] == key], words, _most(rows)) for key, words in CUTS.items()]
    shown = [panel for panel in panels if panel]
    if not shown:
        return Html()
    pairs_of = [shown[place : place + 2] for place in range(0, len(shown), 2)]
    title = "Margin and cost to serve, cut by who, where and what"
    served = work_recorded(run.accounts)
    drawn = (
        "Blue: gross margin; red: cost to serve, both as shares of net revenue, on one scale."
        if served
        else "Gross margin as a share of net revenue, on one scale; the work of serving is not recorded."
    )
    by_product = " Work is not recorded by product." if served else ""
    shares = (_share(row, "gross_margin") for row in rows.to_dict("records"))
    below = " In outline: a gross margin below zero." if any(share < 0 for share in shares if share is not None) else ""
    words = paragraph(f"{drawn}{below} At the right: net margin of net revenue.{by_product}")
    return join(section("cuts", title, words, short="Cuts"), *(columns(*pair) for pair in pairs_of))


def _most(rows: pd.DataFrame) -> float:
    """Return the largest share that is drawn, 100% at most."""
    shares = [_share(row, column) for row in rows.to_dict("records") for column in ("gross_margin", "cost_to_serve")]
    return min(max([abs(share) for share in shares if share is not None] or [1.0]), 1.0) or 1.0


def _share(row: dict[object, object], column: str) -> float | None:
    part, whole = row[column], row["net_revenue"]
    if not (is_known(part) and is_known(whole)) or float(str(whole)) <= 0:
        return None
    return float(str(part)) / float(str(whole))


def _panel(run: Run, rows: pd.DataFrame, words: str, most: float) -> Html | None:
    known = rows[rows["net_revenue"].astype("float64") > 0]
    if len(known) < 2:
        return None
    ordered = known.sort_values("net_revenue", ascending=False, kind="stable")
    kept = ordered.head(VALUES)
    kept = kept.sort_values("value") if rows["cut"].iloc[0] == "manager" else kept
    drawn = [_pair(row, served=work_recorded(run.accounts)) for row in kept.to_dict("records")]
    alt = "; ".join(f"{pair.label}: {_in_words(pair)}" for pair in drawn)
    more = f"{count(len(ordered) - VALUES)} smaller ones are in tables/cuts." if len(ordered) > VALUES else None
    key = str(rows["cut"].iloc[0])
    return section(f"by-{key}", words, pairs(drawn, most, f"{words}, shares of net revenue. {alt}.", more), short=words)


def _pair(row: dict[object, object], *, served: bool) -> Pair:
    net, brought = row["net_margin"], amount(row["net_revenue"])
    said = f"{amount(net)} of {brought}" if is_known(net) else brought
    cost = _share(row, "cost_to_serve") if served else None
    return Pair(label(plain(row["value"]) or "not known", 24), _share(row, "gross_margin"), cost, said)


def _in_words(pair: Pair) -> str:
    earned = f"gross margin {percent(pair.earned)}" if pair.earned is not None else "gross margin not known"
    served = f", cost to serve {percent(pair.served)}" if pair.served is not None else ""
    return f"{earned}{served}, {pair.said}"
