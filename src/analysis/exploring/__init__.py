"""What an analyst explores with in JupyterLab: frames that read well and axes to go on with."""

from analysis.exploring.axes import axes
from analysis.exploring.bars import plot_bars
from analysis.exploring.buying import buying
from analysis.exploring.scatter import plot_scatter
from analysis.exploring.shown import named, shown

__all__ = ["axes", "buying", "named", "plot_bars", "plot_scatter", "shown"]
