"""One folder of results: staged, put in place at once, and whether it is there already."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis.errors import UsageError
from analysis.opening import Opened
from analysis.policy import Policy
from analysis.publishing.finished import is_ours, is_whole, read_run
from analysis.publishing.notebooks import notebooks_folder

STAGE, OLD = ".stage-", ".old-"


def recover(out: Path) -> None:
    """Tidy up after a run that was cut off: put an old run back whose new one never came, drop what was staged.

    What is called otherwise is somebody else's, and stays.
    """
    for old in _left(out, OLD):
        if not old.is_dir() or old.is_symlink():
            continue
        place = out / old.name.removeprefix(OLD)
        if place.exists():
            shutil.rmtree(old)
        else:
            old.rename(place)
    for stage in _left(out, STAGE):
        if stage.is_dir() and not stage.is_symlink():
            shutil.rmtree(stage)
        else:
            stage.unlink()


def _left(out: Path, prefix: str) -> list[Path]:
    return [path for path in out.glob(f"{prefix}*") if is_ours(path.name.removeprefix(prefix))]


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
    """Put what was staged in place: at once where the system can swap two folders, else by two renames."""
    settle(stage)
    if place.exists() and swap(stage, place):
        shutil.rmtree(stage, ignore_errors=True)
        return
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


def settle(folder: Path) -> None:
    """See to it that every file is on the disk: a rename that outlives a power cut must not name empty files."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())


def swap(one: Path, other: Path) -> bool:
    """Swap two folders in one step, so that there is no moment without; say whether this system could."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if libc is None or not hasattr(libc, "renameat2"):
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return bool(libc.renameat2(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


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
    """Return whether the very run is there already, whole.

    Raises
    ------
    UsageError
        A run of that name is there under another policy, or something that is no run.
    """
    from analysis import facts

    if not place.exists():
        return False
    there = read_run(place)
    if there is None or "policy" not in there:
        raise UsageError(f"{place} holds no run that can be read. Give another --out, or move it away.")
    here = {"policy": facts.plain(policy.in_force()), "stated": facts.plain(policy.stated())}
    if not facts.same_policy(here, there):
        raise UsageError(
            f"{place} holds a run under another policy. Give this one a name of its own, as in --label tuned, "
            "or move that folder away first."
        )
    return bool(there.get("run_id") == identity) and is_whole(place, there)
