"""What nobody foresaw, and folders that take no file: a sentence, a code, a log without data, the rest untouched."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest

import sample_firms as sample
from analysis import cli
from analysis.data import skeleton
from analysis.errors import UnforeseenError, UsageError
from analysis.publishing import notebooks, publish, staging
from analysis.publishing.telling import Ended
from analysis.publishing.watched import watch
from analysis.tables.computed import Computed

NAME = "ACME-4711"
DAY = "2026-10-31"


@pytest.fixture
def data(write_dataset):
    lines = "".join(f"t{n},{NAME},2026-{n:02d}-05,sale,1000,700\n" for n in range(1, 11))
    return write_dataset(
        customers=f"customer_id,name\n{NAME},{NAME}\n",
        transactions=f"transaction_id,customer_id,date,kind,list_amount,cogs\n{lines}",
    )


@pytest.fixture
def out(tmp_path):
    """A folder with the last good run, which must be the same to the byte, and alone, after the test."""
    place = tmp_path / "reports" / DAY
    place.mkdir(parents=True)
    (place / "run.json").write_text('{"run_id": "the last good one"}', encoding="utf-8")
    (place / "index.html").write_bytes(b"<h1>The last good run</h1>\n")
    yield place.parent
    assert {path.name: path.read_bytes() for path in place.iterdir()} == {
        "run.json": b'{"run_id": "the last good one"}',
        "index.html": b"<h1>The last good run</h1>\n",
    }
    assert {path.name for path in place.parent.iterdir()} <= {".lock", "latest", DAY}


@pytest.fixture
def logs(tmp_path, monkeypatch):
    """The folder for temporary files, which is the test's own; return a function that gives the logs in it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return lambda: sorted(folder.glob("mutual-value-error-*.log"))


@pytest.fixture
def call(capfd):
    """Call the command line in this process; return its exit code and what it said on standard error."""

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            cli.main([str(argument) for argument in arguments])
        return ended.value.code, capfd.readouterr().err

    return run


def raises(fault):
    def fail(*_, **__):
        raise fault

    return fail


def lookup(*_, **__):
    """Fail as a real mapping does, after another error was handled."""
    try:
        float(NAME)
    except ValueError:
        return {}[NAME]


COMMANDS = {
    "run": lambda data, out: ["run", "--data", data, "--out", out],
    "backtest": lambda data, out: ["backtest", "--data", data, "--out", out],
    "check": lambda data, _: ["check", "--data", data],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_an_error_that_nobody_foresaw_is_a_sentence_with_a_log_and_nothing_changes(
    command, data, out, logs, call, monkeypatch
):
    monkeypatch.setattr("analysis.opening.check", lookup)

    code, said = call(*COMMANDS[command](data, out))

    [log] = logs()
    *steps, sentence = said.splitlines()
    assert code == UnforeseenError.exit_code == 70
    assert [step for step in steps if " reading " not in step] == []
    assert sentence.startswith("Something went wrong that nobody foresaw (KeyError in opening.py, line ")
    assert sentence.endswith(f"The details for the maintainers are in {log}.")
    assert ("What was published is as it was." in sentence) == (command != "check")
    assert NAME not in said


def test_the_log_has_every_error_with_its_place_and_no_value(data, out, logs, call, monkeypatch):
    monkeypatch.setattr("analysis.opening.check", lookup)
    call("run", "--data", data, "--out", out, "--as-of", DAY)

    [log] = logs()
    text = log.read_text(encoding="utf-8")
    line = lookup.__code__.co_firstlineno
    assert "command: run\n" in text
    assert f"Python {sys.version_info.major}.{sys.version_info.minor}" in text
    assert f"  test_unforeseen.py, line {line + 5}, in lookup\n" in text
    assert f"raised after builtins.ValueError\n  test_unforeseen.py, line {line + 3}, in lookup\n" in text
    assert text.index("  cli.py, line ") < text.index("  opening.py, line ") < text.index("in lookup")
    assert not [value for value in (NAME, DAY, str(data), "float(") if value in text]
    if os.name == "posix":
        assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_failure_while_the_tables_are_computed_leaves_nothing_staged(data, out, logs, call, monkeypatch):
    monkeypatch.setattr(publish, "is_done", lambda *_: False)
    monkeypatch.setattr(Computed, "each", raises(ZeroDivisionError(NAME)))

    code, said = call("run", "--data", data, "--out", out)

    assert (code, len(logs())) == (70, 1)
    assert "ZeroDivisionError in publishing/tables.py, line " in said
    assert NAME not in said + logs()[0].read_text(encoding="utf-8")


def test_a_log_that_cannot_be_written_is_told_instead(data, out, tmp_path, call, monkeypatch):
    monkeypatch.setattr("analysis.opening.open_dataset", raises(KeyError(NAME)))

    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
        code, said = call("check", "--data", data)

    assert code == 70
    assert "No log could be written" in said
    assert "builtins.KeyError\n  cli.py, line " in said
    assert NAME not in said


def came_of(first: BaseException, second: BaseException) -> BaseException:
    """Return an error that was raised while another was handled, as a library's own for a full disk."""
    second.__context__ = first
    return second


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (MemoryError(NAME), "The memory ran out (MemoryError in opening.py, line "),
        (OSError(errno.ENOSPC, NAME, NAME), "The disk is full (OSError in opening.py, line "),
        (came_of(OSError(errno.ENOSPC, NAME), ValueError(NAME)), "The disk is full (ValueError in opening.py, line "),
        (PermissionError(errno.EACCES, NAME, NAME), "The system refused: Permission denied (PermissionError in "),
        (PermissionError(errno.EACCES, NAME, __file__), f"The system refused {__file__}: Permission denied ("),
        (ExceptionGroup(NAME, [KeyError(NAME)]), "nobody foresaw (ExceptionGroup in opening.py, line "),
        (type("Panic", (BaseException,), {})(NAME), "nobody foresaw (Panic in opening.py, line "),
    ],
)
def test_what_the_machine_would_not_do_is_told_as_that(fault, words, data, logs, call, monkeypatch):
    monkeypatch.setattr("analysis.opening.open_dataset", raises(fault))

    code, said = call("check", "--data", data)

    assert (code, words in said) == (70, True), said
    assert NAME not in said + logs()[0].read_text(encoding="utf-8")


def test_an_interrupt_is_no_error_of_that_kind(data, logs, call, monkeypatch):
    monkeypatch.setattr("analysis.opening.open_dataset", raises(KeyboardInterrupt()))

    code, said = call("check", "--data", data)

    assert (code, said.strip(), logs()) == (1, "Aborted!", [])


def test_the_commands_that_invent_and_start_a_dataset_end_so_too(tmp_path, logs, call, monkeypatch):
    monkeypatch.setattr(sample, "make_accounts", raises(IndexError(NAME)))
    monkeypatch.setattr(skeleton, "_columns", raises(IndexError(NAME)))

    asked = {
        "sample_firms/__init__.py": ["sample", "--out", tmp_path / "a"],
        "data/skeleton.py": ["init", tmp_path / "b"],
    }
    for place, arguments in asked.items():
        code, said = call(*arguments)
        assert (code, f"(IndexError in {place}" in said, "is not whole" in said) == (70, True, True)
    assert len(logs()) == 2


@pytest.mark.parametrize("command", ["run", "backtest", "sample", "init"])
@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_file_where_the_folder_should_be_is_told_and_kept(command, below, data, tmp_path, logs, call):
    file = tmp_path / "taken"
    file.write_text("mine", encoding="utf-8")
    told = [file / below] if command == "init" else ["--out", file / below]
    read = ["--data", data] if command in COMMANDS else []

    code, said = call(command, *read, *told)

    assert (code, logs(), file.read_text(encoding="utf-8")) == (2, [], "mine")
    assert str(file) in said
    assert "Traceback" not in said


@pytest.mark.parametrize("command", ["run", "backtest"])
@pytest.mark.parametrize("option", ["--data", "--out", "--policy", "--costing"])
def test_a_name_that_is_too_long_for_the_disk_is_a_wrong_call(command, option, data, tmp_path, logs, call):
    given = {"--data": data, "--out": tmp_path / "reports", option: "x" * 300}

    code, said = call(command, *(part for pair in given.items() for part in pair))

    assert (code, "x" * 300 in said, logs()) == (2, True, [])


@pytest.mark.parametrize("command", ["run", "backtest"])
@pytest.mark.parametrize("below", [DAY, f"{DAY}/more"])
def test_no_run_lands_in_the_folder_of_another(command, below, data, out, logs, call):
    """As with `--out reports/latest`: the next run of that day would take it away."""
    code, said = call(command, "--data", data, "--out", out / below)

    assert (code, "is in the folder of a run" in said, logs()) == (2, True, [])


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that refuses files even to root")
@pytest.mark.parametrize("command", ["run", "backtest", "sample", "init"])
def test_a_folder_that_takes_no_file_is_told_before_anything_is_computed(command, data, logs, call):
    told = ["/proc/self"] if command == "init" else ["--out", "/proc/self"]
    read = ["--data", data] if command in COMMANDS else []

    code, said = call(command, *read, *told)

    assert (code, said.count("\n"), logs()) == (2, 1, [])
    assert said.startswith("/proc/self cannot be made or written to (")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that refuses files even to root")
def test_a_machine_without_a_folder_for_temporary_files_says_how_to_name_one(monkeypatch, tmp_path):
    """As in a container whose root nobody writes to, started without --tmpfs /tmp."""
    monkeypatch.setattr(tempfile, "tempdir", "/proc/self")
    with pytest.raises(UsageError, match=r"^No folder for temporary files .* TMPDIR\.$"):
        watch(tmp_path, 60, Ended())


def test_a_new_run_that_cannot_be_put_in_place_puts_the_old_one_back(out):
    with pytest.raises(FileNotFoundError):
        staging.put_in_place(out / "never-staged", out / DAY)


def test_a_notebook_that_fails_tells_the_kind_and_its_log_has_no_value(tmp_path, logs, monkeypatch, capfd):
    cells = ["data = ''", f"from analysis.formats import day\nday('{NAME}')"]
    made = [nbformat.v4.new_code_cell(cell) for cell in cells]
    made[0].metadata["tags"] = ["parameters"]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel})
    (tmp_path / "broken.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    (tmp_path / "none.ipynb").write_text(NAME, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLBACKEND", "PYDEVD_DISABLE_FILE_VALIDATION"):
        monkeypatch.setenv(name, os.environ.get(name, ""))

    reports = [notebooks.Report(name, f"{name}.html") for name in ("broken", "none")]
    private = tempfile.mkdtemp()
    told = [str(notebooks._run_one(one, tmp_path, tmp_path, {}, private, 60, None)) for one in reports]

    assert told[0].startswith(
        "broken.ipynb, cell 2: something went wrong that nobody foresaw (AttributeError). The details"
    )
    assert told[1].startswith("none.ipynb: Something went wrong that nobody foresaw (")
    texts = [log.read_text(encoding="utf-8") for log in logs()]
    assert len(texts) == 2
    assert NAME not in "".join((*told, *texts, *capfd.readouterr()))
    assert any("AttributeError\n  the cell, line 2\n  formats.py, line " in text for text in texts)


@pytest.mark.parametrize(
    ("fault", "code"), [(OSError(errno.ENOSPC, NAME), 70), (MemoryError(), 70), (ValueError(NAME), 4)]
)
def test_a_full_disk_ends_with_the_same_code_while_notebooks_run(fault, code, tmp_path, logs, monkeypatch):
    monkeypatch.setattr(notebooks, "_execute", raises(fault))
    report = notebooks.Report("method", "method.html")
    assert notebooks._run_one(report, tmp_path, tmp_path, {}, str(tmp_path), 60, None).exit_code == code
    assert len(logs()) == 1
