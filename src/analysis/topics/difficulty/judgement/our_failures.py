"""What we fail accounts with, each a rate with its numerator and its denominator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.data.contract import conform

if TYPE_CHECKING:
    import pandas as pd


#: A count that is nearer to a whole number is one.
_HAIR = 0.05


@dataclass(frozen=True)
class Failure:
    """A failure of ours: the columns of the account's sums that it is made of, and the words around its numbers.

    `shown` is the column of what the record itself counts, where `count` is what a model explains of it.
    """

    name: str
    count: str
    of: str
    reads: tuple[str, str]
    shown: str = ""


FAILURES = (
    Failure("missed_promises", "missed", "missed_of", ("We missed", "dates that we had promised")),
    Failure("slow_answers", "slow", "slow_of", ("We were slow to answer", "cases")),
    Failure("no_date", "undated", "undated_of", ("We gave no date for", "cases")),
    Failure("handoffs", "handed_on", "handed_on_of", ("We passed on from hand to hand", "cases")),
    Failure("silent_gaps", "silent", "silent_of", ("We left without a word for days", "cases")),
    Failure("amends", "mended", "mended_of", ("We had to make amends in", "cases")),
    Failure(
        "reopened_by_us",
        "reopened_ours",
        "reopened_of",
        ("Reopened after a failure of ours:", "cases"),
        "reopened_shown",
    ),
    Failure(
        "escalated_by_us",
        "escalated_ours",
        "escalated_of",
        ("Escalated after a failure of ours:", "cases"),
        "escalated_shown",
    ),
    Failure(
        "dissatisfied_by_us",
        "dissatisfied_ours",
        "dissatisfied_of",
        ("Dissatisfied after a failure of ours with", "cases that it rated"),
        "dissatisfied_shown",
    ),
    Failure("cause_ours", "claimed", "cases", ("By our own record the cause was ours in", "cases")),
    Failure("wrong_invoices", "upheld", "invoices", ("It was right to dispute", "invoices")),
    Failure("ended_with_project", "dropped", "projects", ("We were not in touch again after", "projects that closed")),
)
#: By which of them an account is told to be failed more than is normal, over how many: nothing that answers a failure
#: is among them, and nothing that a complaint alone would raise.
SIGNS_OF_FAILURE = (
    ("missed", "missed_of"),
    ("slow", "slow_of"),
    ("handed_on", "handed_on_of"),
    ("silent", "silent_of"),
    ("undated", "undated_of"),
    ("claimed", "cases"),
    ("upheld", "invoices"),
)


def our_failures(sums: pd.DataFrame) -> pd.DataFrame:
    """Return `tables/our_failures`: one row per account and failure that its record can show.

    Parameters
    ----------
    sums
        One row per account, with the columns that `FAILURES` name; empty where not measured.
    """
    import pandas as pd

    there = [failure for failure in FAILURES if failure.of in sums and failure.count in sums]
    parts = [_rows(sums, failure) for failure in there if (sums[failure.of] > 0).any()]
    found = conform(pd.concat(parts) if parts else pd.DataFrame(), "our_failures")
    return found.sort_values(["customer_id", "failure"], ignore_index=True)


def _rows(sums: pd.DataFrame, failure: Failure) -> pd.DataFrame:
    known = sums[(sums[failure.of] > 0) & sums[failure.count].notna()]
    count, of = known[failure.count].astype("float64"), known[failure.of].astype("float64")
    recorded = known[failure.shown].astype("float64").fillna(0.0) if failure.shown in known else count
    before, after = failure.reads
    told = before + " " + plain(recorded) + " of " + plain(of) + " " + nouns(of, after)
    return known[["customer_id"]].assign(
        failure=failure.name,
        recorded=recorded,
        count=count,
        of=of,
        rate=count / of,
        rate_usual=count.sum() / of.sum() if len(known) else float("nan"),
        sentence=told.where((count.round() > 0) & (recorded > 0)),
    )


def nouns(of: pd.Series[float], many: str) -> pd.Series[str]:
    """Return the noun after a number, with what follows it: `cases that it rated`, of one `case that it rated`."""
    import pandas as pd

    noun, _, rest = many.partition(" ")
    one = f"{noun.removesuffix('s')} {rest}".strip()
    return pd.Series(many, index=of.index, dtype="object").where(of.round() != 1, one)


def plain(values: pd.Series[float]) -> pd.Series[str]:
    """Return counts in words; a part of a case is told as about so many.

    Examples
    --------
    >>> import pandas as pd
    >>> plain(pd.Series([1310.0, 2.4])).tolist()
    ['1,310', 'about 2']
    """
    near = values.fillna(0.0).round()
    words = near.astype("int64").map("{:,}".format).astype("str")
    return words.where((values - near).abs() < _HAIR, "about " + words)
