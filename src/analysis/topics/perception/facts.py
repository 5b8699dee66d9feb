"""What a run says of perception: how many were rated, judged and shown, and what was left out and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from analysis.data.checks import Checked
from analysis.formats import counted
from analysis.policy import Policy
from analysis.tables.catalogue import CATALOGUE
from analysis.topics.perception.judgement.perception import TOO_FEW_RATINGS, Perceived
from analysis.topics.perception.policy import Perception

if TYPE_CHECKING:
    import pandas as pd


@CATALOGUE.part()
def perception_facts(perceived: Perceived | None, listed: pd.DataFrame) -> dict[str, Any] | None:
    """Return how many ratings count, and how many accounts were rated, judged and may be shown; None without any."""
    if perceived is None:
        return None
    judged = perceived.judged
    return {
        "ratings": len(perceived.ratings),
        "accounts": len(listed),
        "rated": len(judged),
        "judged": int(judged.perception.notna().sum()),
        "shown": int(judged.shown.sum()),
    }


@CATALOGUE.part("perception")
def perception_left_out(
    checked: Checked, perceived: Perceived | None, listed: pd.DataFrame, departments: pd.DataFrame, policy: Policy
) -> list[tuple[str, str]]:
    """Return whose perception is not judged or not shown, and why."""
    if "perceptions" not in checked:
        return [("What staff think of accounts", "the dataset has no `perceptions`")]
    if perceived is None:
        return [("What staff think of accounts", TOO_FEW_RATINGS)]
    return [*_left_out(perceived.judged, listed, departments, policy.perception)]


def _left_out(
    judged: pd.DataFrame, listed: pd.DataFrame, departments: pd.DataFrame, policy: Perception
) -> Iterator[tuple[str, str]]:
    few = judged.raters < policy.judged_raters
    reasons = {
        f"nobody rated {{}} in the last {policy.months} months": len(listed) - len(judged),
        f"fewer than {policy.judged_raters} people rated {{}}": int(few.sum()),
        "the trouble with {} is not scored": int((judged.perception.isna() & ~few & ~judged.bare).sum()),
        "few find {} hard, and no case can be set against that": int(judged.bare.sum()),
    }
    for why, count in reasons.items():
        if count:
            yield _of("Perception", count), why.format("it" if count == 1 else "them")
    hidden = int((judged.perception.notna() & ~judged.shown).sum())
    if hidden:
        yield (
            _of("The figures of perception", hidden),
            f"fewer than {policy.shown_raters} people rated {'it' if hidden == 1 else 'them'}",
        )
    withheld = int(departments.perception_gap.isna().sum())
    if withheld:
        yield (
            f"The view of {withheld} department{'s' if withheld != 1 else ''}",
            f"it would rest on fewer than {policy.shown_raters} people, or give others away who are",
        )


def _of(what: str, count: int) -> str:
    return f"{what} of {counted(count, 'account')}"
