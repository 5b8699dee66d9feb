"""Measures the project's ledger against hand-written DuckDB SQL and pandas: time, memory, and that all three agree.

Each contender runs in a fresh process of its own, in turns, on the same files; the best of its runs counts. What is
measured starts once its libraries are imported and ends with the accounts and the resources as data frames.

    python benchmarks/ledger.py                                              # 10 million events, 10 million lines
    python benchmarks/ledger.py --events 100000 --lines 100000 --accounts 2000
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from big_dataset import Size, write_dataset
from ledger_pandas import pandas_ledger
from ledger_sql import sql_ledger

STARTS, ENDS = date(2025, 11, 1), date(2026, 11, 1)  # the window of 12 months that ends on 2026-10-31
KINDS = ("accounts", "resources")
Frames = tuple[pd.DataFrame, ...]  # of these kinds; of the check, none

TIMES_SQL, TIMES_PANDAS, PANDAS_MEMORY = 1.25, 5.0, 1 / 3  # the aims
LABELS = {
    "project": "(a) the project's ledger",
    "sql": "(b) hand-written SQL",
    "pandas": "(c) pandas",
    "check": "the project's check",
}


@dataclass(frozen=True)
class Run:
    """One run of one contender: seconds of work, of all its cores, of its whole process, and peak memory in GiB."""

    seconds: float
    cpu: float
    process: float
    peak: float


def project_ledger(folder: Path, starts: date, ends: date) -> Frames:
    """Compute the accounts and the resources with the project's ledger, taking the rows as they are, unchecked."""
    from analysis.data.checks import Checked, CheckedTable
    from analysis.data.reading import Engine, read, typed
    from analysis.data.sources import open_dataset
    from analysis.ledger.costing import Costing
    from analysis.ledger.ledger import Ledger
    from analysis.opening import narrowed
    from analysis.policy import Policy
    from analysis.window import Window

    dataset = open_dataset(folder)
    policy, costing = Policy.read(dataset.policy), Costing.read(dataset.costing)
    engine, contract = Engine(dataset.folder), narrowed(policy, costing)
    tables = {}
    for name, source in dataset.sources.items():
        rows = typed(engine, read(engine, source)[0], contract[name], source)
        tables[name] = CheckedTable(contract[name], source, rows, rows, read=int(rows.count().to_pandas()))
    window = Window(starts, ends - timedelta(days=1), 12)
    ledger = Ledger(engine, Checked(tables, []), policy, costing, window)
    return ledger.accounts, ledger.resources


def project_check(folder: Path, starts: date, ends: date) -> Frames:
    """Check the dataset against the contract, as `mutual-value check` does; there are no frames."""
    from analysis.opening import open_all

    open_all(folder)
    return ()


CONTENDERS: dict[str, Callable[[Path, date, date], Frames]] = {
    "project": project_ledger,
    "sql": sql_ledger,
    "pandas": pandas_ledger,
    "check": project_check,
}


def main() -> None:
    """Make the data where it is not there, run the contenders, compare and print."""
    options = _options()
    if options.contender:
        _contend(options.contender, options.folder)
        return
    size = Size(options.events, options.lines, options.accounts)
    folder = options.folder / size.name
    _make(folder, size)
    runs = _measure(folder, options.repeat, options.without)
    for other in runs.keys() & {"project", "pandas"}:
        compare(_frames(folder, other), _frames(folder, "sql"), LABELS[other])
    print(report(size, runs))


def _options() -> argparse.Namespace:
    size = Size()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=size.events)
    parser.add_argument("--lines", type=int, default=size.lines)
    parser.add_argument("--accounts", type=int, default=size.accounts)
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(tempfile.gettempdir()) / "mutual-value-benchmark",
        help="where the data is made and kept (%(default)s)",
    )
    parser.add_argument("--repeat", type=int, default=3, help="runs of each contender but pandas, which has one")
    parser.add_argument("--without", nargs="*", default=[], choices=CONTENDERS, help="contenders to leave out")
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    return parser.parse_args()


def _make(folder: Path, size: Size) -> None:
    if (folder / "policy.toml").exists():  # written last, so the rest is whole
        return
    print(f"making {size.name} in {folder} ...", flush=True)
    write_dataset(folder, size)


def _measure(folder: Path, repeat: int, without: Iterable[str]) -> dict[str, list[Run]]:
    """Run the contenders in turns, so that a busy spell of the machine does not fall on one alone."""
    names = [name for name in CONTENDERS if name not in without]
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for turn in range(repeat):
        for name in names:
            if turn == 0 or name != "pandas":
                runs[name].append(_run(name, folder))
                print(f"{LABELS[name]}: {runs[name][-1].seconds:.2f} s", flush=True)
    return runs


def _run(name: str, folder: Path) -> Run:
    command = [sys.executable, __file__, "--contender", name, "--folder", str(folder)]
    began = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    process = time.perf_counter() - began
    told = json.loads(done.stdout.splitlines()[-1])
    return Run(told["seconds"], told["cpu"], process, told["peak"])


def _contend(name: str, folder: Path) -> None:
    """Do one contender's work in this process, leave its frames in the folder, and tell what it took."""
    _import_libraries(name)
    began, began_cpu = time.perf_counter(), time.process_time()
    frames = CONTENDERS[name](folder, STARTS, ENDS)
    told = {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - began_cpu,
        "peak": _peak_memory(),
    }
    for frame, kind in zip(frames, KINDS, strict=False):
        frame.to_parquet(_result(folder, name, kind))
    print(json.dumps(told))


def _import_libraries(name: str) -> None:
    import pyarrow.parquet  # noqa: F401

    if name != "pandas":
        import duckdb  # noqa: F401
    if name in ("project", "check"):
        import ibis

        import analysis.portfolio  # noqa: F401

        _ = ibis.duckdb


def _peak_memory() -> float:
    """Return the most memory that this process has held, in GiB.

    On Linux from `/proc`, because `ru_maxrss` of a child starts at what its parent held.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
        return int(line.split()[1]) / 2**20
    import resource

    unit = 1 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


def _result(folder: Path, name: str, kind: str) -> Path:
    return folder / f"result-{name}-{kind}.parquet"


def _frames(folder: Path, name: str) -> Frames:
    return tuple(pd.read_parquet(_result(folder, name, kind)) for kind in KINDS)


def compare(found: Frames, due: Frames, label: str) -> None:
    """Assert that two results are equal: amounts to a cent or a relative 1e-9, counts and keys exactly.

    Parameters
    ----------
    found, due
        Accounts and resources; every column of `due` must be in `found`.
    label
        Who found it, for the message.
    """
    for ours, theirs, key in zip(found, due, ("customer_id", "resource"), strict=True):
        ours, theirs = (frame.sort_values(key, ignore_index=True) for frame in (ours, theirs))
        assert ours[key].tolist() == theirs[key].tolist(), f"{label}: other rows by {key}"
        for column in theirs.columns.difference([key]):
            where = ours[key][_differs(ours[column], theirs[column])].tolist()
            assert not where, f"{label}: {column} differs in {len(where)} rows, such as {where[:3]}"


def _differs(ours: pd.Series, theirs: pd.Series) -> pd.Series:
    if not pd.api.types.is_numeric_dtype(theirs):
        return ours.astype("str") != theirs.astype("str")
    ours, theirs = ours.astype("float64"), theirs.astype("float64")
    if theirs.name == "events":
        return ours != theirs
    allowed = (theirs.abs() * 1e-9).clip(lower=1e-9 if theirs.name == "service_demand" else 0.01)
    return (ours.isna() != theirs.isna()) | ((ours - theirs).abs() > allowed)


def report(size: Size, runs: dict[str, list[Run]]) -> str:
    """Write the table: the best of each contender's runs, and the ratios beside the aims."""
    best = {name: min(done, key=lambda run: run.seconds) for name, done in runs.items()}
    lines = [
        f"{size.events:,} events, {size.lines:,} invoice lines, {size.accounts:,} accounts, {size.cases:,} cases",
        _machine(),
        "",
        f"{'':26}{'runs':>5}{'seconds':>9}{'cpu':>9}{'process':>9}{'peak GiB':>10}",
    ]
    for name, run in best.items():
        row = f"{LABELS[name]:26}{len(runs[name]):>5}{run.seconds:>9.2f}{run.cpu:>9.2f}{run.process:>9.2f}"
        lines.append(f"{row}{max(each.peak for each in runs[name]):>10.2f}")
    if {"project", "sql", "pandas"} <= best.keys():
        lines += ["", *_ratios(best, runs), "", "The results of (a), (b) and (c) are equal."]
    return "\n".join(lines)


def _ratios(best: dict[str, Run], runs: dict[str, list[Run]]) -> list[str]:
    peak = {name: max(run.peak for run in done) for name, done in runs.items()}
    project = best["project"].seconds
    to_sql, to_pandas = project / best["sql"].seconds, best["pandas"].seconds / project
    memory = peak["project"] / peak["pandas"]
    met = {True: "met", False: "NOT met"}
    return [
        f"time, (a) to (b):    {to_sql:5.2f}   aim: at most {TIMES_SQL:.2f}    {met[to_sql <= TIMES_SQL]}",
        f"time, (c) to (a):    {to_pandas:5.2f}   aim: at least {TIMES_PANDAS:.2f}   {met[to_pandas >= TIMES_PANDAS]}",
        f"memory, (a) to (c):  {memory:5.2f}   aim: at most {PANDAS_MEMORY:.2f}    {met[memory <= PANDAS_MEMORY]}",
    ]


def _machine() -> str:
    import os

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    libraries = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "ibis-framework", "pandas", "pyarrow"))
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{platform.machine()}, {cores} cores{load}, Python {platform.python_version()}, {libraries}"


if __name__ == "__main__":
    main()
