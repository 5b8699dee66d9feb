"""The processes that run notebooks: forked, where the system can, from one that has imported what they need.

Starting and importing takes longer than most notebooks do. Here one process does it once, while the run computes; each
notebook gets a fork of that, and its kernel is a fork of this one: it costs milliseconds, and one that breaks takes
none along. Elsewhere each is a process of its own from the start.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from multiprocessing import Pipe, get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Self

from analysis.publishing.family import end_with_parent, kill_below
from analysis.publishing.lean import import_lean

#: How many notebooks run at once.
AT_ONCE = 2
#: What running a notebook and making its page need, and what kernels need before they run a line of it.
PRELOADED = (
    *("papermill", "nbclient", "nbformat.v4", "nbconvert", "bs4", "analysis.publishing.reports"),
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.inprocess", "ipykernel.debugger", "ipykernel.kernelspec"),
    *("IPython.core.interactiveshell", "IPython.core.completerlib", "IPython.extensions.storemagic", "sqlite3"),
    "tornado.platform.asyncio",
    *("pandas", "pyarrow.dataset", "pyarrow.parquet", "matplotlib.pyplot", "matplotlib.backends.backend_svg"),
    *("analysis.cli", "analysis.portfolio", "analysis.publishing.warm"),
)


def can_fork() -> bool:
    """Say whether processes may be forked: on Linux, where the libraries that are loaded bear it."""
    return sys.platform == "linux"


def pages() -> list[str]:
    """Return the modules of the topics' pages."""
    package = Path(__file__).parents[1]
    files = sorted(package.glob("topics/*/page/*.py"))
    return [".".join(file.relative_to(package.parent).with_suffix("").parts) for file in files]


class Drivers:
    """Runs things in processes of their own, a few at once; made ahead of use, it gets ready meanwhile."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._asked, its = Pipe()
        self._process = get_context("spawn").Process(target=_serve, args=(its, at_once), name="notebooks")
        self._process.start()
        its.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it, with all that it started; once it has ended this does nothing."""
        if self._process.is_alive() and self._process.pid is not None:
            kill_below(self._process.pid)
            self._process.kill()
        self._process.join()
        self._asked.close()

    def each(self, call: Callable[[Any], Any], items: Sequence[Any], deadline: float) -> Iterator[tuple[int, Any]]:
        """Call with each item, and give its place and what came of it as soon as it is done; asked once.

        Parameters
        ----------
        call
            Something that can be pickled, and returns such; None is what comes of an item whose process died.
        deadline
            The `time.monotonic()` by which all must be done.

        Raises
        ------
        TimeoutError
            The deadline came first.
        """
        left = dict.fromkeys(range(len(items)))
        with suppress(OSError):  # it died: what is left did
            self._asked.send((call, list(items)))
        while left:
            try:
                if not self._asked.poll(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError
                place, outcome = self._asked.recv()
            except (EOFError, ConnectionError):
                place, outcome = next(iter(left)), None
            del left[place]
            yield place, outcome


def _serve(asked: Connection, at_once: int) -> None:
    """Import what is needed, then run what is asked for; end with the run, however that goes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started the run ends all of it
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # kernels import a debugger that would warn; all inherit it
    run_is_over = _parents_end()
    if can_fork():
        _get_ready()
    with suppress(EOFError, ConnectionError):  # the run ended between a look and a word
        if run_is_over not in wait([asked, run_is_over]):
            _run_each(asked, run_is_over, at_once)
    kill_below(os.getpid())


def _run_each(asked: Connection, run_is_over: int, at_once: int) -> None:
    """Run what is asked for, so many at once, and tell what came of each, until all are told or the run is over."""
    call, items = asked.recv()
    left, running = deque(enumerate(items)), dict[Connection, tuple[int, BaseProcess]]()
    while left or running:
        while left and len(running) < at_once:
            place, item = left.popleft()
            outcome, its = Pipe(duplex=False)
            running[outcome] = place, _started(call, item, its)
        ready = wait([run_is_over, *running])
        if run_is_over in ready:
            return
        for outcome in [one for one in running if one in ready]:
            place, process = running.pop(outcome)
            asked.send((place, _received(outcome)))
            process.join()


def _get_ready() -> None:
    """Import what is needed and make what is made once; it stays, and is not looked through for garbage again."""
    import_lean()
    for name in (*PRELOADED, *pages()):
        with suppress(ImportError):  # who needs it says so
            import_module(name)
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    from analysis.publishing.pages import check_page, render_page

    # One with an entity, whose names are looked up in a table that is made at the first of them.
    output = new_output("display_data", {"text/html": "<p>&ouml;</p>"})
    check_page(render_page(new_notebook(cells=[new_code_cell(outputs=[output])])), files=())
    gc.freeze()


def _parents_end() -> int:
    """Return what is ready once the process that started this one is gone."""
    parent = parent_process()
    if parent is None:
        raise RuntimeError("This is run in a process that another one started.")
    return parent.sentinel


def _started(call: Callable[[Any], Any], item: Any, outcome: Connection) -> BaseProcess:
    context: Any = get_context("fork" if can_fork() else "spawn")
    process: BaseProcess = context.Process(target=_drive, args=(call, item, outcome), name="notebook")
    process.start()
    outcome.close()
    return process


def _received(outcome: Connection) -> Any:
    try:
        return outcome.recv()
    except EOFError:
        return None


def _drive(call: Callable[[Any], Any], item: Any, outcome: Connection) -> None:
    """Do one thing, in this process; its kernel is forked first, while nothing else goes on here."""
    import_lean()
    from analysis.publishing.warm import kernel_ahead

    with kernel_ahead():
        end_with_parent()
        outcome.send(call(item))
