"""What the tables of service are called on a page: levels, their unit, and the kinds of gap with their remedies."""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd

from analysis import formats
from analysis.ledger.drivers import OTHER_SERVICE
from analysis.reporting import tables
from analysis.reporting.labels import attribute_title
from analysis.reporting.markup import Child
from analysis.run import Run


class Remedy(NamedTuple):
    """What is to be done with a part of the over-service: its column, what it is, what to do, and why."""

    column: str
    what: str
    do: str
    why: str


REMEDIES = (
    Remedy("cost_to_price", "Wanted but unpaid", "price it", "They want what goes beyond their agreement."),
    Remedy("cost_to_trade", "Agreed but unwanted", "trade it", "It is in the agreement, and they want less of it."),
    Remedy(
        "cost_to_stop",
        "Neither agreed nor wanted",
        "stop it",
        "It goes beyond what they want, and no agreement asks for it.",
    ),
)
ASK = Remedy(
    "cost_to_ask", "Beyond the agreement, and nothing said", "ask first", "They have not said whether they want it."
)
WISHES = {"less": "less", "as_now": "as now", "more": "more", "any": "no matter"}
PERIODS = {"month": "a month", "quarter": "a quarter", "year": "a year"}


def level(value: object) -> str:
    """Write a level as a number; an infinite one is unlimited.

    Examples
    --------
    >>> level(2.25), level(float("inf")), level(None)
    ('2.25', 'unlimited', '')
    """
    if isinstance(value, float) and math.isinf(value):
        return "unlimited"
    if not formats.is_known(value):
        return ""
    return formats.number(value, 2 if abs(float(value)) < 10 else 0)  # type: ignore[arg-type]


def unit(run: Run, attribute: object) -> str:
    """Say what a level is per, such as "a quarter"; nothing for hours to an answer."""
    chosen = run.policy.service.get(str(attribute))
    if chosen is None:
        return "a month" if attribute == OTHER_SERVICE else ""
    return "" if chosen.measure == "response_hours" else PERIODS[chosen.period]


def service_title(run: Run, attribute: object) -> str:
    """Give a service attribute's readable title; hours to an answer are working hours where the policy says when."""
    title, chosen = attribute_title(attribute), run.policy.service.get(str(attribute))
    if chosen is None or chosen.measure != "response_hours" or run.policy.calendar is None:
        return title
    return f"Working {formats.in_a_sentence(title)}" if "hours" in title.lower() else f"{title} (working hours)"


def service(run: Run) -> tables.Column:
    """Show which service a row speaks of and what its levels are per."""

    def show(row: tables.Row) -> Child:
        per = unit(run, row["attribute"])
        return service_title(run, row["attribute"]) + (f", {per}" if per else "")

    return tables.Column("Service", show, number=False)


def levels(heading: str, column: str) -> tables.Column:
    """Show a level."""
    return tables.Column(heading, lambda row: level(row[column]) or "\N{EN DASH}")


def three_levels() -> list[tables.Column]:
    """Show what an account gets, what was agreed and what it wants."""
    wants = tables.Column("Wants", lambda row: level(row["expected"]) or _wish(row.get("wish")))
    return [levels("Gets", "delivered"), levels("Agreed", "entitled"), wants]


def _wish(wish: object) -> str:
    return WISHES.get(str(wish), "\N{EN DASH}")


def typical(run: Run, rows: pd.DataFrame) -> str:
    """Say of the gaps of one attribute how much the middle account gets, has agreed and wants, or like ones get."""
    attribute = rows["attribute"].iloc[0]
    parts = [
        (column, word, rows[column].astype(float).median())
        for column, word in (("delivered", ""), ("entitled", "agreed"), ("expected", "wanted"))
    ]
    got, *others = [(word, level(value)) for _, word, value in parts]
    against = [
        f"{value} {formats.agree(1 if value == '1' else 2, 'is', 'are')} {word}" for word, value in others if value
    ]
    alike = level(rows["peer_level"].astype(float).median()) if (rows["kind"] == "peer").all() else ""
    against += [f"like accounts get {alike}"] if alike else []
    per = unit(run, attribute)
    words = got[1] + (f" {per}" if per else "")
    return f"{words}, where {' and '.join(against)}" if against else words


def by_remedy(gaps: pd.DataFrame) -> pd.DataFrame:
    """Give the gaps by stated levels, which have a remedy each; a comparison with like accounts has none."""
    return gaps[gaps["kind"] != "peer"]
