"""`mutual-value propose`: look at exports, write down what they seem to be, and what they leave unmeasured."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.data.contract import INPUTS
from analysis.data.reading import Engine
from analysis.data.sources import KINDS, MEND_PIPE
from analysis.errors import DataError, UsageError
from analysis.folders import is_folder, make_folder, write_whole
from analysis.propose.assign import assign
from analysis.propose.draft import Draft, Proposal, draft, left_over, missing_words
from analysis.propose.look import DATABASES, is_export, look_at
from analysis.propose.profile import Export, profile
from analysis.propose.words import shapes
from analysis.propose.write import LAST, Written, laid_on, one_line, with_choices

HEAD = {
    "dataset.toml": "Proposed by `mutual-value propose` from the exports themselves. Each line says why; `?` marks\n"
    "what somebody should look at. Change what is wrong: proposed again, your lines stay.\n"
    "Every option: docs/settings.md. Then: mutual-value check --data .",
    "costing.toml": "Proposed by `mutual-value propose`: every activity that was found. FILL IN what no export says.\n"
    "Every option: docs/settings.md.",
    "policy.toml": "Proposed by `mutual-value propose`. Every key and its default: docs/settings.md.",
}


@dataclass
class Outcome:
    """What was proposed and written."""

    folder: Path
    proposal: Proposal
    files: dict[str, Written]

    def lines(self) -> Iterator[str]:
        """Yield what a person should read, as `proposal.md` has it."""
        found = self.proposal.found
        yield "# What your exports seem to be\n"
        for table in (name for name in INPUTS if name in found.tables):
            yield f"- `{table}`: {one_line(self.proposal.dataset.why['tables', table])}"
        doubts = list(self._doubts())
        if doubts:
            yield "\n## To look at: another reading would do as well\n"
            yield from (f"- {line}" for line in doubts)
        if to_fill_in := list(self._to_fill_in()):
            yield "\n## To fill in, in costing.toml\n"
            yield from (f"- {line}" for line in to_fill_in)
        yield "\n## Not found, and not measured for it\n"
        yield from (f"- {line}" for line in missing_words(found))
        if aside := [*(f"{one_line(k)}: {one_line(v)}" for k, v in (found.left | self.proposal.unreadable).items())]:
            yield "\n## Files that nothing is taken from\n"
            yield from (f"- {line}" for line in aside)
        if left := left_over(found):
            yield "\n## Columns that nothing is made of\n"
            yield from (f"- {one_line(line)}" for line in left)
        for title, part in (("New since the last time", "new"), ("Kept as you have it", "kept")):
            told = [f"{name}: {line}" for name, one in self.files.items() for line in getattr(one, part)]
            if told:
                yield f"\n## {title}\n"
                yield from (f"- {one_line(line)}" for line in told)

    def _doubts(self) -> Iterator[str]:
        draft_ = self.proposal
        for path, why in (*((path[1:], why) for path, why in draft_.dataset.why.items()), *draft_.policy.why.items()):
            if "?" in why:
                yield f"{'.'.join(path)}: {one_line(why.replace('? ', ''))}"
        for one in self.proposal.found.tables.values():
            yield from map(one_line, one.aside)
            if one.shape and one.shape.note:
                yield one_line(one.shape.note)

    def _to_fill_in(self) -> Iterator[str]:
        costing = self.proposal.costing
        stated = tomllib.loads(self.files["costing.toml"].text) if costing else {}
        for path, why in costing.why.items() if costing else ():
            if why.startswith("FILL IN") and not _at(stated, path):
                yield f"{'.'.join(path)}: {one_line(why.removeprefix('FILL IN: '))}"


def _at(stated: Any, path: Iterable[str]) -> Any:
    """Return what a file states at a place; None where it states nothing there."""
    for key in path:
        stated = stated.get(key) if isinstance(stated, dict) else None
    return stated


def propose(
    paths: Sequence[Path], out: Path, *, known: Path | None = None, choices: Mapping[str, Any] | None = None
) -> Outcome:
    """Propose a dataset for exports and write it; nothing is written to where they lie.

    Parameters
    ----------
    paths
        Files, folders, workbooks and database files.
    out
        The folder for `dataset.toml`, `costing.toml`, `policy.toml` and `proposal.md`.
    known
        A folder of shapes of one's own, written as those of `data/known`.
    choices
        What a person states on the command line: by file without its suffix, nested as in it.

    Raises
    ------
    UsageError
        Nothing lies there, or nothing of it is a table.
    DataError
        No file can be read, or a file that a person changed is no TOML any more.
    """
    files = list(_files(paths, out))
    if not files:
        kinds = ", ".join([*KINDS, *DATABASES])
        raise UsageError(f"No export lies at {', '.join(map(str, paths))}. Read are {kinds}.")
    engine = Engine(out if is_folder(out) else Path.cwd())
    try:
        exports, unreadable = profiles(engine, files)
        found = assign(exports, shapes(known))
        if not found.tables:
            raise UsageError(
                "\n".join(
                    ["No file looks like a table of the contract (docs/tables.md):", *_why_none(found.left, unreadable)]
                )
            )
        proposal = draft(found, out)
        proposal.unreadable = unreadable
    finally:
        engine.close()
    return Outcome(out, proposal, _write(proposal, out, choices or {}))


def _why_none(left: Mapping[str, str], unreadable: Mapping[str, str]) -> list[str]:
    return [f"  {one_line(name)}: {one_line(why)}" for name, why in {**left, **unreadable}.items()]


def _files(paths: Iterable[Path], out: Path) -> Iterator[Path]:
    seen = set()
    for path in paths:
        if path.exists() and not (path.is_dir() or path.is_file()):
            raise UsageError(f"{path} is a pipe or a device, and is read more than once. {MEND_PIPE}")
        inside = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in inside:
            real = file.resolve()
            hidden = any(part.startswith((".", "~$")) for part in file.parts[len(path.parts) :])
            if is_export(file) and real not in seen and not hidden and not _ours(real, out):
                seen.add(real)
                yield real


def _ours(file: Path, out: Path) -> bool:
    return file.name == LAST or (file.parent == out.resolve() and file.suffix == ".toml")


def profiles(engine: Engine, files: Sequence[Path]) -> tuple[list[Export], dict[str, str]]:
    """Return what is in the files, and the reason of those, and of those tables and sheets, that cannot be read."""
    exports: list[Export] = []
    unreadable: dict[str, str] = {}
    for file in files:
        try:
            looks = look_at(file)
        except DataError as fault:
            unreadable[file.name] = _told(fault)
            continue
        for look in looks:
            try:
                exports.append(profile(engine, look, len(exports)))
            except DataError as fault:
                unreadable[look.label] = _told(fault)
    return [one for one in exports if one.fields], unreadable


def _told(fault: DataError) -> str:
    """Return what is wrong, how to mend it, and what the reader itself says."""
    return "; ".join(
        f"{p.message}. {p.mend}" + "".join(f" ({one.value})" for one in p.examples[:1] if one.value)
        for p in fault.problems
    )


def _last(file: Path) -> dict[str, Any]:
    """Return what was proposed the last time, by file."""
    try:
        last = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        last = None
    if not isinstance(last, dict) or not all(isinstance(values, dict) for values in last.values()):
        raise UsageError(
            f"{file} is damaged: it says what was proposed before, and so which lines are yours. Take it away: then "
            "all that stands in the other files counts as yours, and stays."
        )
    return last


def _write(proposal: Proposal, out: Path, choices: Mapping[str, Any]) -> dict[str, Written]:
    make_folder(out)
    last_file = out / LAST
    last = _last(last_file) if last_file.exists() else {}
    drafts: dict[str, Draft | None] = {
        "dataset.toml": proposal.dataset,
        "costing.toml": proposal.costing,
        "policy.toml": proposal.policy,
    }
    written: dict[str, Written] = {}
    for name, one in drafts.items():
        place = out / name
        if one is None:
            continue
        now = place.read_text(encoding="utf-8-sig") if place.exists() else None
        written[name] = laid_on(now, last.get(name, {}), one, HEAD[name], place)
        if stated := choices.get(place.stem):
            written[name].text = with_choices(written[name].text, stated)
    for name, one_written in written.items():
        write_whole(out / name, one_written.text)
    proposed = {name: one.values for name, one in drafts.items() if one}
    write_whole(last_file, json.dumps(proposed, indent=1, ensure_ascii=False))
    told = Outcome(out, proposal, written)
    write_whole(out / "proposal.md", "\n".join(told.lines()) + "\n")
    return written
