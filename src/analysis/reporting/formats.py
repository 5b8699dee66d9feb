"""The words for numbers, as every part of the house writes them (see `analysis.formats`)."""

from analysis.formats import *  # noqa: F403
from analysis.formats import GAP, MINUS, NOT_MEASURED, is_known

__all__ = ["GAP", "MINUS", "NOT_MEASURED", "is_known"]
