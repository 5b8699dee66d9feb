"""Cells that serve exploring alone: an analyst in JupyterLab has them, a run and its pages do without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

EXPLORE = "explore"


def without_explore_cells(cells: Iterable[Mapping[str, Any]]) -> list[Any]:
    """Return the cells that a run needs, of a notebook as nbformat or JSON gives it: those without the tag `explore`.

    Examples
    --------
    >>> cells = [{"source": "p.accounts", "metadata": {"tags": ["explore"]}}, {"source": "opening(p)", "metadata": {}}]
    >>> [cell["source"] for cell in without_explore_cells(cells)]
    ['opening(p)']
    """
    return [cell for cell in cells if EXPLORE not in cell["metadata"].get("tags", ())]
