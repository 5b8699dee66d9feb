"""How sure the kinds are: what returns in data drawn anew, and the other evidence for their number."""

from __future__ import annotations

import pandas as pd

from analysis.formats import is_known, percent
from analysis.reporting import tables
from analysis.reporting.drawing import draw
from analysis.reporting.fragments import folded, paragraph, section, subsection
from analysis.reporting.markup import Html
from analysis.run import Run
from analysis.topics.archetypes.figures.stability import PATTERN, STABLE, by_number, plot_stability
from analysis.topics.archetypes.words import Kinds, found, of_group

#: From this overlap on, no percentage is told.
ALL = 0.995


def how_sure(run: Run) -> Html:
    """Show how much of each kind returns in data drawn anew, and the other evidence."""
    parts = [_evidence(run, kinds) for kinds in found(run)]
    if not any(parts):
        return Html()
    words = paragraph(
        "Accounts are drawn anew many times, and kinds looked for each time. What counts is how far the kind that "
        f"comes back overlaps with this one: below {percent(PATTERN)} it gets no name, from {percent(STABLE)} it is "
        "stable."
    )
    return section("how-sure", _sure_title(found(run)), words, *parts, short="How sure")


def _sure_title(every: list[Kinds]) -> str:
    known = [row for kinds in every for row in kinds.rows.to_dict("records")]
    if not known:
        return "No number of kinds is found again often enough"
    least = min(known, key=lambda row: float(row["stability"]))
    if float(least["stability"]) >= ALL:
        return "Every kind is found again, as good as whole, in data drawn anew"
    return f"The least sure kind overlaps to {percent(least['stability'])} with what is found in data drawn anew"


def _evidence(run: Run, kinds: Kinds) -> Html:
    rows, group = of_group(run.archetype_evidence, kinds), kinds.group
    tried = by_number(rows)
    if tried.empty:
        return Html()
    told = ", ".join(
        f"{k} {percent(least)}" for k, least in zip(tried["clusters"], tried["least_stability"], strict=True)
    )
    figure = draw(
        lambda ax: plot_stability(rows, group.colour.light, ax),
        name=f"stability-{group.code}",
        alt=f"For each number of kinds tried, how far the least stable of them returns: {told}.",
        heights=(260, 260),
        caption="Mark: the least stable of so many kinds; the line above it reaches to their mean.",
    )
    chance = f"The columns shuffled, accounts part as well in {percent(rows['chance_if_shuffled'].iloc[0])} of tries."
    return subsection(
        f"{group.who.capitalize()} accounts", figure, folded("All the evidence", _all(rows), paragraph(chance))
    )


def _all(rows: pd.DataFrame) -> Html:
    shown = [
        tables.count("Kinds", "clusters"),
        tables.Column("Method", lambda row: _method(row["method"]), number=False),
        _number("Gap", "gap"),
        _number("its error", "gap_error"),
        _number("Prediction strength", "prediction_strength"),
        _number("Silhouette", "silhouette"),
        tables.share("Found again", "stability"),
        tables.share("Least", "least_stability"),
        tables.Column(
            "Answer", lambda row: "the answer" if row["chosen"] is True or str(row["chosen"]) == "True" else "", False
        ),
    ]
    return tables.table(rows, shown, "Gap and prediction strength are of k-means")


def _method(code: object) -> str:
    return {"k_means": "k-means", "gaussian_mixture": "Gaussian mixture", "hdbscan": "HDBSCAN"}.get(str(code), "")


def _number(heading: str, column: str) -> tables.Column:
    return tables.Column(heading, lambda row: f"{float(row[column]):.2f}" if is_known(row[column]) else "")
