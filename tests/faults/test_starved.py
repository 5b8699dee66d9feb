"""Kernels that die or hang, full disks, tables that vanish: a sentence, a code, and the last good run is whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

import nbformat
import pandas as pd
import pytest

from analysis import cli
from analysis.errors import NotebookError, OutOfTimeError
from analysis.publishing import notebooks, publish, reports
from analysis.publishing.family import MARK
from tests.faults.helpers import CODES, DAY, content, marked, start, stop_unless_whole

pytestmark = pytest.mark.faults


def _notebook(folder, source):
    cells = [nbformat.v4.new_code_cell("x = 1", metadata={"tags": ["parameters"]}), nbformat.v4.new_code_cell(source)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    (folder / "broken.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        ("while True: pass", OutOfTimeError, r"broken\.ipynb, cell 2: took more than 1 seconds.*--cell-timeout"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", NotebookError, r"broken\.ipynb: its kernel died"),
    ],
)
def test_a_cell_that_hangs_or_kills_its_kernel_leaves_no_process(source, kind, words, tmp_path, monkeypatch):
    _notebook(tmp_path, source)
    monkeypatch.setattr(notebooks, "notebooks_folder", lambda: tmp_path)
    monkeypatch.setenv(MARK, str(tmp_path))
    report = notebooks.Report("broken", "index.html")

    with pytest.raises(kind, match=words):
        notebooks.run_notebooks([report], tmp_path / "out", {}, time.monotonic() + 120, cell_timeout=1)

    # Python's own tracker of what processes share serves the tests, too.
    left = [process for process in marked(tmp_path) if "resource_tracker" not in " ".join(process.cmdline())]
    assert left == []


@pytest.mark.slow
def test_a_kernel_on_ports_talks_in_cipher_and_logs_no_warning(tmp_path, monkeypatch, capfd):
    """Where the folder of temporary files has too long a name for sockets in it."""
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    kernels = "import json, ipykernel\nmade = json.load(open(ipykernel.get_connection_file()))\n"
    _notebook(tmp_path, f"{kernels}assert made['transport'] == 'tcp' and made['curve_secretkey']")
    monkeypatch.setattr(notebooks, "notebooks_folder", lambda: tmp_path)

    notebooks.run_notebooks([notebooks.Report("broken", "index.html")], tmp_path / "out", {}, time.monotonic() + 120)
    assert "IPKernelApp" not in capfd.readouterr().err


@pytest.fixture(scope="module")
def small(share_dataset):
    sales = "".join(f"{n},a,{day},sale,100,40\n" for n, day in enumerate(["2025-11-01", "2026-05-05", DAY]))
    place = share_dataset(
        customers="customer_id,name\na,A\n",
        transactions=f"transaction_id,customer_id,date,kind,net_amount,cogs\n{sales}",
    )
    for name in ("customers", "transactions"):
        frame = pd.read_csv(place / f"{name}.csv", dtype=str)
        frame.to_parquet(place / f"{name}.parquet")
        (place / f"{name}.csv").unlink()
    return place


@pytest.fixture(scope="module")
def made(small, tmp_path_factory):
    """A good run without pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "REPORTS", ())
        patch.setattr(reports, "run_notebooks", lambda *_: None)
        yield publish.run(small, tmp_path_factory.mktemp("reports"), as_of=DAY)


@pytest.fixture
def kept(made):
    """The last good run, which must be the same to the byte after the test."""
    before = content(made)
    yield made
    assert content(made) == before
    stop_unless_whole(made.parent)


def run(capsys, *arguments):
    """Call the command line in this process; return its exit code and its last line."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", *map(str, arguments)])
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return ended.value.code or 0, said.splitlines()[-1]


@pytest.mark.slow
def test_a_table_that_is_cut_is_named(kept, small, capsys):
    whole = (small / "transactions.parquet").read_bytes()
    (small / "transactions.parquet").write_bytes(whole[: len(whole) // 2])
    code, said = run(capsys, "--data", small, "--out", kept.parent)
    assert (code, "transactions" in said or "Mend it" in said) == (3, True)

    (small / "transactions.parquet").write_bytes(whole)
    code, said = run(capsys, "--data", small, "--out", kept.parent)
    assert (code, said.endswith("is up to date")) == (0, True)


@pytest.mark.slow
def test_a_table_that_vanishes_while_it_is_read_ends_with_a_code_of_the_list(kept, small, capsys, monkeypatch):
    whole = (small / "transactions.parquet").read_bytes()
    tables = publish.write_and_let_go

    def vanish(*arguments):
        (small / "transactions.parquet").unlink()
        tables(*arguments)

    monkeypatch.setattr(publish, "stop_unless_all_hold", lambda _: None)
    monkeypatch.setattr(publish, "write_and_let_go", vanish)
    try:
        code, said = run(capsys, "--data", small, "--out", kept.parent, "--force")
    finally:
        (small / "transactions.parquet").write_bytes(whole)
    # What had been computed by then may be enough; else it is told.
    assert code in CODES
    assert said


@contextlib.contextmanager
def disk(place, size):
    """Mount a small disk, where that is allowed."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(place)]
    if sys.platform != "linux" or os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:  # noqa: S603
        pytest.skip("needs a disk of its own to fill")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)  # noqa: S603, S607


@pytest.mark.slow
def test_a_full_disk_is_told_and_the_next_run_succeeds_when_there_is_room(small, kept, tmp_path, capsys):
    with disk(tmp_path / "disk", "3m") as place:
        shutil.copytree(kept.parent, place / "reports", symlinks=True)
        good = place / "reports" / DAY
        before = content(good)
        fill = place / "fill"
        with contextlib.suppress(OSError), fill.open("wb") as file:
            for _ in range(3 * 1024):
                file.write(b"\0" * 1024)
                file.flush()
        code, said = run(capsys, "--data", small, "--out", place / "reports", "--force")
        assert (code, "disk is full" in said, "ake room" in said) == (70, True, True)
        assert content(good) == before
        assert sorted(path.name for path in good.parent.iterdir() if path.name != ".lock") == [DAY, "latest"]

        fill.unlink()
        code, said = run(capsys, "--data", small, "--out", place / "reports")
        assert (code, said.endswith("is up to date")) == (0, True)
        stop_unless_whole(good.parent)


def test_a_disk_that_is_closed_to_writing_is_told_before_anything_is_computed(small, tmp_path, capsys):
    with disk(tmp_path / "disk", "1m") as place:
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)  # noqa: S603, S607
        code, said = run(capsys, "--data", small, "--out", place / "reports")
        assert (code, "cannot be made or written to (Read-only file system)" in said) == (2, True)


@pytest.mark.slow
def test_a_run_is_the_same_to_the_byte_in_another_place_at_another_time_for_another_user(
    good, data, tmp_path, one_core
):
    """Time zone, language, umask, working directory, hashes and the number of cores leave no trace."""
    out = tmp_path / "elsewhere"
    environment = {"TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}
    environment |= {"PYTHONHASHSEED": "4711"}
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    one_core()  # those that are started inherit it
    umask = os.umask(0o077)
    try:
        other = start("run", "--data", data, "--out", out, scratch=scratch, cwd=scratch, **environment)
    finally:
        os.umask(umask)
    said = other.communicate(timeout=300)[1]

    assert other.returncode == 0, said
    here, there = content(good), content(out / DAY)
    assert [name for name in here if here[name] != there.get(name)] == []
    assert (out / DAY).stat().st_mode & 0o077 == 0
