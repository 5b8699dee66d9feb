"""What a run says of perception: how many were rated, judged and shown, and what was left out and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from analysis.formats import counted
from analysis.topics.perception.judgement.perception import TOO_FEW_RATINGS

if TYPE_CHECKING:
    from analysis.tables.computed import Computed


def perception_facts(of: Computed) -> dict[str, Any] | None:
    """Return how many ratings count, and how many accounts were rated, judged and may be shown; None without any."""
    if of.perceived is None:
        return None
    judged = of.perceived.judged
    return {
        "ratings": len(of.perceived.ratings),
        "accounts": len(of.listed),
        "rated": len(judged),
        "judged": int(judged.perception.notna().sum()),
        "shown": int(judged.shown.sum()),
    }


def perception_left_out(of: Computed) -> Iterator[tuple[str, str]]:
    """Yield whose perception is not judged or not shown, and why."""
    if "perceptions" not in of.checked:
        yield "What staff think of accounts", "the dataset has no `perceptions`"
        return
    if of.perceived is None:
        yield "What staff think of accounts", TOO_FEW_RATINGS
        return
    judged, policy = of.perceived.judged, of.policy.perception
    few = judged.raters < policy.judged_raters
    reasons = {
        f"nobody rated {{}} in the last {policy.months} months": len(of.listed) - len(judged),
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
    withheld = int(of.departments.perception_gap.isna().sum())
    if withheld:
        yield (
            f"The view of {withheld} department{'s' if withheld != 1 else ''}",
            f"it would rest on fewer than {policy.shown_raters} people, or give others away who are",
        )


def _of(what: str, count: int) -> str:
    return f"{what} of {counted(count, 'account')}"
