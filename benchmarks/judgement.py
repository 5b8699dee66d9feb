"""How well the judgements find what was planted, over sample worlds that nothing was tuned on.

    python benchmarks/judgement.py [--part service] [--worlds 20] [--accounts 400] [--first-seed 101] [--processes 2]
                                   [--rows FILE]

A part is a module of `judgement_parts`; without `--part` all of them run. The methods were tuned on seeds 1 to 10.
"""

from __future__ import annotations

import argparse
import os
import time
from importlib import import_module
from multiprocessing import Pool
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pandas as pd

NOT_PARTS = ("__init__", "worlds")
PARTS = sorted(
    file.stem for file in Path(__file__).with_name("judgement_parts").glob("*.py") if file.stem not in NOT_PARTS
)


def main() -> None:
    """Judge every world of every part asked for and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--part", choices=PARTS, action="append")
    arguments.add_argument("--worlds", type=int, default=20)
    arguments.add_argument("--accounts", type=int, default=400)
    arguments.add_argument("--first-seed", type=int, default=101)
    arguments.add_argument("--processes", type=int, default=2)
    arguments.add_argument(
        "--rows", type=Path, help="CSV file of one part's rows: each world's are added as it is judged"
    )
    asked = arguments.parse_args()
    seeds = range(asked.first_seed, asked.first_seed + asked.worlds)
    for name in asked.part or PARTS:
        part = import_module(f"judgement_parts.{name}")
        worlds = part.worlds(seeds, asked.accounts)
        if not worlds:
            continue
        started = time.perf_counter()
        with Pool(asked.processes) as pool:
            found = pool.imap_unordered(part.judged, worlds)
            rows = pd.concat([_kept(each, asked.rows) for each in found], ignore_index=True)
        print(f"\n{name}: {len(worlds)} worlds, {time.perf_counter() - started:.0f} s\n")
        part.report(rows)


def _kept(rows: pd.DataFrame, file: Path | None) -> pd.DataFrame:
    """Add rows to a file, so that a run that is cut short still tells something."""
    if file is not None:
        rows.to_csv(file, mode="a", header=not file.exists(), index=False)
    return rows


if __name__ == "__main__":
    main()
