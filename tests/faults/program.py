"""`mutual-value` with two reports alone: the real run, in a third of the time. Called as a program, by the tests."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from analysis import cli
from analysis.publishing import notebooks, publish

if __name__ == "__main__":
    # Whoever started the tests may ignore signals, as `nohup` and a shell's `&` do; a run would do as its caller does.
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    publish.REPORTS = tuple(report for report in notebooks.REPORTS if report.notebook in {"segments", "method"})
    if folder := os.environ.get("FAULTS_NOTEBOOKS"):
        # Another notebook than ours, for what only a broken one does.
        publish.REPORTS = (notebooks.Report("executive", "index.html"),)
        notebooks.notebooks_folder = lambda: Path(folder)  # type: ignore[assignment]
    cli.main()
