"""`mutual-value` with one report alone: the real run, in a third of the time. Called as a program, by the tests."""

from __future__ import annotations

import os

from analysis import cli
from analysis.publishing import notebooks, publish

publish.REPORTS = tuple(report for report in notebooks.REPORTS if report.notebook == "segments")

if folder := os.environ.get("FAULTS_NOTEBOOKS"):
    # Another notebook than ours, for what only a broken one does.
    from pathlib import Path

    publish.REPORTS = (notebooks.Report("executive", "index.html"),)
    notebooks.notebooks_folder = lambda: Path(folder)  # type: ignore[assignment]

if __name__ == "__main__":
    cli.main()
