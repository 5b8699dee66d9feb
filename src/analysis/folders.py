"""The folder that a command writes to: made and tried before anything is computed."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

from analysis.errors import MutualValueError, UnforeseenError, UsageError

#: What a disk says that has no room, or none for this user.
FULL = {errno.ENOSPC, errno.EDQUOT}


def shown(path: Path | str) -> str:
    r"""Return a name as it can be written down: letters of another encoding than UTF-8 stand as escapes.

    Examples
    --------
    >>> shown(os.fsdecode(b"K\xf6ln.csv"))
    'K\\xf6ln.csv'
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def stop_at_letters(path: Path) -> None:
    """Stop where a name has letters that are no UTF-8, which the engine and `run.json` cannot hold.

    Raises
    ------
    UsageError
        It has.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise UsageError(
            f"The name {shown(path)} has letters that are not UTF-8, or that the language set here lacks. Give it "
            "another name, or set LC_ALL=C.UTF-8."
        ) from None


def places(named: str | Path) -> list[Path]:
    """Return where a relative path may lie: from the working directory upwards, then in the project.

    So a notebook finds `data/sample` and `reports/latest` from wherever it was started.
    """
    given = Path(named).expanduser()
    if given.is_absolute():
        return [given]
    here = Path.cwd()
    return [given, *(home / given for home in (*here.parents, Path(__file__).resolve().parents[2]))]


def is_there(path: Path) -> bool:
    """Whether something lies there; a name that is too long, or a folder that may not be looked into, has nothing."""
    try:
        return path.exists()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Whether a folder lies there; a name that is too long, or one that may not be looked into, is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def finished(folder: Path, kind: str = "run") -> Path:
    """Return where a finished run (or backtest) lies: the first of `places` that has a `run.json`.

    Raises
    ------
    UsageError
        None has; with the latest run near by.
    """
    candidates = places(folder)
    for candidate in candidates:
        if is_there(candidate / "run.json"):
            return candidate
    there = next((candidate for candidate in candidates if is_there(candidate)), None)
    near = [there / "latest", there.parent] if there else [candidate.parent / "latest" for candidate in candidates]
    run = next((each for each in near if is_there(each / "run.json") or (each.name == "latest" and is_there(each))), "")
    hint = f" Give {run}, or another {kind} beside it." if run else ""
    if there is None:
        raise UsageError(f"There is no folder {folder}.{hint or f' Give the folder that a {kind} was written to.'}")
    raise UsageError(f"{there} is not the folder of a {kind}: it has no run.json.{hint}")


def make_folder(folder: Path) -> None:
    """Make a folder where it is missing, and try whether files can be written there.

    Raises
    ------
    UsageError, UnforeseenError
        It cannot be made or written to; the disk is full.
    """
    stop_at_letters(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as fault:
        raise refused(folder, fault) from None


def make_output_folder(folder: Path) -> None:
    """Make sure of a folder that a command writes to: it can be, and lies in no run.

    Raises
    ------
    UsageError, UnforeseenError
        It lies in a run, or cannot be made or written to; the disk is full.
    """
    stop_in_a_run(folder)
    make_folder(folder)


def stop_in_a_run(folder: Path) -> None:
    """Stop where a folder is a run's or lies in one: what a run has put in place stays as it is.

    Raises
    ------
    UsageError
        It is.
    """
    place = folder.resolve()
    if any(os.access(above / "run.json", os.F_OK) for above in (place, *place.parents)):
        raise UsageError(f"{folder} is in the folder of a run, which stays as it is. Give another --out.")


def write_whole(file: Path, text: str) -> None:
    """Write a file whole or not at all: where the disk is full, what stood there stays, and who may read it does, too.

    Raises
    ------
    OSError
        It cannot be written.
    """
    place = file.resolve()
    new = place.with_name(f".{place.name}.new")
    try:
        new.touch()
        if place.exists():
            shutil.copymode(place, new)
        new.write_text(text, encoding="utf-8", newline="\n")
        new.replace(place)
    finally:
        new.unlink(missing_ok=True)


def refused(folder: Path, fault: OSError) -> MutualValueError:
    """Return the error that says why a folder cannot be written to; a full disk has a code of its own."""
    if fault.errno in FULL:
        return UnforeseenError(f"The disk is full: {folder} cannot be made or written to. Make room there.")
    why = os.strerror(fault.errno) if fault.errno else "unknown"
    return UsageError(f"{folder} cannot be made or written to ({why}). Give another folder, or make it yours to write.")
