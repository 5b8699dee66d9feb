"""The lock of an output folder: one run at a time, whatever became of the run before, on one machine or several."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import filelock
import pytest

from analysis.errors import LockedError
from analysis.publishing.lock import LEASE, locked

pytestmark = pytest.mark.faults
HOLD = """
import sys
from pathlib import Path
from analysis.publishing.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(out):
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", HOLD, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    return process


def test_two_runs_never_write_at_once_and_a_killed_one_holds_nothing(tmp_path):
    other = hold(tmp_path)
    with pytest.raises(LockedError, match="Another run is writing") as refused, locked(tmp_path):
        pass
    assert refused.value.exit_code == 75

    other.kill()
    other.communicate()
    assert (tmp_path / LEASE).exists()
    with locked(tmp_path, wait=False) as stop_where_lost:
        stop_where_lost()
    assert not (tmp_path / LEASE).exists()


def test_a_disk_without_locks_of_the_system_still_has_one_run_at_a_time(tmp_path, monkeypatch):
    def without(*_, **__):
        raise NotImplementedError

    other = hold(tmp_path)
    monkeypatch.setattr(filelock, "FileLock", without)
    with pytest.raises(LockedError), locked(tmp_path, wait=False):
        pass
    other.communicate("")
    with locked(tmp_path, wait=False):
        pass


def test_a_lease_of_another_machine_is_held_until_nobody_has_renewed_it_for_a_while(tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.publishing.lock.DURATION", 1.5)
    other = hold(tmp_path)
    record = (tmp_path / LEASE).read_text(encoding="utf-8")
    other.communicate("")
    lines = [line for line in record.splitlines() if not line.startswith(("host=", "duration="))]
    lease = "\n".join([lines[0], lines[1], "host=another", *lines[2:-1], "duration=1.5", lines[-1], ""])
    (tmp_path / LEASE).write_text(lease, encoding="utf-8")
    said = []

    with pytest.raises(LockedError), locked(tmp_path, wait=False):
        pass
    with locked(tmp_path, told=said.append):
        pass
    assert "another machine" in json.dumps(said)


def test_a_run_that_was_killed_as_it_made_its_lease_holds_it_no_longer_than_another(tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.publishing.lock.DURATION", 1.5)
    (tmp_path / LEASE).touch()

    with pytest.raises(LockedError), locked(tmp_path, wait=False):
        pass
    with locked(tmp_path):
        assert "host=" in (tmp_path / LEASE).read_text(encoding="utf-8")


def test_an_empty_lease_that_somebody_renews_is_held(tmp_path, monkeypatch):
    """As a disk shows it that has not carried over yet what another machine wrote."""
    monkeypatch.setattr("analysis.publishing.lock.DURATION", 1.5)
    lease = tmp_path / LEASE
    lease.touch()

    def renew(_):
        threading.Timer(0.5, lambda: os.utime(lease, (1, 1))).start()

    with pytest.raises(LockedError), locked(tmp_path, told=renew):
        pass


def test_a_run_whose_lease_another_took_stops_before_it_publishes(tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.publishing.lock.DURATION", 0.3)
    with locked(tmp_path) as stop_where_lost:
        (tmp_path / LEASE).unlink()
        for _ in range(100):
            try:
                stop_where_lost()
            except LockedError as lost:
                assert "another may have begun" in str(lost)
                return
            subprocess.run(["sleep", "0.1"], check=True)  # noqa: S607
    pytest.fail("it did not notice")
