"""One run, from a dataset to a folder of reports: staged, checked, then put in place at once."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.data.checks import left_out_in_words, stop_at
from analysis.engines import ENGINES
from analysis.folders import make_output_folder
from analysis.ledger.bridge import stop_apart
from analysis.ledger.identities import stop_unless_all_hold
from analysis.publishing.account_pages import write_accounts
from analysis.publishing.drivers import Drivers
from analysis.publishing.finished import LATEST, link_latest, manifest, name_of, stop_at_label
from analysis.publishing.lock import locked
from analysis.publishing.notebooks import CELL_TIMEOUT, REPORTS, SELLERS
from analysis.publishing.reports import Told, write_reports
from analysis.publishing.staging import is_done, put_in_place, recover, run_id, staged
from analysis.publishing.tables import give_back, write_and_let_go
from analysis.publishing.telling import Ended, note
from analysis.publishing.workbook import FILE as WORKBOOK
from analysis.publishing.workbook import write_workbook

if TYPE_CHECKING:
    from analysis.portfolio import Portfolio


def run(
    data: str | Path,
    out: Path,
    *,
    as_of: str = "",
    label: str = "",
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
    """Return the folder `out/<as-of day>` of a run: pages, tables, executed notebooks and `run.json`.

    The same input, policy and code on a finished run changes nothing; a run that fails leaves the last one as it was.
    `out/latest` points to the run of the latest day.

    Parameters
    ----------
    data, as_of, overrides, policy_file, costing_file, engine
        As `Portfolio` takes them.
    out
        Where runs land.
    label
        A second name for a run of the same day under another policy: `out/<as-of day>-<label>`.
    timeout
        Seconds that it may take, as the notebooks see it: `mutual-value run` has a process around it that ends what the
        engine computes, too.
    cell_timeout
        Seconds that a cell of a notebook may take.
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
    stop_at_label(label)
    make_output_folder(out)
    with locked(out, told=told) as stop_where_lost:
        recover(out)
        link_latest(out)
        from analysis.portfolio import Portfolio

        told(f"reading {data}")
        p = Portfolio(
            data, as_of, overrides, policy_file=policy_file, costing_file=costing_file, engine=engine, runs=out,
            label=label,
        )  # fmt: skip
        stop_at(p.opened.checked, p.policy.checks.rejected_share)
        if words := left_out_in_words(p.opened.checked):
            told(words)
        place = out / name_of(p.as_of, label)
        identity = run_id(p.as_of.isoformat(), p.opened, p.inputs, costing_file, p.last_run)
        if is_done(place, identity, p.policy) and not force:
            told(f"{place} is up to date")
            note(ended, place, new=False)
            return place
        # What notebooks need is imported meanwhile.
        with staged(out, place.name) as stage, Drivers() as drivers:
            facts = _tables(p, stage, {"run_id": identity, "label": label}, told)
            day, policy = p.as_of, p.policy
            del p  # with all that was computed: from here on all is read from the stage
            give_back()
            told("writing the workbook")
            write_workbook(Portfolio(tables=stage), stage / WORKBOOK)
            give_back()
            parameters = {
                "data": str(data),
                "as_of": day.isoformat(),
                "policy": dict(overrides or {}),
                "tables": "..",
            }
            reports = (*REPORTS, *((SELLERS,) if policy.sellers.publish else ()))
            told("writing the accounts' pages")
            write_accounts(Portfolio(tables=stage), stage, [report.page for report in reports])
            give_back()
            write_reports(reports, stage, parameters, deadline, told, cell_timeout, drivers)
            write_facts({**facts, "files": manifest(stage)}, stage)
            stop_where_lost()
            put_in_place(stage, place)
        if not link_latest(out):
            told(f"{out / LATEST} cannot be made a link to the latest run")
        told(f"{place} is ready: open {place / 'index.html'}")
        note(ended, place, new=True)
        return place


def _tables(p: Portfolio, stage: Path, names: Mapping[str, str], told: Told) -> dict[str, Any]:
    """Compute and write the tables, and the facts as the notebooks read them; return these."""
    told(f"computing {p.window.months} months to {p.as_of}")
    stop_unless_all_hold(p.identities)
    stop_apart(p.tie, p.policy.checks.books_difference)
    write_and_let_go(p, stage / "tables")
    facts = {**p.facts, **names}
    write_facts(facts, stage)
    p.opened.engine.close()
    return facts


def write_facts(facts: Mapping[str, Any], stage: Path) -> None:
    """Write `run.json`."""
    (stage / "run.json").write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
