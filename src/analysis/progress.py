"""Progress: a line that moves on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any


class Progress:
    """Tell the steps of a run on standard error: with a spinner on a terminal, with the time in a log."""

    def __init__(self) -> None:
        self._spinner: Any = None

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            from rich.console import Console

            self._console = Console(stderr=True, highlight=False, markup=False)
            self._spinner = self._console.status("starting")
            self._spinner.start()
        return self

    def step(self, text: str) -> None:
        """Tell a step."""
        if self._spinner:
            self._console.print(text)
            self._spinner.update(text)
        else:
            sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
            sys.stderr.flush()

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._spinner:
            self._spinner.stop()
