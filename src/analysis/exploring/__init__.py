"""What an analyst explores with in JupyterLab: frames that read well, axes to go on with, and panels of sliders."""

from analysis.exploring.axes import axes
from analysis.exploring.bars import plot_bars
from analysis.exploring.buying import buying
from analysis.exploring.explorer import Explorer
from analysis.exploring.scatter import plot_scatter
from analysis.exploring.shown import shown

__all__ = ["Explorer", "axes", "buying", "plot_bars", "plot_scatter", "shown"]
