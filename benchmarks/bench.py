"""Runs what has a baseline and writes one table with the ratios: `make bench`.

python benchmarks/bench.py [--out build/bench.md] [--events 10000000] [--lines 10000000] [--accounts 200000]
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

import ledger
from big_dataset import Size
from ratios import machine, table

import reports


def main() -> None:
    """Measure all, and write the table."""
    size = Size()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("build/bench.md"), help="where the table goes (%(default)s)")
    parser.add_argument("--events", type=int, default=size.events)
    parser.add_argument("--lines", type=int, default=size.lines)
    parser.add_argument("--accounts", type=int, default=size.accounts)
    parser.add_argument("--data", type=Path, default=Path("data/sample"), help="whose notebooks are run (%(default)s)")
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    size = Size(asked.events, asked.lines, asked.accounts)
    runs = ledger.measure(size, repeat=asked.turns)
    whole, best = reports.measure(asked.data, asked.turns)
    written = (
        f"{datetime.now(tz=UTC):%d %B %Y}, {machine()}.\n"
        f"The ledger: {ledger.named(size)}. The notebooks: {asked.data}, whose whole run took {whole:.1f} s.\n\n"
        f"{table([*ledger.ratios(runs), *reports.ratios(best)])}\n"
    )
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(written, encoding="utf-8")
    print(written)


if __name__ == "__main__":
    main()
