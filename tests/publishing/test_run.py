"""A run from the command line to the folder: what lands there, what never does, and how it ends when it cannot."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from filelock import FileLock

from analysis import cli
from analysis.data.contract import OUTPUTS
from analysis.errors import NotebookError, OutOfTimeError, ReportError, UsageError
from analysis.facts import plain
from analysis.ledger.identities import Identity, stop_unless_all_hold
from analysis.policy import Policy
from analysis.publishing import notebooks, publish, staging
from analysis.publishing.direct import accounts_script
from analysis.reporting.addresses import address

DAY = "2026-10-31"
HOSTILE = {
    "=1+1": "=1+1",
    "+x": "+SUM(A1)",
    "-x": "-2+3",
    "@x": "@cmd",
    "../../x": "../../../etc/passwd",
    "<script>alert(1)</script>": "<script>alert(1)</script>",
    "007": "شركة \u202eقلب",
    "NA": "two\nlines",
    "long": "x" * 5000,
}


DATASET = """
[tables.customers]
path = "customers.csv"
[tables.transactions]
path = "transactions.csv"
[tables.service_events]
sql = "SELECT * FROM read_csv('service_events.csv', all_varchar = true) WHERE activity <> '${MV_TEST_SECRET}'"
"""


def quoted(*cells):
    return ",".join('"' + str(cell).replace('"', '""') + '"' for cell in cells) + "\n"


def tables():
    events = lines = ""
    for n, customer in enumerate(HOSTILE):
        lines += quoted(f"t{n}", customer, "2026-05-05", "sale", 1000 + n, 700)
        lines += quoted(f"u{n}", customer, DAY, "sale", 500, 400)
        events += quoted(f"e{n}", customer, "2026-05-05T10:00:00", "call", 20 * n * n)
    return {
        "customers": "customer_id,name\n" + "".join(quoted(i, name) for i, name in HOSTILE.items()),
        "transactions": "transaction_id,customer_id,date,kind,list_amount,cogs\n" + lines,
        "service_events": "event_id,customer_id,at,activity,minutes\n" + events,
        "costing": 'period = "year"\n[resources.desk]\ncost = 4000\ncapacity_minutes = 5000\nuncertainty = 0.1\n'
        '[activities.call]\nresource = "desk"\n[control]\nrevenue = 13536\n',
        "policy": "[uncertainty]\ndraws = 200\nrank_draws = 100\n",
    }


@pytest.fixture(scope="module")
def data(share_dataset):
    place = share_dataset(**tables())
    (place / "dataset.toml").write_text(DATASET, encoding="utf-8")
    return place


@pytest.fixture(scope="module", autouse=True)
def secret():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MV_TEST_SECRET", "hunter2-is-secret")
        yield


def command(*arguments):
    return [sys.executable, "-m", "analysis", *map(str, arguments)]


@pytest.fixture(scope="module")
def published(data, tmp_path_factory):
    """The folder of one real run, started as a scheduler starts it, and what it said."""
    out = tmp_path_factory.mktemp("reports")
    done = subprocess.run(command("run", "--data", data, "--out", out), capture_output=True, text=True, timeout=900)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return out / DAY, done


@pytest.fixture
def call(capsys):
    """Call the command line in this process; return its exit code and what it said."""

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            cli.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return run


def content(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def untouched(published):
    """The last good run, which must be the same to the byte, and alone, after the test."""
    place, _ = published
    before = content(place)
    yield place
    assert content(place) == before
    assert sorted(path.name for path in place.parent.iterdir()) == [".lock", DAY, "latest"]


@pytest.fixture
def one_notebook(monkeypatch, tmp_path):
    """Return a function that makes a notebook of one cell the only report of a run."""

    def use(source, text=None):
        folder = tmp_path / "notebooks"
        folder.mkdir()
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        parameters = nbformat.v4.new_code_cell("data = as_of = policy = tables = ''", metadata={"tags": ["parameters"]})
        cells = [parameters, nbformat.v4.new_code_cell(source)]
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        (folder / "executive.ipynb").write_text(text or nbformat.writes(notebook), encoding="utf-8")
        monkeypatch.setattr(notebooks, "notebooks_folder", lambda: folder)
        monkeypatch.setattr(publish, "REPORTS", (notebooks.Report("executive", "index.html"),))

    return use


def test_a_run_writes_pages_tables_notebooks_and_its_facts_and_nothing_else(published):
    place, _ = published
    names = {str(path) for path in content(place)}
    pages = {report.page for report in notebooks.REPORTS}

    assert names == {
        "run.json",
        "accounts.html",
        "workbook.xlsx",
        *(address(customer) for customer in HOSTILE),
        *pages,
        *(f"notebooks/{report.notebook}.ipynb" for report in notebooks.REPORTS),
        *(f"tables/{name}.{kind}" for name in OUTPUTS for kind in ("csv", "parquet")),
    }
    assert "index.html" in pages


def test_a_run_tells_its_steps_as_plain_lines_in_a_log(published):
    place, done = published
    steps = [line.split(" ", 1)[1] for line in done.stderr.splitlines()]

    assert done.stdout == ""
    assert steps[0].startswith("reading ")
    assert steps[-1] == f"{place} is ready: open {place / 'index.html'}"
    assert "\x1b" not in done.stderr
    assert "IPKernelApp" not in done.stderr


def test_run_json_says_what_the_run_was(published):
    facts = json.loads((published[0] / "run.json").read_text(encoding="utf-8"))

    assert (facts["as_of"], facts["currency"], facts["accounts"]) == (DAY, "EUR", len(HOSTILE))
    assert facts["window"] == {"start": "2025-11-01", "end": DAY, "months": 12}
    assert facts["policy"]["finance"]["receivables_rate"] == 0.08
    assert facts["stated"]["uncertainty"] == {"draws": 200, "rank_draws": 100}
    assert "finance" not in facts["stated"]
    assert facts["totals"]["net_revenue"] == sum(1500 + n for n in range(len(HOSTILE)))
    assert facts["totals"]["cost_to_serve"] == 0.8 * sum(20 * n * n for n in range(len(HOSTILE)))
    assert all(identity["holds"] for identity in facts["identities"])
    assert {table["table"]: table["rows"] for table in facts["inputs"]} == {
        "customers": 9,
        "transactions": 18,
        "service_events": 9,
    }
    assert facts["coverage"]["net_margin"] == {"scored": 9, "of": 9}
    assert facts["books"]["tied"] is True
    assert facts["packages"]["pandas"] == pd.__version__
    assert any("invoices" in left["why"] for left in facts["left_out"])


def test_nothing_of_the_environment_ends_in_a_file(published, data):
    place, done = published
    everything = b"".join(content(place).values()) + done.stderr.encode()

    assert b"hunter2" not in everything
    assert b"NaN" not in (place / "run.json").read_bytes()


def test_the_cells_of_a_spreadsheet_are_text_and_never_a_formula(published):
    with (published[0] / "tables" / "accounts.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = {row["customer_id"]: row["name"] for row in csv.DictReader(stream)}

    assert rows["'=1+1"] == "'=1+1"
    assert (rows["'+x"], rows["'-x"], rows["'@x"]) == ("'+SUM(A1)", "'-2+3", "'@cmd")
    assert (rows["007"], rows["NA"], rows["long"]) == (HOSTILE["007"], HOSTILE["NA"], HOSTILE["long"])
    for path in (published[0] / "tables").glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            cells = [cell for row in csv.reader(stream) for cell in row]
        risky = [cell for cell in cells if cell[:1] in ("=", "+", "@", "\t", "\r") or cell[:2] in ("-2", "-x")]
        assert [cell for cell in risky if not _is_number(cell)] == []


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_the_parquet_tables_hold_the_names_as_they_are(published):
    frame = pd.read_parquet(published[0] / "tables" / "accounts.parquet")

    assert dict(zip(frame.customer_id, frame.name, strict=True)) == HOSTILE


def test_hostile_names_end_as_text_in_the_pages(published):
    pages = [BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for path in published[0].glob("*.html")]
    words = " ".join(page.get_text() for page in pages)
    links = [
        str(tag.get(key)) for page in pages for tag in page.find_all(True) for key in ("href", "src") if tag.get(key)
    ]

    assert [tag.string for page in pages for tag in page.find_all("script")] == [accounts_script()]
    assert "<script>alert(1)</script>" in words
    assert "=1+1" in words
    assert not [link for link in links if "passwd" in link or ".." in link]
    assert "x" * 1000 not in words


def test_the_same_run_again_changes_nothing_and_says_so(untouched, data, call):
    stamps = {path: path.stat().st_mtime_ns for path in untouched.rglob("*")}

    code, _, said = call("run", "--data", data, "--out", untouched.parent, "--as-of", DAY)

    assert (code, "is up to date" in said) == (0, True)
    assert {path: path.stat().st_mtime_ns for path in untouched.rglob("*")} == stamps


@pytest.mark.slow
def test_the_same_run_by_force_gives_the_same_bytes(published, data, monkeypatch, tmp_path):
    place, _ = published
    two = tuple(report for report in notebooks.REPORTS if report.notebook in {"segments", "method"})
    monkeypatch.setattr(publish, "REPORTS", two)
    shutil.copytree(place, tmp_path / DAY)

    again = content(publish.run(data, tmp_path, force=True))
    before = content(place)

    # The bars at the top of pages and `files` of run.json list the pages that there are.
    bars = re.compile(rb'<nav\b[^>]*class="bar.*?</nav>', re.DOTALL)
    assert [str(path) for path in again if bars.sub(b"", again[path]) != bars.sub(b"", before[path])] == ["run.json"]
    some, all_of_them = (json.loads(files[Path("run.json")]) for files in (again, before))
    assert some.pop("files").keys() < all_of_them.pop("files").keys()
    assert some == all_of_them


def test_another_policy_for_the_same_day_needs_a_label(untouched, data, call):
    code, _, said = call("run", "--data", data, "--out", untouched.parent, "--set", "finance.receivables_rate=0.07")

    assert (code, "under another policy" in said, "--label tuned" in said) == (2, True, True)


def test_a_default_that_another_version_changed_is_no_other_policy(tmp_path):
    """After an upgrade a schedule makes the day's run anew; a key that the user changed is refused."""
    chosen = {"uncertainty": {"draws": 200}}
    policy = Policy.read(None, chosen)
    of_before = policy.in_force() | {"currency": "USD", "a_key_that_is_gone": {}}
    run = {"policy": of_before, "stated": plain(policy.stated()), "run_id": "by another code"}
    (tmp_path / "run.json").write_text(json.dumps(run), encoding="utf-8")

    assert run["stated"] == chosen
    assert not staging.is_done(tmp_path, "by this code", policy)
    with pytest.raises(UsageError, match="under another policy"):
        staging.is_done(tmp_path, "by this code", Policy.read(None, {"uncertainty": {"draws": 300}}))


def test_a_label_is_part_of_a_name_and_nothing_else(untouched, data, call):
    code, _, said = call("run", "--data", data, "--out", untouched.parent, "--label", "../tuned")

    assert (code, "cannot be part of a folder's name" in said) == (2, True)


def test_a_folder_that_is_no_run_is_never_replaced(data, tmp_path):
    (tmp_path / DAY).mkdir()
    (tmp_path / DAY / "thesis.txt").write_text("years of work", encoding="utf-8")

    with pytest.raises(UsageError, match="no run that can be read"):
        publish.run(data, tmp_path)
    assert (tmp_path / DAY / "thesis.txt").read_text(encoding="utf-8") == "years of work"


@pytest.mark.slow
def test_a_notebook_that_fails_is_named_with_its_error_and_nothing_changes(untouched, data, one_notebook, call):
    one_notebook("1 / 0")

    code, _, said = call("run", "--data", data, "--out", untouched.parent, "--force")

    assert code == NotebookError.exit_code == 4
    assert "executive.ipynb" in said
    assert "ZeroDivisionError" in said


@pytest.mark.slow
def test_a_notebook_that_is_none_or_whose_process_dies_is_a_failed_notebook_too(untouched, data, one_notebook):
    one_notebook("", text="this is no notebook")
    with pytest.raises(NotebookError, match=r"executive\.ipynb"):
        publish.run(data, untouched.parent, force=True)


@pytest.mark.slow
def test_a_run_out_of_time_says_what_was_not_done_and_nothing_changes(untouched, data, one_notebook):
    one_notebook("import time\ntime.sleep(60)")
    started = time.monotonic()

    with pytest.raises(OutOfTimeError, match=r"not done: executive.*--timeout") as late:
        publish.run(data, untouched.parent, force=True, timeout=0.01)
    assert late.value.exit_code == 5
    assert time.monotonic() - started < 60


@pytest.mark.slow
def test_a_page_that_fails_its_check_is_not_published(untouched, data, one_notebook, call):
    one_notebook("from IPython.display import HTML\nHTML('<script>alert(1)</script>')")

    code, _, said = call("run", "--data", data, "--out", untouched.parent, "--force")

    assert code == ReportError.exit_code == 6
    assert "index.html: There is a <script> element" in said


def test_a_ledger_that_does_not_reconcile_is_not_published():
    stop_unless_all_hold([Identity("two sums", 100.0, 100.004)])
    with pytest.raises(ReportError, match=r"two sums: 100\.0000 is not 100\.0100") as stopped:
        stop_unless_all_hold([Identity("two sums", 100.0, 100.01), Identity("not known", float("nan"), 0.0)])
    assert stopped.value.exit_code == 6
    assert "not known" in str(stopped.value)


def test_a_run_waits_for_nobody_who_holds_the_lock(untouched, data, call):
    with FileLock(untouched.parent / ".lock"):
        code, _, said = call("run", "--data", data, "--out", untouched.parent)

    assert (code, "Another run" in said) == (75, True)


def test_books_that_are_missed_and_rows_that_are_rejected_end_with_three(untouched, data, call, tmp_path):
    off = tmp_path / "costing.toml"
    off.write_text((data / "costing.toml").read_text(encoding="utf-8").replace("13536", "14000"), encoding="utf-8")
    code, _, said = call("run", "--data", data, "--out", untouched.parent, "--costing", off, "--force")
    assert (code, "control.revenue" in said) == (3, True)

    bad = tmp_path / "bad"
    shutil.copytree(data, bad)
    with (bad / "transactions.csv").open("a", encoding="utf-8") as stream:
        stream.write("x1,ghost,2026-10-01,sale,1,1\nx2,ghost,2026-10-01,sale,1,1\n")
    code, _, said = call("run", "--data", bad, "--out", untouched.parent)
    assert (code, "2 of 20 rows" in said, "ghost" in said) == (3, True, True)


def test_a_crash_between_the_two_renames_is_put_right_by_the_next_run(untouched, data):
    out = untouched.parent
    untouched.rename(out / f".old-{DAY}")
    (out / f".stage-{DAY}").mkdir()
    (out / f".stage-{DAY}" / "half.txt").write_text("half", encoding="utf-8")

    assert publish.run(data, out) == untouched


def test_what_a_finished_run_left_aside_is_tidied_by_the_next(untouched, data):
    (untouched.parent / f".old-{DAY}").mkdir()

    assert publish.run(data, untouched.parent) == untouched


def test_check_lists_every_problem_for_people_and_for_machines(data, call, tmp_path):
    code, said, _ = call("check", "--data", data)
    assert code == 0
    assert "customers: 9 rows" in said

    bad = tmp_path / "bad"
    shutil.copytree(data, bad)
    with (bad / "transactions.csv").open("a", encoding="utf-8") as stream:
        stream.write("x1,ghost,2026-10-01,sale,1,1\n")
    code, said, _ = call("check", "--data", bad)
    assert code == 3
    assert "transactions.customer_id: this is not in `customers`" in said
    assert "row 20 (x1): ghost" in said

    code, said, _ = call("check", "--data", bad, "--json")
    told = json.loads(said)
    assert code == 3
    [problem] = [p for p in told["problems"] if p["severity"] == "error"]
    assert (problem["table"], problem["column"], problem["rule"]) == ("transactions", "customer_id", "unknown_customer")
    assert problem["examples"] == [{"row": 20, "key": "x1", "value": "ghost"}]
    assert told["tables"][1] == {
        "table": "transactions",
        "rows": 19,
        "accepted": 18,
        "rejected": 1,
        "emptied_cells": 0,
        "rejected_amount": 1,
    }


def test_check_of_what_cannot_be_opened_is_json_too(call, tmp_path):
    (tmp_path / "customers.csv").write_text("id\n1\n", encoding="utf-8")

    code, said, _ = call("check", "--data", tmp_path, "--json")
    assert code == 3
    assert {p["rule"] for p in json.loads(said)["problems"]} == {"missing_table", "missing_column"}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--set", "window.month=3"], "window.month"),
        (["--set", "window.months=many"], "window.months"),
        (["--set", "window.months"], "KEY=VALUE"),
        (["--set", ".months=3"], "KEY=VALUE"),
        (["--policy", "nowhere.toml"], "nowhere.toml"),
        (["--colour", "red"], "--colour"),
        (["--data", "nowhere"], "nowhere"),
    ],
)
def test_a_wrong_call_ends_with_two_and_names_what_is_wrong(data, call, arguments, named):
    code, _, said = call("check", "--data", data, *arguments)

    assert (code, named in said) == (2, True)


def test_a_choice_is_read_as_toml_or_else_as_text():
    assert cli._overrides(("window.months=24", "currency=CHF", "segments.within_size_bands=true")) == {
        "window": {"months": 24},
        "currency": "CHF",
        "segments": {"within_size_bands": True},
    }
    assert cli._overrides(("a.b=1", "a.c=[1, 2]", "a.b=0.5")) == {"a": {"b": 0.5, "c": [1, 2]}}


def test_help_names_every_command_and_an_unknown_one_ends_with_two(call):
    code, said, _ = call("--help")

    assert code == 0
    assert all(name in said for name in ("check", "contract", "init", "run", "sample"))
    assert call("frobnicate")[0] == 2


def test_contract_prints_the_page_of_the_docs(call):
    page = Path(__file__).parents[2] / "docs" / "tables.md"

    assert call("contract")[1] == page.read_text(encoding="utf-8")


def test_init_starts_a_dataset_that_check_can_read(call, tmp_path):
    assert call("init", tmp_path / "mine")[0] == 0
    code, said, _ = call("check", "--data", tmp_path / "mine")
    assert (code, "no account is left" in said) == (3, True)
    assert call("init", tmp_path / "mine")[0] == 2
