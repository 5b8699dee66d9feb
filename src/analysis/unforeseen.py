"""What nobody foresaw: one sentence with the place in the code, and a log of the rest, without a value of the data.

Messages of exceptions and the source of a notebook's cell may hold a customer's name or an amount. So the log has the
kinds of the exceptions and the places in the code that they came through, and nothing else.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import sysconfig
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from analysis.errors import UnforeseenError
from analysis.folders import FULL

#: In the environment: the folder that logs go to, where it is not the system's for temporary files.
LOGS = "MUTUAL_VALUE_LOGS"
_PACKAGE, _BESIDE = Path(__file__).parent, Path(__file__).parents[1]
#: Where our own code lies: the package, and the firms that it invents.
_OWN = (_PACKAGE, _BESIDE / "sample_firms")
#: Where a file of the code lies, the narrower first: its name is told from there, as nobody's home folder matters.
_ROOTS = (_PACKAGE, _BESIDE, *(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib", "stdlib")))
#: A frame as IPython writes it into a notebook: `File ~/x/kinds.py:63, in kinds(frame)`, `Cell In[3], line 1`.
_FRAME = re.compile(
    r"^(?:File (?P<file>.+?):(?P<line>\d+), in (?P<function>[\w.<>]+)|Cell In\[\d+\], line (?P<cell>\d+))"
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")

#: What the commands that write leave behind where they fail.
_LEFT = {
    "run": "What was published is as it was.",
    "backtest": "What was published is as it was.",
    "sample": "What it has written so far is not whole.",
    "init": "What it has written so far is not whole.",
}


def unforeseen(fault: BaseException, command: str) -> UnforeseenError:
    """Return the error that ends a command, with its details in a log.

    Parameters
    ----------
    fault
        What was raised.
    command
        The name of the command, without what it was called with.
    """
    parts = [f"{in_words(fault)}.", _LEFT.get(command, ""), logged(story(fault), command)]
    return UnforeseenError(" ".join(part for part in parts if part))


def in_words(fault: BaseException) -> str:
    """Return what happened and where in the code, without the message: it may hold a value of the data.

    Examples
    --------
    >>> in_words(KeyError("ACME"))
    'Something went wrong that nobody foresaw (KeyError)'
    """
    kind, place = type(fault).__name__, _place(fault)
    where = f"{kind} in {place}" if place else kind
    if _is_out_of_memory(fault):
        return f"The memory ran out ({where}); close other programs, or give it a machine with more"
    if _is_full(fault):
        return f"The disk is full ({where}); make room there, also in the folder for temporary files"
    if isinstance(fault, OSError) and fault.errno:
        return f"The system refused{_file(fault)}: {os.strerror(fault.errno)} ({where})"
    return f"Something went wrong that nobody foresaw ({where})"


def of_the_machine(fault: BaseException) -> bool:
    """Return whether the machine is what failed: its disk is full, or its memory ran out."""
    return _is_full(fault) or _is_out_of_memory(fault)


def _is_out_of_memory(fault: BaseException) -> bool:
    return isinstance(fault, MemoryError) or type(fault).__name__ == "OutOfMemoryException"


def _is_full(fault: BaseException) -> bool:
    """Return whether there is no room left: what came of it counts, too; DuckDB says so in its message alone."""
    if any(isinstance(one, OSError) and one.errno in FULL for one in _chain(fault, set())):
        return True
    return type(fault).__name__ == "IOException" and "No space left" in str(fault)


def _file(fault: OSError) -> str:
    """Return the file that was refused; only one that is there, as any other name may be a value."""
    name = fault.filename
    return f" {name}" if isinstance(name, str) and os.path.lexists(name) else ""


def _place(fault: BaseException) -> str:
    """Return the last place in our own code that a fault came through; where there is none, the last of all."""
    frames = traceback.extract_tb(fault.__traceback__)
    own = [frame for frame in frames if any(Path(frame.filename).is_relative_to(root) for root in _OWN)]
    return next((f"{short(frame.filename)}, line {frame.lineno}" for frame in reversed(own or frames)), "")


def short(file: str) -> str:
    """Return a file of the code as it is called within its package."""
    path = Path(file)
    root = next((root for root in _ROOTS if path.is_relative_to(root)), path.parent)
    return path.relative_to(root).as_posix()


def story(fault: BaseException) -> list[str]:
    """Return the kinds of a fault and of all that it came of, each with its frames, a line each."""
    lines: list[str] = []
    for one in _chain(fault, set()):
        number = f", errno {one.errno}" if isinstance(one, OSError) else ""
        lines.append(f"{'raised after ' if lines else ''}{type(one).__module__}.{type(one).__qualname__}{number}")
        lines += [
            f"  {short(frame.filename)}, line {frame.lineno}, in {frame.name}"
            for frame in traceback.extract_tb(one.__traceback__)
        ]
    return lines


def _chain(fault: BaseException, seen: set[int]) -> Iterator[BaseException]:
    """Give a fault, those of its group and the ones that it came of, each once."""
    if id(fault) in seen:
        return
    seen.add(id(fault))
    yield fault
    before = fault.__cause__ or fault.__context__
    for other in (*getattr(fault, "exceptions", ()), before):
        if isinstance(other, BaseException):
            yield from _chain(other, seen)


def frames_of_a_cell(lines: Sequence[str]) -> list[str]:
    r"""Return the frames of a traceback that IPython wrote, without the lines of code and the message.

    Examples
    --------
    >>> frames_of_a_cell(["Cell In[3], line 1\n----> 1 find('ACME')", "KeyError: 'ACME'"])
    ['  the cell, line 1']
    """
    text = _COLOURS.sub("", "\n".join(lines))
    found = [match for line in text.splitlines() if (match := _FRAME.match(line))]
    return [
        f"  the cell, line {one['cell']}"
        if one["cell"]
        else f"  {short(str(Path(one['file']).expanduser()))}, line {one['line']}, in {one['function']}"
        for one in found
    ]


def logged(lines: Sequence[str], command: str) -> str:
    """Write what is for the maintainers into a log of its own; return where, or else all of it.

    The log lies in the system's folder for temporary files, or in that of `MUTUAL_VALUE_LOGS`, as the folder of the
    reports may be the fault, or served to others. Only its owner can read it.
    """
    text = "\n".join([*_head(command), "", *lines]) + "\n"
    path = None
    try:
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        handle, path = tempfile.mkstemp(
            prefix=f"mutual-value-error-{stamp}-", suffix=".log", dir=os.environ.get(LOGS) or None
        )
        with open(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:  # noqa: PTH123
            stream.write(text)
    except OSError:
        if path:
            with contextlib.suppress(OSError):
                Path(path).unlink()
        return f"No log could be written, so the details for the maintainers follow.\n\n{text}"
    return f"The details for the maintainers are in {path}."


def _head(command: str) -> list[str]:
    from importlib.metadata import PackageNotFoundError, version

    try:
        ours = version("mutual-value")
    except PackageNotFoundError:
        ours = "from a clone"
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return [
        f"Mutual Value {ours}, Python {platform.python_version()} on {platform.system()}, {now}",
        f"command: {command or 'none'}",
        "The messages of the exceptions are left out: they may hold values of the data.",
    ]
