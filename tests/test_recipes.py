"""The recipes of CONTRIBUTING, each followed on a copy of the package."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import analysis

#: Each starts the copy anew.
pytestmark = pytest.mark.slow
SOURCE = Path(analysis.__file__).parent
ROOT = SOURCE.parents[1]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the package to change."""
    shutil.copytree(SOURCE, tmp_path / "analysis", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "analysis"


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file.name}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def said(copy: Path, *args: str) -> str:
    """Return what the copy says when it is run."""
    path = os.pathsep.join([str(copy.parent), str(SOURCE.parent)])
    done = subprocess.run(  # noqa: S603
        [sys.executable, *args],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
        cwd=copy.parent,
    )
    return done.stdout + done.stderr


def test_a_column_is_one_line_that_the_docs_and_the_tables_follow(copy):
    what_it_is = '"Agreed but not wanted: entitled above expected, an offer to trade.",\n        (\n'
    more = '            number("years_unused", "since when nobody wanted it"),\n'
    change(copy / "topics/service/columns.py", what_it_is, what_it_is + more)

    assert "`years_unused` | number | since when nobody wanted it" in said(copy, "-m", "analysis", "contract")
    asked = "from analysis.data.contract import empty; print(empty('trades').years_unused.dtype)"
    assert said(copy, "-c", asked) == "float64\n"


def test_a_key_of_the_policy_is_one_field_that_the_settings_tell(copy):
    begins = "class Perception(Settings):\n"
    field = '    patience: int = Field(3, ge=1, description="quarters that we wait for a talk")\n'
    file = copy / "topics/perception/policy.py"
    change(file, "    months: int = Field(18,", field + "    months: int = Field(18,")
    assert begins in file.read_text(encoding="utf-8")

    assert "quarters that we wait for a talk" in said(copy, "-m", "analysis", "settings")
    read = "Policy.read(None, {'perception': {'patience': 5}}).perception.patience"
    assert said(copy, "-c", f"from analysis.policy import Policy; print({read})") == "5\n"


def test_a_table_without_a_function_and_a_function_without_a_table_stop_the_import(copy):
    change(copy / "topics/service/tables.py", "def trades(", "def trade(")
    told = said(copy, "-c", "import analysis.tables.every")

    assert "No function computes the table trades." in told
    assert "The contract has no table trade." in told


def test_a_step_that_is_not_told_everywhere_is_named_with_all_that_it_lacks(copy):
    begins = "_ALL = (\n"
    step = '    Step(*("thank", "reassess", (), _NOTHING), own=True),\n'
    change(copy / "topics/actions/judgement/steps.py", begins, begins + step)
    told = said(copy, "-c", "import analysis.tables.every").splitlines()[-1]

    lacking = ("ACTIONS", "DEFAULTS", "WORDS", "DOUBTS", "TRIED", "TITLES")
    assert [name for name in lacking if name not in told] == []
    assert "thank" in told


def test_a_page_is_a_module_a_thin_notebook_and_a_line(copy, sample_run, tmp_path):
    (copy / "topics/overview/page/thanks.py").write_text(
        "from analysis.reporting.fragments import paragraph\n\n\n"
        "def thanks(run):\n    return paragraph(f'Thanks to {len(run.accounts)} accounts')\n",
        encoding="utf-8",
    )
    shutil.copytree(ROOT / "notebooks", copy / "notebooks")
    notebook = json.loads((copy / "notebooks/method.ipynb").read_text(encoding="utf-8"))
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    opens = "".join(cells["portfolio"]["source"]).replace("import method", "import thanks")
    cells["portfolio"]["source"] = f"{opens}\nthanks.thanks(p)"
    notebook["cells"] = [cells["parameters"], cells["portfolio"]]
    (copy / "notebooks/thanks.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    first, line = "REPORTS = (\n", '    Report("thanks", "thanks.html"),\n'
    change(copy / "publishing/notebooks.py", first, first + line)
    runs = tmp_path / "runs.py"
    runs.write_text(
        "import time\nfrom pathlib import Path\nfrom analysis.publishing.notebooks import REPORTS, run_notebooks\n\n"
        "if __name__ == '__main__':\n"
        f"    mine = [report for report in REPORTS if report.page == 'thanks.html']\n"
        f"    run_notebooks(mine, Path('done'), {{'tables': {str(sample_run)!r}}}, time.monotonic() + 300)\n",
        encoding="utf-8",
    )
    told = said(copy, str(runs))
    done = tmp_path / "done/thanks.ipynb"

    assert done.exists(), told
    assert "Thanks to 130 accounts" in done.read_text(encoding="utf-8")
