"""What the codes of the tables are called on a page."""

from __future__ import annotations

from typing import NamedTuple


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
        "lose money without taking much service, so price, goods or discounts weigh more",
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

_BY_CODE = {segment.code: segment for segment in SEGMENTS}


def segment_title(code: object) -> str:
    """Give a segment's readable title; an empty code is said in words.

    Examples
    --------
    >>> segment_title("unprofitable_high_demand"), segment_title(None)
    ('Loss-making, much service', 'not placed')
    """
    found = _BY_CODE.get(str(code))
    return found.title if found else "not placed"
