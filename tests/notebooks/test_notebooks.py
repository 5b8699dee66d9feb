"""The notebooks: thin, without output, and what they show an analyst; a run leaves out what serves exploring."""

import ast
import html
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import nbformat
import pytest

from analysis import Portfolio
from analysis.data.contract import BACKTEST, empty
from analysis.policy import Policy
from analysis.publishing import notebooks
from analysis.publishing.explore_cells import EXPLORE, without_explore_cells
from tests.conftest import ROOT

NOTEBOOKS = ROOT / "notebooks"
#: Of no page: where a day begins, and where lines are moved.
OF_NO_PAGE = {"start", "explore"}
REPORTS = sorted({path.stem for path in NOTEBOOKS.glob("*.ipynb")} - OF_NO_PAGE)
OF_A_RUN = [name for name in REPORTS if name != "backtest"]


def source(cell: dict) -> str:
    return "".join(cell["source"])


def cells_of(name: str) -> list[dict]:
    return json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]


def explored(name: str, **space: object) -> list[object]:
    """Run what an analyst has beyond the page, its portfolio given; return what the cells show."""
    showed: list[object] = []
    opened = next(iter(space))
    for cell in cells_of(name):
        tags = cell["metadata"].get("tags", ())
        if cell["cell_type"] != "code" or not (EXPLORE in tags or "(data, " in source(cell) or "parameters" in tags):
            continue
        body = [node for node in ast.parse(source(cell)).body if not ast.unparse(node).startswith(f"{opened} = ")]
        last = body.pop() if isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), name, "exec"), space)  # noqa: S102
        if last:
            showed.append(eval(compile(ast.Expression(last.value), name, "eval"), space))  # noqa: S307
    return showed


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.mark.parametrize("file", sorted(NOTEBOOKS.rglob("[!.]*.ipynb")), ids=lambda file: file.stem)
def test_notebooks_are_thin_and_without_output(file: Path) -> None:
    book = nbformat.read(file, 4)
    nbformat.validate(book)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert not [node for cell in code for node in ast.walk(ast.parse(cell.source))
                if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If))]  # fmt: skip
    assert book.metadata["kernelspec"]["name"] == "python3"
    assert code[0].metadata["tags"] == ["parameters"]
    assert code[0].source.startswith('data = "data/sample"\n')


@pytest.mark.parametrize("name", REPORTS)
def test_a_notebook_asks_before_it_shows(name: str) -> None:
    """Of an analysis: questions in words, a frame that answers and a plot to go on with, beside the page's sections."""
    cells = cells_of(name)
    assert source(cells[0]).startswith("# ")
    questions = [cell for cell in cells if cell["cell_type"] == "markdown" and source(cell).startswith("## ")]
    assert len(questions) >= 2
    assert all("?" in source(cell).splitlines()[0] for cell in questions)
    code = "\n".join(source(cell) for cell in cells if cell["cell_type"] == "code")
    assert code.count("shown(") >= 2
    assert "axes(" in code


@pytest.fixture(scope="module")
def finished(sample_run: Path) -> Portfolio:
    return Portfolio(tables=sample_run)


@pytest.mark.parametrize("name", OF_A_RUN)
def test_every_cell_shows_something_of_a_finished_run(name: str, finished: Portfolio) -> None:
    frames = [frame.to_html() for frame in explored(name, p=finished) if hasattr(frame, "to_html")]
    assert len(frames) >= 2
    assert all("<table" in frame for frame in frames)
    figures = [plt.figure(number) for number in plt.get_fignums()]
    assert figures
    assert all(figure.axes[0].has_data() or figure.axes[0].texts for figure in figures)


@pytest.mark.slow
def test_every_cell_runs_where_next_to_nothing_is_known(write_dataset) -> None:
    """One account with one sale: no work, no cases, no wishes, no books."""
    data = write_dataset(customers="customer_id,name\n007,Alder\n", transactions="""
transaction_id,customer_id,date,kind,net_amount
T1,007,2026-10-05,sale,100
""")  # fmt: skip
    little = Portfolio(data, "2026-10-31")
    for name in OF_A_RUN:
        assert explored(name, p=little)
        plt.close("all")


def whole(file: str, **given: object) -> dict[str, object]:
    """Run a notebook to its end with the parameters given; return what it holds then."""
    space: dict[str, object] = {}
    for cell in cells_of(file):
        if cell["cell_type"] == "code":
            exec(source(cell), space)  # noqa: S102
            space |= given if "parameters" in cell["metadata"].get("tags", ()) else {}
    return space


def test_the_methods_run_on_the_sample(sample_run: Path) -> None:
    assert whole("methods/archetypes", tables=sample_run)["found"].answer_ in {"one", "kinds"}
    judged = whole("methods/like_accounts", tables=sample_run)["judged"]
    assert set(judged.nsmallest(20, "chance").index) & set(Portfolio(tables=sample_run).accounts.query(
        "over_served == True")["customer_id"])  # fmt: skip


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.skipif("MUTUAL_VALUE_REAL_DATA" not in os.environ, reason="MUTUAL_VALUE_REAL_DATA names the real data")
def test_the_methods_run_on_what_textbooks_use() -> None:
    """Whoever spends twice as much an order takes about twice as many CDs: they cost about the same."""
    cdnow = Path(os.environ["MUTUAL_VALUE_REAL_DATA"]) / "cdnow"
    held = whole("methods/like_accounts", data=ROOT / "data" / "sample", cdnow=cdnow)
    assert len(held["frame"]) == 23_570
    assert 0.8 < held["model"][-1].coef_[1] < 1.1


def test_a_run_leaves_out_what_serves_exploring(sample_run: Path) -> None:
    """Exploring costs a run nothing: no such cell was executed, and none is in what it keeps."""
    for report in notebooks.REPORTS:
        kept = nbformat.read(sample_run / "notebooks" / f"{report.notebook}.ipynb", 4)
        own = nbformat.read(NOTEBOOKS / f"{report.notebook}.ipynb", 4)
        assert [cell.id for cell in kept.cells if cell.id != "injected-parameters"] == [
            cell.id for cell in without_explore_cells(own.cells)
        ]
        assert "analysis.exploring" not in nbformat.writes(kept)
        assert any(EXPLORE in cell.metadata.get("tags", ()) for cell in own.cells)


def test_a_page_names_the_notebook_and_the_parameters_that_made_it(sample_run: Path) -> None:
    for report in notebooks.REPORTS:
        foot = (sample_run / report.page).read_text(encoding="utf-8").rpartition("<footer")[2]
        words = html.unescape(re.sub("<[^>]+>", "", foot))
        assert f"Open in JupyterLab: notebooks/{report.notebook}.ipynb (as_of = '2026-10-31', tables = '..')" in words
        assert (sample_run / "notebooks" / f"{report.notebook}.ipynb").exists()


def test_the_first_notebook_leads_to_all_others() -> None:
    text = "\n".join(source(cell) for cell in cells_of("start") if cell["cell_type"] == "markdown")
    linked = set(re.findall(r"\]\(([^)]+\.ipynb)\)", text))
    there = {file.relative_to(NOTEBOOKS).as_posix() for file in NOTEBOOKS.rglob("[!.]*.ipynb")}
    assert linked == there - {"start.ipynb"}
    assert "jupyter lab notebooks/start.ipynb" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_a_page_says_nothing_that_serves_exploring(sample_run: Path) -> None:
    for report in notebooks.REPORTS:
        page = (sample_run / report.page).read_text(encoding="utf-8")
        assert "Every frame is pandas" not in page
        questions = [source(cell).splitlines()[0].lstrip("# ") for cell in cells_of(report.notebook)
                     if cell["cell_type"] == "markdown" and EXPLORE in cell["metadata"].get("tags", ())]  # fmt: skip
        assert not [words for words in questions if words in page]


def test_every_cell_runs_on_a_backtest_that_could_replay_nothing() -> None:
    past = SimpleNamespace(policy=Policy.read(None, {}), **{name: empty(name) for name in BACKTEST})
    assert len(explored("backtest", b=past)) >= 2
