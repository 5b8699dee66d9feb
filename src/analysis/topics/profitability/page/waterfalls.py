"""A statement on a page: the waterfall with its words."""

from __future__ import annotations

from analysis.formats import money
from analysis.reporting.drawing import draw
from analysis.reporting.markup import Html
from analysis.topics.profitability.figures.waterfall import Step, height, plot_waterfall


def waterfall(steps: list[Step], key: str, currency: str, what: str) -> Html:
    """Draw the steps, with all their amounts in the text for who cannot see it.

    Parameters
    ----------
    steps
        The lines.
    key
        The figure's id on the page.
    currency
        Of the amounts.
    what
        What it is a waterfall of, such as "The portfolio's statement".
    """
    lines = "; ".join(f"{step.label} {money(step.amount, currency)}" for step in steps)
    tall = height(steps)
    return draw(
        lambda ax: plot_waterfall(steps, currency, ax),
        name=key,
        alt=f"{what} as a waterfall: {lines}.",
        heights=(tall, tall),
        caption=f"Amounts in {currency}.",
    )
