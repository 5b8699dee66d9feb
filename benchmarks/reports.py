"""How long the notebooks take to become pages: ours, stock papermill and nbconvert, and the same code as one script.

    python benchmarks/reports.py [--data data/sample] [--turns 3]

All three read the tables of one finished run, which is made first and timed by itself. Stock is what a user would type:
`papermill` and then `jupyter nbconvert --to html`, one notebook after the other. The script is every cell of every
notebook in one process that imports once and makes no page: what the code itself takes, below which nothing can go.
The contenders take turns; the best of each counts, and ratios are of one session.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat

from analysis.publishing.explore_cells import without_explore_cells
from analysis.publishing.notebooks import REPORTS, notebooks_folder
from analysis.publishing.publish import run, write_reports

BESIDE = Path(sys.executable).parent
LABELS = {
    "ours": "(a) mutual-value: warm kernels, two at a time",
    "stock": "(b) papermill and nbconvert, one notebook after the other",
    "script": "(c) the same cells as one script, no pages",
}


def parameters(tables: Path) -> dict[str, object]:
    """Return what every notebook is given."""
    return {"data": "", "as_of": "", "policy": {}, "tables": str(tables)}


def ours(tables: Path, out: Path) -> None:
    """Run the notebooks and write the pages as a run does."""
    made_here = shutil.ignore_patterns("notebooks", *(report.page for report in REPORTS))
    shutil.copytree(tables, out, dirs_exist_ok=True, ignore=made_here)
    write_reports(REPORTS, out, parameters(tables), time.monotonic() + 3_600, lambda _: None)


def stock(tables: Path, out: Path) -> None:
    """Run each notebook with papermill and turn it into HTML with nbconvert, as their documentation has it."""
    for report in REPORTS:
        done = out / f"{report.notebook}.ipynb"
        given = ["-p", "data", "", "-p", "as_of", "", "-y", "policy: {}", "-p", "tables", str(tables)]
        source = out / "source" / done.name
        source.parent.mkdir(exist_ok=True)
        nbformat.write(cells_of_a_run(report.notebook), source)
        told(BESIDE / "papermill", source, done, *given, "--no-progress-bar")
        told(BESIDE / "jupyter", "nbconvert", "--to", "html", done)


def script(tables: Path, out: Path) -> None:
    """Run the cells of all notebooks in one fresh process."""
    lines = ["import matplotlib", "matplotlib.use('agg')"]
    for report in REPORTS:
        cells = [cell for cell in cells_of_a_run(report.notebook).cells if cell.cell_type == "code"]
        sources = [cell.source for cell in cells if "parameters" not in cell.metadata.get("tags", [])]
        lines += [f"{name} = {value!r}" for name, value in parameters(tables).items()] + sources
    (out / "all.py").write_text("\n".join(lines), encoding="utf-8")
    told(sys.executable, out / "all.py")


def cells_of_a_run(notebook: str) -> nbformat.NotebookNode:
    """Return a notebook without what serves exploring alone, as a run has it."""
    found = nbformat.read(notebooks_folder() / f"{notebook}.ipynb", as_version=4)
    found.cells = without_explore_cells(found.cells)
    return found


def told(*command: object) -> None:
    """Run a command to its end; its words are shown where it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def timed(contender: Callable[[Path, Path], None], tables: Path) -> float:
    """Return the seconds that a contender takes, in a folder of its own."""
    with tempfile.TemporaryDirectory() as out:
        begun = time.perf_counter()
        contender(tables, Path(out))
        return time.perf_counter() - begun


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path("data/sample"))
    arguments.add_argument("--turns", type=int, default=3)
    asked = arguments.parse_args()
    contenders = {"ours": ours, "stock": stock, "script": script}
    best = dict.fromkeys(contenders, float("inf"))
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        tables = run(asked.data, Path(folder)).resolve()
        whole = time.perf_counter() - begun
        for _ in range(asked.turns):
            for name, contender in contenders.items():
                best[name] = min(best[name], timed(contender, tables))
    print(f"{len(REPORTS)} notebooks on {asked.data}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"the whole run, from the files to the pages: {whole:.1f} s")
    for name, seconds in best.items():
        ratio = f"{seconds / best['stock']:.2f} of stock, {seconds / best['script']:.2f} times the script"
        print(f"  {LABELS[name]}: {seconds:.1f} s; {ratio}")


if __name__ == "__main__":
    main()
