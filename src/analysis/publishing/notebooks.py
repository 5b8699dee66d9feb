"""Run notebooks with papermill: each in a process of its own, in private folders, up to a deadline."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from analysis import errors
from analysis.errors import MutualValueError, NotebookError, OutOfTimeError, UnforeseenError, UsageError
from analysis.publishing.drivers import Drivers
from analysis.publishing.explore_cells import without_explore_cells
from analysis.publishing.pages import FOOTER, stop_at_faults
from analysis.unforeseen import frames_of_a_cell, in_words, logged, of_the_machine, story

#: Seconds that a cell may take; on a finished run's tables none takes more than a few.
CELL_TIMEOUT = 600.0
#: The longest path of a socket, in bytes, less the number of its port.
LONGEST_SOCKET = 100
#: The errors whose messages are written for people.
_OUR_OWN = frozenset(name for name in vars(errors) if name.endswith("Error"))
_AGAIN = "Close other programs, or give it a machine with more memory, then run it again."


@dataclass(frozen=True)
class Report:
    """A notebook and the page that it becomes; `budget` is its largest size in bytes, `footer` what stands beneath."""

    notebook: str
    page: str
    budget: int = 2_000_000
    footer: str = FOOTER

    @property
    def folder(self) -> str:
        """The folder of its own that the page lies in; empty: none."""
        return self.page.rpartition("/")[0]


REPORTS = (
    Report("executive", "index.html", 300_000),
    Report("profitability", "profitability.html"),
    Report("segments", "segments.html"),
    Report("service_demand", "service_demand.html"),
    Report("over_served", "over_served.html"),
    Report("archetypes", "archetypes.html"),
    Report("difficult", "difficult.html"),
    Report("perception", "perception.html"),
    Report("value", "value.html"),
    Report("actions", "actions.html"),
    Report("cuts", "cuts.html"),
    Report("method", "method.html"),
)

#: Only where the policy asks for it (`sellers.publish`); nothing links to it: who gets the folder is for people to say.
SELLERS = Report(
    "account_managers",
    "account_managers/index.html",
    footer="The start of a talk, not a verdict; nobody is ranked. One file: nothing is loaded from anywhere.",
)
#: Of `mutual-value backtest`, not of a run.
BACKTEST = Report("backtest", "backtest.html")


def notebooks_folder() -> Path:
    """Return where the notebooks lie: beside the package when installed, else in the project.

    Raises
    ------
    UsageError
        They lie at neither place.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "notebooks", package.parents[1] / "notebooks"):
        if (folder / "executive.ipynb").exists():
            return folder
    raise UsageError("The notebooks are missing: install the package again, or run from a clone of the project.")


def run_notebooks(
    reports: Sequence[Report],
    out: Path,
    parameters: dict[str, Any],
    deadline: float,
    told: Callable[[str], None] = lambda _: None,
    cell_timeout: float = CELL_TIMEOUT,
    publish: Callable[[Report], list[str]] | None = None,
    drivers: Drivers | None = None,
) -> None:
    """Run each report's notebook and write it, with its outputs, into `out`.

    Parameters
    ----------
    reports
        What to run.
    out
        Where the executed notebooks go, and their working directory.
    parameters
        The notebooks' parameters: `data`, `as_of`, `policy`, `tables`.
    deadline
        The `time.monotonic()` by which all must be done.
    told
        Called with each notebook's name when it is done.
    cell_timeout
        Seconds that a cell may take.
    publish
        What turns a notebook that has run into its page, in the process that ran it, and returns what is wrong with it.
    drivers
        The processes for it, where they were made ahead; they end with it.

    Raises
    ------
    NotebookError
        Naming the notebook, its cell and the error.
    OutOfTimeError
        The deadline or a cell's limit came first.
    ReportError
        With everything that is wrong with the pages.
    """
    out.mkdir(parents=True, exist_ok=True)
    out, source = out.resolve(), notebooks_folder()
    private_folder = tempfile.TemporaryDirectory(prefix="mv-", ignore_cleanup_errors=True)
    # The processes end before the folder that they write to goes.
    with private_folder as private, drivers or Drivers() as using:
        call = partial(
            _run_one, folder=source, out=out, parameters=parameters, private=private, cell_timeout=cell_timeout,
            publish=publish,
        )  # fmt: skip
        faults = dict[Report, list[str]]()
        try:
            for place, outcome in using.each(call, reports, deadline):
                faults[reports[place]] = _faults(outcome, reports[place])
                told(reports[place].notebook)
        except TimeoutError:
            names = ", ".join(sorted(report.notebook for report in reports if report not in faults))
            raise OutOfTimeError(f"The run is out of time; not done: {names}. Give it more with --timeout.") from None
    stop_at_faults(f"  {report.page}: {fault}" for report in reports for fault in faults[report])


def _faults(outcome: MutualValueError | list[str] | None, report: Report) -> list[str]:
    """Return what is wrong with the page; raise what went wrong with the notebook."""
    if outcome is None:
        raise NotebookError(f"{report.notebook}.ipynb: its process died (out of memory?). {_AGAIN}")
    if isinstance(outcome, MutualValueError):
        raise outcome
    return outcome


def _run_one(
    report: Report,
    folder: Path,
    out: Path,
    parameters: dict[str, Any],
    private: str,
    cell_timeout: float,
    publish: Callable[[Report], list[str]] | None,
) -> MutualValueError | list[str]:
    """Run one notebook in this process; return what went wrong, or what is wrong with its page."""
    source = folder / f"{report.notebook}.ipynb"
    try:
        fault = _execute(source, out, parameters, private, cell_timeout)
    except Exception as other:
        kind = UnforeseenError if of_the_machine(other) else NotebookError
        return kind(f"{source.name}: {in_words(other)}. {logged(story(other), source.name)}")
    if fault:
        return fault
    return publish(report) if publish else []


def _execute(
    source: Path, out: Path, parameters: dict[str, Any], private: str, cell_timeout: float
) -> MutualValueError | None:
    """Run one notebook and write it; return what went wrong in it (None: nothing)."""
    own = Path(tempfile.mkdtemp(dir=private, prefix=source.stem[:4]))
    os.environ |= {
        "JUPYTER_RUNTIME_DIR": str(own / "runtime"),
        "IPYTHONDIR": str(own / "ipython"),
        "MPLBACKEND": "agg",
    }
    os.chdir(out)
    import nbformat
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    begun: list[str] = []
    config = _config(own)
    config.NotebookClient.on_cell_start = lambda cell, cell_index: begun.append(cell.cell_type)
    try:
        notebook = papermill.execute_notebook(
            _for_a_run(source),
            None,
            parameters=parameters,
            kernel_name="python3",
            progress_bar=False,
            start_timeout=120,
            execution_timeout=max(1, round(cell_timeout)),
            config=config,
        )
    except PapermillExecutionError as fault:
        return NotebookError(_failed_cell(source, fault))
    except CellTimeoutError:
        where = f"{source.name}, cell {begun.count('code')}"
        return OutOfTimeError(f"{where}: took more than {cell_timeout:,.0f} seconds. Give it more with --cell-timeout.")
    except DeadKernelError:
        return NotebookError(f"{source.name}: its kernel died (out of memory?). {_AGAIN}")
    nbformat.write(_without_traces(notebook), out / source.name)
    return None


def _for_a_run(source: Path) -> Any:
    """Return the notebook as a run needs it, without what serves exploring alone."""
    import nbformat

    notebook = nbformat.read(source, as_version=4)
    notebook.cells = without_explore_cells(notebook.cells)
    return notebook


def _failed_cell(source: Path, fault: Any) -> str:
    """Return what went wrong in a cell: in our own words, or else its kind and a log, as a message may hold data."""
    where = f"{source.name}, cell {fault.exec_count}"
    if fault.ename in _OUR_OWN:
        return f"{where}: {fault.evalue}"
    lines = [where, fault.ename, *frames_of_a_cell(fault.traceback)]
    return f"{where}: something went wrong that nobody foresaw ({fault.ename}). {logged(lines, source.name)}"


def _config(own: Path) -> Any:
    """Return a configuration that talks to the kernel through sockets in a private folder, else on encrypted ports."""
    import zmq
    from traitlets.config import Config

    # A kernel that has said all has nothing to tidy; asked kindly it is interrupted first and logs that as an error.
    manager = "analysis.publishing.warm.ForkingKernelManager"
    config = {"NotebookClient": {"shutdown_kernel": "immediate", "kernel_manager_class": manager}}
    place = own / "k"
    if sys.platform != "win32" and len(os.fsencode(place)) <= LONGEST_SOCKET:
        config["KernelManager"] = {"transport": "ipc", "ip": str(place)}
    elif zmq.has("curve"):
        config["KernelManager"] = {"transport_encryption": "required"}
    return Config(config)


def _without_traces(notebook: Any) -> Any:
    """Return the notebook without times and chance ids, so that the same run gives the same bytes."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        for trace in ("papermill", "execution"):
            cell.metadata.pop(trace, None)
        cell.metadata["tags"] = [tag for tag in cell.metadata.get("tags", []) if tag != "papermill-error-cell-tag"]
        if "injected-parameters" in cell.metadata["tags"]:
            cell["id"] = "injected-parameters"
    return notebook
