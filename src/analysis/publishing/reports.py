"""The reports of a run: its notebooks are run, and each becomes its page in the process that ran it.

Apart from the run, so that such a process loads nothing that computing tables takes.
"""

from __future__ import annotations

import posixpath
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from analysis.formats import counted
from analysis.publishing.drivers import Drivers
from analysis.publishing.made_by import made_by
from analysis.publishing.notebooks import CELL_TIMEOUT, Report, run_notebooks
from analysis.publishing.top_bar import top_bar

Told = Callable[[str], None]
NOTEBOOKS = "notebooks"


def write_reports(
    reports: Sequence[Report],
    stage: Path,
    parameters: dict[str, Any],
    deadline: float,
    told: Told,
    cell_timeout: float = CELL_TIMEOUT,
    drivers: Drivers | None = None,
) -> None:
    """Run the notebooks into `stage`, turn each into its page and check that; `drivers` as `run_notebooks` takes them.

    A notebook lies in `notebooks`; that of a page in a folder of its own lies beside the page.

    Raises
    ------
    NotebookError, OutOfTimeError, ReportError
        A notebook failed, the deadline came first, or a page failed its check.
    """
    told(f"running {counted(len(reports), 'notebook')}")
    stage = stage.resolve()
    files = {path.relative_to(stage).as_posix() for path in stage.rglob("*") if path.is_file()}
    for report in reports:
        files |= {report.page, f"{report.folder or NOTEBOOKS}/{report.notebook}.ipynb"}
    page = partial(_write_page, stage=stage, parameters=parameters, files=files)
    run_notebooks(
        reports, stage / NOTEBOOKS, parameters, deadline, lambda name: told(f"{name} is done"), cell_timeout, page,
        drivers,
    )  # fmt: skip


def _write_page(report: Report, stage: Path, parameters: Mapping[str, Any], files: set[str]) -> list[str]:
    """Turn an executed notebook into its page, and return what is wrong with that."""
    import nbformat

    from analysis.publishing.pages import check_page, render_page

    place = stage / NOTEBOOKS / f"{report.notebook}.ipynb"
    if report.folder:
        (stage / report.folder).mkdir()
        place = Path(shutil.move(place, stage / report.folder))
    notebook = nbformat.read(place, as_version=4)
    bar = "" if report.folder else top_bar(report.page, files)
    made = made_by(report.notebook, parameters, "" if report.folder else NOTEBOOKS)
    html = render_page(notebook, title=report.notebook, footer=report.footer, bar=bar, made=made)
    (stage / report.page).write_text(html, encoding="utf-8")
    near = {posixpath.relpath(file, report.folder or ".") for file in files}
    return check_page(html, budget=report.budget, files=near)
