"""A figure on a page: drawn twice, wide and for a phone, with words for who cannot see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from analysis.reporting import palette
from analysis.reporting.markup import Child, Html, element, slug
from analysis.reporting.svg import STYLE, SVG, to_svg, to_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE, HALF, NARROW = 720, 540, 340
LETTERS = {WIDE: 14.0, HALF: 13.0, NARROW: 12.0}


def draw(
    plot: Callable[[Axes], Any],
    *,
    name: str,
    alt: str,
    heights: tuple[int, int],
    width: int = WIDE,
    caption: Child = None,
) -> Html:
    """Draw a figure wide and narrow and return it as HTML.

    Parameters
    ----------
    plot
        Draws on the axes that it is given.
    name
        The figure's id on the page; unique there.
    alt
        What the figure shows, in words: for who cannot see it. Required.
    heights
        The heights in pixels of the wide and of the narrow drawing.
    width
        How wide the wide drawing is: `WIDE`, or `HALF` for one of two beside each other.
    caption
        What stands beneath: how to read it.
    """
    if not alt.strip():
        raise ValueError(f"The figure {name!r} has no alt text. Say in words what it shows.")
    wide = _drawing(plot, f"{slug(name)}-w", alt, width, heights[0])
    narrow = _drawing(plot, f"{slug(name)}-n", alt, NARROW, heights[1])
    return element(
        "figure",
        element("div", wide, class_="wide", style=f"max-width:{round(width * 1.15)}px"),
        element("div", narrow, class_="narrow", hidden=True),
        element("figcaption", caption) if caption else None,
        class_="drawing",
    )


def new_axes(width: int = WIDE, height: int = 400) -> Axes:
    """Make an axes of so many pixels, in the project's style, apart from pyplot."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with rc_context(style(width)):
        figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.subplots()
    figure.set_facecolor("none")
    axes.set_facecolor("none")
    return axes


def is_narrow(axes: Axes) -> bool:
    """Whether the axes is drawn for a phone."""
    figure = axes.get_figure(root=True)
    return figure is not None and figure.get_figwidth() * 72 < (HALF + NARROW) / 2


def tidy(axes: Axes, *, grid: str = "both") -> None:
    """Leave only quiet grid lines and the words."""
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, bottom=False, left=False, labelcolor=palette.MUTED.light)
    axes.set_axisbelow(True)
    if grid:
        axes.grid(True, axis=grid, color=palette.RULE.light, linewidth=0.8)  # type: ignore[arg-type]


def say(axes: Axes, words: str) -> Axes:
    """Show a sentence instead of an empty figure."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, words, ha="center", va="center", transform=axes.transAxes, color=palette.MUTED.light, wrap=True)
    return axes


def _drawing(plot: Callable[[Axes], Any], prefix: str, alt: str, width: int, height: int) -> Html:
    from matplotlib import rc_context

    axes = new_axes(width, height)
    with rc_context(style(width)):
        plot(axes)
        figure = axes.get_figure(root=True)
        if figure is None:
            raise ValueError("The plot took its axes off the figure.")
        root = to_svg(figure, prefix)
    linked = any(node.tag == f"{{{SVG}}}a" for node in root.iter())
    root.set("role", "group" if linked else "img")
    root.set("aria-label", alt)
    return Html(to_text(root))


def style(width: int = WIDE) -> dict[Any, Any]:
    """Give matplotlib's settings for a figure of so many pixels."""
    letters = LETTERS.get(width, LETTERS[WIDE])
    sizes = dict.fromkeys(("font.size", "axes.labelsize", "xtick.labelsize", "ytick.labelsize"), letters)
    ink = {"text.color": palette.INK.light, "axes.labelcolor": palette.MUTED.light}
    return {**STYLE, **sizes, **ink}
