"""What the record itself counts of a behaviour: whole cases, orders and invoices, for the sentences about it.

What is judged leaves out what our failures explain, what was agreed, and half of what is still open: such a count is
right for a score and wrong in a sentence that somebody may check against the desk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: By the column that is judged: the column of the record's own count is called so, where it is another.
SUFFIX = "_recorded"
#: Of what is judged without what was agreed, that some of it was.
AGREED = ("short_notice", "after_hours", "rushed")
#: Columns that say how many of the recorded ones were something else, and the words for it; `rest` of a case.
PARTS = {
    "escalated": (("escalated_shown", "after {} of ours"),),
    "reopened": (("reopened_shown", "after {} of ours"),),
    "dissatisfied": (("dissatisfied_shown", "after {} of ours"),),
    "disputed_invoices": (("upheld", "rightly"), ("open_disputes", "still open")),
}
#: A judged count that is nearer to the recorded one than this is the same.
_HAIR = 0.05


def recorded(sums: pd.DataFrame, column: str) -> pd.Series[float]:
    """Return the record's own count of what a column of the account's sums is made of."""
    own = column + SUFFIX
    found: pd.Series[float] = sums[own if own in sums else column].astype("float64").fillna(0.0)
    return found


def told_apart(sums: pd.DataFrame, column: str, counted: pd.Series[float]) -> pd.Series[str]:
    """Return what a sentence adds to the recorded count: how many of it were rightly so, agreed or our doing.

    Parameters
    ----------
    sums
        One row per account.
    column
        The column that is judged.
    counted
        The count that is judged, in the order of `sums`.
    """
    import pandas as pd

    every = recorded(sums, column).reset_index(drop=True)
    words = pd.Series("", index=every.index, dtype="object")
    if column in AGREED:
        less = every - counted.reset_index(drop=True) > _HAIR
        return words.where(~less, ", in part as agreed")
    for part, after in PARTS.get(column, ()):
        if part in sums:
            words = _joined(words, sums[part].fillna(0.0).reset_index(drop=True), every, after)
    return words


def _joined(words: pd.Series[str], part: pd.Series[float], every: pd.Series[float], after: str) -> pd.Series[str]:
    """Return the words with one part more, where there is any of it."""
    number = part.round().astype("int64")
    many = after.format("failures")
    one = after.format("a failure")
    told = number.map("{:,}".format).astype("str") + " of them " + many
    told = told.where(number != 1, "one of them " + one).where(number < every.round(), "all " + many)
    told = told.where((every > 1) | (number != 1), one)
    first = words == ""
    return words.where(number <= 0, (words + " and ").where(~first, ", ") + told)
