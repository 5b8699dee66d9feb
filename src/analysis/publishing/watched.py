"""A process around a run: it ends the run on a signal and at its limit, and tidies after it however it went.

The run itself may sit in the engine, where neither a signal nor an alarm reaches it, or be killed for want of memory.
The process around it is small and only waits. All temporary files of the run lie in one folder, which it takes away.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from analysis.errors import MutualValueError, OutOfTimeError, UnforeseenError, UsageError
from analysis.publishing.family import MARK, has_marked, kill_below, kill_marked, when_over
from analysis.publishing.telling import Ended, take_in
from analysis.unforeseen import LOGS

#: What a scheduler or a person ends a run with.
SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)]
#: Seconds that a run has to say for itself that its time is over, and to end when it is told to.
GRACE = 5.0
SCRATCH = "mutual-value-run-"
#: Seconds after which a folder of temporary files that no process has is one that was left behind.
LEFT = 3600.0
_UNTOUCHED = "What was published is as it was."


class Stopped(MutualValueError):
    """A signal ended the run; the exit code is the shell's for it."""

    def __init__(self, number: int) -> None:
        name = signal.Signals(number).name
        super().__init__(f"Ended by {name}. {_UNTOUCHED} To go on, run it again.")
        self.exit_code = 128 + number


def is_inside() -> bool:
    """Say whether this process is the run itself, with the other one around it."""
    return MARK in os.environ


def watch(out: Path, timeout: float, ended: Ended) -> int:
    """Call this very command again in a process of its own, wait for its end, and return its exit code.

    Parameters
    ----------
    out
        Where runs land; tidied where the run could not do so itself.
    timeout
        Seconds that it may take.
    ended
        Filled in with what the run told of its end.

    Raises
    ------
    OutOfTimeError, Stopped, UnforeseenError, UsageError
        Its time was over, a signal ended it, it was killed, or it has nowhere to put temporary files.
    """
    scratch = _scratch()
    told: list[int] = []
    try:
        with _catching(told.append):
            inside = _start(scratch)
            return _wait(inside, timeout, told)
    except MutualValueError:
        kill_marked(scratch)
        _tidy(out)
        raise
    finally:
        take_in(scratch, ended)
        shutil.rmtree(scratch, ignore_errors=True)


def _scratch() -> str:
    try:
        _drop_leftovers()
        return tempfile.mkdtemp(prefix=SCRATCH)
    except OSError:
        raise UsageError(
            f"No folder for temporary files can be written to. {_UNTOUCHED} Make room in /tmp and let this user write "
            "there (docker run --tmpfs /tmp), or name another folder in the environment variable TMPDIR."
        ) from None


def _drop_leftovers() -> None:
    """Take away the temporary files of runs that were killed together with the process around them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_mtime < time.time() - LEFT and not has_marked(str(folder)):
                shutil.rmtree(folder, ignore_errors=True)


def _start(scratch: str) -> subprocess.Popen[bytes]:
    own = {"TMPDIR": scratch, "TEMP": scratch, "TMP": scratch, MARK: scratch}
    environment = {LOGS: tempfile.gettempdir(), **os.environ, **own}
    # What a daemon has closed is nowhere: else the first files that the run opens would take its place.
    out, err = (None if stream else subprocess.DEVNULL for stream in (sys.stdout, sys.stderr))
    # A session of its own: Ctrl-C in a terminal reaches this process alone, which then sees to it that all end.
    return subprocess.Popen(  # noqa: S603
        [sys.executable, *sys.orig_argv[1:]], env=environment, stdin=subprocess.PIPE, stdout=out, stderr=err,
        start_new_session=True,
    )  # fmt: skip


def _wait(inside: subprocess.Popen[bytes], timeout: float, told: list[int]) -> int:
    limit = time.monotonic() + timeout + GRACE
    while True:
        try:
            code = inside.wait(0.5)
        except subprocess.TimeoutExpired:
            if told:
                _ask(inside)
                raise Stopped(told[0]) from None
            if time.monotonic() > limit:
                raise OutOfTimeError(
                    f"The run is out of time: it was still at its last step after {timeout:,.0f} seconds. {_UNTOUCHED} "
                    "Give it more with --timeout."
                ) from None
            continue
        if told:
            raise Stopped(told[0])
        if code < 0 or code > 255:  # a signal; on Windows, the code of a crash
            raise UnforeseenError(
                f"The run was killed or crashed ({_name(code)}); the memory may have run out. {_UNTOUCHED} "
                "Close other programs, or give it a machine with more, then run it again."
            )
        return code


def _ask(inside: subprocess.Popen[bytes]) -> None:
    """Ask the run to end itself; whatever is left after the grace is killed by the caller."""
    inside.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        inside.wait(GRACE)


def _name(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"code {code}"


def _tidy(out: Path) -> None:
    """Drop what was staged; where another run has begun it has done so itself."""
    from analysis.publishing.lock import locked
    from analysis.publishing.staging import recover

    if out.is_dir():
        with contextlib.suppress(MutualValueError, OSError), locked(out, wait=False):
            recover(out)


@contextlib.contextmanager
def _catching(tell: Callable[[int], None]) -> Iterator[None]:
    """Catch the signals, but for those that the caller ignores, as `nohup` does SIGHUP."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, was in before.items():
        if was is not signal.SIG_IGN:
            signal.signal(number, lambda number, _: tell(number))
    try:
        yield
    finally:
        for number, was in before.items():
            signal.signal(number, was)


def end_with_the_watch() -> None:
    """End this run, with all that it started and its temporary files, as soon as the process around it is gone."""
    scratch = os.environ[MARK]

    def tidy() -> None:
        kill_below(os.getpid())
        shutil.rmtree(scratch, ignore_errors=True)

    # Nobody writes to the pipe; it ends when the process around this one does.
    when_over(lambda: os.read(0, 1), tidy)
