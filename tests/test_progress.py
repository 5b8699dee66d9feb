"""How a run tells its steps, and how long each took."""

import json
import re

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
