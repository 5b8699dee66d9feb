"""A run as a scheduler starts it, what it leaves behind, and whether the last good one is whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import psutil
import pytest

from analysis.publishing.family import MARK
from analysis.publishing.finished import LATEST, is_whole

DAY = "2026-10-31"
PROGRAM = Path(__file__).with_name("program.py")
#: By default a small portion is tried, as each takes seconds.
ALL = bool(os.environ.get("MUTUAL_VALUE_FAULTS"))
#: At how many moments of a run it is killed; which they are is drawn anew each day.
MOMENTS = 50 if ALL else 1
SEED = os.environ.get("MUTUAL_VALUE_FAULTS_SEED", f"{date.today()}")
only_by_hand = pytest.mark.skipif(not ALL, reason="takes long: MUTUAL_VALUE_FAULTS=1 tries it")
#: The exit codes that the README lists.
CODES = {0, 2, 3, 4, 5, 6, 69, 70, 75, 129, 130, 143}


def start(*arguments: object, scratch: Path, cwd: Path | None = None, **env: str) -> subprocess.Popen[str]:
    """Start a run; its temporary files go to `scratch`, what it says into a pipe."""
    return subprocess.Popen(  # noqa: S603
        [sys.executable, str(PROGRAM), *map(str, arguments)],
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**os.environ, "TMPDIR": str(scratch), "OMP_NUM_THREADS": "1", **env},
    )


def until(process: subprocess.Popen[str], words: str) -> list[str]:
    """Read what a run says up to a line with these words."""
    said: list[str] = []
    assert process.stderr is not None
    for line in process.stderr:
        said.append(line)
        if words in line:
            return said
    raise AssertionError(f"it ended before {words!r}: {''.join(said)}")


def inside(process: subprocess.Popen[str]) -> psutil.Process:
    """Return the run itself, within the process that watches over it."""
    [found] = psutil.Process(process.pid).children()
    return found


def marked(scratch: Path) -> list[psutil.Process]:
    """Return what runs whose temporary files lie in `scratch` have started and is still there."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK, "").startswith(str(scratch)) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def gone(scratch: Path, seconds: float = 20) -> bool:
    """Say whether all that was started is gone, within a while."""
    limit = time.monotonic() + seconds
    while marked(scratch):
        if time.monotonic() > limit:
            return False
        time.sleep(0.1)
    return True


def content(place: Path) -> Mapping[str, bytes]:
    """Return the files of a folder."""
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def stop_unless_whole(out: Path) -> None:
    """Fail unless `latest` points to a run of which every page and table is as it was written."""
    facts = json.loads((out / LATEST / "run.json").read_text(encoding="utf-8"))
    assert facts["files"]
    assert is_whole(out / LATEST, facts)
    assert set(facts["files"]) <= set(content(out / LATEST))
