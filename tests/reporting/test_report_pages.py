"""The reports, whole, on runs of every kind."""

import html
import re
from pathlib import Path

import nbformat
import pytest

from analysis.publishing.explore_cells import without_explore_cells
from analysis.topics.overview.page import executive, method
from tests.pages import module_of

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = ["executive", "profitability", "segments", "service_demand", "over_served"]
PLAIN = ["none", "one", "no sales", "loses", "usual", "unmeasured"]
KINDS = [*PLAIN, "judged", *[f"sure {kind}" for kind in PLAIN], "no range"]


def calls(notebook: str) -> list[str]:
    cells = without_explore_cells(nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", 4).cells)
    return [cell.source for cell in cells[2:] if cell.cell_type == "code"]


def report(notebook: str, run: object) -> str:
    """Call what the notebook calls, in its order."""
    module = module_of(notebook)
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


#: Always told; the others are slow.
FIRST = ["none", "one", "judged", "no range"]


@pytest.fixture(params=[*FIRST, *(pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS if kind not in FIRST)])
def run(request, made):
    kind = request.param
    if kind.startswith("sure ") or kind == "no range":
        return made.sure_run(plain(made, kind.removeprefix("sure ")), width=0.0 if kind == "no range" else 0.1)
    return plain(made, kind)


def plain(made, kind: str):
    if kind == "none":
        return made.made_run(made.portfolio(0))
    if kind == "one":
        return made.made_run(made.portfolio(1))
    if kind == "no sales":
        return made.made_run(made.statement([{"customer_id": f"C{i}", "cts_support": 50.0} for i in range(3)]))
    if kind == "unmeasured":
        accounts = made.portfolio(30)
        accounts.loc[:9, ["cogs", "gross_margin", "running_margin", "net_margin", "gain_if_ended"]] = float("nan")
        accounts.loc[:9, "segment"] = None
        return made.made_run(accounts)
    accounts = made.portfolio(60, margin=0.02 if kind == "loses" else 0.36, judged=kind == "judged")
    # Accounts that are named like missing values may be shown; what is looked for here are missing values.
    accounts["name"] = accounts["name"].replace({"NaN": "Nann Ltd", "None": "Nonne AG"})
    return made.made_run(accounts, last_year=made.a_year_before(accounts))


@pytest.mark.parametrize("notebook", NAMES)
def test_every_kind_of_portfolio_makes_a_sensible_page(run, notebook: str) -> None:
    words = seen(report(notebook, run))
    assert not re.search(r"\b(nan|NaN|None|NaT|inf)\b", words)
    assert not re.search(r"(?:un)?profitable_\w+", words)
    assert not re.search(r"\b1 (accounts|rows|resources|pieces|orders|draws|activities)\b", words)
    assert not re.search(r"\b[a-z]+(_[a-z]+)+\b", words), "a code name"


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
    assert "Service beyond agreed or wanted" in page
    assert "of 60 scored" in page
    assert "Truly difficult" in page
    assert "Service beyond agreed or wanted" not in empty


def test_a_page_without_books_says_that_it_is_not_tied(made) -> None:
    run = made.made_run(made.portfolio(60))
    run.bridge = run.bridge.iloc[:4]
    run.facts["books"] = None
    assert "not yet" in seen(executive.opening(run))
    assert "names no books" in seen(method.to_the_books(run))
