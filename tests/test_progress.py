"""How a run tells its steps, and how long each took."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.progress import Progress


def test_at_the_end_it_tells_when_each_step_was_told_and_how_long_it_was_until_the_next(capsys):
    with Progress(timings=True) as progress:
        progress.step("reading data")
        progress.step("computing")

    told = capsys.readouterr().err.splitlines()
    assert told[2] == "told at  until the next"
    for line, text in zip(told[3:], ("reading data", "computing"), strict=True):
        assert re.fullmatch(rf"\s+\d+\.\d  \s+\d+\.\d s  {text}", line)


def test_in_json_each_step_has_its_seconds(capsys):
    with Progress(as_json=True, timings=True) as progress:
        progress.step("reading data")

    step, timing = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (step["message"], "seconds" in step) == ("reading data", False)
    assert (timing["message"], timing["at"]) == ("reading data", 0.0)
    assert timing["seconds"] >= 0


def test_without_being_asked_nothing_is_added(capsys):
    with Progress() as progress:
        progress.step("reading data")
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a log whose disk is full")
@pytest.mark.parametrize("log", ["lines", "json"])
@pytest.mark.parametrize("closed", [False, True], ids=["full", "closed"])
def test_a_log_that_cannot_be_written_changes_no_exit_code_and_keeps_nothing_from_who_is_to_be_told(
    log, closed, tmp_path
):
    """The log's disk is not that of the reports; a daemon may have closed it. Python alone would end with 1 or 120."""
    command = (
        f'"{sys.executable}" -m analysis run --data gone --out out --log {log} --on-failure \'echo "$SAID" > told\''
    )
    command = command.replace("$SAID", "$MUTUAL_VALUE_EXIT_CODE $MUTUAL_VALUE_MESSAGE")
    paths = os.pathsep.join(sys.path)

    done = subprocess.run(  # noqa: S602
        f"{command} 2>{'&-' if closed else '/dev/full'}",
        shell=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths},
        timeout=60,
    )

    assert done.returncode == 2
    assert (tmp_path / "told").read_text(encoding="utf-8").startswith("2 There is no dataset at gone.")


@pytest.mark.skipif(os.name != "posix", reason="streams are closed by a POSIX shell")
def test_where_a_daemon_closed_its_streams_no_file_of_the_run_takes_their_place(tmp_path):
    """A kernel that takes file 2 for its errors would write into whatever lies there."""
    (tmp_path / "program.py").write_text(
        "import os, sys\n"
        "from analysis.publishing import watched\n"
        "if watched.is_inside():\n"
        "    first = open('first', 'w')\n"
        "    first.write(f'{first.fileno() > 2} {os.fstat(1).st_rdev == os.fstat(2).st_rdev != 0}')\n"
        "else:\n"
        "    sys.exit(watched._start(os.getcwd()).wait())\n",
        encoding="utf-8",
    )
    paths = os.pathsep.join(sys.path)

    done = subprocess.run(  # noqa: S602
        f'"{sys.executable}" program.py <&- >&- 2>&-',
        shell=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths},
        timeout=60,
    )

    assert done.returncode == 0
    assert (tmp_path / "first").read_text(encoding="utf-8") == "True True"
