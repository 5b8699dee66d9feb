"""An account's statement as a waterfall beside like accounts, its months, and what loses money within it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.formats import amount, count, counted, is_known, listed, money_range, month
from analysis.reporting.charts import Bar, by_month, waterfall
from analysis.reporting.fragments import folded, paragraph, section
from analysis.reporting.known import months_of
from analysis.reporting.labels import driver_title
from analysis.reporting.markup import Html, join, name, plain, titled
from analysis.reporting.tables import Column, table
from analysis.topics.overview.account_page.filing import File
from analysis.topics.overview.account_page.opening import is_day

#: Groups of work that stand on lines of their own; the others share one.
GROUPS = 6
#: The part of the gap to like accounts that two drivers must explain to be named for it.
MOST_OF_IT = 0.5
WORST = 5
_SHORT = {"returns": "returns"}


def statement(file: File) -> Html:
    """Set the statement from list price to net margin, each line beside that of like accounts."""
    row = file.account
    if not is_known(row["net_margin"]):
        sold = is_known(row["net_revenue"])
        words = f"Its margin is not known: {'the cost of its goods is missing' if sold else 'no sales are recorded'}."
        return section("statement", "What it earns is not known", paragraph(words), short="Statement")
    like = file.filing.like.of(file.customer_id)
    lines = _lines(file)
    # Where discounts are not known the list price is not either.
    first, price = ("List price", "list price") if is_known(row["discounts"]) else ("Sold", "sales")
    level = _of(row, "list_revenue")
    bars = [Bar(first, 0.0, level, amount(row["list_revenue"]), total=True)]
    for label, keys in lines:
        cost = sum(_of(row, key) for key in keys)
        beside = f"like accounts {amount(-sum(like[key] for key in keys))}" if like else ""
        bars.append(Bar(label, level, level - cost, amount(-cost), beside))
        level -= cost
    margin = float(row["net_margin"])
    span = money_range(row["net_margin_low"], row["net_margin_high"])
    beside = f"like accounts {amount(like['net_margin'])}" if like else ""
    bars.append(Bar("Net margin", 0.0, margin, amount(margin), beside, total=True))
    words = "; ".join(f"{bar.label} {bar.said}" for bar in bars)
    caption = f"{file.currency}, {file.run.window.months} months."
    caption += f" Net margin over the cost ranges: {span}." if span else ""
    caption += f" Like accounts: {_peers(file)}, at this account's {price}." if like else ""
    figure = waterfall(bars, f"The account's statement as a waterfall: {words}.", caption)
    return section("statement", _title(file, margin, like), figure, short="Statement")


def _of(row: Mapping[Any, Any], key: str) -> float:
    return float(row[key]) if is_known(row.get(key)) else 0.0


def _lines(file: File) -> list[tuple[str, list[str]]]:
    """Return the lines between list price and net margin that are not zero, with the columns of each."""
    row, groups = file.account, file.run.groups
    ranked = sorted(groups, key=lambda key: -abs(_of(row, key)))
    first, rest = ranked[:GROUPS], ranked[GROUPS:]
    lines = [
        ("Discounts", ["discounts"]),
        ("Returns", ["returns"]),
        ("Goods and freight", ["cogs", "freight"]),
        *((titled(groups[key], 22), [key]) for key in first),
        ("Other service", rest),
        ("Write-offs", ["write_offs"]),
        ("Waiting for money", ["financing_cost"]),
        ("Winning business", ["cost_to_obtain"]),
    ]
    return [(label, keys) for label, keys in lines if round(sum(_of(row, key) for key in keys), 2) != 0]


def _peers(file: File) -> str:
    rows = file.rows("reasons")
    return plain(rows[0]["peers"]) if rows else "the accounts nearest in list revenue"


def _title(file: File, margin: float, like: Mapping[str, float]) -> str:
    own = f"It {'loses' if margin < 0 else 'earns'} {amount(abs(margin))}" if round(margin) else "It comes out even"
    if not like:
        return own
    theirs = like["net_margin"]
    if amount(margin) == amount(theirs):
        return f"{own}, as like accounts do"
    title = f"{own} where like accounts {'lose' if theirs < 0 else 'earn'} {amount(abs(theirs))}"
    drivers = _drivers(file, theirs - margin)
    lower = ", lower than theirs," if margin > theirs else ""
    return f"{title}: {drivers}{lower} explain most of it" if drivers else title


def _drivers(file: File, gap: float) -> str:
    """Name the two drivers that explain most of the gap; nothing where they do not."""
    sign = 1.0 if gap > 0 else -1.0
    rows = sorted(file.rows("reasons"), key=lambda row: -sign * float(row["amount"]))[:2]
    told = [row for row in rows if sign * float(row["amount"]) > 0]
    if len(told) < 2 or sum(sign * float(row["amount"]) for row in told) < MOST_OF_IT * abs(gap):
        return ""
    return listed([_SHORT.get(str(row["driver"])) or driver_title(row["driver"]).lower() for row in told])


def months(file: File) -> Html:
    """Set the margin of each month as bars."""
    rows = {pd.Timestamp(row["month"]): row for row in file.rows("margin_by_month")}
    every = months_of(file.run)
    since: Any = file.account.get("since")
    came = pd.Timestamp(since).replace(day=1) if is_day(since) else every[0]
    went = max(rows, default=every[-1]) if file.has_left else every[-1]
    amounts = [None if not came <= when <= went and when not in rows else _margin(rows.get(when)) for when in every]
    if len(every) < 3 or not any(amounts):
        return Html()
    unknown = ["no customer yet" if when < came else "has left" if when > went else "not known" for when in every]
    told = [why if value is None else amount(value) for value, why in zip(amounts, unknown, strict=True)]
    said = [f"{month(when)}: {words}" for when, words in zip(every, told, strict=True)]
    names = [month(when)[:1] for when in every]
    title = _months_title(every, amounts)
    figure = by_month(amounts, names, said, f"Margin by month as bars. {'; '.join(said)}.")
    known = [value for value in amounts if value is not None]
    note = paragraph(
        f"{file.currency}: gross margin less cost to serve and to win, {amount(min(known))} to {amount(max(known))} a "
        "month; write-offs and waiting for money belong to none.", kind="basis",
    )  # fmt: skip
    return section("months", title, figure, note, short="Months")


def _margin(row: Mapping[Any, Any] | None) -> float | None:
    """Return a month's margin: 0 where nothing was sold or done, None where it is not known."""
    if row is None:
        return 0.0
    return float(row["margin"]) if is_known(row["margin"]) else None


def _months_title(every: list[pd.Timestamp], amounts: list[float | None]) -> str:
    known = [value for value in amounts if value is not None]
    losing = sum(round(value, 2) < 0 for value in known)
    turn = _turned(amounts)
    if turn:
        return f"It began to lose in {month(every[turn])}"
    if not losing:
        return f"It lost money in none of {count(len(known))} months"
    return f"It lost money in {count(losing)} of {count(len(known))} months"


def _turned(amounts: list[float | None]) -> int:
    """Return from which month on, three or more to the end, each lost money and none before did; 0: from none."""
    signs = [value is not None and round(value, 2) < 0 for value in amounts]
    first = signs.index(True) if True in signs else 0
    before = sum(value is not None for value in amounts[:first])
    return first if before >= 3 and first <= len(signs) - 3 and all(signs[first:]) else 0


def losses(file: File) -> Html:
    """Set the orders that lose money and the dearest cases."""
    row, rows = file.account, file.rows("losses_within")
    lost = int(row["loss_making_orders"]) if is_known(row.get("loss_making_orders")) else 0
    if not lost and not rows:
        return Html()
    words = (
        f"{counted(lost, 'order')} of {count(row['orders'])} {'brings' if lost == 1 else 'bring'} less than "
        f"{'it costs' if lost == 1 else 'they cost'}: {amount(row['lost_on_orders'])} lost."
        if lost
        else "No order loses money."
    )  # fmt: skip
    worst = sorted(rows, key=lambda one: float(one["margin"]))[:WORST]
    columns = [
        Column(
            "Order or case",
            lambda one: join(f"{str(one['kind']).capitalize()} ", name(one["id"], longest=30)),
            number=False,
        ),
        Column("Brought", lambda one: amount(one["gross_margin"]) if is_known(one["gross_margin"]) else "nothing"),
        Column("Work on it", lambda one: amount(one["work_cost"])),
        Column("Left", lambda one: amount(one["margin"])),
    ]
    listing = table(pd.DataFrame(worst), columns, f"Those that cost most, {file.currency}") if worst else Html()
    return (
        folded(join("Orders and cases that lose money: ", words), listing) if worst else paragraph(words, kind="note")
    )
