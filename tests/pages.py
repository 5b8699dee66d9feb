"""The pages of a portfolio as its reader sees them, without a browser: what the notebooks call, in their order."""

from __future__ import annotations

import ast
import html
import importlib
import json
import re
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import analysis
from analysis import Portfolio
from analysis.data.contract import OUTPUTS
from analysis.publishing.explore_cells import without_explore_cells
from analysis.publishing.tables import write_table
from tests.conftest import ROOT

NOTEBOOKS = ROOT / "notebooks"
#: Few draws: what is looked for is whether it runs and what it says, not how sure it is.
QUICK = {
    "uncertainty": {"draws": 200, "rank_draws": 100},
    "value": {"draws": 20},
    "steps": {"draws": 20},
}
#: As few draws as the policy allows: what is looked for is what is computed and said, not how sure it is.
FEWEST: dict[str, Any] = {
    "sellers": {"publish": True, "draws": 100},
    "uncertainty": {"draws": 100, "rank_draws": 100},
    "value": {"draws": 20},
    "steps": {"draws": 20},
    "archetypes": {"minimum": 10, "smallest": 3, "most": 3, "references": 10, "shuffles": 19, "splits": 2},
}
PAGES = (
    *("executive", "actions", "value", "profitability", "segments"),
    *("over_served", "difficult", "perception", "archetypes", "service_demand", "cuts", "method"),
)
#: No value of the code is a word of ours; "None of 34" is.
SLIP = re.compile(r"\b(nan|NaN|None(?! of )|NaT|inf)\b|<NA>")


def seen(page: str) -> str:
    """Return what a reader sees."""
    page = re.sub(r"</?(a|b|bdi|code|em|i|strong)\b[^>]*>", "", page)
    page = re.sub(r"<(style|title)\b.*?</\1>", "", page, flags=re.S)
    page = re.sub(r"</(p|td|th|h\d|li|tr|caption|summary|dd|dt|div)>", " \n", page)
    text = html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ").replace("\N{MINUS SIGN}", "-")
    return re.sub(r"[ \t]+", " ", text)


def slip(text: str) -> str:
    """Return a value of the code that stands among the words, with what is around it; empty where there is none."""
    found = SLIP.search(text)
    return text[max(found.start() - 60, 0) : found.end() + 60] if found else ""


@cache
def _calls(notebook: str) -> tuple[str, tuple[str, ...]]:
    # As JSON: nbformat takes seconds to import.
    cells = json.loads((NOTEBOOKS / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in without_explore_cells(cells) if cell["cell_type"] == "code"]
    own = [line for line in code[1].splitlines() if not line.startswith(("from analysis import", "p = "))]
    imports = "\n".join([code[0], *own])
    return imports, tuple(ast.unparse(node) for source in code[2:] for node in ast.parse(source).body)


def written(run: Portfolio, notebook: str) -> str:
    """Call what the notebook calls, in its order, and return the page as it is written."""
    imports, calls = _calls(notebook)
    space: dict[str, object] = {"p": run}
    exec(imports, space)  # noqa: S102
    return "".join(str(eval(call, space)) for call in calls)  # noqa: S307


def words(run: Portfolio, notebook: str) -> str:
    """Return what a reader of the page sees."""
    return seen(written(run, notebook))


def all_words(run: Portfolio) -> dict[str, str]:
    """Return the words of every page."""
    return {page: words(run, page) for page in PAGES}


def module_of(page: str) -> ModuleType:
    """Return the module that a page's sections stand in, whichever topic's room it is."""
    found = [*(Path(analysis.__file__).parent / "topics").glob(f"*/page/{page}.py")]
    assert len(found) == 1, f"{page} stands {len(found)} times"
    return importlib.import_module(f"analysis.topics.{found[0].parts[-3]}.page.{page}")


def write_tables(run: Portfolio, folder: Path) -> None:
    """Write every table of the contract of a portfolio that keeps them."""
    for name in OUTPUTS:
        write_table(run.table(name), folder, name)
