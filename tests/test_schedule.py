"""Recipes for schedulers, filled in: each is read by what will read it, or by its own rules, with awkward paths."""

from __future__ import annotations

import ast
import contextlib
import shlex
import shutil
import subprocess
import sys
import types
import zipfile
from pathlib import Path

import pytest

from analysis.errors import UsageError
from analysis.schedule import RECIPES, Plan, recipe

ROOT = Path(__file__).parents[1]
AWKWARD = Path('/srv/100% of $HOME/it\'s "data"')
PLAN = Plan(AWKWARD, Path("/srv/reports"), 3, 5, 1800, "root")


def given(words):
    return words[words.index("--data") + 1], words[words.index("--out") + 1], words[words.index("--timeout") + 1]


def test_the_line_of_cron_calls_what_was_asked_for_at_its_hour():
    line = recipe("cron", PLAN).splitlines()[-1]

    assert line.startswith("0 5 3 * *  ")
    assert not line.replace(r"\%", "").count("%")  # a bare one would end the command
    assert given(shlex.split(line[11:].replace(r"\%", "%"))) == (str(AWKWARD), "/srv/reports", "1800")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_the_service_and_the_timer_pass_the_check_of_systemd(tmp_path):
    name = ""
    for line in recipe("systemd", PLAN).splitlines():
        name = line.rpartition("/")[2] if line.startswith("# /etc/") else name
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
    units = [str(tmp_path / f"mutual-value.{kind}") for kind in ("service", "timer")]

    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, timeout=60)  # noqa: S603, S607

    assert (done.returncode, [line for line in done.stderr.splitlines() if str(tmp_path) in line]) == (0, [])
    service = (tmp_path / "mutual-value.service").read_text(encoding="utf-8")
    assert "#   useradd --system root; install -d -o root /srv/reports\n" in service
    assert '"/srv/100%% of $$HOME/it\'s \\"data\\""' in service


def test_the_workflow_of_github_is_yaml_with_the_paths_as_they_are():
    yaml = pytest.importorskip("yaml")
    flow = yaml.safe_load(recipe("github", PLAN))
    steps = flow["jobs"]["run"]["steps"]

    assert flow[True]["schedule"] == [{"cron": "0 5 3 * *"}]  # YAML takes `on` for true
    assert [step["env"] for step in steps if "env" in step] == [{"DATA": str(AWKWARD), "OUT": "/srv/reports"}]
    assert flow["permissions"] == {"contents": "read"}


def test_what_jupyter_scheduler_writes_into_its_cell_is_python_with_the_paths_as_they_are():
    lines = [line.split(maxsplit=1) for line in recipe("jupyter", PLAN).splitlines() if line.startswith("  ")]
    typed = {name: said for name, said in lines}

    assert ast.literal_eval(typed["data"]) == str(AWKWARD)
    assert typed["tables"].startswith("'/srv/reports/latest'")


def test_the_dag_of_airflow_is_python_with_the_command_as_it_is():
    tree = ast.parse(recipe("airflow", PLAN))
    [command] = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "COMMAND"
    ]

    assert given(command) == (str(AWKWARD), "/srv/reports", "1800")


@pytest.mark.parametrize(("code", "raised"), [(0, ""), (2, "fail"), (3, "fail"), (75, "other"), (69, "other")])
def test_airflow_tries_again_what_may_pass_and_fails_at_once_on_bad_input(monkeypatch, code, raised):
    """The DAG's own operator over one that ends as Airflow's does: it skips on the codes named, fails on others."""

    class Fail(Exception): ...

    class Skip(Exception): ...

    class Bash:
        def __init__(self, *, skip_on_exit_code, **_):
            self.skips = skip_on_exit_code
            made.append(self)

        def execute(self, _):
            if code in self.skips:
                raise Skip
            if code:
                raise RuntimeError("a failure that Airflow tries again")

    made: list[Bash] = []
    for name, held in {
        "airflow": {},
        "airflow.sdk": {"DAG": lambda **_: contextlib.nullcontext()},
        "airflow.sdk.exceptions": {"AirflowFailException": Fail, "AirflowSkipException": Skip},
        "airflow.providers.standard.operators.bash": {"BashOperator": Bash},
    }.items():
        monkeypatch.setitem(sys.modules, name, types.SimpleNamespace(**held))
    exec(compile(recipe("airflow", PLAN), "dags/mutual_value.py", "exec"), {})  # noqa: S102
    found = {"": contextlib.nullcontext(), "fail": pytest.raises(Fail), "other": pytest.raises(RuntimeError)}

    with found[raised]:
        made[0].execute(None)


def test_the_container_is_an_ordinary_users_with_a_root_that_nobody_writes_to_and_no_network():
    text = recipe("docker", PLAN)
    call = shlex.split(" ".join(line.removeprefix("# ").rstrip("\\") for line in text.splitlines() if "-v " in line))

    assert "USER 10001" in text
    assert [part for part in ("--read-only", "--network none", "--init", "--cap-drop ALL") if part not in text] == []
    assert f"{AWKWARD}:/data:ro" in call


def test_the_container_holds_what_is_installed_and_neither_data_nor_reports(tmp_path):
    """Data and reports may lie beside the code: what is copied builds the whole package, and is named one by one."""
    copied = [line.split()[1:-1] for line in recipe("docker", PLAN).splitlines() if line.startswith("COPY ")]
    app = tmp_path / "app"
    app.mkdir()
    for name in (name for names in copied for name in names):
        source = ROOT / name
        shutil.copytree(source, app / name) if source.is_dir() else shutil.copy(source, app / name)
    assert {path.name for path in app.iterdir()} == {
        *("LICENSE", "README.md", "pyproject.toml", "requirements.txt", "notebooks", "src")
    }

    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    done = subprocess.run(build, cwd=app, capture_output=True, text=True, timeout=120)  # noqa: S603

    assert done.returncode == 0, done.stderr
    [wheel] = (app / "dist").iterdir()
    held = set(zipfile.ZipFile(wheel).namelist())
    inside = ("*.py", "*.toml", "*.j2", "*.css", "*.js", "*.md", "py.typed")
    parts = [path for kind in inside for path in (ROOT / "src").rglob(kind) if path.parent != ROOT / "src"]
    assert {path.relative_to(ROOT / "src").as_posix() for path in parts} <= held
    notebooks = {path.relative_to(ROOT).as_posix() for path in (ROOT / "notebooks").rglob("*.ipynb")}
    assert {f"analysis/{name}" for name in notebooks if ".ipynb_checkpoints" not in name} <= held
    assert {"analysis/py.typed", "sample_firms/py.typed"} <= held


@pytest.mark.parametrize("kind", RECIPES)
def test_a_path_with_a_line_end_is_refused(kind):
    with pytest.raises(UsageError, match="control character"):
        recipe(kind, Plan(Path("/srv/a\nb"), Path("/srv/reports"), 3, 5, 1800, "root"))
