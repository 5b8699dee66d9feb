"""What cost to serve changes: how far the ranking by net margin departs from the others, and who changes sign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.formats import agree, counted, is_known, number
from analysis.reporting.basis import basis
from analysis.reporting.fragments import paragraph, section
from analysis.reporting.markup import Html
from analysis.run import Run

SAME = 0.995
#: From which rank correlation on which words hold.
WORDS = (
    (SAME, "in the same order as {}"),
    (0.9, "in almost the same order as {}"),
    (0.7, "in much the same order as {}"),
    (0.4, "only partly in the order that they have {}"),
    (0.15, "in an order that has little to do with the one {}"),
    (-0.4, "in an order that has nothing to do with the one {}"),
    (-2.0, "rather in the reverse of the order that they have {}"),
)
RANKINGS = (("rank_correlation_gross_margin", "by gross margin"), ("rank_correlation_net_revenue", "by revenue"))


def what_it_changes(run: Run) -> Html:
    """Say what setting the cost to serve against the margin changes in the picture."""
    found = run.facts.get("what_costs_change") or {}
    if not found.get("accounts") or not found.get("work", True):
        return Html()
    words = paragraph(ranking_in_words(found))
    label = basis(run, "sales", "goods", "work", "money")
    return section("what-it-changes", changes_title(found), words, label, short="What it changes")


def changes_title(found: Mapping[str, Any]) -> str:
    """Say what cost to serve changes, or that it changes nothing.

    Examples
    --------
    >>> changes_title({"accounts": 9, "turned_to_loss": 0, "rank_correlation_gross_margin": 1.0})
    'Cost to serve changes nothing: no account turns, and the order stays'
    """
    turned, same = int(found["turned_to_loss"]), found.get("rank_correlation_gross_margin")
    if turned:
        verb = agree(turned, "earns at gross margin and costs", "earn at gross margin and cost")
        return f"{counted(turned, 'account')} {verb} more than {agree(turned, 'it brings', 'they bring')} in the end"
    if is_known(same) and float(same) >= SAME:  # type: ignore[arg-type]
        return "Cost to serve changes nothing: no account turns, and the order stays"
    return "Cost to serve turns no account from gain to loss"


def ranking_in_words(found: Mapping[str, Any]) -> str:
    """Say how the ranking by net margin compares with those by gross margin and by revenue."""
    known = [(float(found[key]), by) for key, by in RANKINGS if is_known(found.get(key))]
    if not known:
        few = int(found.get("accounts") or 0)
        if not few:
            return "No account has a measured margin, so there is nothing to rank."
        return f"{counted(few, 'account').capitalize()} {agree(few, 'is', 'are')} too few, or too alike, to rank."
    told: dict[str, list[str]] = {}
    for correlation, by in known:
        shown = f"{by} ({'' if told else 'rank correlation '}{number(correlation, 2)})"
        told.setdefault(next(words for least, words in WORDS if correlation >= least), []).append(shown)
    parts = [words.format(" and ".join(rankings)) for words, rankings in told.items()]
    return f"Ranked by net margin the accounts stand {', and '.join(parts)}."
