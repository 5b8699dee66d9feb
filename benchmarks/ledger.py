"""Measures the project's ledger against hand-written DuckDB SQL, pandas and a mere scan: time, memory, that all agree.

Each contender runs in a fresh process of its own, in turns, on the same files; the best of its runs counts. What is
measured starts once its libraries are imported and ends with the accounts and the resources as data frames.

    python benchmarks/ledger.py                                              # 10 million events, 10 million lines
    python benchmarks/ledger.py --events 100000 --lines 100000 --accounts 2000
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
from big_dataset import Size, write_dataset
from ledger_pandas import pandas_ledger
from ledger_sql import scan, sql_ledger
from ratios import Ratio, machine, table

STARTS, ENDS = date(2025, 11, 1), date(2026, 11, 1)  # the window of 12 months that ends on 2026-10-31
KINDS = ("accounts", "resources")
Frames = tuple[pd.DataFrame, ...]  # of these kinds; of the check and the scan, none

TIMES_SQL, TIMES_PANDAS, PANDAS_MEMORY = 1.15, 1 / 5, 1 / 3  # the aims: at most
FOLDER = Path(tempfile.gettempdir()) / "mutual-value-benchmark"
LABELS = {
    "project": "(a) the project's ledger",
    "sql": "(b) hand-written SQL",
    "pandas": "(c) pandas",
    "scan": "(d) a mere scan of the columns",
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
    "scan": scan,
    "check": project_check,
}


def main() -> None:
    """Make the data where it is not there, run the contenders, compare and print."""
    options = _options()
    if options.contender:
        _contend(options.contender, options.folder)
        return
    size = Size(options.events, options.lines, options.accounts)
    runs = measure(size, options.folder, options.repeat, options.without)
    print(f"{named(size)}\n{machine()}\n\n{_table(runs)}\n\n{table(ratios(runs))}")


def named(size: Size) -> str:
    """Return the size in words."""
    return f"{size.events:,} events, {size.lines:,} invoice lines, {size.accounts:,} accounts, {size.cases:,} cases"


def measure(size: Size, folder: Path = FOLDER, repeat: int = 3, without: Iterable[str] = ()) -> dict[str, list[Run]]:
    """Return the runs of each contender on the dataset of a size, made where it is not there; they must agree."""
    where = folder / size.name
    _make(where, size)
    runs = _measure(where, repeat, without)
    for other in runs.keys() & {"project", "pandas"}:
        compare(_frames(where, other), _frames(where, "sql"), LABELS[other])
    return runs


def ratios(runs: dict[str, list[Run]]) -> list[Ratio]:
    """Return the project's ledger beside each of the others that ran: time, and memory beside pandas."""
    best = {name: min(run.seconds for run in done) for name, done in runs.items()}
    peak = {name: max(run.peak for run in done) for name, done in runs.items()}
    ours = best["project"]
    rows = [
        Ratio("the ledger, beside hand-written SQL", ours, best["sql"], aim=TIMES_SQL) if "sql" in best else None,
        Ratio("the ledger, beside pandas", ours, best["pandas"], aim=TIMES_PANDAS) if "pandas" in best else None,
        Ratio("its memory, beside that of pandas", peak["project"], peak["pandas"], "GiB", PANDAS_MEMORY)
        if "pandas" in best
        else None,
        Ratio("the ledger, beside a mere scan of its columns", ours, best["scan"]) if "scan" in best else None,
        Ratio("the check, beside a mere scan of the ledger's columns", best["check"], best["scan"])
        if {"check", "scan"} <= best.keys()
        else None,
    ]
    return [row for row in rows if row is not None]


def _options() -> argparse.Namespace:
    size = Size()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=size.events)
    parser.add_argument("--lines", type=int, default=size.lines)
    parser.add_argument("--accounts", type=int, default=size.accounts)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the data is made and kept (%(default)s)")
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


def _table(runs: dict[str, list[Run]]) -> str:
    """Write the best of each contender's runs."""
    lines = [f"{'':32}{'runs':>5}{'seconds':>9}{'cpu':>9}{'process':>9}{'peak GiB':>10}"]
    for name, done in runs.items():
        run = min(done, key=lambda one: one.seconds)
        row = f"{LABELS[name]:32}{len(done):>5}{run.seconds:>9.2f}{run.cpu:>9.2f}{run.process:>9.2f}"
        lines.append(f"{row}{max(each.peak for each in done):>10.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
