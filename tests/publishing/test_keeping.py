"""Runs over the years: their history from `run.json` alone, the mail, how many stay; and who is told how one ended."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys

import pandas as pd
import psutil
import pytest
from bs4 import BeautifulSoup

from analysis import Portfolio, cli
from analysis.errors import DataError, LockedError, UsageError
from analysis.facts.history import mail
from analysis.publishing import keeping, telling
from analysis.publishing.finished import link_latest
from analysis.publishing.lock import locked
from analysis.publishing.staging import recover
from analysis.publishing.telling import Ended, Telling


def facts(day, margin, *, work=True, **more):
    inputs = [{"table": "customers", "rows": 9, "rejected": 2}]
    return {
        "as_of": day,
        "window": {"start": "2025-01-01", "end": day, "months": 12},
        "currency": "EUR",
        "accounts": 9,
        "policy": {"window": {"months": 12}},
        "code_version": "0.1.0",
        "inputs": [*inputs, {"table": "service_events", "rows": 5}] if work else inputs,
        "totals": {"net_revenue": 1000.0, "net_margin": margin, "cost_to_serve": 40.0, "failure_cost": 7.0}
        | {"loss_making_accounts": 3, "over_service_cost": 5.0},
        "flagged": {"over_served": 2, "under_served": None, "difficult": 0},
        "our_failures": {"cases": 10, "failed_cases": 2.5},
        **more,
    }


@pytest.fixture
def out(tmp_path):
    """Three runs, of which the second changed its policy and the third its code and the tables; one with a label."""

    def write(name, run):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text(json.dumps(run), encoding="utf-8")

    write("2026-08-31", facts("2026-08-31", 100.0))
    write("2026-09-30", facts("2026-09-30", -50.0, policy={"window": {"months": 24}}))
    write("2026-10-31", facts("2026-10-31", 250.0, policy={"window": {"months": 24}}, code_version="0.2.0", work=False))
    write("2026-10-31-tuned", facts("2026-10-31", 999.0))
    (tmp_path / "2026-07-31").mkdir()
    (tmp_path / "2026-07-31" / "thesis.txt").write_text("years of work", encoding="utf-8")
    link_latest(tmp_path)
    return tmp_path


def test_history_is_what_each_run_said_and_what_changed_before_it(out):
    found = keeping.history(out).astype(object)

    assert found.run.tolist() == ["2026-08-31", "2026-09-30", "2026-10-31"]
    assert found.net_margin.tolist() == [100.0, -50.0, 250.0]
    assert found.net_margin_pct.tolist() == [0.1, -0.05, 0.25]
    assert found.changed.tolist() == ["", "policy", "code"]
    assert (found.over_served.tolist(), found.under_served.isna().all()) == ([2, 2, 2], True)
    assert found.failed_cases.tolist() == [2.5, 2.5, 2.5]
    assert found.failure_cost.tolist()[:2] == [7.0, 7.0]
    assert pd.isna(found.failure_cost[2])  # no work was recorded: not known, and not 0


def test_the_page_over_all_runs_stands_alone_and_says_what_the_table_says(out, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["history", "--out", str(out)])
    assert not ended.value.code
    page = BeautifulSoup((out / "history.html").read_text(encoding="utf-8"), "html.parser")

    assert "went from EUR 100 to EUR 250" in page.h1.get_text().replace("\N{NO-BREAK SPACE}", " ")
    days = ["31 October 2026", "30 September 2026", "31 August 2026"]
    assert [row.th.get_text() for row in page.table.tbody.find_all("tr")] == days
    assert "the last of 31 October 2026." in page.get_text()
    changed = [row.find_all("td")[-1].get_text() for row in page.find_all("table")[1].tbody.find_all("tr")]
    assert changed == ["code", "policy", "the first run"]
    assert pd.read_csv(io.StringIO(capsys.readouterr().out)).net_margin.tolist() == [100, -50, 250]
    assert pd.read_csv(out / "history.csv").net_margin.tolist() == [100, -50, 250]
    assert not [path for path in out.iterdir() if path.name.startswith(".stage")]


def test_a_key_that_a_new_version_brings_with_its_default_is_no_other_policy(tmp_path):
    """The first of two runs is of a version that lacks a key; nobody has stated anything, then one key."""
    for day, states, policy in (
        ("2026-08-31", {}, {"window": {"months": 12}}),
        ("2026-09-30", {}, {"window": {"months": 12}, "finance": {"receivables_rate": 0.08}}),
        ("2026-10-31", {"currency": "USD"}, {"window": {"months": 12}, "currency": "USD"}),
    ):
        (tmp_path / day).mkdir()
        run = facts(day, 1.0, policy=policy, stated=states)
        (tmp_path / day / "run.json").write_text(json.dumps(run), encoding="utf-8")

    assert keeping.history(tmp_path).changed.tolist() == ["", "", "policy"]


@pytest.mark.parametrize(
    "call", [["mail"], ["history", "--out"], ["prune", "--keep", "1", "--out"], ["propose", __file__, "--out"]]
)
def test_a_name_that_no_disk_takes_is_a_wrong_call_and_nothing_unforeseen(call, capsys):
    """A file's name has 255 bytes at most on the disks of Linux, macOS and Windows."""
    with pytest.raises(SystemExit) as ended:
        cli.main([*call, "x" * 256])

    assert (ended.value.code, "log" in capsys.readouterr().err) == (2, False)


def test_the_tables_of_a_run_are_not_looked_for_under_a_name_that_no_disk_takes():
    with pytest.raises(UsageError, match="There is no folder"):
        Portfolio(tables="x" * 256)


def test_no_runs_make_no_history(tmp_path):
    with pytest.raises(UsageError, match="No finished run"):
        keeping.write_history(tmp_path)


def test_the_mail_has_ten_lines_at_most_and_the_run_before(out):
    lines = keeping.mail_of(out / "latest")
    text = "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")

    assert len(lines) <= 10
    assert "Net margin: EUR 250 (25% of net revenue), after \N{MINUS SIGN}EUR 50 on 30 September 2026" in text
    assert "Accounts: 9, of which 3 lose money" in text
    assert "Rows rejected: 2" in text
    assert "failures" not in text  # not known
    assert lines[-1].endswith(str(out.resolve() / "2026-10-31" / "index.html"))
    with pytest.raises(UsageError, match=r"Give .*latest"):
        keeping.mail_of(out)


def test_the_mail_says_that_none_loses_money_and_where_the_work_is_not_known():
    run = facts("2026-10-31", 250.0, work=False)
    run["totals"]["loss_making_accounts"] = 0
    lines = mail(run, "here")
    assert "Accounts: 9, of which none loses money" in lines
    run["accounts"], run["totals"]["loss_making_accounts"] = 5_244, 1
    assert "Accounts: 5,244, of which 1 loses money" in mail(run, "here")
    [margin] = [line for line in lines if line.startswith("Net margin")]
    assert margin.endswith("(25% of net revenue); the work of serving is not recorded")
    assert not any("not recorded" in line for line in mail(facts("2026-10-31", 250.0), "here"))


def test_the_mail_says_where_the_data_begins_late_in_the_window():
    run = facts("2026-10-31", 250.0) | {"data_from": "2026-09-01"}
    assert mail(run, "here")[0].endswith("to 31 October 2026; the data begins on 1 September 2026")


def test_prune_keeps_the_latest_days_with_their_labels_and_what_is_no_run(out):
    assert [path.name for path in keeping.prune(out, 1, dry=True)] == ["2026-08-31", "2026-09-30"]
    assert (out / "2026-08-31").exists()

    keeping.prune(out, 1)

    left = sorted(path.name for path in out.iterdir() if path.name != ".lock")
    assert left == ["2026-07-31", "2026-10-31", "2026-10-31-tuned", "latest"]
    assert (out / "2026-07-31" / "thesis.txt").exists()


def test_tidying_takes_away_what_a_run_left_and_nothing_of_anybody_else(tmp_path):
    ours = [".stage-2026-10-31", ".stage-2026-10-31-tuned", ".stage-2025-12-31_to_2026-06-30", ".old-2026-10-31"]
    theirs = [".old-archive", ".old-notes", ".stage-scripts", ".old-2026"]
    for name in ("2026-10-31", "archive", *ours, *theirs):
        (tmp_path / name).mkdir()
        (tmp_path / name / "work.txt").write_text("years of it", encoding="utf-8")
    files = [".old-notes.txt", ".stage-plan.md", ".old-2026-09-30"]
    for name in files:
        (tmp_path / name).write_text("years of it", encoding="utf-8")
    (tmp_path / ".stage-history.csv").write_text("half", encoding="utf-8")
    (tmp_path / ".stage-latest").symlink_to("2026-10-31")

    recover(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {"2026-10-31", "archive", *theirs, *files}
    assert all((tmp_path / name / "work.txt").exists() for name in ("2026-10-31", "archive", *theirs))


def test_no_history_is_written_while_a_run_writes(out):
    with locked(out), pytest.raises(LockedError):
        keeping.write_history(out)
    assert not list(out.glob("*history*"))


def test_prune_waits_for_a_run(out):
    with locked(out), pytest.raises(LockedError):
        keeping.prune(out, 1)
    assert (out / "2026-08-31").exists()


def told(tmp_path, ended, fault=None):
    """Return the environment that a command for either end finds."""
    for name in ("good", "bad"):
        (tmp_path / f"{name}.py").write_text(
            "import json, os, pathlib, sys\n"
            "facts = {k: v for k, v in os.environ.items() if k.startswith('MUTUAL_VALUE_')}\n"
            f"pathlib.Path({str(tmp_path)!r}, {name!r} + '.json').write_text(json.dumps(facts))\nsys.exit(3)\n"
        )
    said = []
    commands = [f'"{sys.executable}" "{tmp_path / name}.py"' for name in ("good", "bad")]
    tell = Telling("run", *commands, said.append)
    if fault is None:
        with tell.of(ended):
            pass
    else:
        with pytest.raises(type(fault)), tell.of(ended):
            raise fault
    assert said == ["the command for the end of the run ended with exit code 3"]
    [file] = tmp_path.glob("*.json")
    return file.stem, json.loads(file.read_text(encoding="utf-8"))


def test_the_command_for_a_good_end_finds_the_facts_and_the_mail(out, tmp_path_factory):
    which, found = told(tmp_path_factory.mktemp("told"), Ended(str(out / "2026-10-31"), new=True))

    assert (which, found["MUTUAL_VALUE_STATUS"], found["MUTUAL_VALUE_EXIT_CODE"]) == ("good", "published", "0")
    assert found["MUTUAL_VALUE_PAGE"] == str(out / "2026-10-31" / "index.html")
    assert found["MUTUAL_VALUE_MAIL"].splitlines() == keeping.mail_of(out / "2026-10-31")


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [(LockedError("Another run; $(touch owned)"), "75", "Another run; $(touch owned)"), (SystemExit(143), "143", "")],
)
def test_the_command_for_a_bad_end_finds_the_code_and_the_sentence(fault, code, message, tmp_path):
    which, found = told(tmp_path, Ended(), fault)

    assert (which, found["MUTUAL_VALUE_STATUS"], found["MUTUAL_VALUE_EXIT_CODE"]) == ("bad", "failed", code)
    assert found["MUTUAL_VALUE_MESSAGE"] == message
    assert code in found["MUTUAL_VALUE_MAIL"]
    assert len(found["MUTUAL_VALUE_MAIL"].splitlines()) <= 10
    assert not (tmp_path / "owned").exists()


def test_a_command_that_takes_too_long_ends_with_all_that_it_started(tmp_path, monkeypatch):
    monkeypatch.setattr(telling, "LIMIT", 1)
    beat = f"import pathlib, time\nwhile True: pathlib.Path({str(tmp_path / 'beat')!r}).write_text(str(time.time()))"
    (tmp_path / "beat.py").write_text(f"{beat}; time.sleep(0.05)\n", encoding="utf-8")
    said = []

    with Telling("run", f'"{sys.executable}" "{tmp_path / "beat.py"}"; true', "", said.append).of(Ended()):
        pass

    assert said == ["the command for the end of the run failed (TimeoutExpired)"]
    assert not [process for process in psutil.process_iter() if str(tmp_path / "beat.py") in _words(process)]


def _words(process):
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


def test_what_nobody_foresaw_is_told_to_the_command_and_the_log_in_words(out, tmp_path_factory, monkeypatch, capsys):
    monkeypatch.setattr("analysis.publishing.publish.make_output_folder", lambda _: {}["ACME"])
    note = tmp_path_factory.mktemp("told") / "note.txt"

    with pytest.raises(SystemExit) as ended:
        cli.main(["run", "--data", ".", "--log", "json", "--on-failure", f'echo "$MUTUAL_VALUE_MESSAGE" > "{note}"'])

    [line] = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (ended.value.code, line["exit_code"]) == (70, 70)
    assert line["message"].startswith("Something went wrong that nobody foresaw (KeyError in publishing/publish.py, ")
    assert note.read_text(encoding="utf-8").strip() == line["message"]
    assert "ACME" not in line["message"]


@pytest.mark.parametrize("command", ["run", "backtest"])
@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--set", "bogus", "KEY=VALUE"),
        ("--policy", "gone/policy.toml", "There is no file gone/policy.toml."),
        ("--costing", "gone/costing.toml", "There is no file gone/costing.toml."),
        ("--out", __file__, "cannot be made or written to"),
    ],
)
def test_a_choice_that_says_no_key_and_a_file_that_is_gone_are_told_to_the_command_too(
    command, option, value, words, tmp_path, capsys
):
    """A disk that is not mounted at night takes the policy or the folder away: whoever is to be told is told."""
    note = tmp_path / "note.txt"
    call = ["--data", ".", option, value, "--on-failure", f'echo "$MUTUAL_VALUE_MESSAGE" > "{note}"']

    with pytest.raises(SystemExit) as ended:
        cli.main([command, *call])

    assert ended.value.code == UsageError.exit_code
    assert note.read_text(encoding="utf-8") == capsys.readouterr().err
    assert words in note.read_text(encoding="utf-8")


@pytest.mark.skipif(os.name != "posix", reason="an environment has a language's own letters on POSIX alone")
def test_a_language_without_the_letters_changes_nothing_in_how_a_run_ends(out):
    (out / "2026-10-31" / "run.json").write_text(json.dumps(facts("2026-10-31", -50.0)), encoding="utf-8")
    environment = {**os.environ, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "POSIX"}
    code = (
        "from analysis.publishing.telling import Ended, Telling\n"
        f"with Telling('run', 'echo \"$MUTUAL_VALUE_MAIL\"').of(Ended({str(out / '2026-10-31')!r}, new=True)): pass"
    )

    called = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)  # noqa: S603
    mailed = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "analysis", "mail", str(out / "2026-10-31")],
        env={**os.environ, "PYTHONIOENCODING": "latin-1"}, capture_output=True, check=True,
    )  # fmt: skip

    assert b"Net margin: \\u2212EUR" in called.stdout
    assert b"Net margin: \\u2212EUR" in mailed.stdout


def test_a_log_of_json_has_one_object_a_line_the_error_too(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", "--data", str(tmp_path), "--out", str(tmp_path / "out"), "--log", "json"])

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert ended.value.code == DataError.exit_code == lines[-1]["exit_code"]
    assert [line["level"] for line in lines] == ["info", "error"]
    assert all(line["time"].endswith("+00:00") for line in lines)
