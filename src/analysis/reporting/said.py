"""How a step's words are written."""

from __future__ import annotations

from analysis.reporting.markup import Html, element, name, plain

#: What is said where an account has no row, or its table is not there.
UNKNOWN = "not decided"


def said(words: object) -> Html:
    """Write a step's sentence: it may hold names from the data, so it is escaped and kept on one line."""
    return element("span", name(plain(words) or UNKNOWN, longest=400), class_="said")
