"""One folder of results, put in place at once: the lock, the staging, and whether it is there already."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis.errors import LockedError, UsageError
from analysis.folders import refused
from analysis.opening import Opened
from analysis.policy import Policy
from analysis.publishing.notebooks import notebooks_folder

STAGE, OLD = ".stage-", ".old-"


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold the lock on the output folder.

    Raises
    ------
    LockedError
        Another run holds it.
    UsageError
        It is not ours to lock.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(out / ".lock", timeout=0)
    try:
        held = lock.acquire()
    except Timeout:
        raise LockedError(f"Another run is writing to {out}. Wait for it, or give another --out.") from None
    except OSError as fault:
        raise refused(out / ".lock", fault) from None
    with held:
        yield


def recover(out: Path) -> None:
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
def staged(out: Path, name: str) -> Iterator[Path]:
    """Give a folder to fill beside the final one; it is gone at the end, put in place or not."""
    stage = out / f"{STAGE}{name}"
    stage.mkdir()
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def put_in_place(stage: Path, place: Path) -> None:
    """Put what was staged in place by two renames: the old one aside, the new one in, or else the old one back."""
    old = place.with_name(f"{OLD}{place.name}")
    if place.exists():
        place.rename(old)
    try:
        stage.rename(place)
    except OSError:
        if old.exists():
            old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def run_id(
    days: str,
    opened: Opened,
    inputs: list[dict[str, Any]],
    costing_file: Path | None,
    last_run: Path | None = None,
) -> str:
    """Return a name of the run that its days, input, policy, costing, code and the last run make: same for the same."""
    costing = costing_file or opened.dataset.costing
    parts = [
        days,
        json.dumps(opened.policy.in_force(), sort_keys=True),
        costing.read_text(encoding="utf-8") if costing.exists() else "",
        json.dumps(inputs, sort_keys=True),
        _code(),
        (last_run / "run.json").read_text(encoding="utf-8") if last_run else "",
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


def is_done(place: Path, identity: str, policy: Policy) -> bool:
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
    if facts.policy_of(there) != policy:
        raise UsageError(
            f"{place} holds a run under another policy. Give another --out, or move that folder away first."
        )
    return bool(there["run_id"] == identity)
