"""A run that is told to end, killed or out of time: nothing of it stays, and the last good one is whole."""

from __future__ import annotations

import random
import signal
import sys
import time

import pytest

from tests.faults.helpers import (
    CODES,
    MOMENTS,
    SEED,
    content,
    gone,
    inside,
    marked,
    only_by_hand,
    start,
    stop_unless_whole,
    until,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals"),
]


@pytest.fixture
def untouched(good):
    """The last good run, which must be the same to the byte, and alone, after the test."""
    before = content(good)
    yield good
    assert content(good) == before
    stop_unless_whole(good.parent)


def left(out):
    return sorted(path.name for path in out.iterdir() if path.name != ".lock")


@pytest.mark.parametrize(
    ("number", "when"),
    [
        (signal.SIGTERM, "running"),
        pytest.param(signal.SIGINT, "computing", marks=only_by_hand),
        pytest.param(signal.SIGHUP, "reading", marks=only_by_hand),
    ],
)
def test_a_signal_ends_all_and_tells_its_own_code_and_what_to_do(number, when, untouched, data, tmp_path):
    run = start("run", "--data", data, "--out", untouched.parent, "--force", scratch=tmp_path)
    until(run, when)
    run.send_signal(number)
    said = run.communicate(timeout=60)[1]

    assert run.returncode == 128 + number
    assert said.splitlines()[-1] == (
        f"Ended by {number.name}. What was published is as it was. To go on, run it again."
    )
    assert (marked(tmp_path), list(tmp_path.iterdir())) == ([], [])
    assert left(untouched.parent) == [untouched.name, "latest"]


@only_by_hand
def test_a_run_that_is_killed_alone_is_told_as_that_and_tidied(untouched, data, tmp_path):
    run = start("run", "--data", data, "--out", untouched.parent, "--force", scratch=tmp_path)
    until(run, "computing")
    inside(run).kill()
    said = run.communicate(timeout=60)[1]

    assert (run.returncode, "killed or crashed (SIGKILL)" in said, "run it again" in said) == (70, True, True)
    assert gone(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert left(untouched.parent) == [untouched.name, "latest"]


@pytest.mark.parametrize(
    ("whom", "when"),
    [pytest.param("the process around it", "running", marks=only_by_hand), ("both", "computing")],
)
def test_what_a_killed_run_started_ends_by_itself_and_the_next_start_tidies(whom, when, untouched, data, tmp_path):
    run = start("run", "--data", data, "--out", untouched.parent, "--force", scratch=tmp_path)
    until(run, when)
    within = inside(run)
    run.kill()
    if whom == "both":
        within.kill()
    run.communicate(timeout=60)

    assert gone(tmp_path)
    next_one = start("run", "--data", data / "nowhere", "--out", untouched.parent, scratch=tmp_path)
    assert "no dataset" in next_one.communicate(timeout=60)[1]
    assert next_one.returncode == 2
    assert left(untouched.parent) == [untouched.name, "latest"]


def test_the_limit_of_a_run_holds_while_the_engine_computes(untouched, data, tmp_path):
    slow = "SELECT 'c' || range AS customer_id, CAST(hash(range) % 7 AS VARCHAR) AS name FROM range(100000000000)"
    endless = tmp_path / "endless"
    endless.mkdir()
    (endless / "dataset.toml").write_text(f'[tables.customers]\nsql = "{slow}"\n', encoding="utf-8")
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    run = start("run", "--data", endless, "--out", untouched.parent, "--timeout", 1, scratch=scratch)
    said = run.communicate(timeout=60)[1]

    assert (run.returncode, "out of time" in said, "--timeout" in said.splitlines()[-1]) == (5, True, True)
    assert (marked(scratch), list(scratch.iterdir())) == ([], [])
    assert left(untouched.parent) == [untouched.name, "latest"]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(MOMENTS))
def test_a_kill_at_any_moment_leaves_the_last_good_run_and_the_next_one_succeeds(
    number, untouched, timed, data, tmp_path
):
    """At moments drawn over the length of a run; now the run, now the process around it, now both are killed."""
    draw = random.Random(f"{SEED} {number}")  # noqa: S311
    run = start("run", "--data", data, "--out", untouched.parent, "--force", scratch=tmp_path)
    begun, moment = time.monotonic(), (number + draw.random()) / MOMENTS * min(timed[1])
    while run.poll() is None and time.monotonic() < begun + moment:
        time.sleep(0.02)
    if run.poll() is not None:
        timed[1].append(time.monotonic() - begun)
    else:
        victims = [run, *_within(run)]
        for victim in draw.choice((victims, victims[:1], victims[-1:])):
            victim.kill()
    run.communicate(timeout=300)

    assert run.returncode in {*CODES, -signal.SIGKILL}
    assert gone(tmp_path)
    stop_unless_whole(untouched.parent)
    after = start("run", "--data", data, "--out", untouched.parent, scratch=tmp_path)
    assert "is up to date" in after.communicate(timeout=300)[1]
    assert after.returncode == 0
    assert left(untouched.parent) == [untouched.name, "latest"]


def _within(run):
    try:
        return [inside(run)]
    except ValueError:
        return []
