"""The folder that a command writes to: made and tried before anything is computed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from analysis.errors import UsageError


def make_folder(folder: Path) -> None:
    """Make a folder where it is missing, and try whether files can be written there.

    Raises
    ------
    UsageError
        It cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as fault:
        raise refused(folder, fault) from None


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


def refused(folder: Path, fault: OSError) -> UsageError:
    """Return the error that says why a folder cannot be written to."""
    why = os.strerror(fault.errno) if fault.errno else "unknown"
    return UsageError(f"{folder} cannot be made or written to ({why}). Give another folder, or make it yours to write.")
