"""How the cost of looking for archetypes grows with the accounts, up to 200,000, with its peak memory.

    python benchmarks/archetypes.py [--accounts 2000 20000 200000]

The accounts are of four kinds with a tenth of noise between them, in eight shares as `Kinds` makes them. Each size runs
in a process of its own, so that its peak memory is its own; what the process takes before is told apart.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from multiprocessing import get_context

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from analysis.topics.archetypes.judgement.features import Features
from analysis.topics.archetypes.judgement.group import find
from analysis.topics.archetypes.judgement.naming import name_difficult
from analysis.topics.archetypes.policy import Archetypes

SHARES = 8


def features(accounts: int) -> tuple[Features, np.ndarray]:
    """Return accounts of four kinds, a tenth of them of none, and which kind each is of (4: none)."""
    drawn = np.random.default_rng(1)
    kind = np.where(drawn.random(accounts) < 0.1, 4, drawn.integers(0, 4, accounts))
    shape = np.vstack([np.kron(np.eye(4), [9.0, 6.0]) + 0.6, np.full(SHARES, 2.0)])[kind]
    shares = drawn.gamma(shape)
    frame = pd.DataFrame(shares / shares.sum(axis=1, keepdims=True)).rename(columns=lambda n: f"habit_{n}")
    frame.insert(0, "customer_id", [f"C{n:07}" for n in range(accounts)])
    amounts = pd.DataFrame({"net_revenue": drawn.lognormal(10, 1, accounts)})
    return Features(frame, amounts), kind


def measured(accounts: int) -> dict[str, object]:
    """Return seconds, peak memory and what was found at a size."""
    given, kind = features(accounts)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    start = time.perf_counter()
    group = find(given, name_difficult, Archetypes())
    group.members({})
    seconds = time.perf_counter() - start
    there = kind < 4
    return {
        "accounts": accounts,
        "seconds": round(seconds, 1),
        "peak GiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
        "of which before": round(before, 2),
        "kinds": len(group.kinds),
        "method": group.model.method_,
        "adjusted Rand index": round(adjusted_rand_score(kind[there], group.labels[there]), 3),
    }


def main() -> None:
    """Measure each size and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--accounts", type=int, nargs="+", default=[200, 2_000, 20_000, 200_000])
    rows = []
    for accounts in arguments.parse_args().accounts:
        with get_context("spawn").Pool(1) as pool:
            rows.append(pool.apply(measured, (accounts,)))
    print(pd.DataFrame(rows).to_string(index=False))
    print(f"{os.cpu_count()} cores, one thread; the evidence rests on at most {Archetypes().sample:,} accounts")


if __name__ == "__main__":
    main()
