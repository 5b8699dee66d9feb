"""Kernels forked from a warm process are kernels like any other: apart from each other, and as their notebook asks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from analysis.publishing import drivers, notebooks
from analysis.publishing.notebooks import Report, run_notebooks

pytestmark = pytest.mark.skipif(not drivers.can_fork(), reason="kernels are forked on Linux alone")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Give a function that runs cells as a notebook each, and returns what each printed."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    monkeypatch.setattr(notebooks, "notebooks_folder", lambda: folder)

    def give(**sources):
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        for name, source in sources.items():
            first = nbformat.v4.new_code_cell("", metadata={"tags": ["parameters"]})
            cells = [first, nbformat.v4.new_code_cell(source)]
            notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
            nbformat.write(notebook, folder / f"{name}.ipynb")
        reports = [Report(name, f"{name}.html") for name in sources]
        run_notebooks(reports, tmp_path / "out", {}, time.monotonic() + 120)
        return {name: _printed(tmp_path / "out" / f"{name}.ipynb") for name in sources}

    return give


def _printed(path: Path) -> str:
    cells = nbformat.read(path, as_version=4).cells
    return "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", []))


def _ends(pid: int) -> bool:
    """Wait until a process that is on its way out is gone."""
    try:
        return not psutil.wait_procs([psutil.Process(pid)], timeout=20)[1]
    except psutil.NoSuchProcess:
        return True


SAYS = """
import os, sys, random, numpy, pandas, uuid
print(os.getppid(), os.getpid(), random.random(), numpy.random.random(), uuid.uuid4(), sep="\\n")
print(os.getcwd(), sys.executable, os.environ["MUTUAL_VALUE_HERE"], sep="\\n")
"""


@pytest.mark.slow
def test_kernels_are_forks_of_processes_of_their_own_and_have_nothing_in_common(run, tmp_path, monkeypatch):
    monkeypatch.setenv("MUTUAL_VALUE_HERE", "said before the run")

    first, second = (text.splitlines() for text in run(one=SAYS, two=SAYS).values())

    assert all(one != two for one, two in zip(first[:5], second[:5], strict=True))
    where = [os.path.realpath(tmp_path / "out"), sys.executable, os.environ["MUTUAL_VALUE_HERE"]]
    assert first[5:] == second[5:] == where
    assert all(_ends(int(pid)) for pid in (*first[:2], *second[:2]))


def test_a_process_that_dies_takes_no_other_along(tmp_path):
    with drivers.Drivers() as running:
        done = dict(running.each(_square_unless_it_dies, [2, 13, 5], time.monotonic() + 120))

    assert done == {0: 4, 1: None, 2: 25}


def test_what_is_not_done_by_the_deadline_is_ended(tmp_path):
    with drivers.Drivers() as running, pytest.raises(TimeoutError):
        list(running.each(time.sleep, [600.0], time.monotonic() + 0.1))
    assert _ends(running._process.pid)


def _square_unless_it_dies(number):
    if number == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


DRAWS = """
import hashlib, io
import matplotlib.pyplot as plt
figure, ax = plt.subplots()
ax.plot([1, 3, 2])
made = io.BytesIO()
figure.savefig(made, format="png", metadata={"Software": None})
print(len(plt.get_fignums()), plt.get_backend(), hashlib.sha256(made.getvalue()).hexdigest())
"""


@pytest.mark.slow
def test_a_figure_drawn_in_a_forked_kernel_is_that_of_a_process_of_its_own(run):
    environment = {**os.environ, "MPLBACKEND": "agg"}
    alone = subprocess.check_output([sys.executable, "-c", DRAWS], env=environment, text=True)  # noqa: S603

    assert alone.startswith("1 agg ")
    assert run(drawn=DRAWS)["drawn"] == alone
