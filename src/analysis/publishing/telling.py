"""Tell what became of a run: to a command of the user's, with the facts in its environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from analysis.errors import MutualValueError
from analysis.publishing.family import MARK, kill_below
from analysis.unforeseen import unforeseen

#: Seconds that a command may take: what hangs there must not hold up the next run.
LIMIT = 300
_RESULT = "result.json"


@dataclass
class Ended:
    """What became of a run: its folder and whether it is new, or the sentence that says why there is none."""

    folder: str = ""
    new: bool = False
    code: int = 0
    message: str = ""

    def environment(self, began: float) -> dict[str, str]:
        """Return the facts as a command finds them in its environment; `began` is of the monotonic clock."""
        facts = {
            "STATUS": ("published" if self.new else "unchanged") if self.code == 0 else "failed",
            "EXIT_CODE": str(self.code),
            "MESSAGE": self.message,
            "FOLDER": self.folder,
            "PAGE": str(Path(self.folder) / "index.html") if self.folder else "",
            "SECONDS": str(round(time.monotonic() - began)),
            "MAIL": "\n".join(self._mail()),
        }
        return {f"MUTUAL_VALUE_{key}": _bearable(value) for key, value in facts.items()}

    def _mail(self) -> list[str]:
        from analysis.publishing.keeping import mail_of

        if self.code == 0 and self.folder:
            with suppress(MutualValueError):
                return mail_of(Path(self.folder))
        return [
            f"Mutual Value: the run ended with exit code {self.code}; what was published is as it was.",
            *self.message.splitlines()[:9],
        ]


def _bearable(text: str) -> str:
    """Return a text as an environment bears it: without NUL, and with escapes for letters that the locale lacks."""
    text = text.replace("\0", "")
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        encoding = sys.getfilesystemencoding()
        return text.encode(encoding, "backslashreplace").decode(encoding)
    return text


@dataclass
class Telling:
    """The commands for either end, and how the run within tells the process around it what became of it."""

    command: str
    on_success: str = ""
    on_failure: str = ""
    told: Callable[[str], None] = lambda _: None
    began: float = field(default_factory=time.monotonic)

    @contextmanager
    def of(self, ended: Ended) -> Iterator[Ended]:
        """Fill in how it ended, by an error or well, and call the command for it.

        Raises
        ------
        MutualValueError
            What was raised; what nobody foresaw as a sentence.
        """
        try:
            yield ended
        except MutualValueError as fault:
            ended.code, ended.message = fault.exit_code, str(fault)
            raise
        except SystemExit as fault:
            ended.code = fault.code if isinstance(fault.code, int) else 0
            raise
        except BaseException as fault:  # a panic in a library written in Rust is no Exception
            told = unforeseen(fault, self.command)
            ended.code, ended.message = told.exit_code, str(told)
            raise told from fault
        finally:
            hand_out(ended)
            self._call(ended)

    def _call(self, ended: Ended) -> None:
        command = self.on_failure if ended.code else self.on_success
        if not command:
            return
        try:
            code = _called(command, {**os.environ, **ended.environment(self.began)})
        except (OSError, subprocess.TimeoutExpired) as fault:
            self.told(f"the command for the end of the run failed ({type(fault).__name__})")
            return
        if code:
            self.told(f"the command for the end of the run ended with exit code {code}")


def _called(command: str, environment: dict[str, str]) -> int:
    """Call a command and return its exit code; where it takes too long or this process is ended, it ends with it."""
    # The command is the caller's own, as a line of cron is; what a run found is in its environment alone.
    with subprocess.Popen(command, shell=True, env=environment) as called:  # noqa: S602
        try:
            return called.wait(LIMIT)
        except BaseException:
            kill_below(called.pid)
            called.kill()
            raise


def note(ended: Ended | None, folder: Path, *, new: bool) -> None:
    """Note which folder a run ended with, and whether it is new."""
    if ended is not None:
        ended.folder, ended.new = str(folder.resolve()), new


def hand_out(ended: Ended) -> None:
    """Tell the process around this run, if there is one, what became of it."""
    if scratch := os.environ.get(MARK):
        with suppress(OSError):
            (Path(scratch) / _RESULT).write_text(json.dumps(vars(ended)), encoding="utf-8")


def take_in(scratch: str, ended: Ended) -> None:
    """Take in what the run within told before it ended."""
    with suppress(OSError, ValueError):
        vars(ended).update(json.loads((Path(scratch) / _RESULT).read_text(encoding="utf-8")))
