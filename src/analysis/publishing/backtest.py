"""One backtest, from a dataset to a folder: staged, checked, then put in place at once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.data.checks import stop_at
from analysis.data.contract import BACKTEST
from analysis.engines import ENGINES
from analysis.folders import make_output_folder
from analysis.publishing.finished import manifest
from analysis.publishing.lock import locked
from analysis.publishing.notebooks import BACKTEST as PAGE
from analysis.publishing.notebooks import CELL_TIMEOUT
from analysis.publishing.publish import write_facts
from analysis.publishing.reports import Told, write_reports
from analysis.publishing.staging import is_done, put_in_place, recover, run_id, staged
from analysis.publishing.tables import write_table
from analysis.publishing.telling import Ended, note
from analysis.topics.backtest.judgement.backtest import Backtest


def backtest(
    data: str | Path,
    out: Path,
    *,
    first: str = "",
    last: str = "",
    every: int = 1,
    overrides: Mapping[str, Any] | None = None,
    policy_file: Path | None = None,
    costing_file: Path | None = None,
    engine: str = ENGINES[0],
    timeout: float = 3600,
    cell_timeout: float = CELL_TIMEOUT,
    force: bool = False,
    told: Told = lambda _: None,
    ended: Ended | None = None,
) -> Path:
    """Return the folder `out/<first>_to_<last>` of a backtest: its page, tables, executed notebook and `run.json`.

    The same input, days, policy and code on a finished backtest change nothing.

    Parameters
    ----------
    data, first, last, every, overrides, policy_file, costing_file, engine
        As `Backtest` takes them.
    out
        Where backtests land.
    timeout
        Seconds that it may take, as the notebook sees it.
    cell_timeout
        Seconds that a cell of the notebook may take.
    force
        Run though nothing has changed.
    told
        Called with each step, in words.
    ended
        Filled in with the folder, and whether it is new.

    Raises
    ------
    MutualValueError
        One of its kinds, with the exit code of the command line.
    """
    deadline = time.monotonic() + timeout
    make_output_folder(out)
    with locked(out, told=told) as stop_where_lost:
        recover(out)
        told(f"reading {data}")
        found = Backtest(
            data, first, last, every, overrides, policy_file=policy_file, costing_file=costing_file, engine=engine,
            told=told,
        )  # fmt: skip
        stop_at(found.opened.checked, found.policy.checks.rejected_share)
        place = out / f"{found.days[0]}_to_{found.days[-1]}"
        days = ", ".join(day.isoformat() for day in found.days)
        identity = run_id(days, found.opened, found.inputs, costing_file)
        if is_done(place, identity, found.policy) and not force:
            told(f"{place} is up to date")
            note(ended, place, new=False)
            return place
        with staged(out, place.name) as stage:
            _fill(found, stage, identity, data, overrides, deadline, cell_timeout, told)
            stop_where_lost()
            put_in_place(stage, place)
        told(f"{place} is ready: open {place / PAGE.page}")
        note(ended, place, new=True)
        return place


def _fill(
    found: Backtest,
    stage: Path,
    identity: str,
    data: str | Path,
    overrides: Mapping[str, Any] | None,
    deadline: float,
    cell_timeout: float,
    told: Told,
) -> None:
    for name in BACKTEST:
        write_table(found.table(name), stage / "tables", name)
    facts = {**found.facts, "run_id": identity}
    write_facts(facts, stage)
    parameters = {
        "data": str(data),
        "first": found.days[0].isoformat(),
        "last": found.days[-1].isoformat(),
        "every": found.every,
        "policy": dict(overrides or {}),
        "tables": "..",
    }
    write_reports((PAGE,), stage, parameters, deadline, told, cell_timeout)
    write_facts({**facts, "files": manifest(stage)}, stage)
