"""Pages in a headless browser: the browser, and the run folder that they are opened from."""

import runpy
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_output

from tests.pages import QUICK, module_of

ROOT = Path(__file__).parents[2]
PAGES = {"executive": "index.html", "profitability": "profitability.html"}


def write_pages(run: object, folder: Path) -> None:
    for notebook, page in PAGES.items():
        write_page(run, notebook, folder / page)


def write_page(run: object, notebook: str, page: Path) -> None:
    from analysis.publishing.explore_cells import without_explore_cells
    from analysis.publishing.pages import render_page

    module = module_of(notebook)
    book = nbformat.read(ROOT / "notebooks" / f"{notebook}.ipynb", 4)
    book.cells = without_explore_cells(book.cells)
    for cell in book.cells[2:]:
        if cell.cell_type == "code":
            part = getattr(module, cell.source.removeprefix(f"{notebook}.").partition("(")[0])(run)
            cell.outputs = [new_output("execute_result", {"text/html": str(part)}, execution_count=1)]
    page.write_text(render_page(book), encoding="utf-8")


@pytest.fixture(scope="session")
def made_run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of a hand-made run, hostile names and all."""
    folder_of_made = ROOT / "tests" / "reporting"
    made = runpy.run_path(str(folder_of_made / "made.py")) | runpy.run_path(str(folder_of_made / "made_sure.py"))
    accounts = made["portfolio"](120, judged=True)
    folder = tmp_path_factory.mktemp("run")
    run = made["made_run"](accounts, last_year=made["a_year_before"](accounts))
    write_pages(made["sure_run"](run), folder)
    return folder


@pytest.fixture(scope="session")
def asked_for_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages that a run only has where they are asked for: of sellers, and of a backtest."""
    from analysis import Portfolio
    from analysis.topics.backtest.judgement.backtest import Backtest

    folder, sample = tmp_path_factory.mktemp("asked"), ROOT / "data" / "sample"
    sellers = Portfolio(sample, policy={**QUICK, "sellers": {"publish": True}})
    write_page(sellers, "account_managers", folder / "account_managers.html")
    write_page(Backtest(sample, "2026-04-30", "2026-04-30", policy=QUICK), "backtest", folder / "backtest.html")
    return folder
