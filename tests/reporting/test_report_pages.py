"""The three reports, whole, on runs of every kind."""

import html
import importlib
import re
from pathlib import Path

import nbformat
import pytest

from analysis.reporting import executive, segments

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = ["executive", "profitability", "segments"]


def calls(notebook: str) -> list[str]:
    cells = nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", 4).cells
    return [cell.source for cell in cells[2:] if cell.cell_type == "code"]


def report(notebook: str, run: object) -> str:
    """Call what the notebook calls, in its order."""
    module = importlib.import_module(f"analysis.reporting.{notebook}")
    parts = []
    for source in calls(notebook):
        found = re.fullmatch(rf"{notebook}\.(\w+)\(p\)", source)
        assert found, f"{source!r} is more than a call"
        parts.append(getattr(module, found[1])(run))
    return "".join(parts)


def seen(page: str) -> str:
    """What a reader sees, without the data's own names."""
    page = re.sub(r'<bdi class="name"[^>]*>.*?</bdi>', "", page)
    return html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<title>.*?</title>", "", page))).replace("\xa0", " ")


@pytest.fixture(params=["none", "one", "no sales", "loses", "judged", "usual", "unmeasured"])
def run(request, made):
    if request.param == "none":
        return made.made_run(made.portfolio(0))
    if request.param == "one":
        return made.made_run(made.portfolio(1))
    if request.param == "no sales":
        return made.made_run(made.statement([{"customer_id": f"C{i}", "cts_support": 50.0} for i in range(3)]))
    if request.param == "unmeasured":
        accounts = made.portfolio(30)
        accounts.loc[:9, ["cogs", "gross_margin", "running_margin", "net_margin", "gain_if_ended"]] = float("nan")
        accounts.loc[:9, "segment"] = None
        return made.made_run(accounts)
    accounts = made.portfolio(60, margin=0.02 if request.param == "loses" else 0.36, judged=request.param == "judged")
    return made.made_run(accounts, last_year=made.a_year_before(accounts))


@pytest.mark.parametrize("notebook", NAMES)
def test_every_kind_of_portfolio_makes_a_sensible_page(run, notebook: str) -> None:
    words = seen(report(notebook, run))
    assert not re.search(r"\b(nan|NaN|None|NaT|inf)\b", words)
    assert not re.search(r"(?:un)?profitable_\w+", words)
    assert not re.search(r"\b1 (accounts|rows|resources|pieces)\b", words)


@pytest.mark.parametrize("notebook", NAMES)
def test_hostile_names_end_as_text(made, notebook: str) -> None:
    page = report(notebook, made.made_run(made.portfolio(9)))
    assert "<script" not in page
    assert "x" * 400 not in page


def test_the_numbers_of_the_page_agree(made) -> None:
    accounts = made.portfolio(150)
    costing = int((accounts["net_margin"] < 0).sum())
    words = seen(report("executive", made.made_run(accounts)))
    assert f"{costing} of 150 accounts cost more than they bring" in words
    assert f"the {costing} that cost give" in words
    assert f"{costing} accounts" in words


def test_judgements_are_shown_once_they_are_made(made) -> None:
    judged = made.made_run(made.portfolio(60, judged=True))
    page, empty = seen(executive.opening(judged)), seen(executive.opening(made.made_run(made.portfolio(60))))
    assert "Over-service" in page
    assert "accounts scored are over-served" in page
    assert "Truly difficult" in page
    assert "Over-service" not in empty


def test_a_page_without_books_says_that_it_is_not_tied(made) -> None:
    run = made.made_run(made.portfolio(60))
    run.bridge = run.bridge.iloc[:4]
    run.facts["books"] = None
    assert "not yet" in seen(executive.opening(run))
    assert "names no books" in seen(executive.to_the_books(run))


def test_near_a_line_is_near_it(made) -> None:
    page = seen(segments.near_a_line(made.made_run(made.portfolio(150))))
    assert "so near a line that little would move them" in page


@pytest.mark.parametrize("notebook", NAMES)
def test_notebooks_are_thin_and_without_output(notebook: str) -> None:
    book = nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", 4)
    nbformat.validate(book)
    assert book.cells[0].metadata["tags"] == ["parameters"]
    assert book.cells[0].source == 'data = "data/sample"\nas_of = ""\npolicy = {}\ntables = ""'
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in book.cells)
    assert "def " not in "".join(cell.source for cell in book.cells if cell.cell_type == "code")
    assert book.metadata["kernelspec"]["name"] == "python3"


def test_the_range_of_the_total_is_the_end_of_the_whales_band(made) -> None:
    run = made.made_run(made.portfolio(60))
    assert " to " not in seen(executive.opening(run)).split("Net margin after cost to serve")[1].split("Cost more")[0]
    run.whale = run.whale.assign(cumulative_low=1_280_000.0, cumulative_high=1_410_000.0)
    assert "1.28 M to 1.41 M" in seen(executive.opening(run))
