"""What lies in a folder that is no dataset yet, and what `propose` would do with it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from analysis.data.contract import INPUTS
from analysis.data.reading import Engine
from analysis.data.sources import SUFFIXES, quoted
from analysis.errors import Example, Problem
from analysis.formats import counted
from analysis.propose.assign import assign
from analysis.propose.look import is_export
from analysis.propose.proposing import profiles
from analysis.propose.words import shapes
from analysis.propose.write import one_line


def lying(data: str | Path) -> Problem | None:
    """Return what lies in a folder of raw exports, file by file; None where it is a dataset or has no export."""
    folder = Path(data).expanduser()
    if not os.access(folder, os.R_OK | os.X_OK) or not folder.is_dir():
        return None
    if (folder / "dataset.toml").exists() or _is_dataset(folder):
        return None
    files = sorted(p.resolve() for p in folder.iterdir() if p.is_file() and is_export(p) and not p.name.startswith("."))
    if not files:
        return None
    message = "this is no dataset yet: there is no customers.csv and no dataset.toml; these are exports as they come"
    mend = f"Have a dataset proposed for them: mutual-value propose {quoted(folder)} --out my-data"
    lines = tuple(Example(None, "", line) for line in _told(folder, files))
    return Problem(str(data), "", "no_dataset", message, mend, examples=lines)


def _is_dataset(folder: Path) -> bool:
    """Return whether any file of the folder is called as a table of the contract, other than by chance of one."""
    named = [t for t in INPUTS if any((folder / f"{t}{s}").exists() for s in SUFFIXES) or (folder / t).is_dir()]
    return "customers" in named or len(named) > 1


def _told(folder: Path, files: list[Path]) -> Iterator[str]:
    engine = Engine(folder)
    try:
        exports, unreadable = profiles(engine, files)
        found = assign(exports, shapes())
    finally:
        engine.close()
    for table, one in found.tables.items():
        what = f", known as {one.shape.name}" if one.shape else ""
        yield f"{one_line(one.export.label)}: {counted(one.export.rows, 'row')}, taken for `{table}`{what}"
    for name, why in {**found.left, **unreadable}.items():
        yield f"{one_line(name)}: {one_line(why)}"
