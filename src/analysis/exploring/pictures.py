"""A figure as a picture, for a widget that shows the next one in its place."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from analysis.reporting import palette
from analysis.reporting.drawing import HALF, new_axes, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHARP = 144


def picture(plot: Callable[[Axes], Any], height: int = 420, width: int = HALF) -> bytes:
    """Draw and return a PNG, on light ground, as its colours are for that."""
    from matplotlib import rc_context

    axes = new_axes(width, height)
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("The axes is on no figure.")
    with rc_context(style(width)):
        plot(axes)
        drawn = io.BytesIO()
        # Packed quickly rather than tightly: it goes no further than the browser.
        quick = {"compress_level": 1}
        figure.savefig(drawn, format="png", dpi=SHARP, facecolor=palette.GROUND.light, pil_kwargs=quick)
    return drawn.getvalue()
