"""What the codes of the tables are called on a page."""

from __future__ import annotations

from typing import NamedTuple

from analysis.policy import Segments
from analysis.reporting.markup import titled


class Segment(NamedTuple):
    """A segment: its code in the tables, its title, and in words who is in it."""

    code: str
    title: str
    meaning: str
    profitable: bool
    high_demand: bool


SEGMENTS = (
    Segment(
        "profitable_low_demand",
        "Profitable, little service",
        "earn money and take less service than the portfolio does",
        profitable=True,
        high_demand=False,
    ),
    Segment(
        "profitable_high_demand",
        "Profitable, much service",
        "earn money although they take more service than the portfolio does",
        profitable=True,
        high_demand=True,
    ),
    Segment(
        "unprofitable_low_demand",
        "Loss-making, little service",
        "lose money without taking much service, so price, goods, discounts or waiting for money weigh more",
        profitable=False,
        high_demand=False,
    ),
    Segment(
        "unprofitable_high_demand",
        "Loss-making, much service",
        "lose money and take more service than the portfolio does",
        profitable=False,
        high_demand=True,
    ),
)


def segment_meaning(segment: Segment, choices: Segments, accounts: int = 2) -> str:
    """Say what so many accounts in a segment do, by the policy's lines.

    Examples
    --------
    >>> segment_meaning(SEGMENTS[0], Segments())
    'earn money and take less service than the portfolio does'
    >>> segment_meaning(SEGMENTS[0], Segments(), 1)
    'earns money and takes less service than the portfolio does'
    >>> segment_meaning(SEGMENTS[1], Segments(profit_threshold=500, within_size_bands=True))
    'reach the margin asked for although they take more service than accounts of their size do'
    """
    words = segment.meaning
    if choices.profit_threshold:
        words = words.replace("earn money", "reach the margin asked for").replace("lose money", "stay below it")
    words = words.replace("the portfolio does", "accounts of their size do") if choices.within_size_bands else words
    return _of_one(words) if accounts == 1 else words


def _of_one(words: str) -> str:
    for many, one in (("they take", "it takes"), ("and take", "and takes"), ("of their size", "of its size")):
        words = words.replace(many, one)
    first, rest = words.split(" ", 1)
    return f"{first}{'es' if first.endswith('ch') else 's'} {rest}"


_BY_CODE = {segment.code: segment for segment in SEGMENTS}


def segment_title(code: object, *, served: bool = True) -> str:
    """Give a segment's readable title; an empty code is said in words.

    `served`: work is recorded; without it nobody knows who takes little of it.

    Examples
    --------
    >>> segment_title("unprofitable_high_demand"), segment_title(None)
    ('Loss-making, much service', 'not placed')
    >>> segment_title("profitable_low_demand", served=False)
    'Profitable'
    """
    found = _BY_CODE.get(str(code))
    title = found.title if found else "not placed"
    return title if served else title.partition(",")[0]


DRIVERS = {
    "discount": "Discounts",
    "returns": "Returns and credits",
    "product_mix": "Cost of goods",
    "freight": "Freight",
    "failure": "Our own failures",
    "over_service": "Over-service",
    "out_of_scope": "Work out of scope",
    "unrequested": "Work nobody asked for",
    "rush": "Rush work",
    "after_hours": "Work after hours",
    "order_size": "Order handling",
    "other_service": "Other service",
    "obtaining": "Winning business",
    "write_offs": "Write-offs",
    "financing": "Waiting for money",
}
ATTRIBUTES = {
    "after_hours_minutes": "After-hours minutes",
    "other_service": "Minutes of other service",
    "response_hours": "Hours to an answer",
}
EFFECTS = {
    "volume_effect": "More work",
    "channel_effect": "Channel",
    "minutes_effect": "Minutes each",
    "price_effect": "Price",
}


def driver_title(code: object) -> str:
    """Give a driver's readable title; one that is not known is said in its own words.

    Examples
    --------
    >>> driver_title("product_mix"), driver_title("late_evenings")
    ('Cost of goods', 'Late evenings')
    """
    return DRIVERS.get(str(code)) or titled(code)


def attribute_title(code: object) -> str:
    """Give a service attribute's readable title.

    Examples
    --------
    >>> attribute_title("site_visits"), attribute_title("after_hours_minutes")
    ('Site visits', 'After-hours minutes')
    """
    return ATTRIBUTES.get(str(code)) or titled(code, 40)


def certainty_title(code: object, *, margin: float) -> str:
    """Say whether the sign of a margin holds over the cost ranges.

    Examples
    --------
    >>> certainty_title("surely_positive", margin=5), certainty_title("sensitive", margin=-1)
    ('surely earns', 'probably costs')
    """
    sure = {"surely_positive": "surely earns", "surely_negative": "surely costs"}
    return sure.get(str(code)) or ("probably earns" if margin >= 0 else "probably costs")
