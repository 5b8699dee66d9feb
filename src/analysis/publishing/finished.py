"""Finished runs: their names, which of them are whole, and which is the latest."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from analysis.errors import UsageError
from analysis.folders import is_folder

LATEST, HISTORY = "latest", "history"
_LABEL = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_REPLAYED = re.compile(r"\d{4}-\d\d-\d\d_to_\d{4}-\d\d-\d\d")


def stop_at_label(label: str) -> None:
    """Stop where a label cannot be part of a folder's name; none is fine.

    Raises
    ------
    UsageError
        Saying what can.
    """
    if label and not _LABEL.fullmatch(label):
        raise UsageError(
            f"The label {label!r} cannot be part of a folder's name: write up to 40 of a to z, 0 to 9, - and _, as in "
            "--label tuned."
        )


def name_of(as_of: date, label: str = "") -> str:
    """Return the name of a run's folder.

    Examples
    --------
    >>> name_of(date(2026, 10, 31), "tuned")
    '2026-10-31-tuned'
    """
    return f"{as_of.isoformat()}-{label}" if label else as_of.isoformat()


def day_and_label(name: str) -> tuple[date, str] | None:
    """Return what the name of a run's folder says; None where it is none.

    Examples
    --------
    >>> day_and_label("2026-10-31-tuned"), day_and_label("latest")
    ((datetime.date(2026, 10, 31), 'tuned'), None)
    """
    day, label = name[:10], name[11:]
    if name[10:11] not in ("", "-") or bool(name[10:11]) != bool(_LABEL.fullmatch(label)):
        return None
    try:
        return (date.fromisoformat(day), label) if day.count("-") == 2 else None
    except ValueError:
        return None


def is_ours(name: str) -> bool:
    """Return whether a run, a backtest, the link to the latest run or what is told over all runs is called so.

    Examples
    --------
    >>> [is_ours(name) for name in ("2026-10-31-tuned", "2025-12-31_to_2026-06-30", "latest", "history.csv", "archive")]
    [True, True, True, True, False]
    """
    told = (LATEST, f"{HISTORY}.csv", f"{HISTORY}.html")
    return name in told or day_and_label(name) is not None or _REPLAYED.fullmatch(name) is not None


def manifest(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the size and the SHA-256 of every page and table of a run.

    The notebooks are for people to go on with, so they are left out.
    """
    files = sorted(path for path in folder.rglob("*") if path.suffix in {".html", ".parquet", ".csv", ".xlsx"})
    return {path.relative_to(folder).as_posix(): _print_of(path) for path in files if path.is_file()}


def _print_of(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}


def read_run(folder: Path) -> dict[str, Any] | None:
    """Return a run's `run.json`; None where there is none that can be read."""
    with suppress(OSError, ValueError):
        found = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else None
    return None


def is_whole(folder: Path, facts: dict[str, Any]) -> bool:
    """Return whether every page and table of a run is there as it was written."""
    with suppress(OSError):
        return all(_print_of(folder / name) == found for name, found in facts.get("files", {}).items())
    return False


def finished(out: Path) -> dict[Path, tuple[date, str]]:
    """Return the folders of finished runs with their day and label, the earlier ones first."""
    found = {
        path: told for path in out.iterdir() if (told := day_and_label(path.name)) and (path / "run.json").is_file()
    }
    return dict(sorted(found.items(), key=lambda item: item[1]))


def run_before(out: Path | None, as_of: date, label: str = "") -> Path | None:
    """Return the folder of the last whole run of an earlier day; None where there is none.

    A run is set beside one of its own name where there is one, else beside one without a label. A run of the same day
    is never the one before: made again, a run says the same.
    """
    if out is None or not is_folder(out):
        return None
    earlier = {path: told for path, told in finished(out).items() if told[0] < as_of and told[1] in ("", label)}
    for path in sorted(earlier, key=lambda path: (earlier[path][1] == label, earlier[path][0]), reverse=True):
        facts = read_run(path)
        if facts is not None and is_whole(path, facts):
            return path
    return None


def link_latest(out: Path) -> bool:
    """Let `latest` point to the run of the latest day; say whether links can be made here.

    A run with a label is a second view of its day, so it is the latest only where none is without.
    """
    runs = finished(out)
    newest = max(runs, key=lambda path: (not runs[path][1], runs[path][0]), default=None)
    link = out / LATEST
    if newest is None or (link.is_symlink() and link.readlink() == Path(newest.name)):
        return True
    if link.exists() and not link.is_symlink():
        return False  # somebody's own
    staged = out / f".stage-{LATEST}"
    try:
        staged.unlink(missing_ok=True)
        staged.symlink_to(newest.name, target_is_directory=True)
        staged.replace(link)
    except OSError:
        return False
    return True
