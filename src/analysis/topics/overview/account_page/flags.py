"""What is to be known of an account at a glance: a word for each judgement that holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from analysis.formats import amount, is_known
from analysis.reporting.fragments import Tone
from analysis.reporting.markup import Html, element, join

Row = Mapping[Any, Any]


class Flag(NamedTuple):
    """A word with its tone, and when it holds."""

    word: str
    tone: Tone
    holds: Callable[[Row], bool]


def is_true(value: object) -> bool:
    """Whether a judgement holds; one that was not made does not.

    Examples
    --------
    >>> import pandas as pd
    >>> is_true(True), is_true(pd.NA), is_true(float("nan"))
    (True, False, False)
    """
    return isinstance(value, (bool, np.bool_)) and bool(value)


def _true(column: str) -> Callable[[Row], bool]:
    return lambda row: is_true(row.get(column))


def loses(row: Row) -> bool:
    """Whether the account costs more than it brings, net of all costs."""
    return is_known(row.get("net_margin")) and round(float(row["net_margin"]), 2) < 0


FLAGS = (
    Flag("loses money", "cost", loses),
    Flag("over-served", "over", _true("over_served")),
    Flag("under-served", "earn", _true("under_served")),
    Flag("difficult", "difficult", _true("difficult")),
    Flag("our failures", "cost", _true("difficult_by_us")),
    Flag("quietly difficult", "difficult", lambda row: row.get("perception") == "quietly_difficult"),
    Flag("unfairly labelled", "", lambda row: row.get("perception") == "unfairly_labelled"),
    Flag("protect first", "earn", _true("protect_first")),
)


def flags(row: Row, *, with_amount: bool = False) -> Html:
    """Set the words that hold for an account; `with_amount` says how much it loses."""
    found = [flag for flag in FLAGS if flag.holds(row)]
    return join(*(element("span", _words(flag, row, with_amount), class_=_kind(flag)) for flag in found), by=" ")


def _words(flag: Flag, row: Row, with_amount: bool) -> str:
    return f"loses {amount(-float(row['net_margin']))}" if with_amount and flag.holds is loses else flag.word


def _kind(flag: Flag) -> str:
    return f"flag {flag.tone}".strip()
