"""Small marks that stand in a line of a table; what they show is said in numbers beside them."""

from __future__ import annotations

from analysis.reporting.markup import Html, element

WIDTH, HEIGHT, EDGE = 110, 14, 4


def interval_mark(low: float, middle: float, high: float, scale: tuple[float, float]) -> Html:
    """Draw a range as a bar with a dot at the stated value and a tick at zero.

    Parameters
    ----------
    low, middle, high
        The range and the stated value.
    scale
        The amounts at the mark's left and right end, the same for all rows; zero lies within.
    """
    first, last = scale
    size = (last - first) or 1.0

    def at(amount: float) -> str:
        return f"{EDGE + (amount - first) / size * (WIDTH - 2 * EDGE):.1f}"

    half = HEIGHT // 2
    width = max(float(at(high)) - float(at(low)), 0.5)
    tone = "cost" if middle < 0 else "earn"
    return element(
        "svg",
        element("path", d=f"M{at(0)} 1V{HEIGHT - 1}", class_="zero"),
        element("rect", x=at(low), y=str(half - 3), width=f"{width:.1f}", height="6", rx="3"),
        element("circle", cx=at(middle), cy=str(half), r="3.6"),
        class_=f"mark {tone}",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        aria_hidden="true",
    )
