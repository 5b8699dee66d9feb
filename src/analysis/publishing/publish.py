"""One run, from a dataset to a folder of reports: staged, checked, then put in place at once."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.data.checks import stop_at
from analysis.errors import LockedError, ReportError, UsageError
from analysis.ledger.bridge import stop_apart
from analysis.ledger.identities import stop_unless_all_hold
from analysis.publishing.notebooks import REPORTS, notebooks_folder, run_notebooks
from analysis.publishing.tables import write_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.portfolio import Portfolio

STAGE, OLD = ".stage-", ".old-"
Told = Callable[[str], None]


def run(
    data: str | Path,
    out: Path,
    *,
    as_of: str = "",
    overrides: Mapping[str, Any] | None = None,
    policy_file: Path | None = None,
    costing_file: Path | None = None,
    timeout: float = 3600,
    force: bool = False,
    told: Told = lambda _: None,
) -> Path:
    """Return the folder `out/<as-of day>` of a run: pages, tables, executed notebooks and `run.json`.

    The same input, policy and code on a finished run changes nothing; a run that fails leaves the last one as it was.

    Parameters
    ----------
    data, as_of, overrides, policy_file, costing_file
        As `Portfolio` takes them.
    out
        Where runs land.
    timeout
        Seconds that it may take, as the notebooks see it: what the engine computes is not interrupted.
    force
        Run though nothing has changed.
    told
        Called with each step, in words.

    Raises
    ------
    MutualValueError
        One of its kinds, with the exit code of the command line.
    """
    deadline = time.monotonic() + timeout
    out.mkdir(parents=True, exist_ok=True)
    with _locked(out):
        _recover(out)
        from analysis.portfolio import Portfolio

        told(f"reading {data}")
        p = Portfolio(data, as_of, overrides, policy_file=policy_file, costing_file=costing_file, runs=out)
        stop_at(p.opened.checked, p.policy.checks.rejected_share)
        place = out / p.as_of.isoformat()
        run_id = _run_id(p, costing_file)
        if _is_done(place, run_id, p) and not force:
            told(f"{place} is up to date")
            return place
        with _staged(out, place.name) as stage:
            _fill(p, stage, run_id, data, as_of, overrides, deadline, told)
            _put_in_place(stage, place)
        told(f"{place} is ready: open {place / 'index.html'}")
        return place


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    try:
        with FileLock(out / ".lock", timeout=0):
            yield
    except Timeout:
        raise LockedError(f"Another run is writing to {out}. Wait for it, or give another --out.") from None


def _recover(out: Path) -> None:
    """Tidy up after a run that was cut off: put an old run back whose new one never came, drop what was staged."""
    for old in out.glob(f"{OLD}*"):
        place = out / old.name.removeprefix(OLD)
        if place.exists():
            shutil.rmtree(old)
        else:
            old.rename(place)
    for stage in out.glob(f"{STAGE}*"):
        shutil.rmtree(stage)


@contextmanager
def _staged(out: Path, name: str) -> Iterator[Path]:
    stage = out / f"{STAGE}{name}"
    stage.mkdir()
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _put_in_place(stage: Path, place: Path) -> None:
    """Put the staged run in place by two renames: the old one aside, the new one in."""
    old = place.with_name(f"{OLD}{place.name}")
    if place.exists():
        place.rename(old)
    stage.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _run_id(p: Portfolio, costing_file: Path | None) -> str:
    """Return a name of the run that its input, policy, costing, code and the run before it make: same for same."""
    costing = costing_file or p.opened.dataset.costing
    parts = [
        p.as_of.isoformat(),
        json.dumps(p.policy.in_force(), sort_keys=True),
        costing.read_text(encoding="utf-8") if costing.exists() else "",
        json.dumps(p.inputs, sort_keys=True),
        _code(),
        (p.last_run / "run.json").read_text(encoding="utf-8") if p.last_run else "",
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def _code() -> str:
    """Return a digest of the package and its notebooks."""
    package = Path(__file__).resolve().parents[1]
    files = sorted(
        path
        for folder in (package, notebooks_folder())
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts
    )
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _is_done(place: Path, run_id: str, p: Portfolio) -> bool:
    """Return whether the very run is there already.

    Raises
    ------
    UsageError
        A run of that day is there under another policy, or something that is no run.
    """
    from analysis import facts

    if not place.exists():
        return False
    try:
        there = json.loads((place / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise UsageError(f"{place} holds no run that can be read. Give another --out, or move it away.") from None
    if facts.policy_of(there) != p.policy:
        raise UsageError(
            f"{place} holds a run under another policy. Give another --out, or move that folder away first."
        )
    return bool(there["run_id"] == run_id)


def _fill(
    p: Portfolio,
    stage: Path,
    run_id: str,
    data: str | Path,
    as_of: str,
    overrides: Mapping[str, Any] | None,
    deadline: float,
    told: Told,
) -> None:
    told(f"computing {p.window.months} months to {p.as_of}")
    stop_unless_all_hold(p.identities)
    stop_apart(p.tie, p.policy.checks.books_difference)
    write_tables(p, stage / "tables")
    run = {**p.facts, "run_id": run_id}
    (stage / "run.json").write_text(json.dumps(run, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    parameters = {
        "data": str(data),
        "as_of": p.as_of.isoformat(),
        "policy": dict(overrides or {}),
        "tables": "..",
    }
    told(f"running {len(REPORTS)} notebooks")
    run_notebooks(REPORTS, stage / "notebooks", parameters, deadline, lambda name: told(f"{name} is done"))
    _write_pages(stage)
    if os.name == "posix":
        stage.chmod(0o755)


def _write_pages(stage: Path) -> None:
    """Turn the executed notebooks into pages.

    Raises
    ------
    ReportError
        With every fault that the check of a page found.
    """
    import nbformat

    from analysis.publishing.pages import check_page, render_page

    faults = []
    files = {path.relative_to(stage).as_posix() for path in stage.rglob("*") if path.is_file()}
    files |= {report.page for report in REPORTS}
    for report in REPORTS:
        notebook = nbformat.read(stage / "notebooks" / f"{report.notebook}.ipynb", as_version=4)
        html = render_page(notebook, title=report.notebook)
        faults += [f"  {report.page}: {fault}" for fault in check_page(html, budget=report.budget, files=files)]
        (stage / report.page).write_text(html, encoding="utf-8")
    if faults:
        raise ReportError("\n".join(["A page failed its check, so nothing was published:", *faults]))
