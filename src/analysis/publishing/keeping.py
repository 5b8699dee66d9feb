"""Runs over the years: their history as a table and a page, and how many of them are kept."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import ReportError, UsageError
from analysis.facts.history import history_of, mail
from analysis.folders import is_folder
from analysis.publishing.finished import HISTORY, LATEST, day_and_label, finished, link_latest, read_run
from analysis.publishing.lock import locked
from analysis.publishing.staging import STAGE, recover

if TYPE_CHECKING:
    import pandas as pd


def history(out: Path) -> pd.DataFrame:
    """Return the history of the runs in a folder, those with a label left out: they are second views of their days.

    Raises
    ------
    UsageError
        There is no run.
    """
    found = {path.name: run for path, (_, label) in _runs(out).items() if not label and (run := read_run(path))}
    if not found:
        raise UsageError(f"No finished run lies in {out}. Name the folder that `mutual-value run --out` writes to.")
    return history_of(found)


def _runs(out: Path) -> dict[Path, Any]:
    return finished(out) if is_folder(out) else {}


def write_history(out: Path) -> Path:
    """Write `history.html` and `history.csv` beside the runs; return the page.

    Raises
    ------
    UsageError, ReportError, LockedError
        There is no run, the page failed its check, or a run is writing there.
    """
    from analysis.publishing.tables import for_spreadsheets
    from analysis.topics.overview.page.history import history_page

    runs = history(out)
    page = _page(history_page(runs))
    csv = for_spreadsheets(runs).to_csv(index=False, lineterminator="\n")
    with locked(out):
        for name, text in ((f"{HISTORY}.csv", "\N{BYTE ORDER MARK}" + csv), (f"{HISTORY}.html", page)):
            staged = out / f"{STAGE}{name}"
            staged.write_text(text, encoding="utf-8", newline="")
            staged.replace(out / name)
    return out / f"{HISTORY}.html"


def _page(body: str) -> str:
    from nbformat import v4

    from analysis.publishing.pages import check_page, render_page

    output = v4.new_output("display_data", data={"text/html": body})
    html = render_page(v4.new_notebook(cells=[v4.new_code_cell("", outputs=[output])]), title="Over the runs")
    if faults := check_page(html, files=()):
        raise ReportError("\n".join(["The page over all runs failed its check:", *(f"  {fault}" for fault in faults)]))
    return html


def mail_of(folder: Path) -> list[str]:
    """Return a run in ten lines at most, beside the run before it.

    Raises
    ------
    UsageError
        It is not the folder of a run.
    """
    place = folder.resolve()
    run = read_run(place)
    if run is None:
        runs = f" Give {folder / LATEST}, or another run in it." if is_folder(folder / LATEST) else ""
        raise UsageError(f"{folder} is not the folder of a run: it has no run.json that can be read.{runs}")
    named = day_and_label(place.name)
    before = [
        other
        for path, (day, label) in _runs(place.parent).items()
        if named and not label and day < named[0] and (other := read_run(path))
    ]
    return mail(run, str(place / "index.html"), before)


def prune(out: Path, keep: int, *, dry: bool = False) -> list[Path]:
    """Take away all runs but those of the latest days, with their labels; return which these were.

    Only finished runs go, and never the one that `latest` points to.

    Parameters
    ----------
    out
        Where runs land.
    keep
        How many days are kept.
    dry
        Say which would go, and leave them.

    Raises
    ------
    UsageError, LockedError
        There is no such folder, or a run is writing there.
    """
    if not is_folder(out):
        raise UsageError(f"{out} is no folder. Name the one that `mutual-value run --out` writes to.")
    with locked(out):
        recover(out)
        runs = {path: day for path, (day, _) in finished(out).items() if read_run(path)}
        kept = sorted(set(runs.values()))[-keep:]
        latest = (out / LATEST).resolve()
        gone = [path for path, day in runs.items() if day not in kept and path.resolve() != latest]
        for path in [] if dry else gone:
            # Out of sight in one step: a start after a crash in between takes away what is left.
            aside = path.rename(path.with_name(f"{STAGE}{path.name}"))
            shutil.rmtree(aside)
        link_latest(out)
    return gone
