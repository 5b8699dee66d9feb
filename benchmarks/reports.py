"""How long the notebooks take to become pages: ours, stock papermill and nbconvert, and the same code as one script.

    python benchmarks/reports.py [--data data/sample] [--turns 3]

All three read the tables of one finished run, which is made first and timed by itself. Stock is what a user would type:
`papermill` and then `jupyter nbconvert --to html`, one notebook after the other. The script is every cell of every
notebook in one process that imports once and makes no page: what the code itself takes, below which nothing can go.
The contenders take turns; the best of each counts, and ratios are of one session.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
from ratios import Ratio, machine, table

from analysis.publishing.explore_cells import without_explore_cells
from analysis.publishing.notebooks import REPORTS, notebooks_folder
from analysis.publishing.publish import run
from analysis.publishing.reports import write_reports

BESIDE = Path(sys.executable).parent


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


def measure(data: Path, turns: int) -> tuple[float, dict[str, float]]:
    """Return the seconds of a whole run, and the best of each contender."""
    contenders = {"ours": ours, "stock": stock, "script": script}
    best = dict.fromkeys(contenders, float("inf"))
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        tables = run(data, Path(folder)).resolve()
        whole = time.perf_counter() - begun
        for _ in range(turns):
            for name, contender in contenders.items():
                best[name] = min(best[name], timed(contender, tables))
    return whole, best


def ratios(best: dict[str, float]) -> list[Ratio]:
    """Return ours beside stock and beside the script."""
    return [
        Ratio("the notebooks as pages, beside stock papermill and nbconvert", best["ours"], best["stock"], aim=0.2),
        Ratio("the notebooks as pages, beside their cells as one script", best["ours"], best["script"], aim=1.5),
    ]


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path("data/sample"))
    arguments.add_argument("--turns", type=int, default=3)
    asked = arguments.parse_args()
    whole, best = measure(asked.data, asked.turns)
    print(f"{len(REPORTS)} notebooks on {asked.data}\n{machine()}")
    print(f"the whole run, from the files to the pages: {whole:.1f} s\n\n{table(ratios(best))}")


if __name__ == "__main__":
    main()
