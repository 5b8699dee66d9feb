"""The command line: `mutual-value propose | check | run | brief | statement | history | prune | mail | sample | ...`.

Exit codes: 0 done; 2 usage or policy; 3 data rejected; 4 a notebook failed; 5 out of time; 6 a sum or a report failed
its check; 69 a database is away; 70 what nobody foresaw, with a log, or a run that was killed; 75 another run holds the
lock; 129, 130, 143 ended by SIGHUP, SIGINT, SIGTERM.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import date
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from analysis.engines import ENGINES
from analysis.errors import DataError, MutualValueError, Problem, UsageError
from analysis.folders import make_folder, make_output_folder
from analysis.formats import counted
from analysis.progress import Progress, say

if TYPE_CHECKING:
    from analysis.data.checks import Checked
    from analysis.portfolio import Portfolio

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_data = click.option("--data", required=True, help="A folder with one file per table, or a dataset.toml.")
_policy = click.option("--policy", "policy_file", type=_FILE, help="A policy.toml other than the dataset's own.")
_costing = click.option("--costing", "costing_file", type=_FILE, help="A costing.toml other than the dataset's own.")
_set = click.option(
    "--set",
    "choices",
    multiple=True,
    metavar="KEY=VALUE",
    help="A key of the policy, as in window.months=24; repeatable.",
)
_engine = click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=ENGINES[0],
    show_default=True,
    help="What computes: this machine, or the Spark that is configured here.",
)

#: Not looked for as the call is read: one that is gone is told as any other end of a run is, to `--on-failure`, too.
_PLACE = click.Path(path_type=Path)

#: What `run` and `backtest` have in common.
_UNATTENDED = (
    _data,
    click.option("--policy", "policy_file", type=_PLACE, help="A policy.toml other than the dataset's own."),
    click.option("--costing", "costing_file", type=_PLACE, help="A costing.toml other than the dataset's own."),
    _engine,
    _set,
    click.option(
        "--timeout", type=click.FloatRange(min=1), default=3600, show_default=True, help="Seconds it may take."
    ),
    click.option(
        "--cell-timeout", type=click.FloatRange(min=1), default=600, show_default=True, help="Seconds a cell may take."
    ),
    click.option("--force", is_flag=True, help="Run though nothing has changed."),
    click.option("--on-success", default="", metavar="COMMAND", help="Called after a run that did well."),
    click.option(
        "--on-failure", default="", metavar="COMMAND", help="Called after one that did not. Facts: $MUTUAL_VALUE_..."
    ),
    click.option(
        "--log", type=click.Choice(["lines", "json"]), default="lines", show_default=True, help="How steps are told."
    ),
    click.option("--timings", is_flag=True, help="Tell at the end how long each step took."),
)


def _unattended_options(command: Callable[..., Any]) -> Callable[..., Any]:
    return reduce(lambda found, option: option(found), reversed(_UNATTENDED), command)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="mutual-value")
def cli() -> None:
    """Tell what each customer relationship is worth, to both sides."""


@cli.command()
@_unattended_options
@click.option("--as-of", default="", metavar="DAY", help="The window's last day; default: the data's last whole month.")
@click.option("--out", type=_PLACE, default=Path("reports"), show_default=True)
@click.option("--label", default="", help="The run lands in OUT/DAY-LABEL, beside that of another policy.")
@click.pass_obj
def run(watched: bool, /, out: Path, timeout: float, choices: tuple[str, ...], **given: Any) -> None:
    """Compute the tables and publish the reports of one as-of day into OUT/DAY; OUT/latest points to the latest.

    A failed run leaves the last one as it was.
    """

    def publish(**to_publish: Any) -> Path:
        # Not above: the process that only watches over this one loads none of it.
        from analysis.publishing.publish import run

        return run(**to_publish)

    _unattended(publish, watched, out, timeout, choices, **given)


@cli.command()
@_unattended_options
@click.option("--from", "first", default="", metavar="DAY", help="First day to replay; default: the first there is.")
@click.option("--to", "last", default="", metavar="DAY", help="Last day to replay; default: the last there is.")
@click.option("--every", type=click.IntRange(min=1), default=1, show_default=True, help="Months from one to the next.")
@click.option("--out", type=_PLACE, default=Path("backtests"), show_default=True)
@click.pass_obj
def backtest(watched: bool, /, out: Path, timeout: float, choices: tuple[str, ...], **given: Any) -> None:
    """Replay past days with only what was known then, and score what was judged, into OUT/FROM_to_TO.

    How far ahead a judgement is held against what came is `backtest.ahead_months` of the policy.
    """

    def publish(**to_publish: Any) -> Path:
        from analysis.publishing.backtest import backtest

        return backtest(**to_publish)

    _unattended(publish, watched, out, timeout, choices, **given)


def _unattended(
    publish: Callable[..., Path],
    watched: bool,
    out: Path,
    timeout: float,
    choices: tuple[str, ...],
    *,
    log: str,
    timings: bool,
    on_success: str,
    on_failure: str,
    policy_file: Path | None,
    costing_file: Path | None,
    **given: Any,
) -> None:
    """Publish, in a process that another one watches over where this is a program, and tell what became of it."""
    from analysis.publishing.telling import Ended, Telling
    from analysis.publishing.watched import end_with_the_watch, is_inside, watch

    inside = watched and is_inside()
    if inside:
        end_with_the_watch()
    with Progress(as_json=log == "json", timings=timings and (inside or not watched)) as progress:
        # Of the two processes the one around tells, as it is still there when the other one is not.
        commands = ("", "") if inside else (on_success, on_failure)
        telling = Telling(click.get_current_context().command.name or "", *commands, progress.step)
        with telling.of(Ended()) as ended, _stoppable():
            overrides = _overrides(choices)
            _stop_unless_there(policy_file, costing_file)
            if watched and not inside:
                sys.exit(watch(out, timeout, ended))
            # Expressions and figures are objects by the hundred thousand: looked through for garbage less often.
            gc.set_threshold(50_000, 20, 20)
            files = {"policy_file": policy_file, "costing_file": costing_file}
            publish(out=out, timeout=timeout, overrides=overrides, told=progress.step, ended=ended, **files, **given)


def _stop_unless_there(*files: Path | None) -> None:
    for file in files:
        if file is not None and not (os.access(file, os.F_OK) and file.is_file()):
            raise UsageError(f"There is no file {file}. Name one that is there, or leave the option out.")


@cli.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True)
def history(out: Path) -> None:
    """Set all runs in OUT side by side: as CSV on standard output, and as OUT/history.html and OUT/history.csv."""
    from analysis.publishing import keeping

    page = keeping.write_history(out)
    click.echo(keeping.history(out).to_csv(index=False), nl=False)
    click.echo(f"{page} is ready", err=True)


@cli.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True)
@click.option("--keep", type=click.IntRange(min=1), required=True, help="How many days' runs stay.")
@click.option("--dry-run", is_flag=True, help="Say which would go, and leave them.")
def prune(out: Path, keep: int, dry_run: bool) -> None:
    """Take away all runs in OUT but those of the latest days; the one that `latest` points to always stays."""
    from analysis.publishing import keeping

    gone = keeping.prune(out, keep, dry=dry_run)
    for path in gone:
        click.echo(f"{path} {'would go' if dry_run else 'is gone'}")
    if not gone:
        click.echo(f"Nothing to take away: no more than {counted(keep, 'day')} of runs in {out}.")


@cli.command()
@click.argument("kind", type=click.Choice(["cron", "systemd", "github", "docker", "airflow", "jupyter"]))
@_data
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True)
@click.option("--day", type=click.IntRange(1, 28), default=3, show_default=True, help="Day of each month.")
@click.option("--hour", type=click.IntRange(0, 23), default=3, show_default=True)
@click.option("--timeout", type=click.IntRange(min=1), default=3600, show_default=True, help="Seconds it may take.")
@click.option("--user", default="mutual-value", show_default=True, help="Whom systemd runs it as.")
def schedule(kind: str, data: str, out: Path, day: int, hour: int, timeout: int, user: str) -> None:
    """Print what to paste into a scheduler of some KIND so that a run starts by itself each month."""
    from analysis.schedule import Plan, recipe

    folders = (Path(data), out) if kind == "github" else (Path(data).absolute(), out.absolute())
    click.echo(recipe(kind, Plan(*folders, day, hour, timeout, user)), nl=False)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("reports/latest"))
def mail(folder: Path) -> None:
    """Print a run in ten lines, for an e-mail; FOLDER is that of a run."""
    from analysis.publishing import keeping

    click.echo("\n".join(keeping.mail_of(folder)))


def _filled(_context: click.Context, _option: click.Parameter, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse an empty name: a script's variable that is not set must choose nobody."""
    if not all(words.strip() for words in wanted):
        raise click.BadParameter("it is empty: give an account's id or name.")
    return wanted


def _account(told: str, *, required: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return the option that names accounts."""
    return click.option(
        "--account", "wanted", multiple=True, required=required, metavar="NAME_OR_ID", help=told, callback=_filled
    )


@cli.command()
@click.option("--run", "finished", type=_FOLDER, help="The folder of a finished run: nothing is computed.")
@click.option("--data", default="", help="A dataset to compute from, where there is no finished run.")
@click.option("--as-of", default="", metavar="DAY", help="With --data: the window's last day.")
@_account("An account; repeatable.")
@click.option("--top", type=click.IntRange(min=1), help="So many accounts, those with most money at stake first.")
@click.option("--all", "everyone", is_flag=True, help="Every account.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("briefs"), show_default=True)
@_policy
@_costing
@_set
def brief(
    finished: Path | None,
    data: str,
    as_of: str,
    wanted: tuple[str, ...],
    top: int | None,
    everyone: bool,
    out: Path,
    policy_file: Path | None,
    costing_file: Path | None,
    choices: tuple[str, ...],
) -> None:
    """Write the page of an account, for us, into OUT: one file each, to read offline or to print before a talk."""
    from analysis.publishing.account_pages import write_briefs
    from analysis.reporting.at_stake import largest
    from analysis.topics.overview.account_page.find import find

    if bool(wanted) + bool(top) + everyone != 1:
        raise click.UsageError("Say which accounts, in one way: --account NAME_OR_ID (repeatable), --top N or --all.")
    found = _finished_or_computed(finished, data, as_of, policy_file, costing_file, choices)
    ids = [find(found, words) for words in wanted] if wanted else largest(found, top or len(found.accounts))
    make_output_folder(out)
    for place in write_briefs(found, out, list(dict.fromkeys(ids))):
        click.echo(f"wrote {place}")


@cli.command()
@click.option("--run", "finished", type=_FOLDER, help="The folder of a finished run: nothing is computed.")
@click.option("--data", default="", help="A dataset to compute from, where there is no finished run.")
@click.option("--as-of", default="", metavar="DAY", help="With --data: the window's last day.")
@_account("A customer; repeatable.", required=True)
@click.option("--approved", is_flag=True, help="An account manager agrees to tell agreed levels and list prices, too.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("statements"), show_default=True)
@_policy
@_costing
@_set
def statement(
    finished: Path | None,
    data: str,
    as_of: str,
    wanted: tuple[str, ...],
    approved: bool,
    out: Path,
    policy_file: Path | None,
    costing_file: Path | None,
    choices: tuple[str, ...],
) -> None:
    """Write a customer's statement, for the customer, into OUT: what it pays, receives, told us, and could do.

    It is made from a list of allowed fields: no cost, margin, score, rating or name of ours, and no other account.
    """
    from analysis.publishing.statements import write_statements
    from analysis.topics.overview.account_page.find import find

    found = _finished_or_computed(finished, data, as_of, policy_file, costing_file, choices)
    ids = list(dict.fromkeys(find(found, words) for words in wanted))
    for place in write_statements(found, out, ids, approved=approved):
        click.echo(f"wrote {place}")


def _finished_or_computed(
    finished: Path | None,
    data: str,
    as_of: str,
    policy_file: Path | None,
    costing_file: Path | None,
    choices: tuple[str, ...],
) -> Portfolio:
    """Return the portfolio of a finished run's folder, or compute one."""
    from analysis.data.checks import stop_at
    from analysis.ledger.identities import stop_unless_all_hold
    from analysis.portfolio import Portfolio

    if (finished is None) == (not data):
        raise click.UsageError("Give either --run, the folder of a finished run, or --data, a dataset.")
    if finished is None:
        found = Portfolio(data, as_of, _overrides(choices), policy_file=policy_file, costing_file=costing_file)
        stop_at(found.opened.checked, found.policy.checks.rejected_share)
        stop_unless_all_hold(found.identities)
        return found
    if as_of or choices or policy_file or costing_file:
        raise click.UsageError(
            "--run reads what a run has computed: --as-of, --set, --policy and --costing need --data."
        )
    return Portfolio(tables=finished)


@cli.command()
@_data
@_policy
@_costing
@_engine
@_set
@click.option("--as-of", default="", metavar="DAY", help="The window's last day, as for `run`.")
@click.option("--json", "as_json", is_flag=True, help="Print the problems for machines.")
def check(
    data: str,
    policy_file: Path | None,
    costing_file: Path | None,
    engine: str,
    choices: tuple[str, ...],
    as_of: str,
    as_json: bool,
) -> None:
    """List every problem of a dataset at once, with how to mend it. Exit code 3 where a row, cell or file is bad."""
    from analysis.data.coverage import coverage
    from analysis.ledger.usual_hours import usual_hours
    from analysis.opening import open_all
    from analysis.propose.lying import lying

    tables: list[dict[str, Any]] = []
    windows: list[dict[str, Any]] = []
    usual, goes_on = None, ""
    try:
        if here := lying(data):
            raise DataError([here])
        with Progress() as progress:
            opened = open_all(
                data,
                _overrides(choices),
                policy_file=policy_file,
                costing_file=costing_file,
                engine=engine,
                told=None if as_json else progress.step,
            )
        windows = coverage(opened, as_of)
        problems, tables = opened.problems, opened.checked.counts()
        goes_on = _goes_on(opened.checked, opened.policy.checks.rejected_share)
        usual = usual_hours(opened.checked) if opened.policy.calendar is None else None
        opened.engine.close()
    except DataError as fault:
        problems = fault.problems
    errors = sum(problem.severity == "error" for problem in problems)
    if as_json:
        proposed = [{"file": "policy.toml", "why": str(usual), "toml": usual.toml}] if usual else []
        told = {"problems": [p.as_dict() for p in problems], "tables": tables, "window": windows, "proposed": proposed}
        click.echo(json.dumps(told, indent=2, default=str))
    else:
        _print_problems(problems, tables)
        if goes_on:
            click.echo(goes_on)
        _print_coverage(windows)
        if usual:
            click.echo(f"\nProposed: {usual}.\nIf these are your hours, add them to policy.toml:\n\n{usual.toml}")
    sys.exit(DataError(problems).exit_code if errors else 0)


def _goes_on(checked: Checked, share: float) -> str:
    """Say whether a run goes on without what breaks a rule; nothing where nothing does."""
    if causes := checked.too_many(share):
        return "\n".join(f"A run stops here: {cause}" for cause in causes)
    return "A run leaves these rows and cells out, says so, and goes on." if checked.errors else ""


def _print_problems(problems: list[Problem], tables: list[dict[str, Any]]) -> None:
    for severity, title in (("error", "Errors"), ("warning", "Warnings")):
        found = [problem for problem in problems if problem.severity == severity]
        if found:
            click.echo(f"{title}:")
            click.echo("\n".join(f"  {line}" for problem in found for line in str(problem).splitlines()))
            click.echo()
    for table in tables:
        click.echo(f"{table['table']}: {_rows(table['rows'])}{_lost(table)}")
    if not problems:
        click.echo("No problem found.")


def _print_coverage(windows: list[dict[str, Any]]) -> None:
    """Say how much of each table lies in the window, and from when to when."""
    if windows:
        click.echo(f"\nIn the window, {windows[0]['start']} to {windows[0]['end']}:")
    for one in windows:
        days = f", {one['first']} to {one['last']}" if one["inside"] else ""
        click.echo(f"  {one['table']}: {one['inside']:,} of {_rows(one['rows'])}{days}")
    firsts = [date.fromisoformat(one["first"]) for one in windows if one["inside"]]
    if firsts and (min(firsts) - date.fromisoformat(windows[0]["start"])).days > 31:
        click.echo(
            f"The data begins on {min(firsts)}, long after the window does: capacity before that counts as unused. "
            "Set window.months to what the data covers."
        )
    later = [one for one in windows if one.get("after")]
    if later:
        newest = max(one["newest"] for one in later)
        told = ", ".join(f"{one['after']:,} of {one['table']}" for one in later)
        click.echo(f"In the month after it, which the data does not cover to its last day: {told}.")
        click.echo(f"--as-of {newest} counts these, too.")
    if ahead := [one for one in windows if one.get("ahead")]:
        told = ", ".join(f"{one['ahead']:,} of {one['table']} (to {one['farthest']})" for one in ahead)
        click.echo(f"Later than today, and in no window yet: {told}. Correct these days where they are slips.")


def _rows(count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'}"


def _lost(table: dict[str, Any]) -> str:
    """Say how many rows of a table were rejected, what they amount to, and how many cells were emptied."""
    rows, cells, amount = table["rejected"], table["emptied_cells"], table["rejected_amount"]
    worth = f" (an amount of {amount:,.2f})" if rows and amount else ""
    told = f", {rows:,} rejected{worth}" if rows else ""
    return told + (f", {cells:,} {'cell' if cells == 1 else 'cells'} emptied" if cells else "")


@cli.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where to write it.")
@click.option("--seed", type=int, default=7, show_default=True)
@click.option("--accounts", type=click.IntRange(min=1), default=150, show_default=True)
@click.option("--noise", type=click.FloatRange(min=0), default=1.0, show_default=True, help="0: clean, 2: hard.")
@click.option("--format", "file_format", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option("--firm", type=click.IntRange(min=0), help="A firm of another trade, by number; it tells seed and noise.")
def sample(out: Path, seed: int, accounts: int, noise: float, file_format: str, firm: int | None) -> None:
    """Invent a firm of any size, with the truth it was made from beside it; in a new folder, or over such a firm."""
    from sample_firms import make_sample

    make_folder(out)
    if any(out.iterdir()) and not (out / "truth" / "world.json").exists():
        raise UsageError(f"{out} is not empty, and what lies there is no invented firm. Give a new folder.")
    make_sample(out, seed=seed, accounts=accounts, noise=noise, file_format=file_format, firm=firm)
    click.echo(f"{out} holds {accounts:,} invented accounts.")


@cli.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> None:
    """Start a dataset in FOLDER: a header line for each table, a costing and a policy to fill in."""
    from analysis.data.skeleton import write_skeleton

    for path in write_skeleton(folder):
        click.echo(f"wrote {path}")


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("my-data"), show_default=True)
@click.option(
    "--known", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A folder of your own known exports."
)
@click.option(
    "--set",
    "choices",
    multiple=True,
    metavar="FILE.KEY=VALUE",
    help="A line of yours, as in costing.resources.team.cost=40000; repeatable.",
)
def propose(paths: tuple[Path, ...], out: Path, known: Path | None, choices: tuple[str, ...]) -> None:
    """Look at exports (files, folders, workbooks, databases) and propose a dataset.toml and a costing.toml in OUT.

    Each guess says why, and `?` where another would do. Again it keeps what you changed and says what is new.
    """
    from analysis.propose.proposing import propose as look

    outcome = look(paths, out, known=known, choices=_overrides(choices))
    click.echo("\n".join(outcome.lines()))
    click.echo(f"\nWritten to {out}: {', '.join(outcome.files)}, proposal.md (this text).")
    click.echo(f"Next: mutual-value check --data {out}")


@cli.command()
def contract() -> None:
    """Print every table and column that goes in or comes out, as Markdown."""
    from analysis.data.contract import describe

    click.echo(describe(), nl=False)


@cli.command()
def settings() -> None:
    """Print every key of costing.toml, policy.toml and dataset.toml, as Markdown."""
    from analysis.settings_docs import describe

    click.echo(describe(), nl=False)


def _overrides(choices: tuple[str, ...]) -> dict[str, Any]:
    """Return `--set a.b=1` as {"a": {"b": 1}}; a value is TOML, or else text."""
    import tomllib

    from analysis.settings import merge

    overrides: dict[str, Any] = {}
    for choice in choices:
        key, equals, text = choice.partition("=")
        if not equals or not all(key.split(".")):
            raise UsageError(f"--set {choice!r} says no key. Write KEY=VALUE, as in window.months=24.")
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            value = text
        for part in reversed(key.split(".")):
            value = {part: value}
        overrides = merge(overrides, value)
    return overrides


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Catch what a scheduler or a person ends a command with, but for what the caller ignores, as `nohup` does.

    The command ends as any program does, so that what was staged is tidied away.
    """
    named = [getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in named}
    told: list[int] = []

    def stop(number: int, _: object) -> NoReturn:
        told.append(number)
        raise SystemExit(128 + number)

    for number, was in before.items():
        if was is not signal.SIG_IGN:
            signal.signal(number, stop)
    try:
        yield
    except BaseException:
        if told:  # libraries may make another error of it
            raise SystemExit(128 + told[0]) from None
        raise
    finally:
        for number, was in before.items():
            signal.signal(number, was)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; an error is told in words and ends with its own code.

    Called as a program, without arguments, a run has a process around it that watches over it.
    """
    command: Callable[..., Any] = cli
    _bear_every_letter()
    try:
        with _stoppable():
            command(arguments, standalone_mode=True, obj=arguments is None)
    except MutualValueError as fault:
        _end(fault)
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as fault:  # a panic in a library written in Rust is no Exception
        from analysis.unforeseen import unforeseen

        _end(unforeseen(fault, _command(arguments)))
    finally:
        _let_go_of_a_log_that_is_full()


def _let_go_of_a_log_that_is_full() -> None:
    """Leave unsaid what cannot be written to standard error: at its end Python would make another exit code of it."""
    try:
        if sys.stderr is not None:
            sys.stderr.flush()
    except (OSError, ValueError):
        sys.stderr = None


def _bear_every_letter() -> None:
    """Write an escape for what the encoding of the output has no letter for, where that would be an error."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def _end(fault: MutualValueError) -> NoReturn:
    say(f"{fault}\n")
    sys.exit(fault.exit_code)


def _command(arguments: list[str] | None) -> str:
    """Return the name of the command that was called, without its values."""
    given = sys.argv[1:] if arguments is None else arguments
    return next((word for word in given if word in cli.commands), "")
