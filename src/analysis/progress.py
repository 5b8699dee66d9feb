"""Progress: a line that moves on a terminal, plain lines or JSON in a log."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from analysis.errors import MutualValueError


def say(text: str) -> None:
    """Write to standard error; a log that cannot be written (its disk is full, it was closed) is no end of a run."""
    if sys.stderr is not None:  # none where the caller closed it
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()


class Progress:
    """Tell the steps of a run on standard error: with a spinner on a terminal, with the time in a log.

    Parameters
    ----------
    as_json
        Tell each step, and the error that ends the run, as a line of JSON.
    timings
        Tell at the end when each step was told, and how long it was until the next.
    """

    def __init__(self, as_json: bool = False, timings: bool = False) -> None:
        self._spinner: Any = None
        self._as_json, self._timings = as_json, timings
        self._begun: list[tuple[float, str]] = []

    def __enter__(self) -> Progress:
        return self

    def _start(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False, markup=False)
        self._spinner = self._console.status("starting")
        self._spinner.start()

    def step(self, text: str) -> None:
        """Tell a step."""
        self._begun.append((time.monotonic(), text))
        self._tell(text)

    def _tell(self, text: str) -> None:
        if self._spinner is None and not self._as_json and sys.stderr is not None and sys.stderr.isatty():
            self._start()
        if self._spinner:
            self._console.print(text)
            self._spinner.update(text)
        elif self._as_json:
            self._line(level="info", message=text)
        else:
            say(f"{time.strftime('%H:%M:%S')} {text}\n")

    def _line(self, **facts: object) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        say(json.dumps({"time": now, **facts}) + "\n")

    def _tell_timings(self) -> None:
        if not self._timings or not self._begun:
            return
        start, ends = self._begun[0][0], [*(at for at, _ in self._begun[1:]), time.monotonic()]
        if not self._as_json:
            say("told at  until the next\n")
        for (at, text), end in zip(self._begun, ends, strict=True):
            if self._as_json:
                self._line(level="info", message=text, at=round(at - start, 3), seconds=round(end - at, 3))
            else:
                say(f"{at - start:7.1f}  {end - at:7.1f} s  {text}\n")

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._spinner:
            self._spinner.stop()
        self._tell_timings()
        if self._as_json and isinstance(fault, MutualValueError):
            self._line(level="error", message=str(fault), exit_code=fault.exit_code)
            raise SystemExit(fault.exit_code) from None
