"""The processes that a run starts, for notebooks and their kernels: none of them outlives it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

#: In the environment of all that a watched run starts: the folder of its temporary files, which no other run has.
MARK = "MUTUAL_VALUE_WATCHED"


def kill_below(pid: int) -> None:
    """Kill all that a process started, and what these started; it lives on."""
    import psutil

    try:
        _kill(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return


def kill_marked(mark: str) -> None:
    """Kill all processes that carry the mark, whoever is their parent by now; not this one."""
    # Twice: the first time one of them may just be starting another.
    for _ in range(2):
        _kill(_marked(mark))


def has_marked(mark: str) -> bool:
    """Say whether a process that carries the mark is still there."""
    return bool(_marked(mark))


def _marked(mark: str) -> list[psutil.Process]:
    import psutil

    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(MARK) == mark:
                found.append(process)
        except (psutil.Error, OSError):
            continue  # it is gone, or another user's
    return found


def _kill(processes: Iterable[psutil.Process]) -> None:
    import psutil

    ended = []
    for process in processes:
        try:
            process.kill()
            ended.append(process)
        except psutil.Error:
            continue
    psutil.wait_procs(ended, timeout=5)


def end_with_parent() -> None:
    """End this process, with its kernel, as soon as the one that started it is gone, however it went."""
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    if (parent := parent_process()) is not None:
        when_over(lambda: wait([parent.sentinel]), lambda: kill_below(os.getpid()))


def when_over(wait: Callable[[], object], tidy: Callable[[], object]) -> None:
    """Wait in a thread of its own, then tidy and end this process at once, whatever it is at."""

    def end() -> None:
        wait()
        try:
            tidy()
        finally:
            os._exit(70)

    threading.Thread(target=end, daemon=True, name="ends with its parent").start()
