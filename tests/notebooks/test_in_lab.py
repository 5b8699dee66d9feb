"""In a real JupyterLab, in headless Chromium: notebooks run to their end, a slider moves a figure, a policy is saved.

By default the first notebook, a report and the sliders; with MUTUAL_VALUE_LAB=1 every notebook, which takes minutes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis import Portfolio
from sample_firms import make_sample
from tests.conftest import ROOT
from tests.notebooks.lab import Lab, copy_of_the_notebooks, started

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOTEBOOKS = ROOT / "notebooks"
ALL = sorted(file.relative_to(NOTEBOOKS).with_suffix("").as_posix() for file in NOTEBOOKS.rglob("[!.]*.ipynb"))
TRIED = ALL if os.environ.get("MUTUAL_VALUE_LAB") == "1" else ["executive", "start"]
MARGIN = "1500"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, browser: object, sample_run: Path) -> Iterator[Lab]:
    own = tmp_path_factory.mktemp("lab")
    make_sample(own / "data", seed=2, accounts=40)
    folder = copy_of_the_notebooks(own / "notebooks", own / "data", str(sample_run))
    (own / "own").mkdir()
    with started(folder, own / "own", browser) as one:
        yield one


def stop_at_errors(cells: list[dict]) -> None:
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    errors = [(cell["id"], output["evalue"]) for cell in code for output in cell["outputs"]
              if output["output_type"] == "error"]  # fmt: skip
    assert not errors
    assert all(cell["execution_count"] for cell in code)
    assert not [cell["id"] for cell in code for output in cell["outputs"] if output.get("name") == "stderr"]


@pytest.mark.parametrize("name", [name for name in TRIED if name != "explore"])
def test_a_notebook_runs_to_its_end(lab: Lab, name: str) -> None:
    lab.open(name)
    stop_at_errors(lab.run_all(name))
    assert lab.troubles() == []
    lab.close()


def test_a_slider_moves_a_figure_and_what_is_found_is_saved_for_the_next_run(lab: Lab) -> None:
    lab.open("explore")
    stop_at_errors(lab.run_all("explore"))
    page = lab.page
    before = page.locator(".widget-image").nth(1).get_attribute("src")
    readout = page.locator(".widget-slider", has_text="Profitable from").locator(".widget-readout")
    readout.fill(MARGIN)
    readout.press("Enter")
    page.get_by_text("the line moved: segments.profit_threshold").first.wait_for(timeout=60_000)
    page.wait_for_function(
        "before => document.querySelectorAll('.widget-image')[1].src !== before", arg=before, timeout=60_000
    )
    page.locator(".widget-text", has_text="Who").locator("input").fill("Ann")
    page.locator(".widget-text", has_text="Why").locator("input").fill("as agreed in May")
    page.get_by_role("button", name="Save as policy").click()
    page.get_by_text(f"+profit_threshold = {MARGIN}.0").wait_for(timeout=60_000)
    data = lab.folder.parent / "data"
    assert "Ann: as agreed in May" in (data / "policy.toml").read_text(encoding="utf-8")
    assert Portfolio(data).policy.segments.profit_threshold == float(MARGIN)
    lab.close()
