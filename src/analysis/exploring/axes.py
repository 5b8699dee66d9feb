"""An axes of pyplot in the project's style, which a notebook shows beneath its cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.reporting import palette
from analysis.reporting.drawing import WIDE, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def axes(height: int = 400, width: int = WIDE) -> Axes:
    """Make an axes of so many pixels for any figure of the package, of pandas or of seaborn.

    It puts pyplot into the project's style, for this axes and those after it. Its ground is light also in a dark Lab,
    as its colours are those for light ground.

    Examples
    --------
    >>> axes(height=300).get_figure().get_size_inches().round(1).tolist()
    [10.0, 4.2]
    """
    import matplotlib.pyplot as plt

    plt.rcParams.update(style(width))
    figure, drawn = plt.subplots(figsize=(width / 72, height / 72), layout="constrained")
    for ground in (figure, drawn):
        ground.set_facecolor(palette.GROUND.light)
    return drawn
