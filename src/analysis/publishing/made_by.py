"""Which notebook made a page, with which parameters: what stands beneath every page, for whoever wants to look on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.reporting.markup import Html, join, name

LONGEST = 300


def made_by(notebook: str, parameters: Mapping[str, Any], folder: str = "notebooks") -> Html:
    """Name the notebook by its path, which JupyterLab opens, and its parameters as they stand in its first cell.

    Where the data lay is left out: the notebook read the run's tables, and a page goes to people outside.

    Examples
    --------
    >>> made_by("segments", {"data": "/srv/data", "policy": {}, "tables": ".."}).count("notebooks/segments.ipynb")
    1
    """
    shown = {key: value for key, value in parameters.items() if key != "data" and value != {}}
    said = ", ".join(f"{key} = {value!r}" for key, value in shown.items())
    file = f"{folder}/{notebook}.ipynb" if folder else f"{notebook}.ipynb"
    return join("Open in JupyterLab: ", name(file), " (", name(said, longest=LONGEST), ").")
